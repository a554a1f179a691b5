//! Procedures: pieces of a playbook with a name, with and without a case, with and without a result.

use super::{Feature, Way};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    declare: &[asking, changing, changing],
    effects: &[
        Way { gives: Ty::Int, deep: true, write: |g, _| called(g, Ty::Int) },
        Way { gives: Ty::Str, deep: true, write: |g, _| called(g, Ty::Str) },
        Way { gives: Ty::OptInt, deep: true, write: |g, _| called(g, Ty::OptInt) },
    ],
    statements: &[call, call],
    ..Feature::NONE
};

/// Names, parameters, and what it gives.
pub(crate) type Procedure = (String, Vec<Ty>, Option<Ty>);

fn with_arguments(g: &mut Gen, of: impl Fn(&Procedure) -> bool) -> Option<(String, Option<Ty>)> {
    let known: Vec<Procedure> = g.procedures.iter().filter(|p| of(p)).cloned().collect();
    let (name, params, gives) = g.rng.pick(&known).cloned()?;
    let args: Vec<String> = params.iter().map(|p| g.value(*p)).collect();
    Some((format!("{name}({})", args.join(", ")), gives))
}

fn called(g: &mut Gen, ty: Ty) -> String {
    // What does without a case is called from everywhere.
    match with_arguments(g, |(_, _, gives)| *gives == Some(ty)) {
        Some((call, _)) => format!("({call})"),
        None => g.pure(ty, 1),
    }
}

fn call(g: &mut Gen) {
    match with_arguments(g, |_| true) {
        Some((call, Some(ty))) => g.bind(&call, ty),
        Some((call, None)) => g.line(&call),
        None => g.named(true),
    }
}

fn params(g: &mut Gen) -> Vec<(String, Ty)> {
    (0..g.rng.below(3)).map(|_| (g.fresh('p'), *g.rng.pick(&Ty::NAMED).unwrap_or(&Ty::Int))).collect()
}

fn declare(g: &mut Gen, case: bool, gives: Option<Ty>, body: impl FnOnce(&mut Gen)) {
    let name = g.fresh('d');
    let (params, text) = g.alone(|g| {
        let params = params(g);
        for (param, ty) in &params {
            g.know(param.clone(), *ty);
        }
        (g.case, g.effects) = (case, true);
        let body = g.on_a_ration(5, |g| g.braces(body));
        let list: Vec<String> = params.iter().map(|(p, ty)| format!("{p}: {}", ty.name())).collect();
        let for_case = if case { " for T" } else { "" };
        let result = gives.map(|ty| format!(" -> {}", ty.name())).unwrap_or_default();
        let text = format!("procedure {name}({}){for_case}{result} {body}", list.join(", "));
        (params.into_iter().map(|(_, ty)| ty).collect::<Vec<_>>(), text)
    });
    g.line(&text);
    g.procedures.push((name, params, gives));
}

/// One that asks, and knows no case.
fn asking(g: &mut Gen) {
    declare(g, false, Some(Ty::Int), |g| {
        let word = g.pure(Ty::Str, 1);
        let instead = g.pure(Ty::Int, 1);
        g.line(&format!("let n = w.r2({word}) else {instead}"));
        if g.rng.chance(30) {
            g.line("if n > 20 { hand over to queue.q because \"{n}\" }");
        }
        g.know("n".into(), Ty::Int);
        let value = g.pure(Ty::Int, 1);
        g.line(&value);
    });
}

/// One that may do all that a playbook does.
fn changing(g: &mut Gen) {
    let gives = *g.rng.pick(&[None, None, Some(Ty::Str), Some(Ty::OptInt), Some(Ty::Int)]).unwrap_or(&None);
    declare(g, true, gives, |g| {
        for _ in 0..g.rng.below(3).saturating_add(1) {
            g.statement();
        }
        if let Some(ty) = gives {
            let value = g.value(ty);
            g.line(&value);
        }
    });
}
