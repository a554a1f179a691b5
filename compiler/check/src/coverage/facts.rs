//! What is known to hold at a place of a playbook, and what follows from it.
//!
//! Only what can be read off the text is decided: the same expression again, comparisons of one expression with constants, the
//! members that arms of a `match` leave, and what follows from these by `and`, `or`, `not`. Everything else is unknown.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use play_program::types::Type;
use play_program::value::Value;

use crate::conditions::terms::same;
use crate::interval;
use crate::typed::{BinaryOp, Expr, ExprKind, Program};

/// Something that holds.
#[derive(Clone, Debug)]
enum Fact {
    /// A condition has this value.
    Is(Expr, bool),
    /// A value is one of these, or none of these.
    Among(Expr, Vec<Value>, bool),
}

/// What is known at a place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    known: Vec<Fact>,
}

/// What an expression can be, by what is known.
#[derive(Default)]
struct Range {
    low: Option<Edge>,
    high: Option<Edge>,
    among: Option<Vec<Value>>,
    not: Vec<Value>,
}

#[derive(Clone)]
struct Edge {
    value: Value,
    /// Whether the value itself is inside.
    closed: bool,
}

impl Facts {
    /// From here on a condition has this value.
    pub(crate) fn assume(&mut self, program: &Program, e: &Expr, is: bool) {
        match (&e.kind, is) {
            (ExprKind::Block(stmts, Some(value)), _) if stmts.is_empty() => self.assume(program, value, is),
            (ExprKind::Not(of), _) => self.assume(program, of, !is),
            (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => {
                self.assume(program, a, is);
                self.assume(program, b, is);
            }
            (ExprKind::And(a, b), false) | (ExprKind::Or(a, b), true) => {
                // One of them has the value `is`; where the other has not, it is this one.
                match (self.decide(program, a), self.decide(program, b)) {
                    (Some(a), _) if a != is => self.assume(program, b, is),
                    (_, Some(b)) if b != is => self.assume(program, a, is),
                    _ => self.known.push(Fact::Is(e.clone(), is)),
                }
            }
            _ => self.known.push(Fact::Is(e.clone(), is)),
        }
    }

    /// From here on a value is one of these, or none of these.
    pub(crate) fn among(&mut self, e: &Expr, values: Vec<Value>, is: bool) {
        self.known.push(Fact::Among(e.clone(), values, is));
    }

    /// From here on a value is a whole number from one to another.
    pub(crate) fn between(&mut self, e: &Expr, low: i64, high: i64) {
        for (op, n) in [(BinaryOp::Ge, low), (BinaryOp::Le, high)] {
            let bound = Expr { kind: ExprKind::Lit(Value::Int(n)), ..e.clone() };
            let kind = ExprKind::Binary(op, Box::new(e.clone()), Box::new(bound));
            self.known.push(Fact::Is(Expr { kind, ty: Type::Bool, ..e.clone() }, true));
        }
    }

    /// What is known of these fields of the case is known no longer.
    pub(crate) fn forget(&mut self, fields: &BTreeSet<usize>) {
        self.known.retain(|fact| {
            let (Fact::Is(e, _) | Fact::Among(e, _, _)) = fact;
            !mentions(e, fields)
        });
    }

    /// Whether a condition holds, if that follows from what is known.
    pub(crate) fn decide(&self, program: &Program, e: &Expr) -> Option<bool> {
        match &e.kind {
            ExprKind::Lit(Value::Bool(is)) => return Some(*is),
            ExprKind::Block(stmts, Some(value)) if stmts.is_empty() => return self.decide(program, value),
            ExprKind::Const(index) => {
                let value = program.consts.get(*index)?;
                return self.decide(program, &value.body.expr);
            }
            ExprKind::Not(of) => return self.decide(program, of).map(|is| !is),
            ExprKind::And(a, b) => match (self.decide(program, a), self.decide(program, b)) {
                (Some(false), _) | (_, Some(false)) => return Some(false),
                (Some(true), Some(true)) => return Some(true),
                _ => {}
            },
            ExprKind::Or(a, b) => match (self.decide(program, a), self.decide(program, b)) {
                (Some(true), _) | (_, Some(true)) => return Some(true),
                (Some(false), Some(false)) => return Some(false),
                _ => {}
            },
            _ => {}
        }
        let again = self.known.iter().find_map(|fact| match fact {
            Fact::Is(known, is) if same(known, e) => Some(*is),
            _ => None,
        });
        again.or_else(|| self.compare(program, e))
    }

    /// Whether a comparison with a constant holds.
    fn compare(&self, program: &Program, e: &Expr) -> Option<bool> {
        let ExprKind::Binary(op, left, right) = &e.kind else { return None };
        if *op == BinaryOp::In {
            let list = elements(program, right)?;
            return match constant(program, left) {
                Some(value) => Some(list.iter().any(|v| v.same(&value))),
                None => self.range(program, left).within(&list),
            };
        }
        let (of, op, value) = match (constant(program, left), constant(program, right)) {
            (Some(a), Some(b)) => return holds(*op, &a, &b),
            (None, Some(value)) => (left, *op, value),
            (Some(value), None) => (right, mirrored(*op)?, value),
            (None, None) => return None,
        };
        self.range(program, of).decide(op, &value)
    }

    /// What an expression can be.
    fn range(&self, program: &Program, of: &Expr) -> Range {
        let mut range = Range::default();
        if let Some((low, high)) = interval::of(of).filter(|inside| *inside != interval::ALL) {
            let whole = |n: i128| i64::try_from(n).map(Value::Int).ok();
            low_and_high(&mut range, whole(low), whole(high));
        }
        for fact in &self.known {
            match fact {
                Fact::Among(known, values, is) if same(known, of) => range.limit(values, *is),
                Fact::Is(Expr { kind: ExprKind::Binary(BinaryOp::In, known, list), .. }, is)
                    if same(known, of) =>
                {
                    if let Some(values) = elements(program, list) {
                        range.limit(&values, *is);
                    }
                }
                Fact::Is(Expr { kind: ExprKind::Binary(op, left, right), .. }, is) => {
                    let (op, value) = match (same(left, of), same(right, of)) {
                        (true, _) => (Some(*op), constant(program, right)),
                        (_, true) => (mirrored(*op), constant(program, left)),
                        _ => continue,
                    };
                    // What is no number is neither above nor below: the contrary says nothing there.
                    if !is && matches!(value, Some(Value::Float(_))) {
                        continue;
                    }
                    if let (Some(op), Some(value)) = (op, value) {
                        range.narrow(if *is { Some(op) } else { negated(op) }, value);
                    }
                }
                _ => {}
            }
        }
        range
    }
}

fn low_and_high(range: &mut Range, low: Option<Value>, high: Option<Value>) {
    if let Some(low) = low {
        range.narrow(Some(BinaryOp::Ge), low);
    }
    if let Some(high) = high {
        range.narrow(Some(BinaryOp::Le), high);
    }
}

impl Range {
    fn limit(&mut self, values: &[Value], is: bool) {
        if is {
            let both = match &self.among {
                Some(known) => known.iter().filter(|k| values.iter().any(|v| v.same(k))).cloned().collect(),
                None => values.to_vec(),
            };
            self.among = Some(both);
        } else {
            self.not.extend(values.iter().cloned());
        }
    }

