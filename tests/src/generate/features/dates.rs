//! Days and versions.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector days {
  config { base_url: Url }
  read due(x: Int) -> Date
    GET "/due/{x}"
    expect 200 -> body
  read release(x: String) -> Version
    GET "/release/{x}"
    expect 200 -> body
}
fn release(v: Version) -> Version { v }
"#,
    ways: &[
        atom(Ty::Date, |g, _| g.rng.word(&["2026-11-20", "2024-02-29", "9999-12-31"]).into()),
        deep(Ty::Date, |g, d| format!("({} + 1d)", g.part(Ty::Date, d))),
        deep(Ty::Date, |g, d| format!("({} - {})", g.part(Ty::Date, d), g.part(Ty::Duration, d))),
        deep(Ty::Date, |g, d| format!("({}).date", g.part(Ty::Time, d))),
        deep(Ty::Int, |g, d| format!("({} - {}).days", g.part(Ty::Date, d), g.part(Ty::Date, d))),
        deep(Ty::Str, |g, d| format!("({}).text", g.part(Ty::Date, d))),
        deep(Ty::Bool, |g, d| format!("({} < {})", g.part(Ty::Date, d), g.part(Ty::Date, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Date, d), g.part(Ty::Date, d))),
        atom(Ty::Version, |g, _| {
            format!("release({:?})", g.rng.word(&["1.2", "v1.2.0", "1.2-rc.1", "10.0.19045", "1.1.1k"]))
        }),
        deep(Ty::Version, |g, d| format!("({} as Version else release(\"7\"))", g.pure(Ty::Str, d))),
        deep(Ty::Bool, |g, d| format!("({} < {})", g.part(Ty::Version, d), g.part(Ty::Version, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Version, d), g.part(Ty::Version, d))),
        deep(Ty::Str, |g, d| format!("({}).text", g.part(Ty::Version, d))),
    ],
    calls: &[call(Ty::Date, "days.due", &[Ty::Int]), call(Ty::Version, "days.release", &[Ty::Str])],
    choices: &[(Ty::Date, &["2026-11-20 | 2024-02-29", "_"])],
    ..Feature::NONE
};
