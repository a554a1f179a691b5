//! Whole numbers, truth values, comparisons, and the connector whose actions take and give them.

use super::{Feature, Way, atom, call, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector w {
  config { base_url: Url }
  read r2(x: String) -> Int
    GET "/r2/{x}"
    expect 200 -> body
  read r5(x: Int) -> String
    GET "/r5" query { x: x }
    expect 200 -> body
  read yes(x: Int, y: Bool) -> Bool
    GET "/yes" query { x: x, y: y }
    expect 200 -> body
  write w0(x: String) -> String
    POST "/w0" json { x: x }
    expect 200 -> body
    class notify
  write w1(x: Int) -> Int
    POST "/w1" json { x: x }
    expect 200 -> body
    class notify
}
fn twice(n: Int) -> Int { n * 2 }
fn small(n: Int) -> Bool { n < 10 }
fn sure(b: Bool) -> Bool { b }
"#,
    ways: WAYS,
    calls: &[
        call(Ty::Int, "w.r2", &[Ty::Str]),
        call(Ty::Str, "w.r5", &[Ty::Int]),
        call(Ty::Bool, "w.yes", &[Ty::Int, Ty::Bool]),
        call(Ty::Str, "do w.w0", &[Ty::Str]),
        call(Ty::Int, "do w.w1", &[Ty::Int]),
    ],
    statements: &[written_off, named, named, named, probe, probe],
    ..Feature::NONE
};

const WAYS: &[Way] = &[
    atom(Ty::Int, |g, _| g.rng.below(20).to_string()),
    atom(Ty::Int, |g, _| g.of_case("a", "3")),
    atom(Ty::Int, |g, _| g.of_case("a", "11")),
    deep(Ty::Int, |g, d| format!("({} + {})", g.part(Ty::Int, d), g.part(Ty::Int, d))),
    deep(Ty::Int, |g, d| format!("({} - {})", g.part(Ty::Int, d), g.part(Ty::Int, d))),
    deep(Ty::Int, |g, d| format!("({} * {})", g.part(Ty::Int, d), g.part(Ty::Int, d))),
    deep(Ty::Int, |g, d| format!("({} / ({} % 5))", g.part(Ty::Int, d), g.part(Ty::Int, d))),
    deep(Ty::Int, |g, d| format!("(-{})", g.part(Ty::Int, d))),
    deep(Ty::OptInt, |g, d| format!("({}).abs()", g.part(Ty::Int, d))),
    deep(Ty::Int, |g, d| format!("twice({})", g.part(Ty::Int, d))),
    atom(Ty::Bool, |g, _| g.of_case("f", "true")),
    atom(Ty::Bool, |g, _| format!("({})", g.of_case("severity >= High", "false"))),
    deep(Ty::Bool, |g, d| format!("({} < {})", g.part(Ty::Int, d), g.part(Ty::Int, d))),
    deep(Ty::Bool, |g, d| format!("({} and {})", g.part(Ty::Bool, d), g.part(Ty::Bool, d))),
    deep(Ty::Bool, |g, d| format!("({} or {})", g.part(Ty::Bool, d), g.part(Ty::Bool, d))),
    deep(Ty::Bool, |g, d| format!("(not {})", g.part(Ty::Bool, d))),
    deep(Ty::Bool, |g, d| format!("small({})", g.part(Ty::Int, d))),
    deep(Ty::Bool, |g, d| format!("({} != {})", g.part(Ty::Int, d), g.part(Ty::Int, d))),
    deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Bool, d), g.part(Ty::Bool, d))),
];

/// A write that is not waited for by name.
fn written_off(g: &mut Gen) {
    let (text, arm) = (g.value(Ty::Str), g.unit_block(20));
    g.line(&format!("do w.w0({text}) else {arm}"));
}

fn named(g: &mut Gen) {
    g.named(true);
}

/// A read that shows at once whether a field is settled.
fn probe(g: &mut Gen) {
    let read = g.rng.word(&["w.r5(case.a)", "w.r5(case.o else 1)", "w.r5(if case.f { 1 } else { 2 })"]);
    let instead = g.pure(Ty::Str, 0);
    g.bind(&format!("{read} else {instead}"), Ty::Str);
}
