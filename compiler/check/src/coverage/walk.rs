//! A walk over a playbook in source order, with what is known at each place.

use std::collections::{BTreeMap, BTreeSet};

use play_program::action::ActionId;
use play_program::guard::{ClauseKind, Otherwise};
use play_program::types::Type;
use play_program::value::Value;

use super::approvals::Approvals;
use super::bound::{Bound, passes};
use super::covering::Covering;
use super::facts::Facts;
use super::{Decision, Standing, Write, text};
use crate::typed::{Arm, Expr, ExprKind, LocalId, Missing, NodeId, Pattern, Playbook, Program, Stmt, Terms};

/// The writes of a playbook.
pub(crate) fn playbook(program: &Program, covering: &Covering, index: usize) -> Vec<Write> {
    let Some(playbook) = program.playbooks.get(index) else { return Vec::new() };
    let mut walk = Walk {
        program,
        covering,
        playbook,
        index,
        sets: sets(&playbook.body.expr),
        names: BTreeMap::new(),
        facts: Facts::default(),
        path: Vec::new(),
        bound: Bound::ONCE,
        approvals: Approvals::of(&playbook.body.expr),
        writes: Vec::new(),
    };
    if let Some(when) = &playbook.when {
        walk.facts.assume(program, &when.expr, true);
        walk.decided(when.expr.at, true);
    }
    walk.expr(&playbook.body.expr);
    walk.writes
}

/// A decision on the way. It is put in words only for who comes by it.
#[derive(Clone)]
struct Step<'p> {
    at: NodeId,
    what: What<'p>,
}

