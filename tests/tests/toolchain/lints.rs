//! Lints as a project sets them, and findings that a text allows.

use play_diagnostics::lints;
use play_tests::playc;
use serde_json::Value;

/// What is found of a project with these files.
fn found(files: &[(&str, &str)], format: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        std::fs::write(folder.path().join(path), text).unwrap();
    }
    let words = ["check", "--format", format, "."];
    let ran = playc::ran(playc::command(&words).current_dir(folder.path()).output());
    assert!(ran.code < 2, "{ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

fn codes(found: &Value) -> Vec<&str> {
    found.as_array().unwrap().iter().map(|d| d["code"].as_str().unwrap()).collect()
}

const TEXT: &str = "case T { s: String }
playbook p for T {
  let x = case.s ALLOW
  close Duplicate because \"known\"
}
";

fn with(allow: &str) -> String {
    TEXT.replace("ALLOW", allow)
}

#[test]
fn what_is_allowed_is_not_found_and_is_in_sarif_with_its_reason() {
    assert_eq!(codes(&found(&[("p.play", &with(""))], "json")), ["P9001"]);
    let text = with("// allow: unused-name because it is for later");
    assert_eq!(codes(&found(&[("p.play", &text)], "json")), [""; 0]);
    let log = found(&[("p.play", &text)], "sarif");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "P9001");
    assert_eq!(result["suppressions"][0]["kind"], "inSource");
    // Whoever is strict takes only this for suppressed.
    assert_eq!(result["suppressions"][0]["status"], "accepted");
    assert_eq!(result["suppressions"][0]["justification"], "it is for later");
}

#[test]
fn an_allow_alone_in_its_line_speaks_of_the_next_line_of_code_only() {
    let text = "case T { s: String }
playbook p for T {
  // allow: unused-name because it is for later

  // A comment in between.
  let x = case.s
  let y = case.s
  close Duplicate because \"known\"
}
";
    let found = found(&[("p.play", text)], "json");
    assert_eq!(codes(&found), ["P9001"]);
    assert_eq!(found[0]["span"]["start"]["line"], 7);
}

#[test]
fn an_allow_in_a_text_is_none() {
    let text = with("").replace("\"known\"", "\"// allow: unused-name because no\"");
    assert_eq!(codes(&found(&[("p.play", &text)], "json")), ["P9001"]);
}

#[test]
fn an_error_is_not_allowed_away() {
    let text = with("// allow: unused-name because it is for later").replace("case.s ", "case.zz ");
    assert_eq!(codes(&found(&[("p.play", &text)], "json")), ["P2004"]);
    // A lint that a project counts as an error may be allowed: the text says why.
    let text = with("// allow: unused-name because it is for later");
    let files = [("play.toml", "[lints]\nunused-name = \"error\"\n"), ("p.play", &text)];
    assert_eq!(codes(&found(&files, "json")), [""; 0]);
}

#[test]
fn one_that_is_asked_for_is_told_when_it_is() {
    let text = format!("const quiet = 3\n{}", with("// allow: unused-name because it is for later"));
    assert_eq!(codes(&found(&[("p.play", &text)], "json")), [""; 0]);
    let files = [("play.toml", "[lints]\nunused-declaration = \"warning\"\n"), ("p.play", &text)];
    assert_eq!(codes(&found(&files, "json")), ["P9029"]);
}

#[test]
fn the_manual_lists_all() {
    let page = std::fs::read_to_string(playc::root().join("docs/lints.md")).unwrap();
    for (name, code) in lints::ALL {
        let asked = if lints::OPTIONAL.contains(code) { " (*asked for*)" } else { "" };
        let title = play_diagnostics::explain(code.as_str()).unwrap().title;
        let row = format!("| `{name}` | {code} | {title}{asked} |");
        assert!(page.contains(&row), "{row}");
    }
    assert!(lints::ALL.len() >= 25);
}

/// Writes files, checks with words, and gives what it said and what a file is afterwards.
fn after(files: &[(&str, &str)], words: &[&str], path: &str) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let ran = playc::ran(playc::command(words).current_dir(folder.path()).output());
    let found: Vec<Value> = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
    let line = |d: &Value| {
        format!(
            "{} {} {}",
            d["code"].as_str().unwrap(),
            d["span"]["start"]["line"],
            d["message"].as_str().unwrap()
        )
    };
    (found.iter().map(line).collect(), std::fs::read_to_string(folder.path().join(path)).unwrap())
}

const PACKAGE: &str = "//! People.
enum Shift {
  Day
  /// Deprecated: use `Day`.
  Early
  Night
}

