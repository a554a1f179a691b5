//! Values, types and names: what they are, and what is computed with them.

says! {
    /// A text beside something else is text, and not a value of that badly written.
    a_text_joined_to_something_else r#"
case Login { user: OktaUserId, ip: Ip, country: String?, hits: Int, seen: Time }
use std.connectors.okta
playbook triage for Login {
  note "ip " + case.ip
  note case.ip + " is bad"
  note "at " + case.opened
  note "user " + case.user
  note "hits " + case.hits
  note "%s is bad" % case.ip
  let later = case.seen + "1h"
  close FalsePositive because "{later}"
}
"#
    /// What is taken where something is absent, and one of several, as other languages write them.
    an_or_that_joins_no_conditions r#"
case Login { country: String?, city: String, hits: Int? }
source vpn from feed("vpn") -> Login {
  map {
    country = payload.country or none
    city    = payload.city as String?
    hits    = payload.hits as Int else none
  }
}
playbook triage for Login {
  let hits = case.hits or 0
  if case.country == "DE" or "FR" { note "a {hits}" }
  if case.city == "Bonn" or "Metz" { note "b" }
  if case.city == "Bonn" or "Metz" and case.city != "x" { note "c" }
  close FalsePositive because "done"
}
"#
    /// A conversion to something else than is wanted is another conversion, and not one more.
    a_conversion_to_another_type r#"
case Login { at: Time, hits: Int, severity_of_it: Severity, name: String? }
source vpn from feed("vpn") -> Login {
  map {
    at             = payload.at as Int?
    hits           = payload.hits as String?
    severity_of_it = payload.get("severity", "x")
    name           = payload.name as Int else none
  }
}
playbook triage for Login {
  if case.severity_of_it == "high" { note "a" }
  if case.severity_of_it == "urgent" { note "b" }
  if case.name.lower() == "x" { note "c" }
  close FalsePositive because "done"
}
test "a test expects" {
  given Login { at: 2026-11-20T12:00Z, hits: 1, severity_of_it: High }
  run triage
  expect close FalsePositive
  expect do okta.suspend("x")
  expect hand over to queue.tier1
}
"#
    recursive_functions r#"
fn even(n: Int) -> Bool { n == 0 or odd(n - 1) }
fn odd(n: Int) -> Bool { n != 0 and even(n - 1) }
fn also_calls(n: Int) -> Bool { even(n) }
"#
    recursive_constants r#"
const a = b + 1
const b = a - 1
"#
    recursive_records r#"
type Folder { name: String, files: [Entry] }
type Entry { size: Size, folder: Folder? }
"#
    operators r#"
fn wrong(s: String, n: Int, f: Float, t: Time, d: Duration, e: Verdict) -> Bool {
  let a = s + n
  let b = n + f
  let c = t + t
  let g = d * d
  let h = s < s
  let i = e < e
  let j = s == n
  let k = s in s
  let l = s matches "^a"
  let m = n matches /a/
  a == b
}
"#
    literals_adapt r#"
type Host = String
type Port = Int
type Rule { from: Email, site: Url, zone: Domain, digest: Hash, host: Host, port: Port, share: Float, net: Cidr }
const rule = Rule {
  from: "a@example.com", site: "https://example.com/x", zone: "example.com", digest: "d41d8cd98f00b204e9800998ecf8427e"
  host: "web-1", port: 443, share: 1, net: 10.0.0.0/8
}
fn is_web(r: Rule) -> Bool { (r.host == "web-1" or "web-2" == r.host) and (r.port == 443 or 8443 == r.port) and r.share > 0 }
"#
    literals_that_do_not r#"
type Host = String
const a: Ip = "192.0.2.1"
const b: Email = "nobody"
const c: Duration = "5m"
const d: Severity = "High"
const e: Cidr = 10.1.2.3/8
const f: Int = "5"
const g: Int = 2.5
const h: [Host] = ["a", 1]
const i: Time = "yesterday"
"#
    newtypes r#"
type Host = String
type User = String
fn same(h: Host, u: User, s: String) -> Bool { h == u or h == s or h == Host(s) or h.value == s or h.len > 3 }
const one: Host = Host("a", "b")
"#
    call_arguments r#"
fn pick(a: Int, b: Int?, c: String) -> Int { if c.is_empty { a } else { b else 0 } }
const fine = pick(1, c: "x")
const few = pick(1)
const many = pick(1, 2, "x", 4)
const unknown = pick(1, d: 3, c: "x")
const twice = pick(1, a: 3, c: "x")
const wrong = pick("1", 2, 3)
"#
    built_in_functions r#"
fn wrong(s: String, xs: [Int], o: String?) -> Int {
  let a = s.lenght
  let b = s.len()
  let c = s.lower
  let d = s.contains(3)
  let e = xs.any(x => x)
  let f = xs.sorted()
  let g = o.len
  let h = xs[0]
  let i = xs.filter(3)
  let j = s?.len
  1
}
"#
    what_is_brought_in_for_nothing r#"
use std.connectors.{okta, aws, chat}
use std.connectors.ipintel
use std.roles
use std.controls.soc2
playbook p for Alert {
  do chat.post(channel: "a", text: "b") else none
  hand over to queue.tier1 because "{case.host}"
}
"#
    numbers_that_were_tested r#"
type Score = Int 0..100
fn f(n: Int 0..100) -> Int { n }
fn g(n: Int) -> Int { if n >= 0 and n <= 100 { f(n) } else if n > 100 and 1_000 >= n { f(n - 900) } else { f(n) } }
fn h(n: Int) -> Int { if n < 0 or n > 100 { 0 } else { f(n) } }
fn i(n: Int) -> Int { if n >= 0 or n <= 100 { f(n) } else { 0 } }
fn j(n: Int?) -> Int { if n != none and n >= 0 and n <= 100 { f(n) } else { 0 } }
fn k(n: Int) -> Score? { if not (n < 0) and n <= 100 { Score(n) } else { none } }
fn l(s: Score) -> Int { f(s.value) }
const top: Score = 101
playbook p for Alert {
  let risk = case.risk else hand over to queue.q because "a"
  if risk < 0 or risk > 100 { hand over to queue.q because "b" }
  note "{f(risk)}"
  if case.tags.len <= 100 { note "{f(case.tags.len)}" }
  close FalsePositive because "c"
}
"#
    numbers_that_are_set_are_other_numbers r#"
case Login { n: Int }
fn f(n: Int 0..100) -> Int { n }
playbook p for Login {
  if case.n >= 0 and case.n <= 100 {
    note "{f(case.n)}"
    set n = case.n * 2 because "a"
    note "{f(case.n)}"
  }
  close FalsePositive because "b"
}
"#
}

