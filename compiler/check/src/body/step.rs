//! `step … else`, and `rollback`: what is given up as a whole, and what is taken back.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_syntax::ast::{self, Block, ExprKind as Ast, Name, StmtKind};

use super::failure::call_can_fail;
use super::{BodyCx, Want, lit};
use crate::context::place;
use crate::typed::{Effects, Expr, ExprKind, Missing, NodeId};
use play_program::value::{FailureKind, Value};

/// The steps round the place that is being checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    /// In how many bodies of steps it stands.
    bodies: u32,
    /// Something in the innermost one can fail it.
    fails: bool,
    /// By which failures.
    kinds: Vec<FailureKind>,
}

/// A call that stands in an expression: it can fail.
pub(super) fn is_call(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Read(..) | ExprKind::Do(..) | ExprKind::Suspend(..) | ExprKind::Rollback { .. })
}

/// Whether an expression may be such a call, by how it is written.
fn looks_like_a_call(e: &ast::Expr) -> bool {
    match &e.kind {
        Ast::Call { .. } | Ast::Do(_) | Ast::Approve(_) | Ast::Rollback { .. } => true,
        // With a choice for when there is no answer it cannot fail.
        Ast::Ask(ask) => ask.otherwise.is_none(),
        // A pause cannot fail.
        Ast::Wait(wait) => !matches!(wait.what.kind, Ast::Duration(_)),
        Ast::OnTerms { call: inner, .. } | Ast::NotYet { inner: Some(inner), .. } => looks_like_a_call(inner),
        _ => false,
    }
}

/// The effects of what is only reached when something failed.
pub(super) fn in_else(fx: Effects) -> Effects {
    Effects { end: false, end_in_else: fx.end || fx.end_in_else, ..fx.later() }
}

impl BodyCx<'_, '_> {
    /// Inside of a step a call that fails, and whose failure nobody takes, fails the step. `None`: this is no such call.
    pub(super) fn or_fail_the_step(&mut self, e: &ast::Expr, want: &Want) -> Option<Expr> {
        if self.steps.bodies == 0 || !looks_like_a_call(e) {
            return None;
        }
        // The node of the `else` that is not written has to come before those of the call.
        let at = self.node(e.span);
        let call_at = self.node(e.span);
        let call = self.expr_at(call_at, e, want, true);
        if !is_call(&call.kind) {
            return Some(call);
        }
        self.steps.fails = true;
        let kinds = call_can_fail(&call, self.context);
        self.steps.kinds.extend(kinds);
        let arm = Expr {
            kind: ExprKind::FailStep,
            ty: Type::Never,
            at: self.node(e.span),
            fx: Effects { end: true, ..Effects::default() },
        };
        let ty = if matches!(want, Want::Discard) { Type::Unit } else { call.ty.clone() };
        let fx = call.fx.with(in_else(arm.fx));
        Some(Expr { kind: ExprKind::Else(Missing::Call, Box::new(call), Box::new(arm)), ty, at, fx })
    }

    pub(super) fn step_expr(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        name: &Name,
        body: &Block,
        other: Option<&Block>,
    ) -> Expr {
        let allowed = self.may_act("`step`", e.span);
        let inside = Steps { bodies: self.steps.bodies.saturating_add(1), ..Steps::default() };
        let outer = std::mem::replace(&mut self.steps, inside);
        let body_at = self.node(body.span);
        let before = self.blind;
        let tried = self.block(body_at, body, &Want::Discard);
        let Steps { fails, kinds, .. } = std::mem::replace(&mut self.steps, outer);
        // Where nothing can fail it, or not all of it is known, `failure` may be anything.
        let unsure = !fails || (self.blind && !before);
        let fails = fails || (self.blind && !before);
        let Some(other) = other else {
            self.step_without_else(e, name);
            return self.wrong(at);
        };
        let can = FailureKind::ALL.into_iter().filter(|k| unsure || kinds.contains(k)).collect();
        let rescue = self.after_failed_step(can, other.span, |b| {
            let at = b.node(other.span);
            b.block(at, other, &Want::Discard)
        });
        if !allowed {
            return self.wrong(at);
        }
        if fails && other.stmts.is_empty() {
            self.forgotten(name, other);
        }
        if !fails {
            self.step_that_cannot_fail(name, other);
        }
        let ty = if tried.ty == Type::Never && (rescue.ty == Type::Never || !fails) {
            Type::Never
        } else {
            Type::Unit
        };
        let fx = Effects { end_in_else: true, ..tried.fx.with(in_else(rescue.fx)) };
        let kind = ExprKind::Step {
            name: name.text.as_str().into(),
            body: Box::new(tried),
            other: Box::new(rescue),
        };
        Expr { kind, ty, at, fx }
    }

