//! Functions and constants.

use super::{Feature, Way, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
const primes = [2, 3, 5, 7, 11]
const greeting = "hello"
const limits = Rec { n: 10, b: true, s: "limits" }
"#,
    ways: WAYS,
    ..Feature::NONE
};

const WAYS: &[Way] = &[
    deep(Ty::Int, |g, d| called(g, Ty::Int, d)),
    deep(Ty::Str, |g, d| called(g, Ty::Str, d)),
    deep(Ty::Bool, |g, d| called(g, Ty::Bool, d)),
    deep(Ty::Rec, |g, d| called(g, Ty::Rec, d)),
    deep(Ty::Ints, |g, d| called(g, Ty::Ints, d)),
    deep(Ty::OptInt, |g, d| called(g, Ty::OptInt, d)),
    deep(Ty::Ints, |_, _| "primes".into()),
    deep(Ty::Str, |_, _| "greeting".into()),
    deep(Ty::Rec, |_, _| "limits".into()),
];

fn called(g: &mut Gen, ty: Ty, depth: usize) -> String {
    let known: Vec<_> = g.fns.iter().filter(|(_, _, gives)| *gives == ty).cloned().collect();
    let Some((name, params, _)) = g.rng.pick(&known).cloned() else { return g.pure(ty, 0) };
    let args: Vec<String> = params.iter().map(|p| g.part(*p, depth)).collect();
    format!("{name}({})", args.join(", "))
}

/// A function of a few parameters, which may call those before it.
pub(crate) fn function(g: &mut Gen) {
    let gives = *g.rng.pick(&[Ty::Int, Ty::Str, Ty::Bool, Ty::Rec, Ty::Ints, Ty::OptInt]).unwrap_or(&Ty::Int);
    let name = g.fresh('f');
    let (params, text) = g.alone(|g| {
        let params: Vec<(String, Ty)> = (0..g.rng.below(4))
            .map(|_| (g.fresh('p'), *g.rng.pick(&Ty::NAMED).unwrap_or(&Ty::Int)))
            .collect();
        for (param, ty) in &params {
            g.know(param.clone(), *ty);
        }
        let body = g.braces(|g| {
            for _ in 0..g.rng.below(3) {
                g.named(false);
            }
            // A function whose result is an option may give up.
            if gives == Ty::OptInt && g.rng.chance(60) {
                let missing = g.pure(Ty::OptInt, 1);
                g.bind(&format!("({missing})?"), Ty::Int);
            }
            let value = g.pure(gives, 2);
            g.line(&value);
        });
        let list: Vec<String> = params.iter().map(|(p, ty)| format!("{p}: {}", ty.name())).collect();
        let text = format!("fn {name}({}) -> {} {body}", list.join(", "), gives.name());
        (params.into_iter().map(|(_, ty)| ty).collect::<Vec<_>>(), text)
    });
    g.line(&text);
    g.fns.push((name, params, gives));
}