playbook_says! {
    conditions r#"
if case.host { note "a" }
if case.tags { note "b" }
if case.severity { note "c" }
if case.host == "a" and case.risk { note "d" }
if not case.severity == High { note "e" }
"#
    members r#"
let v = verdict(case.risk)
if v == Malicous { note "a" }
if v == Verdict.Clean { note "b" }
if v == High { note "c" }
if v in [Clean, Suspicious] { note "d" }
match v { Clean => note "e", High => note "f", _ => note "g" }
"#
    patterns r#"
match case.severity { High | Critical => note "a" }
match case.risk { 1 => note "b", none => note "c" }
match case.host { "a" => note "d", "a" => note "e", 3 => note "f", _ => note "g", _ => note "h" }
match case.owner { none => note "i", "a@example.com" => note "j", _ => note "k" }
match verdict(case.risk) { Clean => note "l", Suspicious => note "m", Malicious => note "n", _ => note "o" }
match case.tags { _ => note "p" }
let x = match case.risk { none => 0, 1 => "one", _ => 2 }
"#
    lists r#"
let a = []
let b = [1, "two"]
let c = [case.risk, 3]
let d = for t in case.tags { t.len }
let e = for t in case.host { t }
let f: [Int] = for t in case.tags { t.len }
let g = case.tags + ["x"]
let h = case.tags + "x"
note "{c.present().sum() else 0} {d.sum() else 0} {f.len} {g.len}"
"#
    nobody_uses_it r#"
let a = case.host.len
let b = okta.user(case.user) else none
let c = do okta.suspend(case.user) for 4h else none
let _d = okta.user(case.user) else none
let _ = do okta.suspend(case.user) for 4h else none
for t in case.tags { note "x" }
if let o = case.owner { note "x" }
let n = case.tags.count(t => true)
okta.user(case.user) else none
okta.user(case.user) else hand over to queue.tier2 because "no such user"
case.severity == High
note "{n}"
"#
    a_name_keeps_its_value r#"
let a = 1
let a = 2
if let a = case.owner { note "{a}" }
note "{a} {hots} {host} {cas.host} {otka.user} {verdict}"
"#
}
