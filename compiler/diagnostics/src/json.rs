//! JSON form of diagnostics, for editors and scripts.
//!
//! An array of objects, in the order of [`crate::text`]. `version` is raised when a member changes its meaning.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, FileName, Place, Severity};
use crate::place::{Lines, path};
use crate::text::in_order;

/// Version of the shape.
const VERSION: u32 = 1;

/// The diagnostics as a JSON array. Lines and columns count from 1, columns in Unicode characters; `byte` is the offset
/// in the file. A place in a file that is not among `files` has the path `?`.
#[must_use]
pub fn to_json(diagnostics: &[Diagnostic], files: &[FileName]) -> Value {
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    in_order(diagnostics).into_iter().map(|d| one(d, files, &lines)).collect()
}

fn one(d: &Diagnostic, files: &[FileName], lines: &[Lines<'_>]) -> Value {
    let labels: Vec<Value> = d
        .labels
        .iter()
        .map(|l| json!({ "path": path(files, l.place.file), "span": span(l.place, lines), "text": l.text }))
        .collect();
    let fixes: Vec<Value> = d
        .fixes
        .iter()
        .map(|f| {
            let edits: Vec<Value> = f
                .edits
                .iter()
                .map(|e| json!({ "path": path(files, e.place.file), "span": span(e.place, lines), "text": e.text }))
                .collect();
            json!({ "title": f.title, "safe": f.safe, "edits": edits })
        })
        .collect();
    json!({
        "version": VERSION,
        "code": d.code.as_str(),
        "severity": match d.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "message": d.message,
        "path": path(files, d.place().file),
        "span": span(d.place(), lines),
        "labels": labels,
        "notes": d.notes,
        "help": d.help,
        "fixes": fixes,
    })
}

fn span(place: Place, lines: &[Lines<'_>]) -> Value {
    let at = |offset: u32| match lines.get(place.file as usize) {
        Some(l) => {
            let p = l.position(offset);
            json!({ "line": p.line, "column": p.column, "byte": p.byte })
        }
        None => json!({ "line": 1, "column": 1, "byte": 0 }),
    };
    json!({ "start": at(place.start), "end": at(place.end.max(place.start)) })
}