/// What was decided over something.
#[derive(Clone)]
enum What<'p> {
    Holds(bool),
    There(bool),
    Fails,
    FailsStep(&'p str),
    Is(&'p str),
    IsOneOf(Vec<&'p str>),
}

impl Step<'_> {
    fn told(&self, program: &Program) -> Decision {
        let of = || text(program, self.at);
        let text = match &self.what {
            What::Holds(true) => of(),
            What::Holds(false) => format!("not ({})", of()),
            What::There(true) => format!("{} is there", of()),
            What::There(false) => format!("{} is not there", of()),
            What::Fails => format!("{} fails", of()),
            What::FailsStep(name) => format!("step {name} fails"),
            What::Is(label) => format!("{} is {label}", of()),
            What::IsOneOf(labels) => format!("{} is {}", of(), labels.join(" | ")),
        };
        Decision { at: self.at, text }
    }
}

struct Walk<'p> {
    program: &'p Program,
    covering: &'p Covering,
    playbook: &'p Playbook,
    index: usize,
    /// The fields that the playbook sets anywhere.
    sets: BTreeSet<usize>,
    /// What names stand for, where that is computed from what does not change.
    names: BTreeMap<LocalId, Expr>,
    facts: Facts,
    path: Vec<Step<'p>>,
    bound: Bound,
    approvals: Approvals<'p>,
    writes: Vec<Write>,
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
                        Stmt::Let(local, e) => {
                            self.expr(e);
                            self.name(*local, e);
                        }
                        Stmt::Expr(e) => self.expr(e),
                    }
                }
                if let Some(value) = value {
                    self.expr(value);
                }
            }
            ExprKind::If(test, then, other) => self.branch(test, then, other.as_deref()),
            ExprKind::IfLet { value, then, other, .. } => {
                self.expr(value);
                self.arm(then, |w| w.step(value.at, What::There(true)));
                if let Some(other) = other {
                    self.arm(other, |w| w.step(value.at, What::There(false)));
                }
                self.forget(&[Some(&**then), other.as_deref()]);
            }
            ExprKind::Match { value, arms } => self.choice(value, arms),
            ExprKind::For { list, body, .. } => {
                self.expr(list);
                let outer = self.bound.clone();
                self.bound = outer.inside(passes(self.program, list, &self.inlined(list)));
                self.forget(&[Some(&**body)]);
                self.arm(body, |_| {});
                self.forget(&[Some(&**body)]);
                self.bound = outer;
            }
            ExprKind::Else(missing, value, arm) => {
                self.expr(value);
                let what = if *missing == Missing::Call { What::Fails } else { What::There(false) };
                self.arm(arm, |w| w.step(value.at, what));
                self.forget(&[Some(&**arm)]);
            }
            ExprKind::Step { name, body, other } => {
                // Where in its body a step fails is not known: what is known inside is not known in its `else`.
                self.arm(body, |_| {});
                self.forget(&[Some(&**body)]);
                self.arm(other, |w| w.step(e.at, What::FailsStep(name)));
                self.forget(&[Some(&**other)]);
            }
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.expr(a);
                let is = matches!(e.kind, ExprKind::And(..));
                let known = self.inlined(a);
                self.arm(b, |w| {
                    w.facts.assume(w.program, &known, is);
                    w.decided(a.at, is);
                });
                self.forget(&[Some(&**b)]);
            }
            ExprKind::Set { slot, value, because } => {
                self.expr(value);
                self.expr(because);
                self.facts.forget(&BTreeSet::from([*slot]));
                if let ExprKind::Lit(to) = &value.kind {
                    let field = Expr { kind: ExprKind::CaseField(*slot), ..(**value).clone() };
                    self.facts.among(&field, vec![to.clone()], true);
                }
            }
            ExprKind::Do(action, args, terms) => {
                for arg in args {
                    self.expr(arg);
                }
                self.write(e.at, *action, args, terms);
            }
            _ => e.parts().into_iter().for_each(|c| self.expr(c)),
        }
    }

    /// Keeps what a name stands for. A name keeps its value, so what it stands for must not change either.
    fn name(&mut self, local: LocalId, value: &Expr) {
        if value.fx.is_pure() && sees(value).is_disjoint(&self.sets) {
            let value = self.inlined(value);
            self.names.insert(local, value);
        }
    }

    fn inlined(&self, e: &Expr) -> Expr {
        inline(e, &|local| self.names.get(&local).cloned())
    }

    fn step(&mut self, at: NodeId, what: What<'p>) {
        self.path.push(Step { at, what });
    }

    fn decided(&mut self, at: NodeId, is: bool) {
        self.step(at, What::Holds(is));
    }

    /// A part that is reached only by a decision: what is known in it is not known after it.
    fn arm(&mut self, body: &'p Expr, decide: impl FnOnce(&mut Self)) {
        let (facts, length) = (self.facts.clone(), self.path.len());
        decide(self);
        self.expr(body);
        self.facts = facts;
        self.path.truncate(length);
    }

    /// What may have been set in parts that have been left.
    fn forget(&mut self, parts: &[Option<&Expr>]) {
        let set: BTreeSet<usize> = parts.iter().flatten().flat_map(|e| sets(e)).collect();
        if !set.is_empty() {
            self.facts.forget(&set);
        }
    }

    fn branch(&mut self, test: &'p Expr, then: &'p Expr, other: Option<&'p Expr>) {
        self.expr(test);
        let known = self.inlined(test);
        let program = self.program;
        let to = |is: bool| {
            let known = &known;
            move |w: &mut Self| {
                w.facts.assume(program, known, is);
                w.decided(test.at, is);
            }
        };
        self.arm(then, to(true));
        if let Some(other) = other {
            self.arm(other, to(false));
        }
        let ends = |e: &Expr| e.ty == Type::Never;
        let (after, left) = match other {
            _ if ends(then) => (Some(false), vec![other]),
            Some(other) if ends(other) => (Some(true), vec![Some(then)]),
            _ => (None, vec![Some(then), other]),
        };
        // Which way it went is known after it, where the other way ended the run.
        if let Some(is) = after {
            to(is)(self);
        }
        self.forget(&left);
    }

    fn choice(&mut self, value: &'p Expr, arms: &'p [Arm]) {
        self.expr(value);
        let known = self.inlined(value);
        let mut before: Vec<Value> = Vec::new();
        let mut ended: Vec<Value> = Vec::new();
        for arm in arms {
            let values = values(arm);
            let (is, ruled_out) = (values.clone(), before.clone());
            self.arm(&arm.body, |w| {
                if let [Pattern::Range(low, high)] = arm.patterns.as_slice() {
                    w.facts.between(&known, *low, *high);
                }
                match is {
                    Some(is) => w.facts.among(&known, is, true),
                    None => w.facts.among(&known, ruled_out, false),
                }
                w.step(value.at, What::Is(&arm.label));
            });
            if arm.body.ty == Type::Never {
                // One that fits anything excludes nothing that can be named.
                let fresh = values.iter().flatten().filter(|v| !before.iter().any(|b| b.same(v)));
                ended.extend(fresh.cloned());
            }
            before.extend(values.into_iter().flatten());
        }
        let left: Vec<&Arm> = arms.iter().filter(|a| a.body.ty != Type::Never).collect();
        if let Some(stays) = left.iter().map(|a| values(a)).collect::<Option<Vec<_>>>()
            && left.len() < arms.len()
        {
            self.facts.among(&known, stays.into_iter().flatten().collect(), true);
            let labels = left.iter().map(|a| a.label.as_str()).collect();
            self.step(value.at, What::IsOneOf(labels));
        } else if !ended.is_empty() {
            self.facts.among(&known, ended, false);
        }
        let bodies: Vec<Option<&Expr>> = left.iter().map(|a| Some(&a.body)).collect();
        self.forget(&bodies);
    }

    fn write(&mut self, at: NodeId, action: ActionId, args: &[Expr], terms: &Terms) {
        let covering = self.covering.of(action, self.playbook.case);
        let guards = covering.map(|index| (index, self.standing(index, at, action, args))).collect();
        let declared = self.program.actions.get(action.0 as usize).and_then(|a| a.irreversible.clone());
        self.writes.push(Write {
            playbook: self.index,
            at,
            action,
            guards,
            path: self.path.iter().map(|step| step.told(self.program)).collect(),
            bound: self.bound.clone(),
            approved: self.approvals.is_approved(at),
            beside: self.approvals.beside(at).to_vec(),
            hold: terms.hold,
            irreversible: terms.irreversible.clone().or(declared),
        });
    }

    fn standing(&self, guard: usize, at: NodeId, action: ActionId, args: &[Expr]) -> Standing {
        let Some(guard) = self.program.guards.get(guard) else { return Standing::Checked };
        // The guard speaks of the act's arguments by its own parameters.
        let indices = guard.spec.covers.iter().find(|c| c.action == action).map(|c| &c.args);
        let args: Vec<Option<Expr>> = indices
            .into_iter()
            .flatten()
            .map(|i| args.get(usize::from(*i)).filter(|e| e.fx.is_pure()).map(|e| self.inlined(e)))
            .collect();
        // A name of the guard must not be taken for one of the playbook.
        let Expr { ty, at: whole, fx, .. } = &self.playbook.body.expr;
        let kind = ExprKind::Local(LocalId(u32::MAX));
        let unknown = Expr { kind, ty: ty.clone(), at: *whole, fx: *fx };
        let (mut allow, mut never) = (Some(false), false);
        for (index, (clause, condition)) in guard.spec.clauses.iter().zip(&guard.conditions).enumerate() {
            let holds = match condition {
                None => Some(true),
                Some(body) => {
                    let inlined = inline(&body.expr, &|local| {
                        let arg = args.get(local.0 as usize).cloned().flatten();
                        Some(arg.unwrap_or_else(|| unknown.clone()))
                    });
                    self.facts.decide(self.program, &inlined)
                }
            };
            match &clause.kind {
                ClauseKind::Never if holds == Some(true) => return Standing::Never(index),
                ClauseKind::Never => never |= holds.is_none(),
                ClauseKind::Allow { .. } => {
                    allow = match (allow, holds) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    };
                }
                _ => {}
            }
        }
        match (allow, &guard.spec.otherwise) {
            (Some(true), _) => Standing::Proved { never },
            (Some(false), Otherwise::Approval { .. }) => Standing::Approved,
            (None, Otherwise::Approval { from, needed, then, .. }) => {
                let roles: Vec<&str> =
                    std::iter::once(from.as_str()).chain(then.iter().map(|t| t.to.as_str())).collect();
                let behind = self.approvals.is_behind(at, &roles, *needed);
                if behind { Standing::Approved } else { Standing::Checked }
            }
            // A guard that allows nothing at all is reported where it stands.
            (Some(false), Otherwise::Refuse) if guard.conditions.iter().any(Option::is_some) => {
                Standing::Refused
            }
            _ => Standing::Checked,
        }
    }
}

