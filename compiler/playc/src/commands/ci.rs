//! `playc ci`: all that has to hold before a change is merged, in one process and one report.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use play_diagnostics::{gitlab, rdjson, sarif};

use crate::ci::{self, Report};
use crate::cli::{CiArgs, CiFile, CiFormat, Deny};
use crate::junit;
use crate::output::{self, Style};
use crate::{Ended, Result, Trouble};

/// The file to which a step of GitHub Actions adds what is shown on the page of its job.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Runs it.
pub fn run(args: &CiArgs, style: Style) -> Result {
    let report = Report::of(&args.path, args.deny == Some(Deny::Warnings))?;
    // What was found is told, whatever becomes of the files.
    match args.format {
        CiFormat::Text => ci::text::print(&report, args.plain, style),
        CiFormat::Json => output::out(&serde_json::to_string_pretty(&ci::json::document(&report))?),
        CiFormat::Github => {
            output::out_bytes(ci::github::commands(&report).as_bytes());
            // In the log of the job, and no command.
            for step in &report.steps {
                output::err(&format!(
                    "{:5}  {:4}  {}",
                    step.name,
                    step.went.word(),
                    output::safe(&step.what)
                ));
            }
        }
    }
    for (kind, path) in &args.write {
        ci::write(path, &document(*kind, &report)?)?;
    }
    if let Some(path) = summary(args, std::env::var_os(STEP_SUMMARY)) {
        add(&path, &ci::summary::markdown(&report))?;
    }
    Ok(if report.passed() { Ended::Fine } else { Ended::Findings })
}

/// Where the summary goes, if anywhere.
fn summary(args: &CiArgs, of_step: Option<OsString>) -> Option<PathBuf> {
    let of_step = of_step.filter(|path| !path.is_empty() && args.format == CiFormat::Github);
    args.summary.clone().or_else(|| of_step.map(PathBuf::from))
}

/// Adds to a file, as GitHub wants it: other steps may have written there.
fn add(path: &Path, text: &str) -> Result<()> {
    let explain = |e: std::io::Error| Trouble(format!("{}: {e}", path.display()));
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(explain)?;
    file.write_all(text.as_bytes()).map_err(explain)
}

fn document(kind: CiFile, report: &Report) -> Result<String> {
    let (findings, files) = (&report.findings, &report.files);
    let json = match kind {
        CiFile::Junit => {
            return Ok(junit::document(&report.tests.iter().map(|t| t.case.clone()).collect::<Vec<_>>()));
        }
        CiFile::Json => ci::json::document(report),
        CiFile::Sarif => sarif::to_sarif(findings, &report.allowed, files),
        CiFile::Gitlab => gitlab::to_gitlab(findings, files),
        CiFile::Rdjson => rdjson::to_rdjson(findings, files),
    };
    let mut text = serde_json::to_string_pretty(&json)?;
    text.push('\n');
    Ok(text)
}
