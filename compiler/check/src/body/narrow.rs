//! What a test of an option tells: where `x != none` held, `x` is there.
//!
//! What is tracked is a [`Spot`]: a local, a field of the case, or a field of one of these. Locals and records never change;
//! a field of the case does, by `set`. To a run nothing changes by it: a present option is its content already.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::builtin;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{BinaryOp, Span};

use super::BodyCx;
use crate::context::place;
use crate::interval::{self, Interval};
use crate::procedure::ProcedureInfo;
use crate::typed::{Expr, ExprKind, LocalId, Missing, Pattern, Stmt};
use crate::words::words;

/// Where a spot begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Local(LocalId),
    Case(usize),
}

/// Something that a test can tell of: `user`, `case.user`, `case.user.manager`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    root: Root,
    fields: Vec<usize>,
}

/// A spot that is there, and the place that says so.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    spot: Spot,
    tested: Span,
    /// Until the field of the case is set to something that may be absent.
    holds: bool,
    /// The whole numbers that it is one of; `None`: it is there.
    range: Option<Interval>,
}

impl Fact {
    /// Whether it says of a spot that it is there.
    fn is_there(&self, spot: &Spot) -> bool {
        self.holds && self.range.is_none() && self.spot == *spot
    }
}

/// What is known where, for one body.
#[derive(Debug, Default)]
pub(crate) struct Narrowing {
    facts: Vec<Fact>,
    /// Which fact was relied on, and where.
    uses: Vec<(usize, Span)>,
    /// Fields of the case that were set to something that may be absent, and where.
    sets: Vec<(usize, Span)>,
    /// Tests of what cannot be tracked: its text, and where.
    lost: Vec<(String, Span)>,
}

/// How far it had come before a loop.
pub(crate) struct Mark {
    facts: usize,
    uses: usize,
    sets: usize,
}

/// The spot of an expression, if it is one.
fn spot(e: &Expr) -> Option<Spot> {
    match &e.kind {
        ExprKind::Local(id) => Some(Spot { root: Root::Local(*id), fields: Vec::new() }),
        ExprKind::CaseField(slot) => Some(Spot { root: Root::Case(*slot), fields: Vec::new() }),
        ExprKind::Field(of, slot) | ExprKind::OptField(of, slot) => {
            let mut spot = spot(of)?;
            spot.fields.push(*slot);
            Some(spot)
        }
        _ => None,
    }
}

/// The fields of the case that an expression sets.
fn slots_set(e: &Expr, slots: &mut Vec<usize>) {
    if let ExprKind::Set { slot, .. } = &e.kind {
        slots.push(*slot);
    }
    e.parts().into_iter().for_each(|part| slots_set(part, slots));
}

impl BodyCx<'_, '_> {
    /// The expression with the type that it has after what was tested.
    pub(super) fn narrowed(&mut self, mut e: Expr) -> Expr {
        if let Type::Option(of) = &e.ty
            && let Some(spot) = spot(&e)
            && let Some(at) = self.known.facts.iter().rposition(|f| f.is_there(&spot))
        {
            let span = self.span_of(&e);
            self.known.uses.push((at, span));
            e.ty = (**of).clone();
        }
        e
    }

    /// Where a value that is no option now was tested, for messages.
    pub(super) fn tested_at(&self, e: &Expr) -> Option<Span> {
        let spot = spot(e)?;
        self.known.facts.iter().rfind(|f| f.is_there(&spot)).map(|f| f.tested)
    }

    /// What a whole number can be after what was tested.
    pub(super) fn known_range(&self, e: &Expr, all: Interval) -> Interval {
        let Some(spot) = spot(e) else { return all };
        let known = self.known.facts.iter().filter(|f| f.holds && f.spot == spot).filter_map(|f| f.range);
        let range = known.fold(all, |(low, high), (least, most)| (low.max(least), high.min(most)));
        // What contradicts itself is never reached.
        if range.0 <= range.1 { range } else { all }
    }

