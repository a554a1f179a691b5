//! Approvals that a playbook asks for itself: which writes each of them dominates, and which it comes too late for.

use std::collections::{BTreeMap, BTreeSet};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_program::action::ActionId;
use play_program::types::Type;

use crate::conditions::terms::{same, sets};
use crate::typed::{Approval, Expr, ExprKind, Missing, NodeId, Program, Stmt, Suspend};

/// What is known of the approvals of a playbook.
#[derive(Default)]
pub(super) struct Approvals<'p> {
    /// By write: the approvals of it, with its arguments, on every way to it.
    behind: BTreeMap<NodeId, Vec<&'p Approval>>,
    /// By write: approvals of its action that are asked for on a way to it and do not count, and why not.
    beside: BTreeMap<NodeId, Vec<(NodeId, Beside)>>,
    /// All of them, in source order.
    asked: Vec<Asked<'p>>,
}

/// Why an approval of an action does not count for a write of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// It is not given on every way to the write, or what it was given for was changed since.
    OtherWay,
    /// It was given for other arguments.
    OtherArguments,
}

/// An approval that a playbook asks for.
struct Asked<'p> {
    at: NodeId,
    action: ActionId,
    args: &'p [Expr],
    wanted: &'p Approval,
    /// The first write of that action on a way to it.
    too_late_for: Option<NodeId>,
    /// A write of that action comes behind it.
    used: bool,
}

impl<'p> Approvals<'p> {
    pub(super) fn of(body: &'p Expr) -> Self {
        let mut walk = Walk::default();
        walk.expr(body);
        walk.approvals
    }

    /// Whether so many persons have approved a write on every way to it, each of whom has one of these roles.
    pub(super) fn is_behind(&self, write: NodeId, roles: &[&str], needed: u32) -> bool {
        let fits = |a: &&Approval| {
            let mut asked = std::iter::once(&a.from).chain(a.then.iter().map(|t| &t.to));
            a.needed >= needed && asked.all(|role| roles.contains(&role.as_str()))
        };
        self.behind.get(&write).into_iter().flatten().any(fits)
    }

    /// Whether anybody has approved a write on every way to it.
    pub(super) fn is_approved(&self, write: NodeId) -> bool {
        self.behind.get(&write).is_some_and(|all| !all.is_empty())
    }

    /// The approvals of its action that are asked for on a way to a write and do not count for it.
    pub(super) fn beside(&self, write: NodeId) -> &[(NodeId, Beside)] {
        self.beside.get(&write).map(Vec::as_slice).unwrap_or_default()
    }

    /// Approvals that come too late, or that nothing uses.
    pub(super) fn report(&self, program: &Program, findings: &mut Vec<Diagnostic>) {
        for asked in self.asked.iter().filter(|a| !a.used) {
            findings.extend(asked.finding(program));
        }
    }
}

impl Asked<'_> {
    fn finding(&self, program: &Program) -> Option<Diagnostic> {
        let name = program.actions.get(self.action.0 as usize)?.full_name();
        let at = place(program, self.at)?;
        Some(match self.too_late_for {
            Some(act) => {
                Diagnostic::error(codes::P5034, at, format!("`{name}` is done before it is approved"))
                    .here("asked when it is done already")
                    .label(place(program, act)?, "done here")
                    .note("Whoever is asked can no longer say no.")
                    .help("Put the `approve` before the `do`.")
            }
            None => Diagnostic::warning(codes::P5035, at, format!("nothing behind this does `{name}`"))
                .here("approved for nothing")
                .help(format!("Put the `do {name}` behind it, or leave the approval out.")),
        })
    }
}

fn place(program: &Program, at: NodeId) -> Option<Place> {
    program.nodes.get(at as usize).map(|n| Place { file: n.file, start: n.start, end: n.end })
}

/// A walk in source order: what is approved at a place, and what may have been done before it.
#[derive(Default)]
struct Walk<'p> {
    approvals: Approvals<'p>,
    /// Indices of the approvals that hold here.
    held: Vec<usize>,
    /// Indices of the approvals that were asked for on a way to here.
    passed: BTreeSet<usize>,
    /// The writes that may have been done on a way to here.
    done: BTreeMap<u32, NodeId>,
}

