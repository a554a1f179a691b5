//! A run: the playbook is walked from its start at each step, with the answers that there are by now. What was emitted
//! before is not emitted again.

use std::collections::{BTreeMap, BTreeSet};

use play_check::typed::{Expr, ExprKind, LocalId, Missing, Stmt};
use play_program::action::{ActionId, Answer, Related, Relation};
use play_program::convert::Misfit;
use play_program::exec::{Emission, Emit, Fault, Key, MOST_PASSES, Machine, Part, Scope, TOO_MUCH_WORK};
use play_program::json::Found;
use play_program::types::Type;
use play_program::value::Value;

use crate::Reference;
use crate::operators;
use crate::pure::{Frame, Pure, Stop, broken, deep, fits, on_a_new_stack, present};
use crate::steps::FailedSteps;
use crate::tree::{Mentions, sets};
use crate::wants::wants;

/// A run of a playbook.
#[derive(Debug)]
pub(crate) struct Run {
    reference: Reference,
    playbook: usize,
    /// The case as the run began.
    opened: Vec<Value>,
    /// The case as it is now.
    case: Vec<Value>,
    answers: BTreeMap<Key, Answer>,
    emitted: BTreeSet<Key>,
    failed: FailedSteps,
    ended: bool,
}

impl Run {
    pub fn new(reference: Reference, playbook: usize, case: Vec<Value>) -> Self {
        Self {
            reference,
            playbook,
            opened: case.clone(),
            case,
            answers: BTreeMap::new(),
            emitted: BTreeSet::new(),
            failed: FailedSteps::new(),
            ended: false,
        }
    }
}

impl Machine for Run {
    fn step(&mut self, answer: Option<(&Key, Answer)>) -> Vec<Emission> {
        if let Some((key, answer)) = answer
            && self.emitted.contains(key)
        {
            self.answers.entry(key.clone()).or_insert(answer);
        }
        if self.ended {
            return Vec::new();
        }
        let mut walk = Walk {
            pure: self.reference.pure(),
            answers: &self.answers,
            emitted: &mut self.emitted,
            failed: &mut self.failed,
            steps: Vec::new(),
            fresh: Vec::new(),
            prefix: Vec::new(),
            weight: 1,
            frame: Frame {
                locals: Vec::new(),
                case: self.opened.clone(),
                log: Default::default(),
                depth: 0,
                work: u64::MAX,
            },
            unsettled: BTreeSet::new(),
            blocked: false,
        };
        self.ended = match self.reference.program.playbooks.get(self.playbook) {
            Some(playbook) => {
                walk.frame.locals = vec![None; playbook.body.locals.len()];
                match walk.expr(&playbook.body.expr) {
                    Ok(Flow::Pending) => false,
                    Err(Ended::Run) => true,
                    // The checker refuses a playbook with a way that does not end, and a failure that no step takes.
                    Ok(Flow::Ready(_)) | Err(Ended::Step(_)) => {
                        walk.damaged(playbook.at);
                        true
                    }
                }
            }
            None => {
                walk.end(Stop::Fault(broken(0)));
                true
            }
        };
        let mut fresh = walk.fresh;
        self.case = walk.frame.case;
        // An ending comes last, also where its node is that of a function, before all nodes of the playbook.
        fresh.sort_by(|a, b| (a.what.ends(), &a.key).cmp(&(b.what.ends(), &b.key)));
        fresh
    }

    fn related(&self, action: ActionId, to: Relation, given: &[Value]) -> Result<Option<Related>, Fault> {
        self.reference.related_action(action, to, given)
    }

    fn wants(&self, at: u32) -> bool {
        let playbook = self.reference.program.playbooks.get(self.playbook);
        playbook.is_none_or(|p| wants(&p.body.expr, at))
    }

    fn case(&self) -> &[Value] {
        &self.case
    }

    fn guard(&self, guard: usize, clause: usize, act: &[Value]) -> Result<(bool, Vec<Part>), Fault> {
        self.reference.guard_clause(guard, clause, &self.case, act)
    }

