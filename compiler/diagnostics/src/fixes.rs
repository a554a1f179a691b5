//! Edits that mend findings, made in the text.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Edit, FileName, Fix, Place};

/// Which fixes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those that keep what was meant beyond doubt.
    Safe,
    /// All: of each finding the first that it offers.
    All,
}

/// What came of making them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Fixed {
    /// The files that changed: index in `files`, and the new text.
    pub files: Vec<(usize, String)>,
    /// Of which findings fixes were made, by their place in the list that was given.
    pub of: Vec<usize>,
    /// What was changed, in order; none of it touches another.
    pub changed: Vec<Changed>,
}

/// One edit that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Of which finding.
    pub of: usize,
    /// The place in the old text.
    pub was: Place,
    /// Where what was written there stands in the new text.
    pub is: Place,
}

impl Fixed {
    /// Where in the new text what stood at `at` of the old one is. What was put in just there comes before it.
    #[must_use]
    pub fn moved(&self, file: u32, at: u32) -> u32 {
        let before = self.changed.partition_point(|c| (c.was.file, c.was.start) < (file, at));
        let here = self.changed.get(before).filter(|c| c.was.file == file && c.was.end == at);
        let last = here.or_else(|| self.changed.get(before.checked_sub(1)?)).filter(|c| c.was.file == file);
        match last {
            None => at,
            // Inside of what was replaced.
            Some(c) if at < c.was.end => c.is.start,
            Some(c) => c.is.end.saturating_add(at.saturating_sub(c.was.end)),
        }
    }
}

/// The first fix that a finding offers of those that are wanted.
#[must_use]
pub fn of(d: &Diagnostic, which: Which) -> Option<&Fix> {
    d.fixes.iter().find(|fix| fix.safe || which == Which::All)
}