    fn step_without_else(&mut self, e: &ast::Expr, name: &Name) {
        let end = Place { file: e.span.file, start: e.span.end, end: e.span.end };
        let text = " else {\n  rollback because \"TODO\"\n  hand over to queue.tier2 because \"TODO\"\n}";
        self.report(
            Diagnostic::error(
                codes::P5051,
                place(name.span),
                format!("the step `{}` does not say what happens when it fails", name.text),
            )
            .here("without an `else`")
            .note("A step is done as a whole: the first call in it that fails, and has no `else` of its own, ends it.")
            .help("Add `else { … }` after it, which takes back what was done, or hands the case over.")
            .fix("Roll back and hand over", false, vec![Edit { place: end, text: text.into() }]),
        );
    }

    /// The run goes on as if nothing had been.
    fn forgotten(&mut self, name: &Name, other: &Block) {
        let inside = Place {
            file: other.span.file,
            start: other.span.start.saturating_add(1),
            end: other.span.end.saturating_sub(1),
        };
        self.report(
            Diagnostic::warning(
                codes::P5062,
                place(other.span),
                format!("what fails in the step `{}` is forgotten", name.text),
            )
            .here("nothing is done, and nobody is told")
            .label(place(name.span), "a part of this may have been done, and a part not")
            .help("Take it back, hand the case over, or say in a `note` that it does not matter, and why.")
            .fix(
                "Roll back and hand over",
                false,
                vec![Edit {
                    place: inside,
                    text: "\n  rollback because \"TODO\"\n  hand over to queue.tier2 because \"TODO\"\n"
                        .into(),
                }],
            ),
        );
    }

    fn step_that_cannot_fail(&mut self, name: &Name, other: &Block) {
        self.report(
            Diagnostic::warning(
                codes::P5052,
                place(name.span),
                format!("nothing in the step `{}` can fail it", name.text),
            )
            .here("no call without an `else` of its own")
            .label(place(other.span), "never taken")
            .help("Leave the step out, or the `else` of a call in it: its failure is then the step's."),
        );
    }

    /// `rollback because "…"`: can fail like any call, when something could not be taken back.
    pub(super) fn rollback(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        because: Option<&ast::Expr>,
        handled: bool,
    ) -> Expr {
        let allowed = self.may_act("`rollback`", e.span);
        let because = self.because(e, because, "rollback");
        if !allowed {
            return self.wrong(at);
        }
        if !handled {
            self.unhandled_rollback(e);
            return self.wrong(at);
        }
        let fx = Effects { act: true, ..Effects::default() }.with(because.fx);
        Expr { kind: ExprKind::Rollback { because: Box::new(because) }, ty: Type::Unit, at, fx }
    }

    /// A `rollback` in a block that ends by handing the case over: the person who gets it sees what is still in force, so
    /// nothing more is to be said. `None`: this statement is none.
    pub(super) fn rollback_for_a_person(&mut self, block: &Block, e: &ast::Expr) -> Option<Expr> {
        let last = block.stmts.last().map(|s| &s.kind);
        let handed = matches!(last, Some(StmtKind::Expr(ast::Expr { kind: Ast::HandOver { .. }, .. })));
        if !matches!(e.kind, Ast::Rollback { .. }) || !handed {
            return None;
        }
        let at = self.node(e.span);
        let call_at = self.node(e.span);
        let call = self.expr_at(call_at, e, &Want::Discard, true);
        if !is_call(&call.kind) {
            return Some(call);
        }
        let arm_at = self.node(e.span);
        let arm = lit(Value::None, Type::Unit, arm_at);
        let fx = call.fx;
        let kind = ExprKind::Else(Missing::Call, Box::new(call), Box::new(arm));
        Some(Expr { kind, ty: Type::Unit, at, fx })
    }

    fn unhandled_rollback(&mut self, e: &ast::Expr) {
        let end = Place { file: e.span.file, start: e.span.end, end: e.span.end };
        self.report(
            Diagnostic::error(
                codes::P4001,
                place(e.span),
                "a rollback may not come to its end, and nothing says what happens then",
            )
            .here("this can fail")
            .note("The other side may refuse to take something back. The rollback goes on with the rest, and fails.")
            .help(
                "End this block with `hand over to queue.NAME because \"…\"`, or write `rollback because \"…\" else …`.",
            )
            .fix(
                "Hand over when it fails",
                false,
                vec![Edit { place: end, text: " else hand over to queue.tier2 because \"TODO\"".into() }],
            ),
        );
    }
}