impl<'p> Walk<'p> {
    fn expr(&mut self, e: &'p Expr) {
        if e.fx.is_pure() {
            return;
        }
        match &e.kind {
            ExprKind::Block(stmts, value) => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Let(_, e) | Stmt::Expr(e) => self.expr(e),
                    }
                }
                if let Some(value) = value {
                    self.expr(value);
                }
            }
            ExprKind::Else(Missing::Call, call, arm) if approval(call).is_some() => {
                self.approved(call, None, Some(arm));
            }
            ExprKind::IfLet { missing: Missing::Call, value, then, other, .. }
                if approval(value).is_some() =>
            {
                self.approved(value, Some(then), other.as_deref());
            }
            ExprKind::If(test, then, other) => {
                self.expr(test);
                self.ways(&[Some(then), other.as_deref()]);
            }
            ExprKind::IfLet { value, then, other, .. } => {
                self.expr(value);
                self.ways(&[Some(then), other.as_deref()]);
            }
            ExprKind::Match { value, arms } => {
                self.expr(value);
                let arms: Vec<Option<&'p Expr>> = arms.iter().map(|a| Some(&a.body)).collect();
                self.ways(&arms);
            }
            ExprKind::Else(_, value, arm) => {
                self.expr(value);
                self.ways(&[None, Some(arm)]);
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.expr(a);
                self.ways(&[None, Some(b)]);
            }
            ExprKind::For { list, body, .. } => {
                self.expr(list);
                // What a pass sets is other in the next.
                let mut set = BTreeSet::new();
                sets(body, &mut set);
                set.into_iter().for_each(|slot| self.forget(slot));
                self.ways(&[None, Some(body)]);
            }
            ExprKind::Step { body, other, .. } => {
                let held = self.held.clone();
                self.expr(body);
                let after = std::mem::replace(&mut self.held, held);
                self.expr(other);
                if other.ty == Type::Never {
                    self.held = after;
                }
            }
            ExprKind::Do(action, args, _) => {
                args.iter().for_each(|a| self.expr(a));
                self.write(e.at, *action, args);
            }
            ExprKind::Set { slot, value, because } => {
                self.expr(value);
                self.expr(because);
                self.forget(*slot);
            }
            _ => e.parts().into_iter().for_each(|p| self.expr(p)),
        }
    }

    /// What was approved of this field of the case is not what it is now.
    fn forget(&mut self, slot: usize) {
        let approvals = &self.approvals.asked;
        let kept = |at: &usize| approvals.get(*at).is_some_and(|a| !a.args.iter().any(|e| reads(e, slot)));
        self.held.retain(kept);
    }

    /// One of several ways is taken; `None` is one on which nothing is done.
    fn ways(&mut self, ways: &[Option<&'p Expr>]) {
        let (held, done) = (self.held.clone(), self.done.clone());
        let (mut after, mut all_done): (Option<Vec<usize>>, _) = (None, done.clone());
        for way in ways {
            self.held.clone_from(&held);
            self.done.clone_from(&done);
            if let Some(way) = way {
                self.expr(way);
                if way.ty == Type::Never {
                    continue;
                }
            }
            for (action, at) in &self.done {
                all_done.entry(*action).or_insert(*at);
            }
            after = Some(match after {
                Some(known) => known.into_iter().filter(|a| self.held.contains(a)).collect(),
                None => self.held.clone(),
            });
        }
        self.held = after.unwrap_or(held);
        self.done = all_done;
    }

    /// An approval, and what is done when it is given and when it is not.
    fn approved(&mut self, call: &'p Expr, then: Option<&'p Expr>, other: Option<&'p Expr>) {
        let Some((wanted, args)) = approval(call) else { return };
        let action = wanted.action;
        args.iter().for_each(|a| self.expr(a));
        let args = args.split_last().map_or(&[][..], |(_, args)| args);
        let index = self.approvals.asked.len();
        let too_late_for = self.done.get(&action.0).copied();
        let at = call.at;
        self.approvals.asked.push(Asked { at, action, args, wanted, too_late_for, used: false });
        self.passed.insert(index);
        let (held, done) = (self.held.clone(), self.done.clone());
        if let Some(other) = other {
            self.expr(other);
        }
        let ends = other.is_some_and(|o| o.ty == Type::Never);
        let mut all_done = if ends { done.clone() } else { std::mem::take(&mut self.done) };
        self.held = held.clone();
        self.done = done;
        self.held.push(index);
        if let Some(then) = then {
            self.expr(then);
        }
        for (action, at) in &self.done {
            all_done.entry(*action).or_insert(*at);
        }
        self.done = all_done;
        if !ends {
            self.held.retain(|a| held.contains(a));
        }
    }

    fn write(&mut self, at: NodeId, action: ActionId, args: &[Expr]) {
        for index in &self.passed {
            let Some(asked) = self.approvals.asked.get_mut(*index).filter(|a| a.action == action) else {
                continue;
            };
            asked.used = true;
            let alike =
                asked.args.len() == args.len() && asked.args.iter().zip(args).all(|(a, b)| same(a, b));
            match (alike, self.held.contains(index)) {
                (true, true) => {
                    self.approvals.behind.entry(at).or_default().push(asked.wanted);
                }
                (true, false) => {
                    self.approvals.beside.entry(at).or_default().push((asked.at, Beside::OtherWay));
                }
                (false, _) => {
                    self.approvals.beside.entry(at).or_default().push((asked.at, Beside::OtherArguments));
                }
            }
        }
        self.done.entry(action.0).or_insert(at);
    }
}

/// The approval that a call asks for, and the arguments of its act with the reason.
fn approval(call: &Expr) -> Option<(&Approval, &[Expr])> {
    let ExprKind::Suspend(what, args) = &call.kind else { return None };
    if let Suspend::Approve(wanted) = &**what { Some((wanted, args)) } else { None }
}

/// Whether an expression reads this field of the case.
fn reads(e: &Expr, slot: usize) -> bool {
    matches!(&e.kind, ExprKind::CaseField(field) if *field == slot)
        || e.parts().into_iter().any(|p| reads(p, slot))
}
