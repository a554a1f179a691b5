//! Containment without an end: what a playbook contains stays as it is until somebody takes it back, and once the case is closed nobody
//! looks at it any more.
//!
//! So on every way from a containment to a `close` it ends: it was done `for` a time, or taken back (by the playbook, by a `rollback`), or
//! is said to be `irreversible`. A way that hands the case over is in order: a person has it, and sees what is in force.

use std::collections::BTreeSet;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::action::{Action, ActionId};

use crate::typed::{Expr, ExprKind, Missing, NodeId, Program, Terms};
use crate::wrong::Wrong;
use play_syntax::side_by_side::halves;

/// Reports each containment that a close leaves in force, once.
pub(crate) fn report(program: &Program, side_by_side: bool, findings: &mut Vec<Diagnostic>) {
    let wrong = Wrong::of(findings);
    let of_playbook = |index: usize| {
        let mut found = Vec::new();
        let Some(playbook) = program.playbooks.get(index) else { return found };
        // Where something is wrong already, what ends and what does not is not known.
        if place(program, playbook.body.expr.at).is_some_and(|body| wrong.is_in(body)) {
            return found;
        }
        let mut walk = Walk { program, steps: Vec::new(), closed: Vec::new() };
        walk.expr(&playbook.body.expr, Open::new());
        let mut said = BTreeSet::new();
        for ((at, action), close) in walk.closed {
            if said.insert(at) {
                found.extend(finding(program, at, action, close));
            }
        }
        found
    };
    let mut found = halves(side_by_side, program.playbooks.len(), of_playbook);
    findings.append(&mut found);
}

/// The containments in force: the node of each `do`, and what it does.
type Open = BTreeSet<(NodeId, ActionId)>;

struct Walk<'p> {
    program: &'p Program,
    /// The steps round the place: the nodes before and behind their bodies.
    steps: Vec<(NodeId, NodeId)>,
    /// What is in force where a case is closed.
    closed: Vec<((NodeId, ActionId), NodeId)>,
}

