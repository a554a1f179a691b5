//! What is taken back: holds, steps, rollbacks, persons who undo.

use super::{Case, ONE, Step, UNDONE, case, with};

pub const CASES: &[Case] = &[
    case("a hold", r#"do x.block(case.q) for 100ms else none"#),
    case("a hold with a snapshot", r#"do x.freeze(case.q) for 100ms else none"#),
    case("a hold whose end is not idempotent", r#"do x.cut(case.q) for 100ms else none"#),
    case(
        "holds of two lengths",
        r#"do x.block(case.q) for 100ms else none
           do x.block(case.q) for 250ms else none"#,
    ),
    case(
        "a step that is rolled back",
        r#"step s { do x.block("a")
           do x.freeze("b")
           do x.refused(403, "c") }
           else { rollback because "not all"
           hand over to queue.q because "{failure.kind}" }"#,
    ),
    case(
        "a rollback that nobody can repeat",
        r#"step s { do x.cut("a")
           do x.cut("b")
           let c = x.status(404, "c")
           note c }
           else { rollback because "not all"
           hand over to queue.q because "by hand" }"#,
    ),
    case(
        "a step and its else",
        r#"step s { let a = x.say("a")
           let b = x.status(404, a)
           note b } else { note "{failure.kind}" }"#,
    ),
    case(
        "a step in a step",
        r#"step s { step t { let a = x.status(404, "a")
           note a } else { do x.once("t") }
           do x.keyed("s") } else { note "no" }"#,
    ),
    case(
        "all is rolled back",
        r#"do x.block(case.q) else none
           do x.keyed("k") else none
           rollback because "it was nothing" else none"#,
    ),
    case(
        "an act that is taken back by hand",
        r#"do x.block(case.q) else none
           do x.free(case.q) else none"#,
    ),
    with(
        "undone by a person",
        r#"do x.cut(case.q) else none
           do x.freeze("f") else none"#,
        ONE,
        &[Step::Run, UNDONE],
    ),
];
