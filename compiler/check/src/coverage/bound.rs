//! How often something can happen: the product of the loops round it.

use play_program::builtin;
use play_program::value::Value;

use super::text;
use crate::typed::{Expr, ExprKind, ListOp, Program};

/// How often a write can happen in one run of its playbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At most so often.
    Times(u64),
    /// Once for each element of these, one loop in the other; and so often at most for each of these combinations.
    Each(u64, Vec<String>),
}

impl Bound {
    /// Outside of all loops.
    pub(crate) const ONCE: Bound = Bound::Times(1);

    /// Inside of one more loop.
    pub(crate) fn inside(&self, passes: Passes) -> Bound {
        match (self.clone(), passes) {
            (Self::Times(n), Passes::Most(m)) => Self::Times(n.saturating_mul(m)),
            (Self::Each(n, of), Passes::Most(m)) => Self::Each(n.saturating_mul(m), of),
            (Self::Times(n), Passes::Each(list)) => Self::Each(n, vec![list]),
            (Self::Each(n, mut of), Passes::Each(list)) => {
                of.push(list);
                Self::Each(n, of)
            }
        }
    }

    /// In words: `1`, `12`, `unbounded: once per element of case.urls`.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Times(n) => n.to_string(),
            Self::Each(n, of) => {
                let times = match n {
                    1 => "once".to_string(),
                    n => format!("{n} times"),
                };
                let of: Vec<String> = of.iter().map(|list| format!("per element of {list}")).collect();
                format!("unbounded: {times} {}", of.join(", "))
            }
        }
    }
}

/// How many passes a loop has.
pub(crate) enum Passes {
    /// At most so many.
    Most(u64),
    /// One for each element of what is written so.
    Each(String),
}

/// The passes of a loop over a list; `inlined` is the list with names replaced by what they stand for.
pub(crate) fn passes(program: &Program, list: &Expr, inlined: &Expr) -> Passes {
    match longest(program, inlined) {
        Some(n) => Passes::Most(n),
        None => Passes::Each(text(program, list.at)),
    }
}

/// The most elements that a list can have, where that is known.
fn longest(program: &Program, list: &Expr) -> Option<u64> {
    let len = |n: usize| u64::try_from(n).ok();
    match &list.kind {
        ExprKind::Lit(Value::List(items)) => len(items.len()),
        ExprKind::List(items) => len(items.len()),
        ExprKind::Const(index) => longest(program, &program.consts.get(*index)?.body.expr),
        ExprKind::ListOp { op: ListOp::Map | ListOp::Filter, list, .. } => longest(program, list),
        ExprKind::Builtin(id, args) => match (builtin::get(*id)?.name, args.as_slice()) {
            ("take", [list, count]) => match &count.kind {
                ExprKind::Lit(Value::Int(n)) => {
                    let n = u64::try_from(*n).unwrap_or(0);
                    Some(longest(program, list).map_or(n, |m| m.min(n)))
                }
                _ => longest(program, list),
            },
            ("distinct" | "sort" | "reverse" | "compact", [list, ..]) => longest(program, list),
            _ => None,
        },
        ExprKind::Block(stmts, Some(value)) if stmts.is_empty() => longest(program, value),
        _ => None,
    }
}
