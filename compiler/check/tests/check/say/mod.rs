//! A test is one piece of source; its snapshot shows the source and what is said of it.

use play_check::{Input, check};
use play_diagnostics::text::{Style, render};
use play_program::artifact::SourceFile;

/// Declarations that most tests need.
pub(crate) const PRELUDE: &str = r#"
use std.connectors.okta
case Alert { host: String, ip: Ip, user: OktaUserId, owner: Email?, risk: Int?, tags: [String] }
enum Verdict { Clean, Suspicious, Malicious }
fn verdict(risk: Int?) -> Verdict { if (risk else 0) > 3 { Malicious } else { Clean } }
guard suspensions covers okta.suspend { limit 20 per 1h  allow }
"#;

pub(crate) fn shown(files: &[(&str, &str)]) -> String {
    let files =
        files.iter().map(|(path, text)| SourceFile { path: (*path).into(), text: (*text).into() }).collect();
    let checked = check(&Input { project: "test".into(), files }, &play_stdlib::module);
    let shown =
        render(&checked.diagnostics, &checked.files, Style { color: false, width: 100, plain: false });
    assert_eq!(shown.contains("Error:") || shown.contains("error"), checked.program.is_none(), "{shown}");
    // Blanks at line ends would be lost in editors.
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    if checked.diagnostics.is_empty() { "nothing is wrong".into() } else { lines.join("\n") }
}

macro_rules! says {
    ($($(#[$doc:meta])* $name:ident $source:literal)*) => {
        $($(#[$doc])* #[test] fn $name() {
            let source = $source.trim();
            let shown = $crate::say::shown(&[("test.play", source), ("prelude.play", $crate::say::PRELUDE)]);
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "messages" }, {
                insta::assert_snapshot!(stringify!($name), format!("{source}\n\n{shown}"));
            });
        })*
    };
}

macro_rules! playbook_says {
    ($($(#[$doc:meta])* $name:ident $source:literal)*) => {
        $($(#[$doc])* #[test] fn $name() {
            let body = $source.trim().replace('\n', "\n  ");
            let source = format!("playbook triage for Alert {{\n  {body}\n  close FalsePositive because \"done\"\n}}");
            let shown = $crate::say::shown(&[("test.play", &source), ("prelude.play", $crate::say::PRELUDE)]);
            insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "messages" }, {
                insta::assert_snapshot!(stringify!($name), format!("{source}\n\n{shown}"));
            });
        })*
    };
}
