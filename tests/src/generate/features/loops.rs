//! `for`.

use super::{Feature, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    ways: &[deep(Ty::Ints, |g, d| {
        if g.effects {
            return format!("({})", passes(g));
        }
        let (list, name) = (g.pure(Ty::Strs, d), g.fresh('q'));
        let body = g.scoped(|g| {
            g.know(name.clone(), Ty::Str);
            g.pure(Ty::Int, d)
        });
        format!("(for {name} in {list} {{ {body} }})")
    })],
    statements: &[each, each_of_a_list],
    ..Feature::NONE
};

/// `for` with a value for each pass.
fn passes(g: &mut Gen) -> String {
    let list = g.value(Ty::Ints);
    let name = g.name();
    let body = g.scoped(|g| {
        g.know(name.clone(), Ty::Int);
        g.value_block(Ty::Int)
    });
    format!("for {name} in {list} {body}")
}

fn each(g: &mut Gen) {
    over(g, Ty::Ints);
}

fn each_of_a_list(g: &mut Gen) {
    let list = if g.rng.chance(50) { Ty::Recs } else { Ty::Strs };
    over(g, list);
}

fn over(g: &mut Gen, of: Ty) {
    let list = g.value(of);
    let name = g.name();
    let body = g.scoped(|g| {
        g.know(name.clone(), of.element().unwrap_or(Ty::Int));
        g.unit_block(3)
    });
    g.line(&format!("for {name} in {list} {body}"));
}
