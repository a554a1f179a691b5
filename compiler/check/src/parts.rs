//! What stands directly inside of an expression. One list of it: whoever walks the typed program walks it by this.

use smallvec::SmallVec;

use crate::typed::{Expr, ExprKind, NodeId, Stmt};

/// Expressions that stand in another: mostly few, and no list is made for these.
pub type Parts<'e> = SmallVec<[&'e Expr; 4]>;

/// Does something to each expression directly inside of a kind, in source order; `$mut` where the kind may be changed. One list for those who
/// read and those who change.
macro_rules! each_part {
    ($kind:expr, $on:expr $(, $mut:tt)?) => {{
        use ExprKind as K;
        #[allow(unused_mut, reason = "one of them changes what it holds")]
        let mut on = $on;
        match $kind {
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
            | K::Suspend(_, all) => {
                for part in all {
                    on(part);
                }
            }
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
                for arm in arms {
                    on(&$($mut)? arm.body);
                }
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
    }};
}

impl Expr {
    /// The expressions directly inside, in source order.
    #[must_use]
    pub fn parts(&self) -> Parts<'_> {
        let mut parts = Parts::new();
        each_part!(&self.kind, |part| parts.push(part));
        parts
    }

    /// Its nodes, and those of all in it, have numbers now that are greater by so much. Of an expression that asks nothing of anybody: what
    /// else has nodes is not looked for.
    pub(crate) fn renumber(&mut self, by: NodeId) {
        self.at = self.at.wrapping_add(by);
        each_part!(&mut self.kind, |part: &mut Self| part.renumber(by), mut);
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
