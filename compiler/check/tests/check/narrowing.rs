//! What a test of an option tells, and what is said where it tells nothing.

says! {
    /// Each `.domain` and `+ 1` stands where its option is there.
    a_test_narrows r#"
type Person { name: String, mail: Email?, boss: Email? }

fn by_comparison(p: Person) -> Domain? { if p.mail != none { p.mail.domain } else { none } }
fn by_its_opposite(p: Person) -> Domain? { if p.mail == none { none } else { p.mail.domain } }
fn by_a_property(n: Int?) -> Int { if n.is_some { n + 1 } else { 0 } }
fn by_not(n: Int?) -> Int { if not n.is_none { n + 1 } else { 0 } }
fn by_equality(n: Int?, m: Int) -> Int { if n == m { n + 1 } else { 0 } }
fn by_and(n: Int?, m: Int?) -> Int { if n != none and m != none and n > m { n - m } else { 0 } }
fn by_or(n: Int?, m: Int?) -> Int { if n == none or m == none { 0 } else { n - m } }
fn inside_of_a_condition(n: Int?) -> Bool { n != none and n > 3 }
fn unless_it_is_missing(n: Int?) -> Bool { n == none or n > 3 }
fn by_both_ways(n: Int?, late: Bool) -> Int { if n == 3 or late and n != none { n + 1 } else { 0 } }
fn through_an_optional_record(p: Person?) -> Domain? { if p?.mail != none { p.mail.domain } else { none } }
fn in_a_lambda(n: Int?, all: [Int]) -> Int { if n != none { all.count(x => x > n) } else { 0 } }
fn in_an_arm(n: Int?) -> Int { match n { none => 0, 1 | 2 => n + 1, _ => n + 2 } }
fn in_if_let(p: Person) -> Domain? { if let mail = p.mail { if mail == p.mail { p.mail.domain } else { none } } else { none } }
"#
    what_is_there_is_not_asked_again r#"
type Person { name: String, mail: Email?, boss: Email? }

fn asked(p: Person?) -> String { if p != none { p?.name else "nobody" } else { "nobody" } }
fn handled(n: Int?) -> Int { if n != none { n else 0 } else { 0 } }
fn compared(n: Int?) -> Bool { if n == none { false } else { n != none } }
"#
    where_a_test_tells_nothing r#"
type Person { name: String, mail: Email?, boss: Email? }

fn mail_of(p: Person) -> Email? { p.mail }
fn of_a_call(p: Person) -> Domain? { if mail_of(p) != none { mail_of(p).domain } else { none } }
fn of_another(p: Person) -> Domain? { if p.boss != none { p.mail.domain } else { none } }
fn on_the_wrong_side(n: Int?) -> Int { if n != none { 0 } else { n + 1 } }
fn of_one_of_two(n: Int?, m: Int?) -> Int { if n != none or m != none { n + 1 } else { 0 } }
fn after_the_test(n: Int?) -> Int {
  let there = n != none
  if there { n + 1 } else { 0 }
}
"#
}

playbook_says! {
    an_end_narrows_what_follows r#"
if case.owner == none { close FalsePositive because "nobody owns {case.host}" }
note "{case.owner.domain}"
if let risk = case.risk { note "{risk}" } else { hand over to queue.tier2 because "no risk" }
note "{case.risk + 1}"
"#
    an_else_that_ends_narrows_what_follows r#"
let owner = case.owner else hand over to queue.tier2 because "no owner"
note "{owner} of {case.owner.domain}"
match case.risk {
  none => close FalsePositive because "no risk"
  _ => note "{case.risk + 1}"
}
note "{case.risk + 2}"
"#
    set_narrows_and_widens r#"
set risk = 3 because "known"
note "{case.risk + 1}"
if case.owner != none {
  set owner = none because "it has left"
  note "{case.owner.domain}"
}
"#
    a_branch_that_takes_it_back r#"
if case.owner == none { close FalsePositive because "no owner" } else { set owner = none because "it has left" }
note "{case.owner.domain}"
"#
    a_later_pass r#"
if case.owner == none { close FalsePositive because "no owner" }
for tag in case.tags {
  note "{tag}: {case.owner.domain}"
  set owner = none because "told once"
}
"#
}
