//! `expect closed == TruePositive`: how a run ended, written as a condition.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_syntax::ast::{BinaryOp, Expr, ExprKind, Span};

use crate::context::{Context, place};

impl Context<'_> {
    /// What is said of a condition that reads the end of a run as a value, where nothing else is called `closed`.
    pub(crate) fn end_as_a_value(&self, e: &Expr) -> Option<Diagnostic> {
        if let Some(finding) = done(e) {
            return Some(finding);
        }
        let is_end = |e: &Expr| matches!(&e.kind, ExprKind::Name(name) if name == "closed");
        let name = |e: &Expr| matches!(e.kind, ExprKind::Name(_)).then_some(e.span);
        let (end, class) = match &e.kind {
            ExprKind::As { value, ty } if is_end(value) => (value, Some(ty.span)),
            ExprKind::Binary { op: BinaryOp::Eq, left, right, .. } if is_end(left) => (left, name(right)),
            ExprKind::Binary { op: BinaryOp::Ne, left, .. } if is_end(left) => (left, None),
            ExprKind::Call { callee, args } if is_end(callee) => match args.as_slice() {
                [one] if one.name.is_none() => (callee, name(&one.value)),
                _ => (callee, None),
            },
            _ => return None,
        };
        let known = self.globals.get(end.span, "closed").is_some()
            || !self.enums_with("closed", end.span).is_empty()
            || self.may_be_broken("closed");
        if known {
            return None;
        }
        let finding = Diagnostic::error(
            codes::P2001,
            place(e.span),
            "how a run ended is no condition: `expect closed` is followed by the class",
        )
        .here("read as a condition");
        Some(match class.and_then(|class| self.class_at(class)) {
            Some(class) => {
                let text = format!("closed {class}");
                let edit = Edit { place: place(e.span), text: text.clone() };
                finding.help(format!("Write `expect {text}`.")).fix(
                    format!("Write `{text}`"),
                    true,
                    vec![edit],
                )
            }
            None => finding.help("Write `expect closed CLASS`, such as `expect closed TruePositive`."),
        })
    }

    /// The name of a class, if that is all that stands there.
    fn class_at(&self, at: Span) -> Option<&str> {
        let word = self.text(at);
        let plain = word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        plain.then_some(word)
    }
}

/// `expect do …`, `expect close …`: what a playbook does, where a test says that it was done.
fn done(e: &Expr) -> Option<Diagnostic> {
    let (word, past) = match &e.kind {
        ExprKind::Do(_) => ("do", "did"),
        ExprKind::Close { .. } => ("close", "closed"),
        ExprKind::HandOver { .. } => ("hand", "handed"),
        _ => return None,
    };
    let start = e.span.start;
    let at = Place { end: start.saturating_add(u32::try_from(word.len()).unwrap_or(0)), ..place(e.span) };
    Some(
        Diagnostic::error(
            codes::P5003,
            at,
            format!("a test does nothing: it expects what a playbook {past}"),
        )
        .here("this would do it")
        .help(format!("Write `{past}`."))
        .fix(format!("Write `{past}`"), true, vec![Edit { place: at, text: past.into() }]),
    )
}
