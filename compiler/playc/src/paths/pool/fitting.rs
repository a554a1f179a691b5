//! A text that a pattern fits, as short as it gets.

use regex_syntax::hir::{Class, Hir, HirKind};

/// A text that a pattern fits, as short as it gets.
pub(super) fn fitting(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut text = Vec::new();
    fit(&hir, &mut text)?;
    String::from_utf8(text).ok()
}

fn fit(hir: &Hir, text: &mut Vec<u8>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            text.extend_from_slice(&literal.0);
            Some(())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let starts: Vec<char> = class.ranges().iter().map(|r| r.start()).collect();
            let plain = starts.iter().find(|c| c.is_ascii_alphanumeric()).or(starts.first())?;
            text.extend_from_slice(plain.to_string().as_bytes());
            Some(())
        }
        HirKind::Class(Class::Bytes(class)) => {
            text.push(class.ranges().first()?.start());
            Some(())
        }
        HirKind::Repetition(repetition) => {
            (0..repetition.min.min(64)).try_for_each(|_| fit(&repetition.sub, text))
        }
        HirKind::Capture(capture) => fit(&capture.sub, text),
        HirKind::Concat(all) => all.iter().try_for_each(|one| fit(one, text)),
        HirKind::Alternation(all) => fit(all.first()?, text),
    }
}