/// Makes fixes: of those that touch each other the first one. What is left is found again in the new text. Files that
/// `may_change` says no of stay as they are, with every fix that would change them.
#[must_use]
pub fn apply(
    diagnostics: &[Diagnostic],
    files: &[FileName],
    which: Which,
    may_change: impl Fn(usize) -> bool,
) -> Fixed {
    let mut edits: Vec<(usize, &Edit)> = Vec::new();
    // File and start of what is changed already, and its end. None of it overlaps, so the last that begins before a place ends last.
    let mut taken: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let mut made = Vec::new();
    let mut order: Vec<(usize, &Diagnostic)> = diagnostics.iter().enumerate().collect();
    order.sort_by_key(|(_, d)| d.place());
    for (nth, fix) in order.into_iter().filter_map(|(nth, d)| Some((nth, of(d, which)?))) {
        let fits = |edit: &Edit| {
            let text = files.get(edit.place.file as usize).map(|f| &*f.text);
            let range = edit.place.start as usize..edit.place.end as usize;
            text.is_some_and(|text| text.get(range).is_some()) && may_change(edit.place.file as usize)
        };
        // Two that insert at one place, or that one after the other change neighbours, could each mean the other's text.
        let touches = |edit: &Edit| {
            let file = edit.place.file;
            let before = taken.range((file, 0)..=(file, edit.place.end)).next_back();
            before.is_some_and(|(_, end)| edit.place.start <= *end)
        };
        if !fix.edits.is_empty() && fix.edits.iter().all(|edit| fits(edit) && !touches(edit)) {
            for Edit { place, .. } in &fix.edits {
                let end = taken.entry((place.file, place.start)).or_insert(place.end);
                *end = place.end.max(*end);
            }
            edits.extend(fix.edits.iter().map(|edit| (nth, edit)));
            made.push(nth);
        }
    }
    edits.sort_by_key(|(_, edit)| edit.place);
    let (mut new, mut changed): (Vec<(usize, String)>, Vec<Changed>) = (Vec::new(), Vec::new());
    for of_file in edits.chunk_by(|(_, a), (_, b)| a.place.file == b.place.file) {
        let index = of_file.first().map_or(0, |(_, edit)| edit.place.file as usize);
        let Some(file) = files.get(index) else { continue };
        // New lines end as the others do.
        let crlf = file.text.contains("\r\n");
        let (mut text, mut from) = (String::with_capacity(file.text.len()), 0);
        for (of, edit) in of_file {
            text.push_str(file.text.get(from..edit.place.start as usize).unwrap_or_default());
            let start = text.len();
            for (nth, line) in edit.text.split('\n').enumerate() {
                if nth > 0 {
                    text.push_str(if crlf && !text.ends_with('\r') { "\r\n" } else { "\n" });
                }
                text.push_str(line);
            }
            from = edit.place.end as usize;
            let at = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let is = Place { start: at(start), end: at(text.len()), ..edit.place };
            changed.push(Changed { of: *of, was: edit.place, is });
        }
        text.push_str(file.text.get(from..).unwrap_or_default());
        new.push((index, text));
    }
    Fixed { files: new, of: made, changed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;
    use crate::registry::codes;

    fn finding(safe: bool, edits: &[(u32, u32, &str)]) -> Diagnostic {
        let place = |start, end| Place { file: 0, start, end };
        let edits = edits.iter().map(|(s, e, text)| Edit { place: place(*s, *e), text: (*text).to_string() });
        let at = edits.clone().next().map(|e| e.place).unwrap();
        Diagnostic::warning(codes::P9001, at, "m").fix("t", safe, edits.collect())
    }

    fn mended(text: &str, found: &[Diagnostic], which: Which) -> (String, usize) {
        let files = [FileName { path: "p.play".into(), text: text.into() }];
        let fixed = apply(found, &files, which, |_| true);
        (fixed.files.into_iter().next().map_or(text.into(), |(_, text)| text), fixed.of.len())
    }

    #[test]
    fn lines_that_are_put_in_end_as_the_others_do() {
        for (text, left) in [("a; b\r\nc", "a\r\nb\r\nc"), ("a; b\nc", "a\nb\nc"), ("a; b", "a\nb")] {
            let found = [finding(true, &[(1, 3, "\n")])];
            assert_eq!(mended(text, &found, Which::Safe), (left.into(), 1));
        }
        let found = [finding(true, &[(1, 3, "\r\n")])];
        assert_eq!(mended("a; b\r\nc", &found, Which::Safe), ("a\r\nb\r\nc".into(), 1));
    }

    #[test]
    fn all_that_do_not_touch_are_made_at_once() {
        let found = [finding(true, &[(8, 9, "C")]), finding(true, &[(0, 1, "A"), (4, 5, "B")])];
        assert_eq!(mended("a - b - c", &found, Which::Safe), ("A - B - C".into(), 2));
    }

    #[test]
    fn of_those_that_touch_only_the_first_is_made() {
        let found = [finding(true, &[(0, 5, "x")]), finding(true, &[(4, 9, "y")])];
        assert_eq!(mended("a - b - c", &found, Which::Safe), ("x - c".into(), 1));
        let inserts = [finding(true, &[(1, 1, "x")]), finding(true, &[(1, 1, "y")])];
        assert_eq!(mended("a", &inserts, Which::Safe), ("ax".into(), 1));
    }

    #[test]
    fn one_that_may_change_what_was_meant_is_made_only_when_all_are_wanted() {
        let found = [finding(false, &[(0, 1, "b")])];
        assert_eq!(mended("a", &found, Which::Safe), ("a".into(), 0));
        assert_eq!(mended("a", &found, Which::All), ("b".into(), 1));
    }

    #[test]
    fn where_a_place_is_afterwards_is_known() {
        let found = [finding(true, &[(0, 1, "not ")]), finding(true, &[(4, 4, "++"), (6, 8, "")])];
        let files = [FileName { path: "p.play".into(), text: "!ab c de f".into() }];
        let fixed = apply(&found, &files, Which::Safe, |_| true);
        let text = &fixed.files[0].1;
        assert_eq!(text, "not ab ++c  f");
        for (was, is) in [(0, 0), (1, 4), (4, 9), (5, 10), (6, 11), (7, 11), (8, 11), (9, 12)] {
            assert_eq!(fixed.moved(0, was), is, "{was}");
        }
        assert_eq!(fixed.moved(1, 5), 5);
        let written = |c: &Changed| text.get(c.is.start as usize..c.is.end as usize).unwrap();
        let is: Vec<_> = fixed.changed.iter().map(written).collect();
        assert_eq!(is, ["not ", "++", ""]);
    }

    #[test]
    fn an_edit_outside_of_its_text_is_not_made() {
        assert_eq!(mended("é", &[finding(true, &[(1, 2, "x")])], Which::Safe), ("é".into(), 0));
        assert_eq!(mended("a", &[finding(true, &[(0, 9, "x")])], Which::Safe), ("a".into(), 0));
    }
}
