//! Changes of the case.

use super::Feature;
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature =
    Feature { choices: &[], statements: &[change, change, change], ..Feature::NONE };

pub(crate) fn change(g: &mut Gen) {
    let because = g.because();
    let text = match g.rng.below(11) {
        0 => {
            let level = g.rng.word(&["Low", "Medium", "High"]);
            format!("set severity = {level} because {because}")
        }
        1..=3 => format!("set a = {} because {because}", g.value(Ty::Int)),
        4 => format!("set f = {} because {because}", g.value(Ty::Bool)),
        5 => format!("set s = {} because {because}", g.value(Ty::Str)),
        6 => format!("set o = {} because {because}", g.value(Ty::OptInt)),
        7 => format!("set p = {} because {because}", g.value(Ty::OptStr)),
        8 => format!("route to queue.r because {because}"),
        _ => format!("note {}", g.pure(Ty::Str, 1)),
    };
    g.line(&text);
}
