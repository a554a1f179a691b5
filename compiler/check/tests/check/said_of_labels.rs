//! Personal data and text from outside.

says! {
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
