//! What may be absent or fail, and what stands in for it.

says! {
    an_else_that_takes_a_comparison r#"
fn a(x: Json) -> Bool { x.score as Int else 0 > 5 }
fn b(x: Int?, y: Bool) -> Bool { x else 0 + 1 > 5 and y }
fn c(x: Int?) -> Int { x else "none" }
fn d(x: Severity?) -> Bool { x else Low >= High }
"#
    an_else_that_is_meant_for_the_last_operand r#"
fn a(n: Int?) -> Int { 1 + n else 0 }
fn b(n: Bool?) -> Bool { not n else false }
fn c(n: Bool?, m: Bool?) -> Bool { n else false and m else false }
fn d(n: Int?, m: Int?) -> Bool { n else 0 > 3 and m else 0 > 2 }
fn e(n: Int, m: Int) -> Int { n + m else 0 }
"#
    /// It is of the right type, and hardly what was meant. In parentheses it is.
    an_else_that_takes_a_sum r#"
fn a(n: Int?) -> Int { n else 0 + 50 }
fn b(n: Json) -> Int { n.score as Int else 0 - n.less as Int else 0 }
fn c(n: Int?, m: Int) -> Int { n else 1 * m + 5 }
fn d(n: Bool?, m: Bool) -> Bool { n else false and m }
fn e(n: Bool?, m: Bool) -> Bool { n else false == m }
fn f(n: Duration?) -> Duration { n else 0s + 5m }
fn g(n: Int?, m: Int) -> Int { n else (0 + m) }
fn h(n: Int?, m: Int) -> Int { n else (0) + m }
fn i(n: Int?, m: Int) -> Int { n else 24 * 60 + m - 1 }
fn j(n: Bool?, m: Bool) -> Bool { n else m and true }
fn k(n: Int?) -> Bool { n else 0 + 50 > 7 }
"#
    /// What an operator goes on with behind the `else` is told once, as one mistake.
    an_else_in_the_middle_of_a_condition r#"
fn a(n: Json) -> Bool { n.a as Int else 0 > 5 or n.b as Int else 0 > 2 }
fn b(n: Json, y: Bool) -> Bool { n.a as Int else 0 > 5 or y }
fn c(n: Json) -> Bool { n.a as Int else 0 > 5 or n.b as Bool else false }
fn d(n: Json) -> Bool { n.a as Int else 0 > 5 and n.b as Int? }
fn e(n: Int?, m: Int?) -> Bool { n else 0 > 5 or m else 0 > 5 or n else 0 == 7 }
playbook p for Alert {
  if case.risk else 0 > 5 or case.risk else 1 > 4 { close FalsePositive because "clean" }
  hand over to queue.q because "somebody"
}
"#
    functions_may_give_up r#"
fn domain(mail: Email?) -> Domain? { mail?.domain }
fn local(mail: Email?) -> String? { mail?.local }
fn shout(mail: Email?) -> String? { mail?.local?.upper() }
fn first(xs: [Int]) -> Int? { xs.first? + 1 }
fn sure(xs: [Int]) -> Int { xs.first? }
"#
    /// `failure` where there is none; sets of what does not exist; kinds that cannot come, and those that are forgotten.
    telling_failures_apart r#"
failures Transient = Timeout | Unavailabel
connector people {
  config { base_url: Url }
  read name(id: String) -> String
    GET "/{id}"
    expect 200 -> body
    fails NotFound, Transiet
  read role(id: String) -> String
    GET "/role/{id}"
    expect 200 -> body
    fails NotFound, Timeout
}
fn kind() -> FailureKind { failure.kind }
playbook triage for Alert {
  let role = people.role(case.host) else match failure.kind {
    NotFound => "nobody"
    Denied => "no one to know"
    Timeout => "somebody"
  }
  close FalsePositive because role
}
"#
    /// The failure of a step: what cannot come, and what is forgotten.
    telling_the_failures_of_a_step_apart r#"
connector people {
  config { base_url: Url }
  read role(id: String) -> String
    GET "/role/{id}"
    expect 200 -> body
    fails NotFound, Timeout
}
playbook odd for Alert {
  step look {
    let role = people.role(case.host)
    note role
  } else {
    match failure.kind {
      NotFound => note "nobody"
      Denied => note "no one to know"
    }
    note failure.words
  }
  close FalsePositive because "done"
}
"#
    /// The words of what failed a step may repeat what any call in it was asked.
    the_words_of_a_failed_step r#"
case Login { user: String pii, host: String }
connector people {
  config { base_url: Url }
  read mail(id: String pii) -> String
    GET "/mail/{id}"
    expect 200 -> body
  read role(id: String) -> String
    GET "/role/{id}"
    expect 200 -> body
}
playbook odd for Login {
  step look {
    let mail = people.mail(case.user)
    let role = people.role(case.host)
    note "{mail.len} {role}"
  } else { note "{failure.kind}: {failure.words}" }
  step again {
    let mail = people.mail(case.user) else ""
    let role = people.role(case.host)
    note "{mail.len} {role}"
  } else { note "{failure.kind}: {failure.words}" }
  close FalsePositive because "done"
}
"#
}

playbook_says! {
    failures r#"
let user = okta.user(case.user)
let n = case.host as Int
let x = case.host as Int?
let y = okta.user(case.user)?
note "{user.status} {n} {x} {y.status} {okta.user(case.user) else none}"
"#
    /// What goes on behind a call would go on behind what stands in for its answer.
    what_goes_on_behind_a_call_that_can_fail r#"
let status = okta.user(case.user).status
let shown = reveal (case.host)
note "{status} {shown}"
"#
    options r#"
if case.owner { note "owned" }
if case.risk > 3 { note "risky" }
note "owned by {case.owner}"
note case.owner.domain.text
let n = case.risk + 1
if case.risk == 3 or case.risk == none { note "{n}" }
if case.host == none { note "never" }
let a = case.host else "x"
let b = case.host?.len
if let c = case.host { note c }
note "{a} {b}"
"#
    an_if_that_gives_only_sometimes r#"
let a = if case.host == "a" { 1 }
let b = if case.host == "a" { 1 } else { note "x" }
let c = if case.host == "a" { case.owner } else { none }
let d: Int = if case.host == "a" { 1 } else { "two" }
note "{c.is_some} {d}"
"#
    else_arms r#"
let a = case.owner else "a@example.com"
let b = case.owner else 3
let c = case.risk else {
  note "none"
  0
}
let d = case.risk else none
let e = okta.user(case.user) else OktaUser { id: "x", status: "gone" }
do okta.suspend(case.user) else note "could not"
do okta.suspend(case.user) else { note "could not" }
note "{a} {c} {d.is_some} {e.status}"
"#
    a_step_whose_failure_is_forgotten r#"
step cut_off {
  do okta.suspend("a") for 4h
  do okta.suspend("b") for 4h
} else { }
"#
}
