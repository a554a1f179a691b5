//! Values to try: those that the program itself speaks of, and their neighbours.

mod fitting;
mod near;
mod values;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use jiff::SignedDuration;
use play_check::typed::{BinaryOp, Expr, ExprKind, Pattern, Program};
use play_program::Value;
use play_program::types::Type;

use fitting::fitting;

/// Values of types, by type and depth.
type Made = HashMap<(Type, usize), Rc<[Value]>>;

/// What a program speaks of.
#[derive(Default)]
pub struct Pool {
    texts: BTreeSet<String>,
    numbers: BTreeSet<i64>,
    durations: BTreeSet<SignedDuration>,
    others: Vec<Value>,
    /// Values of a type at a depth, once they were made.
    made: RefCell<Made>,
}

impl Pool {
    /// Looks through a program.
    pub fn of(program: &Program) -> Self {
        let mut pool = Self::default();
        program.playbooks.iter().filter_map(|p| p.when.as_ref()).for_each(|b| pool.expr(&b.expr));
        program.playbooks.iter().for_each(|p| pool.expr(&p.body.expr));
        program.procedures.iter().for_each(|body| pool.expr(body));
        program.fns.iter().for_each(|f| pool.expr(&f.body.expr));
        program.consts.iter().for_each(|c| pool.expr(&c.body.expr));
        program.guards.iter().flat_map(|g| g.conditions.iter().flatten()).for_each(|b| pool.expr(&b.expr));
        pool
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Lit(Value::Str(text)) if e.ty == Type::Regex => self.texts.extend(fitting(text)),
            ExprKind::Lit(value) => self.value(value),
            // What is only shown is compared with nothing.
            ExprKind::Interp(parts) => {
                parts.iter().filter(|p| !matches!(p.kind, ExprKind::Lit(_))).for_each(|p| self.expr(p));
                return;
            }
            ExprKind::Note(text) | ExprKind::Revealed { because: text, .. }
                if matches!(text.kind, ExprKind::Lit(_)) =>
            {
                return;
            }
            ExprKind::Route { because, .. }
            | ExprKind::HandOver { because, .. }
            | ExprKind::Close { because, .. }
            | ExprKind::Rollback { because }
                if matches!(because.kind, ExprKind::Lit(_)) =>
            {
                return;
            }
            ExprKind::Set { value, .. } => {
                self.expr(value);
                return;
            }
            ExprKind::Binary(BinaryOp::Like | BinaryOp::ILike, _, pattern) => {
                if let ExprKind::Lit(Value::Str(text)) = &pattern.kind {
                    self.texts.insert(text.replace(['*', '?'], "x"));
                }
            }
            ExprKind::Match { arms, .. } => {
                for pattern in arms.iter().flat_map(|a| &a.patterns) {
                    match pattern {
                        Pattern::Value(value) => self.value(value),
                        Pattern::Range(first, last) => self.numbers.extend([*first, *last]),
                        Pattern::Any => {}
                    }
                }
            }
            _ => {}
        }
        e.parts().into_iter().for_each(|part| self.expr(part));
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Str(text) => {
                self.texts.insert(text.to_string());
            }
            Value::Int(n) => {
                self.numbers.insert(*n);
            }
            Value::Duration(d) => {
                self.durations.insert(*d);
            }
            Value::List(items) | Value::Record(items) => items.iter().for_each(|item| self.value(item)),
            Value::Cidr(net) => self.others.extend([value.clone(), Value::Ip(net.addr())]),
            Value::Map(map) => map.iter().for_each(|(key, value)| {
                self.value(key);
                self.value(value);
            }),
            Value::None | Value::Bool(_) | Value::Enum(_) | Value::Json(_) => {}
            other => self.others.push(other.clone()),
        }
    }
}
