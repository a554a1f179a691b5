//! Guards, and persons who are asked.

use super::{APPROVED, APPROVED_TOO, CANCELLED, Case, DENIED, ONE, Step, YES, case, with};

pub const CASES: &[Case] = &[
    case("a guard that forbids", r#"do x.barred(case.q) else note "{failure.kind}""#),
    with(
        "a guard with a limit",
        r#"do x.scarce("shared") else note "{failure.kind}""#,
        "{\"q\":\"a\",\"key\":\"1\"}\n{\"q\":\"b\",\"key\":\"2\"}\n{\"q\":\"c\",\"key\":\"3\"}",
        &[Step::Run],
    ),
    with(
        "a guard that asks: approved",
        r#"do x.asked(case.q) else note "{failure.kind}""#,
        ONE,
        &[Step::Run, APPROVED],
    ),
    with(
        "a guard that asks: denied",
        r#"do x.asked(case.q) else note "{failure.kind}""#,
        ONE,
        &[Step::Run, DENIED],
    ),
    with(
        "a guard that asks two",
        r#"do x.paired(case.q) else note "{failure.kind}""#,
        ONE,
        &[Step::Run, APPROVED, APPROVED_TOO],
    ),
    case("a guard that asks: nobody", r#"do x.soon(case.q) else note "{failure.kind}""#),
    with(
        "approved beforehand",
        r#"approve x.wipe(case.q) from role.lead within 1h because "it has to go" else hand over to queue.q because "no"
           do x.wipe(case.q) else note "{failure.kind}""#,
        ONE,
        &[Step::Run, APPROVED],
    ),
    with(
        "irreversible behind an approval",
        r#"do x.wipe(case.q) else note "{failure.kind}""#,
        ONE,
        &[Step::Run, APPROVED],
    ),
    with(
        "a question that is answered",
        r#"let a = ask role.analyst "Is {case.q} it?" { Yes, No } showing case.q within 4h else No because "nobody"
           if a.choice == Yes { do x.once(case.q) else none }
           note a.reason"#,
        ONE,
        &[Step::Run, YES],
    ),
    case(
        "a question that nobody answers",
        r#"let a = ask role.analyst "Is it?" { Yes, No } within 150ms else No because "nobody"
           if a.choice == Yes { do x.once(case.q) else none }
           note a.reason"#,
    ),
    with(
        "a write, a question, a write",
        r#"do x.once("first") else none
           let a = ask role.analyst "Go on?" { Yes, No } within 4h else hand over to queue.q because "nobody"
           do x.once("second") else none
           note a.by"#,
        ONE,
        &[Step::Run, YES],
    ),
    with(
        "cancelled by a person",
        r#"do x.block(case.q) for 200ms else none
           let a = ask role.analyst "Go on?" { Yes, No } within 4h else hand over to queue.q because "nobody"
           do x.once("never") else none
           note a.by"#,
        ONE,
        &[Step::Run, CANCELLED],
    ),
];
