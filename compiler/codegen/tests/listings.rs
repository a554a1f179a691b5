//! What small pieces of source become, as listings.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test stops at the first surprise"
)]

use play_check::{Input, check};
use play_program::artifact::{Artifact, SourceFile};

const SETTING: &str = r#"
type User { id: String, admin: Bool }
connector okta {
  config { base_url: Url, token: secret String }
  auth bearer config.token
  read user(id: String) -> User
    GET "/users/{id}" query { fields: "id" }
    expect 200 -> body
  write suspend(id: String, note: String?) -> String
    POST "/users/{id}/suspend" json { note: note, by: "play" }
    expect 200 -> body.status as String?
    class record
}
case Login { user: String, tries: Int }
"#;

fn compile(text: &str) -> Artifact {
    let files = vec![SourceFile { path: "p.play".into(), text: format!("{SETTING}{text}") }];
    let checked = check(&Input { project: "p".into(), files }, &play_stdlib::module);
    let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    play_codegen::compile(&program, "test").expect("compiles")
}

/// The listing from the first line that begins so.
fn from(text: &str, head: &str) -> String {
    let artifact = compile(text);
    let listing = artifact.code.listing(&artifact.manifest);
    let start = listing.find(head).expect("is listed");
    listing[start..].to_string()
}

#[test]
fn functions_are_bytecode() {
    insta::assert_snapshot!(from(
        r#"
const LIMIT: Int = 3
fn first(text: String) -> Int? { (text as Int?) + 1 }
fn verdict(users: [User], name: String) -> String {
  let admins = users.filter(u => u.admin).map(u => u.id)
  if name matches /^svc-/ and admins.len > LIMIT { "many" }
  else { match first(name) else 0 { 0 | 1 => "few {admins.len}", _ => name.lower() } }
}
"#,
        "fn 0"
    ));
}

#[test]
fn actions_send_and_read() {
    insta::assert_snapshot!(from("", "action okta.user"));
}

#[test]
fn a_source_maps() {
    insta::assert_snapshot!(from(
        r#"
source logins from feed("okta.logins") -> Login {
  accept payload.kind as String? == "login"
  dedup by payload.id as String? within 1h
  map {
    severity = if payload.tries.exists { High } else { Low }
    user     = payload.user as String else payload.actor["name"] as String?
    tries    = payload.tries[0] as Int else 0
  }
}
"#,
        "source logins"
    ));
}

#[test]
fn a_playbook_is_a_tree_of_tasks() {
    insta::assert_snapshot!(from(
        r#"
playbook triage for Login when case.tries > 3 {
  let user = okta.user(case.user) else hand over to queue.tier2 because "nobody called {case.user}"
  let others = for n in ["a", "b"] { okta.user(n) else none }
  if user.admin and others.present().any(o => o.id == user.id) {
    set severity = High because "an administrator"
    do okta.suspend(user.id) else { note "not suspended" }
  }
  match case.severity {
    High | Critical => close TruePositive because "suspended {user.id}"
    _ => close BenignPositive because "nothing to see after {case.tries + 1}"
  }
}
"#,
        "playbook triage"
    ));
}

#[test]
fn a_condition_with_a_read_in_it_keeps_its_leaves() {
    insta::assert_snapshot!(from(
        r#"
playbook triage for Login {
  if case.tries > 3 and not ((okta.user(case.user) else none).is_some) or case.user == "root" {
    close TruePositive because "yes"
  }
  close BenignPositive because "no"
}
"#,
        "playbook triage"
    ));
}

#[test]
fn the_same_source_gives_the_same_bytes() {
    let text = r#"playbook p for Login { close Duplicate because "{case.tries}" }"#;
    let bytes = compile(text).encode();
    assert_eq!(bytes, compile(text).encode());
    assert_eq!(Artifact::decode(&bytes), Ok(compile(text)));
}

#[test]
fn the_examples_compile_and_come_back_from_their_bytes() {
    for example in ["aws-guardduty", "impossible-travel"] {
        let folder = format!("{}/../../examples/{example}", env!("CARGO_MANIFEST_DIR"));
        let mut files: Vec<SourceFile> = std::fs::read_dir(folder)
            .expect("is there")
            .map(|entry| entry.expect("reads").path())
            .filter(|path| path.extension().is_some_and(|e| e == "play"))
            .map(|path| SourceFile {
                path: path.file_name().expect("named").to_string_lossy().into_owned(),
                text: std::fs::read_to_string(&path).expect("reads"),
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let checked = check(&Input { project: example.into(), files }, &play_stdlib::module);
        let program = checked.program.unwrap_or_else(|| panic!("{example}: {:#?}", checked.diagnostics));
        let artifact = play_codegen::compile(&program, "test").expect("compiles");
        assert_eq!(Artifact::decode(&artifact.encode()), Ok(artifact));
        let conditions: usize = play_codegen::compile_tests(&program).conditions.iter().map(Vec::len).sum();
        assert!(conditions > 0, "{example} has a test with a condition");
    }
}
