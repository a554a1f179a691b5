//! Times and durations.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector clock {
  config { base_url: Url }
  read seen(x: String) -> Time
    GET "/seen/{x}"
    expect 200 -> body.at
}
"#,
    ways: &[
        atom(Ty::Time, |g, _| g.of_case("opened", "2026-11-20T12:00Z")),
        atom(Ty::Time, |g, _| g.rng.word(&["2026-11-20T12:00Z", "1969-12-31T23:59:59.5Z"]).into()),
        atom(Ty::Duration, |g, _| g.rng.word(&["90s", "1h30m", "500ms", "0s", "2d"]).into()),
        deep(Ty::Time, |g, d| {
            let op = g.rng.word(&["+", "-"]);
            format!("({} {op} {})", g.part(Ty::Time, d), g.part(Ty::Duration, d))
        }),
        deep(Ty::Duration, |g, d| format!("({} - {})", g.part(Ty::Time, d), g.part(Ty::Time, d))),
        deep(Ty::Duration, |g, d| {
            let op = g.rng.word(&["+", "-"]);
            format!("({} {op} {})", g.part(Ty::Duration, d), g.part(Ty::Duration, d))
        }),
        deep(Ty::Duration, |g, d| format!("({} * {})", g.part(Ty::Duration, d), g.part(Ty::Int, d))),
        deep(Ty::Duration, |g, d| format!("(-{})", g.part(Ty::Duration, d))),
        deep(Ty::Bool, |g, d| format!("({} <= {})", g.part(Ty::Time, d), g.part(Ty::Time, d))),
        deep(Ty::Bool, |g, d| format!("({} > {})", g.part(Ty::Duration, d), g.part(Ty::Duration, d))),
        deep(Ty::Int, |g, d| format!("({}).seconds", g.part(Ty::Duration, d))),
    ],
    calls: &[call(Ty::Time, "clock.seen", &[Ty::Str])],
    choices: &[(Ty::Duration, &["0s | 90s", "_"])],
    ..Feature::NONE
};
