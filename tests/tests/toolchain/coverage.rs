//! `playc test --coverage`: what is counted, and that it is what the runs took.

use std::sync::Arc;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::run_test;
use play_tests::playc::{self, Ran};
use play_vm::Vm;

const PROGRAM: &str = r#"
enum Grade { Low2, Mid, Top }

case T { n: Int, s: String, o: Int? }

connector x {
  config { base_url: Url }
  read a(q: String) -> Int
    GET "/a/{q}"
    expect 200 -> body
  write w(q: String) -> String
    POST "/w" json { q: q }
    expect 200 -> body
    undo v(q)
    class change
  write v(q: String) -> String
    POST "/v" json { q: q }
    expect 200 -> body
    class restore
}

fn grade(n: Int) -> Grade { if n > 10 { Top } else if n > 5 { Mid } else { Low2 } }
fn nobody_calls(n: Int) -> Int { if n > 0 { 1 } else { 2 } }

guard writes covers x.w {
  never when act.q == "root"
  limit 2 per 1h
  allow when case.severity >= High
  allow when act.q == "ok"
}

procedure ask(q: String) -> Int { x.a(q) else 0 }
procedure unused() { note "x" }

playbook p for T {
  let pure = if case.n > 100 { "many" } else { "few" }
  let o = case.o else 7
  let a = ask("one")
  let b = ask("two")
  match grade(case.n + a + b) {
    Low2 => note "low {pure} {o}"
    Mid => { if let c = x.a("three") { note "{c}" } else { note "no answer: {failure.kind}" } }
    Top => {
      step hold {
        for q in ["ok", case.s] { do x.w(q) }
      } else {
        rollback because "not all" else hand over to queue.q because "not taken back"
        close Duplicate because "taken back"
      }
    }
  }
  if case.s == "" { set severity = High because "no text" }
  close FalsePositive because "{case.severity == High}"
}
"#;

fn tested(tests: &str, args: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.play"), format!("{PROGRAM}{tests}")).unwrap();
    let args: Vec<&str> =
        ["test", "main.play", "--coverage"].into_iter().chain(args.iter().copied()).collect();
    playc::ran(playc::command(&args).current_dir(folder.path()).output())
}

const SOME: &str = r#"
test "low" {
  given T { n: 1, s: "x" }
  given x.a("one") returns 1
  given x.a("two") fails NotFound
  run p
  expect closed FalsePositive
}

test "two are let through, and the third is one too many" {
  given T { n: 20, s: "ok" }
  given x.a returns 1
  given guard writes counted 1
  run p
  expect refused x.w by guard writes
  expect closed Duplicate
}
"#;

