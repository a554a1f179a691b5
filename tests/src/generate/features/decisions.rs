//! `if`, `if let` and `match`, as values and as statements.

use super::{Feature, Way, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    ways: WAYS,
    choices: &[],
    statements: &[one_armed, two_armed, if_there, choice],
    ..Feature::NONE
};

/// `if` and `match` without effects.
const WAYS: &[Way] = &[
    deep(Ty::Int, |g, d| pure_if(g, Ty::Int, d)),
    deep(Ty::Str, |g, d| pure_if(g, Ty::Str, d)),
    deep(Ty::Bool, |g, d| pure_if(g, Ty::Bool, d)),
    deep(Ty::Rec, |g, d| pure_if(g, Ty::Rec, d)),
    deep(Ty::Str, |g, d| g.quietly(|g| format!("({})", g.choice(|g| g.pure(Ty::Str, d))))),
    deep(Ty::Int, |g, d| g.quietly(|g| format!("({})", g.choice(|g| g.pure(Ty::Int, d))))),
    deep(Ty::OptInt, |g, d| {
        let (test, then) = (g.pure(Ty::Bool, d), g.pure(Ty::Int, d));
        format!("(if {test} {{ {then} }} else {{ none }})")
    }),
    deep(Ty::Int, |g, d| {
        let (value, name) = (g.pure(Ty::OptInt, d), g.fresh('q'));
        let then = g.scoped(|g| {
            g.know(name.clone(), Ty::Int);
            g.pure(Ty::Int, d)
        });
        let other = g.pure(Ty::Int, d);
        format!("(if let {name} = maybe({value}) {{ {then} }} else {{ {other} }})")
    }),
];

fn pure_if(g: &mut Gen, ty: Ty, depth: usize) -> String {
    let (test, then, other) = (g.pure(Ty::Bool, depth), g.pure(ty, depth), g.pure(ty, depth));
    // In the head of an `if` a record would stand in parentheses; here each operand does that has braces.
    format!("(if {test} {{ {then} }} else {{ {other} }})")
}

fn one_armed(g: &mut Gen) {
    let (cond, then) = (g.cond(), g.unit_block(15));
    g.line(&format!("if {cond} {then}"));
}

fn two_armed(g: &mut Gen) {
    let (cond, then, other) = (g.cond(), g.unit_block(15), g.unit_block(0));
    g.line(&format!("if {cond} {then} else {other}"));
}

fn if_there(g: &mut Gen) {
    let (name, ty, head, called) = g.test_of_one();
    let then = g.scoped(|g| {
        g.know(name, ty);
        g.unit_block(0)
    });
    let other = g.behind(called.as_ref(), |g| g.unit_block(15));
    g.line(&format!("{head} {then} else {other}"));
}

fn choice(g: &mut Gen) {
    let text = g.choice(|g| g.unit_block(0));
    g.line(&text);
}
