//! The walk over a body, with what is known at each place.

use std::collections::BTreeSet;

use play_program::types::{Type, TypeTable};

use super::Role;
use super::facts::{Decided, Facts, Plain};
use super::terms::{bare, sets, values};
use crate::typed::{Body, Expr, ExprKind, Missing, NodeId, Pattern, Stmt};

/// Takes what was found of the condition of a node.
type Found<'w> = dyn FnMut(NodeId, Option<Decided>, Role) + 'w;

/// Which value of a part decides the whole condition: whether `false` does, and whether `true` does.
#[derive(Clone, Copy)]
struct Decides {
    by_false: bool,
    by_true: bool,
}

const WHOLE: Decides = Decides { by_false: true, by_true: true };

pub(super) struct Walk<'e, 'w> {
    types: &'e TypeTable,
    found: &'w mut Found<'w>,
}

impl<'e, 'w> Walk<'e, 'w> {
    pub(super) fn new(types: &'e TypeTable, found: &'w mut Found<'w>) -> Self {
        Self { types, found }
    }

    /// A body of which nothing is known.
    pub(super) fn body(&mut self, e: &'e Expr) {
        self.expr(e, &Facts::new(self.types));
    }

    /// The conditions of a source: all of them hold of the records that it takes.
    pub(super) fn accepts(&mut self, all: &'e [Body]) {
        let mut facts = Facts::new(self.types);
        for accept in all {
            if self.condition(&accept.expr, &facts, Role::Accept, WHOLE).is_none() {
                facts.learn(&accept.expr, true);
            }
        }
    }

    /// A guard: what is never done is asked first, then what may be done; one that holds is enough.
    pub(super) fn guard(
        &mut self,
        never: impl Iterator<Item = &'e Expr>,
        allow: impl Iterator<Item = &'e Expr>,
    ) {
        let mut facts = Facts::new(self.types);
        for (role, condition) in
            never.map(|e| (Role::Never, e)).chain(allow.map(|e| (Role::Allow, e))).collect::<Vec<_>>()
        {
            if self.condition(condition, &facts, role, WHOLE).is_none() {
                facts.learn(condition, false);
            }
        }
    }

    /// A playbook: when it begins, its condition holds.
    pub(super) fn playbook(&mut self, when: Option<&'e Expr>, body: &'e Expr) {
        let mut facts = Facts::new(self.types);
        if let Some(when) = when
            && self.condition(when, &facts, Role::When, WHOLE).is_none()
        {
            facts.learn(when, true);
        }
        self.expr(body, &facts);
    }

    /// Walks an expression. What is learned in it is known in it alone.
    fn expr(&mut self, e: &'e Expr, facts: &Facts<'e>) {
        match &e.kind {
            ExprKind::Block(stmts, value) => {
                if stmts.is_empty() {
                    return value.iter().for_each(|value| self.expr(value, facts));
                }
                let mut inner = facts.clone();
                for stmt in stmts {
                    self.expr(stmt.expr(), &inner);
                    self.after(stmt, &mut inner);
                }
                if let Some(value) = value {
                    self.expr(value, &inner);
                }
            }
            ExprKind::If(test, then, other) => {
                let decided = self.condition(test, facts, Role::If, WHOLE).is_some();
                let learned = |holds| {
                    let mut inner = facts.clone();
                    if !decided {
                        inner.learn(test, holds);
                    }
                    inner
                };
                self.expr(then, &learned(true));
                if let Some(other) = other {
                    self.expr(other, &learned(false));
                }
            }
            ExprKind::IfLet { missing, value, then, other, .. } => {
                self.expr(value, facts);
                for (branch, there) in [(Some(then), true), (other.as_ref(), false)] {
                    if let Some(branch) = branch {
                        self.where_there(*missing, value, there, branch, facts);
                    }
                }
            }
            ExprKind::Else(missing, value, arm) => {
                self.expr(value, facts);
                self.where_there(*missing, value, false, arm, facts);
            }
            ExprKind::Match { value, arms } => {
                self.expr(value, facts);
                let mut rest = facts.clone();
                for arm in arms {
                    let mut inner = rest.clone();
                    if let Some(values) = values(&arm.patterns) {
                        inner.learn_values(value, values.clone(), true, value.at);
                        rest.learn_values(value, values, false, value.at);
                    } else if let [Pattern::Range(low, high)] = arm.patterns.as_slice() {
                        inner.learn_range(value, *low, *high, value.at);
                    }
                    self.expr(&arm.body, &inner);
                }
            }
            ExprKind::For { list, body, .. } => {
                self.expr(list, facts);
                // What a pass sets, the next one finds.
                let mut inner = facts.clone();
                forget(body, &mut inner);
                self.expr(body, &inner);
            }
            ExprKind::And(..) | ExprKind::Or(..) | ExprKind::Not(_) | ExprKind::Binary(..)
                if e.ty == Type::Bool =>
            {
                self.condition(e, facts, Role::Value, WHOLE);
            }
            _ if e.fx.change => {
                let mut inner = facts.clone();
                forget(e, &mut inner);
                e.parts().into_iter().for_each(|part| self.expr(part, &inner));
            }
            _ => e.parts().into_iter().for_each(|part| self.expr(part, facts)),
        }
    }

