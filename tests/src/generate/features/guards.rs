//! Guards: several on one action, over the case, the act, and what was let through already.

use super::Feature;
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature { declare: &[notices, texts, numbers], ..Feature::NONE };

/// What a guard covers, and what it knows of the act.
pub(super) struct Covered {
    pub(super) covers: &'static str,
    pub(super) act: &'static [(&'static str, Ty)],
}

fn notices(g: &mut Gen) {
    if g.rng.chance(50) {
        guard(g, "notices", &Covered { covers: "class notify", act: &[] });
    }
}

fn texts(g: &mut Gen) {
    if g.rng.chance(70) {
        guard(g, "texts", &Covered { covers: "w.w0", act: &[("act.x", Ty::Str)] });
    }
}

fn numbers(g: &mut Gen) {
    if g.rng.chance(70) {
        guard(g, "numbers", &Covered { covers: "w.w1", act: &[("act.x", Ty::Int)] });
    }
}

/// Its conditions go through a function, so that none of them is known to refuse (which is an error) before it is asked.
pub(super) fn guard(g: &mut Gen, name: &str, of: &Covered) {
    let case = g.rng.chance(60);
    let body = g.alone(|g| {
        g.case = case;
        g.braces(|g| {
            for (name, ty) in of.act {
                g.know((*name).into(), *ty);
            }
            for _ in 0..g.rng.below(3) {
                let (never, also) = (g.pure(Ty::Bool, 2), g.pure(Ty::Bool, 1));
                g.line(&format!("never when sure({never} and {also})"));
            }
            if g.rng.chance(50) {
                let (most, span) = (g.rng.below(6).saturating_add(1), g.rng.word(&["1h", "30ms", "7d"]));
                g.line(&format!("limit {most} per {span}"));
            }
            for _ in 0..g.rng.below(3) {
                let allowed = g.pure(Ty::Bool, 2);
                g.line(&format!("allow when sure({allowed})"));
            }
            if g.rng.chance(70) {
                g.line("allow");
            } else {
                let allowed = g.pure(Ty::Bool, 1);
                g.line(&format!("allow when sure({allowed})"));
                if g.rng.chance(50) {
                    g.line("else refuse");
                }
            }
        })
    });
    let for_case = if case { " for T" } else { "" };
    g.line(&format!("guard {name}{for_case} covers {} {body}", of.covers));
    g.guards.push(name.into());
}
