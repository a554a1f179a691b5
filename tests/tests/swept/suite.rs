//! The playbooks that are swept, which together do everything that the language can: each with its alerts, and what persons say.

/// What is done one after the other, each by a `playc` of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The alerts are run; whatever is left of earlier ones is taken up.
    Run,
    /// A person says something to the first run: a command and its arguments behind the run.
    Says(&'static str, &'static [&'static str]),
    /// An event comes: its record.
    Event(&'static str),
}

/// One of them.
pub struct Case {
    /// What it is about.
    pub name: &'static str,
    /// Behind [`HEAD`]: statements of the playbook `p`, or whole declarations that have one.
    pub text: &'static str,
    /// One a line.
    pub alerts: &'static str,
    /// What happens.
    pub steps: &'static [Step],
}

/// One alert, one run.
const fn case(name: &'static str, text: &'static str) -> Case {
    Case { name, text, alerts: ONE, steps: &[Step::Run] }
}

const ONE: &str = r#"{"q":"a","key":"1"}"#;

/// What all of them share.
pub const HEAD: &str = r#"
case T { q: String, n: Int }
source src from feed("t") -> T {
  accept payload.noise.exists == false
  dedup by payload.key as String? within 24h
  map {
    q = payload.q as String?
    n = payload.n as Int else 0
  }
}
connector x {
  config { base_url: Url }
  read say(q: String) -> String
    GET "/say/{q}"
    expect 200 -> body
  read slow(q: String) -> String
    GET "/slow/{q}"
    expect 200 -> body
  read never(q: String) -> String
    GET "/never/{q}"
    expect 200 -> body
    timeout 60ms
  read flaky(q: String) -> String
    GET "/flaky/{q}"
    expect 200 -> body
  read broken(q: String) -> String
    GET "/broken/{q}"
    expect 200 -> body
  read status(code: Int, q: String) -> String
    GET "/status/{code}/{q}"
    expect 200 -> body
  read state(q: String) -> String
    GET "/state/{q}"
    expect 200 -> body
  read mode(q: String) -> String
    GET "/mode/{q}"
    expect 200 -> body
  read job(q: String) -> String
    GET "/job/{q}"
    expect 200 -> body
  write keyed(q: String) -> String
    POST "/act/keyed" json { q: q, to: "keyed" }
    expect 200 -> body
    idempotent by q
    class notify
  write looked(q: String) -> String
    POST "/act/looked" json { q: q, to: "looked" }
    expect 200 -> body
    verify state(q) is answer == "there" -> "done"
    class notify
  write once(q: String) -> String
    POST "/act/once" json { q: q, to: "once" }
    expect 200 -> body
    class notify
  write lost_keyed(q: String) -> String
    POST "/lost/lost_keyed" json { q: q, to: "keyed" }
    expect 200 -> body
    idempotent by q
    retry 2 backoff 20ms
    class notify
  write lost_looked(q: String) -> String
    POST "/lost/lost_looked" json { q: q, to: "looked" }
    expect 200 -> body
    verify state(q) is answer == "there" -> "done"
    class notify
  write lost_once(q: String) -> String
    POST "/lost/lost_once" json { q: q, to: "once" }
    expect 200 -> body
    class notify
  write dropped(q: String) -> String
    POST "/drop/dropped" json { q: q, to: "looked" }
    expect 200 -> body
    verify state(q) is answer == "there" -> "done"
    class notify
  write busy(q: String) -> String
    POST "/busy/busy" json { q: q, to: "keyed" }
    expect 200 -> body
    idempotent by q
    class notify
  write refused(code: Int, q: String) -> String
    POST "/status/{code}/refused" json { q: q, to: "never" }
    expect 200 -> body
    class notify
  write ticket(q: String) -> String
    POST "/act/ticket" json { q: q, to: "ticket" }
    expect 200 -> "T-1"
    idempotent by q
    class record
  write block(q: String) -> String
    POST "/act/block" json { q: q, to: "blocked" }
    expect 200 -> body
    undo free(q)
    idempotent by q
    class change
  write free(q: String) -> String
    POST "/act/free" json { q: q, to: "open" }
    expect 200 -> body
    idempotent by q
    class restore
  write cut(q: String) -> String
    POST "/act/cut" json { q: q, to: "cut" }
    expect 200 -> body
    undo join(q)
    class change
  write join(q: String) -> String
    POST "/act/join" json { q: q, to: "open" }
    expect 200 -> body
    class restore
  write freeze(q: String) -> String
    POST "/act/freeze" json { q: q, to: "frozen" }
    expect 200 -> body
    snapshot before = mode(q)
    undo thaw(q, before) when before != "frozen"
    idempotent by q
    class change
  write thaw(q: String, to: String) -> String
    POST "/act/thaw" json { q: q, to: to }
    expect 200 -> body
    idempotent by q
    class restore
  write wipe(q: String) -> String
    POST "/act/wipe" json { q: q, to: "wiped" }
    expect 200 -> body
    irreversible because "what is wiped is gone"
    class destroy
  write scarce(q: String) -> String
    POST "/act/scarce" json { q: q, to: "scarce" }
    expect 200 -> body
    idempotent by q
    class notify
  write barred(q: String) -> String
    POST "/act/barred" json { q: q, to: "barred" }
    expect 200 -> body
    class notify
  write asked(q: String) -> String
    POST "/act/asked" json { q: q, to: "asked" }
    expect 200 -> body
    class notify
  write paired(q: String) -> String
    POST "/act/paired" json { q: q, to: "paired" }
    expect 200 -> body
    class notify
  write soon(q: String) -> String
    POST "/act/soon" json { q: q, to: "soon" }
    expect 200 -> body
    class notify
  event closed(id: String) -> Unit
    accept payload.kind as String? == "closed"
    match id = payload.id?
}
guard all covers x.block, x.free, x.cut, x.join, x.freeze, x.thaw { allow }
guard few covers x.scarce { limit 2 per 1h  allow }
guard barring covers x.barred { never when act.q == "a"  allow }
guard persons covers x.asked { else approval from role.lead within 2h else refuse }
guard both covers x.paired { else approval from 2 of role.lead within 2h else refuse }
guard hurried covers x.soon { else approval from role.lead within 150ms else refuse }
guard gone covers x.wipe { else approval from role.lead within 2h else refuse }
"#;

/// Behind the statements of a playbook.
pub const TAIL: &str = "\n  close TruePositive because \"over\"\n";

const fn with(name: &'static str, text: &'static str, alerts: &'static str, steps: &'static [Step]) -> Case {
    Case { name, text, alerts, steps }
}

const SAID: [&str; 4] = ["--by", "ada", "--because", "looked"];
const YES: Step = Step::Says("answer", &["Yes", SAID[0], SAID[1], SAID[2], SAID[3]]);
const APPROVED: Step = Step::Says("approve", &SAID);
const APPROVED_TOO: Step = Step::Says("approve", &["--by", "ben", SAID[2], SAID[3]]);
const DENIED: Step = Step::Says("deny", &SAID);
const UNDONE: Step = Step::Says("undo", &SAID);
const CANCELLED: Step = Step::Says("cancel", &SAID);

/// All of them.
pub const SUITE: &[Case] = &[
    case("closes at once", ""),
    case("hands over", r#"hand over to queue.q because "by hand""#),
    case(
        "sets, notes, routes",
        r#"set severity = High because "it is"
           note "n {case.q}"
           route to queue.q because "r""#,
    ),
    // Reads.
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
    // Writes.
    case("an idempotent write", r#"do x.keyed(case.q) else none"#),
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
    // What is taken back.
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
    // Guards and persons.
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
    // Waiting.
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
    // Larger pieces.
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
    // Several alerts.
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
        "{\"q\":\"a\",\"key\":\"1\"}\n{\"q\":\"b\",\"key\":\"2\"}\n{\"q\":\"c\",\"key\":\"3\"}\n{\"q\":\"d\",\"key\":\"4\"}",
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