    /// A branch that is taken where a value is there, or where it is not.
    fn where_there(
        &mut self,
        missing: Missing,
        value: &'e Expr,
        there: bool,
        branch: &'e Expr,
        facts: &Facts<'e>,
    ) {
        if missing != Missing::Option {
            return self.expr(branch, facts);
        }
        let mut inner = facts.clone();
        inner.learn_presence(value, there, value.at);
        self.expr(branch, &inner);
    }

    /// What is known once a statement is done.
    fn after(&self, stmt: &'e Stmt, facts: &mut Facts<'e>) {
        let e = bare(stmt.expr());
        match &e.kind {
            ExprKind::If(test, then, other) => {
                let ends = |branch: &Expr| branch.ty == Type::Never;
                match (ends(then), other.as_deref().is_some_and(ends)) {
                    (true, false) => self.unless_decided(test, false, facts),
                    (false, true) => self.unless_decided(test, true, facts),
                    _ => {}
                }
            }
            ExprKind::Else(Missing::Option, value, arm) if arm.ty == Type::Never => {
                facts.learn_presence(value, true, value.at);
            }
            ExprKind::IfLet { missing: Missing::Option, value, then, other, .. } => {
                if then.ty == Type::Never {
                    facts.learn_presence(value, false, value.at);
                } else if other.as_ref().is_some_and(|o| o.ty == Type::Never) {
                    facts.learn_presence(value, true, value.at);
                }
            }
            ExprKind::Match { value, arms } => {
                for arm in arms.iter().filter(|arm| arm.body.ty == Type::Never) {
                    if let Some(values) = values(&arm.patterns) {
                        facts.learn_values(value, values, false, value.at);
                    }
                }
            }
            _ => {}
        }
        forget(stmt.expr(), facts);
    }

    /// Learns from a condition that is not decided: what is known stays free of contradictions.
    fn unless_decided(&self, test: &'e Expr, holds: bool, facts: &mut Facts<'e>) {
        if facts.decide(test).is_none() {
            facts.learn(test, holds);
        }
    }

    /// A condition: what is decided in it is told, the smallest part that is. Gives its value when that is known.
    fn condition(&mut self, e: &'e Expr, facts: &Facts<'e>, role: Role, decides: Decides) -> Option<bool> {
        let e = bare(e);
        let Decides { by_false, by_true } = decides;
        match &e.kind {
            ExprKind::Not(inner) => {
                let decides = Decides { by_false: by_true, by_true: by_false };
                self.condition(inner, facts, role, decides).map(|holds| !holds)
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let and = matches!(e.kind, ExprKind::And(..));
                let whole = self.tell(e, facts, role, decides);
                if whole.is_some() {
                    return whole;
                }
                let part = Decides { by_false: and && by_false, by_true: !and && by_true };
                let left = self.condition(a, facts, role, part);
                let mut inner = facts.clone();
                forget(a, &mut inner);
                if left.is_none() {
                    inner.learn(a, and);
                }
                // Where the left side leaves it to the right one, that is the whole.
                let right = self.condition(b, &inner, role, if left == Some(and) { decides } else { part });
                match (left, right) {
                    (Some(l), _) if l != and => Some(l),
                    (Some(_), r) => r,
                    (None, Some(r)) if r != and => Some(r),
                    _ => None,
                }
            }
            ExprKind::Binary(..) => {
                e.parts().into_iter().for_each(|part| self.expr(part, facts));
                self.tell(e, facts, role, decides)
            }
            _ => {
                self.expr(e, facts);
                self.tell(e, facts, role, decides)
            }
        }
    }

    fn tell(&mut self, e: &'e Expr, facts: &Facts<'e>, role: Role, decides: Decides) -> Option<bool> {
        let decided = facts.decide(e).filter(|d| reported(d, role));
        let holds = decided.as_ref().map(|d| d.holds);
        let whole = if holds == Some(true) { decides.by_true } else { decides.by_false };
        (self.found)(e.at, decided, if whole { role } else { Role::Part });
        holds
    }
}

/// Whether a finding is worth a word: what is made of literals alone, in a place for any value, is meant so.
fn reported(decided: &Decided, role: Role) -> bool {
    let literal = decided.plain == Some(Plain::Literals);
    !literal || role != Role::Value
}

fn forget(e: &Expr, facts: &mut Facts<'_>) {
    let mut slots = BTreeSet::new();
    sets(e, &mut slots);
    facts.forget(&slots);
}
