//! Writes of each sort, lost and refused ones.

use super::{Case, Step, case, with};

pub const CASES: &[Case] = &[
    case("an idempotent write", r#"do x.keyed(case.q) else none"#),
    with(
        "a record whose body is in a pack",
        r#"do x.once(case.q) else none"#,
        r#"{"q":"a","key":"1","raw":"MUCH"}"#,
        &[Step::Run],
    ),
    case("a write that is looked up", r#"do x.looked(case.q) else none"#),
    case("a write that nobody can repeat", r#"do x.once(case.q) else none"#),
    case(
        "a lost answer, sent again",
        r#"let a = do x.lost_keyed(case.q) else "failed"
           note a"#,
    ),
    case(
        "a lost answer, looked up",
        r#"let a = do x.lost_looked(case.q) else "failed"
           note a"#,
    ),
    case(
        "a lost answer, left to a person",
        r#"let a = do x.lost_once(case.q) else "failed"
           note a"#,
    ),
    case(
        "a lost request, looked up",
        r#"let a = do x.dropped(case.q) else "not done"
           note a"#,
    ),
    case(
        "a lost request, looked up and sent again",
        r#"let a = do x.dropped(case.q) retry 2 backoff 20ms else "not done"
           note a"#,
    ),
    case(
        "a write that is tried again",
        r#"let a = do x.busy(case.q) retry 2 backoff 20ms else "failed"
           note a"#,
    ),
    case(
        "a write that is refused",
        r#"let a = do x.refused(403, case.q) else "{failure.kind}"
           note a"#,
    ),
    case(
        "a write that cannot be told",
        r#"let a = do x.refused(500, case.q) else "{failure.kind}"
           note a"#,
    ),
    case(
        "writes in order, reads between",
        r#"let a = do x.keyed("a") else "0"
           let b = x.state("a") else "0"
           let c = do x.once("c") else "0"
           let d = do x.looked("d") else "0"
           note "{a} {b} {c} {d}""#,
    ),
    case("a loop of writes", r#"for q in ["a", "b", "c"] { do x.once(q) else none }"#),
    case(
        "a ticket",
        r#"let t = do x.ticket(case.q) else hand over to queue.q because "none"
           note t"#,
    ),
];
