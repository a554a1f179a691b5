//! Steps, rollback and holds, from source to evidence: on both engines, in virtual time, each replayed.

use std::sync::Arc;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_evidence::{J, ParsedLine};
use play_program::exec::Program;
use play_reference::Reference;
use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::{TestResult, run_test};
use play_vm::Vm;

const HEAD: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
connector x {
  config { base_url: Url }
  read state(q: String) -> String
    GET "/state/{q}"
    expect 200 -> body
  write block(q: String) -> String
    POST "/block" json { q: q }
    expect 200 -> body
    undo free(q, result)
    class notify
  write free(q: String, id: String) -> String
    POST "/free" json { q: q, id: id }
    expect 200 -> body
    class restore
  write tag(q: String) -> String
    POST "/tag" json { q: q }
    expect 200 -> body
    verify state(q) is answer != "plain" -> answer
    class notify
  write wipe(q: String) -> String
    POST "/wipe" json { q: q }
    expect 200 -> body
    class notify
}
"#;

/// Runs all tests of a program on both engines, and requires that they agree and hold. Each run is replayed by `run_test`.
fn all(text: &str) -> Vec<TestResult> {
    let checked = check_workspace(&of_text("t", text).unwrap(), &play_stdlib::module);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        panic!("{}", play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
    };
    let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
    let manifest = Arc::new(artifact.manifest.clone());
    let digest = sha256_hex(&artifact.encode());
    let specs = play_reference::tests::compile(&program).unwrap();
    let vm = Vm::with_tests(artifact, play_codegen::compile_tests(&program));
    let reference = Reference::new(Arc::new(program));
    let mut results = Vec::new();
    for (index, spec) in specs.iter().enumerate() {
        let run = |engine: &dyn Program| run_test(engine, &manifest, &digest, index, spec);
        let (by_vm, by_reference) = (run(&vm), run(&reference));
        assert_eq!(log(&by_vm), log(&by_reference), "{}: the engines disagree", spec.title);
        assert!(by_vm.passed(), "{}: {:?}\n{}", spec.title, by_vm.failures, log(&by_vm).join("\n"));
        results.push(by_vm);
    }
    results
}

/// The only test of a program.
fn tested(text: &str) -> Vec<String> {
    let results = all(&format!("{HEAD}{text}"));
    assert_eq!(results.len(), 1);
    log(&results[0])
}

/// The lines of a run, each in a few words: time in seconds, kind, and what tells it from others of the kind.
fn log(result: &TestResult) -> Vec<String> {
    let start = result.lines.first().map(|l| ParsedLine::parse(&l.bytes).unwrap().t).unwrap();
    let start: jiff::Timestamp = start.parse().unwrap();
    result
        .lines
        .iter()
        .map(|line| {
            let line = ParsedLine::parse(&line.bytes).unwrap();
            let t: jiff::Timestamp = line.t.parse().unwrap();
            let mut text = format!("{} {:#} {}", line.seq, t.duration_since(start), line.k);
            for name in [
                "action", "of", "how", "undoes", "acts", "without", "failed", "failure", "step", "at",
                "held", "until",
            ] {
                let Some(value) = line.field(name) else { continue };
                if (line.k.as_str(), name) == ("act.intended", "until") {
                    continue;
                }
                let shown = match value {
                    J::Str(text) => text.clone(),
                    other => String::from_utf8(other.to_bytes()).unwrap(),
                };
                text.push_str(&format!(" {name}={shown}"));
            }
            text
        })
        .collect()
}

#[test]
fn the_tests_in_the_reference_hold() {
    let page = include_str!("../../../docs/reference.md");
    let mut ran = 0;
    for block in page.split("```play check\n").skip(1) {
        let program = block.split("```").next().unwrap();
        if program.contains("\ntest \"") {
            ran += all(program).len();
        }
    }
    assert!(ran > 5, "only {ran} tests were found");
}

#[test]
fn a_step_that_fails_is_taken_back_latest_first() {
    let log = tested(
        r#"
playbook p for T {
  do x.block("before") else none
  step one {
    let slow = x.state("slow") else "?"
    for q in ["a", "b"] { do x.block(q) }
    do x.wipe("c")
    do x.block("d")
    note slow
  } else {
    do x.block("in the else") else none
    rollback because "not all"
    hand over to queue.q because "by hand"
  }
  close Duplicate because "all"
}
test "t" {
  given T { s: "k" }
  given x.state(_) returns "slow" after 9s
  given x.block("d") fails Denied after 1s
  given x.block(_) returns "id"
  given x.free(_, "id") returns "ok" after 1s
  run p
  expect undone x.block("a")
  expect undone x.block("b")
  expect handed over to queue.q
  expect elapsed == 3s
}
"#,
    );
    insta::assert_snapshot!(log.join("\n"));
}

#[test]
fn a_rollback_outside_of_steps_takes_the_whole_run_back_and_each_act_once() {
    let log = tested(
        r#"
playbook p for T {
  do x.block("a") else none
  step one {
    do x.block("b")
    rollback because "not b after all"
    do x.block("c")
  } else { note "it failed" }
  rollback because "nothing of it" else note "some of it"
  close Duplicate because "as before"
}
test "t" {
  given T { s: "k" }
  given x.block(_) returns "id"
  given x.free("a", _) fails Denied
  run p
  expect undone x.block("b")
  expect undone x.block("c")
  expect noted "some of it"
  expect closed Duplicate
}
"#,
    );
    insta::assert_snapshot!(log.join("\n"));
}

#[test]
fn an_undo_in_doubt_holds_the_rollback_up() {
    let log = tested(
        r#"
playbook p for T {
  do x.block("a") else none
  do x.block("b") else none
  rollback because "none of it" else note "some of it"
  close Duplicate because "as before"
}
test "t" {
  given T { s: "k" }
  given x.block(_) returns "id"
  given x.free("b", _) is lost
  run p
  expect in doubt x.free
}
"#,
    );
    insta::assert_snapshot!(log.join("\n"));
}

#[test]
fn a_lost_answer_is_looked_up_where_the_action_says_how() {
    let program = |state: &str, expect: &str| {
        format!(
            r#"
playbook p for T {{
  if let tag = do x.tag("a") {{ note "it is {{tag}}" }} else {{ note "not done" }}
  close Duplicate because "known"
}}
test "t" {{
  given T {{ s: "k" }}
  given x.tag(_) is lost
  given x.state("a") {state} after 1s
  run p
  {expect}
}}
"#
        )
    };
    let done = tested(&program("returns \"tagged\"", "expect noted \"it is tagged\""));
    let not_done = tested(&program("returns \"plain\"", "expect noted \"not done\""));
    let nobody_knows = tested(&program("fails Unavailable", "expect in doubt x.tag"));
    insta::assert_snapshot!([done, not_done, nobody_knows].map(|log| log.join("\n")).join("\n\n"));
}
