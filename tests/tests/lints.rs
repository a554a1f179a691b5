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
