//! Open enums, and enums whose members hold values: from documents to the evidence, on both engines.

use play_program::value::Value;
use play_tests::eval::{Outcome, eval};

const DECLARATIONS: &str = r#"
open enum Status { Active, Suspended }
enum Verdict { Clean, Suspicious(score: Int 0..100), Malicious(family: String, score: Int, since: Time?) }
fn status(s: String) -> Status { s as Status else Active }
fn same(a: String, b: String) -> Bool { status(a) == status(b) }
fn words(s: Status) -> String {
  match s {
    Active | Suspended => "known {s}"
    _ => "other {s} {s.name}"
  }
}
fn score(v: Verdict) -> Int {
  match v {
    Clean => 0
    Suspicious(score) => score
    Malicious(family, score: s, since: _) => if family == "Emotet" { s * 2 } else { s }
  }
}
fn maybe(v: Verdict?) -> String {
  match v {
    none => "nothing"
    Clean => "clean"
    Suspicious | Malicious => "bad"
  }
}
const worst = Malicious(family: "Emotet", score: 50)
"#;

fn text(expr: &str) -> String {
    match eval(DECLARATIONS, expr, "String") {
        Outcome::Value(Value::Str(text), ..) => text.to_string(),
        Outcome::Refused(_, why) => panic!("{expr}\n{why}"),
        other => panic!("{expr}: {other:?}"),
    }
}

fn codes(declarations: &str) -> Vec<String> {
    match eval(declarations, "0", "Int") {
        Outcome::Refused(codes, _) => codes,
        _ => Vec::new(),
    }
}

#[test]
fn a_member_that_nobody_declared_is_its_name() {
    assert_eq!(text(r#"words(status("Active"))"#), "known Active");
    assert_eq!(text(r#"words(status("LOCKED_OUT"))"#), "other LOCKED_OUT LOCKED_OUT");
    assert_eq!(text(r#"words("LOCKED_OUT")"#), "other LOCKED_OUT LOCKED_OUT");
    assert_eq!(text(r#""{same("X", "X")} {same("X", "Y")} {same("X", "Active")}""#), "true false false");
    assert_eq!(codes("open enum S { A, B } fn f(s: S) -> Int { match s { A => 1, B => 2 } }"), ["P3013"]);
    assert_eq!(codes("open enum S { A, B(n: Int) }"), ["P3026"]);
}

#[test]
fn what_a_member_holds_is_taken_apart() {
    assert_eq!(text(r#""{score(Clean)} {score(Suspicious(7))} {score(worst)}""#), "0 7 100");
    assert_eq!(text(r#""{score(Verdict.Malicious(score: 3, family: "x"))}""#), "3");
    assert_eq!(text(r#""{maybe(none)} {maybe(Clean)} {maybe(worst)}""#), "nothing clean bad");
    assert_eq!(
        text(r#""{worst == Malicious("Emotet", 50)} {worst == Malicious("x", 50)} {worst.name}""#),
        "true false Malicious"
    );
    assert_eq!(text(r#""{[worst, Clean, worst].distinct().len}""#), "2");
}

#[test]
fn what_a_member_holds_is_neither_left_out_nor_made_up() {
    let verdict = "enum Verdict { Clean, Bad(family: String, score: Int) }\n";
    let said = |rest: &str| codes(&format!("{verdict}{rest}"));
    assert_eq!(said("const a = Bad"), ["P3025"]);
    assert_eq!(said("const a = Clean()"), ["P3025"]);
    assert_eq!(said("const a = Bad(\"x\")"), ["P3011"]);
    assert_eq!(said("const a = Bad(\"x\", \"y\")"), ["P3001"]);
    assert_eq!(said("fn f(v: Verdict) -> Int { match v { Clean => 0, Bad(s) => s } }"), ["P3025"]);
    assert_eq!(said("fn f(v: Verdict) -> Int { match v { Clean => 0, Bad(level: s) => s } }"), ["P3025"]);
    assert_eq!(said("fn f(v: Verdict) -> Int { match v { Clean(x) => x, Bad => 0 } }"), ["P3025"]);
    assert_eq!(said("fn f(v: Verdict) -> Int { match v { Bad(_, s) => s } }"), ["P3013"]);
    assert_eq!(codes("type Box { of: Tree } enum Tree { Leaf, Node(left: Box) }"), ["P3009"]);
}