#[test]
fn a_table_and_the_places_of_what_no_test_reaches() {
    let ran = tested(SOME, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    insta::assert_snapshot!(ran.out);
}

/// Every arm of every kind is told apart from its neighbour: what the last tests add is just what they do.
#[test]
fn all_of_it_can_be_reached() {
    let more = r#"
test "middle, and an answer" {
  given T { n: 5, s: "", o: 1 }
  given x.a returns 1
  run p
  expect closed FalsePositive
}

test "middle, and no answer" {
  given T { n: 6, s: "x", o: 1 }
  given x.a("three") fails Timeout
  given x.a returns 0
  run p
  expect noted "no answer: Timeout"
}

test "many, by severity; nobody may touch root" {
  given T { n: 200, s: "root", severity: High }
  given x.a returns 1
  run p
  expect refused x.w by guard writes
}

test "nothing allows it" {
  given T { n: 200, s: "other" }
  given x.a returns 1
  given x.v(_) fails Denied
  run p
  expect handed over to queue.q
}

test "both by severity" {
  given T { n: 200, s: "other", severity: Critical }
  given x.a returns 1
  run p
  expect closed FalsePositive
}
"#;
    let ran = tested(&format!("{SOME}{more}"), &["--min", "100"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("all: 100 %"), "{}", ran.out);
    assert!(!ran.out.contains("reached by no test"), "{}", ran.out);
}

#[test]
fn too_little_is_a_finding_and_a_filter_counts() {
    let ran = tested(SOME, &["--min", "90"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.err.contains("and 90 % is wanted"), "{}", ran.err);
    let (all, one) = (tested(SOME, &["--format", "json"]), tested(SOME, &["low", "--format", "json"]));
    let read = |ran: &Ran| serde_json::from_str::<serde_json::Value>(&ran.out).unwrap();
    let (all, one) = (read(&all), read(&one));
    assert_eq!((all["tests"].as_array().unwrap().len(), one["tests"].as_array().unwrap().len()), (2, 1));
    assert!(one["coverage"]["percent"].as_u64() < all["coverage"]["percent"].as_u64());
    let points = all["coverage"]["points"].as_array().unwrap();
    let by_both =
        points.iter().find(|p| p["in"] == "grade" && p["what"] == "the condition does not hold").unwrap();
    assert_eq!(by_both["tests"], 1, "{by_both}");
    let failed = points.iter().find(|p| p["in"] == "ask").unwrap();
    assert_eq!(failed["tests"], 1, "a procedure that is called twice is one piece of source: {failed}");
    assert_eq!(
        playc::ran(playc::command(&["test", ".", "--min", "5"]).output()).code,
        2,
        "without --coverage"
    );
}

/// Code with marks does what it does without them, line by line.
#[test]
fn marks_change_nothing() {
    let mut compared = 0;
    let page = include_str!("../../../docs/reference.md");
    let programs = page.split("```play check\n").skip(1).map(|b| b.split("```").next().unwrap().to_string());
    for program in programs.chain([format!("{PROGRAM}{SOME}")]).filter(|p| p.contains("\ntest \"")) {
        let checked = check_workspace(&of_text("t", &program).unwrap(), &play_stdlib::module);
        let program = checked.program.unwrap();
        let plain = Arc::new(play_codegen::compile(&program, "test").unwrap());
        let marked = Arc::new(play_codegen::compile_marked(&program, "test").unwrap());
        let (manifest, digest) = (Arc::new(plain.manifest.clone()), sha256_hex(&plain.encode()));
        let specs = play_reference::tests::compile(&program).unwrap();
        let plain = Vm::with_tests(plain, play_codegen::compile_tests(&program));
        let marked = Vm::watched(marked, play_codegen::compile_tests(&program));
        for (index, spec) in specs.iter().enumerate() {
            let run = |vm: &Vm| {
                let result = run_test(vm, &manifest, &digest, index, spec);
                assert!(result.passed(), "{}: {:?}", spec.title, result.failures);
                result.lines.iter().map(|l| l.bytes.to_vec()).collect::<Vec<_>>()
            };
            assert_eq!(run(&plain), run(&marked), "{}", spec.title);
            compared += 1;
        }
    }
    assert!(compared > 10, "only {compared}");
}

const ASKS: &str = r#"
case T { n: Int }

playbook p for T {
  let told = ask role.lead "Is it meant?" { Yes, No } within 30m else No because "nobody says"
  let more = ask role.lead "Is it over?" { Yes, No } within 30m else hand over to role.lead because "nobody says"
  close FalsePositive because "{told.choice} {more.choice}"
}

test "both are answered" {
  given T { n: 1 }
  given role.lead answers Yes
  run p
  expect closed FalsePositive
}
"#;

/// That nobody answers is a way that a run can go, also where the engine goes on with a choice.
#[test]
fn silence_is_counted() {
    let run = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.play"), text).unwrap();
        let words = ["test", "main.play", "--coverage", "--paths"];
        let coverage = playc::ran(playc::command(&words[..3]).current_dir(folder.path()).output());
        let paths =
            playc::ran(playc::command(&["test", "main.play", "--paths"]).current_dir(folder.path()).output());
        (coverage, paths)
    };
    let (ran, paths) = run(ASKS);
    assert_eq!(ran.out.matches("nobody answers in time").count(), 2, "{}", ran.out);
    assert!(ran.out.contains("0 of 2"), "{}", ran.out);
    let silent = r#"
test "nobody says the first" {
  given T { n: 1 }
  given role.lead answers Yes to "over"
  run p
  expect closed FalsePositive
}
test "nobody says the second" {
  given T { n: 1 }
  given role.lead answers Yes to "meant"
  run p
  expect handed over to role.lead
}
"#;
    let (ran, _) = run(&format!("{ASKS}{silent}"));
    assert!(ran.out.contains("all: 100 %") && ran.out.contains("2 of 2"), "{}", ran.out);
    assert!(paths.out.contains("test \"p, line 5: nobody answers in time\""), "{}", paths.out);
}
