//! What a finding hides: its line is shown without it, and no fingerprint is made of it.

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, FileName, Place};
use crate::place::floor;

/// The files as they may be shown: what any of the findings hides is `…`, and as many bytes as before, so that places stay.
pub(crate) fn without<'d, 'f>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    files: &'f [FileName],
) -> Cow<'f, [FileName]> {
    let (mut marked, mut hidden) = (Vec::new(), Vec::new());
    for of in diagnostics.into_iter().filter(|d| d.secretive) {
        marked.extend(of.labels.iter().map(|l| l.place));
        hidden.extend_from_slice(&of.hidden);
    }
    marked.sort_unstable();
    let mut shown = Cow::Borrowed(files);
    for marks in marked.chunk_by(|a, b| a.file == b.file) {
        let file = marks.first().map_or(0, |place| place.file);
        let at = file as usize;
        let Some(text) = files.get(at).map(|file| &*file.text) else { continue };
        let of_file = hidden.iter().filter(|place| place.file == file);
        let mut ranges = beside(text, marks);
        ranges.extend(
            of_file.map(|place| (floor(text, place.start as usize), floor(text, place.end as usize))),
        );
        ranges.sort_unstable();
        if let Some(shown) = shown.to_mut().get_mut(at) {
            shown.text = blanked(text, &ranges).into();
        }
    }
    shown
}

/// What stands in the lines of these places, which are in order, beside them. A `=` behind one is shown.
fn beside(text: &str, marks: &[Place]) -> Vec<(usize, usize)> {
    let mut beside = Vec::new();
    // Up to where the line of the last one is dealt with, and where it ends.
    let (mut at, mut end) = (0, 0);
    for mark in marks {
        let start = floor(text, mark.start as usize).max(at);
        let stop = floor(text, mark.end as usize).max(start);
        let line =
            text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at.saturating_add(1));
        let behind = text.get(stop..).unwrap_or_default().lines().next().unwrap_or_default();
        // `[serve.webhok.w]` has no values.
        let head = text.get(line..start).unwrap_or_default().trim_start().starts_with('[')
            && behind.starts_with(['.', ']']);
        if line >= end {
            beside.push((at, end));
            at = line;
        }
        if !head {
            beside.push((at, start));
        }
        let kept = behind.len().saturating_sub(behind.trim_start_matches([' ', '\t', '=']).len());
        end = stop.saturating_add(behind.len());
        at = if head { end } else { stop.saturating_add(kept) };
    }
    beside.push((at, end));
    beside.retain(|(start, end)| text.get(*start..*end).is_some_and(|of| !of.trim().is_empty()));
    beside
}

/// The text with blanks at these places, which are in order.
fn blanked(text: &str, places: &[(usize, usize)]) -> String {
    let mut shown = String::with_capacity(text.len());
    for (start, end) in places {
        let start = (*start).max(shown.len());
        let end = (*end).max(start);
        shown.push_str(text.get(shown.len()..start).unwrap_or_default());
        shown.push_str(&blank(text.get(start..end).unwrap_or_default()));
    }
    shown.push_str(text.get(shown.len()..).unwrap_or_default());
    shown
}

/// As many bytes, in as many lines.
fn blank(text: &str) -> String {
    const MARK: &str = "…";
    let space = |b: u8| if matches!(b, b'\n' | b'\r') { char::from(b) } else { ' ' };
    match text.as_bytes().split_at_checked(MARK.len()) {
        Some((head, rest)) if !head.iter().any(|b| matches!(b, b'\n' | b'\r')) => {
            MARK.chars().chain(rest.iter().map(|b| space(*b))).collect()
        }
        _ => text.bytes().map(|b| if space(b) == ' ' { '*' } else { space(b) }).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::codes;

    fn of(text: &str, keys: &[&str], value: Option<&str>) -> (String, String) {
        let place = |of: &str| {
            let start = text.find(of).unwrap();
            let (start, end) = (start.try_into().unwrap(), (start + of.len()).try_into().unwrap());
            Place { file: 0, start, end }
        };
        let found: Vec<_> = keys
            .iter()
            .map(|key| Diagnostic::error(codes::P2021, place(key), "m").hides(value.map(place)))
            .collect();
        let files = [FileName { path: "play.toml".into(), text: text.into() }];
        let shown = without(&found, &files)[0].text.to_string();
        assert_eq!(shown.len(), text.len());
        let plain = crate::text::Style { plain: true, ..Default::default() };
        let drawn = crate::text::Style { plain: false, ..Default::default() };
        (shown, [plain, drawn].map(|style| crate::text::render(&found, &files, style)).concat())
    }

    #[test]
    fn what_stands_beside_what_is_marked_is_neither_shown_nor_moves_anything() {
        for (text, keys, left) in [
            ("lisen = 's3cret' # s3cret\nb = 1\n", &["lisen"][..], "lisen = …\nb = 1"),
            ("a = 1\n  lisen = 5 \r\nb = 1", &["lisen"], "a = 1\n  lisen = **\r\nb = 1"),
            (
                "serve = { lisen = 5, t = 's3cret', prt = 's3crét' }",
                &["lisen", "prt"],
                "…       lisen = …              prt = …",
            ),
            ("lisen.a = 's3cret'\nx.lisen2 = 's3cret'", &["lisen", "lisen2"], "lisen…\n**lisen2 = …"),
            ("[serve.webhok.w]\nsecret = 's3cret'", &["webhok"], "[serve.webhok.w]\nsecret = 's3cret'"),
            ("w = { secrt = { env = 'X', x = 's3cret' } }", &["secrt"], "…   secrt = …"),
        ] {
            let (shown, said) = of(text, keys, None);
            let lines: Vec<&str> = shown.trim_end().split('\n').map(str::trim_end).collect();
            let wanted: Vec<&str> = left.split('\n').map(str::trim_end).collect();
            assert_eq!(lines, wanted, "{text}");
            assert!(said.contains(keys[0]) && !said.contains("s3cr"), "{said}");
        }
    }

    #[test]
    fn a_value_of_several_lines_is_hidden_as_a_whole() {
        let (shown, said) = of("a = \"\"\"\ns3crét\"\"\"\nb = 1\n", &["a"], Some("\"\"\"\ns3crét\"\"\""));
        assert!(shown.starts_with("a = …\n") && shown.ends_with("\nb = 1\n"), "{shown}");
        assert!(!shown.contains("s3cr") && !said.contains("s3cr"), "{shown}{said}");
    }
}
