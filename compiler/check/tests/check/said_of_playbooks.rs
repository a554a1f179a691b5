//! Playbooks: which takes a case, how they end, what they hold and wait for, and the procedures that they call.

says! {
    /// How a run ended is no value; only where the class is plain is it known what to write.
    an_end_written_as_a_condition r#"
case Alert2 { s: String }
playbook p for Alert2 {
  close TruePositive because "known"
}
test "ended" {
  given Alert2 { s: "s" }
  run p
  expect closed as TruePositive
  expect closed == TruePositive
  expect closed(TruePositive)
  expect closed == TruePositive because "known"
  expect closed != TruePositive
  expect closed == case.s
  expect closed == 0.5
  expect closed(TruePositive, "because known", 5)
  expect closed(why: TruePositive)
  expect closed or case.s == "s"
}
"#
    a_test r#"
playbook triage for Alert { close FalsePositive because "{case.host}" }
case Mail { from: Email }
test "all of it is wrong" {
  given Alert { host: "web-1", colour: "red" }
  given okta.user("a", "b") returns 3
  given okta.user(_) fails Tiemout
  given okta.user(_) is lost
  given okta.suspend(_) returns 3 after 5
  run triagge
  expect closed Fine
  expect handed over to quue.tier2
  expect never okta.user
  expect did okta.suspent
  expect case.severty == High
}
test "nothing" {
}
"#
    which_playbook_comes_first r#"
playbook narrow for Alert when case.host == "a" and case.severity == High { close FalsePositive because "a" }
playbook wide for Alert when case.severity >= High { close FalsePositive because "b" }
playbook low for Alert before narrow when case.severity < Medium { close FalsePositive because "c" }
playbook medium for Alert before mediun when case.severity == Medium { close FalsePositive because "d" }
"#
    playbooks_in_a_circle r#"
playbook first for Alert before second when case.host == "a" { close FalsePositive because "a" }
playbook second for Alert before third, second when case.severity == High { close FalsePositive because "b" }
playbook third for Alert before first when case.risk == 3 { close FalsePositive because "c" }
"#
    a_playbook_for_which_nothing_is_left r#"
playbook wide for Alert before narrow when case.severity >= High { close FalsePositive because "b" }
playbook narrow for Alert when case.host == "a" and case.severity == High { close FalsePositive because "a" }
"#
    conditions_that_exclude_each_other r#"
playbook a for Alert when case.severity == High and (case.host == "a" or case.host == "b") { close FalsePositive because "a" }
playbook b for Alert when case.severity == High and case.host not in ["a", "b"] { close FalsePositive because "b" }
playbook c for Alert when case.severity < High and case.tags.len > 3 { close FalsePositive because "c" }
playbook d for Alert when not (case.severity >= High) and case.tags.len <= 3 { close FalsePositive because "d" }
playbook e for Alert when case.severity == Critical and case.owner != none { close FalsePositive because "e" }
playbook f for Alert when case.severity == Critical and case.owner == none { close FalsePositive because "f" }
"#
    controls_that_no_framework_has r#"
use std.controls.soc2
controls house { IR_1, IR_2, IR_1 }
playbook triage for Alert
  controls soc2.CC7_44, house.IR_2, house.IR_2, iso27001.A_5_26, okta.user, soc3.CC7_4
{
  close FalsePositive because "b"
}
"#
    two_playbooks r#"
playbook first for Alert when case.severity == High and case.host == "a" { close FalsePositive because "a" }
playbook second for Alert when case.severity == Low { close FalsePositive because "b" }
playbook third for Alert when case.host == "a" { close FalsePositive because "c" }
playbook fourth for Alert when case.host  ==  "a" { close FalsePositive because "d" }
"#
    open_ends r#"
playbook triage for Alert {
  if case.severity > Medium {
    match verdict(case.risk) {
      Clean => close FalsePositive because "clean"
      Suspicious => note "odd"
      Malicious => {
        if let owner = case.owner { note "{owner}" } else { hand over to queue.tier2 because "nobody's" }
      }
    }
  }
}
"#
    waits r#"
case T { s: String }
connector x {
  config { base_url: Url }
  read r(q: String) -> Int
    GET "/r/{q}"
    expect 200 -> body
  write w(q: String) -> Int
    POST "/w/{q}"
    expect 200 -> body
    class notify
}
playbook p for T {
  let one = wait x.r(case.s) every 30s else 1
  let two = wait x.r(case.s) within 10m else 1
  let three = wait x.r(case.s) every 0s within 10m else 1
  let four = wait x.r(case.s) every 1h within 10m else 1
  let five = wait x.r(case.s) every 500ms within 1m else 1
  let six = wait x.r(case.s) every 10s within 5d else 1
  let seven = wait x.w(case.s) every 10s within 1m else 1
  let eight = wait x.r(case.s) every 10s within 400d else 1
  let nine = wait x.r(case.s) every 10s until answer within 1m else 1
  let ten = wait x.r(case.s) every 10s until x.r(case.s) > 1 within 1m else 1
  let eleven = wait x.r(case.s) every 10s within 1m
  let twelve = wait x.t(case.s) every 10s within 1m else 1
  let thirteen = wait x.r(1) every 10s within 1m else 1
  wait case.s
  wait 5m every 1m
  wait 100d
  close FalsePositive because "{one} {two} {three} {four} {five} {six} {seven} {eight} {nine} {ten} {eleven} {twelve} {thirteen} {answer}"
}
"#
    holds r#"
guard g covers okta.suspend, okta.unsuspend { limit 20 per 1h allow }
playbook triage for Alert {
  let user = okta.user("a") for 4h else none
  do okta.unsuspend("a") for 4h else none
  do okta.suspend("a") for 2000d else none
  do okta.suspend("a") for 4h irreversible because "it stays" else none
  do okta.suspend("a") irreversible because "{case.host}" else none
  if user.is_some { note "known" } for 4h
  close FalsePositive because "x"
}
"#
    a_test_that_cannot_be_read_lacks_nothing r#"
playbook triage for Alert { close FalsePositive because "{case.host}" }
test "not read" { given Alert { host: "web-1" } then run triage expect closed FalsePositive }
test "nothing" {
}
"#
    /// Two playbooks whose conditions name constants: those that exclude each other, and those that do not.
    conditions_that_name_constants r#"
const FEW = 3
const MANY = 20
const OURS = ["srv-1", "srv-2"]
case Login { tries: Int, host: String }
playbook few for Login when case.tries < FEW { close FalsePositive because "few" }
playbook many for Login when case.tries >= MANY { close TruePositive because "many" }
playbook ours for Login when case.tries >= FEW and case.tries < 20 and case.host in OURS { close FalsePositive because "ours" }
playbook first for Login when case.tries >= FEW and case.tries < MANY and case.host == "srv-1" { close FalsePositive because "srv-1" }
playbook other for Login when case.tries >= FEW and case.tries < MANY and case.host == "srv-3" { close FalsePositive because "srv-3" }
"#
    /// What a procedure may not do; what is called wrongly; what nobody calls is checked all the same.
    procedures r#"
case Mail { sender: String }
procedure owner_of() -> Email? { case.owner }
procedure raise_it() { set severity = High because "no case is named" }
procedure first() -> Int { second() }
procedure second() -> Int { first() }
procedure third() -> Int { if true { first() } else { 3 } }
procedure forgets(host: String) -> OktaUser { okta.user("x") }
procedure sees(n: Int) for Alert -> Int { n + other }
procedure for_alerts() for Alert { note "{case.host}" }
fn calls() -> Int { third() }
playbook mails for Mail {
  let other = 1
  for_alerts()
  note "{third()}"
  let n = sees(other, 2) else 3
  let mail = owner_of() else none
  close FalsePositive because "{n} {mail}"
}
"#
    /// Narrowing and findings of a body are its own: what is known at the call changes nothing in it.
    a_procedure_means_the_same_wherever_it_is_called r#"
procedure owner() for Alert -> String { if let o = case.owner { "{o}" } else { "nobody" } }
procedure deep(n: Int) -> Int { if n > 3 { 1 } else { 2 } }
playbook triage for Alert {
  if case.owner != none {
    note "there is one"
    let o = owner()
    note o
  }
  let n = deep(5)
  let m = deep(1)
  close FalsePositive because "{n} {m}"
}
"#
    /// What a procedure sets is not known to be there any more: after its call, and in the next pass of a loop.
    a_procedure_takes_back_what_was_known r#"
procedure forget() for Alert { set owner = none because "it left" }
playbook triage for Alert {
  if case.owner != none {
    for tag in case.tags {
      note "{case.owner} {tag}"
      forget()
    }
    let domain = case.owner.domain
    hand over to queue.tier2 because "{domain}"
  }
  close FalsePositive because "nobody"
}
"#
}

