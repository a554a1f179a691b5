//! For people: what is wrong, and at the end how each step went.

use play_diagnostics::text;

use super::{Report, Went};
use crate::commands::check::with_fix;
use crate::output::{self, Style, safe, table};

/// Prints it.
pub fn print(report: &Report, plain: bool, style: Style) {
    for path in &report.not_laid {
        output::out(&format!("{} is not laid out", safe(path)));
    }
    if !report.not_laid.is_empty() {
        output::out("");
    }
    if !report.findings.is_empty() {
        let draw = text::Style { color: style.color_out, plain, ..Default::default() };
        let told = report.findings.iter().cloned().map(|d| with_fix(d, &report.files, &report.own));
        output::out(text::render(&told.collect::<Vec<_>>(), &report.files, draw).trim_end());
        output::out("");
    }
    if let Some(caps) = report.stale() {
        for line in &caps.changes {
            output::out(&safe(line));
        }
        output::out("");
    }
    for case in report.failed_tests() {
        output::out(&format!("{} {}", style.verdict(false, "FAIL"), safe(&case.title)));
        for (at, what) in &case.failures {
            output::out(&format!("     {}: {}", safe(at), safe(what)));
        }
        output::out("");
    }
    let row = |s: &super::Step| vec![s.name.to_string(), s.went.word().to_string(), safe(&s.what)];
    let rows: Vec<Vec<String>> = report.steps.iter().map(row).collect();
    for (line, step) in table(&rows).iter().zip(&report.steps) {
        let shown = match step.went {
            Went::NotRun => style.dim(line),
            went => style.verdict(went == Went::Fine, line),
        };
        output::out(&shown);
    }
}
