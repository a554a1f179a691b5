//! Conditions that are settled before they are asked, and those that look so and are not.

use play_check::{Input, check};
use play_program::artifact::SourceFile;

const PRELUDE: &str = r#"
use std.connectors.okta
case Alert { host: String, user: OktaUserId, owner: Email?, flag: Bool, risk: Int, ratio: Float, verdict: Verdict, tags: [String] }
enum Verdict { Clean, Suspicious, Malicious }
"#;

/// What is found, one a line: code, line, message, and the lines that are the reason.
fn found(body: &str) -> Vec<String> {
    let text = format!("playbook p for Alert {{\n{body}\nclose FalsePositive because \"done\"\n}}");
    found_in(&text)
}

fn found_in(text: &str) -> Vec<String> {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    let files = vec![file("p.play", text), file("prelude.play", PRELUDE)];
    let checked = check(&Input { project: "conditions".into(), files }, &play_stdlib::module);
    let line = |at: u32| text.get(..at as usize).map_or(0, |before| before.matches('\n').count());
    let shown = checked.diagnostics.iter().map(|d| {
        let since: Vec<String> = d.labels.iter().skip(1).map(|l| line(l.place.start).to_string()).collect();
        let since = if since.is_empty() { String::new() } else { format!(" (line {})", since.join(", ")) };
        let warning = if d.severity == play_diagnostics::Severity::Warning { " warning" } else { "" };
        format!("{}{warning} line {}: {}{since}", d.code, line(d.place().start), d.message)
    });
    shown.collect()
}

#[track_caller]
fn settled(body: &str, expected: &[&str]) {
    assert_eq!(found(body), expected, "{body}");
}

#[track_caller]
fn open(body: &str) {
    settled(body, &[]);
}