playbook_says! {
    what_a_call_says_of_itself r#"
let a = okta.user(case.user) retry 0 else none
let b = okta.user(case.user) retry 3 backoff 2h timeout 5 else none
let c = okta.user(case.user) retry 3 retry 4 else none
let d = case.host retry 3
do okta.suspend(case.user) retry 3 else none
okta.user(case.user) retry 3 timeout 5s
note "{a.is_some} {b.is_some} {c.is_some} {d}"
"#
    a_write_without_do r#"
okta.suspend(case.user) else none
do okta.suspend(case.user)
okta.suspend(case.user)
"#
    do_without_a_write r#"
let user = do okta.user(case.user) else none
note "{user?.status else "unknown"}"
do verdict(case.risk)
"#
    reasons r#"
set severity = High
set opened = 2026-01-01T00:00Z because "x"
set colour = "red" because "x"
set severity = "High" because 3
route to qeue.tier2 because ""
if case.host == "a" { close Fine because "x" }
if case.host == "b" { hand over to queue.tier2 }
"#
    after_the_end r#"
if case.host == "a" { close FalsePositive because "a"  }
for t in case.tags {
  hand over to queue.tier2 because "{t}"
  note "never"
}
match case.severity { Low => close FalsePositive because "b", _ => hand over to queue.tier2 because "c" }
note "never either"
note "nor this"
"#
    effects_in_the_wrong_place r#"
let a = case.tags.map(t => okta.user(OktaUserId(t)) else none)
set severity = High because "{okta.user(case.user) else none}"
note "{if case.host == "a" { close FalsePositive because "x" } else { "y" }}"
"#
    terms_of_a_call_stand_in_the_help r#"
okta.suspend("a") for 8h else none
"#
}
