//! Waiting: for time, polls and events.

use super::{Case, ONE, Step, YES, case, with};

pub const CASES: &[Case] = &[
    case(
        "a wait for time",
        r#"do x.keyed("a") else none
           wait 120ms
           do x.once("b") else none"#,
    ),
    case(
        "a wait for a poll",
        r#"let a = wait x.job(case.q) every 1s until answer == "done" within 10m else "none"
           note a"#,
    ),
    case(
        "a poll that never ends",
        r#"let a = wait x.status(404, "a") every 1s within 1200ms else "{failure.kind}"
           note a"#,
    ),
    with(
        "a wait for an event",
        r#"let t = do x.ticket(case.q) else hand over to queue.q because "none"
           wait x.closed(t) within 5d else hand over to queue.q because "open"
           do x.once("b") else none"#,
        ONE,
        &[Step::Run, Step::Event(r#"{"kind":"closed","id":"T-1"}"#)],
    ),
    case(
        "an event that never comes",
        r#"wait x.closed("T-9") within 150ms else hand over to queue.q because "open""#,
    ),
    with(
        "an event before the wait",
        r#"let a = ask role.analyst "Go on?" { Yes, No } within 4h else hand over to queue.q because "nobody"
           wait x.closed("T-1") within 5d else hand over to queue.q because "open"
           note a.by"#,
        ONE,
        &[Step::Run, Step::Event(r#"{"kind":"closed","id":"T-1"}"#), YES],
    ),
];
