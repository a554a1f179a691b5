//! `playc fmt`: one style, no options.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use play_diagnostics::{Diagnostic, FileName, text};

use crate::cli::FmtArgs;
use crate::output::{self, Style};
use crate::project::{collect, count};
use crate::rewrite::replace;
use crate::{Ended, Result, Trouble};

/// Runs it. A file with syntax errors is left as it is, and its errors are printed.
pub fn run(args: &FmtArgs, style: Style) -> Result {
    if args.paths.iter().any(|p| p == Path::new("-")) {
        let mut source = String::new();
        std::io::stdin().read_to_string(&mut source)?;
        return match play_syntax::format(&source) {
            Ok(done) if args.check => Ok(if done == source { Ended::Fine } else { Ended::Findings }),
            Ok(done) => {
                output::out_bytes(done.as_bytes());
                Ok(Ended::Fine)
            }
            Err(errors) => {
                broken("<stdin>", source, &errors, style);
                Ok(Ended::Findings)
            }
        };
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for path in &args.paths {
        if path.is_dir() {
            collect(path, &mut files, 0)?;
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    let (mut changed, mut refused) = (0_usize, 0_usize);
    for path in &files {
        let source =
            std::fs::read_to_string(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        match play_syntax::format(&source) {
            Ok(done) if done == source => {}
            Ok(done) => {
                changed = changed.saturating_add(1);
                if args.check {
                    output::out(&format!("{} is not laid out", path.display()));
                } else {
                    replace(path, &done)?;
                }
            }
            Err(errors) => {
                refused = refused.saturating_add(1);
                broken(&path.to_string_lossy(), source, &errors, style);
            }
        }
    }
    let done = if args.check { "not laid out" } else { "changed" };
    output::err(&format!("{}, {changed} {done}, {refused} with errors", count(files.len(), "file")));
    Ok(if refused > 0 || (args.check && changed > 0) { Ended::Findings } else { Ended::Fine })
}

fn broken(path: &str, text: String, errors: &[Diagnostic], style: Style) {
    let files = [FileName { path: path.to_string(), text }];
    let draw = text::Style { color: style.color_err, ..Default::default() };
    output::err(&text::render(errors, &files, draw));
}