    fn until(&self, until: u32, given: &[Value]) -> Result<(bool, Vec<Part>), Fault> {
        self.reference.wait_until(self.playbook, until, &self.case, given)
    }
}

/// What became of an expression that was walked.
#[derive(Debug)]
pub(crate) enum Flow<T> {
    /// It has a value.
    Ready(T),
    /// It waits for an answer.
    Pending,
}

/// What ends a walk before its end.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The run is over.
    Run,
    /// The step round the place where the walk is has failed (rule 10), with this failure.
    Step(Value),
}

/// What an expression with effects gives.
pub(crate) type Walked<T> = Result<Flow<T>, Ended>;

/// Gives the value, or leaves the function round it with `Pending` or `Ended`.
macro_rules! ready {
    ($walked:expr) => {
        match $walked? {
            Flow::Ready(value) => value,
            Flow::Pending => return Ok(Flow::Pending),
        }
    };
}
pub(crate) use ready;

/// One walk from the start of the playbook.
pub(crate) struct Walk<'a> {
    pub(crate) pure: Pure<'a>,
    answers: &'a BTreeMap<Key, Answer>,
    emitted: &'a mut BTreeSet<Key>,
    pub(crate) failed: &'a mut FailedSteps,
    /// The steps round the place where the walk is, in their bodies or in what follows their failure.
    pub(crate) steps: Vec<Scope>,
    fresh: Vec<Emission>,
    /// The `for`s round the place where the walk is, each with its pass.
    pub(crate) prefix: Key,
    /// How many passes these have, multiplied.
    weight: usize,
    pub(crate) frame: Frame,
    /// Fields of the case that something pending before this place contains a `set` of (rule 7).
    unsettled: BTreeSet<usize>,
    /// An ordered thing before this place is not settled (rule 3).
    pub(crate) blocked: bool,
}

