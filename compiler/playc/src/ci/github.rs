//! For a job of GitHub Actions: workflow commands, which show each complaint in its line of the pull request.

use std::fmt::Write as _;

use play_diagnostics::github::{data, property, to_github};

use super::Report;
use crate::output::safe;
use crate::project::shown;

/// The commands, one a line; nothing when all is fine.
pub fn commands(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for path in &report.not_laid {
        let file = property(path);
        let _ = writeln!(
            out,
            "::error file={file},line=1,title=not laid out::Run `playc fmt`, and commit what it did."
        );
    }
    out.push_str(&to_github(&report.findings, &report.files));
    if let Some(caps) = report.stale() {
        let lines: Vec<String> = caps.changes.iter().map(|l| safe(l)).collect();
        let text = data(&format!("{}\n{}", caps.verdict(), lines.join("\n")));
        let _ = writeln!(out, "::error file={},title=play.caps::{text}", property(&shown(&caps.path)));
    }
    for case in report.failed_tests() {
        let title = property(&safe(&case.title));
        for (at, what) in &case.failures {
            let (file, line) = place(at).unwrap_or((case.file.as_str(), case.line));
            let _ = writeln!(
                out,
                "::error file={},line={line},title=test {title}::{}",
                property(file),
                data(&safe(what))
            );
        }
    }
    let nothing = report.tests.is_empty() && report.caps.is_some();
    if let (Some(step), true) = (report.steps.last(), nothing) {
        let _ = writeln!(out, "::error title=no tests::{}", data(&step.what));
    }
    out
}

/// Path and line of `path:line:column`.
fn place(at: &str) -> Option<(&str, usize)> {
    let (rest, _) = at.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    Some((file, line.parse().ok()?))
}
