//! What a call says of itself: how long it is waited for, and how often it is tried again.

use super::{Call, Feature, call};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector again {
  config { base_url: Url }
  write put(x: Int) -> Int
    POST "/put" json { x: x }
    expect 200 -> body
    idempotent by x
    timeout 5s
    class record
}
"#,
    calls: &[call(Ty::Int, "do again.put", &[Ty::Int]).again()],
    terms: Some(terms),
    stubs: &[("again.put", "8")],
    ..Feature::NONE
};

fn terms(g: &mut Gen, call: &Call) -> String {
    let mut said = String::new();
    if call.again && g.rng.chance(70) {
        let times = g.rng.below(4).saturating_add(1);
        said.push_str(&format!(" retry {times}"));
        if g.rng.chance(60) {
            said.push_str(&format!(" backoff {}", g.rng.word(&["10ms", "2s", "1m"])));
        }
    }
    // Some of these are over before the answer comes.
    if said.is_empty() || g.rng.chance(30) {
        said.push_str(&format!(" timeout {}", g.rng.word(&["20ms", "35ms", "10s"])));
    }
    said
}
