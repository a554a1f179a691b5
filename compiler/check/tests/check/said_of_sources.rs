//! Sources, connectors, events and documents: what comes from outside.

says! {
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
}

playbook_says! {
    addresses r#"
if case.ip in 10.0.0.0/8 or case.ip in [10.0.0.0/8, ::1/128] or case.ip in [10.0.0.1] { note "a" }
if case.host in 10.0.0.0/8 { note "b" }
if case.ip in ["10.0.0.1"] { note "c" }
if case.ip == ::ffff:10.0.0.1 { note "d" }
if case.host in case.host { note "e" }
if "x" in case.tags { note "f" }
"#
}
