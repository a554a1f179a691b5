//! What only computes: mapping, conditions, requests, answers, and the bound on work.

use std::sync::Arc;

use crate::common::{Run, case, program};
use play_program::action::ActionId;
use play_program::exec::{Mapping, Program};
use play_program::json::{Doc, JsonAt, ReadLog};
use play_program::value::Value;

fn record(text: &str) -> JsonAt {
    JsonAt::root(Arc::new(Doc::Whole(serde_json::from_str(text).expect("is JSON"))))
}

const SOURCE: &str = r#"
source alerts from feed("f") -> Alert {
  accept payload.kind as String? != "heartbeat"
  dedup by payload.id as String? within 1h
  map {
    n    = (payload.counts[0] as Int?) * 2
    user = payload.user.name as String else payload["login"] as String else none
  }
}
playbook p for Alert when case.n > 3 and case.user != none { close Duplicate because "{case.n}" }
test "t" {
  given Alert { n: 1 }
  run p
  expect case.n == 7
  expect case.title == "other"
}
"#;

#[test]
fn a_record_is_mapped_and_what_was_looked_at_is_noted() {
    let vm = program(SOURCE);
    let record = record(r#"{"kind": "alert", "id": "A-1", "counts": [21, "x"], "login": "ada", "rest": 1}"#);
    let Mapping::Mapped(mapped) = vm.map(0, &record, &[]) else { panic!("is mapped") };
    assert!(mapped.case[5].same(&Value::Int(42)) && mapped.case[6].same(&Value::str("ada")));
    // What the source leaves out has its default.
    assert!(mapped.case[3].same(&Value::Enum(2)) && mapped.case[4].same(&Value::str("")));
    let from: Vec<String> =
        mapped.from.iter().map(|(slot, at)| format!("{slot}: {}", at.join(" "))).collect();
    assert_eq!(from, ["5: /counts/0", "6: /user/name /login"]);
    assert_eq!(mapped.dedup.map(|(key, window)| (key, window.as_secs())), Some(("A-1".into(), 3600)));
    let read: Vec<&str> = mapped.read.leaves().keys().map(String::as_str).collect();
    assert_eq!(read, ["/counts/0", "/id", "/kind", "/login", "/user/name"]);
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let vm = program(SOURCE);
    let told = |text: &str| match vm.map(0, &record(text), &[]) {
        Mapping::Rejected => "rejected".to_string(),
        Mapping::Unmapped(u) => {
            format!("{} at {:?}: {}, found {}", u.field, u.path, u.expected, u.found.kind())
        }
        Mapping::Mapped(_) => "mapped".to_string(),
    };
    assert_eq!(told(r#"{"kind": "heartbeat"}"#), "rejected");
    assert_eq!(told("{}"), "accept at \"/kind\": String, found nothing");
    assert_eq!(told(r#"{"kind": "a", "id": 1}"#), "dedup at \"/id\": String, found a number");
    assert_eq!(told(r#"{"kind": "a", "id": "1", "counts": []}"#), "n at \"/counts/0\": Int, found nothing");
    let largest = format!(r#"{{"kind": "a", "id": "1", "counts": [{}]}}"#, i64::MAX);
    assert_eq!(told(&largest), "n at \"\": overflow, found nothing");
}

#[test]
fn conditions_look_at_the_case() {
    let vm = program(SOURCE);
    let mut given = case();
    assert_eq!(vm.applies(0, &given), Ok(false));
    given[6] = Value::str("ada");
    assert_eq!(vm.applies(0, &given), Ok(true));
    assert_eq!(vm.expectation(0, 0, &given), Ok(true));
    assert_eq!(vm.expectation(0, 1, &given), Ok(false));
    assert!(vm.expectation(0, 2, &given).is_err());
}

#[test]
fn an_action_sends_what_it_says_and_reads_what_it_promises() {
    let vm = program(
        r#"
connector odd {
  config { base_url: Url }
  read find(name: String, max: Int?) -> [Int]
    GET "/find/{name}" query { max: max, exact: true }
    expect 200 -> body.found
    expect 404 -> []
}
playbook p for Alert { close Duplicate because "x" }"#,
    );
    let find = vm.artifact().manifest.find_action("odd", "find").expect("is declared");
    let sent = vm.request(find, &[Value::str("a/b ü?"), Value::None]).expect("no fault");
    assert_eq!(sent.path, "/find/a%2Fb%20%C3%BC%3F");
    assert_eq!(sent.query, [("exact".to_string(), "true".to_string())]);
    let write = vm.artifact().manifest.find_action("c", "w").expect("is declared");
    let sent = vm.request(write, &[Value::Int(3)]).expect("no fault");
    assert_eq!(sent.body, Some(serde_json::json!({"n": 3, "twice": [3, 3]})));

    let respond = |action: ActionId, args: &[Value], status, text: &str| {
        let mut log = ReadLog::default();
        vm.respond(action, args, status, &record(text), &mut log).map_err(|f| f.words)
    };
    let args = [Value::str("a"), Value::None];
    let found = respond(find, &args, 200, r#"{"found": [1, 2]}"#).expect("is an answer");
    assert!(found.same(&Value::List(Arc::from([Value::Int(1), Value::Int(2)]))));
    assert!(respond(find, &args, 404, "null").expect("is an answer").same(&Value::List(Arc::from([]))));
    let words = respond(find, &args, 200, r#"{"found": [1, "2"]}"#).expect_err("is not a list of numbers");
    assert_eq!(words, "at /found/1: expected Int, found the text \"2\"");
    assert_eq!(
        respond(find, &args, 500, "{}").expect_err("is none"),
        "the status 500 is not one that the action expects"
    );
}

#[test]
fn a_text_that_doubles_without_end_is_too_much_work() {
    let doubled = (0..40).fold("case.title".to_string(), |inner, _| format!("twice({inner})"));
    let run = Run::start(&format!(
        "fn twice(s: String) -> String {{ s + s }}\nplaybook p for Alert {{ close Duplicate because {doubled} }}"
    ));
    assert!(run.log.contains("fault too much work"), "{}", run.log);
}

#[test]
fn loops_over_lists_end_where_they_should() {
    let run = Run::start(
        r#"
fn steps(xs: [Int]) -> String {
  let pairs = for x in xs { for y in xs { x * 10 + y } }
  let found = pairs.flat().find(n => n % 7 == 0) else 0
  let odd = xs.filter(x => x % 2 == 1).map(x => -x)
  let sums = for x in odd { if xs.any(y => y == -x) and not xs.all(y => y > 1) { xs.count(y => y > 1) } else { 0 } }
  "{found} {odd.sum() else 0} {sums.sum() else 0} {pairs.flat().len}"
}
fn nothing(xs: [Int]) -> Int? { xs.first? + xs.find(x => x > 9)? }
playbook p for Alert {
  let empty: [Int] = []
  close Duplicate because "{steps([1, 2, 3])}; {steps(empty)}; {nothing([1, 2]) else 0}; {nothing([10]) else 0}"
}"#,
    );
    assert!(run.log.contains("because 21 -4 4 9; 0 0 0 0; 0; 20"), "{}", run.log);
}
