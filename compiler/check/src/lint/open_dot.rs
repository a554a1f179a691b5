//! A dot in a regular expression that was meant as a dot.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_syntax::ast::{Expr, ExprKind};

use super::text::{ends_hosts, of};
use crate::context::place;
use crate::project::Loaded;

/// Where a dot stands between a letter or digit and the end of a name, for any character: `evil.com`, `x.exe`.
fn dots(pattern: &str) -> Vec<usize> {
    let bytes = pattern.as_bytes();
    let (mut found, mut in_class, mut escaped) = (Vec::new(), false, false);
    for (i, byte) in bytes.iter().enumerate() {
        if std::mem::take(&mut escaped) {
            continue;
        }
        match byte {
            b'\\' => escaped = true,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'.' if !in_class => {
                let before =
                    i.checked_sub(1).and_then(|j| bytes.get(j)).is_some_and(u8::is_ascii_alphanumeric);
                let rest = pattern.get(i.saturating_add(1)..).unwrap_or_default();
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default();
                let next = rest.get(end..).and_then(|r| r.chars().next());
                let goes_on = next.is_some_and(|c| matches!(c, '*' | '+' | '?' | '{' | '-' | '_'));
                let known = ends_hosts(word)
                    || matches!(word, "exe" | "dll" | "ps1" | "bat" | "cmd" | "vbs" | "scr" | "lnk");
                if before && known && !goes_on {
                    found.push(i);
                }
            }
            _ => {}
        }
    }
    found
}

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Regex(_) = &e.kind else { return };
    for at in dots(of(file, e.span)) {
        let start = e.span.start.saturating_add(u32::try_from(at).unwrap_or(0));
        let here = Place { start, end: start.saturating_add(1), ..place(e.span) };
        findings.push(
            Diagnostic::warning(codes::P9017, here, "this dot stands for any character")
                .here("not only a dot")
                .help("Write `\\.`.")
                .fix("Write `\\.`", false, vec![Edit { place: here, text: "\\.".into() }]),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::dots;

    #[test]
    fn only_dots_that_were_meant_as_such_are_found() {
        assert_eq!(dots("/evil.com/"), [5]);
        assert_eq!(dots(r"/evil\.com|a.b.exe$/"), [14]);
        assert_eq!(dots(r"/\w.com/"), [3]);
        let none: [usize; 0] = [];
        assert_eq!(dots(r"/a.*b.c+x[a.com]y.com*/"), none);
    }
}
