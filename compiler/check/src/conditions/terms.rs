//! When two expressions are the same computation, and what one depends on.

use std::collections::BTreeSet;

use play_program::types::{Type, TypeTable};
use play_syntax::ast::BinaryOp;

use crate::typed::{Expr, ExprKind, Pattern};

/// Whether two expressions give the same value, wherever both can be evaluated. Says no when in doubt.
pub(crate) fn same(a: &Expr, b: &Expr) -> bool {
    use ExprKind as K;
    let (a, b) = (bare(a), bare(b));
    if !a.fx.is_pure() || !b.fx.is_pure() {
        return false;
    }
    let heads = match (&a.kind, &b.kind) {
        (K::Lit(x), K::Lit(y)) => return x.same(y),
        (K::Local(x), K::Local(y)) => return x == y,
        (K::CaseField(x), K::CaseField(y)) | (K::Const(x), K::Const(y)) => return x == y,
        (K::Binary(BinaryOp::Eq | BinaryOp::Ne, x, y), K::Binary(_, z, w)) if same(x, w) && same(y, z) => {
            return operator(a) == operator(b);
        }
        (K::Field(_, i), K::Field(_, j)) | (K::OptField(_, i), K::OptField(_, j)) => i == j,
        (K::Builtin(f, _), K::Builtin(g, _)) => f == g,
        (K::Call(f, _), K::Call(g, _)) => f == g,
        (K::Record(f, _), K::Record(g, _)) => f == g,
        (K::Binary(..), K::Binary(..)) => operator(a) == operator(b),
        (K::JsonKey(_, x), K::JsonKey(_, y)) => x == y,
        (K::As(_, x), K::As(_, y)) => x == y,
        (K::Else(x, ..), K::Else(y, ..)) => x == y,
        (K::Not(_), K::Not(_))
        | (K::Neg(_), K::Neg(_))
        | (K::And(..), K::And(..))
        | (K::Or(..), K::Or(..))
        | (K::List(_), K::List(_))
        | (K::Map(_), K::Map(_))
        | (K::Interp(_), K::Interp(_))
        | (K::JsonIndex(..), K::JsonIndex(..))
        | (K::JsonExists(_), K::JsonExists(_)) => true,
        _ => false,
    };
    if !heads {
        return false;
    }
    let (xs, ys) = (a.parts(), b.parts());
    xs.len() == ys.len() && xs.iter().zip(ys).all(|(x, y)| same(x, y))
}

/// Without braces that hold nothing else.
pub(crate) fn bare(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Block(stmts, Some(value)) if stmts.is_empty() => bare(value),
        _ => e,
    }
}

fn operator(e: &Expr) -> Option<BinaryOp> {
    if let ExprKind::Binary(op, ..) = &e.kind { Some(*op) } else { None }
}

/// The fields of the case that an expression looks at.
pub(crate) fn fields(e: &Expr, found: &mut BTreeSet<usize>) {
    if let ExprKind::CaseField(slot) = &e.kind {
        found.insert(*slot);
    }
    e.parts().into_iter().for_each(|part| fields(part, found));
}

/// The fields of the case that an expression may set.
pub(crate) fn sets(e: &Expr, found: &mut BTreeSet<usize>) {
    if !e.fx.change {
        return;
    }
    if let ExprKind::Set { slot, .. } = &e.kind {
        found.insert(*slot);
    }
    e.parts().into_iter().for_each(|part| sets(part, found));
}

/// Whether a value of a type may hold a `Float`: those are not always equal to themselves.
pub(crate) fn may_be_nan(ty: &Type, types: &TypeTable, depth: u8) -> bool {
    match types.repr(ty) {
        Type::Float => true,
        Type::List(of) | Type::Option(of) | Type::Map(_, of) => may_be_nan(of, types, depth),
        Type::Record(id) => {
            depth > 8
                || types
                    .record(*id)
                    .is_none_or(|r| r.fields.iter().any(|f| may_be_nan(&f.ty, types, depth + 1)))
        }
        _ => false,
    }
}

/// The values that patterns name; `None` where one of them is not a single value.
pub(crate) fn values(patterns: &[Pattern]) -> Option<Vec<play_program::value::Value>> {
    patterns
        .iter()
        .map(|p| match p {
            Pattern::Value(value) => Some(value.clone()),
            _ => None,
        })
        .collect()
}
