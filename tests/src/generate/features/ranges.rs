//! Whole numbers of a range.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector risks {
  config { base_url: Url }
  read risk(x: Int 0..100) -> Int 0..100
    GET "/risk/{x}"
    expect 200 -> body
}
fn risk(n: Int 0..100) -> Int 0..100 { n }
fn whole(n: Int) -> Int { n }
"#,
    ways: &[
        atom(Ty::Risk, |g, _| format!("risk({})", g.rng.below(101))),
        deep(Ty::Risk, |g, d| format!("risk(({}).clamp(0, 100))", g.part(Ty::Int, d))),
        deep(Ty::Risk, |g, d| format!("risk(({}).min({}).max(3))", g.part(Ty::Int, d), g.part(Ty::Risk, d))),
        deep(Ty::Risk, |g, d| format!("risk(({} + {}) / 2)", g.part(Ty::Risk, d), g.part(Ty::Risk, d))),
        deep(Ty::Risk, |g, d| format!("(whole({}) as Int 0..100 else risk(9))", g.pure(Ty::Int, d))),
        deep(Ty::Risk, |g, d| format!("({} as Int 0..100 else risk(8))", g.pure(Ty::Str, d))),
        deep(Ty::Int, |g, d| format!("({} * 3 - 7)", g.part(Ty::Risk, d))),
        deep(Ty::Int, |g, d| format!("({} * {})", g.part(Ty::Risk, d), g.part(Ty::Int, d))),
        deep(Ty::Int, |g, d| format!("(-({}))", g.part(Ty::Risk, d))),
        deep(Ty::Int, |g, d| format!("({} % ({} + 1))", g.part(Ty::Int, d), g.part(Ty::Risk, d))),
        deep(Ty::Ints, |g, d| format!("[{}, {}]", g.part(Ty::Risk, d), g.part(Ty::Risk, d))),
        deep(Ty::OptInt, |g, d| format!("[{}].first", g.part(Ty::Risk, d))),
        deep(Ty::Bool, |g, d| format!("({} > {})", g.part(Ty::Risk, d), g.part(Ty::Int, d))),
        deep(Ty::Bool, |g, d| format!("({} in [3, 40])", g.part(Ty::Risk, d))),
        deep(Ty::Str, |g, d| format!("\"{{{}}}\"", g.pure(Ty::Risk, d))),
    ],
    calls: &[call(Ty::Risk, "risks.risk", &[Ty::Risk])],
    choices: &[
        (Ty::Risk, &["0..39", "40", "41..69", "70..100"]),
        (Ty::Int, &["0..9 | 12", "-5..-1", "_"]),
        (Ty::OptInt, &["none", "0..20", "_"]),
    ],
    ..Feature::NONE
};
