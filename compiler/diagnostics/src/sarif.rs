//! SARIF 2.1.0 (OASIS), as code-scanning services read it.
//!
//! One run. Its rules are the codes that were found, with their pages; paths are relative to where the command was started
//! (`%SRCROOT%`), columns count Unicode characters. A fix says in its `properties` whether it is `safe`.

use serde_json::{Value, json};

use crate::diagnostic::{Allowed, Diagnostic, Edit, FileName, Fix, Place, Severity};
use crate::escape::one_line;
use crate::fingerprint;
use crate::lints;
use crate::place::{Lines, path};
use crate::registry::{self, Code};
use crate::text::in_order;

/// The key of our fingerprints; the number is raised when they are made otherwise.
const FINGERPRINT: &str = "playFinding/v1";

/// The findings as one SARIF log, then those that are allowed: each with its suppression.
#[must_use]
pub fn to_sarif(diagnostics: &[Diagnostic], allowed: &[Allowed], files: &[FileName]) -> Value {
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    let mut found = in_order(diagnostics);
    found.extend(allowed.iter().map(|a| &a.finding));
    let fingerprints = fingerprint::of(&found, files);
    let mut codes: Vec<Code> = found.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let of = Of { files, lines: &lines };
    let reasons = diagnostics.iter().map(|_| None).chain(allowed.iter().map(|a| Some(a.reason.as_str())));
    let results: Vec<Value> = found
        .iter()
        .zip(&fingerprints)
        .zip(reasons)
        .map(|((d, print), reason)| of.result(d, &codes, print, reason))
        .collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "playc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": codes.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "Where playc was started." } } },
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let entry = registry::ALL.iter().find(|entry| entry.code == code);
    let (title, page) = entry.map_or(("", ""), |entry| (entry.title, entry.page));
    let lint = lints::ALL.iter().find(|(_, known)| *known == code).map(|(name, _)| *name);
    let level = if lint.is_some() { "warning" } else { "error" };
    let mut rule = json!({
        "id": code.as_str(),
        "shortDescription": { "text": title },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level },
    });
    if let (Some(name), Some(rule)) = (lint, rule.as_object_mut()) {
        rule.insert("name".into(), name.into());
    }
    rule
}

/// The files that places are in.
struct Of<'a> {
    files: &'a [FileName],
    lines: &'a [Lines<'a>],
}

impl Of<'_> {
    fn result(&self, d: &Diagnostic, codes: &[Code], print: &str, allowed: Option<&str>) -> Value {
        let index = codes.binary_search(&d.code).unwrap_or_default();
        let level = match d.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let main = d.labels.first();
        let related = d.labels.iter().skip(1).enumerate().map(|(id, label)| {
            let mut location = self.location(label.place, &label.text);
            if let Some(location) = location.as_object_mut() {
                location.insert("id".into(), id.into());
            }
            location
        });
        let mut result = json!({
            "ruleId": d.code.as_str(),
            "ruleIndex": index,
            "level": level,
            "message": { "text": message(d) },
            "locations": [self.location(d.place(), main.map_or("", |l| l.text.as_str()))],
            "relatedLocations": related.collect::<Vec<_>>(),
            "partialFingerprints": { FINGERPRINT: print },
            "fixes": d.fixes.iter().map(|fix| self.fix(fix)).collect::<Vec<_>>(),
        });
        if let (Some(reason), Some(result)) = (allowed, result.as_object_mut()) {
            let suppression =
                json!([{ "kind": "inSource", "status": "accepted", "justification": one_line(reason) }]);
            result.insert("suppressions".into(), suppression);
        }
        result
    }

    fn location(&self, place: Place, text: &str) -> Value {
        let physical = json!({
            "artifactLocation": self.artifact(place.file),
            "region": self.region(place),
        });
        if text.is_empty() {
            return json!({ "physicalLocation": physical });
        }
        json!({ "physicalLocation": physical, "message": { "text": one_line(text) } })
    }

    fn artifact(&self, file: u32) -> Value {
        let path = path(self.files, file);
        if path.starts_with('/') {
            return json!({ "uri": format!("file://{}", uri(path)) });
        }
        json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
    }

    fn region(&self, place: Place) -> Value {
        let Some(lines) = self.lines.get(place.file as usize) else { return json!({ "startLine": 1 }) };
        let (start, end) = (lines.position(place.start), lines.position(place.end.max(place.start)));
        json!({
            "startLine": start.line,
            "startColumn": start.column,
            "endLine": end.line,
            "endColumn": end.column,
        })
    }

    /// A fix may change several files.
    fn fix(&self, fix: &Fix) -> Value {
        let mut files: Vec<u32> = fix.edits.iter().map(|e| e.place.file).collect();
        files.sort_unstable();
        files.dedup();
        let changes = files.iter().map(|file| {
            let edits = fix.edits.iter().filter(|e| e.place.file == *file).map(|e| self.replacement(e));
            json!({ "artifactLocation": self.artifact(*file), "replacements": edits.collect::<Vec<_>>() })
        });
        json!({
            "description": { "text": one_line(&fix.title) },
            "artifactChanges": changes.collect::<Vec<_>>(),
            "properties": { "safe": fix.safe },
        })
    }

    fn replacement(&self, edit: &Edit) -> Value {
        json!({ "deletedRegion": self.region(edit.place), "insertedContent": { "text": edit.text } })
    }
}

/// What is wrong, why, and what to write instead.
pub(crate) fn message(d: &Diagnostic) -> String {
    let mut text = one_line(&d.message);
    for more in d.notes.iter().chain(&d.help) {
        if !text.ends_with(['.', '!', '?']) {
            text.push('.');
        }
        text.push(' ');
        text.push_str(&one_line(more));
    }
    text
}

/// A path as it stands in a URI (RFC 3986): what is reserved or not ASCII in percent signs.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_be_taken_for_something_else() {
        assert_eq!(uri("a b/ü#1?.play"), "a%20b/%C3%BC%231%3F.play");
    }
}
