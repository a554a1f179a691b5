//! What stands directly inside of an expression. One list of it: whoever walks the typed program walks it by this.

use smallvec::SmallVec;

use crate::typed::{Expr, ExprKind, NodeId, Stmt};

/// Expressions that stand in another: mostly few, and no list is made for these.
pub type Parts<'e> = SmallVec<[&'e Expr; 4]>;

impl Expr {
    /// The expressions directly inside, in source order.
    #[must_use]
    pub fn parts(&self) -> Parts<'_> {
        use ExprKind as K;
        match &self.kind {
            K::Lit(_) | K::Local(_) | K::CaseField(_) | K::Const(_) | K::FailStep => Parts::new(),
            K::Rollback { because: of }
            | K::Field(of, _)
            | K::OptField(of, _)
            | K::Neg(of)
            | K::Not(of)
            | K::JsonKey(of, _)
            | K::JsonExists(of)
            | K::As(of, _)
            | K::Try(_, of)
            | K::Catch(_, of)
            | K::Note(of)
            | K::Route { because: of, .. }
            | K::HandOver { because: of, .. }
            | K::Close { because: of, .. } => std::iter::once(&**of).collect(),
            K::Builtin(_, all)
            | K::Call(_, all)
            | K::Record(_, all)
            | K::List(all)
            | K::Map(all)
            | K::Interp(all)
            | K::Read(_, all, _)
            | K::Do(_, all, _)
            | K::Suspend(_, all) => all.iter().collect(),
            K::Step { body: a, other: b, .. }
            | K::ListOp { list: a, body: b, .. }
            | K::For { list: a, body: b, .. }
            | K::And(a, b)
            | K::Or(a, b)
            | K::Binary(_, a, b)
            | K::JsonIndex(a, b)
            | K::Else(_, a, b)
            | K::Set { value: a, because: b, .. }
            | K::Revealed { value: a, because: b } => [&**a, b].into_iter().collect(),
            K::If(a, b, c) | K::IfLet { value: a, then: b, other: c, .. } => {
                [&**a, b].into_iter().chain(c.as_deref()).collect()
            }
            K::Match { value, arms } => {
                std::iter::once(&**value).chain(arms.iter().map(|arm| &arm.body)).collect()
            }
            K::Block(stmts, value) => stmts.iter().map(Stmt::expr).chain(value.as_deref()).collect(),
        }
    }
}

impl Expr {
    /// Its nodes, and those of all in it, have numbers now that are greater by so much. Of an expression that asks nothing of anybody: what
    /// else has nodes is not looked for.
    pub(crate) fn renumber(&mut self, by: NodeId) {
        self.at = self.at.wrapping_add(by);
        self.parts_mut(&mut |part| part.renumber(by));
    }

    /// Does it to the expressions directly inside.
    fn parts_mut(&mut self, on: &mut dyn FnMut(&mut Expr)) {
        use ExprKind as K;
        match &mut self.kind {
            K::Lit(_) | K::Local(_) | K::CaseField(_) | K::Const(_) | K::FailStep => {}
            K::Rollback { because: of }
            | K::Field(of, _)
            | K::OptField(of, _)
            | K::Neg(of)
            | K::Not(of)
            | K::JsonKey(of, _)
            | K::JsonExists(of)
            | K::As(of, _)
            | K::Try(_, of)
            | K::Catch(_, of)
            | K::Note(of)
            | K::Route { because: of, .. }
            | K::HandOver { because: of, .. }
            | K::Close { because: of, .. } => on(of),
            K::Builtin(_, all)
            | K::Call(_, all)
            | K::Record(_, all)
            | K::List(all)
            | K::Map(all)
            | K::Interp(all)
            | K::Read(_, all, _)
            | K::Do(_, all, _)
            | K::Suspend(_, all) => all.iter_mut().for_each(on),
            K::Step { body: a, other: b, .. }
            | K::ListOp { list: a, body: b, .. }
            | K::For { list: a, body: b, .. }
            | K::And(a, b)
            | K::Or(a, b)
            | K::Binary(_, a, b)
            | K::JsonIndex(a, b)
            | K::Else(_, a, b)
            | K::Set { value: a, because: b, .. }
            | K::Revealed { value: a, because: b } => {
                on(a);
                on(b);
            }
            K::If(a, b, c) | K::IfLet { value: a, then: b, other: c, .. } => {
                on(a);
                on(b);
                if let Some(c) = c {
                    on(c);
                }
            }
            K::Match { value, arms } => {
                on(value);
                arms.iter_mut().for_each(|arm| on(&mut arm.body));
            }
            K::Block(stmts, value) => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Let(_, e) | Stmt::Expr(e) => on(e),
                    }
                }
                if let Some(value) = value {
                    on(value);
                }
            }
        }
    }
}

impl Stmt {
    /// What it computes.
    #[must_use]
    pub fn expr(&self) -> &Expr {
        match self {
            Stmt::Let(_, expr) | Stmt::Expr(expr) => expr,
        }
    }
}