impl Walk<'_> {
    /// What is in force after an expression; `None` when nothing comes after it.
    fn expr(&mut self, e: &Expr, open: Open) -> Option<Open> {
        if e.fx.is_pure() {
            return Some(open);
        }
        match &e.kind {
            ExprKind::Do(action, args, terms) => {
                let open = self.all(args.iter(), open)?;
                Some(self.done(e.at, *action, terms, open))
            }
            ExprKind::Rollback { because } => {
                let mut open = self.expr(because, open)?;
                let step = self.steps.last().copied();
                open.retain(|(at, _)| step.is_some_and(|(after, before)| !(after < *at && *at < before)));
                Some(open)
            }
            ExprKind::Close { because, .. } => {
                let open = self.expr(because, open)?;
                self.closed.extend(open.into_iter().map(|act| (act, e.at)));
                None
            }
            ExprKind::HandOver { .. } | ExprKind::FailStep => None,
            ExprKind::Else(missing, value, arm) => {
                let (there, failed) = self.attempt(*missing, value, open)?;
                either(there, self.expr(arm, failed))
            }
            ExprKind::IfLet { missing, value, then, other, .. } => {
                let (there, failed) = self.attempt(*missing, value, open)?;
                let then = there.and_then(|open| self.expr(then, open));
                let other = match other {
                    Some(other) => self.expr(other, failed),
                    None => Some(failed),
                };
                either(then, other)
            }
            ExprKind::If(test, then, other) => {
                let open = self.expr(test, open)?;
                let then = self.expr(then, open.clone());
                let other = match other {
                    Some(other) => self.expr(other, open),
                    None => Some(open),
                };
                either(then, other)
            }
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                let open = self.expr(left, open)?;
                let right = self.expr(right, open.clone());
                either(Some(open), right)
            }
            ExprKind::Match { value, arms } => {
                let open = self.expr(value, open)?;
                arms.iter().fold(None, |after, arm| either(after, self.expr(&arm.body, open.clone())))
            }
            ExprKind::For { list, body, .. } => {
                let open = self.expr(list, open)?;
                // A pass may begin with what the one before it left.
                let once = either(Some(open.clone()), self.expr(body, open))?;
                let twice = self.expr(body, once.clone());
                either(Some(once), twice)
            }
            ExprKind::Step { body, other, .. } => {
                self.steps.push((e.at, other.at));
                let mut failed = open.clone();
                self.done_in(body, &mut failed);
                let done = self.expr(body, open);
                let other = self.expr(other, failed);
                self.steps.pop();
                either(done, other)
            }
            _ => self.all(e.parts().into_iter(), open),
        }
    }

    fn all<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>, open: Open) -> Option<Open> {
        let mut open = open;
        for part in parts {
            open = self.expr(part, open)?;
        }
        Some(open)
    }

    /// What is in force when a value is there, and when it is missing: a call that failed did nothing.
    fn attempt(&mut self, missing: Missing, value: &Expr, open: Open) -> Option<(Option<Open>, Open)> {
        let there = self.expr(value, open.clone());
        let failed = if missing == Missing::Call { open } else { there.clone()? };
        Some((there, failed))
    }

    fn done(&self, at: NodeId, action: ActionId, terms: &Terms, mut open: Open) -> Open {
        let Some(by) = self.action(action) else { return open };
        open.retain(|(_, of)| {
            let undo = self.action(*of).and_then(|of| Some((&of.connector, of.undo.as_ref()?)));
            undo != Some((&by.connector, &by.name))
        });
        if lasts(by, terms) {
            open.insert((at, action));
        }
        open
    }

    /// All that is contained somewhere in a body: where it fails is not known.
    fn done_in(&self, e: &Expr, open: &mut Open) {
        if let ExprKind::Do(action, _, terms) = &e.kind
            && self.action(*action).is_some_and(|a| lasts(a, terms))
        {
            open.insert((e.at, *action));
        }
        e.parts().into_iter().for_each(|part| self.done_in(part, open));
    }

    fn action(&self, id: ActionId) -> Option<&Action> {
        self.program.actions.get(id.0 as usize)
    }
}

/// Whether an act stays in force until somebody takes it back.
fn lasts(action: &Action, terms: &Terms) -> bool {
    let contains = action.class.as_deref() == Some("contain") && action.undo.is_some();
    contains && terms.hold.is_none() && terms.irreversible.is_none()
}

fn either(one: Option<Open>, other: Option<Open>) -> Option<Open> {
    match (one, other) {
        (Some(mut one), Some(other)) => {
            one.extend(other);
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

fn place(program: &Program, at: NodeId) -> Option<Place> {
    let node = program.nodes.get(at as usize)?;
    Some(Place { file: node.file, start: node.start, end: node.end })
}

fn finding(program: &Program, at: NodeId, action: ActionId, close: NodeId) -> Option<Diagnostic> {
    let action = program.actions.get(action.0 as usize)?;
    let (name, undo) = (action.full_name(), action.undo.as_deref().unwrap_or_default());
    let (act, close) = (place(program, at)?, place(program, close)?);
    let end = Place { start: act.end, ..act };
    Some(
        Diagnostic::error(codes::P5050, act, format!("nothing ends this `{name}`"))
            .here("contained without an end")
            .label(close, "the case is closed here, and nobody looks at it again")
            .note("What is contained and then forgotten stays so: a host off the network, an account that nobody can use.")
            .help(format!(
                "Say for how long, `do {name}(…) for 4h`; or take it back before, `do {}.{undo}(…)`; or hand the case over \
                 to a person. What is meant to stay says so: `irreversible because \"…\"`.",
                action.connector
            ))
            .fix("Do it for four hours", false, vec![Edit { place: end, text: " for 4h".into() }]),
    )
}
