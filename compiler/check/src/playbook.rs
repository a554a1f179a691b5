//! Playbooks: their condition, their body, and that every path through it ends.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Block, Expr, ExprKind, PlaybookDecl, Span, StmtKind};

use crate::body::{BodyCx, Kind, Want};
use crate::context::{Context, is_wrong, place};
use crate::typed::{self, Playbook, Stmt};

impl Context<'_> {
    /// Checks all playbooks.
    pub(crate) fn playbook_bodies(&mut self, worth: bool) -> Vec<Playbook> {
        let all: Vec<_> = self.playbooks.iter().map(|p| (p.decl, p.case)).collect();
        let made = self.bodies(worth, &all, |context, (decl, case)| context.playbook(decl, *case));
        made.into_iter().flatten().collect()
    }

    fn playbook(&mut self, decl: &PlaybookDecl, case: Option<RecordId>) -> Option<Playbook> {
        for clause in &decl.not_yet {
            self.not_yet(&clause.text, clause.span);
        }
        let at = self.node(decl.name.span);
        let when = decl.when.as_ref().map(|when| {
            let mut body = BodyCx::new(self, Kind::When).of_case(case);
            let expr = body.condition(when);
            body.finish(expr)
        });
        let mut body = BodyCx::new(self, Kind::Playbook).of_case(case);
        let block_at = body.node(decl.body.span);
        let expr = body.block(block_at, &decl.body, &Want::Discard);
        let blind = body.blind;
        let untils = std::mem::take(&mut body.untils);
        let body = body.finish(expr);
        let file = self.files.get(decl.body.span.file as usize);
        let cut = file.is_some_and(|f| f.cut.contains(&decl.body.span.end));
        if body.expr.ty != Type::Never && !blind && !cut && !self.is_torn(decl.body.span) {
            self.open_end(decl, &body.expr);
        }
        let (controls, before) = (self.controls_of(decl), self.before(decl));
        let (name, case, config) = (decl.name.text.as_str().to_string(), case?, Vec::new());
        Some(Playbook { name, at, case, when, body, untils, config, controls, before, rank: 0 })
    }

    /// Reports the paths on which a playbook does not end.
    fn open_end(&mut self, decl: &PlaybookDecl, body: &typed::Expr) {
        let mut open = Vec::new();
        paths_of_block(&decl.body, body, &mut open);
        let name = &decl.name.text;
        let mut finding = Diagnostic::error(
            codes::P5005,
            place(decl.name.span),
            format!("`{name}` does not end on every path"),
        )
        .here("a playbook ends in `close` or `hand over`, whichever way it goes");
        for (span, text) in open {
            finding = finding.label(place(span), text);
        }
        let finding = finding.note("A case that nobody has closed or been given would be forgotten.").help(
            "End the open path with `close CLASS because \"…\"` or `hand over to queue.NAME because \"…\"`.",
        );
        self.report(finding);
    }
}

/// The places where a block runs off its end, each with what to say there.
fn paths_of_block(block: &Block, typed: &typed::Expr, open: &mut Vec<(Span, String)>) {
    let typed::ExprKind::Block(stmts, value) = &typed.kind else { return };
    let last = match (value.as_deref(), stmts.last()) {
        (Some(value), _) => Some(value),
        (None, Some(Stmt::Expr(e))) => Some(e),
        _ => None,
    };
    let end = Span { file: block.span.file, start: block.span.end.saturating_sub(1), end: block.span.end };
    match (block.stmts.last().map(|s| &s.kind), last) {
        (Some(StmtKind::Expr(e)), Some(typed)) if branches(e) => paths(e, typed, open),
        _ => open.push((end, "nothing has ended the run when it comes here".into())),
    }
}

fn branches(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Block(_) | ExprKind::Step { .. }
    )
}

fn paths(e: &Expr, typed: &typed::Expr, open: &mut Vec<(Span, String)>) {
    if typed.ty == Type::Never || is_wrong(&typed.ty) {
        return;
    }
    match (&e.kind, &typed.kind) {
        // Names for what a member holds, made by its pattern.
        (_, typed::ExprKind::Block(stmts, Some(value)))
            if !matches!(e.kind, ExprKind::Block(_)) && stmts.iter().all(|s| matches!(s, Stmt::Let(..))) =>
        {
            paths(e, value, open);
        }
        (ExprKind::Block(block), _) => paths_of_block(block, typed, open),
        (
            ExprKind::If { then, other, .. },
            typed::ExprKind::If(_, typed_then, typed_other)
            | typed::ExprKind::IfLet { then: typed_then, other: typed_other, .. },
        ) => {
            if typed_then.ty != Type::Never {
                paths_of_block(then, typed_then, open);
            }
            match (other, typed_other) {
                (Some(other), Some(typed_other)) => paths(other, typed_other, open),
                _ => open.push((
                    head(e.span, then.span),
                    "this `if` has no `else`: nothing has ended the run after it".into(),
                )),
            }
        }
        (
            ExprKind::Step { body, other: Some(other), .. },
            typed::ExprKind::Step { body: typed_body, other: typed_other, .. },
        ) => {
            let typed_other = match &typed_other.kind {
                typed::ExprKind::Catch(_, arm) => arm,
                _ => typed_other,
            };
            for (block, typed) in [(body, typed_body), (other, typed_other)] {
                if typed.ty != Type::Never {
                    paths_of_block(block, typed, open);
                }
            }
        }
        (ExprKind::Match { arms, .. }, typed::ExprKind::Match { arms: typed_arms, .. }) => {
            for (arm, typed_arm) in arms.iter().zip(typed_arms) {
                if typed_arm.body.ty == Type::Never {
                    continue;
                }
                if branches(&arm.body) {
                    paths(&arm.body, &typed_arm.body, open);
                } else {
                    open.push((
                        arm.body.span,
                        "this arm does not end the run, and nothing does after it".into(),
                    ));
                }
            }
        }
        _ => open.push((e.span, "nothing has ended the run after this".into())),
    }
}

/// What stands before a block: `if CONDITION`.
fn head(whole: Span, block: Span) -> Span {
    Span { end: block.start.saturating_sub(1).max(whole.start), ..whole }
}
