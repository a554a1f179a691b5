//! Persons: what they are asked, what counts when they answer, late or never, and what stands in the evidence.

use crate::tested::{compiled, kinds, tested};
use jiff::{SignedDuration, Timestamp};
use play_evidence::{J, ParsedLine};
use play_scheduler::basis::Basis;
use play_scheduler::replay::{Replay, replay};
use play_scheduler::testing::TestResult;
use play_scheduler::{Event, SchedulerError};
use play_vm::Vm;

const HEAD: &str = r#"
case T { s: String, many: [String] }
connector x {
  config { base_url: Url }
  read a(q: String) -> String
    GET "/a/{q}"
    expect 200 -> body
  write w(q: String) -> String
    POST "/w" json { q: q }
    expect 200 -> body
    class notify
  write cut(q: String) -> String
    POST "/cut" json { q: q }
    expect 200 -> body
    undo join(q)
    class change
  write join(q: String) -> Unit
    POST "/join" json { q: q }
    expect 204
    class restore
}
guard cuts covers x.cut {
  never when act.q == "never"
  limit 2 per 1h
  allow when act.q == "free"
  else approval from role.lead within 2h else refuse
}
guard big_cuts covers x.cut {
  allow when act.q != "both"
  else approval from role.ciso within 1h else refuse
}
"#;

fn text(body: &str, given: &str) -> String {
    format!(
        "{HEAD}playbook p for T {{\n{body}\n}}\ntest \"t\" {{\ngiven T {{ s: \"s\", many: [\"a\", \"b\"] }}\n{given}\n}}\n"
    )
}

/// The same for another case.
fn run_on(s: &str, body: &str, given: &str) -> TestResult {
    tested(&text(body, given).replacen("s: \"s\"", &format!("s: \"{s}\""), 1))
}

/// Runs a playbook with what is given and expected, on both engines.
fn run(body: &str, given: &str) -> TestResult {
    tested(&text(body, given))
}

/// The lines of a kind.
fn lines(result: &TestResult, kind: &str) -> Vec<ParsedLine> {
    let all = result.lines.iter().map(|l| ParsedLine::parse(&l.bytes).unwrap());
    all.filter(|l| l.k == kind).collect()
}

/// A field as JSON.
fn field(line: &ParsedLine, name: &str) -> String {
    line.field(name).map_or_else(|| "-".into(), |j| String::from_utf8(j.to_bytes()).unwrap())
}