    fn narrow(&mut self, op: Option<BinaryOp>, value: Value) {
        use BinaryOp as B;
        let edge = |closed| Edge { value: value.clone(), closed };
        match op {
            Some(B::Eq) => self.limit(std::slice::from_ref(&value), true),
            Some(B::Ne) => self.not.push(value),
            Some(B::Lt) => tighten(&mut self.high, edge(false), Ordering::Less),
            Some(B::Le) => tighten(&mut self.high, edge(true), Ordering::Less),
            Some(B::Gt) => tighten(&mut self.low, edge(false), Ordering::Greater),
            Some(B::Ge) => tighten(&mut self.low, edge(true), Ordering::Greater),
            _ => {}
        }
    }

    /// Whether what it can be all lies in a list, or none of it does.
    fn within(&self, list: &[Value]) -> Option<bool> {
        if list.iter().all(|v| self.excludes(v)) {
            return Some(false);
        }
        let among = self.among.as_ref()?;
        let left = among.iter().filter(|v| !self.excludes(v));
        let (inside, outside): (Vec<_>, Vec<_>) = left.partition(|v| list.iter().any(|l| l.same(v)));
        match (inside.is_empty(), outside.is_empty()) {
            (false, true) => Some(true),
            (true, false) => Some(false),
            _ => None,
        }
    }

    fn excludes(&self, value: &Value) -> bool {
        let below = |edge: &Edge| match order(value, &edge.value) {
            Some(Ordering::Less) => true,
            Some(Ordering::Equal) => !edge.closed,
            _ => false,
        };
        let above = |edge: &Edge| match order(value, &edge.value) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !edge.closed,
            _ => false,
        };
        self.not.iter().any(|n| n.same(value))
            || self.low.as_ref().is_some_and(below)
            || self.high.as_ref().is_some_and(above)
            || self.among.as_ref().is_some_and(|all| !all.iter().any(|v| v.same(value)))
    }

    fn decide(&self, op: BinaryOp, value: &Value) -> Option<bool> {
        use BinaryOp as B;
        if let Some(among) = &self.among {
            let left: Vec<&Value> = among.iter().filter(|v| !self.excludes(v)).collect();
            let all: Option<Vec<bool>> = left.iter().map(|v| holds(op, v, value)).collect();
            return match all.as_deref() {
                Some([first, rest @ ..]) if rest.iter().all(|is| is == first) => Some(*first),
                _ => None,
            };
        }
        match op {
            B::Eq => self.excludes(value).then_some(false),
            B::Ne => self.excludes(value).then_some(true),
            B::Lt => self.below(value, false),
            B::Le => self.below(value, true),
            B::Gt => self.below(value, true).map(|is| !is),
            B::Ge => self.below(value, false).map(|is| !is),
            _ => None,
        }
    }