    fn span_of(&self, e: &Expr) -> Span {
        let node = self.context.nodes.get(e.at as usize);
        node.map_or_else(Span::default, |n| Span { file: n.file, start: n.start, end: n.end })
    }

    /// Runs with what a condition tells when it is `is`.
    pub(super) fn knowing<T>(&mut self, condition: &Expr, is: bool, run: impl FnOnce(&mut Self) -> T) -> T {
        let mut facts = self.facts_of(condition, is);
        // A condition that sets a field may take back what it told of it.
        facts.retain(|f| !condition.fx.change || matches!(f.spot.root, Root::Local(_)));
        self.with_facts(facts, run)
    }

    /// Runs where a value is there.
    pub(super) fn knowing_there<T>(
        &mut self,
        value: Option<(Spot, Span)>,
        run: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let facts = value.map(|(spot, tested)| Fact { spot, tested, holds: true, range: None });
        self.with_facts(facts.into_iter().collect(), run)
    }

    fn with_facts<T>(&mut self, facts: Vec<Fact>, run: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.facts.len();
        self.known.facts.extend(facts);
        let result = run(self);
        self.known.facts.truncate(before);
        result
    }

    /// Where it begins and ends, what is known stays known: the length to go back to.
    pub(super) fn facts(&self) -> usize {
        self.known.facts.len()
    }

    /// Forgets what was learned since.
    pub(super) fn forget_facts(&mut self, since: usize) {
        self.known.facts.truncate(since);
    }

    /// The spot of an option that is there when a value is.
    pub(super) fn spot_of(&self, e: &Expr) -> Option<(Spot, Span)> {
        spot(e).map(|spot| (spot, self.span_of(e)))
    }

