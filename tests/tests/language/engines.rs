//! The bytecode interpreter and the reference evaluator agree: on what is asked, when, with what, and how it ends. Here
//! step by step, on programs that were hard once; over thousands of generated ones in `generated.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_check::{Input, check_generated};
use play_program::Value;
use play_program::action::Answer;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::{Emit, Key, Program};
use play_program::value::{Failure, FailureKind};
use play_reference::Reference;
use play_tests::generate;
use play_vm::Vm;

struct Both {
    artifact: Arc<Artifact>,
    vm: Vm,
    reference: Reference,
}

fn both(text: &str) -> Both {
    let files = vec![SourceFile { path: "generated.play".into(), text: text.into() }];
    let checked = check_generated(&Input { project: "generated".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        panic!("{}\n{text}", play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
    };
    let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
    // What is run is what comes back from the bytes.
    let artifact = Arc::new(Artifact::decode(&artifact.encode()).unwrap());
    Both { vm: Vm::new(Arc::clone(&artifact)), reference: Reference::new(Arc::new(program)), artifact }
}

fn case() -> Vec<Value> {
    vec![
        Value::str("C-1"),
        Value::str("src"),
        Value::Time(jiff::Timestamp::UNIX_EPOCH),
        Value::Enum(2),
        Value::str(""),
        Value::Int(8),
        Value::Bool(true),
        Value::str("subject"),
        Value::Int(4),
        Value::None,
    ]
}

/// Runs a playbook of the declarations that generated programs have, on both engines. Each answer is for the call that is
/// written as it shows in the log; the log says after each what became due.
fn same(playbook: &str, answers: &[(&str, Answer)]) -> String {
    let both = both(&format!("{}{playbook}", generate::head()));
    let given = case();
    let mut machines = [both.vm.start(0, given.clone()), both.reference.start(0, given)];
    let mut log = String::new();
    let mut waiting: BTreeMap<String, Key> = BTreeMap::new();
    let start = ("start", None);
    for (call, answer) in std::iter::once(start).chain(answers.iter().map(|(c, a)| (*c, Some(a)))) {
        let given = answer.map(|answer| {
            let key = waiting.remove(call).unwrap_or_else(|| panic!("{call} is not out\n{log}"));
            (key, answer.clone())
        });
        let steps = machines.each_mut().map(|m| m.step(given.as_ref().map(|(k, a)| (k, a.clone()))));
        let [from_vm, from_reference] = &steps;
        assert_eq!(format!("{from_vm:#?}"), format!("{from_reference:#?}"), "after {call}\n{log}");
        log.push_str(call);
        for emission in from_vm {
            log.push_str("\n  ");
            let text = short(&both.artifact, &emission.what);
            if let Emit::StepFailed { body, .. } = &emission.what {
                waiting.retain(|_, key| !body.holds(key));
            }
            if let Emit::Read { .. } | Emit::Act { .. } | Emit::Rollback { .. } = &emission.what {
                waiting.insert(text.clone(), emission.key.clone());
            }
            log.push_str(&text);
        }
        log.push('\n');
    }
    log
}

/// What became due, in a few words.
fn short(artifact: &Artifact, what: &Emit) -> String {
    let value = |value: &Value| match value {
        Value::Int(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Str(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    };
    match what {
        Emit::Read { action, args, .. } | Emit::Act { action, args, .. } => {
            let name = &artifact.manifest.action(*action).unwrap().name;
            format!("{name}({})", args.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Emit::StepFailed { step, .. } => format!("step {step} failed"),
        Emit::Rollback { of: Some(_), .. } => "roll the step back".into(),
        Emit::Rollback { of: None, .. } => "roll the run back".into(),
        Emit::Suspend { what, .. } => format!("wait for {what:?}"),
        Emit::Decided { took, .. } => format!("decided {took}"),
        Emit::Set { from, to, .. } => format!("set {} to {}", value(from), value(to)),
        Emit::Note { text } => format!("note {text}"),
        Emit::Revealed { because } => format!("reveal because {because}"),
        Emit::Route { to, .. } => format!("route to {to}"),
        Emit::HandOver { to, because } => format!("hand over to {to}: {because}"),
        Emit::Close { because, .. } => format!("close: {because}"),
        Emit::Fault(fault) => format!("fault: {}", fault.what),
    }
}

fn timeout() -> Answer {
    Err(Failure { kind: FailureKind::Timeout, words: "no answer".into() })
}

fn int(n: i64) -> Answer {
    Ok(Value::Int(n))
}

#[test]
fn a_name_for_a_block_waits_for_all_of_the_block() {
    let log = same(
        r#"playbook p for T {
  let slow = w.r2("slow") else 0
  let x = if case.a > 0 {
    note "{slow}"
    5
  } else { 3 }
  let y = w.r5(x) else "none"
  close Duplicate because y
}"#,
        &[(r#"r2("slow")"#, int(1)), ("r5(5)", Ok(Value::str("five")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn a_name_for_the_block_of_an_else_waits_for_all_of_the_block() {
    let log = same(
        r#"playbook p for T {
  let x = w.r2("first") else {
    let slow = w.r2("slow") else 0
    set a = slow because "known now"
    6
  }
  let y = w.r5(x + case.a) else "none"
  close Duplicate because y
}"#,
        &[(r#"r2("first")"#, timeout()), (r#"r2("slow")"#, int(4)), ("r5(10)", Ok(Value::str("ten")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn an_argument_that_is_a_block_waits_for_all_of_the_block() {
    let log = same(
        r#"playbook p for T {
  let slow = w.r2("slow") else 0
  let y = w.r5(match case.a > 0 {
    true => {
      note "{slow}"
      1
    }
    false => 2
  }) else "none"
  close Duplicate because y
}"#,
        &[(r#"r2("slow")"#, int(1)), ("r5(1)", Ok(Value::str("one")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn a_pass_that_is_done_leaves_its_fields_unsettled_while_another_is_not() {
    let log = same(
        r#"playbook p for T {
  for key in ["fast", "slow"] {
    let n = w.r2(key) else 0
    set a = n because key
    note "inside {case.a}"
  }
  let y = w.r5(case.a) else "none"
  close Duplicate because y
}"#,
        &[(r#"r2("fast")"#, int(1)), (r#"r2("slow")"#, int(2)), ("r5(2)", Ok(Value::str("two")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn a_field_that_was_set_is_unsettled_until_the_whole_statement_is_done() {
    let log = same(
        r#"playbook p for T {
  if case.a > 0 {
    set a = 7 because "at once"
    let inside = w.r5(case.a) else "none"
    note inside
  }
  let after = w.r5(case.a + 1) else "none"
  close Duplicate because after
}"#,
        &[("r5(7)", Ok(Value::str("seven"))), ("r5(8)", Ok(Value::str("eight")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn what_the_right_side_of_and_would_set_is_unsettled_while_the_left_side_is_pending() {
    let log = same(
        r#"playbook p for T {
  if (w.r2("slow") else 0) > 3 and ({ set a = 9 because "more than three"
    true }) {
    note "both"
  }
  let y = w.r5(case.a) else "none"
  close Duplicate because y
}"#,
        &[(r#"r2("slow")"#, int(4)), ("r5(9)", Ok(Value::str("nine")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn what_an_arm_that_is_not_taken_would_set_is_settled_when_that_is_known() {
    let log = same(
        r#"playbook p for T {
  let v = (w.r2("slow") else 0) == 1 or { set a = 9 because "not one"
    false }
  let y = w.r5(case.a) else "none"
  close Duplicate because "{v} {y}"
}"#,
        &[(r#"r2("slow")"#, int(1)), ("r5(8)", Ok(Value::str("old")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn a_step_fails_in_source_order_and_waits_for_nothing_that_is_still_out_in_it() {
    let log = same(
        r#"playbook p for T {
  let outside = w.r5(1) else "none"
  step one {
    let first = w.r2("first")
    let second = w.r2("second") else 0
    set a = first + second because "both"
    do w.w1(first)
    note "never"
  } else {
    note "a is {case.a}"
  }
  close Duplicate because outside
}"#,
        &[
            (r#"r2("first")"#, int(2)),
            (r#"r2("second")"#, int(3)),
            ("w1(2)", timeout()),
            ("r5(1)", Ok(Value::str("one"))),
        ],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn what_is_still_read_in_a_failed_step_is_cancelled_and_what_was_set_in_it_stays() {
    let log = same(
        r#"playbook p for T {
  step one {
    let slow = w.r2("slow") else 0
    set a = 5 because "begun"
    for n in [1, 2] {
      do w.w1(n + case.a)
    }
    note "{slow}"
  } else {
    let y = w.r5(case.a) else "none"
    note y
  }
  close Duplicate because "{case.a}"
}"#,
        &[("w1(6)", int(1)), ("w1(7)", timeout()), ("r5(5)", Ok(Value::str("five")))],
    );
    insta::assert_snapshot!(log);
}

#[test]
fn a_failure_after_an_inner_step_is_the_outer_one_s() {
    let log = same(
        r#"playbook p for T {
  step outer {
    step inner {
      do w.w1(1)
    } else {
      rollback because "the inner one"
      do w.w1(2)
    }
    note "never"
  } else {
    rollback because "the outer one" else note "not all"
    hand over to queue.q because "by hand"
  }
  close Duplicate because "done"
}"#,
        &[
            ("w1(1)", timeout()),
            ("roll the step back", Ok(Value::None)),
            ("w1(2)", timeout()),
            ("roll the step back", timeout()),
        ],
    );
    insta::assert_snapshot!(log);
}
