//! `playc check --fix`: what is mended, what is left, and that nothing is made worse.

use std::path::Path;

use play_tests::playc::{self, Ran};

fn check(words: &[&str], folder: &Path) -> Ran {
    playc::ran(playc::command(words).current_dir(folder).output())
}

/// A project of one file with this text; what it is after `playc check` with these words.
fn fixed(text: &str, words: &[&str]) -> (Ran, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), text).unwrap();
    let ran = check(&[&["check", "p.play"], words].concat(), folder.path());
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["p.play"], "nothing is left beside it");
    (ran, std::fs::read_to_string(folder.path().join("p.play")).unwrap())
}

const WRONG: &str = "case T { s: String }
playbook p for T {
  if case.s == 'it' && case.s.leng() > 1 { note 'that' }
  close Duplicate because 'known'
}
";

#[test]
fn what_is_beyond_doubt_is_mended() {
    let (ran, text) = fixed(WRONG, &["--fix"]);
    insta::assert_snapshot!(text);
    assert_eq!(ran.code, 1, "{ran:?}");
    insta::assert_snapshot!(ran.err);
}

#[test]
fn all_is_mended_when_all_is_wanted() {
    let (ran, text) = fixed(WRONG, &["--fix=all"]);
    insta::assert_snapshot!(text);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (again, same) = fixed(&text, &["--fix=all"]);
    assert_eq!((again.code, same), (0, text), "there is nothing more to do");
}

/// In a playbook, a mistake whose own fix would bring it back.
const HOPELESS: &str = "  seen == ipintel.lookup(case.ip)";

