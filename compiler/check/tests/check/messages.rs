//! What is said of a mistake.

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
    /// A guard of which a line could not be read is not said to let nothing through.
    a_condition_of_a_guard_after_if r#"
guard suspensions_of_alerts for Alert covers okta.suspend {
  allow if case.severity >= High
}
"#
    /// A field that may be none need not cost the record, where no source leaves it out.
    a_record_dropped_for_a_field_that_may_be_none r#"
case One { a: String?, b: String?, c: Int, d: String? }
source ones from feed("one") -> One {
  map {
    a = payload.a as String?
    b = payload.x as String else payload.b?
    c = payload.c as Int?
    d = payload.d as String
  }
}
case Two { a: String?, b: String? }
source twos from feed("two") -> Two {
  map { a = payload.a as String?, b = payload.b as String? }
}
source others from feed("other") -> Two {
  map { a = payload.a as String else none }
}
case Three { a: String?, b: String?, c: String? }
source threes from feed("three") -> Three {
  map {
    a = (payload.a as String?)
    b = payload.x as String else ((payload.b) as String ?)
    c = payload.c as String else none
  }
}
"#
    /// In each branch there is a cast of its own; where one leaves the field out, it may be none for the sake of that.
    a_record_dropped_in_a_branch r#"
enum Way { In, Out, Both }
case One { a: String?, b: String?, c: Int?, d: String?, e: String? }
source ones from feed("one") -> One {
  map {
    a = if payload.n as Int? > 1 { payload.a as String? } else { payload.b as String? }
    b = match payload.way as Way? {
      In => payload.in as String?,
      Out => if let b = payload.b as String { b } else { (payload.o as String?) },
      Both => {
        let way = "both"
        "{way}"
      },
    }
    c = if payload.n as Int? > 1 { payload.c as Int? } else { none }
    d = if let d = payload.d as String { d } else { payload.n as String else none }
    e = if (payload.n as Int?) > 1 { "one" } else { "more" }
  }
}
"#
    a_document_in_a_case r#"
type Raw { body: Json? }
case Mail { raw: Json, parts: [Raw], subject: String }
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
    declared_twice r#"
enum Verdict { Good, Bad }
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
    an_unknown_name_is_told_once_and_does_not_spread r#"
fn total(xs: [Int]) -> Int {
  let sum = xz.sum() else 0
  let double = sum * 2
  double + sum
}
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
    functions_may_give_up r#"
fn domain(mail: Email?) -> Domain? { mail?.domain }
fn local(mail: Email?) -> String? { mail?.local }
fn shout(mail: Email?) -> String? { mail?.local?.upper() }
fn first(xs: [Int]) -> Int? { xs.first? + 1 }
fn sure(xs: [Int]) -> Int { xs.first? }
"#
    a_source r#"
source edr from feed("edr") -> Alert {
  accept payload.kind
  accept payload.kind as String? == "alert"
  dedup by payload.id within "1h"
  map {
    id    = payload.id as String?
    host  = payload.host
    ip    = payload.ip as Ip
    ip    = payload.ip as Ip?
    owner = payload.owner as Email else none
    risk  = case.severity
    colour = "red"
  }
}
"#
    a_source_that_is_fine r#"
source edr from feed("edr") -> Alert {
  accept payload.kind as String? == "alert" and payload.host.exists
  dedup by payload.id as String? within 1h
  map {
    severity = if (payload.risk as Int else 0) > 5 { High } else { Low }
    host  = payload.host?
    ip    = payload["ip addresses"][0]?
    user  = payload.user as OktaUserId?
    owner = payload.owner else none
    tags  = payload.tags else []
  }
}
"#
    a_connector r#"
connector edr {
  config { token: String, colour: Ip }
  auth bearer config.tokn

  read host(id: String, unused: Int) -> String
    GET "hosts/{id}" query { q: id, all: [id] } header { "Authorization": id }
    expect 200 -> body.name
    expect 200 -> body.name as Int?
    expect 99 -> body
    class contain

  write isolate(id: String) -> Unit
    FETCH "/hosts/{id}"
    undo host(id)
    class contian
}
"#
    a_connector_that_is_fine r#"