impl Walk<'_> {
    pub(crate) fn key(&self, at: u32) -> Key {
        self.prefix.iter().copied().chain([at]).collect()
    }

    pub(crate) fn emit(&mut self, at: u32, what: Emit) {
        let key = self.key(at);
        if self.emitted.insert(key.clone()) {
            self.fresh.push(Emission { key, at, what });
        }
    }

    /// Ends the run, because something cannot be computed.
    fn end(&mut self, stop: Stop) -> Ended {
        let fault = match stop {
            Stop::Fault(fault) => fault,
            // A `?` has no place in a playbook.
            Stop::Unmet(_) => broken(0),
        };
        self.emit(fault.at, Emit::Fault(fault));
        Ended::Run
    }

    /// Rule 1, for what has no effects: all that it mentions has a value; and rule 3, for what may fault.
    pub(crate) fn may_compute(&self, expr: &Expr) -> bool {
        let mentions = Mentions::of(expr);
        let known = |local: &LocalId| self.frame.locals.get(local.0 as usize).is_some_and(Option::is_some);
        mentions.locals.iter().all(known)
            && mentions.fields.is_disjoint(&self.unsettled)
            && !(expr.fx.fault && self.blocked)
    }

    /// Leaving an expression behind: a pending one that contains an ordered thing blocks those after it (rule 3), and what is
    /// set in it is not settled (rule 7).
    pub(crate) fn leave<T>(&mut self, expr: &Expr, walked: Walked<T>) -> Walked<T> {
        if matches!(walked, Ok(Flow::Pending)) {
            self.blocked |= expr.fx.is_ordered();
            if expr.fx.change {
                self.unsettled.extend(sets(expr));
            }
        }
        walked
    }

    /// Walks an expression.
    pub(crate) fn expr(&mut self, expr: &Expr) -> Walked<Value> {
        self.frame.depth = self.frame.depth.saturating_add(1);
        let walked = if expr.fx.is_pure() {
            self.compute(expr)
        } else if deep(self.frame.depth) {
            match on_a_new_stack(|| self.effects(expr)) {
                Some(walked) => walked,
                None => Err(self.damaged(expr.at)),
            }
        } else {
            self.effects(expr)
        };
        self.frame.depth = self.frame.depth.saturating_sub(1);
        self.leave(expr, walked)
    }

    fn compute(&mut self, expr: &Expr) -> Walked<Value> {
        if !self.may_compute(expr) {
            return Ok(Flow::Pending);
        }
        self.pure.eval(expr, &mut self.frame).map(Flow::Ready).map_err(|stop| self.end(stop))
    }

    fn effects(&mut self, expr: &Expr) -> Walked<Value> {
        use ExprKind as K;
        match &expr.kind {
            K::Else(missing, value, arm) => self.otherwise(*missing, value, arm),
            K::And(left, right) => self.short(left, right, true),
            K::Or(left, right) => self.short(left, right, false),
            K::If(condition, then, other) => self.branch(expr.at, condition, then, other.as_deref()),
            K::IfLet { missing, value, var, then, other } => {
                self.branch_let(expr.at, (*missing, value), *var, then, other.as_deref())
            }
            K::Match { value, arms } => self.choose(expr.at, value, arms),
            K::For { var, list, body } => self.passes(expr, *var, list, body),
            K::Block(statements, tail) => self.block(statements, tail.as_deref()),
            K::Set { slot, value, because } => self.set(expr.at, *slot, value, because),
            K::Note(text) => self.note(expr.at, text),
            K::Revealed { because, .. } => {
                let because = ready!(self.reason(because));
                self.emit(expr.at, Emit::Revealed { because });
                Ok(Flow::Ready(Value::None))
            }
            K::Route { to, because } => self.route(expr.at, to, because),
            K::HandOver { to, because } => {
                let because = ready!(self.reason(because));
                self.emit(expr.at, Emit::HandOver { to: to.clone(), because });
                Err(Ended::Run)
            }
            K::Step { name, body, other } => self.step(expr.at, name, body, other),
            // It stands behind a call only.
            K::FailStep => Err(self.damaged(expr.at)),
            K::Close { class, because } => {
                let because = ready!(self.reason(because));
                self.emit(expr.at, Emit::Close { class: *class, because });
                Err(Ended::Run)
            }
            _ => self.operation(expr),
        }
    }

    /// Anything that computes on its parts: the parts are walked, and replaced by their values.
    fn operation(&mut self, expr: &Expr) -> Walked<Value> {
        let mut whole = expr.clone();
        let values = ready!(self.parts(&expr.parts(), expr));
        for (part, value) in parts_mut(&mut whole).into_iter().zip(values) {
            part.kind = ExprKind::Lit(value);
        }
        // What is known of it before it runs decides, and not these values: so the order of things is that of the source.
        if self.blocked && self.can_fault(expr) {
            return Ok(Flow::Pending);
        }
        self.pure.eval(&whole, &mut self.frame).map(Flow::Ready).map_err(|stop| self.end(stop))
    }

    /// Walks parts from left to right; a pending one does not keep the next from being walked.
    fn parts(&mut self, parts: &[&Expr], whole: &Expr) -> Walked<Vec<Value>> {
        let mut values = Vec::new();
        let mut pending = false;
        for part in parts {
            // The body of a lambda is no part that has a value.
            if let ExprKind::ListOp { body, var, .. } = &whole.kind
                && std::ptr::eq(&raw const **body, &raw const **part)
            {
                self.frame.bind(*var, Some(Value::None));
                pending |= !self.may_compute(body);
                continue;
            }
            match self.expr(part)? {
                Flow::Ready(value) => values.push(value),
                Flow::Pending => pending = true,
            }
        }
        Ok(if pending { Flow::Pending } else { Flow::Ready(values) })
    }

    /// Whether an operation faults by itself, not in its parts.
    fn can_fault(&self, expr: &Expr) -> bool {
        let types = &self.pure.program.types;
        match &expr.kind {
            ExprKind::Binary(op, left, right) if left.ty.is_int() && right.ty.is_int() => {
                play_check::interval::faults(*op, left, right)
            }
            ExprKind::Binary(op, left, right) => {
                operators::can_fault(*op, types.repr(&left.ty), types.repr(&right.ty))
            }
            ExprKind::Neg(of) if of.ty.is_int() => play_check::interval::negated(of).is_none(),
            ExprKind::Neg(of) => matches!(types.repr(&of.ty), Type::Duration),
            ExprKind::Call(function, _) => {
                self.pure.program.fns.get(*function).is_some_and(|f| f.body.expr.fx.fault)
            }
            ExprKind::ListOp { body, .. } => body.fx.fault,
            _ => false,
        }
    }

    /// What an `else` or `if let` guards: its value, or why it is missing.
    fn attempt(&mut self, missing: Missing, expr: &Expr) -> Walked<Result<Value, Misfit>> {
        let walked = self.attempt_inside(missing, expr);
        self.leave(expr, walked)
    }

    fn attempt_inside(&mut self, missing: Missing, expr: &Expr) -> Walked<Result<Value, Misfit>> {
        if expr.fx.is_pure() {
            if !self.may_compute(expr) {
                return Ok(Flow::Pending);
            }
            let given = self.pure.attempt(missing, expr, &mut self.frame);
            return given.map(Flow::Ready).map_err(|stop| self.end(stop));
        }
        if let (Missing::Call, Some((call, args))) = (missing, expr.kind.asked()) {
            let args = ready!(self.parts(&args.iter().collect::<Vec<_>>(), expr));
            if call.is_ordered() && self.blocked {
                return Ok(Flow::Pending);
            }
            return self.call(expr.at, Emit::of_call(&call, args));
        }
        match (missing, &expr.kind) {
            (Missing::Call, ExprKind::Rollback { because }) => {
                let because = ready!(self.reason(because));
                self.call(expr.at, Emit::Rollback { of: self.steps.last().cloned(), because })
            }
            (Missing::Conversion, ExprKind::As(of, ty)) => {
                let value = ready!(self.expr(of));
                let given = self.pure.convert(&value, ty, expr.at, &mut self.frame.log);
                given.map(Flow::Ready).map_err(|stop| self.end(stop))
            }
            _ => Ok(Flow::Ready(present(ready!(self.expr(expr)), missing))),
        }
    }

    /// A call whose arguments are ready: its answer, if there is one.
    fn call(&mut self, at: u32, call: Emit) -> Walked<Result<Value, Misfit>> {
        self.emit(at, call);
        match self.answers.get(&self.key(at)) {
            None => Ok(Flow::Pending),
            Some(Ok(value)) => Ok(Flow::Ready(Ok(value.clone()))),
            Some(Err(failure)) => Ok(Flow::Ready(Err(Misfit {
                path: String::new(),
                expected: failure.kind.name().into(),
                found: Found::Absent,
            }))),
        }
    }

    fn otherwise(&mut self, missing: Missing, value: &Expr, arm: &Expr) -> Walked<Value> {
        match self.attempt(missing, value)? {
            Flow::Ready(Ok(value)) => Ok(Flow::Ready(value)),
            Flow::Ready(Err(_)) => self.after_failure(value, arm),
            Flow::Pending => Ok(Flow::Pending),
        }
    }

    /// What is done when a call failed; it may look at the failure.
    fn after_failure(&mut self, call: &Expr, arm: &Expr) -> Walked<Value> {
        if matches!(arm.kind, ExprKind::FailStep) {
            let walked = self.fail_step(call);
            return self.leave(arm, walked);
        }
        let ExprKind::Catch(var, arm) = &arm.kind else { return self.expr(arm) };
        let Some(failure) = self.failure_of(call) else { return Err(self.damaged(call.at)) };
        self.frame.bind(*var, Some(failure));
        self.expr(arm)
    }

    /// How a call failed.
    pub(crate) fn failure_of(&self, call: &Expr) -> Option<Value> {
        match self.answers.get(&self.key(call.at)) {
            Some(Err(failure)) => Some(failure.value()),
            _ => None,
        }
    }

    /// `and` (goes on when the left side is true) and `or` (when it is false).
    fn short(&mut self, left: &Expr, right: &Expr, goes_on: bool) -> Walked<Value> {
        match self.expr(left)? {
            Flow::Ready(Value::Bool(left)) if left == goes_on => self.expr(right),
            Flow::Ready(decided) => Ok(Flow::Ready(decided)),
            Flow::Pending => Ok(Flow::Pending),
        }
    }

    fn branch(&mut self, at: u32, condition: &Expr, then: &Expr, other: Option<&Expr>) -> Walked<Value> {
        let mut parts = Vec::new();
        let walked = self.condition(condition, &mut parts);
        let holds = ready!(self.leave(condition, walked));
        self.emit(at, Emit::Decided { took: if holds { "then" } else { "else" }.into(), parts });
        match (holds, other) {
            (true, _) => self.expr(then),
            (false, Some(other)) => self.expr(other),
            (false, None) => Ok(Flow::Ready(Value::None)),
        }
    }

    fn branch_let(
        &mut self,
        at: u32,
        (missing, value): (Missing, &Expr),
        var: LocalId,
        then: &Expr,
        other: Option<&Expr>,
    ) -> Walked<Value> {
        let given = ready!(self.attempt(missing, value));
        let on = given.clone().unwrap_or(Value::None);
        let parts = vec![Part::On { at: value.at, value: on, ty: value.ty.clone() }];
        self.emit(at, Emit::Decided { took: if given.is_ok() { "then" } else { "else" }.into(), parts });
        match (given, other) {
            (Ok(given), _) => {
                self.frame.bind(var, Some(given));
                self.expr(then)
            }
            (Err(_), Some(other)) => self.after_failure(value, other),
            (Err(_), None) => Ok(Flow::Ready(Value::None)),
        }
    }

    fn choose(&mut self, at: u32, value: &Expr, arms: &[play_check::typed::Arm]) -> Walked<Value> {
        let on = ready!(self.expr(value));
        let Some(arm) = arms.iter().find(|arm| arm.patterns.iter().any(|pattern| fits(pattern, &on))) else {
            return Err(self.end(Stop::Fault(broken(at))));
        };
        let parts = vec![Part::On { at: value.at, value: on, ty: value.ty.clone() }];
        self.emit(at, Emit::Decided { took: arm.label.clone(), parts });
        self.expr(&arm.body)
    }

    fn passes(&mut self, whole: &Expr, var: LocalId, list: &Expr, body: &Expr) -> Walked<Value> {
        let items = match self.expr(list)? {
            Flow::Ready(Value::List(items)) => items,
            Flow::Ready(_) => return Err(self.damaged(whole.at)),
            // Rule 12: it may have too many passes.
            Flow::Pending => {
                self.blocked = true;
                return Ok(Flow::Pending);
            }
        };
        let outer = self.weight;
        let weight = outer.saturating_mul(items.len());
        if weight > MOST_PASSES {
            if self.blocked {
                return Ok(Flow::Pending);
            }
            return Err(self.end(Stop::Fault(Fault { what: TOO_MUCH_WORK.into(), at: whole.at })));
        }
        let mut given = Vec::new();
        for (pass, item) in (0_u32..).zip(items.iter()) {
            self.frame.bind(var, Some(item.clone()));
            self.prefix.extend([whole.at, pass]);
            self.weight = weight;
            let walked = self.expr(body);
            self.weight = outer;
            self.prefix.truncate(self.prefix.len().saturating_sub(2));
            match walked? {
                Flow::Ready(value) => given.push(value),
                // Rule 4: no later pass before this one is done.
                Flow::Pending if body.fx.is_barrier() => return Ok(Flow::Pending),
                Flow::Pending => {}
            }
        }
        if given.len() < items.len() {
            return Ok(Flow::Pending);
        }
        Ok(Flow::Ready(if whole.ty == Type::Unit { Value::None } else { Value::List(given.into()) }))
    }

    fn block(&mut self, statements: &[Stmt], tail: Option<&Expr>) -> Walked<Value> {
        let mut pending = false;
        for statement in statements {
            let expr = statement.expr();
            let value = match self.expr(expr)? {
                Flow::Ready(value) => Some(value),
                Flow::Pending => None,
            };
            pending |= value.is_none();
            // Rule 4: nothing behind a barrier before it is done.
            let stop = value.is_none() && expr.fx.is_barrier();
            if let Stmt::Let(local, _) = statement {
                self.frame.bind(*local, value);
            }
            if stop {
                return Ok(Flow::Pending);
            }
        }
        let value = match tail {
            Some(tail) => ready!(self.expr(tail)),
            None => Value::None,
        };
        Ok(if pending { Flow::Pending } else { Flow::Ready(value) })
    }

    /// A text, once it is ready and nothing ordered is before it.
    pub(crate) fn reason(&mut self, text: &Expr) -> Walked<String> {
        match ready!(self.expr(text)) {
            _ if self.blocked => Ok(Flow::Pending),
            Value::Str(text) => Ok(Flow::Ready(text.to_string())),
            _ => Err(self.end(Stop::Fault(broken(text.at)))),
        }
    }

    fn set(&mut self, at: u32, slot: usize, value: &Expr, because: &Expr) -> Walked<Value> {
        let walked = match (self.expr(value)?, self.expr(because)?) {
            (Flow::Ready(value), Flow::Ready(Value::Str(because))) if !self.blocked => Some((value, because)),
            _ => None,
        };
        let Some((to, because)) = walked else { return Ok(Flow::Pending) };
        let Some(place) = self.frame.case.get_mut(slot) else {
            return Err(self.end(Stop::Fault(broken(at))));
        };
        let from = std::mem::replace(place, to.clone());
        self.emit(at, Emit::Set { slot, from, to, because: because.to_string() });
        Ok(Flow::Ready(Value::None))
    }

    fn note(&mut self, at: u32, text: &Expr) -> Walked<Value> {
        let text = ready!(self.reason(text));
        self.emit(at, Emit::Note { text });
        Ok(Flow::Ready(Value::None))
    }

    fn route(&mut self, at: u32, to: &str, because: &Expr) -> Walked<Value> {
        let because = ready!(self.reason(because));
        self.emit(at, Emit::Route { to: to.into(), because });
        Ok(Flow::Ready(Value::None))
    }

    /// Applies what is computed on two sides that are ready.
    pub(crate) fn binary(&mut self, expr: &Expr, left: &Value, right: &Value) -> Result<Value, Ended> {
        let ExprKind::Binary(op, ..) = &expr.kind else { return Err(self.end(Stop::Fault(broken(expr.at)))) };
        operators::binary(*op, left, right)
            .map_err(|what| self.end(Stop::Fault(Fault { what: what.into(), at: expr.at })))
    }

    /// Ends the run: the program is not a checked one.
    pub(crate) fn damaged(&mut self, at: u32) -> Ended {
        self.end(Stop::Fault(broken(at)))
    }
}

/// The parts of an operation whose values it computes on.
fn parts_mut(expr: &mut Expr) -> Vec<&mut Expr> {
    use ExprKind as K;
    match &mut expr.kind {
        K::Field(of, _) | K::OptField(of, _) | K::JsonKey(of, _) | K::JsonExists(of) | K::As(of, _) => {
            vec![of]
        }
        K::Neg(of) | K::Not(of) | K::Try(_, of) => vec![of],
        K::ListOp { list, .. } => vec![list],
        K::Builtin(_, parts)
        | K::Call(_, parts)
        | K::Record(_, parts)
        | K::List(parts)
        | K::Map(parts)
        | K::Interp(parts) => parts.iter_mut().collect(),
        K::Binary(_, a, b) | K::JsonIndex(a, b) => vec![a, b],
        _ => Vec::new(),
    }
}
