//! Lengths of time at places that take no computed one: written out, or the name of a value that is.

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, Span};

use crate::body::BodyCx;
use crate::context::{Context, Global, place};

/// So many names stand for each other at the most.
const DEEPEST: u8 = 16;

impl Context<'_> {
    /// The duration that stands at a place which takes no computed one.
    pub(crate) fn fixed_duration(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        match &expr.kind {
            ExprKind::Duration(d) if d.is_positive() => return Some(*d),
            ExprKind::Name(name) => match self.named_length(name, expr.span) {
                Some(d) if d.is_positive() => return Some(d),
                None if self.may_be_broken(name) => return None,
                _ => {}
            },
            ExprKind::Error => return None,
            ExprKind::NotYet { what, .. } => {
                self.not_yet(&what.text, what.span);
                return None;
            }
            _ => {}
        }
        self.not_fixed(expr, what);
        None
    }

    /// The length that a value of the program is, where it is written out there.
    pub(crate) fn named_length(&self, name: &str, at: Span) -> Option<SignedDuration> {
        let (mut name, mut at) = (name, at);
        for _ in 0..DEEPEST {
            let (Global::Const(index), _) = self.globals.get(at, name)? else { return None };
            let value = &self.consts.get(*index)?.decl.value;
            match &value.kind {
                ExprKind::Duration(d) => return Some(*d),
                ExprKind::Name(next) => (name, at) = (next, value.span),
                _ => return None,
            }
        }
        None
    }

    fn not_fixed(&mut self, expr: &Expr, what: &str) {
        self.report(
            Diagnostic::error(codes::P3019, place(expr.span), format!("{what} is a fixed length of time"))
                .here("not a duration above zero that is written out")
                .help(
                    "Write a number with its unit, such as `30s`, `15m`, `24h` or `7d`; or the name of a value that is one: \
                     `const answer_in = 4h`.",
                ),
        );
    }
}

impl BodyCx<'_, '_> {
    /// Whether a name stands for something that the body has made, which hides a value of the program. Reports it.
    pub(crate) fn is_made_here(&mut self, expr: &Expr, what: &str) -> bool {
        let made = matches!(&expr.kind, ExprKind::Name(name) if self.find(name).is_some());
        if made {
            self.context.not_fixed(expr, what);
        }
        made
    }

    /// [`Context::fixed_duration`] in a body.
    pub(crate) fn fixed_duration(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        if self.is_made_here(expr, what) { None } else { self.context.fixed_duration(expr, what) }
    }

    /// [`Context::wait_length`] in a body.
    pub(crate) fn wait_length(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        if self.is_made_here(expr, what) { None } else { self.context.wait_length(expr, what) }
    }

    /// [`Context::short_time`] in a body.
    pub(crate) fn short_time(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        if self.is_made_here(expr, what) { None } else { self.context.short_time(expr, what) }
    }
}
