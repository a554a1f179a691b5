//! Floats and sizes.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector scales {
  config { base_url: Url }
  read weight(x: String) -> Float
    GET "/weight/{x}"
    expect 200 -> body.value
  read bytes(x: Int) -> Size
    GET "/bytes" query { x: x }
    expect 200 -> body
}
"#,
    ways: &[
        atom(Ty::Float, |g, _| g.rng.word(&["2.5", "0.0", "1.5e300", "100.25"]).into()),
        deep(Ty::Float, |g, d| {
            let op = g.rng.word(&["+", "-", "*", "/"]);
            format!("({} {op} {})", g.part(Ty::Float, d), g.part(Ty::Float, d))
        }),
        deep(Ty::Float, |g, d| format!("(-{})", g.part(Ty::Float, d))),
        deep(Ty::Bool, |g, d| {
            let op = g.rng.word(&["<", "<=", ">", ">=", "==", "!="]);
            format!("({} {op} {})", g.part(Ty::Float, d), g.part(Ty::Float, d))
        }),
        atom(Ty::Size, |g, _| g.rng.word(&["5MB", "4KiB", "0B", "9TB"]).into()),
        deep(Ty::Size, |g, d| {
            let op = g.rng.word(&["+", "-"]);
            format!("({} {op} {})", g.part(Ty::Size, d), g.part(Ty::Size, d))
        }),
        deep(Ty::Size, |g, d| format!("({} * {})", g.part(Ty::Size, d), g.part(Ty::Int, d))),
        deep(Ty::OptInt, |g, d| format!("({}).bytes", g.part(Ty::Size, d))),
        deep(Ty::Bool, |g, d| format!("({} > {})", g.part(Ty::Size, d), g.part(Ty::Size, d))),
    ],
    calls: &[call(Ty::Float, "scales.weight", &[Ty::Str]), call(Ty::Size, "scales.bytes", &[Ty::Int])],
    choices: &[(Ty::Int, &["0 | 1 | 2", "3", "_"]), (Ty::Bool, &["true", "false"])],
    ..Feature::NONE
};
