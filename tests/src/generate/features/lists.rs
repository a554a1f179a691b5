//! Lists and lambdas.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector lists {
  config { base_url: Url }
  read r3(x: Int) -> [Int]
    GET "/r3" query { x: x }
    expect 200 -> body
  read names(x: String) -> [String]
    GET "/names/{x}"
    expect 200 -> body
  read many(x: Int) -> [Rec]
    GET "/many" query { x: x }
    expect 200 -> body.items
}
"#,
    ways: &[
        atom(Ty::Ints, |g, _| format!("[{}, {}, 4]", g.pure(Ty::Int, 0), g.pure(Ty::Int, 0))),
        atom(Ty::Strs, |g, _| format!("[{}, \"k1\"]", g.pure(Ty::Str, 0))),
        atom(Ty::Recs, |g, d| format!("[{}]", g.pure(Ty::Rec, d))),
        deep(Ty::Ints, |g, d| format!("[{}, {}]", g.part(Ty::Int, d), g.part(Ty::Int, d))),
        deep(Ty::Ints, |g, d| format!("({} + {})", g.part(Ty::Ints, d), g.part(Ty::Ints, d))),
        deep(Ty::Ints, |g, d| {
            let (list, name, body) = over(g, Ty::Ints, Ty::Int, d);
            format!("({list}).map({name} => {body})")
        }),
        deep(Ty::Ints, |g, d| {
            let (list, name, body) = over(g, Ty::Recs, Ty::Int, d);
            format!("({list}).map({name} => {body}).distinct()")
        }),
        deep(Ty::Strs, |g, d| {
            let (list, name, body) = over(g, Ty::Ints, Ty::Str, d);
            format!("({list}).map({name} => {body})")
        }),
        deep(Ty::Strs, |g, d| format!("({}).take({})", g.part(Ty::Strs, d), g.part(Ty::Int, d))),
        deep(Ty::Recs, |g, d| {
            let (list, name, body) = over(g, Ty::Recs, Ty::Bool, d);
            format!("({list}).filter({name} => {body})")
        }),
        deep(Ty::Recs, |g, d| format!("({} + [{}])", g.part(Ty::Recs, d), g.part(Ty::Rec, d))),
        deep(Ty::OptRec, |g, d| {
            let (list, name, body) = over(g, Ty::Recs, Ty::Bool, d);
            format!("({list}).find({name} => {body})")
        }),
        deep(Ty::OptRec, |g, d| format!("({}).first", g.part(Ty::Recs, d))),
        deep(Ty::OptInt, |g, d| format!("({}).max()", g.part(Ty::Ints, d))),
        deep(Ty::OptInt, |g, d| format!("({}).sum()", g.part(Ty::Ints, d))),
        deep(Ty::Int, |g, d| format!("({}).len", g.part(Ty::Ints, d))),
        deep(Ty::Int, |g, d| {
            let (list, name, body) = over(g, Ty::Strs, Ty::Bool, d);
            format!("({list}).count({name} => {body})")
        }),
        deep(Ty::Bool, |g, d| {
            let (list, name, body) = over(g, Ty::Ints, Ty::Bool, d);
            format!("({list}).any({name} => {body})")
        }),
        deep(Ty::Bool, |g, d| {
            let (list, name, body) = over(g, Ty::Recs, Ty::Bool, d);
            format!("({list}).all({name} => {body})")
        }),
        deep(Ty::Bool, |g, d| format!("({} in {})", g.part(Ty::Int, d), g.part(Ty::Ints, d))),
        deep(Ty::Bool, |g, d| format!("({}).is_empty", g.part(Ty::Strs, d))),
        deep(Ty::Str, |g, d| format!("({}).join(\", \")", g.part(Ty::Strs, d))),
    ],
    calls: &[
        call(Ty::Ints, "lists.r3", &[Ty::Int]),
        call(Ty::Strs, "lists.names", &[Ty::Str]),
        call(Ty::Recs, "lists.many", &[Ty::Int]),
    ],
    ..Feature::NONE
};

/// A list, a name for its elements, and a lambda's body over that.
fn over(g: &mut Gen, list: Ty, gives: Ty, depth: usize) -> (String, String, String) {
    let text = g.part(list, depth);
    let name = g.fresh('q');
    let body = g.scoped(|g| {
        g.know(name.clone(), list.element().unwrap_or(Ty::Int));
        g.pure(gives, depth)
    });
    (text, name, body)
}
