//! Calls of procedures.

use crate::both::{of_kind, tested};

#[test]
fn two_calls_are_two_acts_with_the_places_of_the_procedure() {
    let (_, lines) = tested(
        r#"
procedure tell(who: String) -> String {
  let name = x.a(who) else "unknown"
  let sent = do x.w("dear {name}") else "not sent"
  "{name}: {sent}"
}
playbook p for T {
  let first = tell(case.s)
  let second = tell("two")
  close FalsePositive because "{first}, {second}"
}
test "t" {
  given T { s: "one" }
  given x.a("one") returns "Ada" after 1s
  given x.a("two") fails NotFound
  given x.w("dear Ada") returns "sent" after 1s
  given x.w(_) fails Denied
  run p
  expect did x.w("dear Ada")
  expect because contains "Ada: sent, unknown: not sent"
  expect elapsed == 2s
}"#,
    );
    let acts = of_kind(&lines, "act.intended");
    assert_eq!(acts.len(), 2, "{lines:#?}");
    // Nodes of their own: a line says which call it comes from.
    let at = |line: &str| line.split("\"at\":").nth(1).and_then(|l| l.split(',').next()).map(str::to_string);
    assert_ne!(at(acts[0]), at(acts[1]));
}

#[test]
fn reads_of_two_calls_run_side_by_side() {
    tested(
        r#"
procedure look(who: String) -> String {
  let a = x.a(who) else "?"
  let b = x.b(a) else "?"
  "{a}{b}"
}
playbook p for T {
  let one = look("one")
  let two = look("two")
  close FalsePositive because "{one} {two}"
}
test "t" {
  given T { s: "s" }
  given x.a("one") returns "1" after 1s
  given x.b("1") returns "2" after 3s
  given x.a("two") returns "3" after 3s
  given x.b("3") returns "4" after 1s
  run p
  expect because contains "12 34"
  expect elapsed == 4s
}"#,
    );
}

#[test]
fn a_procedure_may_end_the_run_on_one_path_and_read_the_case_that_it_names() {
    for (s, ends) in
        [("bad", r#"expect handed over to queue.tier2"#), ("good", "expect closed FalsePositive")]
    {
        tested(&format!(
            r#"
procedure known(limit: Int) for T -> Int {{
  if case.s == "bad" {{ hand over to queue.tier2 because "{{case.s}} needs a person" }}
  set severity = Low because "known"
  limit + 1
}}
playbook p for T {{
  let n = known(1)
  let limit = known(n)
  close FalsePositive because "{{limit}} {{case.severity}}"
}}
test "t" {{
  given T {{ s: "{s}" }}
  run p
  {ends}
}}"#
        ));
    }
}

#[test]
fn procedures_call_each_other_in_loops_and_give_nothing() {
    tested(
        r#"
procedure each(names: [String]) { for n in names { one(n) } }
procedure one(n: String) {
  let n = x.a(n) else close Duplicate because "no {n}: {failure.kind}"
  note "found {n}"
}
playbook p for T {
  each(["a", "b"])
  each([])
  note "after"
  each([case.s])
  close FalsePositive because "all are there"
}
test "t" {
  given T { s: "s" }
  given x.a("s") fails NotFound
  given x.a("a") returns "A" after 2s
  given x.a("b") returns "B" after 1s
  run p
  expect noted "found A"
  expect noted "found B"
  expect noted "after"
  expect because contains "no s: NotFound"
  expect elapsed == 2s
}"#,
    );
}
