//! A condition with the constants in it looked through.

use crate::typed::{Const, Expr, ExprKind, Stmt};

/// So deep are constants looked through that are made of other constants.
const DEEPEST: u8 = 16;

/// The same condition, in which the values of constants stand in the place of their names.
pub(crate) fn looked_through(e: &Expr, consts: &[Const]) -> Expr {
    let mut e = e.clone();
    put(&mut e, consts, 0);
    e
}

fn put(e: &mut Expr, consts: &[Const], depth: u8) {
    if let ExprKind::Const(index) = &e.kind {
        let value = consts.get(*index).map(|c| &c.body.expr).filter(|_| depth < DEEPEST);
        // One with names of its own stays: they would be taken for those of the condition.
        if let Some(value) = value.filter(|value| !names(value)) {
            let (at, ty) = (e.at, e.ty.clone());
            let mut value = value.clone();
            put(&mut value, consts, depth.saturating_add(1));
            *e = Expr { at, ty, ..value };
        }
        return;
    }
    for part in parts_mut(e) {
        put(part, consts, depth);
    }
}

/// Whether it gives names to values.
fn names(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Local(_)) || e.parts().into_iter().any(names)
}

/// What a condition is made of, as far as conditions are taken apart.
fn parts_mut(e: &mut Expr) -> Vec<&mut Expr> {
    use ExprKind as K;
    match &mut e.kind {
        K::Field(of, _) | K::OptField(of, _) | K::JsonKey(of, _) | K::JsonExists(of) | K::As(of, _) => {
            vec![of]
        }
        K::Neg(of) | K::Not(of) => vec![of],
        K::ListOp { list, body, .. } => vec![list, body],
        K::Builtin(_, all)
        | K::Call(_, all)
        | K::Record(_, all)
        | K::List(all)
        | K::Map(all)
        | K::Interp(all) => all.iter_mut().collect(),
        K::And(a, b) | K::Or(a, b) | K::Binary(_, a, b) | K::JsonIndex(a, b) | K::Else(_, a, b) => vec![a, b],
        K::If(test, then, other) => {
            [Some(test), Some(then), other.as_mut()].into_iter().flatten().map(|e| &mut **e).collect()
        }
        K::Block(stmts, value) => {
            let stmts = stmts.iter_mut().map(|stmt| match stmt {
                Stmt::Let(_, e) | Stmt::Expr(e) => e,
            });
            stmts.chain(value.as_deref_mut()).collect()
        }
        _ => Vec::new(),
    }
}
