//! Steps, whose calls need no `else`, and taking back what was done.

use super::Feature;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature { statements: &[step, step, rollback], ..Feature::NONE };

fn step(g: &mut Gen) {
    let name = g.fresh('s');
    let (body, other) = g.tried();
    g.line(&format!("step {name} {body} else {other}"));
}

fn rollback(g: &mut Gen) {
    let because = g.because();
    if g.steps > 0 && g.rng.chance(50) {
        g.line(&format!("rollback because {because}"));
    } else {
        let arm = g.unit_block(20);
        g.line(&format!("rollback because {because} else {arm}"));
    }
}