#[test]
fn what_is_asked_shown_and_answered_stands_in_the_evidence() {
    let result = run(
        r#"let seen = x.a(case.s) else "nothing"
           let a = ask role.analyst "Is {case.s} it?" { Yes, No } showing seen, case.many.len within 4h else Yes because "none"
           close FalsePositive because "{a.by}: {a.choice}, {a.reason}""#,
        r#"given x.a(_) returns "seen" after 1s
           given role.analyst answers No because "known" after 10m
           run p
           expect because contains "analyst: No, known"
           expect elapsed == 10m1s"#,
    );
    let asked = &lines(&result, "person.asked")[0];
    assert_eq!(field(asked, "question"), r#"{"val":"Is s it?"}"#);
    assert_eq!(field(asked, "shown"), r#"{"case.many.len":{"val":2},"seen":{"val":"seen"}}"#);
    assert_eq!(field(asked, "choices"), r#""Yes, No""#);
    assert_eq!(field(asked, "otherwise"), r#""Yes""#);
    let answered = &lines(&result, "person.answered")[0];
    assert_eq!(answered.by, "person:analyst");
    assert_eq!(field(answered, "because"), r#"{"val":"known"}"#);
    assert_eq!(field(answered, "of"), asked.seq.to_string());
}

#[test]
fn nobody_answers_and_the_choice_for_that_counts() {
    let result = run(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else No because "nobody looked at {case.s}"
           if a.choice == No { close FalsePositive because "{a.by}: {a.reason}" }
           close TruePositive because "yes""#,
        r#"run p
           expect closed FalsePositive
           expect because contains "nobody: nobody looked at s"
           expect elapsed == 4h"#,
    );
    let expired = &lines(&result, "person.expired")[0];
    assert_eq!(field(expired, "choice"), r#""No""#);
    assert_eq!(field(expired, "because"), r#"{"val":"nobody looked at s"}"#);
    assert_eq!(
        kinds(&result)[1..],
        ["person.asked", "timer.fired", "person.expired", "decision.decided", "run.closed"]
    );
}

#[test]
fn what_comes_with_the_end_of_the_time_is_too_late() {
    for (after, closure) in [("3h59m59s", "TruePositive"), ("4h", "FalsePositive"), ("5h", "FalsePositive")] {
        run(
            r#"let a = ask role.analyst "It?" { Yes, No } within 4h else No because "none"
               if a.choice == No { close FalsePositive because a.reason }
               close TruePositive because a.reason"#,
            &format!("given role.analyst answers Yes after {after}\nrun p\nexpect closed {closure}"),
        );
    }
}

#[test]
fn without_a_choice_for_it_the_time_that_is_over_is_a_failure_of_the_call() {
    run(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else match failure.kind {
             Timeout => hand over to queue.tier2 because failure.words
             _ => close FalsePositive because "never"
           }
           close TruePositive because a.reason"#,
        r#"run p
           expect handed over to queue.tier2
           expect because contains "role.analyst has not answered in time""#,
    );
    run(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else none
           if let a = a { close TruePositive because a.reason }
           close FalsePositive because "no answer""#,
        "run p\nexpect closed FalsePositive",
    );
}

#[test]
fn in_a_step_a_question_that_nobody_answers_fails_the_step() {
    run(
        r#"step decide {
             let a = ask role.analyst "It?" { Yes, No } within 4h
             note a.reason
           } else { hand over to queue.tier2 because "undecided" }
           close FalsePositive because "decided""#,
        "run p\nexpect handed over to queue.tier2",
    );
}

#[test]
fn nothing_behind_a_question_begins_before_it_is_answered() {
    let result = run(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else Yes because "none"
           let seen = x.a(a.reason) else "nothing"
           do x.w(seen) else "not"
           close FalsePositive because "done""#,
        r#"given x.a(_) returns "seen"
           given role.analyst answers No because "known" after 10m
           run p
           expect did x.w("seen")"#,
    );
    let kinds = kinds(&result);
    let at = |kind: &str| kinds.iter().position(|k| k == kind).unwrap();
    assert!(at("person.answered") < at("read.asked"), "{kinds:?}");
}

#[test]
fn each_pass_of_a_loop_asks_for_itself_and_the_answers_are_told_by_the_question() {
    run(
        r#"let all = for one in case.many {
             ask role.analyst "Is {one} known?" { Yes, No } within 4h else No because "none"
           }
           note "{all.count(a => a.choice == Yes)} of {all.len} are known"
           close FalsePositive because "done""#,
        r#"given role.analyst answers Yes to "Is b" after 1m
           run p
           expect noted "1 of 2"
           expect asked role.analyst times 2
           expect asked role.analyst "Is b known?" times 1
           expect elapsed == 4h1m"#,
    );
}

#[test]
fn two_questions_with_the_same_choices_have_the_same_answers() {
    run(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else No because "none"
           let b = ask role.lead "It?" { Yes, No } within 4h else No because "none"
           if a.choice == b.choice { close FalsePositive because "agreed" }
           close TruePositive because "not agreed""#,
        r#"given role.lead answers No
           run p
           expect because contains "agreed""#,
    );
}

#[test]
fn what_a_test_says_of_persons_can_fail() {
    let failures = |expect: &str| {
        let c = compiled(&text(
            r#"let a = ask role.analyst "It?" { Yes, No } within 4h else No because "none"
               close FalsePositive because a.reason"#,
            &format!("run p\n{expect}"),
        ));
        let result =
            play_scheduler::testing::run_test(&Vm::new(c.artifact), &c.manifest, &c.digest, 0, &c.spec);
        result.failures.into_iter().map(|(_, f)| f).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(failures("expect asked role.analyst"), "");
    assert!(failures("expect never asked role.analyst").contains("role.analyst \"It?\""));
    assert!(failures("expect asked role.lead").contains("expected role.lead to be asked"));
    assert!(failures("expect asked role.analyst times 2").contains("to be asked 2 times"));
    assert!(failures("expect asked role.analyst \"Is\"").contains("to be asked \"Is\""));
}

/// A run of the playbook that waits for its question, with the line that asks.
fn waiting() -> (Box<play_scheduler::Run>, u64, Timestamp) {
    let c = compiled(&text(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else No because "none"
           close FalsePositive because a.reason"#,
        "run p\nexpect closed FalsePositive",
    ));
    let vm = Vm::new(c.artifact);
    let whole = play_scheduler::testing::run_test(&vm, &c.manifest, &c.digest, 0, &c.spec);
    let lines: Vec<&[u8]> = whole.lines.iter().map(|l| &l.bytes[..]).collect();
    let Replay::Identical { run, .. } = replay(&vm, &c.manifest, &c.digest, &lines[..2]) else {
        panic!("the beginning does not replay")
    };
    let asked = ParsedLine::parse(lines[1]).unwrap();
    (run, asked.seq, asked.t.parse().unwrap())
}

fn answers(of: u64, choice: &str) -> Event {
    let basis = Basis::Listed("ab".repeat(32));
    Event::PersonAnswered {
        of,
        person: "ada".into(),
        choice: choice.into(),
        because: "so".into(),
        basis,
        turn: 0,
    }
}

#[test]
fn what_is_no_answer_leaves_the_run_as_it_was_and_the_first_answer_counts() {
    let (mut run, of, t) = waiting();
    let later = |h: i64| t.checked_add(SignedDuration::from_hours(h)).unwrap();
    assert_eq!(run.apply(later(1), answers(of + 1, "Yes")).unwrap_err(), SchedulerError::NotWaiting(of + 1));
    let unknown = run.apply(later(1), answers(of, "Perhaps")).unwrap_err();
    assert!(unknown.to_string().contains("one of: Yes, No"), "{unknown}");
    assert_eq!(run.apply(later(4), answers(of, "Yes")).unwrap_err(), SchedulerError::TooLate(of));
    let waits = run.waits();
    assert_eq!(waits[0].person.as_ref().unwrap().to, ["role.analyst"]);
    assert_eq!(waits[0].until, later(4));
    let step = run.apply(later(3), answers(of, "Yes")).unwrap();
    assert_eq!(step.lines.len(), 2);
    // The run is over: what comes now is no more than that.
    assert!(run.apply(later(3), answers(of, "No")).unwrap().lines.is_empty());
}

#[test]
fn an_answer_on_record_is_read_and_its_line_is_made_again() {
    let result = run(
        r#"let a = ask role.analyst "It?" { Yes, No } within 4h else No because "none"
           close FalsePositive because "{a.by}: {a.reason}""#,
        "given role.analyst answers Yes because \"so\"\nrun p\nexpect closed FalsePositive",
    );
    let answered = &lines(&result, "person.answered")[0];
    assert!(matches!(answered.field("because"), Some(J::Obj(_))), "it is text from outside");
}

/// Cuts something off, and ends by how that went.
const CUT: &str = r#"
  let done = do x.cut(case.s) else match failure.kind {
    Timeout => hand over to queue.late because failure.words
    _ => hand over to queue.no because failure.words
  }
  close TruePositive because "done: {done}""#;

fn cut(target: &str, given: &str) -> TestResult {
    run_on(target, CUT, given)
}

#[test]
fn what_a_guard_allows_nobody_is_asked_for() {
    cut(
        "free",
        "run p\nexpect did x.cut(\"free\")\nexpect never asked role.lead\nexpect never approved x.cut",
    );
}

#[test]
fn what_is_approved_is_done_and_the_act_names_the_approval() {
    let result = cut(
        "some",
        r#"given role.lead approves x.cut("some") because "go on" after 10m
           run p
           expect did x.cut("some")
           expect approved x.cut("some") by role.lead
           expect never refused x.cut
           expect never asked role.ciso
           expect asked role.lead "x.cut" times 1
           expect elapsed == 10m"#,
    );
    let said = &lines(&result, "person.answered")[0];
    let asked = &lines(&result, "person.asked")[0];
    let act = &lines(&result, "act.intended")[0];
    assert_eq!(field(act, "approvals"), format!("[{}]", said.seq));
    assert_eq!(field(act, "digest"), field(asked, "digest"), "it is for these arguments");
    let kinds = kinds(&result);
    let from = kinds.iter().position(|k| k == "guard.asked").unwrap();
    assert_eq!(
        kinds[from..],
        [
            "guard.asked",
            "guard.counted",
            "guard.needs_approval",
            "person.asked",
            "person.answered",
            // Limits are counted again, and the act counts from now on.
            "guard.counted",
            "guard.allowed",
            "guard.allowed",
            "act.intended",
            "act.done",
            "run.closed"
        ]
    );
}

#[test]
fn what_is_denied_is_refused_with_the_words_of_whoever_denies_it() {
    let result = cut(
        "some",
        r#"given role.lead denies because "one of ours" after 10m
           run p
           expect never x.cut
           expect refused x.cut by guard cuts
           expect never approved x.cut
           expect handed over to queue.no
           expect because contains "denied by lead: one of ours""#,
    );
    let refused = &lines(&result, "guard.refused")[0];
    assert_eq!(field(refused, "approval"), lines(&result, "person.answered")[0].seq.to_string());
}

#[test]
fn what_nobody_approves_in_time_fails_as_a_timeout() {
    let result = cut(
        "some",
        r#"given role.lead approves x.cut("other")
           given role.lead approves after 2h
           run p
           expect refused x.cut by guard cuts
           expect handed over to queue.late
           expect because contains "role.lead has not approved it in time"
           expect elapsed == 2h"#,
    );
    assert_eq!(lines(&result, "person.expired").len(), 1);
}

#[test]
fn where_two_guards_want_an_approval_both_roles_are_asked_at_once_and_all_must_agree() {
    cut(
        "both",
        r#"given role.lead approves after 20m
           given role.ciso approves x.cut(_) after 10m
           run p
           expect did x.cut("both")
           expect approved x.cut by role.lead
           expect approved x.cut by role.ciso
           expect elapsed == 20m"#,
    );
    let denied = cut(
        "both",
        r#"given role.ciso denies because "no" after 5m
           given role.lead approves after 10m
           run p
           expect never x.cut
           expect refused x.cut by guard big_cuts
           expect elapsed == 5m"#,
    );
    assert_eq!(lines(&denied, "timer.cancelled").len(), 1, "nobody waits for the other any more");
    cut(
        "both",
        r#"given role.lead approves after 10m
           run p
           expect refused x.cut by guard big_cuts
           expect handed over to queue.late
           expect elapsed == 1h"#,
    );
}

#[test]
fn what_may_never_be_done_or_is_over_a_limit_nobody_is_asked_for() {
    cut("never", "run p\nexpect never asked role.lead\nexpect refused x.cut by guard cuts");
    cut("some", "given guard cuts counted 2\nrun p\nexpect never asked role.lead\nexpect refused x.cut");
}

#[test]
fn what_was_approved_beforehand_is_not_asked_for_again() {
    let body = r#"for one in case.many {
        approve x.cut(one) from role.lead within 30m because "{one} is one of {case.many.len}"
          else hand over to queue.no because "{one} is not approved: {failure.words}"
        do x.cut(one) else hand over to queue.no because "{one} was not done: {failure.words}"
      }
      close TruePositive because "all""#;
    let result = run(
        body,
        r#"given role.lead approves because "go on" after 1m
           run p
           expect asked role.lead times 2
           expect approved x.cut("b")
           expect did x.cut("a") before x.cut("b")
           expect elapsed == 2m"#,
    );
    let asked = &lines(&result, "person.asked")[1];
    assert_eq!(field(asked, "because"), r#"{"val":"b is one of 2"}"#);
    run(
        body,
        r#"given role.lead approves x.cut("a")
           given role.lead denies because "no"
           run p
           expect did x.cut times 1
           expect because contains "b is not approved: denied by lead: no""#,
    );
    run(
        body,
        "run p\nexpect never x.cut\nexpect because contains \"has not approved it in time\"\nexpect elapsed == 30m",
    );
}

#[test]
fn an_approval_is_for_these_arguments_and_this_role_only() {
    run(
        r#"approve x.cut("a") from role.lead within 30m because "a" else hand over to queue.no because "a"
           do x.cut("b") else hand over to queue.no because "b"
           close TruePositive because "all""#,
        r#"given role.lead approves x.cut("a")
           run p
           expect asked role.lead times 2
           expect never x.cut
           expect because contains "b""#,
    );
    run(
        r#"approve x.cut("a") from role.ciso within 30m because "a" else hand over to queue.no because "a"
           do x.cut("a") else hand over to queue.no because "b"
           close TruePositive because "all""#,
        r#"given role.ciso approves
           run p
           expect asked role.lead times 1
           expect refused x.cut by guard cuts"#,
    );
    // What was approved beforehand may never be done all the same.
    run_on(
        "never",
        r#"approve x.cut(case.s) from role.lead within 30m because "a" else hand over to queue.no because "a"
           do x.cut(case.s) else hand over to queue.no because "b"
           close TruePositive because "all""#,
        "given role.lead approves\nrun p\nexpect refused x.cut by guard cuts\nexpect never x.cut",
    );
}

#[test]
fn a_report_says_what_is_behind_an_approval() {
    let standing = |body: &str, guard: &str| {
        let all = text(body, "run p\nexpect case.s == \"s\"");
        let from = all.find("guard cuts").unwrap();
        let to = all.find("playbook p").unwrap();
        let c = compiled(&format!("{}guard cuts covers x.cut {{ {guard} }}\n{}", &all[..from], &all[to..]));
        let writes = play_check::coverage::writes(&c.program);
        writes.iter().map(|w| w.status(&c.program).text()).collect::<Vec<_>>()
    };
    let ask = "approve x.cut(case.s) from role.lead within 30m because \"a\" else hand over to queue.no because \"a\"\n";
    let act = "do x.cut(case.s) else hand over to queue.no because \"b\"\nclose TruePositive because \"all\"";
    let wants = "allow when case.severity >= High\n else approval from role.lead within 2h else refuse";
    assert_eq!(standing(act, wants), ["checked at run time"]);
    assert_eq!(standing(&format!("{ask}{act}"), wants), ["behind approval"]);
    // Of another role, with other arguments, on one way only: it does not dominate the act.
    assert_eq!(standing(&format!("{}{act}", ask.replace("lead", "ciso")), wants), ["checked at run time"]);
    assert_eq!(
        standing(&format!("{}{act}", ask.replace("case.s", "\"other\"")), wants),
        ["checked at run time"]
    );
    assert_eq!(
        standing(&format!("if case.severity == Low {{\n{ask}note \"x\"\n}}\n{act}"), wants),
        ["checked at run time"]
    );
    assert_eq!(
        standing(
            &format!("{}{act}", ask.replace("else hand over to queue.no because \"a\"", "else none")),
            wants
        ),
        ["checked at run time"]
    );
    assert_eq!(standing(act, "else approval from role.lead within 2h else refuse"), ["behind approval"]);
    assert_eq!(standing(act, "allow\n limit 3 per 1h"), ["proved, up to the limit"]);
}
