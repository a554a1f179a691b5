//! Values of the configuration: where they are read, and that a run rests on those that it was opened with.

use crate::both::{of_kind, tested};

const PROGRAM: &str = r#"
config {
  own:    [String] = ["ours"]
  quiet:  Int = 3
  desk:   String?
  unread: Int = 9
}

connector y {
  config { base_url: Url }
  write stop(q: String) -> String
    POST "/stop" json { q: q }
    expect 200 -> body
    undo start(q)
    class change
  write start(q: String) -> String
    POST "/start" json { q: q }
    expect 200 -> body
    class restore
}

guard stops for T covers y.stop {
  never when case.s in config.own
  allow when config.quiet < 5
}

playbook p for T when case.s != "skipped" {
  if config.desk != none { note "the desk is {config.desk}" }
  do y.stop(case.s) else close BenignPositive because "{case.s} is one of {config.own.len}"
  set severity = High because "stopped, {config.quiet}"
  close TruePositive because "{config.quiet} and {case.severity == High}"
}
"#;

fn run(test: &str) -> Vec<String> {
    tested(&format!("{PROGRAM}\ntest \"t\" {{\n{test}\n}}\n")).1
}

#[test]
fn defaults_hold_and_only_what_the_playbook_reads_is_recorded() {
    let lines = run(r#"
  given T { s: "theirs" }
  run p
  expect did y.stop("theirs")
  expect because contains "3 and true"
  expect case.s != "x" and config.quiet == 3
"#);
    let opened = of_kind(&lines, "run.opened");
    let wanted = r#""config":{"desk":{"val":null},"own":{"val":["ours"]},"quiet":{"val":3}}"#;
    assert!(opened[0].contains(wanted), "{}", opened[0]);
}

#[test]
fn a_test_gives_values_of_its_own_and_guards_see_them() {
    let lines = run(r#"
  given T { s: "theirs" }
  given config.own = ["theirs", "x"]
  given config.desk = "the desk"
  run p
  expect refused y.stop by guard stops
  expect noted "the desk is the desk"
  expect because contains "theirs is one of 2"
"#);
    let opened = of_kind(&lines, "run.opened");
    assert!(opened[0].contains(r#""desk":{"val":"the desk"},"own":{"val":["theirs","x"]}"#), "{}", opened[0]);
}

#[test]
fn a_guard_allows_by_what_is_configured() {
    run(r#"
  given T { s: "theirs" }
  given config.quiet = 7
  run p
  expect refused y.stop by guard stops
"#);
}

#[test]
fn a_procedure_and_a_loop_read_them_too() {
    tested(
        r#"
config { names: [String] = ["a", "b"], most: Int = 1 }
procedure look(s: String) -> Int {
  let found = x.a("{s}{config.most}") else ""
  found.len
}
playbook p for T {
  let all = for n in config.names { look(n) }
  close FalsePositive because "{all.sum() else 0}"
}
test "t" {
  given T { s: "x" }
  given config.names = ["c"]
  given x.a("c1") returns "four"
  run p
  expect because contains "4"
}"#,
    );
}
