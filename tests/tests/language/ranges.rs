//! Whole numbers of a range: at the edge, in the checker, and on both engines.

use play_program::value::Value;
use play_tests::eval::{Outcome, eval};

const DECLARATIONS: &str = r#"
fn grade(risk: Int 0..100) -> String {
  match risk {
    0..39 => "low"
    40 => "edge"
    41..69 => "medium"
    70..100 => "high"
  }
}
fn port(n: Int?) -> String {
  match n {
    none => "none"
    0..1023 => "system"
    -5..-1 | 65536 => "odd"
    _ => "user"
  }
}
fn checked(n: Int) -> Int { n as Int 0..100 else -1 }
fn read(s: String) -> Int { s as Int 0..100 else -1 }
fn weighted(a: Int 0..100, b: Int -10..10) -> Int -2..1002 { a * b.max(0) - b % 3 + 1 - 1 }
"#;

fn value(expr: &str, ty: &str) -> Value {
    match eval(DECLARATIONS, expr, ty) {
        Outcome::Value(value, ..) => value,
        Outcome::Refused(_, why) => panic!("{expr}\n{why}"),
        Outcome::Fault(fault) => panic!("{expr}: {fault}"),
    }
}

fn codes(declarations: &str) -> Vec<String> {
    match eval(declarations, "0", "Int") {
        Outcome::Refused(codes, _) => codes,
        _ => Vec::new(),
    }
}

#[test]
fn a_number_takes_the_arm_it_is_within() {
    for (expr, wanted) in [
        ("grade(0)", "low"),
        ("grade(39)", "low"),
        ("grade(40)", "edge"),
        ("grade(69)", "medium"),
        ("grade(100)", "high"),
        ("port(none)", "none"),
        ("port(80)", "system"),
        ("port(-3)", "odd"),
        ("port(65536)", "odd"),
        ("port(8080)", "user"),
    ] {
        assert!(value(expr, "String").same(&Value::str(wanted)), "{expr}");
    }
}

#[test]
fn what_is_outside_fails_the_conversion() {
    for (expr, wanted) in [
        ("checked(100)", 100),
        ("checked(101)", -1),
        ("checked(-1)", -1),
        ("read(\"7\")", 7),
        ("read(\"107\")", -1),
        ("read(\"seven\")", -1),
        ("weighted(100, 10)", 999),
    ] {
        assert!(value(expr, "Int").same(&Value::Int(wanted)), "{expr}: {:?}", value(expr, "Int"));
    }
}

#[test]
fn what_arithmetic_gives_is_known() {
    assert_eq!(codes("fn f(a: Int 0..100) -> Int 1..101 { a + 1 }"), [""; 0]);
    assert_eq!(codes("fn f(a: Int 0..100) -> Int 0..50 { a / 2 }"), [""; 0]);
    assert_eq!(codes("fn f(a: Int) -> Int 0..9 { (a % 10).max(0) }"), [""; 0]);
    assert_eq!(codes("fn f(a: [Int]) -> Int 0..7 { a.len.min(7) }"), [""; 0]);
    assert_eq!(codes("fn f(a: Int 0..100) -> Int 0..100 { a + 1 }"), ["P3023"]);
    assert_eq!(codes("fn f(a: Int 0..100) -> Int 0..100 { a * a }"), ["P3023"]);
    assert_eq!(codes("fn f(a: Int) -> Int 0..100 { a }"), ["P3023"]);
    assert_eq!(codes("fn f() -> Int 0..100 { 101 }"), ["P3023"]);
    assert_eq!(codes("fn f(a: [Int 0..100]) -> [Int] { a }"), [""; 0]);
    assert_eq!(codes("fn f(a: [Int]) -> [Int 0..100] { a }"), ["P3001"]);
}

/// Wherever any number would do, it is still known what each way of a choice gives.
#[test]
fn what_each_way_of_a_choice_gives_is_known() {
    let least =
        |of: &str| codes(&format!("fn f(n: Int, o: Int?, s: String) -> Int 3..100 {{ n.min({of}).max(3) }}"));
    assert_eq!(least("if n > 3 { 70 } else { 100 }"), [""; 0]);
    assert_eq!(least("if let x = o { x.clamp(0, 100) } else { 7 }"), [""; 0]);
    assert_eq!(least("if let x = o { let y = x - 1\n y.clamp(0, 100) } else { 7 }"), [""; 0]);
    assert_eq!(least("if let x = s as Int 0..100 { x } else { 7 }"), [""; 0]);
    assert_eq!(least("if let x = o { x } else { 7 }"), ["P3023"]);
    assert_eq!(least("s as Int 0..100 else 101"), ["P3023"]);
}

#[test]
fn arms_cover_each_number_once() {
    let arms = |arms: &str| codes(&format!("fn f(a: Int 0..9) -> Int {{ match a {{ {arms} }} }}"));
    assert_eq!(arms("0..4 => 1, 5..9 => 2"), [""; 0]);
    assert_eq!(arms("0..4 => 1, 6..9 => 2"), ["P3013"]);
    assert_eq!(arms("0..5 => 1, 5..9 => 2"), ["P3024"]);
    assert_eq!(arms("0..5 => 1, 2..3 => 2, 6..9 => 3"), ["P9005"]);
    assert_eq!(arms("0..9 => 1, _ => 2"), ["P9005"]);
    assert_eq!(arms("0..9 => 1, 10..12 => 2"), ["P9005"]);
    assert_eq!(arms("0..4 => 1, 5..12 => 2"), ["P3023"]);
    assert_eq!(arms("4..0 => 1, _ => 2"), ["P3022"]);
    assert_eq!(codes("fn f(a: String) -> Int { match a { 0..4 => 1, _ => 2 } }"), ["P3001"]);
}

#[test]
fn a_condition_that_a_range_decides_is_an_error() {
    assert_eq!(codes("fn f(a: Int 0..100) -> Int { if a > 100 { 1 } else { 2 } }"), ["P9008"]);
    assert_eq!(codes("fn f(a: Int 0..100) -> Int { if a > 99 { 1 } else { 2 } }"), [""; 0]);
    let nested = "fn f(a: Int) -> Int { match a { 1..9 => if a < 10 { 1 } else { 2 }, _ => 3 } }";
    assert_eq!(codes(nested), ["P9007"]);
}
