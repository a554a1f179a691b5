//! What CI systems read of tests: valid by a schema, whatever titles and failures hold.

use std::path::Path;
use std::process::Command;

use play_tests::playc;

/// Fails unless the results of these tests are valid; gives them.
fn valid(path: &str, folder: &Path) -> String {
    let ran = playc::ran(playc::command(&["test", path, "--format", "junit"]).current_dir(folder).output());
    let here = tempfile::tempdir().unwrap();
    let file = here.path().join("junit.xml");
    std::fs::write(&file, &ran.out).unwrap();
    let schema = playc::root().join("tests/junit.xsd");
    let lint =
        Command::new("xmllint").arg("--noout").arg("--schema").arg(schema).arg(&file).output().unwrap();
    assert!(lint.status.success(), "{}\n{}", String::from_utf8_lossy(&lint.stderr), ran.out);
    ran.out
}

#[test]
fn results_of_projects_are_valid() {
    for project in ["examples/impossible-travel", "tests/playbooks/mail"] {
        let text = valid(".", &playc::root().join(project));
        assert!(text.contains("<testcase "), "{project}: {text}");
    }
}

#[test]
fn titles_and_values_from_outside_cannot_break_out() {
    let folder = tempfile::tempdir().unwrap();
    let text = "
case T { s: String }
playbook p for T { close FalsePositive because case.s }
test \"<a> & \\\"b\\\" ]]> \\u{1b}[1m \\u{0} \\u{fffe}\" {
  given T { s: \"</failure><testcase/> \\u{7} \\u{ffff} &amp;\" }
  run p
  expect closed Duplicate
}
test \"fine\" {
  given T { s: \"\" }
  run p
  expect closed FalsePositive
}
";
    std::fs::write(folder.path().join("p.play"), text).unwrap();
    let text = valid("p.play", folder.path());
    assert!(text.contains("failures=\"1\"") && !text.contains("<testcase/>"), "{text}");
    std::fs::write(folder.path().join("none.play"), "case T { s: String }").unwrap();
    valid("none.play", folder.path());
}
