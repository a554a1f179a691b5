//! The answer to a question, taken for the choice that is in it: `answer == Yes`, `match answer { Yes => … }`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::{EnumId, Type};
use play_syntax::ast::{self, ExprKind as Ast, Span};

use super::BodyCx;
use crate::context::place;

impl BodyCx<'_, '_> {
    /// The choices of an answer; `None` of anything else.
    fn choices_of(&self, ty: &Type) -> Option<EnumId> {
        let Type::Record(id) = ty else { return None };
        self.context.answers.values().find(|(_, answer)| answer == id).map(|(choices, _)| *choices)
    }

    /// Reports an answer that is compared with one of its choices.
    pub(super) fn answer_compared(&mut self, answer: &ast::Expr, ty: &Type, other: &ast::Expr) -> bool {
        let Ast::Name(name) = &other.kind else { return false };
        let Some(of) = self.choices_of(ty).filter(|_| self.find(name).is_none()) else { return false };
        let all = self.context.types.enumeration(of).map(|e| e.variants.clone()).unwrap_or_default();
        let exact = all.iter().any(|choice| choice == name);
        let Some(meant) = all.iter().find(|choice| choice.eq_ignore_ascii_case(name)) else { return false };
        let mut edits = vec![choice_of(answer.span)];
        if !exact {
            edits.push(Edit { place: place(other.span), text: meant.clone() });
        }
        let what = self.context.quoted(answer.span);
        let text = self.context.example(answer.span);
        self.report(
            Diagnostic::error(
                codes::P3002,
                place(answer.span),
                format!("{what} is the whole answer, and `{name}` is a choice"),
            )
            .here("with the choice, the reason, and who gave it")
            .label(place(other.span), "a choice")
            .help(format!("Compare what was chosen: `{text}.choice == {meant}`."))
            .fix("Compare the choice", exact, edits),
        );
        true
    }

    /// Reports an answer that is told apart by its choices.
    pub(super) fn answer_matched(&mut self, answer: &ast::Expr, ty: &Type) -> bool {
        if self.choices_of(ty).is_none() {
            return false;
        }
        let (what, text) = (self.context.quoted(answer.span), self.context.example(answer.span));
        self.report(
            Diagnostic::error(
                codes::P3014,
                place(answer.span),
                format!("{what} is an `Answer`, which `match` cannot tell apart"),
            )
            .here("with the choice, the reason, and who gave it")
            .help(format!("Match on what was chosen: `match {text}.choice {{ … }}`."))
            .fix("Match on the choice", true, vec![choice_of(answer.span)]),
        );
        true
    }
}

fn choice_of(answer: Span) -> Edit {
    let end = Place { file: answer.file, start: answer.end, end: answer.end };
    Edit { place: end, text: ".choice".into() }
}
