//! The bytecode interpreter and the reference evaluator agree: on what is asked, when, with what, and how it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_check::{Input, check_generated};
use play_program::Value;
use play_program::action::Answer;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::{Emit, Key, Program};
use play_program::types::Type;
use play_program::value::{Failure, FailureKind};
use play_reference::Reference;
use play_tests::generate::{self, Rng};
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

fn case(rng: &mut Rng) -> Vec<Value> {
    vec![
        Value::str("C-1"),
        Value::str("src"),
        Value::Time(jiff::Timestamp::UNIX_EPOCH),
        Value::Enum(2),
        Value::str(""),
        Value::Int(i64::try_from(rng.below(30)).unwrap()),
        Value::Bool(rng.below(2) == 0),
        Value::str("subject"),
        if rng.below(2) == 0 { Value::None } else { Value::Int(4) },
    ]
}

/// An answer for a call: mostly a result, sometimes a failure.
fn answer(rng: &mut Rng, result: &Type) -> Answer {
    if rng.below(4) == 0 {
        return timeout();
    }
    let n = i64::try_from(rng.below(25)).unwrap();
    Ok(match result {
        Type::Unit => Value::None,
        Type::Int => Value::Int(if rng.below(8) == 0 { i64::MAX } else { n }),
        Type::String => Value::str(if n < 5 { "7" } else { "done" }),
        Type::List(_) => Value::List((0..n % 4).map(Value::Int).collect()),
        Type::Enum(_) => Value::Enum(u32::try_from(n % 3).unwrap()),
        _ => Value::Record(vec![Value::Int(n), Value::Bool(n % 2 == 0), Value::str("rec")].into()),
    })
}

/// Runs both machines side by side; answers come in an order of the seed's. Gives the number of steps.
fn agree(seed: u64) -> usize {
    let text = generate::program(seed);
    let both = both(&text);
    let mut rng = Rng::new(seed ^ 0xABCD);
    let given = case(&mut rng);
    let mut a = both.vm.start(0, given.clone());
    let mut b = both.reference.start(0, given);
    let mut waiting: BTreeMap<Key, Type> = BTreeMap::new();
    let mut steps = 0;
    let mut next: Option<(Key, Answer)> = None;
    loop {
        let input = next.as_ref().map(|(k, answer)| (k, answer.clone()));
        let from_vm = a.step(input.clone());
        let from_reference = b.step(input);
        assert_eq!(
            format!("{from_vm:#?}"),
            format!("{from_reference:#?}"),
            "seed {seed}, step {steps}, after {next:?}\n{text}"
        );
        assert_eq!(
            format!("{:?}", a.case()),
            format!("{:?}", b.case()),
            "the case, seed {seed}, step {steps}\n{text}"
        );
        steps += 1;
        for emission in from_vm {
            if emission.what.ends() {
                return steps;
            }
            // What is still out in a step that failed is not waited for.
            if let Emit::StepFailed { body, .. } = &emission.what {
                waiting.retain(|key, _| !body.holds(key));
            }
            let result = match &emission.what {
                Emit::Read { action, .. } | Emit::Act { action, .. } => {
                    Some(both.artifact.manifest.action(*action).unwrap().result.clone())
                }
                Emit::Rollback { .. } => Some(Type::Unit),
                _ => None,
            };
            if let Some(result) = result {
                assert!(
                    waiting.insert(emission.key.clone(), result).is_none(),
                    "asked twice, seed {seed}\n{text}"
                );
            }
        }
        assert!(!waiting.is_empty(), "neither over nor waiting, seed {seed}\n{text}");
        let i = usize::try_from(rng.below(waiting.len() as u64)).unwrap();
        let key = waiting.keys().nth(i).unwrap().clone();
        let result = waiting.remove(&key).unwrap();
        next = Some((key, answer(&mut rng, &result)));
    }
}

/// Runs a playbook of the declarations that generated programs have, on both engines. Each answer is for the call that is
/// written as it shows in the log; the log says after each what became due.
fn same(playbook: &str, answers: &[(&str, Answer)]) -> String {
    let both = both(&format!("{}{playbook}", generate::HEAD));
    let given = case(&mut Rng::new(1));
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
        Emit::Read { action, args } | Emit::Act { action, args } => {
            let name = &artifact.manifest.action(*action).unwrap().name;
            format!("{name}({})", args.iter().map(value).collect::<Vec<_>>().join(", "))
        }
        Emit::StepFailed { step, .. } => format!("step {step} failed"),
        Emit::Rollback { of: Some(_), .. } => "roll the step back".into(),
        Emit::Rollback { of: None, .. } => "roll the run back".into(),
        Emit::Decided { took, .. } => format!("decided {took}"),
        Emit::Set { from, to, .. } => format!("set {} to {}", value(from), value(to)),
        Emit::Note { text } => format!("note {text}"),
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

fn programs() -> u64 {
    std::env::var("PLAY_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000)
}

#[test]
fn engines_agree_on_generated_programs() {
    let first: u64 = std::env::var("PLAY_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut steps = 0;
    for seed in first..first + programs() {
        steps += agree(seed);
    }
    println!("{} programs, {steps} steps", programs());
    assert!(steps as u64 > programs(), "the programs hardly do anything");
}
