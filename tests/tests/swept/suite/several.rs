//! Several alerts: duplicates, runs beside each other, limits.

use super::{Case, Step, with};

pub const CASES: &[Case] = &[
    with(
        "noise, duplicates, and what cannot be read",
        r#"do x.once(case.q) else none"#,
        "{\"q\":\"a\",\"key\":\"1\"}\n{\"q\":\"dup\",\"key\":\"1\"}\n{\"noise\":1,\"key\":\"2\"}\n{\"key\":\"3\"}\n{\"q\":\"e\",\"key\":\"5\"}",
        &[Step::Run],
    ),
    with(
        "runs beside each other",
        r#"let a = x.slow(case.q) else "none"
           do x.once(a) else none
           do x.keyed(a) else none"#,
        "{\"q\":\"a\",\"key\":\"1\",\"raw\":\"MUCH\"}\n{\"q\":\"b\",\"key\":\"2\"}\n{\"q\":\"c\",\"key\":\"3\"}\n{\"q\":\"d\",\"key\":\"4\"}",
        &[Step::Run],
    ),
    with(
        "holds of several runs on one thing",
        r#"do x.block("shared") for 150ms else none
           if case.n > 1 { do x.block("shared") for 300ms else none }
           if case.n > 2 { rollback because "it was nothing" else none }"#,
        "{\"q\":\"a\",\"n\":1,\"key\":\"1\"}\n{\"q\":\"b\",\"n\":2,\"key\":\"2\"}\n{\"q\":\"c\",\"n\":3,\"key\":\"3\"}",
        &[Step::Run],
    ),
    with(
        "a limit and a cache",
        r#"connector y {
             config { base_url: Url }
             limit 4 per 1s
             read kept(q: String) -> String
               GET "/say/{q}"
               expect 200 -> body
               cache 5m
             write tell(q: String) -> String
               POST "/act/tell" json { q: q, to: "told" }
               expect 200 -> body
               class notify
           }
           playbook p for T {
             let a = y.kept("a") else "0"
             do x.keyed(case.q) else none
             let b = y.kept("a") else "0"
             do y.tell(case.q) else none
             close TruePositive because "{a}{b}"
           }"#,
        "{\"q\":\"a\",\"key\":\"1\"}\n{\"q\":\"b\",\"key\":\"2\"}",
        &[Step::Run],
    ),
];
