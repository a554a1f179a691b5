//! A desk that is told to block and to free, and a project that does so.

use play_demo::{Handle, Options, Running, Write, serve};

use super::{SERVED, World};

/// What the playbooks of these projects stand behind.
pub const HEAD: &str = r#"
connector desk {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/messages" json { channel: q, text: "block" }
    expect 201 -> "done"
    undo free(q)
    class change
  write free(q: String) -> String
    POST "/messages" json { channel: q, text: "free" }
    expect 201 -> "done"
    idempotent by q
    class restore
}
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
queue q
guard all covers desk.block, desk.free { allow }
"#;

/// Who says something, and why.
pub const BY: [&str; 4] = ["--by", "ada", "--because", "a drill"];

pub fn demo() -> Running<Handle> {
    Running::start(|listener| serve(listener, Options::default())).unwrap()
}

/// A project with this name and playbook, whose desk is at this address.
pub fn world(name: &str, playbook: &str, address: &str) -> World {
    let config = format!("[connectors.desk]\nbase_url = \"http://{address}/chat\"\n");
    let settings = format!("name = \"{name}\"{SERVED}{config}");
    World::new(&[
        ("p.play", &format!("{HEAD}{playbook}")),
        ("play.toml", &settings),
        ("config.toml", &config),
        ("alerts.jsonl", "{\"q\":\"a\"}\n"),
        (
            "stubs.json",
            r#"[{ "call": "desk.block", "returns": "b" }, { "call": "desk.free", "returns": "f" }]"#,
        ),
    ])
}

/// What the desk was told: `block a`.
pub fn sent(desk: &Handle) -> Vec<String> {
    let text = |name: &str, w: &Write| w.body[name].as_str().unwrap().to_string();
    desk.counts().writes.iter().map(|w| format!("{} {}", text("text", w), text("channel", w))).collect()
}
