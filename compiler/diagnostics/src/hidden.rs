//! What a finding hides: its line is shown without it, and no fingerprint is made of it.

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, FileName, Place};
use crate::place::floor;

/// The files as they may be shown: what any of the findings hides is `…`, and as many bytes as before, so that places stay.
pub(crate) fn without<'d, 'f>(
    diagnostics: impl IntoIterator<Item = &'d Diagnostic>,
    files: &'f [FileName],
) -> Cow<'f, [FileName]> {
    let mut hidden: Vec<Place> = diagnostics.into_iter().flat_map(|d| &d.hidden).copied().collect();
    hidden.sort_unstable();
    let mut shown = Cow::Borrowed(files);
    for of_file in hidden.chunk_by(|a, b| a.file == b.file) {
        let at = of_file.first().map_or(0, |place| place.file as usize);
        if let Some(file) = files.get(at).map(|file| &*file.text)
            && let Some(shown) = shown.to_mut().get_mut(at)
        {
            shown.text = blanked(file, of_file).into();
        }
    }
    shown
}

/// The text with blanks at these places, which are in order.
fn blanked(text: &str, places: &[Place]) -> String {
    let mut shown = String::with_capacity(text.len());
    for place in places {
        let start = floor(text, place.start as usize).max(shown.len());
        let end = floor(text, place.end as usize).max(start);
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

    #[test]
    fn what_is_hidden_is_neither_shown_nor_moves_anything() {
        for (value, left) in [("'s3cret'", "…     "), ("\"\"\"\ns3crét\"\"\"", "…\n          "), ("5", "*")]
        {
            let text = format!("a = {value} # why\nb = 1\n");
            let end = u32::try_from(4 + value.len()).unwrap();
            let place = Place { file: 0, start: 0, end: 1 };
            let found = Diagnostic::error(codes::P2021, place, "m").hides(Place { start: 4, end, ..place });
            let files = [FileName { path: "play.toml".into(), text: text.clone().into() }];
            let shown = without([&found], &files);
            assert_eq!(&*shown[0].text, format!("a = {left} # why\nb = 1\n"));
            assert_eq!(shown[0].text.len(), text.len());
            for style in [true, false] {
                let style = crate::text::Style { plain: style, ..Default::default() };
                let said = crate::text::render(std::slice::from_ref(&found), &files, style);
                assert!(said.contains("a =") && !said.contains("s3cr"), "{said}");
            }
        }
    }
}
