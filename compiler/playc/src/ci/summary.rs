//! For the page of a job: Markdown. What comes from files stands in code, where nothing of it is a link, a picture or a tag.

use std::fmt::Write as _;

use play_diagnostics::json::to_json;
use serde_json::Value;

use super::{Report, Went};
use crate::output::safe;

/// Lines of one sort that are shown. GitHub takes no more than a mebibyte of a step.
const MOST: usize = 200;

/// Characters that are shown of what one line says.
const LONGEST: usize = 500;

/// The page.
pub fn markdown(report: &Report) -> String {
    let verdict = if report.passed() { "passed" } else { "failed" };
    let mut page = format!("## {}: {verdict}\n\n| step | | |\n|---|---|---|\n", code(&report.project));
    // Writing to a String cannot fail.
    for step in &report.steps {
        let went = match step.went {
            Went::Fine => "passed",
            Went::Failed => "**failed**",
            Went::NotRun => "not run",
        };
        // A bar would end the cell, in code as well.
        let _ = writeln!(page, "| {} | {went} | {} |", step.name, code(&step.what).replace('|', "\\|"));
    }
    list(&mut page, "Not laid out", report.not_laid.iter().map(|path| format!("- {}", code(path))).collect());
    list(&mut page, "Findings", findings(report));
    if let Some(caps) = report.stale() {
        let lines: Vec<String> = caps.changes.iter().map(|l| short(&safe(l))).collect();
        let _ = write!(page, "\n### What the playbooks may do\n\n```diff\n");
        for line in lines.iter().take(MOST) {
            // Each begins with a sign, so that none of them ends the block.
            let _ = writeln!(page, "{line}");
        }
        page.push_str("```\n");
        more(&mut page, lines.len());
    }
    let failed = report.failed_tests().map(|case| {
        let mut line = format!("- {}", code(&case.title));
        for (at, what) in &case.failures {
            let _ = write!(line, "\n  - {}: {}", code(at), code(what));
        }
        line
    });
    list(&mut page, "Failed tests", failed.collect());
    page
}

fn findings(report: &Report) -> Vec<String> {
    // In the order in which they are shown everywhere, with lines and columns.
    let all = to_json(&report.findings, &report.files);
    let text = |d: &Value, at: &str| d.pointer(at).and_then(Value::as_str).unwrap_or_default().to_string();
    let number = |d: &Value, at: &str| d.pointer(at).and_then(Value::as_u64).unwrap_or(1);
    let one = |d: &Value| {
        let severity = if text(d, "/severity") == "error" { "**error**" } else { "warning" };
        let at = format!(
            "{}:{}:{}",
            text(d, "/path"),
            number(d, "/span/start/line"),
            number(d, "/span/start/column")
        );
        let mut line =
            format!("- {severity} {} {}: {}", text(d, "/code"), code(&at), code(&text(d, "/message")));
        if let Some(help) = d.pointer("/help").and_then(Value::as_str) {
            let _ = write!(line, "\n  - {}", code(help));
        }
        line
    };
    let errors = report.findings.iter().filter(|d| d.is_error()).count();
    let (mut first, mut then) = (Vec::with_capacity(errors), Vec::new());
    for d in all.as_array().into_iter().flatten() {
        let of = if text(d, "/severity") == "error" { &mut first } else { &mut then };
        of.push(one(d));
    }
    first.append(&mut then);
    first
}

fn list(page: &mut String, title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let _ = write!(page, "\n### {title}\n\n");
    for line in lines.iter().take(MOST) {
        let _ = writeln!(page, "{line}");
    }
    more(page, lines.len());
}

fn more(page: &mut String, all: usize) {
    if let Some(left) = all.checked_sub(MOST).filter(|left| *left > 0) {
        let _ = writeln!(page, "\n… and {left} more");
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_string(),
    }
}

/// Text as code, on one line: in a fence of more backquotes than the text has on end.
fn code(text: &str) -> String {
    let text = short(&safe(text));
    let mut longest = 0;
    let mut run = 0_usize;
    for c in text.chars() {
        run = if c == '`' { run.saturating_add(1) } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.saturating_add(1));
    // A space on both sides is not shown, and parts the fence from a backquote of the text.
    let room =
        if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_code_can_end_it() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("case `Mail`"), "`` case `Mail` ``");
        assert_eq!(code("`` ` ```"), "```` `` ` ``` ````");
        assert_eq!(code("![x](http://evil)\n<b>"), "`![x](http://evil)\\n<b>`");
        assert_eq!(code(""), "`  `");
        assert_eq!(code(&"x".repeat(600)).chars().count(), 503);
    }
}
