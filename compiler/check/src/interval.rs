//! The whole numbers that an expression can have: by its type, and by how it is written.

use play_program::builtin;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::BinaryOp;

use crate::typed::{Expr, ExprKind, ListOp};

/// From the first to the second, both inside.
pub type Interval = (i128, i128);

/// All that an `Int` can be.
pub const ALL: Interval = (i64::MIN as i128, i64::MAX as i128);

/// What an expression can be; `None` when it is no whole number.
#[must_use]
pub fn of(e: &Expr) -> Option<Interval> {
    match &e.kind {
        ExprKind::Lit(Value::Int(n)) => return Some((i128::from(*n), i128::from(*n))),
        ExprKind::Lit(_) => return None,
        ExprKind::Block(_, Some(value)) => return of(value),
        _ => {}
    }
    let by_type = of_type(&e.ty)?;
    if by_type != ALL {
        return Some(by_type);
    }
    Some(match &e.kind {
        ExprKind::If(_, then, Some(other)) | ExprKind::IfLet { then, other: Some(other), .. } => {
            hull(branch(then), branch(other)).unwrap_or(ALL)
        }
        ExprKind::Catch(_, arm) => branch(arm).unwrap_or(ALL),
        ExprKind::Else(_, value, arm) => {
            hull(Some(of_type(content(&value.ty)).unwrap_or(ALL)), branch(arm)).unwrap_or(ALL)
        }
        ExprKind::Match { arms, .. } => {
            arms.iter().fold(None, |all, arm| hull(all, branch(&arm.body))).unwrap_or(ALL)
        }
        ExprKind::Builtin(id, args) => function(builtin::get(*id).map_or("", |b| b.name), args),
        ExprKind::ListOp { op: ListOp::Count, .. } => (0, ALL.1),
        ExprKind::Binary(BinaryOp::Rem, left, right) => remainder(left, right),
        _ => ALL,
    })
}

fn content(ty: &Type) -> &Type {
    if let Type::Option(of) = ty { of } else { ty }
}

/// What values of a type can be; `None` for other types than those of whole numbers.
#[must_use]
pub fn of_type(ty: &Type) -> Option<Interval> {
    match ty {
        Type::Int => Some(ALL),
        Type::Ranged(low, high) => Some((i128::from(*low), i128::from(*high))),
        _ => None,
    }
}

/// The type of an interval: a range where it is narrower than all, and fits.
pub(crate) fn type_of((low, high): Interval) -> Type {
    match (i64::try_from(low), i64::try_from(high)) {
        (Ok(low), Ok(high)) if (low, high) != (i64::MIN, i64::MAX) && low <= high => Type::Ranged(low, high),
        _ => Type::Int,
    }
}

/// What an operation on two whole numbers gives; `None` where it may have no result.
#[must_use]
pub fn combined(op: BinaryOp, left: &Expr, right: &Expr) -> Option<Interval> {
    let (a, b) = (of(left)?, of(right)?);
    let found = match op {
        BinaryOp::Add => (a.0 + b.0, a.1 + b.1),
        BinaryOp::Sub => (a.0 - b.1, a.1 - b.0),
        BinaryOp::Mul => corners(a, b, i128::checked_mul)?,
        // By numbers on one side of zero alone.
        BinaryOp::Div if b.0 > 0 || b.1 < 0 => corners(a, b, i128::checked_div)?,
        BinaryOp::Rem if b.0 > 0 || b.1 < 0 => remainder(left, right),
        _ => return None,
    };
    (found.0 >= ALL.0 && found.1 <= ALL.1).then_some(found)
}

/// Whether an operation on two whole numbers may have no result: it does not fit, or is by zero.
#[must_use]
pub fn faults(op: BinaryOp, left: &Expr, right: &Expr) -> bool {
    let arithmetic =
        matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem);
    arithmetic && combined(op, left, right).is_none()
}

/// What the negative of a whole number can be; `None` where there may be none.
#[must_use]
pub fn negated(e: &Expr) -> Option<Interval> {
    let (low, high) = of(e)?;
    (low > ALL.0).then_some((-high, -low))
}

/// The smallest that holds both.
fn hull(a: Option<Interval>, b: Option<Interval>) -> Option<Interval> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (one, other) => one.or(other),
    }
}

/// What a branch gives; nothing when it ends elsewhere.
fn branch(e: &Expr) -> Option<Interval> {
    if e.ty == Type::Never { None } else { Some(of(e).unwrap_or(ALL)) }
}

fn corners(a: Interval, b: Interval, by: fn(i128, i128) -> Option<i128>) -> Option<Interval> {
    let all = [by(a.0, b.0)?, by(a.0, b.1)?, by(a.1, b.0)?, by(a.1, b.1)?];
    Some((all.iter().copied().min()?, all.iter().copied().max()?))
}

/// A remainder has the sign of the left side, and is smaller than the right one.
fn remainder(left: &Expr, right: &Expr) -> Interval {
    let (a, b) = (of_type(&left.ty).unwrap_or(ALL), of(right).unwrap_or(ALL));
    let most = b.0.abs().max(b.1.abs()) - 1;
    let low = if a.0 >= 0 { 0 } else { (-most).max(a.0) };
    let high = if a.1 <= 0 { 0 } else { most.min(a.1) };
    (low, high)
}

fn function(name: &str, args: &[Expr]) -> Interval {
    let arg = |i: usize| args.get(i).and_then(of).unwrap_or(ALL);
    let (x, a, b) = (arg(0), arg(1), arg(2));
    match (name, args.len()) {
        ("len", 1) => (0, ALL.1),
        ("min", 2) => (x.0.min(a.0), x.1.min(a.1)),
        ("max", 2) => (x.0.max(a.0), x.1.max(a.1)),
        ("clamp", 3) => (x.0.max(a.0).min(b.0), x.1.max(a.1).min(b.1)),
        ("sign", 1) => (-1, 1),
        ("hour", 1) => (0, 23),
        ("minute" | "second", 1) => (0, 59),
        ("weekday", 1) => (1, 7),
        ("month", 1) => (1, 12),
        ("day", 1) => (1, 31),
        _ => ALL,
    }
}
