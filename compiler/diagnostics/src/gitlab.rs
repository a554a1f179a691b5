//! GitLab's code quality report: a list of findings, which a merge request compares with that of its target by their fingerprints.

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, FileName, Severity};
use crate::fingerprint;
use crate::place::{Lines, path};
use crate::sarif::message;
use crate::text::in_order;

/// The findings as such a report.
#[must_use]
pub fn to_gitlab(diagnostics: &[Diagnostic], files: &[FileName]) -> Value {
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    let found = in_order(diagnostics);
    let fingerprints = fingerprint::of(&found, files);
    let each = found.iter().zip(fingerprints).map(|(d, fingerprint)| {
        let place = d.place();
        let line = |at: u32| lines.get(place.file as usize).map_or(1, |l| l.position(at).line);
        json!({
            "description": message(d),
            "check_name": d.code.as_str(),
            "fingerprint": fingerprint,
            "severity": match d.severity { Severity::Error => "major", Severity::Warning => "minor" },
            "location": {
                "path": path(files, place.file),
                "lines": { "begin": line(place.start), "end": line(place.end.max(place.start)) },
            },
        })
    });
    each.collect()
}