/// The values that an arm takes; `None` when it takes anything.
fn values(arm: &Arm) -> Option<Vec<Value>> {
    arm.patterns
        .iter()
        .map(|p| match p {
            Pattern::Any | Pattern::Range(..) => None,
            Pattern::Value(v) => Some(v.clone()),
        })
        .collect()
}

/// The fields of the case that an expression may set.
fn sets(e: &Expr) -> BTreeSet<usize> {
    if !e.fx.change {
        return BTreeSet::new();
    }
    let mut all: BTreeSet<usize> = e.parts().into_iter().flat_map(sets).collect();
    if let ExprKind::Set { slot, .. } = &e.kind {
        all.insert(*slot);
    }
    all
}

/// The fields of the case that an expression reads.
fn sees(e: &Expr) -> BTreeSet<usize> {
    let mut all: BTreeSet<usize> = e.parts().into_iter().flat_map(sees).collect();
    if let ExprKind::CaseField(slot) = &e.kind {
        all.insert(*slot);
    }
    all
}

/// An expression with names replaced by what they stand for.
fn inline(e: &Expr, of: &dyn Fn(LocalId) -> Option<Expr>) -> Expr {
    use ExprKind as K;
    if let K::Local(local) = &e.kind
        && let Some(value) = of(*local)
    {
        return value;
    }
    let one = |e: &Expr| Box::new(inline(e, of));
    let all = |es: &[Expr]| es.iter().map(|e| inline(e, of)).collect();
    let kind = match &e.kind {
        K::Field(x, i) => K::Field(one(x), *i),
        K::OptField(x, i) => K::OptField(one(x), *i),
        K::Builtin(f, args) => K::Builtin(*f, all(args)),
        K::Call(f, args) => K::Call(*f, all(args)),
        K::List(items) => K::List(all(items)),
        K::Neg(x) => K::Neg(one(x)),
        K::Not(x) => K::Not(one(x)),
        K::And(a, b) => K::And(one(a), one(b)),
        K::Or(a, b) => K::Or(one(a), one(b)),
        K::Binary(op, a, b) => K::Binary(*op, one(a), one(b)),
        K::ListOp { op, list, var, body } => {
            K::ListOp { op: *op, list: one(list), var: *var, body: one(body) }
        }
        K::Block(stmts, Some(x)) if stmts.is_empty() => return inline(x, of),
        // Nothing is concluded from any other form.
        other => other.clone(),
    };
    Expr { kind, ..e.clone() }
}