#[test]
fn a_fix_that_brings_its_finding_back_is_taken_back() {
    let text = format!(
        "use std.connectors.ipintel\nuse std.roles\n\ncase T {{ ip: Ip }}\n\nplaybook p for T {{\n{HOPELESS}\n  close Duplicate because 'known'\n}}\n"
    );
    let (ran, after) = fixed(&text, &["--fix=all"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(after, text.replace("'known'", "\"known\""), "what can be mended is, and the rest stays");
}

#[test]
fn a_file_is_mended_whatever_is_hopeless_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let head = "use std.connectors.ipintel\nuse std.roles\n\ncase T { ip: Ip }\n\n";
    let playbook = |name: &str, line: &str| {
        format!("playbook {name} for T {{\n{line}\n  close Duplicate because 'x'\n}}\n")
    };
    write("a.play", &format!("{head}{}", playbook("p", HOPELESS)));
    // The same finding as in the other file, and here its fix mends it.
    write("b.play", &playbook("q", "  let a = 1 = 2\n  note \"{a}\""));
    let ran = check(&["check", ".", "--fix=all"], folder.path());
    assert!(text("a.play").contains(HOPELESS), "{ran:?}");
    assert!(text("b.play").contains("let a = 1 == 2"), "{ran:?}");
    assert!(!text("a.play").contains('\'') && !text("b.play").contains('\''), "{ran:?}");
}

/// What one fix brings to light may say the same as what it has mended, of another text.
#[test]
fn a_finding_of_the_same_words_elsewhere_is_mended_as_well() {
    let text = "fn f(n: Int?) -> Bool { n else 0 == 5 }\n\nfn g(n: Int?, m: Int?) -> Bool { n else 0 > 3 and m else 0 > 2 }\n";
    let (ran, after) = fixed(text, &["--fix=all"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        after.contains("{ (n else 0) == 5 }") && after.contains("{ (n else 0) > 3 and (m else 0) > 2 }"),
        "{after}"
    );
}

/// What one fix brings to light may say the same of the same text.
#[test]
fn a_mistake_behind_an_equal_one_is_mended_as_well() {
    let elifs = " elif case.n == 2 { note \"b\" }".repeat(12);
    let text = format!(
        "case T {{ n: Int, m: Int }}\n\nplaybook p for T {{\n  if case.n == 1 {{ note \"a\" }}{elifs}\n  close Duplicate because \"known\"\n}}\n"
    );
    let (ran, after) = fixed(&text, &["--fix"]);
    assert!(!after.contains("elif") && after.matches("else if").count() == 12, "{ran:?}");

    let text = "case T { n: Int, m: Int }\n\nplaybook p for T {\n  if case.n is 1 and case.m is 2 and case.n is case.m { note \"a\" }\n  close Duplicate because \"known\"\n}\n";
    let (ran, after) = fixed(text, &["--fix=all"]);
    assert!(after.contains("if case.n == 1 and case.m == 2 and case.n == case.m {"), "{ran:?}");
}

/// Of one declaration so many mistakes are looked for at once, and more after that.
#[test]
fn more_equal_mistakes_than_are_told_at_once_are_mended() {
    let lines: String = (0..120).map(|n| format!("  allow if case.n == {n}\n")).collect();
    let text = format!(
        "use std.connectors.okta\n\ncase T {{ n: Int }}\n\nguard g for T covers okta.suspend {{\n{lines}}}\n"
    );
    let (ran, after) = fixed(&text, &["--fix"]);
    assert_eq!((ran.code, after.matches("allow when").count()), (0, 120), "{}", ran.err);
    assert!(ran.err.contains("120 fixes"), "{}", ran.err);
}

#[test]
fn a_file_full_of_findings_is_mended_in_one_go() {
    let notes: String = (0..3_000).map(|n| format!("  note '{n}'\n")).collect();
    let text =
        format!("case T {{ s: String }}\n\nplaybook p for T {{\n{notes}  close Duplicate because 'x'\n}}\n");
    let (ran, after) = fixed(&text, &["--fix"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("3001 fixes") && !after.contains('\''), "{}", ran.err);
}

#[test]
fn what_looks_like_an_assignment_is_not_made_a_comparison() {
    for (line, fix) in
        [("  severity = High", false), ("  case.severity = High", false), ("  let a = 1 = 2", true)]
    {
        let text = format!(
            "case T {{ s: String }}\n\nplaybook p for T {{\n{line}\n  close Duplicate because \"known\"\n}}\n"
        );
        let (ran, after) = fixed(&text, &["--fix=all"]);
        assert!(ran.out.contains("P1010") || fix, "{ran:?}");
        assert_eq!(after.contains("=="), fix, "{after}");
    }
}

/// A guard with one line more, mended as far as is safe.
fn guarded(line: &str, words: &[&str]) -> String {
    let head = "use std.connectors.okta\n\ncase T { n: Int }\n\nguard g for T covers okta.suspend {\n";
    let (ran, after) = fixed(&format!("{head}  {line}\n  else refuse\n}}\n"), words);
    assert!(words != ["--fix"] || ran.code == 1 || !after.contains(line), "{ran:?}");
    after.strip_prefix(head).unwrap().lines().next().unwrap().trim().to_string()
}

#[test]
fn no_line_of_a_guard_comes_to_allow_what_it_did_not() {
    for line in [
        "approve when case.n > 5",
        "approve if case.n > 5",
        "approve from role.analyst when case.n > 5",
        "let big = case.n > 5",
        "permit when case.n > 5",
        "grant if case.n > 5",
        "accept from role.analyst",
        "alow when case.n > 5",
        "deny when case.n > 5",
        "unless when case.n > 5",
        "unless if case.n > 5",
    ] {
        assert_eq!(guarded(line, &["--fix"]), line, "only who wrote it knows what was meant");
    }
    for line in
        ["approve when case.n > 5", "approve if case.n > 5", "let big = case.n > 5", "grant from role.a"]
    {
        assert_eq!(guarded(line, &["--fix=all"]), line, "what is meant is not known at all");
    }
    assert_eq!(guarded("allow if case.n > 5", &["--fix"]), "allow when case.n > 5");
    assert_eq!(guarded("permit if case.n > 5", &["--fix=all"]), "allow when case.n > 5");
}

#[test]
fn what_a_test_expects_is_not_turned_round() {
    let test = |head: &str, line: &str| {
        format!(
            "{head}case T {{ s: String }}\n\nplaybook p for T {{ close TruePositive because \"known\" }}\n\ntest \"t\" {{\n  given T {{ s: \"a\" }}\n  run p\n  {line}\n}}\n"
        )
    };
    for line in [
        "expect closed != TruePositive",
        "expect closed == case.s",
        "expect closed == 0.5",
        "expect closed or case.s == \"a\"",
        "expect closed(TruePositive, \"because known\", 5)",
    ] {
        let text = test("", line);
        let (ran, after) = fixed(&text, &["--fix=all"]);
        assert_eq!((ran.code, after), (1, text), "{}", ran.out);
    }
    for line in
        ["expect closed == TruePositive", "expect closed(TruePositive)", "expect closed as TruePositive"]
    {
        let (ran, after) = fixed(&test("", line), &["--fix"]);
        assert_eq!((ran.code, after), (0, test("", "expect closed TruePositive")), "{}", ran.out);
    }
    let fine = test("const closed: Int = 5\n\n", "expect closed == 5");
    let (ran, after) = fixed(&fine, &["--fix=all"]);
    assert_eq!((ran.code, after), (0, fine), "{}", ran.out);
}

#[test]
fn how_long_is_waited_is_not_written_twice() {
    let text = "case T { s: String }\n\nplaybook p for T {\n  let a = ask role.analyst \"Was it you?\" { Yes, No } within 5m else No because \"nobody\" within 2h\n  close Duplicate because a.reason\n}\n";
    let (ran, after) = fixed(text, &["--fix=all"]);
    assert_eq!((ran.code, after.as_str()), (1, text), "{}", ran.out);
}

#[test]
fn without_it_nothing_is_written() {
    let (_, text) = fixed(WRONG, &[]);
    assert_eq!(text, WRONG);
}

#[test]
fn a_project_is_mended_and_its_packages_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let package = "const LIMIT: Int = 3\n\nfn f() -> String { 'x' }\n";
    write("common/play.toml", "name = \"common\"\n");
    write("common/c.play", package);
    write("soc/play.toml", "name = \"soc\"\n[packages]\ncommon = { path = \"../common\" }\n");
    write("soc/p.play", "case T { s: String }\nplaybook p for T { close Duplicate because 'why' }\n");
    let _ = check(&["check", "soc", "--fix"], folder.path());
    let text = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert!(text("soc/p.play").contains("because \"why\""), "{}", text("soc/p.play"));
    assert_eq!(text("common/c.play"), package);
}

#[cfg(unix)]
#[test]
fn a_link_stays_one_and_rights_stay_as_they_are() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.play"), folder.path().join("p.play"));
    std::fs::write(&real, WRONG).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("real.play", &link).unwrap();
    let _ = check(&["check", "p.play", "--fix"], folder.path());
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("\"that\""));
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("p.play.playc-new")).unwrap();
    std::fs::write(folder.path().join("p.play"), WRONG).unwrap();
    let ran = check(&["check", "p.play", "--fix"], folder.path());
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("p.play"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("p.play")).unwrap(), WRONG);
}

