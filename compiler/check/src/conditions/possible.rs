//! Whether conditions can hold together.

use play_program::types::TypeTable;

use super::facts::Facts;
use super::terms::bare;
use crate::typed::{Expr, ExprKind};

/// So many alternatives are looked at; conditions that have more of them are taken to be possible.
const MOST: u32 = 2_000;

/// Whether all of these conditions can have these values at once. Says yes when in doubt.
pub(crate) fn possible<'e>(types: &'e TypeTable, all: Vec<(&'e Expr, bool)>) -> bool {
    one_way(Facts::new(types), all, &mut MOST.clone())
}

fn one_way<'e>(mut facts: Facts<'e>, mut left: Vec<(&'e Expr, bool)>, most: &mut u32) -> bool {
    let Some(fewer) = most.checked_sub(1) else { return true };
    *most = fewer;
    while let Some((e, is)) = left.pop() {
        let e = bare(e);
        match (&e.kind, is) {
            (ExprKind::Not(inner), _) => left.push((inner, !is)),
            (ExprKind::And(a, b), true) | (ExprKind::Or(a, b), false) => {
                left.push((b, is));
                left.push((a, is));
            }
            (ExprKind::And(a, b), false) | (ExprKind::Or(a, b), true) => {
                return [a, b].into_iter().any(|one| {
                    let mut rest = left.clone();
                    rest.push((one, is));
                    one_way(facts.clone(), rest, most)
                });
            }
            _ => match facts.decide(e) {
                Some(decided) if decided.holds != is => return false,
                Some(_) => {}
                None => facts.learn(e, is),
            },
        }
    }
    true
}
