//! Lines that are too long to be shown: of each, the part round the place that matters.

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, FileName, Place, Severity};
use crate::escape;
use crate::place::{Lines, floor, path};

/// Characters that are shown of a line.
const SHOWN: usize = 300;

/// Characters that are shown before the place, where there are as many.
const BEFORE: usize = 100;

/// Characters of the place that are underlined at most.
const MARKED: usize = 100;

/// A part of a line, hostile characters as escapes, with `…` where something is left out.
pub(crate) struct Excerpt {
    /// What is shown.
    pub(crate) text: String,
    /// Characters of it before the place.
    pub(crate) before: usize,
    /// Characters of it that the place takes; at least one.
    pub(crate) marked: usize,
}

/// Whether a line is too long to be shown whole.
pub(crate) fn is_long(line: &str) -> bool {
    line.len() > SHOWN && line.chars().nth(SHOWN).is_some()
}

/// The line round the bytes `start..end` of it.
pub(crate) fn round(line: &str, start: usize, end: usize) -> Excerpt {
    let start = floor(line, start);
    let end = floor(line, end).max(start);
    let (left, rest) = line.split_at_checked(start).unwrap_or((line, ""));
    let before = if is_long(line) { BEFORE } else { SHOWN };
    let from = left.char_indices().rev().nth(before.saturating_sub(1)).map_or(0, |(i, _)| i);
    let mut text = String::from(if from > 0 { "…" } else { "" });
    text.push_str(&escape::one_line(left.get(from..).unwrap_or("")));
    let before = text.chars().count();
    let mut marked = 0;
    let mut cut = false;
    for (i, (at, c)) in rest.char_indices().enumerate() {
        if i >= SHOWN - BEFORE {
            cut = true;
            break;
        }
        let mut shown = [0; 4];
        let shown = escape::one_line(c.encode_utf8(&mut shown));
        if start + at < end && i < MARKED {
            marked += shown.chars().count();
        }
        text.push_str(&shown);
    }
    if cut {
        text.push('…');
    }
    Excerpt { text, before, marked: marked.max(1) }
}

/// The bytes of a place within its line.
pub(crate) fn within(lines: &Lines<'_>, place: Place) -> (usize, Excerpt) {
    let at = lines.position(place.start);
    let start = lines.start(at.line);
    let line = lines.line(at.line);
    let end = (place.end as usize).max(at.byte) - start;
    (at.line, round(line, at.byte - start, end))
}

/// Whether a place begins or ends in a line that is too long to be shown whole.
pub(crate) fn touches_long(lines: &Lines<'_>, place: Place) -> bool {
    [place.start, place.end].iter().any(|at| is_long(lines.line(lines.number(*at))))
}

/// A finding on such lines, drawn as the others are.
pub(crate) fn draw(
    d: &Diagnostic,
    files: &[FileName],
    lines: &[Lines<'_>],
    color: bool,
    ends: &[(&str, String)],
) -> String {
    let (word, code) = match d.severity {
        Severity::Error => ("Error", "31"),
        Severity::Warning => ("Warning", "33"),
    };
    let paint = |text: &str| if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() };
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{} {}", paint(&format!("[{}] {word}:", d.code)), escape::one_line(&d.message));
    let numbers =
        d.labels.iter().map(|l| lines.get(l.place.file as usize).map_or(1, |f| f.number(l.place.start)));
    let width = numbers.max().unwrap_or(1).to_string().len();
    let margin = " ".repeat(width + 2);
    for (i, label) in d.labels.iter().enumerate() {
        let Some(of) = lines.get(label.place.file as usize) else { continue };
        let column = of.position(label.place.start).column;
        let (line, excerpt) = within(of, label.place);
        let corner = if i == 0 { "╭" } else { "├" };
        let name = escape::one_line(path(files, label.place.file));
        let _ = writeln!(out, "{margin}{corner}─[ {name}:{line}:{column} ]\n{margin}│");
        let _ = writeln!(out, " {line:>width$} │ {}", excerpt.text);
        let text = if label.text.is_empty() { "here".into() } else { escape::one_line(&label.text) };
        let (indent, mark) = (" ".repeat(excerpt.before), paint(&"─".repeat(excerpt.marked)));
        let _ = writeln!(out, "{margin}│ {indent}{mark} {text}\n{margin}│");
    }
    for (n, (title, text)) in ends.iter().enumerate() {
        if n > 0 {
            let _ = writeln!(out, "{margin}│");
        }
        for (i, line) in text.lines().enumerate() {
            let head = if i == 0 { format!("{title}: ") } else { " ".repeat(title.len() + 2) };
            let _ = writeln!(out, "{margin}│ {head}{line}");
        }
    }
    let _ = writeln!(out, "{}╯\n", "─".repeat(width + 2));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_whole() {
        let shown = round("note \"a\tb\"", 5, 10);
        assert_eq!((shown.text.as_str(), shown.before, shown.marked), ("note \"a\\tb\"", 5, 6));
    }

    #[test]
    fn of_a_long_line_the_part_round_the_place_is_shown() {
        let line = "é".repeat(5_000) + "here" + &"z".repeat(5_000);
        let shown = round(&line, 10_000, 10_004);
        assert!(shown.text.starts_with("…éé") && shown.text.ends_with("zz…"), "{}", shown.text);
        let marked: String = shown.text.chars().skip(shown.before).take(shown.marked).collect();
        assert_eq!(marked, "here");
        assert!(shown.text.chars().count() <= SHOWN + 2);
    }

    #[test]
    fn a_place_that_is_long_itself_is_marked_in_part() {
        let line = "z".repeat(5_000);
        let shown = round(&line, 0, 5_000);
        assert_eq!((shown.before, shown.marked), (0, MARKED));
        let end = round(&line, 5_000, 9_000);
        assert_eq!(end.marked, 1);
    }
}