#[test]
fn by_what_is_written() {
    settled(r#"if true { note "x" }"#, &["P9007 line 1: `true` is always true"]);
    settled(r#"if 1 + 1 == 2 and case.flag { note "x" }"#, &[]);
    settled(r#"if "a" == "b" { note "x" }"#, &[r#"P9008 line 1: `"a" == "b"` is never true"#]);
    settled(
        r#"if case.host == case.host { note "x" }"#,
        &["P9007 line 1: `case.host == case.host` is always true"],
    );
    settled(
        r#"if case.risk < case.risk { note "x" }"#,
        &["P9008 line 1: `case.risk < case.risk` is never true"],
    );
    settled(r#"if "".is_empty { note "x" }"#, &[r#"P9007 line 1: `"".is_empty` is always true"#]);
    settled(
        r#"if [case.host].is_empty { note "x" }"#,
        &["P9008 line 1: `[case.host].is_empty` is never true"],
    );
    settled(r#"if case.host in [] { note "x" }"#, &["P9008 line 1: `case.host in []` is never true"]);
    // Not a number is not equal to itself.
    open(r#"if case.ratio == case.ratio { note "x" }"#);
    // A setting that is switched by hand.
    assert_eq!(found_in("const debug = false\nfn f(n: Int) -> Int { if debug { n } else { 0 } }"), [""; 0]);
}

#[test]
fn by_the_type() {
    settled(r#"if case.tags.len >= 0 { note "x" }"#, &["P9007 line 1: `case.tags.len >= 0` is always true"]);
    settled(r#"if 0 > case.host.len { note "x" }"#, &["P9008 line 1: `0 > case.host.len` is never true"]);
    settled(
        r#"if case.severity >= Informational { note "x" }"#,
        &["P9007 line 1: `case.severity >= Informational` is always true"],
    );
    settled(
        r#"if case.verdict in [Clean, Suspicious, Malicious] { note "x" }"#,
        &["P9007 line 1: `case.verdict in [Clean, Suspicious, Malicious]` is always true"],
    );
    open(r#"if case.tags.len > 0 { note "x" }"#);
    open(r#"if case.risk >= 0 { note "x" }"#);
}

#[test]
fn by_a_condition_above() {
    settled(
        "if case.risk > 80 { note \"x\" }\nelse if case.risk > 90 { note \"y\" }",
        &["P9008 line 2: `case.risk > 90` is never true (line 1)"],
    );
    settled(
        "if case.verdict == Clean { note \"x\" }\nelse if case.verdict == Clean { note \"y\" }",
        &["P9008 line 2: `case.verdict == Clean` is never true (line 1)"],
    );
    settled(
        "if case.risk > 80 { close TruePositive because \"bad\" }\nif case.risk <= 80 { note \"y\" }",
        &["P9007 line 2: `case.risk <= 80` is always true (line 1)"],
    );
    settled(
        "if let owner = case.owner { if case.owner.is_some { note \"{owner}\" } }",
        &["P9007 line 1: `case.owner.is_some` is always true (line 1)"],
    );
    settled(
        "match case.verdict {\nClean => note \"a\"\n_ => if case.verdict != Clean { note \"b\" }\n}",
        &["P9007 line 3: `case.verdict != Clean` is always true (line 1)"],
    );
    settled(
        "if case.tags.is_empty { note \"x\" } else if case.tags.len > 0 { note \"y\" }",
        &["P9007 line 1: `case.tags.len > 0` is always true (line 1)"],
    );
    settled(
        "for t in case.tags { if t == case.host { if case.host == t { note \"x\" } } }",
        &["P9007 line 1: `case.host == t` is always true (line 1)"],
    );
    // Two together: neither says it alone.
    settled(
        "if case.risk > 3 {\nif case.risk < 5 {\nif case.risk == 4 { note \"x\" }\n}\n}",
        &["P9007 line 3: `case.risk == 4` is always true (line 1, 2)"],
    );
    open("if case.risk > 80 { note \"x\" }\nelse if case.risk > 60 { note \"y\" }");
    open("if case.risk > 80 { note \"x\" }\nif case.risk > 90 { note \"y\" }");
}

#[test]
fn in_one_condition() {
    settled(
        r#"if case.flag and case.flag { note "x" }"#,
        &["P9007 warning line 1: `case.flag` is always true (line 1)"],
    );
    settled(
        r#"if case.flag or not case.flag { note "x" }"#,
        &["P9008 line 1: `case.flag` is never true (line 1)"],
    );
    settled(
        r#"if case.risk < 3 and case.risk > 5 { note "x" }"#,
        &["P9008 line 1: `case.risk > 5` is never true (line 1)"],
    );
    settled(
        r#"if case.risk != 3 or case.risk != 5 { note "x" }"#,
        &["P9007 line 1: `case.risk != 5` is always true (line 1)"],
    );
}

#[test]
fn in_when_and_accept() {
    assert_eq!(
        found_in(
            r#"playbook p for Alert when case.severity == High and case.severity == Low { close FalsePositive because "x" }"#
        ),
        ["P9008 line 0: no case is ever taken: `case.severity == Low` is never true (line 0)"]
    );
    assert_eq!(
        found_in(
            "type R { n: Int }\ncase Mail { n: Int }\nsource mail from feed(\"mail\") -> Mail {\n  accept payload.n.exists\n  accept not payload.n.exists\n  map { n = payload.n as Int? }\n}"
        ),
        ["P9007 line 4: `payload.n.exists` is always true (line 3)"]
    );
    assert_eq!(
        found_in(
            "playbook p for Alert when case.risk > 5 {\n  if case.risk > 3 { note \"x\" }\n  close FalsePositive because \"x\"\n}"
        ),
        ["P9007 line 1: `case.risk > 3` is always true (line 0)"]
    );
}

#[test]
fn a_field_that_is_set_is_asked_anew() {
    open("if case.risk > 3 { set risk = 0 because \"looked at\"\nif case.risk > 3 { note \"x\" } }");
    open(
        "for t in case.tags {\nif case.flag { note t }\nset flag = true because \"seen\"\n}\nif case.flag { note \"x\" }",
    );
    open(
        "if case.risk > 3 {\nfor t in case.tags {\nif case.risk > 3 { note t }\nset risk = t.len because t\n}\n}",
    );
    open("if not case.flag { set flag = true because \"first\" }\nif case.flag { note \"x\" }");
}

#[test]
fn what_is_asked_of_somebody_is_asked_anew() {
    open(
        "if (okta.user(case.user) else none).is_some { note \"x\" }\nif (okta.user(case.user) else none).is_some { note \"y\" }",
    );
}
