//! `failure`: how a call failed, in its `else` and in that of the step that it failed; and `match` on what kind of failure it was.

use std::borrow::Cow;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_program::value::{FailureKind, Value};
use play_syntax::ast::{Name, Pattern, PatternKind, Span};

use super::failable::Failing;
use super::{BodyCx, Role};
use crate::context::{Context, place};
use crate::failures::KIND;
use crate::names::index;
use crate::typed::{Expr, ExprKind, LocalId, Missing, Suspend};

impl Failing {
    /// The failures that it can end in, when it is a call.
    pub(super) fn can_fail(&self, context: &Context<'_>) -> Option<Vec<FailureKind>> {
        (self.missing == Missing::Call).then(|| call_can_fail(&self.value, context))
    }
}

/// The failures that a call can end in.
pub(super) fn call_can_fail(call: &Expr, context: &Context<'_>) -> Vec<FailureKind> {
    match &call.kind {
        ExprKind::Read(action, ..) | ExprKind::Do(action, ..) => context.failures_of(*action),
        kind => match kind.suspends() {
            Some(Suspend::Poll(poll)) => context.failures_of_poll(poll.action),
            Some(Suspend::Event(_)) => vec![FailureKind::Timeout],
            _ => FailureKind::ALL.to_vec(),
        },
    }
}

/// A name for a failure.
#[derive(Debug)]
pub(super) struct Caught {
    local: LocalId,
    /// The failures that it can be.
    kinds: Vec<FailureKind>,
    /// It is that of a step, and so of one of several calls.
    of_step: bool,
}

impl BodyCx<'_, '_> {
    /// What is done when something is missing. After a call, `failure` is known in it.
    pub(super) fn after_failure(
        &mut self,
        kinds: Option<Vec<FailureKind>>,
        span: Span,
        arm: impl FnOnce(&mut Self) -> Expr,
    ) -> Expr {
        self.catching(kinds, false, span, arm)
    }

    /// What is done when a step failed, by the failure of a call in it.
    pub(super) fn after_failed_step(
        &mut self,
        kinds: Vec<FailureKind>,
        span: Span,
        arm: impl FnOnce(&mut Self) -> Expr,
    ) -> Expr {
        self.catching(Some(kinds), true, span, arm)
    }

    fn catching(
        &mut self,
        kinds: Option<Vec<FailureKind>>,
        of_step: bool,
        span: Span,
        arm: impl FnOnce(&mut Self) -> Expr,
    ) -> Expr {
        let mentioned = self.context.text(span).contains("failure");
        let (Some(kinds), Some(record), true) = (kinds, self.context.failures.record, mentioned) else {
            return arm(self);
        };
        self.scoped(|b| {
            let local = b.define("failure", Type::Record(record), span, Role::Given);
            b.caught.push(Caught { local, kinds, of_step });
            let at = b.node(span);
            let done = arm(b);
            if !b.locals.get(local.0 as usize).is_some_and(|l| l.used) {
                return done;
            }
            let (ty, fx) = (done.ty.clone(), done.fx);
            Expr { kind: ExprKind::Catch(local, Box::new(done)), ty, at, fx }
        })
    }

    /// The failures that `failure.kind` can be, when that is what an expression is.
    fn kinds_of(&self, value: &Expr) -> Option<&Caught> {
        let ExprKind::Field(of, KIND) = &value.kind else { return None };
        let ExprKind::Local(local) = &of.kind else { return None };
        self.caught.iter().find(|caught| caught.local == *local)
    }

    /// Values that `failure.kind` cannot have, because the action does not fail like that.
    pub(super) fn impossible(&self, value: &Expr) -> Vec<Value> {
        let Some(Caught { kinds, .. }) = self.kinds_of(value) else { return Vec::new() };
        let all = FailureKind::ALL.iter().enumerate();
        all.filter(|(_, k)| !kinds.contains(k)).map(|(tag, _)| Value::Enum(index(tag))).collect()
    }

    /// Warns of a pattern for a failure that cannot come.
    pub(super) fn never_fails_so(&mut self, value: &Expr, pattern: &Pattern) {
        let PatternKind::Variant { name, .. } = &pattern.kind else { return };
        // A set may name more than one call can end in.
        if self.context.text(name.span) != name.text {
            return;
        }
        let (Some(caught), Some(kind)) = (self.kinds_of(value), FailureKind::from_name(&name.text)) else {
            return;
        };
        if caught.kinds.contains(&kind) {
            return;
        }
        let can: Vec<&str> = caught.kinds.iter().map(|k| k.name()).collect();
        let can = can.join(", ");
        let (what, why) = if caught.of_step {
            ("no call in this step fails", format!("What can fail it, fails with {can}."))
        } else {
            ("this call does not fail", format!("Its action declares how it fails: {can}."))
        };
        let finding = Diagnostic::warning(codes::P9005, place(pattern.span), "this arm is never taken")
            .here(format!("{what} with `{}`", name.text))
            .note(why)
            .help("Leave it out.");
        self.report(finding);
    }

    /// Patterns with those in place of a set that it stands for.
    pub(super) fn without_sets<'p>(&self, patterns: &'p [Pattern], on: &Type) -> Cow<'p, [Pattern]> {
        let set = |p: &Pattern| match &p.kind {
            PatternKind::Variant { of: None, name, .. } => self.context.failure_set(name),
            _ => None,
        };
        let kind = self.context.failures.kind.map(Type::Enum);
        if kind.as_ref() != Some(on) || patterns.iter().all(|p| set(p).is_none()) {
            return Cow::Borrowed(patterns);
        }
        let mut all = Vec::new();
        for pattern in patterns {
            match set(pattern) {
                Some(kinds) => all.extend(kinds.into_iter().map(|kind| {
                    let name = Name { text: kind.name().into(), span: pattern.span };
                    Pattern {
                        kind: PatternKind::Variant { of: None, name, captures: None },
                        span: pattern.span,
                    }
                })),
                None => all.push(pattern.clone()),
            }
        }
        Cow::Owned(all)
    }
}
