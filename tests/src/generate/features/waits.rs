//! Waiting for time.

use super::Feature;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature { statements: &[wait], ..Feature::NONE };

fn wait(g: &mut Gen) {
    let time = g.rng.word(&["5m", "15ms", "1h30m", "2s"]);
    g.line(&format!("wait {time}"));
}
