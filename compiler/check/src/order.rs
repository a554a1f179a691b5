//! Who needs whom: functions and constants in an order in which each comes after what it uses, and no circles.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use foldhash::fast::FixedState;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Arm, Block, Cond, Expr, ExprKind, PatternKind, Span, StmtKind, StrPart};
use play_syntax::side_by_side::halves;

use crate::context::{Context, Global, place};

/// A function or a constant, by index of its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Const(usize),
    Fn(usize),
}

impl<'a> Context<'a> {
    /// Constants and functions so that each comes after all that it uses, and of each, by its number, what that is. Those that use
    /// themselves, round whatever corner, are reported and come last.
    pub(crate) fn in_order(&mut self, worth: bool) -> (Vec<Unit>, Vec<BTreeSet<Unit>>) {
        let units: Vec<Unit> = self.units().collect();
        let uses_of = |at: usize| units.get(at).map(|unit| self.uses_of(*unit)).into_iter().collect();
        let uses = halves(worth, units.len(), uses_of);
        (self.sorted(&uses.iter().collect::<Vec<_>>()), uses)
    }

    /// All constants, and all functions.
    pub(crate) fn units(&self) -> impl Iterator<Item = Unit> + use<> {
        (0..self.consts.len()).map(Unit::Const).chain((0..self.fns.len()).map(Unit::Fn))
    }

    /// Which of [`Self::units`] it is.
    pub(crate) fn number_of(&self, unit: Unit) -> usize {
        match unit {
            Unit::Const(at) => at,
            Unit::Fn(at) => self.consts.len().saturating_add(at),
        }
    }

    /// The constants and functions that one of them mentions.
    pub(crate) fn uses_of(&self, unit: Unit) -> BTreeSet<Unit> {
        let mut uses = Uses::new(self);
        match unit {
            Unit::Const(at) => self.consts.get(at).into_iter().for_each(|c| uses.expr(&c.decl.value)),
            Unit::Fn(at) => {
                if let Some(info) = self.fns.get(at) {
                    info.decl.params.iter().for_each(|p| uses.bind(&p.name.text));
                    uses.block(&info.decl.body);
                }
            }
        }
        uses.found
    }

    /// All of them, each after those that it uses: always the first of those of which nothing that they use is left.
    pub(crate) fn sorted(&mut self, uses: &[&BTreeSet<Unit>]) -> Vec<Unit> {
        let units: Vec<Unit> = self.units().collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); units.len()];
        let mut left: Vec<usize> = uses.iter().map(|uses| uses.len()).collect();
        for (user, used) in uses.iter().enumerate().flat_map(|(at, uses)| uses.iter().map(move |u| (at, u))) {
            users.get_mut(self.number_of(*used)).into_iter().for_each(|users| users.push(user));
        }
        let numbers = left.iter().enumerate();
        let mut ready: BinaryHeap<Reverse<usize>> =
            numbers.filter(|(_, left)| **left == 0).map(|(at, _)| Reverse(at)).collect();
        let mut order = Vec::with_capacity(units.len());
        while let Some(Reverse(at)) = ready.pop() {
            order.extend(units.get(at));
            for user in users.get(at).into_iter().flatten() {
                if let Some(left) = left.get_mut(*user) {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        ready.push(Reverse(*user));
                    }
                }
            }
        }
        let open = units.iter().zip(uses).zip(&left).filter(|(_, left)| **left > 0);
        let open: Vec<(Unit, &BTreeSet<Unit>)> = open.map(|((unit, uses), _)| (*unit, *uses)).collect();
        self.report_circles(&open);
        order.extend(open.iter().map(|(unit, _)| *unit));
        order
    }

    /// One report for each circle; what merely leads into one is not to blame.
    fn report_circles(&mut self, open: &[(Unit, &BTreeSet<Unit>)]) {
        let uses: BTreeMap<Unit, &BTreeSet<Unit>> = open.iter().copied().collect();
        let mut walked = BTreeSet::new();
        for (start, _) in open {
            // Following the first open use from each leads into a circle sooner or later; one that was walked before is
            // reported already.
            let mut path = Vec::new();
            let mut next = Some(*start);
            while let Some(unit) = next.filter(|unit| walked.insert(*unit)) {
                path.push(unit);
                next = uses.get(&unit).and_then(|u| u.iter().find(|u| uses.contains_key(u)).copied());
            }
            if let Some(at) = path.iter().position(|unit| Some(*unit) == next) {
                self.report_circle(&path.split_off(at));
            }
        }
    }

    fn report_circle(&mut self, circle: &[Unit]) {
        let name = |unit: &Unit| match unit {
            Unit::Const(at) => self.consts.get(*at).map(|c| &c.decl.name),
            Unit::Fn(at) => self.fns.get(*at).map(|f| &f.decl.name),
        };
        let names: Vec<_> = circle.iter().filter_map(name).cloned().collect();
        let Some((first, rest)) = names.split_first() else { return };
        let mut finding =
            Diagnostic::error(codes::P3010, place(first.span), format!("`{}` uses itself", first.text))
                .note("There is no recursion in Play: every playbook ends, and this is how that is known.");
        finding = if rest.is_empty() {
            finding.here("used in its own body")
        } else {
            let way: Vec<String> = names.iter().chain([first]).map(|n| format!("`{}`", n.text)).collect();
            finding.here(format!("{} and round again", way.join(" → ")))
        };
        for name in rest {
            finding = finding.label(place(name.span), "on the way round");
        }
        let calls = circle.iter().any(|unit| matches!(unit, Unit::Fn(_)));
        self.report(finding.help(if calls {
            "Write it with `for`, `map`, `filter` or `any` over a list."
        } else {
            "Write the value of one of them out."
        }));
    }
}

