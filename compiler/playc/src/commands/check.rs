//! `playc check`: every mistake of every file.

use std::collections::BTreeSet;

use play_diagnostics::fixes::Which;
use play_diagnostics::{Allowed, Diagnostic, FileName, Severity, github, gitlab, json, rdjson, sarif, text};

use super::fix;
use crate::cli::{CheckArgs, CheckFormat, Deny, FixArg, Format};
use crate::output::{self, Style};
use crate::project::{Project, count};
use crate::since;
use crate::{Ended, Result, Trouble};

/// What was found in all projects.
#[derive(Default)]
struct Found {
    errors: usize,
    warnings: usize,
    files: usize,
    findings: Vec<Diagnostic>,
    allowed: Vec<Allowed>,
    names: Vec<FileName>,
    /// Whether a report took the place of findings.
    reported: bool,
}

/// Runs it.
pub fn run(args: &CheckArgs, style: Style) -> Result {
    let plain = plain(args.format);
    if args.report && plain.is_none() {
        return Err(Trouble("--report is printed as text, json or jsonl".into()));
    }
    let mut all = Found::default();
    for (at, path) in args.paths.iter().enumerate() {
        let project = Project::read(path)?;
        // The process ends soon after it, and gives all back at once. Piece by piece it takes longer.
        let last = at.saturating_add(1) == args.paths.len();
        let own = project.own();
        let mut files = project.files;
        let checked = match (args.fix, &args.since) {
            (Some(which), _) => mend(project, which)?,
            (None, None) => {
                let (checked, trees) = project.check_keeping();
                if last {
                    std::mem::forget(trees);
                }
                checked
            }
            (None, Some(since)) => {
                let mut checked = project.check();
                let kept = since::keep(&project, &mut checked, since)?;
                output::err(&kept.tell(files, since));
                files = kept.files;
                checked
            }
        };
        all.files = all.files.saturating_add(files);
        for d in &checked.diagnostics {
            match d.severity {
                Severity::Error => all.errors = all.errors.saturating_add(1),
                Severity::Warning => all.warnings = all.warnings.saturating_add(1),
            }
        }
        let reported = checked.program.as_ref().filter(|_| args.report);
        if let (Some(program), Some(format)) = (reported, plain) {
            super::report::print(program, format, style)?;
            all.reported = true;
            if format != Format::Text {
                continue;
            }
        }
        if last {
            std::mem::forget(checked.program);
        }
        if args.format != CheckFormat::Text {
            let before = u32::try_from(all.names.len()).unwrap_or(u32::MAX);
            all.findings.extend(checked.diagnostics.into_iter().map(|d| d.after_files(before)));
            all.allowed.extend(
                checked
                    .allowed
                    .into_iter()
                    .map(|a| Allowed { finding: a.finding.after_files(before), reason: a.reason }),
            );
            all.names.extend(checked.files);
        } else if !checked.diagnostics.is_empty() {
            let draw = text::Style { color: style.color_out, plain: args.plain, ..Default::default() };
            let told: Vec<Diagnostic> =
                checked.diagnostics.into_iter().map(|d| with_fix(d, &checked.files, &own)).collect();
            output::out(text::render(&told, &checked.files, draw).trim_end());
            output::out("");
        }
    }
    let denied = args.deny == Some(Deny::Warnings) && all.warnings > 0;
    print(args.format, &all, !denied, style)?;
    Ok(if all.errors > 0 || denied { Ended::Findings } else { Ended::Fine })
}

/// The same finding, with a word on whether `--fix` mends it. Packages are left alone by that.
pub fn with_fix(d: Diagnostic, files: &[FileName], own: &BTreeSet<String>) -> Diagnostic {
    let offers = |which| fix::offered(&d, which, files, own);
    let note = match (offers(Which::Safe), offers(Which::All)) {
        (Some(_), _) => "`playc check --fix` mends this.".to_string(),
        (None, Some(fix)) => format!("`playc check --fix=all` would {}.", lower(&fix.title)),
        (None, None) => return d,
    };
    d.note(note)
}

/// A title as it goes on in a sentence.
fn lower(title: &str) -> String {
    let mut chars = title.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str().trim_end_matches('.'))
}

/// The format as other commands have it; `None` of one that only findings have.
fn plain(format: CheckFormat) -> Option<Format> {
    match format {
        CheckFormat::Text => Some(Format::Text),
        CheckFormat::Json => Some(Format::Json),
        CheckFormat::Jsonl => Some(Format::Jsonl),
        CheckFormat::Sarif | CheckFormat::Github | CheckFormat::Gitlab | CheckFormat::Rdjson => None,
    }
}

fn print(format: CheckFormat, all: &Found, fine: bool, style: Style) -> Result<()> {
    let (findings, names) = (&all.findings, &all.names);
    let document = match format {
        CheckFormat::Text => {
            let (errors, warnings) = (count(all.errors, "error"), count(all.warnings, "warning"));
            let sum = format!("{errors}, {warnings} in {}", count(all.files, "file"));
            output::out(&style.verdict(all.errors == 0 && fine, &sum));
            return Ok(());
        }
        CheckFormat::Github => {
            output::out_bytes(github::to_github(findings, names).as_bytes());
            return Ok(());
        }
        CheckFormat::Jsonl => {
            for d in json::to_json(findings, names).as_array().into_iter().flatten() {
                output::out(&d.to_string());
            }
            return Ok(());
        }
        CheckFormat::Json if all.reported && all.errors == 0 => return Ok(()),
        CheckFormat::Json => json::to_json(findings, names),
        CheckFormat::Sarif => sarif::to_sarif(findings, &all.allowed, names),
        CheckFormat::Gitlab => gitlab::to_gitlab(findings, names),
        CheckFormat::Rdjson => rdjson::to_rdjson(findings, names),
    };
    output::out(&serde_json::to_string_pretty(&document)?);
    Ok(())
}

fn mend(project: Project, which: FixArg) -> Result<play_check::Checked> {
    let which = match which {
        FixArg::Safe => Which::Safe,
        FixArg::All => Which::All,
    };
    let name = project.name.clone();
    let (checked, mended) = fix::run(project, which)?;
    let left = if which == Which::Safe { mended.left } else { 0 };
    let more = match left {
        0 => String::new(),
        1 => "; 1 more has a fix that may not be what was meant: --fix=all".to_string(),
        n => format!("; {n} more have a fix that may not be what was meant: --fix=all"),
    };
    output::err(&format!("{}: {mended}{more}", output::safe(&name)));
    Ok(checked)
}
