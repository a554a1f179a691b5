//! Workflow commands: a GitHub Actions job that prints them shows the findings in the changed lines of a pull request.

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, FileName, Severity};
use crate::place::{Lines, path};
use crate::sarif::message;
use crate::text::in_order;

/// The findings, a command a line; nothing when there are none.
#[must_use]
pub fn to_github(diagnostics: &[Diagnostic], files: &[FileName]) -> String {
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    let mut out = String::new();
    for d in in_order(diagnostics) {
        let command = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = d.place();
        let mut at = String::new();
        // Writing to a String cannot fail.
        if let Some(lines) = lines.get(place.file as usize) {
            let (start, end) = (lines.position(place.start), lines.position(place.end.max(place.start)));
            let _ = write!(at, ",line={},endLine={}", start.line, end.line);
            // Columns over several lines are not taken.
            if start.line == end.line {
                let _ = write!(at, ",col={},endColumn={}", start.column, end.column.max(start.column + 1));
            }
        }
        let file = property(path(files, place.file));
        let _ = writeln!(out, "::{command} file={file}{at},title={}::{}", d.code, data(&message(d)));
    }
    out
}

/// The text of a command, which ends with its line.
#[must_use]
pub fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: what divides properties is written otherwise, too.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;
    use crate::registry::codes;

    #[test]
    fn neither_a_path_nor_a_message_can_make_another_command() {
        let files = [FileName { path: "a,b::\n::error::x.play".into(), text: "one\ntwo".into() }];
        let at = Place { file: 0, start: 4, end: 7 };
        let found = Diagnostic::error(codes::P9001, at, "100 %\n::stop-commands::x").help("Why?");
        insta::assert_snapshot!(to_github(&[found], &files), @r"::error file=a%2Cb%3A%3A%0A%3A%3Aerror%3A%3Ax.play,line=2,endLine=2,col=1,endColumn=4,title=P9001::100 %25\n::stop-commands::x. Why?");
    }
}
