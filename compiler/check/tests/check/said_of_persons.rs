//! What persons are asked, and what they approve.

says! {
    /// An answer is more than the choice in it.
    an_answer_taken_for_its_choice r#"
playbook triage for Alert {
  let a = ask role.analyst "Was it you?" { Yes, No } within 30m else No because "nobody"
  if a == Yes { note "a" }
  if No != a { note "b" }
  if a == yes { note "c" }
  if a.choice == no { note "d" }
  match a {
    Yes => note "e"
    No => note "f"
  }
  close FalsePositive because "done"
}
"#
    a_question_without_an_end_is_one_mistake r#"
playbook p for Alert {
  let a = ask role.analyst "Is it?" { Yes, No }
  if a.choice == No { close FalsePositive because a.reason }
  close TruePositive because "x"
}
test "a" {
  given Alert { host: "b", ip: 192.0.2.1, user: "u", tags: [] }
  given role.analyst answers No because "x"
  run p
  expect closed FalsePositive
}
"#
    what_a_guard_asks_is_settled r#"
use std.connectors.tickets
case Login { n: Int, host: String, risk: Int 0..100 }
guard a for Login covers okta.suspend {
  never when case.risk > 100
  never when case.n > 3
  allow when case.n <= 3
}
guard b for Login covers tickets.open {
  never when case.host == "a" or case.host != "a"
  allow when case.host == "b" and case.host == "c"
}
"#
    roles_and_queues r#"
use std.roles
role network_lead
queue mail
role network_lead
playbook triage for Alert {
  let a = ask role.analist "?" { Yes, No } within 1h else hand over to queue.tear2 because "a"
  if a.choice == No { hand over to role.tier2 because "b" }
  if case.host == "x" { hand over to queue.cloud because "c" }
  if case.host == "y" { hand over to queue.cloud because "d" }
  hand over to queue.mail because a.reason
}
"#
    questions_that_cannot_be_asked r#"
case Mail { sender: Email pii, urls: [Url] }
playbook reported for Mail {
  let a = ask queue.tier1 "Is it?" { Yes, No } within 4h else Yes because "no answer"
  let b = ask rule.analyst "Is it?" { Yes } within 4h else Yes because "no answer"
  let c = ask role.analyst "Is it?" { Yes, No, Yes } within 4h else Maybe because "no answer"
  let d = ask role.analyst "Is it?" { Yes, No } showing case.urls
  let f = ask role.analyst "Is it?" { Yes, No } within soon else Yes because ""
  let g = ask role.analyst "Is {case.urls} it?" { Yes, No } within 4h else Yes because "no answer"
  if a.choice == Jes or b.choice == Yes { note "{c.reason}" }
  if f.by == "ada" { note "{a.resaon}" }
  close FalsePositive because "{d.reason}{g.reason}"
}
fn sure(n: Int) -> Bool { ask role.analyst "Sure?" { Yes, No } within 4h else Yes because "no answer" }
"#
    approvals_that_cannot_be_asked_for r#"
case Mail { sender: Email, user: OktaUserId }
guard g covers okta.suspend { else approval from queue.tier1 within 2h else refuse }
guard h covers okta.unsuspend { else approval from role.lead within 2h else refuse }
playbook reported for Mail {
  approve okta.user(case.user) from role.lead within 1h because "x" else none
  approve okta.suspend(case.user) because "x" else none
  approve okta.suspend(case.user) from role.lead within 1h else none
  approve okta.suspend(case.user) from role.lead within 1h because "x"
  approve okta.suspend(case.user) from queue.tier1 within 1h because "x" else none
  approve okta.suspend(case.sender) from role.lead within 1h because "x" else none
  approve case.user from role.lead within 1h because "x" else none
  if let a = approve okta.suspend(case.user) from role.lead within 1h because "x" { note a.raeson }
  do okta.suspend(case.user) else none
  close FalsePositive because "done"
}
"#
    approvals_too_late_or_for_nothing r#"
case Mail { sender: Email, user: OktaUserId, other: OktaUserId }
guard g covers okta.suspend { else approval from role.lead within 2h else refuse }
playbook reported for Mail {
  approve okta.unsuspend(case.user) from role.lead within 1h because "x" else hand over to queue.no because "no"
  if case.sender.domain == "example.com" { do okta.suspend(case.user) else none }
  approve okta.suspend(case.user) from role.lead within 1h because "x" else none
  close FalsePositive because "done"
}
test "misspelt" {
  given Mail { sender: "ada@example.com", user: "u", other: "o" }
  given role.laed approves
  given role.lead approves okta.suspend("u")
  given role.lead answers Yes
  run reported
  expect approved okta.suspend("u")
}
"#
    what_persons_decide_in_a_test r#"
case Mail { sender: Email, user: OktaUserId }
guard g covers okta.suspend { else approval from role.lead within 2h else refuse }
guard h covers okta.unsuspend { allow }
playbook reported for Mail {
  do okta.suspend(case.user) for 4h else none
  let a = ask role.analyst "Is it?" { Yes, No } within 4h else Yes because "no answer"
  close FalsePositive because a.reason
}
test "misspelt" {
  given Mail { sender: "ada@example.com", user: "u" }
  given role.laed approves
  given role.lead approves okta.unsuspend("u")
  given role.lead answers Yes
  given role.analyst denies because "no"
  run reported
  expect approved okta.suspend("u")
}
"#
    what_a_person_is_shown r#"
case Mail { sender: Email pii, urls: [Url] }
playbook reported for Mail {
  let a = ask role.analyst "Is {case.sender} known?" { Yes, No } within 4h else Yes because "no answer"
  let b = ask role.analyst "Is it?" { Yes, No } showing case.sender within 4h else Yes because "no answer about {case.sender}"
  close FalsePositive because "{a.by} {b.reason} {b.choice}"
}
"#
    what_persons_say_in_a_test r#"
case Mail { sender: Email, urls: [Url] }
case Call { number: String }
playbook reported for Mail {
  let a = ask role.analyst "Is it?" { Yes, No } within 4h else Yes because "no answer"
  close FalsePositive because a.reason
}
playbook silent for Call { close FalsePositive because "nothing to ask" }
test "a role and a choice that are misspelt" {
  given Mail { sender: "ada@example.com", urls: [] }
  given role.analist answers Yes
  given role.analyst answers Jes
  given role.analyst answers Maybe
  run reported
  expect closed FalsePositive
}
test "nobody is asked" {
  given Call { number: "3" }
  given role.analyst answers Yes
  run silent
  expect never asked role.analyst
}
"#
}

playbook_says! {
    /// Approved on one way only, for something else, or by a guard that mostly does not ask.
    irreversible_acts_that_nobody_approves r#"
if case.host == "a" {
  approve okta.suspend("u1") from role.lead within 1h because "a" else hand over to queue.q because "no"
}
approve okta.suspend("u2") from role.lead within 1h because "a" else hand over to queue.q because "no"
do okta.suspend("u2") irreversible because "approved" else none
do okta.suspend("u1") irreversible because "it is asked for" else none
"#
}
