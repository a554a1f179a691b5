//! How a playbook is driven, who is asked when nobody decides, and a target that is left alone.

use super::{APPROVED, Case, DENIED, ONE, Step, YES, with};

const SHADOW: &str = "name = \"swept\"\n[playbooks.p]\nautonomy = \"shadow\"\n";

const SUPERVISED: &str =
    "name = \"swept\"\n[playbooks.p]\nautonomy = \"supervised\"\napproval = \"role.lead\"\nwithin = \"4h\"\n";

const HURRIED: &str = "name = \"swept\"\n[playbooks.p]\nautonomy = \"supervised\"\napproval = \"role.lead\"\nwithin = \"150ms\"\n";

const fn driven(
    name: &'static str,
    project: &'static str,
    text: &'static str,
    steps: &'static [Step],
) -> Case {
    Case { project, ..with(name, text, ONE, steps) }
}

pub const CASES: &[Case] = &[
    driven(
        "a shadow run",
        SHADOW,
        r#"let a = x.say(case.q) else "none"
           do x.once(a) else none
           do x.asked(case.q) else none
           do x.block(case.q) for 100ms else none"#,
        &[Step::Run],
    ),
    driven(
        "a shadow run that would need an answer",
        SHADOW,
        r#"do x.keyed(case.q) else none
           let a = do x.ticket(case.q) else hand over to queue.q because "none"
           do x.once(a) else none"#,
        &[Step::Run],
    ),
    driven(
        "a supervised run: approved",
        SUPERVISED,
        r#"do x.once(case.q) else note "{failure.kind}""#,
        &[Step::Run, APPROVED],
    ),
    driven(
        "a supervised run: a hold, approved",
        SUPERVISED,
        r#"do x.block(case.q) for 100ms else note "{failure.kind}""#,
        &[Step::Run, APPROVED],
    ),
    driven(
        "a supervised run: two acts, approved",
        SUPERVISED,
        r#"do x.once(case.q) else note "{failure.kind}"
           do x.block(case.q) for 100ms else note "{failure.kind}""#,
        &[Step::Run, APPROVED, APPROVED],
    ),
    driven(
        "a supervised run: denied",
        SUPERVISED,
        r#"do x.once(case.q) else note "{failure.kind}""#,
        &[Step::Run, DENIED],
    ),
    driven(
        "a supervised run: nobody",
        HURRIED,
        r#"do x.once(case.q) else note "{failure.kind}""#,
        &[Step::Run],
    ),
    with(
        "a guard that asks others in the end",
        r#"do x.stair(case.q) else note "{failure.kind}""#,
        ONE,
        &[Step::Run, APPROVED],
    ),
    with(
        "a question that others answer in the end",
        r#"let a = ask role.analyst "Is it?" { Yes, No } within 120ms then role.lead within 4h else No because "nobody"
           if a.choice == Yes { do x.once(case.q) else none }
           note a.reason"#,
        ONE,
        &[Step::Run, YES],
    ),
    with(
        "a question that others do not answer either",
        r#"let a = ask role.analyst "Is it?" { Yes, No } within 80ms then role.lead within 80ms else No because "nobody"
           if a.choice == Yes { do x.once(case.q) else none }
           note a.reason"#,
        ONE,
        &[Step::Run],
    ),
    // One who starts anew knows of no failures: what is read here may be answered then. What is written comes to be either way.
    Case {
        setting: "breaker = { after = 2, for = \"100ms\" }",
        ..with(
            "a target that is left alone",
            r#"let a = x.status(429, "a") else "none"
           let b = x.status(429, "{a}b") else "none"
           let c = x.say("{b}c") else "{failure.kind}"
           do x.keyed(case.q) retry 6 backoff 60ms else note "{failure.kind}"
           note c"#,
            ONE,
            &[Step::Run],
        )
    },
];
