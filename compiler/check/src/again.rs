//! One mistake, one finding: what is wrong in the same way at another place is shown in the finding that is there already.

use play_diagnostics::{Diagnostic, Edit, Place};

use crate::context::Context;

/// So many further places are shown; all of them are mended by a fix.
const SHOWN: usize = 3;

impl Context<'_> {
    /// Reports what is told once for all places: the first time; after that the place is added to it.
    pub(crate) fn report_once(&mut self, key: String, finding: impl FnOnce(&Self) -> Diagnostic, at: Place) {
        self.ask();
        if let Some(known) = self.told.get(&key).copied() {
            self.and_here(known, at);
            return;
        }
        let finding = finding(self);
        self.told.insert(key, self.findings.len());
        self.report(finding);
    }

    fn and_here(&mut self, known: usize, at: Place) {
        let Some(finding) = self.findings.get_mut(known) else { return };
        // A place that is compiled more than once is one place.
        if finding.labels.iter().any(|l| l.place == at) {
            return;
        }
        if finding.labels.iter().filter(|l| l.text == "and here").count() < SHOWN {
            *finding = finding.clone().label(at, "and here");
        }
        for fix in &mut finding.fixes {
            if let [Edit { text, .. }, ..] = fix.edits.as_slice() {
                let text = text.clone();
                if !fix.edits.iter().any(|e| e.place == at) {
                    fix.edits.push(Edit { place: at, text });
                }
            }
        }
    }
}
