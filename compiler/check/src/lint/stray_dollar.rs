//! `"${x}"`: as a shell has it.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{Expr, ExprKind, Span, StrPart};

use super::text::of;
use crate::context::place;
use crate::project::Loaded;

/// Where the `$` stands before the braces of this.
fn dollar(file: &Loaded, text: Span, value: Span) -> Option<Span> {
    let before = of(file, Span { end: value.start, ..text }).trim_end().strip_suffix("${")?;
    let start = text.start.checked_add(u32::try_from(before.len()).ok()?)?;
    Some(Span { start, end: start.checked_add(1)?, ..text })
}

pub(super) fn expr(file: &Loaded, e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Str(parts) = &e.kind else { return };
    let with = |pair: &[StrPart]| match pair {
        [StrPart::Text(text), StrPart::Expr(value)] if text.ends_with('$') => {
            dollar(file, e.span, value.span)
        }
        _ => None,
    };
    let dollars: Vec<Span> = parts.windows(2).filter_map(with).collect();
    let Some(first) = dollars.first() else { return };
    let edits = dollars.iter().map(|at| Edit { place: place(*at), text: String::new() }).collect();
    findings.push(
        Diagnostic::warning(codes::P9033, place(*first), "this `$` is a part of the text")
            .here("stands in the text as it is")
            .note("What is put into a text stands in braces alone: `\"{case.ip}\"`.")
            .help("Leave it out. Before an amount of dollars it may stay.")
            .fix("Leave it out", false, edits),
    );
}
