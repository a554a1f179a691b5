//! Options: `else`, `?.`, tests and comparisons.

use super::{Feature, atom, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
fn maybe(o: Int?) -> Int? { o }
fn maybe_text(o: String?) -> String? { o }
fn maybe_rec(o: Rec?) -> Rec? { o }
fn first_of(xs: [Int]) -> Int? { xs.first? + 1 }
fn number_of(r: Rec?) -> Int? {
  let o = r?.o?
  o
}
"#,
    ways: &[
        atom(Ty::OptInt, |g, _| g.of_case("o", "[7].first")),
        atom(Ty::OptStr, |g, _| g.of_case("p", "[\"p\"].last")),
        atom(Ty::OptRec, |g, d| format!("[{}].find(q => q.b)", g.pure(Ty::Rec, d))),
        deep(Ty::OptInt, |g, d| format!("first_of({})", g.part(Ty::Ints, d))),
        deep(Ty::OptInt, |g, d| format!("number_of({})", g.part(Ty::OptRec, d))),
        deep(Ty::OptInt, |g, d| format!("({})?.n", g.part(Ty::OptRec, d))),
        deep(Ty::OptInt, |g, d| format!("({})?.o", g.part(Ty::OptRec, d))),
        deep(Ty::OptStr, |g, d| format!("({})?.s", g.part(Ty::OptRec, d))),
        deep(Ty::OptStr, |g, d| format!("({})?.trim()", g.part(Ty::OptStr, d))),
        deep(Ty::OptInt, |g, d| format!("({})?.len", g.part(Ty::OptStr, d))),
        deep(Ty::Int, |g, d| format!("({} else {})", g.part(Ty::OptInt, d), g.part(Ty::Int, d))),
        deep(Ty::Str, |g, d| format!("({} else {})", g.part(Ty::OptStr, d), g.part(Ty::Str, d))),
        deep(Ty::Rec, |g, d| format!("({} else {})", g.part(Ty::OptRec, d), g.part(Ty::Rec, d))),
        deep(Ty::Bool, |g, d| format!("maybe({}).is_some", g.part(Ty::OptInt, d))),
        deep(Ty::Bool, |g, d| format!("(maybe_text({}) == none)", g.part(Ty::OptStr, d))),
        deep(Ty::Bool, |g, d| format!("(maybe({}) == {})", g.part(Ty::OptInt, d), g.part(Ty::Int, d))),
        deep(Ty::Bool, |g, d| format!("(none != maybe_rec({}))", g.part(Ty::OptRec, d))),
    ],
    choices: &[(Ty::OptInt, &["none", "1 | 2", "_"]), (Ty::OptStr, &["\"rec\"", "none | \"k1\"", "_"])],
    statements: &[narrowed],
    ..Feature::NONE
};

/// A test that narrows what it tests. All other tests are of what a call gives: those narrow nothing, so that an option
/// stays one wherever it is seen.
fn narrowed(g: &mut Gen) {
    let option = *g.rng.pick(&[Ty::OptInt, Ty::OptStr, Ty::OptRec]).unwrap_or(&Ty::OptInt);
    let (Some(name), Some(content)) = (g.var(option), option.content()) else { return g.named(true) };
    let there = g.rng.word(&["!= none", "== none"]);
    let mut block = |known: bool| {
        g.scoped(|g| {
            if known {
                g.know(name.clone(), content);
            }
            g.unit_block(0)
        })
    };
    let (then, other) = (block(there == "!= none"), block(there == "== none"));
    g.line(&format!("if {name} {there} {then} else {other}"));
}
