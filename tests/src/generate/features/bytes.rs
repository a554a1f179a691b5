//! Bytes.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector files {
  config { base_url: Url }
  read content(x: String) -> Bytes
    GET "/content/{x}"
    expect 200 -> body
}
"#,
    ways: &[
        atom(Ty::Bytes, |_, _| "\"k0\".utf8".into()),
        deep(Ty::Bytes, |g, d| format!("({}).utf8", g.part(Ty::Str, d))),
        deep(Ty::Bytes, |g, d| format!("({} + {})", g.part(Ty::Bytes, d), g.part(Ty::Bytes, d))),
        deep(Ty::Bytes, |g, d| format!("({} as Bytes else \"no\".utf8)", g.pure(Ty::Str, d))),
        deep(Ty::Int, |g, d| format!("({}).len", g.part(Ty::Bytes, d))),
        deep(Ty::Str, |g, d| format!("({}).hex", g.part(Ty::Bytes, d))),
        deep(Ty::Str, |g, d| format!("\"{{({}).sha256()}}\"", g.pure(Ty::Bytes, d))),
        deep(Ty::OptStr, |g, d| format!("({}).utf8", g.part(Ty::Bytes, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Bytes, d), g.part(Ty::Bytes, d))),
        deep(Ty::Bool, |g, d| format!("({}).is_empty", g.part(Ty::Bytes, d))),
    ],
    calls: &[call(Ty::Bytes, "files.content", &[Ty::Str])],
    ..Feature::NONE
};
