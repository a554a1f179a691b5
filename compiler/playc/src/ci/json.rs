//! For programs: one document.

use play_diagnostics::json::to_json;
use serde_json::{Value, json};

use super::{Report, Went};

/// The document.
pub fn document(report: &Report) -> Value {
    let steps: Vec<Value> = report
        .steps
        .iter()
        .map(|s| {
            let went = match s.went {
                Went::Fine => "passed",
                Went::Failed => "failed",
                Went::NotRun => "not run",
            };
            json!({ "step": s.name, "went": went, "what": s.what })
        })
        .collect();
    let caps = report.caps.as_ref().map(|c| {
        json!({
            "path": crate::project::shown(&c.path), "fresh": c.fresh, "missing": c.missing, "changes": c.changes,
        })
    });
    let tests: Vec<&Value> = report.tests.iter().map(|t| &t.json).collect();
    json!({
        "version": 1, "project": report.project, "passed": report.passed(), "steps": steps,
        "not_laid_out": report.not_laid, "findings": to_json(&report.findings, &report.files),
        "caps": caps, "tests": tests,
    })
}