type HostId = String
type Host { id: HostId, name: String, tags: [String], seen: Time? }
connector edr {
  config { base_url: Url, user: String, key: secret String }
  auth basic config.user config.key

  read host(id: HostId, since: Time?) -> Host
    GET "/hosts/{id}" query { since: since }
    expect 200 -> body.host
    expect 206 -> Host { id: id, name: body.name?, tags: body.tags as [String]?, seen: body.seen as Time else none }

  read find(name: String) -> HostId?
    POST "/find" json { filter: { name: name, kinds: ["server", name] }, limit: 1 }
    expect 200 -> body.hits[0].id as HostId else none
    expect 404 -> none

  write isolate(id: HostId) -> Unit
    POST "/hosts/{id}/isolate"
    expect 204
    undo release(id)
    idempotent by id
    class contain

  write release(id: HostId) -> Int
    POST "/hosts/{id}/release"
    expect 200 -> status
    class restore
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
    what_a_configuration_holds_is_followed_into_a_case r#"
config { desk: Email pii = "desk@example.com" }
case Login { to: Email, owner: Email pii }
source s from feed("x") -> Login {
  map {
    to = config.desk
    owner = config.desk
  }
}
"#
    paths_into_documents r#"
fn f(x: Json, y: String) -> [String] {
  let a = x.path("a.b[0][12].c") as String else "none"
  let b = x.path("/a~1b/0/odd name") as String else "none"
  let c = x.path("a..b") as String else ""
  let d = x.path("a[x]") as String else ""
  let e = x.path("a[0") as String else ""
  let g = x.path("a[0]b") as String else ""
  let h = x.path(y) as String else ""
  let i = x.path("a.{y}") as String else ""
  let j = x.path() as String else ""
  [a, b, c, d, e, g, h, i, j]
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
    events r#"
case T { s: String }
connector x {
  config { base_url: Url }
  read r(q: String) -> Int
    GET "/r/{q}"
    expect 200 -> body
  event fine(id: String) -> Int
    accept payload.kind as String? == "fine" -> payload.n
    match id = payload.id?
  event none_said(id: String) -> Int
    match id = payload.id?
  event no_key(id: String) -> Int
    accept payload.a.exists -> payload.n
    match ip = payload.id?
  event no_result() -> Int
    accept payload.a.exists
  event asked() -> Unit
    GET "/x"
    accept payload.a.exists
    accept payload.b.exists
  read late(q: String) -> Int
    GET "/l/{q}"
    expect 200 -> body
    accept body.exists
}
playbook p for T {
  let one = wait x.fine(case.s) else 1
  let two = wait x.fine(case.s) within 100d else 1
  let three = wait x.fine(case.s) every 1m within 5d else 1
  let four = wait x.fine(case.s) within 5d
  let five = wait x.fine(1) within 5d else 1
  let six = x.fine(case.s) else 1
  close FalsePositive because "{one} {two} {three} {four} {five} {six}"
}
test "t" {
  given T { s: "s" }
  given x.fine(_) arrives after 1h
  given x.fine(_) returns 1
  given x.fine(_) arrives 1 then arrives 2
  given x.r(_) arrives 1
  run p
  expect closed FalsePositive
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
    a_test_that_cannot_be_read_lacks_nothing r#"
playbook triage for Alert { close FalsePositive because "{case.host}" }
test "on one line" { given Alert { host: "web-1" } run triage expect closed FalsePositive }
test "nothing" {
}
"#
    what_is_passed_on_keeps_its_labels r#"
type Account { mail: Email pii, id: String, note: String }
connector x {
  config { base_url: Url }
  read of(id: Email) -> String pii
    GET "/of" query { id: id }
    expect 200 -> body.id as String?
  read echo(id: Email pii, note: String pii) -> Account
    GET "/echo" query { id: id, note: note }
    expect 200 -> Account { mail: id, id: "1", note: note }
  read fine(id: Email pii) -> String pii
    GET "/echo" query { id: id }
    expect 200 -> "{id}"
  write cut(id: Email pii) -> String
    POST "/cut" json { id: id }
    expect 200 -> body.id as String?
    snapshot before = of(id)
    verify of(id) is answer != "" -> answer
    undo join(id, before, result)
    class contain
  write join(id: Email, before: String, run: String trusted) -> Unit
    POST "/join" json { id: id, q: "x {run}", before: before }
    expect 200
    class restore
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
    failures r#"
let user = okta.user(case.user)
let n = case.host as Int
let x = case.host as Int?
let y = okta.user(case.user)?
note "{user.status} {n} {x} {y.status} {okta.user(case.user) else none}"
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
    conditions r#"
if case.host { note "a" }
if case.tags { note "b" }
if case.severity { note "c" }
if case.host == "a" and case.risk { note "d" }
if not case.severity == High { note "e" }
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
    addresses r#"
if case.ip in 10.0.0.0/8 or case.ip in [10.0.0.0/8, ::1/128] or case.ip in [10.0.0.1] { note "a" }
if case.host in 10.0.0.0/8 { note "b" }
if case.ip in ["10.0.0.1"] { note "c" }
if case.ip == ::ffff:10.0.0.1 { note "d" }
if case.host in case.host { note "e" }
if "x" in case.tags { note "f" }
"#
    a_name_keeps_its_value r#"
let a = 1
let a = 2
if let a = case.owner { note "{a}" }
note "{a} {hots} {host} {cas.host} {otka.user} {verdict}"
"#
}

says! {
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
}

says! {
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
}

says! {
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
}

says! {
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

says! {
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
}

says! {
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

says! {
    /// Personal data in notes, reasons, fields and arguments, by way of names, functions, records, lists and failures.
    personal_data r#"
case Login { user: Email pii, host: String, others: [Email] pii, seen: String? }
type Person { id: String, mail: Email pii }
type Pair { left: String, right: String }
connector people {
  config { base_url: Url }
  read person(id: Email pii) -> Person
    GET "/{id}"
    expect 200 -> body
  write tell(text: String) -> String
    POST "/tell" json { text: text }
    expect 200 -> body
    class notify
}
fn greeting(name: String, host: String) -> Pair { Pair { left: "dear {name}", right: host } }
fn mail_of(person: Person) -> Email { person.mail }
procedure told(what: String) { note "told {what}" }
playbook odd for Login {
  let who = case.user
  note "it was {who} on {case.host}"
  let pair = greeting(who.text, case.host)
  note pair.right
  note pair.left
  let person = people.person(case.user) else hand over to queue.tier2 because "unknown: {failure.words}"
  note person.id
  let all = [mail_of(person)] + case.others
  for mail in all { do people.tell("{case.others.len} of {mail}") else "" }
  set title = who.text because "named"
  set seen = case.host because "seen"
  if case.user == person.mail { note "the same, on {case.host}" }
  told(person.mail.text)
  let shown = reveal case.user because "the desk calls {case.host}"
  note "it was {shown}"
  close FalsePositive because "{all.first.is_some} {case.others.first?.text else "nobody"}"
}
"#
    /// Text from outside in what another system runs; what has a form of its own may stand there.
    text_from_outside r#"
case Seen { host: String, ip: Ip, port: Int }
connector siem {
  config { base_url: Url }
  read search(query: String trusted) -> [String]
    GET "/search" query { q: query }
    expect 200 -> body
  read find(name: String) -> String
    GET "/find/{name}" query { filter: "name eq {name}", name: name }
    expect 200 -> body
  read count(field: String trusted, ip: Ip) -> Int
    GET "/count" query { filter: "{field} eq {ip}" }
    expect 200 -> body
}
const by_host = "host ="
playbook p for Seen {
  let one = siem.search("ip = {case.ip} port = {case.port}") else []
  let query = "{by_host} {case.host}"
  let two = siem.search(query) else []
  let three = siem.search(one.first else "none") else []
  let four = siem.find(case.host) else ""
  let five = siem.count("src", case.ip) else 0
  close FalsePositive because "{one.len} {two.len} {three.len} {four} {five}"
}
"#
    labels_in_the_wrong_place r#"
case Leak { key: secret String, name: String trusted }
fn f(x: String pii) -> String { x }
connector c {
  config { base_url: Url, name: String pii }
  read get(x: String untrusted) -> String secret
    GET "/{x}"
    expect 200 -> body
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

playbook_says! {
    a_step_whose_failure_is_forgotten r#"
step cut_off {
  do okta.suspend("a") for 4h
  do okta.suspend("b") for 4h
} else { }
"#
    terms_of_a_call_stand_in_the_help r#"
okta.suspend("a") for 8h else none
"#
}
