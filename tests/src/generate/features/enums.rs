//! Enums that somebody else may extend, and enums whose members hold values.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
open enum Proto { Tcp, Udp }
enum Find { Nothing, Seen(n: Int, by: String), At(when: Time?) }
connector finds {
  config { base_url: Url }
  read proto(x: String) -> Proto
    GET "/proto/{x}"
    expect 200 -> body
  read find(x: Int) -> Find
    GET "/find/{x}"
    expect 200 -> body
}
fn score(f: Find) -> Int {
  match f {
    Nothing => 0
    Seen(n, by) => if by == "rec" { n } else { 1 }
    Find.At(when: w) => if w == none { 2 } else { 3 }
  }
}
"#,
    ways: &[
        atom(Ty::Proto, |g, _| g.rng.word(&["Tcp", "Udp", "Proto.Udp"]).into()),
        deep(Ty::Proto, |g, d| format!("({} as Proto else Tcp)", g.pure(Ty::Str, d))),
        deep(Ty::Str, |g, d| format!("({}).name", g.part(Ty::Proto, d))),
        deep(Ty::Str, |g, d| format!("\"{{{}}}\"", g.pure(Ty::Proto, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Proto, d), g.part(Ty::Proto, d))),
        atom(Ty::Find, |_, _| "Nothing".into()),
        deep(Ty::Find, |g, d| format!("Seen(n: {}, by: {})", g.part(Ty::Int, d), g.part(Ty::Str, d))),
        deep(Ty::Find, |g, d| format!("Find.Seen({}, {})", g.part(Ty::Int, d), g.part(Ty::Str, d))),
        deep(Ty::Find, |g, d| format!("At(when: {})", g.part(Ty::Time, d))),
        deep(Ty::Int, |g, d| format!("score({})", g.part(Ty::Find, d))),
        deep(Ty::Str, |g, d| format!("({}).name", g.part(Ty::Find, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Find, d), g.part(Ty::Find, d))),
        deep(Ty::Int, |g, d| {
            let (find, other) = (g.pure(Ty::Find, d), g.pure(Ty::Int, d));
            format!("(match ({find}) {{ Seen(n: found) => found, Nothing => {other}, At => 5 }})")
        }),
    ],
    calls: &[call(Ty::Proto, "finds.proto", &[Ty::Str]), call(Ty::Find, "finds.find", &[Ty::Int])],
    choices: &[
        (Ty::Proto, &["Tcp", "_"]),
        (Ty::Find, &["Nothing", "Seen(n: _)", "At"]),
        (Ty::Find, &["Seen | At", "Nothing"]),
    ],
    ..Feature::NONE
};
