//! Telling failures apart: `failure` behind the `else` of a call, sets with a name, and a `match` that covers what can come.

use super::{Call, Feature, atom, call, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
failures Transient = Timeout | Unavailable | RateLimited
failures Refused = Denied | Rejected
connector told {
  config { base_url: Url }
  read one(x: String) -> Int
    GET "/one/{x}"
    expect 200 -> body
    fails NotFound, Timeout
  read two(x: Int) -> String
    GET "/two" query { x: x }
    expect 200 -> body
    fails Transient, Denied
  write three(x: Int) -> Int
    POST "/three" json { x: x }
    expect 200 -> body
    fails NotFound
    verify one("{x}") is answer > 4 -> answer
    class record
}
"#,
    ways: &[
        atom(Ty::Str, |g, _| g.of_words("\"no words\"")),
        deep(Ty::Str, |g, _| g.of_kind("\"{failure.kind}\"", "\"none\"")),
        deep(Ty::Bool, |g, _| g.of_kind("(failure.kind == Timeout)", "false")),
        deep(Ty::Bool, |g, _| g.of_kind("(failure.kind in [NotFound, BadResponse])", "true")),
        deep(Ty::Int, |g, _| {
            let kind = "(match failure.kind { Transient => 1, NotFound | BadResponse => 2, _ => 3 })";
            g.of_kind(kind, "4")
        }),
    ],
    calls: &[
        call(Ty::Int, "told.one", &[Ty::Str]).failing(&["NotFound", "Timeout", "BadResponse"]),
        call(Ty::Str, "told.two", &[Ty::Int]).failing(&["Transient", "Denied", "BadResponse"]),
        call(Ty::Int, "do told.three", &[Ty::Int]).failing(&["NotFound", "Denied", "Timeout", "BadResponse"]),
    ],
    arms: &[told_apart, told_apart, words],
    stubs: &[("told.one", "5"), ("told.two", "\"two\""), ("told.three", "6")],
    ..Feature::NONE
};

/// All of what a call can end in that does not say.
const EACH: &[&[&str]] = &[
    &["NotFound", "Transient", "_"],
    &["Transient", "Refused", "NotFound | BadResponse | Cancelled"],
    &["Timeout | NotFound | Denied | Rejected", "RateLimited | Unavailable | BadResponse | Cancelled"],
    &["FailureKind.Denied", "_"],
];

/// `match failure.kind { … }`
fn told_apart(g: &mut Gen, call: &Call, ty: Ty) -> String {
    let patterns = match call.fails {
        [] => g.rng.pick(EACH).copied().unwrap_or(&["_"]),
        some => some,
    };
    let arms: Vec<String> = patterns
        .iter()
        .map(|pattern| {
            let value = match g.rng.below(8) {
                0 => format!("hand over to queue.q because {}", g.because()),
                1 | 2 if g.spend() => g.value_block(ty),
                3 => g.value(ty),
                _ => g.pure(ty, 1),
            };
            format!("{pattern} => {value}")
        })
        .collect();
    format!("match failure.kind {{\n{}\n}}", arms.join("\n"))
}

/// A block that shows it.
fn words(g: &mut Gen, _: &Call, ty: Ty) -> String {
    g.braces(|g| {
        let words = g.of_words("1");
        g.line(&format!("note \"{{failure.kind}}: {{{words}}}\""));
        let value = g.value(ty);
        g.line(&value);
    })
}
