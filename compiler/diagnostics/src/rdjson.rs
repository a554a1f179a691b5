//! The Reviewdog Diagnostic Format: its tools bring findings, with what mends them, into reviews on many platforms.
//!
//! One `DiagnosticResult`. Columns count bytes, from 1. A suggestion is a fix of one edit; a fix of several is not one of theirs.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, FileName, Fix, Place, Severity};
use crate::place::{Lines, path};
use crate::sarif::message;
use crate::text::in_order;

/// The findings as such a result.
#[must_use]
pub fn to_rdjson(diagnostics: &[Diagnostic], files: &[FileName]) -> Value {
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    let each = in_order(diagnostics).into_iter().map(|d| {
        let place = d.place();
        let suggestions = d.fixes.iter().filter_map(|fix| suggestion(fix, place.file, &lines));
        json!({
            "message": message(d),
            "location": { "path": path(files, place.file), "range": range(place, &lines) },
            "severity": match d.severity { Severity::Error => "ERROR", Severity::Warning => "WARNING" },
            "code": { "value": d.code.as_str() },
            "suggestions": suggestions.collect::<Vec<_>>(),
        })
    });
    json!({ "source": { "name": "playc" }, "diagnostics": each.collect::<Vec<_>>() })
}

fn suggestion(fix: &Fix, file: u32, lines: &[Lines<'_>]) -> Option<Value> {
    let [edit] = fix.edits.as_slice() else { return None };
    // It is of the file of its finding.
    (edit.place.file == file).then(|| json!({ "range": range(edit.place, lines), "text": edit.text }))
}

fn range(place: Place, lines: &[Lines<'_>]) -> Value {
    let at = |offset: u32| match lines.get(place.file as usize) {
        Some(l) => {
            let found = l.position(offset);
            json!({ "line": found.line, "column": found.byte - l.start(found.line) + 1 })
        }
        None => json!({ "line": 1, "column": 1 }),
    };
    json!({ "start": at(place.start), "end": at(place.end.max(place.start)) })
}
