//! `playc check --fix`: findings that can be mended are, in the files.

mod back;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use play_check::Checked;
use play_diagnostics::fixes::{self, Which};
use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, FileName, Fix};

use self::back::{Round, Spot, Written, spot};
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
    /// How many findings still have a fix that was not tried: it is made only where all are wanted.
    pub left: usize,
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
    let mut hopeless: BTreeSet<Spot> = BTreeSet::new();
    let mut written: BTreeMap<Spot, Written> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let own = |index: usize| checked.files.get(index).is_some_and(|f| project.owns(&f.path, &f.text));
        let open: Vec<Diagnostic> =
            sure(&checked.diagnostics).filter(|d| !hopeless.contains(&spot(&checked, d))).cloned().collect();
        let mut fixed = fixes::apply(&open, &checked.files, which, own);
        if fixed.files.is_empty() {
            break;
        }
        let mut changed = Vec::new();
        for (index, text) in std::mem::take(&mut fixed.files) {
            let Some(file) = checked.files.get(index) else { continue };
            project.set_text(&file.path, &text);
            changed.push((file.clone(), text));
        }
        let after = project.check();
        let round = Round { checked: &checked, open: &open, fixed: &fixed, which };
        let now = round.written(&written);
        let back = round.back(&after, &hopeless, &now);
        if !back.is_empty() {
            hopeless.extend(back);
            changed.iter().for_each(|(file, _)| project.set_text(&file.path, &file.text));
            continue;
        }
        mended.fixes = mended.fixes.saturating_add(fixed.of.len());
        texts.extend(changed.into_iter().map(|(file, text)| (file.path, text)));
        hopeless = hopeless.into_iter().map(|spot| round.moved(spot)).collect();
        (checked, written) = (after, now);
        if was_fine && let Some(broken) = checked.diagnostics.iter().find(|d| is_error(d)) {
            return Err(Trouble(format!(
                "what --fix made of it would be wrong ({}: {}); nothing was written. This is a defect of playc: please report it",
                broken.code, broken.message
            )));
        }
    }
    let own = project.own();
    let open = checked.diagnostics.iter().filter(|d| !hopeless.contains(&spot(&checked, d)));
    mended.left = open.filter(|d| offered(d, Which::All, &checked.files, &own).is_some()).count();
    for (path, text) in &texts {
        replace(Path::new(path), text)?;
    }
    mended.files = texts.into_keys().collect();
    Ok((checked, mended))
}

/// The fix of those wanted that a finding offers and that `--fix` may make: packages are left alone by it.
pub fn offered<'a>(
    d: &'a Diagnostic,
    which: Which,
    files: &[FileName],
    own: &BTreeSet<String>,
) -> Option<&'a Fix> {
    let is_own = |edit: &Edit| files.get(edit.place.file as usize).is_some_and(|f| own.contains(&f.path));
    fixes::of(d, which).filter(|fix| !fix.edits.is_empty() && fix.edits.iter().all(is_own))
}

/// As long as brackets of a file do not match, nobody knows what its lines belong to: only what is said of its text counts there.
fn sure(all: &[Diagnostic]) -> impl Iterator<Item = &Diagnostic> {
    let brackets = all.iter().filter(|d| matches!(d.code, codes::P1006 | codes::P1007));
    let odd: BTreeSet<u32> = brackets.map(|d| d.place().file).collect();
    all.iter().filter(move |d| !odd.contains(&d.place().file) || d.code.as_str().starts_with("P1"))
}

fn is_error(d: &Diagnostic) -> bool {
    d.is_error()
}

fn has_errors(checked: &Checked) -> bool {
    checked.diagnostics.iter().any(is_error)
}
