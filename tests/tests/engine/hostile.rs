//! Peers that do what no peer should: what `playc run` makes of each answer to a read and to a write, in bounded time and memory. What
//! the transport itself can be tested for stands in its own tests; here are the whole command, and what it records.
#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use play_demo::{Hostile, Running};
use play_evidence::{J, ParsedLine};
use play_tests::{playc, store};

const PLAYBOOK: &str = r#"
connector x {
  config { base_url: Url, token: secret String }
  auth bearer config.token
  read get(how: String) -> String
    GET "/{how}/r"
    expect 200 -> body
    timeout 2s
  write put(how: String) -> String
    POST "/{how}/w" json { how: how }
    expect 200 -> body
    timeout 2s
    class notify
}
case T { how: String }
source src from feed("t") -> T { map { how = payload.how as String? } }
playbook p for T {
  let got = x.get(case.how) else "failed"
  note got
  let put = do x.put(case.how) else "failed"
  note put
  close TruePositive because "over"
}
"#;

/// The table of the manual: what the peer does, what a read of it is, and what a write is.
fn table() -> Vec<[String; 3]> {
    let manual = std::fs::read_to_string(playc::root().join("docs/connectors.md")).unwrap();
    let (_, from) = manual.split_once("### Peers that do what no peer should").unwrap();
    let rows = from.lines().skip_while(|l| !l.starts_with("|---")).skip(1).take_while(|l| l.starts_with('|'));
    let cells =
        |row: &str| row.split('|').map(|c| c.trim().trim_matches('`').to_string()).collect::<Vec<_>>();
    rows.map(|row| match cells(row).as_slice() {
        [_, how, _, read, write, _] => [how.clone(), read.clone(), write.replace("done", "\"ok\"")],
        other => panic!("{other:?}"),
    })
    .collect()
}

const SECRET: &str = "t0ken-that-nobody-may-see";

/// The most memory that it may ever have taken: KiB. All peers are met at the same time, and each may send 8 MiB.
const MEMORY: u64 = 200 * 1024;

/// The most memory that a process has had so far, in KiB.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn text<'a>(line: &'a ParsedLine, name: &str) -> &'a str {
    line.field(name).and_then(J::as_str).unwrap_or("-")
}

/// What became of a call, in a few words.
fn became(line: &ParsedLine) -> Option<String> {
    let value = |name: &str| match line.field(name) {
        Some(J::Obj(position)) => String::from_utf8(position["val"].to_bytes()).unwrap(),
        other => format!("{other:?}"),
    };
    Some(match line.k.as_str() {
        "read.answered" | "act.done" => value("val"),
        "read.failed" => text(line, "failure").to_string(),
        "act.failed" => format!("{}: {}", text(line, "how"), text(line, "failure")),
        "act.in_doubt" => format!("in doubt: {}", text(line, "why")),
        _ => return None,
    })
}

/// A peer, and one that it sends to.
struct Peers {
    peer: Running<Hostile>,
    elsewhere: Running<Hostile>,
}

fn peers() -> Peers {
    let elsewhere = Running::start(|listener| Hostile::serve(listener, "")).unwrap();
    let address = elsewhere.address().to_string();
    let peer = Running::start(|listener| Hostile::serve(listener, &address)).unwrap();
    Peers { peer, elsewhere }
}

/// Meets peers of these kinds at the same time. Gives what became of each call, by the kind.
fn meet(peers: &Peers, hows: &[&str], playbook: &str) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let alerts: String = hows.iter().map(|how| format!("{{\"how\":\"{how}\"}}\n")).collect();
    std::fs::write(path("alerts.jsonl"), alerts).unwrap();
    std::fs::write(path("p.play"), playbook).unwrap();
    let address = peers.peer.address();
    let config =
        format!("[connectors.x]\nbase_url = \"http://{address}\"\ntoken = {{ env = \"HOSTILE\" }}\n");
    std::fs::write(path("config.toml"), config).unwrap();

    let begun = Instant::now();
    let args = ["run", "p.play", "--alert", "alerts.jsonl", "--config", "config.toml", "--store", "s"];
    let mut child = playc::command(&args)
        .current_dir(folder.path())
        .env("HOSTILE", SECRET)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut memory = 0;
    let status = loop {
        memory = memory.max(peak(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not come to an end");
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(matches!(status.code(), Some(0 | 1)), "{status}");
    println!("{} peers in {:?}, at most {memory} KiB", hows.len(), begun.elapsed());
    assert!((1..MEMORY).contains(&memory), "{memory} KiB");
    assert_eq!(peers.elsewhere.reached(), 0, "nobody follows to another host");

    for args in [&["trace", "verify", "--store", "s"][..], &["replay", "--all", "--store", "s"]] {
        let ran = playc::ran(playc::command(args).current_dir(folder.path()).output());
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
    }
    assert_eq!(store::holding(&path("s"), SECRET), None, "the secret is there");
    let reader = play_journal::Store::read_only(&path("s")).unwrap();
    let mut seen = BTreeMap::new();
    for run in reader.runs() {
        let lines: Vec<ParsedLine> =
            reader.lines_of(&run).unwrap().iter().map(|l| ParsedLine::parse(l).unwrap()).collect();
        let of = |l: &ParsedLine| match l.field("args") {
            Some(J::Obj(args)) => match &args["how"] {
                J::Obj(how) => how["val"].as_str().map(String::from),
                _ => None,
            },
            _ => None,
        };
        let how = lines.iter().find(|l| l.k == "read.asked").and_then(of).unwrap();
        seen.insert(how, lines.iter().filter_map(became).collect());
    }
    seen
}

/// Over a connection that is kept, in a playbook of its own: a request after it must not get it.
const TWO_ANSWERS: &str = "two-answers";

#[test]
fn whatever_a_peer_does_is_bounded_and_told_as_it_is() {
    let (peers, table) = (peers(), table());
    assert!(table.len() > 45, "{table:?}");
    let hows: Vec<&str> = table.iter().map(|[how, ..]| how.as_str()).filter(|h| *h != TWO_ANSWERS).collect();
    let mut seen = meet(&peers, &hows, PLAYBOOK);
    let alone = PLAYBOOK.replace(
        "note got\n",
        "note got\n  let again = x.get(\"after-{got}\") else \"failed\"\n  note again\n",
    );
    for _ in 0..5 {
        let mut became = meet(&peers, &[TWO_ANSWERS], &alone).remove(TWO_ANSWERS).unwrap();
        // It may also have found the connection broken.
        assert_ne!(became.remove(1), "\"no\"", "an answer that was not asked for is taken");
        seen.insert(TWO_ANSWERS.into(), became);
    }
    let wrong: Vec<String> = table
        .iter()
        .filter(|[how, read, write]| seen.get(how) != Some(&vec![read.clone(), write.clone()]))
        .map(|row| format!("{row:?}; is {:?}", seen.get(&row[0])))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
