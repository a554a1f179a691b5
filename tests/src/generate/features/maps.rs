//! Maps of text to numbers.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector maps {
  config { base_url: Url }
  read tags(x: String) -> {String: Int}
    GET "/tags/{x}"
    expect 200 -> body
}
const ports: {Int: String} = { 22: "ssh", 443: "https" }
fn no_tags() -> {String: Int} { {} }
"#,
    ways: &[
        atom(Ty::Tags, |_, _| "({ \"k1\": 1, \"k0\": 2 })".into()),
        atom(Ty::Tags, |_, _| "no_tags()".into()),
        deep(Ty::Tags, |g, d| {
            format!("({}).with({}, {})", g.part(Ty::Tags, d), g.part(Ty::Str, d), g.part(Ty::Int, d))
        }),
        deep(Ty::Tags, |g, d| format!("({}).without({})", g.part(Ty::Tags, d), g.part(Ty::Str, d))),
        deep(Ty::Tags, |g, d| format!("({}).merge({})", g.part(Ty::Tags, d), g.part(Ty::Tags, d))),
        deep(Ty::Tags, |g, d| format!("({}).only({})", g.part(Ty::Tags, d), g.part(Ty::Strs, d))),
        deep(Ty::Tags, |g, d| format!("({}).to_map({})", g.part(Ty::Strs, d), g.part(Ty::Ints, d))),
        deep(Ty::Tags, |g, d| format!("({}).count_by(s => s.take(1))", g.part(Ty::Strs, d))),
        deep(Ty::OptInt, |g, d| format!("({})[{}]", g.part(Ty::Tags, d), g.part(Ty::Str, d))),
        deep(Ty::OptInt, |g, d| format!("({}).get({})", g.part(Ty::Tags, d), g.part(Ty::Str, d))),
        deep(Ty::OptStr, |g, d| format!("ports[{}]", g.part(Ty::Int, d))),
        deep(Ty::Bool, |g, d| format!("({} in {})", g.part(Ty::Str, d), g.part(Ty::Tags, d))),
        deep(Ty::Bool, |g, d| format!("({} in ports)", g.part(Ty::Int, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Tags, d), g.part(Ty::Tags, d))),
        deep(Ty::Int, |g, d| format!("({}).len", g.part(Ty::Tags, d))),
        deep(Ty::Strs, |g, d| format!("({}).keys", g.part(Ty::Tags, d))),
        deep(Ty::Ints, |g, d| format!("({}).values", g.part(Ty::Tags, d))),
        deep(Ty::Recs, |g, d| {
            let recs = g.part(Ty::Recs, d);
            format!("(({recs}).group_by(r => r.b)[true] else [])")
        }),
    ],
    calls: &[call(Ty::Tags, "maps.tags", &[Ty::Str])],
    ..Feature::NONE
};
