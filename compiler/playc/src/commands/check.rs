//! `playc check`: every mistake of every file.

use play_diagnostics::{Severity, json, text};

use crate::cli::{CheckArgs, Deny, Format};
use crate::output::{self, Style};
use crate::project::{Project, count};
use crate::{Ended, Result};

/// Runs it.
pub fn run(args: &CheckArgs, style: Style) -> Result {
    let (mut errors, mut warnings, mut files) = (0_usize, 0_usize, 0_usize);
    let mut all = Vec::new();
    for path in &args.paths {
        let project = Project::read(path)?;
        files = files.saturating_add(project.files);
        let checked = project.check();
        for d in &checked.diagnostics {
            match d.severity {
                Severity::Error => errors = errors.saturating_add(1),
                Severity::Warning => warnings = warnings.saturating_add(1),
            }
        }
        let reported = checked.program.as_ref().filter(|_| args.report);
        if let Some(program) = reported {
            super::report::print(program, args.format, style)?;
            if args.format != Format::Text {
                continue;
            }
        }
        match args.format {
            Format::Text => {
                if !checked.diagnostics.is_empty() {
                    let draw =
                        text::Style { color: style.color_out, plain: args.plain, ..Default::default() };
                    output::out(text::render(&checked.diagnostics, &checked.files, draw).trim_end());
                    output::out("");
                }
            }
            Format::Json | Format::Jsonl => {
                if let serde_json::Value::Array(list) = json::to_json(&checked.diagnostics, &checked.files) {
                    all.extend(list);
                }
            }
        }
    }
    let denied = args.deny == Some(Deny::Warnings) && warnings > 0;
    match args.format {
        Format::Text => {
            let sum = format!(
                "{}, {} in {}",
                count(errors, "error"),
                count(warnings, "warning"),
                count(files, "file")
            );
            output::out(&style.verdict(errors == 0 && !denied, &sum));
        }
        // A report took the place of the findings.
        Format::Json if args.report && errors == 0 => {}
        Format::Json => output::out(&serde_json::to_string_pretty(&all)?),
        Format::Jsonl => {
            for d in &all {
                output::out(&d.to_string());
            }
        }
    }
    Ok(if errors > 0 || denied { Ended::Findings } else { Ended::Fine })
}
