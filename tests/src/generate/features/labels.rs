//! Personal data, which is shown only where it is revealed; and text of our own that becomes a query.

use super::{Feature, Way, atom, call, deep};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
type Person { id: String, mail: String pii, age: Int }
fn domain_of(mail: String) -> String { mail.split("@").last else mail }
connector people {
  config { base_url: Url }
  read person(x: String) -> Person
    GET "/person/{x}"
    expect 200 -> body
  read mail(x: Int) -> String pii
    GET "/mail" query { x: x }
    expect 200 -> body
  read score(of: String pii) -> Int
    GET "/score" query { of: of }
    expect 200 -> body
  read search(q: String trusted) -> [Int]
    GET "/search" query { q: q }
    expect 200 -> body
}
"#,
    fields: ", q: String? pii",
    ways: &[
        atom(Ty::Pii, |g, _| format!("({} else \"nobody\")", g.of_case("q", "[\"q\"].first"))),
        deep(Ty::Pii, |g, d| format!("({} + {})", g.part(Ty::Pii, d), g.part(Ty::Str, d))),
        deep(Ty::Pii, |g, d| format!("domain_of({})", g.part(Ty::Pii, d))),
        deep(Ty::Pii, |g, d| format!("\"<{{{}}}>\"", g.pure(Ty::Pii, d))),
        deep(Ty::Int, |g, d| format!("({}).len", g.part(Ty::Pii, d))),
        deep(Ty::Bool, |g, d| format!("({} == \"k1\")", g.part(Ty::Pii, d))),
        deep(Ty::Bool, |g, d| format!("({} like \"*@*\")", g.part(Ty::Pii, d))),
        // What is of a number is of nobody's making.
        atom(Ty::Query, |g, _| format!("\"n = {{{}}}\"", g.pure(Ty::Int, 0))),
        atom(Ty::Query, |g, _| g.rng.word(&["\"all\"", "\"open\" + \" or new\""]).into()),
    ],
    effects: &[Way { gives: Ty::Str, deep: true, write: |g, _| format!("({})", revealed(g)) }],
    calls: &[
        call(Ty::Pii, "people.mail", &[Ty::Int]),
        call(Ty::Int, "people.score", &[Ty::Pii]),
        call(Ty::Ints, "people.search", &[Ty::Query]),
    ],
    statements: &[somebody, shown, kept],
    stubs: &[
        ("people.person", "Person { id: \"p1\", mail: \"ada@example.com\", age: 36 }"),
        ("people.mail", "\"bob@example.com\""),
        ("people.score", "3"),
        ("people.search", "[1, 2, 3]"),
    ],
    ..Feature::NONE
};

fn revealed(g: &mut Gen) -> String {
    // It begins with a name.
    let what = g.var(Ty::Pii).unwrap_or_else(|| "domain_of(\"a@b\")".into());
    format!("reveal {what} because {}", g.because())
}

/// A record of which one field is labelled.
fn somebody(g: &mut Gen) {
    let (x, name) = (g.value(Ty::Str), g.fresh('h'));
    let instead = "Person { id: \"none\", mail: \"none\", age: 0 }";
    g.line(&format!("let {name} = people.person({x}) else {instead}"));
    g.know(format!("{name}.mail"), Ty::Pii);
    g.know(format!("{name}.id"), Ty::Str);
    g.know(format!("{name}.age"), Ty::Int);
}

fn shown(g: &mut Gen) {
    let value = g.value(Ty::Pii);
    g.bind(&value, Ty::Pii);
    let revealed = revealed(g);
    g.bind(&revealed, Ty::Str);
}

/// What is labelled may be kept in a field that is.
fn kept(g: &mut Gen) {
    let (value, because) = (g.value(Ty::Pii), g.because());
    if g.case {
        g.line(&format!("set q = {value} because {because}"));
    }
}
