//! Which findings their own fix has brought back.

use std::collections::{BTreeMap, BTreeSet};

use play_check::Checked;
use play_diagnostics::fixes::{self, Fixed, Which};
use play_diagnostics::{Code, Diagnostic, Place};

/// So often text may be written at one place for findings of the same words, before that is taken for heaping up text.
const OFTEN: usize = 5;

/// In which file, and what a finding says; and from where on it says it, in bytes.
pub(super) type Spot = ((String, Code, String), u32);

/// What was written for findings of the words at the spot.
#[derive(Clone, Copy)]
pub(super) struct Written {
    end: u32,
    times: usize,
    /// The finding that it was written for in this round.
    of: Option<usize>,
}

/// Where a finding is.
pub(super) fn spot(checked: &Checked, d: &Diagnostic) -> Spot {
    spot_at(checked, d, d.place())
}

fn spot_at(checked: &Checked, d: &Diagnostic, at: Place) -> Spot {
    let path = checked.files.get(at.file as usize).map(|f| f.path.clone()).unwrap_or_default();
    ((path, d.code, d.message.clone()), at.start)
}

/// What was written that a place touches, for findings of these words. None of that touches each other, so the last one that begins before
/// the end of the place ends last.
fn touched(written: &BTreeMap<Spot, Written>, spot: &Spot, end: u32) -> Option<(Spot, Written)> {
    let (words, start) = spot;
    let before = written.range((words.clone(), 0)..=(words.clone(), end)).next_back();
    before.filter(|(_, w)| *start <= w.end).map(|(spot, w)| (spot.clone(), *w))
}

/// A check, and the fixes that were made of what it found.
pub(super) struct Round<'a> {
    pub(super) checked: &'a Checked,
    pub(super) open: &'a [Diagnostic],
    pub(super) fixed: &'a Fixed,
    pub(super) which: Which,
}

impl Round<'_> {
    /// The same after the fixes.
    pub(super) fn moved(&self, (words, start): Spot) -> Spot {
        let start = self.file(&words.0).map_or(start, |file| self.fixed.moved(file, start));
        (words, start)
    }

    fn file(&self, path: &str) -> Option<u32> {
        let at = self.checked.files.iter().position(|f| f.path == path)?;
        u32::try_from(at).ok()
    }

    /// What is written after the fixes: that of before, and theirs.
    pub(super) fn written(&self, before: &BTreeMap<Spot, Written>) -> BTreeMap<Spot, Written> {
        let moved = |(spot, w): (&Spot, &Written)| {
            let end = self.moved((spot.0.clone(), w.end)).1;
            (self.moved(spot.clone()), Written { end, of: None, ..*w })
        };
        let mut written: BTreeMap<Spot, Written> = before.iter().map(moved).collect();
        for change in &self.fixed.changed {
            let Some(d) = self.open.get(change.of) else { continue };
            let (mut at, mut end, mut times) = (spot_at(self.checked, d, change.is), change.is.end, 1);
            while let Some((old, w)) = touched(&written, &at, end) {
                written.remove(&old);
                (at.1, end, times) = (at.1.min(old.1), end.max(w.end), w.times.saturating_add(1).max(times));
            }
            written.insert(at, Written { end, times, of: Some(change.of) });
        }
        written
    }

    /// Findings that are there again where their fix has written, or for which text is heaped up. Those of the same words that were there
    /// before, and of which no fix was made, are not the same ones.
    pub(super) fn back(
        &self,
        after: &Checked,
        hopeless: &BTreeSet<Spot>,
        written: &BTreeMap<Spot, Written>,
    ) -> Vec<Spot> {
        let made: BTreeSet<usize> = self.fixed.of.iter().copied().collect();
        let left = self.open.iter().enumerate().filter(|(nth, _)| !made.contains(nth));
        let left = left.map(|(_, d)| spot(self.checked, d)).chain(hopeless.iter().cloned());
        let left: BTreeSet<Spot> = left.map(|spot| self.moved(spot)).collect();
        let mut back: BTreeSet<usize> =
            written.values().filter(|w| w.times > OFTEN).filter_map(|w| w.of).collect();
        for d in after.diagnostics.iter().filter(|d| !left.contains(&spot(after, d))) {
            let edits = fixes::of(d, self.which).map(|fix| fix.edits.iter().map(|e| e.place).collect());
            let places: Vec<Place> = edits.unwrap_or_else(|| vec![d.place()]);
            let of = |place: &Place| touched(written, &spot_at(after, d, *place), place.end)?.1.of;
            back.extend(places.iter().filter_map(of));
        }
        back.into_iter().filter_map(|nth| self.open.get(nth)).map(|d| spot(self.checked, d)).collect()
    }
}