/// A playbook with this line in it.
fn with_line(line: &str) -> String {
    format!(
        "use std.connectors.{{okta, ipintel}}\n\ncase T {{ user: OktaUserId, ip: Ip, hits: Int, country: String }}\n\nguard g for T covers okta.suspend {{\n  allow\n}}\n\nplaybook p for T {{\n  {line}\n  close Duplicate because \"known\"\n}}\n"
    )
}

/// What is beyond doubt although it is written as elsewhere, and what it becomes.
#[test]
fn habits_from_elsewhere_are_mended_where_they_mean_one_thing() {
    for (line, right) in [
        ("note 'it\\'s known'", "note \"it's known\""),
        ("wait 1 day 2 hours", "wait 1d2h"),
        ("wait \"5m\"", "wait 5m"),
        ("wait 2 weeks", "wait 2w"),
        (
            "do okta.suspend(case.user) for 1h 30m else hand over to queue.t because \"x\"",
            "do okta.suspend(case.user) for 1h30m else hand over to queue.t because \"x\"",
        ),
        (
            "let s = ipintel.lookup(ip=case.ip) else handover to queue.t because f\"of {case.ip}\"",
            "let s = ipintel.lookup(ip: case.ip) else hand over to queue.t because \"of {case.ip}\"",
        ),
        (
            "if case.hits > 3 AND NOT case.ip.is_private { note \"x\" }",
            "if case.hits > 3 and not case.ip.is_private { note \"x\" }",
        ),
        (
            "if case.country in (\"DE\", \"FR\") { note \"x\" }",
            "if case.country in [\"DE\", \"FR\"] { note \"x\" }",
        ),
        ("var n = case.hits", "let n = case.hits"),
        ("note \"\"\"x\"\"\"", "note \"x\""),
    ] {
        let (_, after) = fixed(&with_line(line), &["--fix"]);
        assert_eq!(after, with_line(right), "{line}");
    }
}

