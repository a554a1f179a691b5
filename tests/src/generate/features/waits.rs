//! Waiting: for time, for what a read says, and for events.

use super::Feature;
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector bell {
  config { base_url: Url }
  event rang(x: Int, y: String) -> Int
    accept payload.a as Int? > 3 -> payload.b as Int else 4
    match x = payload.a?
    match y = payload.s as String else "none"
  event shut(x: Int) -> Unit
    accept payload.shut.exists
    match x = payload.shut?
}
"#,
    statements: &[wait, poll, poll, rang, shut],
    events: &[("bell.rang(_, \"k1\")", "7"), ("bell.rang(_, _)", "12"), ("bell.shut(_)", "")],
    ..Feature::NONE
};

fn wait(g: &mut Gen) {
    let time = g.rng.word(&["5m", "15ms", "1h30m", "2s"]);
    g.line(&format!("wait {time}"));
}

fn poll(g: &mut Gen) {
    let x = g.value(Ty::Str);
    let every = g.rng.word(&["every 1s", "every 10s", "every 45s"]);
    let until = match g.rng.below(5) {
        0 => String::new(),
        1 => " until answer > 3".to_string(),
        2 => format!(" until answer >= {}", g.pure(Ty::Int, 1)),
        3 => format!(" until not {} or answer == {}", g.pure(Ty::Bool, 1), g.pure(Ty::Int, 0)),
        _ => format!(" until [answer, 2].any(n => n < {}) and {}", g.pure(Ty::Int, 0), g.pure(Ty::Bool, 1)),
    };
    let arm = match g.rng.below(4) {
        0 => format!("hand over to queue.q because {}", g.because()),
        _ => g.value(Ty::Int),
    };
    g.bind(&format!("wait w.r2({x}) {every}{until} within 1m else {arm}"), Ty::Int);
}

fn rang(g: &mut Gen) {
    let (x, y) = (g.value(Ty::Int), g.value(Ty::Str));
    let arm = match g.rng.below(4) {
        0 => format!("hand over to queue.q because {}", g.because()),
        _ => g.value(Ty::Int),
    };
    let within = g.rng.word(&["5ms", "1m", "2h"]);
    g.bind(&format!("wait bell.rang({x}, {y}) within {within} else {arm}"), Ty::Int);
}

fn shut(g: &mut Gen) {
    let (x, arm) = (g.value(Ty::Int), g.unit_block(20));
    g.line(&format!("wait bell.shut({x}) within 1m else {arm}"));
}
