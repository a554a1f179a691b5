//! Tests that say how far a playbook may go by itself, and tests out of runs that were driven so.

use play_tests::{playc, store};

const PROGRAM: &str = r#"
connector desk {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/block" json { q: q }
    expect 200 -> body
    undo free(q)
    class change
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    class restore
}
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
queue q
role lead
guard blocks covers desk.block { never when act.q == "never"  allow }
guard frees covers desk.free { allow }
playbook p for T {
  do desk.block(case.q) for 2h else hand over to queue.q because "not blocked: {failure.words}"
  let said = do desk.block("{case.q}2") else "nothing"
  close TruePositive because "blocked: {said}"
}
"#;

/// What a test comes to behind the case.
fn test(lines: &str) -> playc::Ran {
    playc::test(&format!("{PROGRAM}test \"it\" {{\n  given T {{ q: \"a\" }}\n{lines}\n}}\n"))
}

#[test]
fn a_test_says_how_its_run_is_driven() {
    for lines in [
        "run p as shadow\nexpect would desk.block(\"a\")\nexpect never would desk.free\nexpect never desk.block\n\
         expect because contains \"the result of desk.block\"",
        "run p as automatic\nexpect did desk.block(\"a\")\nexpect never would desk.block",
        "given role.lead approves because \"yes\" after 5m\nrun p as supervised by role.lead within 1h\n\
         expect did desk.block times 2\nexpect asked role.lead times 2\nexpect elapsed == 10m",
        "run p as supervised by role.lead within 1h\nexpect never desk.block\nexpect handed over to queue.q\n\
         expect refused desk.block\nexpect elapsed == 1h",
    ] {
        let ran = test(lines);
        assert_eq!(ran.code, 0, "{lines}\n{ran:?}");
    }
    for (lines, why) in [
        ("run p as shadow\nexpect did desk.block", "expected `do desk.block`, but what was done is: nothing"),
        ("run p\nexpect would desk.block", "this is no shadow run"),
        ("run p as shadow\nexpect never would desk.block", "would not be done, but what would be is"),
        (
            "run p as shadow\nexpect closed TruePositive",
            "the shadow run ended where it would need the result of",
        ),
        ("run p as shadw\nexpect would desk.block", "Did you mean `shadow`?"),
        ("run p as supervised\nexpect never desk.block", "Write `as supervised by role.NAME within 4h`."),
        (
            "run p as shadow by role.lead within 1h\nexpect would desk.block",
            "a run that is shadow asks nobody",
        ),
        ("run p as supervised by queue.q within 1h\nexpect never desk.block", "a role is asked"),
        ("run p as supervised by role.laed within 1h\nexpect never desk.block", "there is no role `laed`"),
    ] {
        let ran = test(lines);
        assert_eq!(ran.code, 1, "{lines}\n{ran:?}");
        let text = format!("{}{}", ran.out, ran.err);
        assert!(text.contains(why), "{why}\n{text}");
    }
}

#[test]
fn only_the_role_that_supervises_approves_for_it() {
    let asks = |role: &str| {
        let asks = format!(
            "  approve desk.block(case.q) from role.{role} within 30m because \"{{case.q}}\" else close Duplicate because \"no\"\n"
        );
        let program = PROGRAM.replace("role lead\n", "role lead\nrole analyst\n");
        program.replacen("playbook p for T {\n", &format!("playbook p for T {{\n{asks}"), 1)
    };
    let said = "  given T { q: \"a\" }\n  given role.ROLE approves desk.block(\"a\") because \"yes\" after 5m\n\
                \x20 run p as supervised by role.lead within 1h\n";
    let another = playc::test(&format!(
        "{}test \"it\" {{\n{}  expect never desk.block\n  expect asked role.lead\n  expect elapsed == 65m\n}}\n",
        asks("analyst"),
        said.replace("ROLE", "analyst")
    ));
    assert_eq!(another.code, 0, "{another:?}");
    let the_same = playc::test(&format!(
        "{}test \"it\" {{\n{}  expect did desk.block(\"a\")\n}}\n",
        asks("lead"),
        said.replace("ROLE", "lead")
    ));
    assert_eq!(the_same.code, 0, "{the_same:?}");
}

#[test]
fn a_run_becomes_a_test_that_is_driven_like_it() {
    for (settings, decision, expected) in [
        ("autonomy = \"shadow\"", None, "  run p as shadow\n  expect would desk.block(\"a\")\n"),
        (
            "autonomy = \"supervised\"\napproval = \"role.lead\"\nwithin = \"1h\"",
            Some("deny"),
            "  run p as supervised by role.lead within 1h\n  expect refused desk.block\n  expect handed over to queue.q\n",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        for (name, text) in [
            ("p.play", PROGRAM),
            ("play.toml", &format!("[playbooks.p]\n{settings}\n")),
            ("alerts.jsonl", "{\"q\":\"a\"}\n"),
            (
                "stubs.json",
                r#"[{ "call": "desk.block", "returns": "b" }, { "call": "desk.free", "returns": "f" }]"#,
            ),
        ] {
            std::fs::write(here.join(name), text).unwrap();
        }
        let at = |words: &[&str]| playc::ran(playc::command(words).current_dir(here).output());
        let ran = at(&["run", ".", "--alert", "alerts.jsonl", "--stub", "stubs.json", "--store", "s"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let run = store::runs(&here.join("s"))[0]["run"].as_str().unwrap().to_string();
        if let Some(decision) = decision {
            let says = ["--by", "ada", "--because", "no", "--stub", "stubs.json", "--store", "s"];
            let ran = at(&[&[decision, &run], says.as_slice()].concat());
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        let ran = at(&["test", ".", "--from-trace", &run, "--store", "s"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains(expected), "{}", ran.out);
    }
}