/// The functions and constants that a body mentions. Names that are bound in it hide them.
struct Uses<'c, 'a> {
    context: &'c Context<'a>,
    bound: Vec<&'c str>,
    /// How often each of these is bound: a body may bind very many.
    times: HashMap<&'c str, usize, FixedState>,
    found: BTreeSet<Unit>,
}

impl<'c, 'a> Uses<'c, 'a> {
    fn new(context: &'c Context<'a>) -> Self {
        Self { context, bound: Vec::new(), times: HashMap::default(), found: BTreeSet::new() }
    }

    fn bind(&mut self, name: &'c str) {
        let times = self.times.entry(name).or_default();
        *times = times.saturating_add(1);
        self.bound.push(name);
    }

    /// Forgets what was bound after the first so many.
    fn unbind(&mut self, outer: usize) {
        for name in self.bound.drain(outer.min(self.bound.len())..) {
            match self.times.get_mut(name) {
                Some(times) if *times > 1 => *times = times.saturating_sub(1),
                _ => drop(self.times.remove(name)),
            }
        }
    }

    fn name(&mut self, name: &str, at: Span) {
        if self.times.contains_key(name) {
            return;
        }
        match self.context.globals.get(at, name) {
            Some((Global::Const(at), _)) => self.found.insert(Unit::Const(*at)),
            Some((Global::Fn(at), _)) => self.found.insert(Unit::Fn(*at)),
            _ => false,
        };
    }

    fn block(&mut self, block: &'c Block) {
        let outer = self.bound.len();
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Let { name, value, .. } => {
                    self.expr(value);
                    self.bind(&name.text);
                }
                StmtKind::Expr(expr) => self.expr(expr),
            }
        }
        self.unbind(outer);
    }

    fn with(&mut self, name: &'c str, then: impl FnOnce(&mut Self)) {
        let outer = self.bound.len();
        self.bind(name);
        then(self);
        self.unbind(outer);
    }

    /// An arm, with the names that its patterns give.
    fn arm(&mut self, arm: &'c Arm) {
        let outer = self.bound.len();
        for pattern in &arm.patterns {
            if let PatternKind::Variant { captures: Some(captures), .. } = &pattern.kind {
                captures.iter().for_each(|c| self.bind(&c.name.text));
            }
        }
        self.expr(&arm.body);
        self.unbind(outer);
    }

    fn expr(&mut self, expr: &'c Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Str(parts) => {
                for part in parts {
                    if let StrPart::Expr(inner) = part {
                        self.expr(inner);
                    }
                }
            }
            ExprKind::List(items) => items.iter().for_each(|e| self.expr(e)),
            ExprKind::Record { fields, .. } | ExprKind::Object(fields) => {
                fields.iter().for_each(|(_, e)| self.expr(e));
            }
            ExprKind::Map(pairs) => {
                for (key, value) in pairs {
                    self.expr(key);
                    self.expr(value);
                }
            }
            ExprKind::Field { base, .. } => self.expr(base),
            ExprKind::Index { base, index } => {
                self.expr(base);
                self.expr(index);
            }
            ExprKind::Call { callee, args } => {
                self.expr(callee);
                args.iter().for_each(|a| self.expr(&a.value));
            }
            ExprKind::Lambda { param, body } => self.with(&param.text, |u| u.expr(body)),
            ExprKind::As { value, .. }
            | ExprKind::Try(value)
            | ExprKind::Unary { value, .. }
            | ExprKind::Do(value)
            | ExprKind::Note(value) => self.expr(value),
            ExprKind::Else { value, arm } => {
                self.expr(value);
                self.expr(arm);
            }
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::If { cond, then, other } => {
                match &**cond {
                    Cond::Expr(cond) => {
                        self.expr(cond);
                        self.block(then);
                    }
                    Cond::Let { name, value } => {
                        self.expr(value);
                        self.with(&name.text, |u| u.block(then));
                    }
                }
                if let Some(other) = other {
                    self.expr(other);
                }
            }
            ExprKind::Match { value, arms } => {
                self.expr(value);
                arms.iter().for_each(|arm| self.arm(arm));
            }
            ExprKind::For { var, list, body } => {
                self.expr(list);
                self.with(&var.text, |u| u.block(body));
            }
            ExprKind::Step { body, other, .. } => {
                self.block(body);
                other.iter().for_each(|b| self.block(b));
            }
            ExprKind::Reveal { value, .. } => self.expr(value),
            ExprKind::OnTerms { call: inner, .. } | ExprKind::NotYet { inner: Some(inner), .. } => {
                self.expr(inner)
            }
            // What changes the case is refused in functions and constants anyway.
            _ => {}
        }
    }
}
