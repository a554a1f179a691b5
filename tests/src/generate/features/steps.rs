//! Steps, whose calls need no `else`, and taking back what was done.

use super::Feature;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature { statements: &[step, step, rollback], ..Feature::NONE };

fn step(g: &mut Gen) {
    let name = g.fresh('s');
    g.steps = g.steps.saturating_add(1);
    let body = g.unit_block(0);
    g.steps = g.steps.saturating_sub(1);
    let other = g.unit_block(10);
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
