//! `playc fmt`: one style, no options.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use play_diagnostics::{Diagnostic, FileName, text};

use crate::cli::FmtArgs;
use crate::output::{self, Style};
use crate::project::{collect, count, shown};
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
    let laid = look(&args.paths)?;
    for (path, done) in &laid.changed {
        if args.check {
            output::out(&format!("{} is not laid out", shown(path)));
        } else {
            replace(path, done)?;
        }
    }
    for refused in &laid.refused {
        broken(&refused.path.to_string_lossy(), refused.text.clone(), &refused.errors, style);
    }
    let (changed, refused) = (laid.changed.len(), laid.refused.len());
    let done = if args.check { "not laid out" } else { "changed" };
    output::err(&format!("{}, {changed} {done}, {refused} with errors", count(laid.files, "file")));
    Ok(if refused > 0 || (args.check && changed > 0) { Ended::Findings } else { Ended::Fine })
}

/// How files are laid out.
pub struct Laid {
    /// How many there are.
    pub files: usize,
    /// Those that are not laid out, and how they would be.
    pub changed: Vec<(PathBuf, String)>,
    /// Those that cannot be.
    pub refused: Vec<Refused>,
}

/// A file with syntax errors.
pub struct Refused {
    /// Which.
    pub path: PathBuf,
    text: String,
    errors: Vec<Diagnostic>,
}

/// Looks at files, and at those in folders and below. Changes nothing.
pub fn look(paths: &[PathBuf]) -> Result<Laid> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() {
            collect(path, &mut files, 0)?;
        } else {
            files.push(path.clone());
        }
    }
    files.sort();
    let mut laid = Laid { files: files.len(), changed: Vec::new(), refused: Vec::new() };
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        match play_syntax::format(&text) {
            Ok(done) if done == text => {}
            Ok(done) => laid.changed.push((path, done)),
            Err(errors) => laid.refused.push(Refused { path, text, errors }),
        }
    }
    Ok(laid)
}

fn broken(path: &str, text: String, errors: &[Diagnostic], style: Style) {
    let files = [FileName { path: path.to_string(), text: text.into() }];
    let draw = text::Style { color: style.color_err, ..Default::default() };
    output::err(&text::render(errors, &files, draw));
}