    /// Whether it is less than a value (or the same, where `or_same`).
    fn below(&self, value: &Value, or_same: bool) -> Option<bool> {
        if let Some(high) = &self.high {
            match order(&high.value, value) {
                Some(Ordering::Less) => return Some(true),
                Some(Ordering::Equal) if or_same || !high.closed => return Some(true),
                _ => {}
            }
        }
        if let Some(low) = &self.low {
            match order(&low.value, value) {
                Some(Ordering::Greater) => return Some(false),
                Some(Ordering::Equal) if !or_same || !low.closed => return Some(false),
                _ => {}
            }
        }
        None
    }
}

/// Takes an edge when it leaves less room: when its value is on that side of the one before.
fn tighten(edge: &mut Option<Edge>, new: Edge, side: Ordering) {
    let new = whole(new, side);
    let better = match edge {
        None => true,
        Some(old) => match order(&new.value, &old.value) {
            Some(Ordering::Equal) => !new.closed,
            Some(found) => found == side,
            None => false,
        },
    };
    if better {
        *edge = Some(new);
    }
}

/// `> 49` of whole numbers and members of an enum is `>= 50`.
fn whole(edge: Edge, side: Ordering) -> Edge {
    let up = side == Ordering::Greater;
    let value = match &edge.value {
        _ if edge.closed => None,
        Value::Int(n) if up => n.checked_add(1).map(Value::Int),
        Value::Int(n) => n.checked_sub(1).map(Value::Int),
        Value::Enum(n) if up => n.checked_add(1).map(Value::Enum),
        Value::Enum(n) => n.checked_sub(1).map(Value::Enum),
        _ => None,
    };
    match value {
        Some(value) => Edge { value, closed: true },
        None => edge,
    }
}

/// The order of two values of one type that has one. Members of an enum are compared only where the enum is ordered.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Size(a), Value::Size(b)) => Some(a.cmp(b)),
        (Value::Enum(a), Value::Enum(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn holds(op: BinaryOp, a: &Value, b: &Value) -> Option<bool> {
    use BinaryOp as B;
    match op {
        B::Eq => Some(a.same(b)),
        B::Ne => Some(!a.same(b)),
        B::Lt => order(a, b).map(Ordering::is_lt),
        B::Le => order(a, b).map(Ordering::is_le),
        B::Gt => order(a, b).map(Ordering::is_gt),
        B::Ge => order(a, b).map(Ordering::is_ge),
        _ => None,
    }
}

fn mirrored(op: BinaryOp) -> Option<BinaryOp> {
    use BinaryOp as B;
    Some(match op {
        B::Eq | B::Ne => op,
        B::Lt => B::Gt,
        B::Le => B::Ge,
        B::Gt => B::Lt,
        B::Ge => B::Le,
        _ => return None,
    })
}

fn negated(op: BinaryOp) -> Option<BinaryOp> {
    use BinaryOp as B;
    Some(match op {
        B::Eq => B::Ne,
        B::Ne => B::Eq,
        B::Lt => B::Ge,
        B::Le => B::Gt,
        B::Gt => B::Le,
        B::Ge => B::Lt,
        _ => return None,
    })
}

/// The value of an expression that is written out.
fn constant(program: &Program, e: &Expr) -> Option<Value> {
    match &e.kind {
        ExprKind::Lit(value) => Some(value.clone()),
        ExprKind::Const(index) => constant(program, &program.consts.get(*index)?.body.expr),
        ExprKind::Neg(of) => match constant(program, of)? {
            Value::Int(n) => n.checked_neg().map(Value::Int),
            _ => None,
        },
        ExprKind::Block(stmts, Some(value)) if stmts.is_empty() => constant(program, value),
        _ => None,
    }
}

/// The elements of a list that is written out. Networks are no elements: `in` means something else there.
fn elements(program: &Program, e: &Expr) -> Option<Vec<Value>> {
    let values: Vec<Value> = match &e.kind {
        ExprKind::Lit(Value::List(items)) => items.to_vec(),
        ExprKind::List(items) => items.iter().map(|i| constant(program, i)).collect::<Option<_>>()?,
        ExprKind::Const(index) => return elements(program, &program.consts.get(*index)?.body.expr),
        _ => return None,
    };
    (!values.iter().any(|v| matches!(v, Value::Cidr(_)))).then_some(values)
}

fn mentions(e: &Expr, fields: &BTreeSet<usize>) -> bool {
    matches!(&e.kind, ExprKind::CaseField(slot) if fields.contains(slot))
        || e.parts().into_iter().any(|c| mentions(c, fields))
}
