//! Text: strings with parts, functions, patterns.

use super::{Feature, atom, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
type Id = String
fn label(b: Bool) -> String { if b { "yes" } else { "no" } }
"#,
    ways: &[
        atom(Ty::Str, |g, _| format!("\"k{}\"", g.rng.below(5))),
        atom(Ty::Str, |g, _| g.rng.word(&["\"\"", "\"\\{\\\"é\\n\"", "\"Zoë 世界\"", "\" a \""]).into()),
        atom(Ty::Str, |g, _| g.of_case("s", "\"t\"")),
        atom(Ty::Str, |g, _| g.of_case("title", "\"u\"")),
        atom(Ty::Str, |g, _| format!("\"n {{{}}} m\"", g.pure(Ty::Int, 0))),
        deep(Ty::Str, |g, d| {
            let (a, b, c) = (g.pure(Ty::Str, d), g.pure(Ty::Int, d), g.pure(Ty::Col, d));
            format!("\"{{{a}}}-{{{b}}}/{{{c}}}\"")
        }),
        deep(Ty::Str, |g, d| {
            let (a, b, c) = (g.pure(Ty::Time, d), g.pure(Ty::Duration, d), g.pure(Ty::Ip, d));
            format!("\"{{{a}}} {{{b}}} {{{c}}}\"")
        }),
        deep(Ty::Str, |g, d| format!("({} + {})", g.part(Ty::Str, d), g.part(Ty::Str, d))),
        deep(Ty::Str, |g, d| format!("label({})", g.part(Ty::Bool, d))),
        deep(Ty::Str, |g, d| {
            let function = g.rng.word(&["upper", "lower", "trim"]);
            format!("({}).{function}()", g.part(Ty::Str, d))
        }),
        deep(Ty::Str, |g, d| format!("({}).replace(\"k\", {})", g.part(Ty::Str, d), g.part(Ty::Str, d))),
        deep(Ty::Strs, |g, d| format!("({}).split(\" \")", g.part(Ty::Str, d))),
        deep(Ty::Int, |g, d| format!("({}).len", g.part(Ty::Str, d))),
        deep(Ty::Int, |g, d| format!("({} as Int else {})", g.pure(Ty::Str, d), g.part(Ty::Int, d))),
        deep(Ty::Bool, |g, d| format!("({}).contains({})", g.part(Ty::Str, d), g.part(Ty::Str, d))),
        deep(Ty::Bool, |g, d| format!("({} matches /^k[0-3]|re(c|d)/)", g.part(Ty::Str, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Str, d), g.part(Ty::Str, d))),
        deep(Ty::Bool, |g, d| {
            format!("({}).equals_ignoring_case({})", g.part(Ty::Str, d), g.part(Ty::Str, d))
        }),
        atom(Ty::Id, |g, _| format!("Id({})", g.pure(Ty::Str, 0))),
        deep(Ty::Str, |g, d| format!("({}).value", g.part(Ty::Id, d))),
        deep(Ty::Bool, |g, d| format!("({} == \"k1\")", g.part(Ty::Id, d))),
    ],
    choices: &[(Ty::Str, &["\"k0\"", "\"k1\" | \"rec\" | \"done\"", "_"])],
    ..Feature::NONE
};
