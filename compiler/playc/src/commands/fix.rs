//! `playc check --fix`: findings that can be mended are, in the files.

use std::path::Path;

use play_check::Checked;
use play_diagnostics::fixes::{self, Which};
use play_diagnostics::{Diagnostic, Severity};

use crate::project::{Project, count};
use crate::rewrite::replace;
use crate::{Result, Trouble};

/// A fix may bring to light what can be fixed next. More rounds than that no file needs.
const ROUNDS: usize = 100;

/// What was mended.
#[derive(Debug, Default)]
pub struct Mended {
    /// How many fixes were made.
    pub fixes: usize,
    /// The files that were written.
    pub files: Vec<String>,
}

impl std::fmt::Display for Mended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fixes = if self.fixes == 1 { "1 fix".to_string() } else { format!("{} fixes", self.fixes) };
        write!(f, "{fixes} in {}", count(self.files.len(), "file"))
    }
}

/// Mends what can be in the files of a project, not in those of the packages that it uses. Gives what is found afterwards.
pub fn run(mut project: Project, which: Which) -> Result<(Checked, Mended)> {
    let mut checked = project.check();
    let was_fine = !has_errors(&checked);
    let mut mended = Mended::default();
    let mut texts = std::collections::BTreeMap::new();
    for _ in 0..ROUNDS {
        let own = |index: usize| checked.files.get(index).is_some_and(|f| project.owns(&f.path, &f.text));
        let fixed = fixes::apply(&checked.diagnostics, &checked.files, which, own);
        if fixed.files.is_empty() {
            break;
        }
        for (index, text) in fixed.files {
            let Some(file) = checked.files.get(index) else { continue };
            project.set_text(&file.path, &text);
            texts.insert(file.path.clone(), text);
        }
        mended.fixes = mended.fixes.saturating_add(fixed.made);
        checked = project.check();
        if was_fine && let Some(broken) = checked.diagnostics.iter().find(|d| is_error(d)) {
            return Err(Trouble(format!(
                "what --fix made of it would be wrong ({}: {}); nothing was written. This is a defect of playc: please report it",
                broken.code, broken.message
            )));
        }
    }
    for (path, text) in &texts {
        replace(Path::new(path), text)?;
    }
    mended.files = texts.into_keys().collect();
    Ok((checked, mended))
}

/// How many findings have a fix that is not made unless all are wanted.
pub fn left(checked: &Checked) -> usize {
    checked.diagnostics.iter().filter(|d| fixes::of(d, Which::All).is_some()).count()
}

fn is_error(d: &Diagnostic) -> bool {
    d.severity == Severity::Error
}

fn has_errors(checked: &Checked) -> bool {
    checked.diagnostics.iter().any(is_error)
}