/// What could be meant in two ways stays as it is.
#[test]
fn what_has_two_readings_is_not_mended_by_a_safe_fix() {
    for line in [
        "note '{case.ip} is known'",
        "note 'C:\\\\Windows'",
        "note \"a {case.ip!r}\"",
        "note 'it''s known'",
        "if case.hits > 1,000 { note \"x\" }",
        "if case.hits => 3 { note \"x\" }",
        "wait 1 month",
        "wait 30 minutes 1 hour",
    ] {
        let (ran, after) = fixed(&with_line(line), &["--fix"]);
        assert_eq!((ran.code, after), (1, with_line(line)), "{line}");
    }
}

/// No fix breaks a line where nothing begins, or writes an act that nobody wrote.
#[test]
fn no_fix_makes_an_act_of_what_is_none() {
    for line in [
        "undo okta.suspend(case.user)",
        "escalate to queue.tier2",
        "try okta.user(case.user)",
        "let x = \"a\" if case.hits > 3 else \"b\"",
        "limit 20 per 1h per user",
        "wait 1.5 hours",
    ] {
        let (ran, after) = fixed(&with_line(line), &["--fix=all"]);
        assert_eq!((ran.code, after), (1, with_line(line)), "{line}: {ran:?}");
    }
}

/// One habit is one finding: the names that it gives stay known.
#[test]
fn what_is_written_otherwise_gives_its_names_all_the_same() {
    for line in [
        "seen = ipintel.lookup(case.ip) else hand over to queue.t because \"x\"",
        "var seen = ipintel.lookup(case.ip) else hand over to queue.t because \"x\"",
        "let seen: ipintel.lookup(case.ip) else hand over to queue.t because \"x\"",
    ] {
        let text = with_line(&format!("{line}\n  note \"{{seen.score}}\""));
        let (ran, _) = fixed(&text, &["--plain"]);
        assert_eq!(format!("{}{}", ran.out, ran.err).matches("error[").count(), 1, "{ran:?}");
    }
}

/// A `:` for a body, with and without its `}`: no brace is taken away.
#[test]
fn a_colon_before_a_body_becomes_a_brace() {
    let right = with_line("if case.hits > 3 {\n    note \"x\"\n  }");
    for line in ["if case.hits > 3:\n    note \"x\"\n  }", "if case.hits > 3:\n    note \"x\""] {
        let (ran, after) = fixed(&with_line(line), &["--fix=all"]);
        assert_eq!((ran.code, after), (0, right.clone()), "{line}");
    }
}

#[test]
fn nothing_is_added_where_a_brace_is_odd() {
    let text = "case T { n: Int }
enum Way { North, East, West }
fn way(n: Int) -> Way { if n > 1 { North } else { East } }
playbook p for T {
  match way(case.n) {
    North => { note \"a\" }
    }
    East | West => { note \"b\" }
  }
  close Duplicate because 'known'
}
";
    let (ran, after) = fixed(text, &["--fix=all"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("one too many") || ran.out.contains("one too many"), "{ran:?}");
    assert!(!after.contains("West => { }"), "{after}");
    assert_eq!(after.matches('}').count(), text.matches('}').count(), "{after}");
}
