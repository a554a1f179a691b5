//! Reads: answers, failures, and how they go together.

use super::{Case, case};

pub const CASES: &[Case] = &[
    case(
        "a read",
        r#"let a = x.say(case.q) else "none"
           note a"#,
    ),
    case(
        "reads side by side",
        r#"let a = x.slow("a") else "0"
           let b = x.slow("b") else "0"
           let c = x.say("c") else "0"
           note "{a}{b}{c}""#,
    ),
    case(
        "a chain of reads",
        r#"let a = x.say("a") else "0"
           let b = x.say("{a}b") else "0"
           let c = x.say("{b}c") else "0"
           note c"#,
    ),
    case(
        "two chains",
        r#"let a = x.say("a") else "0"
           let b = x.slow("{a}b") else "0"
           let c = x.slow("c") else "0"
           let d = x.say("{c}d") else "0"
           note "{b}{d}""#,
    ),
    case(
        "a read that is tried again",
        r#"let a = x.flaky(case.q) retry 2 backoff 20ms else "none"
           note a"#,
    ),
    case(
        "a read that stays unavailable",
        r#"let a = x.status(503, "a") retry 1 backoff 20ms else "{failure.kind}"
           note a"#,
    ),
    case(
        "a read that is denied",
        r#"let a = x.status(401, "a") else match failure.kind { Denied => "d", _ => "other" }
           note a"#,
    ),
    case(
        "a read of what is not there",
        r#"let a = x.status(404, "a") else match failure.kind { NotFound => "n", _ => "other" }
           note a"#,
    ),
    case(
        "a read that is one too many",
        r#"let a = x.status(429, "a") else match failure.kind { RateLimited => "r", _ => "other" }
           note a"#,
    ),
    case(
        "a read that is rejected",
        r#"let a = x.status(400, "a") else match failure.kind { Rejected => "r", _ => "other" }
           note a"#,
    ),
    case(
        "a read without an answer",
        r#"let a = x.never("a") else match failure.kind { Timeout => "t", _ => "other" }
           note a"#,
    ),
    case(
        "a read with a bad answer",
        r#"let a = x.broken("a") else match failure.kind { BadResponse => "b", _ => "other" }
           note a"#,
    ),
    case(
        "a read that the end cancels",
        r#"let late = x.never("a") timeout 5s else "none"
           let b = x.status(404, "b") else hand over to queue.q because "b is not there"
           note "{late} {b}""#,
    ),
    case(
        "a loop of reads",
        r#"let all = for q in ["a", "b", "c"] { x.say(q) else "none" }
           note "{all.len}""#,
    ),
];
