//! `playc check --fix`: findings that can be mended are, in the files.

use std::collections::BTreeSet;
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
    // Findings whose fix has brought them back: it mends nothing, and made again it would only heap up text.
    let mut hopeless: BTreeSet<Key> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let own = |index: usize| checked.files.get(index).is_some_and(|f| project.owns(&f.path, &f.text));
        let open: Vec<Diagnostic> =
            checked.diagnostics.iter().filter(|d| !hopeless.contains(&key(d))).cloned().collect();
        let fixed = fixes::apply(&open, &checked.files, which, own);
        if fixed.files.is_empty() {
            break;
        }
        let mut changed = Vec::new();
        for (index, text) in fixed.files {
            let Some(file) = checked.files.get(index) else { continue };
            project.set_text(&file.path, &text);
            changed.push((file.clone(), text));
        }
        let after = project.check();
        let back = |key: &Key| count_of(&after, key) >= count_of(&checked, key);
        let back: Vec<Key> = fixed.of.iter().filter_map(|at| open.get(*at)).map(key).filter(back).collect();
        if !back.is_empty() {
            hopeless.extend(back);
            changed.iter().for_each(|(file, _)| project.set_text(&file.path, &file.text));
            continue;
        }
        mended.fixes = mended.fixes.saturating_add(fixed.made);
        texts.extend(changed.into_iter().map(|(file, text)| (file.path, text)));
        checked = after;
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

/// What a finding says, wherever.
type Key = (String, String);

fn key(d: &Diagnostic) -> Key {
    (d.code.to_string(), d.message.clone())
}

fn count_of(checked: &Checked, wanted: &Key) -> usize {
    checked.diagnostics.iter().filter(|d| key(d) == *wanted).count()
}

fn is_error(d: &Diagnostic) -> bool {
    d.severity == Severity::Error
}

fn has_errors(checked: &Checked) -> bool {
    checked.diagnostics.iter().any(is_error)
}