/// A person.
type Person {
  name: String?
  /// Deprecated: use `name`.
  called: String?
  /// Deprecated: use `name`, which is text.
  number: Int?
}

/// Whether it is late.
fn is_late(hour: Int) -> Bool { hour >= 18 }

/// Deprecated: use `is_late`.
fn late(hour: Int) -> Bool { is_late(hour) }

connector desk {
  config { base_url: Url }
  read who(id: String) -> Person
    GET \"/who/{id}\"
    expect 200 -> body
  /// Deprecated: use `who`.
  read whom(id: String) -> Person
    GET \"/who/{id}\"
    expect 200 -> body
  write tell(id: String) -> Unit
    POST \"/tell/{id}\"
    expect 204
    class notify
  /// Deprecated: use `tell`.
  write inform(id: String) -> Unit
    POST \"/inform/{id}\"
    expect 204
    class notify
}
";

const USES: &str = "use people.all

case T { key: String, hour: Int, shift: Shift }

playbook p for T {
  let who = desk.whom(case.key) else hand over to queue.tier2 because \"nobody\"
  let name = who.called else \"nobody\"
  if late(case.hour) and case.shift == Early and who.number == 1 { note \"late\" }
  do desk.inform(case.key) else none
  close FalsePositive because \"{name}\"
}
";

#[test]
fn what_is_deprecated_is_told_where_it_is_named_and_mended_where_another_name_does() {
    let files = [
        ("app/play.toml", "[packages]\npeople = { path = \"../people\" }\n"),
        ("app/p.play", USES),
        ("people/all.play", PACKAGE),
    ];
    let (found, _) = after(&files, &["check", "--format", "json", "app"], "app/p.play");
    assert_eq!(
        found,
        [
            "P9031 6 the action `whom` is deprecated",
            "P9031 7 the field `called` is deprecated",
            "P9031 8 the function `late` is deprecated",
            "P9031 8 the member `Early` is deprecated",
            "P9031 8 the field `number` is deprecated",
            "P9031 9 the action `inform` is deprecated",
        ]
    );
    // What is of one type may still be another value.
    let (left, text) = after(&files, &["check", "--fix", "--format", "json", "app"], "app/p.play");
    assert_eq!((left.len(), text.as_str()), (6, USES), "{left:#?}");
    let (left, text) = after(&files, &["check", "--fix=all", "--format", "json", "app"], "app/p.play");
    assert_eq!(left.len(), 3, "{left:#?}");
    let mended =
        USES.replace("desk.whom", "desk.who").replace("who.called", "who.name").replace("late(", "is_late(");
    assert_eq!(text, mended);
    let head = PACKAGE.replace("//! People.", "//! Deprecated: use `people.others`.");
    let files = [files[0], files[1], ("people/all.play", &head)];
    let (found, _) = after(&files, &["check", "--format", "json", "app"], "app/p.play");
    assert_eq!(found[0], "P9031 1 the module `people.all` is deprecated");
    assert_eq!(found.len(), 7);
}

#[test]
fn what_is_deprecated_may_name_what_is() {
    let text = "/// Deprecated: no more.
const old = 3

/// Deprecated: no more.
fn older(n: Int) -> Int { n + old }

fn newer(n: Int) -> Int { n + old }
";
    let (found, _) = after(&[("p.play", text)], &["check", "--format", "json", "p.play"], "p.play");
    assert_eq!(found, ["P9031 7 the value `old` is deprecated"]);
}

#[test]
fn a_function_whose_parameters_have_other_names_does_not_stand_in_its_place() {
    let text = "/// Deprecated: use `newer`.
fn older(from: Int, to: Int) -> Int { to - from }

fn newer(to: Int, from: Int) -> Int { to - from }

fn late(a: Int, b: Int) -> Int { older(a, b) }
";
    let (found, after) =
        after(&[("p.play", text)], &["check", "--fix=all", "--format", "json", "p.play"], "p.play");
    assert_eq!(found, ["P9031 6 the function `older` is deprecated"]);
    assert_eq!(after, text);
}

#[test]
fn text_of_a_vendor_is_looked_at_as_the_vendor_wrote_it() {
    let text = "const ours = [\"ada@example.com\", \"ben@example.com\"]
const digest = \"d41d8cd98f00b204e9800998ecf8427e\"
const shells = [\"cmd.exe\", \"pwsh.exe\"]

case T { sender: String, made: String, to: Email, hash: Hash, md5: String?, process: String, kind: String, users: [String] }

source t from feed(\"t\") -> T {
  map {
    sender = payload.sender as String?
    made = (payload.made as String?).lower()
    to = payload.to as Email?
    hash = payload.hash as Hash?
    md5 = payload.md5 as String else none
    process = payload.process as String?
    kind = payload.kind as String?
    users = payload.users as [String] else []
  }
}

playbook p for T {
  let sender = case.sender
  let lower = sender.lower()
  if sender in ours { note \"told\" }
  if case.md5 == digest { note \"told\" }
  if case.process in shells { note \"told\" }
  if case.users.any(u => u == \"ada@example.com\") { note \"told\" }
  match case.process { \"calc.exe\" => note \"told\", _ => note \"else\" }
  if lower in ours or case.made in ours or case.to == \"ada@example.com\" or case.to.text in ours { note \"fine\" }
  if case.hash == \"d41d8cd98f00b204e9800998ecf8427e\" or case.process.lower() in shells { note \"fine\" }
  if case.kind == \"user.session.start\" or case.users.map(u => u.lower()).any(u => u in ours) { note \"fine\" }
  close FalsePositive because \"known\"
}
";
    let (found, _) = after(&[("p.play", text)], &["check", "--format", "json", "p.play"], "p.play");
    let lines: Vec<&str> = found.iter().map(|line| &line[..8]).collect();
    assert_eq!(lines, ["P9015 23", "P9015 24", "P9015 25", "P9015 26", "P9015 27"], "{found:#?}");
}

/// Each line that is to be told ends in a comment that says so.
fn told_lines(text: &str) -> Vec<String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| line.ends_with("// told"));
    lines.map(|(_, number): (_, usize)| format!("P9015 {number}")).collect()
}

const EVERYWHERE: &str = r#"use std.connectors.{okta, falcon}

const digest = "d41d8cd98f00b204e9800998ecf8427e"
const ours = ["ada@example.com", "ben@example.com"]

case T { user: OktaUserId, host: FalconHostId, sender: String, senders: [String], process: String, made: String, parsed: String }

fn clean(text: String) -> String { text.trim().replace("<", "") }

fn in_one_case(text: String) -> String { clean(text).lower() }

fn is_ours(text: String) -> Bool { text in ours } // told

fn is_made(text: String) -> Bool { text in ours }

fn is_shell(name: String) -> Bool { name == "cmd.exe" } // told

source t from feed("t") -> T {
  accept (payload.kind as String else "") != "setup.exe" // told
  map {
    user = OktaUserId(payload.user as String?)
    host = FalconHostId(payload.host as String?)
    sender = clean(payload.sender as String?)
    senders = payload.senders.items().map(s => s as String else "")
    process = if payload.image.exists { payload.image as String? } else { "{payload.folder as String?}\\{payload.file as String?}" }
    made = in_one_case(payload.sender as String?)
    parsed = (payload.sender as Email?).text
  }
}

guard suspensions for T covers okta.suspend {
  never when case.sender == "root@example.com" // told
  never when act.id.value == "admin@example.com" // told
  limit 20 per 1h
  allow when case.made == "ada@example.com" or case.parsed == "ada@example.com"
}

guard containments for T covers falcon.contain {
  never when case.process.ends_with("\\sql.exe") // told
  allow
}

procedure look(name: String) for T {
  if name == "calc.exe" { note "told" } // told
}

procedure nobody_calls(name: String) {
  if name == "calc.exe" { note "told" } // told
}

playbook p for T when case.process like "*\\WINWORD.EXE" { // told
  look(case.process)
  if is_ours(clean(case.sender)) or is_made(in_one_case(case.sender)) { note "?" }
  if is_shell(case.process) { note "?" }
  if "{case.sender.trim()}" == "ada@example.com" { note "told" } // told
  if case.senders.contains("ada@example.com") { note "told" } // told
  if "ada@example.com" in case.senders { note "told" } // told
  if case.senders.contains_any(ours) { note "told" } // told
  let first = if let one = case.senders.first { one } else { case.sender }
  if first == "ada@example.com" { note "told" } // told
  if (match case.process { "x" => case.sender, _ => "none" }) == "ada@example.com" { note "told" } // told
  if case.sender.split(",").map(s => s.trim()).any(s => s == "ada@example.com") { note "told" } // told
  if case.sender.contains(digest) { note "told" } // told
  if case.senders.map(s => s.lower()).contains("ada@example.com") { note "fine" }
  if case.process.lower().ends_with("\\sql.exe") or case.made.contains(digest) { note "fine" }
  set sender = case.sender.lower() because "one case"
  if case.sender == "ada@example.com" { note "fine" }
  do okta.suspend(case.user) for 4h else hand over to queue.tier1 because "no"
  do falcon.contain(case.host) for 4h else hand over to queue.tier1 because "no"
  close FalsePositive because "known"
}
"#;

#[test]
fn whose_letters_a_text_has_is_followed_through_functions_fields_and_acts() {
    let (found, _) = after(&[("p.play", EVERYWHERE)], &["check", "--format", "json", "p.play"], "p.play");
    let lines: Vec<String> = found
        .iter()
        .filter(|line| line.starts_with("P9015"))
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(lines, told_lines(EVERYWHERE), "{found:#?}");
}

#[test]
fn what_has_a_word_for_it_is_mended_where_it_stands() {
    let text = "case T { process: String, list: [String], hits: Int }

playbook p for T when case.process like \"*.exe\" {
  if (case.process).contains(\"cmd.exe\") { note \"a\" }
  if case.process.starts_with(\"C:\\\\Temp\") { note \"b\" }
  if case.list.contains(\"cmd.exe\") { note \"c\" }
  if case.process == \"d.exe\" { note \"d\" }
  if \"e.exe\" == case.process { note \"e\" }
  if case.hits > 1 and case.process  ==\"f.exe\" { note \"f\" }
  close FalsePositive because \"x\"
}
";
    let (left, mended) =
        after(&[("p.play", text)], &["check", "--fix=all", "--format", "json", "p.play"], "p.play");
    let expected = text
        .replace(" like ", " ilike ")
        .replace(").contains(", ").contains_ignoring_case(")
        .replace("starts_with(", "starts_with_ignoring_case(")
        .replace("process == \"d.exe\"", "process.equals_ignoring_case(\"d.exe\")")
        .replace("process  ==\"f.exe\"", "process.equals_ignoring_case(\"f.exe\")");
    assert_eq!(mended, expected);
    // A list has no such function, and the other is turned round.
    let told = |line: usize| format!("P9015 {line} Windows does not tell the cases of this name apart");
    assert_eq!(left, [told(6), told(8)]);
}

const NAMED: &str = r#"connector people {
  config { base_url: Url }
  read lowered(id: String) -> String
    GET "/{id}"
    expect 200 -> (body.mail as String?).lower()
    fails NotFound
  read raw(id: String) -> String
    GET "/{id}"
    expect 200 -> body.mail as String?
    fails NotFound
  read same(id: String) -> String
    GET "/{id}"
    expect 200 -> id
    fails NotFound
}

const ours = ["ada@example.com", "ben@example.com"]

case T { process: String, sender: String }

playbook p for T {
  let one = "eve@example.com"
  let shells = ["powershell.exe", "cmd.exe"]
  let also = ours
  if case.sender == one { note "told" } // told
  if case.process in shells { note "told" } // told
  if case.sender in also { note "told" } // told
  if case.sender.lower() == one or case.process.lower() in shells { note "fine" }
  let lowered = people.lowered("a") else { close FalsePositive because "no" }
  let raw = people.raw("a") else { close FalsePositive because "no" }
  let theirs = people.same(case.sender) else { close FalsePositive because "no" }
  let written = people.same("x") else { close FalsePositive because "no" }
  if lowered == "ada@example.com" or written == "ada@example.com" { note "fine" }
  if raw == "ada@example.com" { note "told" } // told
  if theirs == "ada@example.com" { note "told" } // told
  close FalsePositive because "known"
}
"#;

#[test]
fn a_name_is_what_it_is_a_name_for_and_an_answer_what_the_action_makes_of_it() {
    let (found, _) = after(&[("p.play", NAMED)], &["check", "--format", "json", "p.play"], "p.play");
    let lines: Vec<String> = found.iter().map(|line| line[..8].to_string()).collect();
    assert_eq!(lines, told_lines(NAMED), "{found:#?}");
}

#[test]
fn a_code_is_explained_by_its_number_or_by_the_name_of_its_lint() {
    let explain = |word: &str| playc::run(&["explain", word]);
    for (word, title) in
        [("never-true", "P9008: "), ("9008", "P9008: "), ("p9008", "P9008: "), ("5030", "P5030: ")]
    {
        let ran = explain(word);
        assert!(ran.code == 0 && ran.out.starts_with(title), "{word}: {ran:?}");
    }
    for (word, near) in [("nevertrue", "`never-true`"), ("P903", "`P9003`"), ("P5O30", "`P5030`")] {
        let ran = explain(word);
        assert!(ran.code == 2 && ran.err.contains(&format!("did you mean {near}")), "{word}: {ran:?}");
    }
    assert_eq!(explain("\u{1b}[31m").err.matches('\u{1b}').count(), 0);
}
