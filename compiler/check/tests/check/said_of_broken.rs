//! Errors that are told once, and hide no others.

says! {
    /// A guard of which a line could not be read is not said to let nothing through.
    a_condition_of_a_guard_after_if r#"
guard suspensions_of_alerts for Alert covers okta.suspend {
  allow if case.severity >= High
}
"#
    /// The five mistakes that everybody makes, in one file: each is found, and none hides another.
    five_mistakes r#"
const corporate: [Cidr] = [10.0.0.0/8]

fn is_inside(ip: Ip) -> Bool { ip in corporate }

playbook triage for Alert {
  note "seen on {case.hots}"
  if is_inside(case.host) { close FalsePositive because "inside" }
  match verdict(case.risk) {
    Clean => close FalsePositive because "clean"
    Malicious => set severity = High because "bad"
  }
  let user = okta.user(case.user)
  let owner: Email = case.owner
  hand over to queue.tier2 because "{user.status} of {owner}"
}
"#
    /// Both of two in a line are known.
    two_in_a_line_are_known_both r#"
config { a: Int = 0  b: Int = 3 }
fn f(x: Int) -> Int { let y = x let z = y + 1
  z }
playbook p for Alert {
  if config.a > config.b { note "{f(config.a)}" close FalsePositive because "clean" }
  hand over to queue.q because "somebody"
}
"#
    declared_twice r#"
enum Verdict { Good, Bad }
"#
    an_unknown_name_is_told_once_and_does_not_spread r#"
fn total(xs: [Int]) -> Int {
  let sum = xz.sum() else 0
  let double = sum * 2
  double + sum
}
"#
    an_unknown_type_is_told_once r#"
type Contact { mail: Emial, phone: String }
case Login { contact: Emial, host: Hostnom }
source s from feed("x") -> Login {
  map {
    contact = payload.mail as Emial?
    host = payload.host as Hostnom?
  }
}
fn f(x: Emial) -> String { "{x}" }
playbook p for Login { close FalsePositive because "{f(case.contact)}" }
"#
    a_field_that_was_renamed r#"
case Login { hostname: String, n: Int }
playbook p for Login {
  note "{case.host}"
  close FalsePositive because "{case.host} {case.n}"
}
test "a" {
  given Login { host: "b", n: 3 }
  run p
  expect closed FalsePositive
}
test "b" {
  given Login { host: "b", n: 4 }
  run p
  expect case.host == "b"
}
"#
    one_brace_too_many r#"
playbook p for Alert {
  if case.tags.len > 3 {
    note "a"
  }
  }
  close FalsePositive because "{case.host}"
}
fn f(x: Int) -> Int { x }
"#
    not_supported_yet r#"
guard g covers okta.suspend { limit 20 per 1h }
case Mail { from: Email pii }
type Score { of: Int 0..100 }
source mails from mailbox.messages("abuse") -> Mail { map { from = payload.from as Email? } }
playbook triage for Mail {
  let user = okta.user("a") else none
  note "{if user.is_some { "known" } else { "unknown" }}"
  close FalsePositive because "nothing"
}
"#
    /// A guard with an error says nothing more where it is asked, and neither does a write that lacks its `do`.
    a_broken_guard_is_told_once r#"
guard others for Alert covers okta.unsuspend { never when case.severty >= Low }
guard more covers okta.unsuspend { limit 20 per 1h }
playbook triage for Alert {
  do okta.unsuspend(case.user) else none
  okta.suspend(case.user) else none
  close FalsePositive because "x"
}
"#
    an_error_hides_none_of_another_declaration r#"
fn broken(n: Int) -> String { n }
connector x {
  config { base_url: Url }
  write cut(q: String) -> Unit
    POST "/cut" json { q: q }
    expect 200
    undo join(q)
    class contain
  write join(q: String) -> Unit
    POST "/join" json { q: q }
    expect 200
    class restore
}
case Mail { from: Email pii, hits: Int }
playbook one for Mail when case.hits > 3 {
  note 5
  close FalsePositive because "one"
}
playbook two for Mail when case.hits <= 3 {
  note "{case.from}"
  if case.hits == case.hits { note "always" }
  do x.cut("a") for 4h else none
  close FalsePositive because "two"
}
"#
    a_pattern_that_cannot_be_read_takes_nothing r#"
enum Verdict2 { A1, B1, C1 }
fn arrow(v: Verdict2) -> Int { match v { A1 -> 1, B1 => 2, C1 => 3 } }
fn colon(v: Verdict2) -> Int { match v { A1 => 1, B1: 2, C1 => 3 } }
fn commas(v: Verdict2) -> Int { match v { A1 => 1 B1 => 2 } }
fn body(v: Verdict2) -> Int { match v { A1 => { let x = ; 1 }, B1 => 2 } }
"#
    a_brace_that_is_missing_is_all_that_is r#"
playbook p for Alert {
  if case.host == "a" { note "x"
  close FalsePositive because "a"
}
"#
    habits_of_other_languages r#"
fn f(n: Int) -> Int { return n }
fn g(n: Int?) -> Int { n ?? 3 }
fn h(n: Int) -> Int { n > 3 ? 1 : 2 }
fn i(s: String) -> Bool { s == "a" or "b" }
fn j(l: [Int]) -> Int { l[0] }
fn k(x: Integer) -> Str { "a" }
fn l(t: Time?) -> Bool { t == null }
fn m(n: Int) -> Int {
  let mut x = n
  while x > 3 { }
  x
}
playbook p for Alert {
  wait 5 minutes
  set case.severity = High because "a"
  let x = now()
  if case.host == "a" { hand over queue.x because "x" }
  close "False Positive" because "a"
}
"#
    a_broken_declaration_is_told_once r#"
enum Colour { Red, Green
type Host { name: String }
fn paint(c: Colour) -> Bool { c == Red }
"#
}