    /// What a condition tells when it is `is`.
    fn facts_of(&mut self, condition: &Expr, is: bool) -> Vec<Fact> {
        match &condition.kind {
            ExprKind::Not(of) => self.facts_of(of, !is),
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                let mut facts = self.facts_of(a, is);
                let others = self.facts_of(b, is);
                // Both sides of an `and` that holds hold; of one that does not, one does not, and which is not known.
                if matches!(condition.kind, ExprKind::And(..)) == is {
                    facts.extend(others);
                } else {
                    let there = |f: &Fact| others.iter().any(|o| o.is_there(&f.spot));
                    facts.retain(|f| f.range.is_none() && there(f));
                }
                facts
            }
            ExprKind::Binary(op @ (BinaryOp::Eq | BinaryOp::Ne), a, b) => {
                let equal = (*op == BinaryOp::Eq) == is;
                let mut facts = Vec::new();
                for (one, other) in [(a, b), (b, a)] {
                    let none = matches!(other.kind, ExprKind::Lit(Value::None));
                    // Not equal to `none`, or equal to something that is there.
                    let there = if none { !equal } else { equal && !matches!(other.ty, Type::Option(_)) };
                    if there {
                        facts.extend(self.there(one));
                    }
                }
                facts.extend(self.within(*op, a, b, is));
                facts
            }
            ExprKind::Binary(op, a, b) => self.within(*op, a, b, is).into_iter().collect(),
            ExprKind::Builtin(id, args) => match (builtin::get(*id).map(|b| b.name), args.as_slice()) {
                (Some("is_some"), [of]) if is => self.there(of),
                (Some("is_none"), [of]) if !is => self.there(of),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// What a comparison with a number tells of the other side, when it is `is`.
    fn within(&self, op: BinaryOp, a: &Expr, b: &Expr, is: bool) -> Option<Fact> {
        use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
        let (of, op, n) = match (&a.kind, &b.kind) {
            (_, ExprKind::Lit(Value::Int(n))) => (a, op, *n),
            (ExprKind::Lit(Value::Int(n)), _) => {
                let turned = match op {
                    Lt => Gt,
                    Le => Ge,
                    Gt => Lt,
                    Ge => Le,
                    other => other,
                };
                (b, turned, *n)
            }
            _ => return None,
        };
        let (n, (least, most)) = (i128::from(n), interval::ALL);
        let range = match (op, is) {
            (Eq, true) | (Ne, false) => (n, n),
            (Ge, true) | (Lt, false) => (n, most),
            (Gt, true) | (Le, false) => (n.saturating_add(1), most),
            (Le, true) | (Gt, false) => (least, n),
            (Lt, true) | (Ge, false) => (least, n.saturating_sub(1)),
            _ => return None,
        };
        let spot = spot(of).filter(|_| of.ty.is_int())?;
        Some(Fact { spot, tested: self.span_of(of), holds: true, range: Some(range) })
    }

    /// That an option is there, and with it whatever it was asked of by `?.`.
    fn there(&mut self, e: &Expr) -> Vec<Fact> {
        if !matches!(e.ty, Type::Option(_)) {
            return Vec::new();
        }
        let tested = self.span_of(e);
        if spot(e).is_none() {
            let text = self.context.text(tested).to_string();
            self.known.lost.push((text, tested));
        }
        let mut facts = Vec::new();
        let mut e = e;
        loop {
            facts.extend(spot(e).map(|spot| Fact { spot, tested, holds: true, range: None }));
            match &e.kind {
                ExprKind::OptField(of, _) => e = of,
                _ => return facts,
            }
        }
    }

    /// What is known after a statement, because it ends the run otherwise. `sets`: what [`Self::sets`] was before it.
    pub(super) fn learn_from(&mut self, stmt: &Stmt, sets: usize) {
        let (Stmt::Let(_, e) | Stmt::Expr(e)) = stmt;
        let mut facts = self.facts_after(e);
        let taken_back = self.known.sets.get(sets..).unwrap_or_default();
        facts.retain(|f| !taken_back.iter().any(|(slot, _)| f.spot.root == Root::Case(*slot)));
        // A number that is set is another one, whatever it is set to.
        let mut slots = Vec::new();
        slots_set(e, &mut slots);
        let set = |f: &Fact| slots.iter().any(|slot| f.spot.root == Root::Case(*slot));
        facts.retain(|f| f.range.is_none() || !set(f));
        self.known.facts.extend(facts);
    }

    /// How many fields have been set to something that may be absent.
    pub(super) fn sets(&self) -> usize {
        self.known.sets.len()
    }

    fn facts_after(&mut self, e: &Expr) -> Vec<Fact> {
        match &e.kind {
            ExprKind::If(test, then, other) if then.ty == Type::Never => {
                let mut facts = self.facts_of(test, false);
                if let Some(other) = other {
                    facts.extend(self.facts_after(other));
                }
                facts
            }
            ExprKind::If(test, _, Some(other)) if other.ty == Type::Never => self.facts_of(test, true),
            ExprKind::IfLet { missing: Missing::Option, value, other: Some(other), .. }
                if other.ty == Type::Never =>
            {
                self.there(value)
            }
            ExprKind::Else(Missing::Option, value, arm) if arm.ty == Type::Never => self.there(value),
            ExprKind::Match { value, arms } => {
                let none = arms.iter().find(|arm| {
                    arm.patterns.iter().any(|p| matches!(p, Pattern::Value(Value::None) | Pattern::Any))
                });
                if none.is_some_and(|arm| arm.body.ty == Type::Never) {
                    self.there(value)
                } else {
                    Vec::new()
                }
            }
            _ => Vec::new(),
        }
    }

    /// A field of the case is set: to something that is there, or to something that may not be.
    pub(super) fn fact_of_set(&mut self, slot: usize, value: &Expr, span: Span) {
        for fact in &mut self.known.facts {
            fact.holds &= fact.spot.root != Root::Case(slot);
        }
        if matches!(value.ty, Type::Option(_)) {
            self.known.sets.push((slot, span));
        } else {
            let spot = Spot { root: Root::Case(slot), fields: Vec::new() };
            self.known.facts.push(Fact { spot, tested: span, holds: true, range: None });
        }
    }

    /// Runs where nothing is known of what was tested before: the body of a procedure means the same wherever it is called.
    pub(super) fn unknowing(&mut self, run: impl FnOnce(&mut Self) -> Expr) -> Expr {
        let outer = std::mem::take(&mut self.known);
        let done = run(self);
        let inner = std::mem::replace(&mut self.known, outer);
        let mut slots = Vec::new();
        slots_set(&done, &mut slots);
        for fact in &mut self.known.facts {
            fact.holds &= !slots.iter().any(|slot| fact.spot.root == Root::Case(*slot));
        }
        self.known.sets.extend(inner.sets);
        done
    }

    /// Before the body of a loop. What it sets further down is not known to be there in the next pass.
    pub(super) fn before_loop(&mut self, body: Span) -> Mark {
        let text = self.context.text(body);
        let words: Vec<&str> = words(text).collect();
        let set: Vec<&str> = words
            .iter()
            .scan("", |before, word| Some((std::mem::replace(before, word), *word)))
            .filter_map(|(before, word)| (before == "set").then_some(word))
            .collect();
        let slots: Vec<usize> = match self.case {
            Some(case) => set.iter().filter_map(|f| self.context.slot(case, f).map(|(s, _)| s)).collect(),
            None => Vec::new(),
        };
        // What a procedure sets does not stand here.
        let called =
            |p: &ProcedureInfo<'_>| p.decl.case.is_some() && words.contains(&p.decl.name.text.as_str());
        let calls = self.context.procedures.iter().any(called);
        for fact in &mut self.known.facts {
            let of_case = matches!(fact.spot.root, Root::Case(slot) if calls || slots.contains(&slot));
            fact.holds &= !of_case;
        }
        Mark { facts: self.known.facts.len(), uses: self.known.uses.len(), sets: self.known.sets.len() }
    }

    /// After it: what was known before the loop is known in the first pass only, when a later part of the body takes it back
    /// in a way that its text does not show.
    pub(super) fn after_loop(&mut self, before: &Mark) {
        let sets = self.known.sets.get(before.sets..).unwrap_or_default();
        let uses = self.known.uses.get(before.uses..).unwrap_or_default();
        let mut wrong = Vec::new();
        for (fact, used) in uses.iter().filter(|(fact, _)| *fact < before.facts) {
            let Some(Fact { spot: Spot { root: Root::Case(slot), .. }, tested, .. }) =
                self.known.facts.get(*fact)
            else {
                continue;
            };
            if let Some((_, set)) = sets.iter().find(|(s, _)| s == slot) {
                wrong.push((*used, *tested, *set));
            }
        }
        for (used, tested, set) in wrong {
            let what = self.context.quoted(used);
            self.report(
                Diagnostic::error(codes::P4002, place(used), format!("{what} may be absent in a later pass"))
                    .here("there in the first pass only")
                    .label(place(tested), "tested here")
                    .label(place(set), "and set to something that may be absent here")
                    .help("Test it inside of the loop, or give it a name with `let` before the loop."),
            );
        }
    }

    /// What to say of an option that was tested and is one all the same.
    pub(super) fn why_not_narrowed(&self, span: Span) -> Option<&'static str> {
        let text = self.context.text(span);
        if self.known.lost.iter().any(|(lost, _)| lost == text) {
            return Some(
                "A test tells of names and of fields, not of what is computed: give it a name first, `let x = …`, and test \
                 that.",
            );
        }
        let taken_back = |f: &Fact| !f.holds && f.range.is_none() && self.context.text(f.tested) == text;
        self.known.facts.iter().any(taken_back).then_some("It was tested, and has been set since.")
    }
}
