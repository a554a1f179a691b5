//! Records, their fields, and enums.

use super::{Feature, atom, call, deep};
use crate::generate::Ty;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
type Rec { n: Int, b: Bool, s: String, o: Int? }
enum Col { Red, Green, Blue }
connector recs {
  config { base_url: Url }
  read r0(x: String) -> Rec
    GET "/r0/{x}"
    expect 200 -> body
  read r1(x: Int) -> Rec
    GET "/r1" query { x: x }
    expect 200 -> body
  read r4(x: Rec) -> Col
    GET "/r4" query { n: x.n, s: x.s, o: x.o }
    expect 200 -> body
}
"#,
    ways: &[
        atom(Ty::Rec, |g, d| {
            format!(
                "Rec {{ n: {}, b: {}, s: {} }}",
                g.pure(Ty::Int, d),
                g.pure(Ty::Bool, 0),
                g.pure(Ty::Str, 0)
            )
        }),
        deep(Ty::Rec, |g, d| {
            let (n, b, s, o) =
                (g.part(Ty::Int, d), g.part(Ty::Bool, d), g.part(Ty::Str, d), g.part(Ty::OptInt, d));
            format!("Rec {{ s: {s}, n: {n}, o: {o}, b: {b} }}")
        }),
        deep(Ty::Int, |g, d| format!("({}).n", g.part(Ty::Rec, d))),
        deep(Ty::Bool, |g, d| format!("({}).b", g.part(Ty::Rec, d))),
        deep(Ty::Str, |g, d| format!("({}).s", g.part(Ty::Rec, d))),
        deep(Ty::OptInt, |g, d| format!("({}).o", g.part(Ty::Rec, d))),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Rec, d), g.part(Ty::Rec, d))),
        atom(Ty::Col, |g, _| g.rng.word(&["Red", "Green", "Blue"]).into()),
        atom(Ty::Col, |g, _| g.rng.word(&["Col.Red", "Col.Green"]).into()),
        deep(Ty::Bool, |g, d| format!("({} == {})", g.part(Ty::Col, d), g.part(Ty::Col, d))),
        deep(Ty::Bool, |g, d| format!("({} in [Red, Blue])", g.part(Ty::Col, d))),
        deep(Ty::Str, |g, d| format!("({}).name", g.part(Ty::Col, d))),
    ],
    calls: &[
        call(Ty::Rec, "recs.r0", &[Ty::Str]),
        call(Ty::Rec, "recs.r1", &[Ty::Int]),
        call(Ty::Col, "recs.r4", &[Ty::Rec]),
    ],
    choices: &[(Ty::Col, &["Red", "Green | Blue"]), (Ty::Col, &["Col.Blue", "_"])],
    ..Feature::NONE
};
