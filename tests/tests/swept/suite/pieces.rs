//! Closing at once, and larger pieces: procedures, controls, branches.

use super::{Case, Step, case, with};

pub const CASES: &[Case] = &[
    case("closes at once", ""),
    case("hands over", r#"hand over to queue.q because "by hand""#),
    case(
        "sets, notes, routes",
        r#"set severity = High because "it is"
           note "n {case.q}"
           route to queue.q because "r""#,
    ),
    case(
        "procedures",
        r#"procedure first(q: String) -> String { let s = x.say(q) else "none"
           do x.once(s) else "failed" }
           procedure last(why: String) for T { note why
           hand over to queue.q because "{why} {case.q}" }
           playbook p for T { let a = first(case.q)
           last(a) }"#,
    ),
    with(
        "a playbook before another, with controls",
        r#"controls house { /// It is written down.
             A_1 }
           playbook p for T before r controls house.A_1 when case.n > 5 { do x.once(case.q) else none
           close TruePositive because "many" }
           playbook r for T { close FalsePositive because "few" }"#,
        "{\"q\":\"a\",\"n\":9,\"key\":\"1\"}\n{\"q\":\"b\",\"n\":1,\"key\":\"2\"}",
        &[Step::Run],
    ),
    case(
        "branches",
        r#"let m = x.mode(case.q) else "none"
           match m { "open" => do x.keyed("open") else none, _ => note "other" }
           if let s = x.state("zz") else none { if s == "gone" { note "gone" } else { note "there" } }"#,
    ),
];
