//! What holds of every checked program, over thousands that were generated.
//!
//! - it has no type error at run time: the only faults are those of arithmetic;
//! - the two engines agree on all that becomes due, whatever the answers and whatever their order;
//! - they agree on what a source makes of a document;
//! - its run under `playc test` replays byte for byte;
//! - its artifact is what it was after being written and read;
//! - the formatter keeps its tree and its comments, and finds one style.
//!
//! `PLAY_PROGRAMS` is how many (a share of it for each test below; `cargo xtask test`, and so CI, takes 5,000), `PLAY_SEED`
//! the first. A failure names the seed:
//! `PLAY_SEED=n PLAY_PROGRAMS=1 cargo nextest run -p play-tests generated`, and into [`SEEDS`] with it once it is mended.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use play_check::typed::Program as Typed;
use play_check::{Input, check_generated};
use play_program::action::{ActionId, Answer, Relation};
use play_program::artifact::{Artifact, SourceFile, TestSpec};
use play_program::autonomy::Autonomy;
use play_program::call::{Poll, Suspend};
use play_program::exec::{Emit, Fault, Key, Machine, Program};
use play_program::json::{Doc, JsonAt};
use play_program::types::Type;
use play_program::value::{Failure, FailureKind, Value};
use play_reference::Reference;
use play_scheduler::RunState;
use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::run_test;
use play_tests::generate::{self, Rng, values};
use play_tests::tree;
use play_vm::Vm;

/// Programs that something was wrong with once.
const SEEDS: &[u64] = &[3190, 6414];

/// How many processes share the work.
const SHARES: u64 = 8;

struct Compiled {
    text: String,
    program: Arc<Typed>,
    artifact: Arc<Artifact>,
    digest: String,
    vm: Vm,
    reference: Reference,
}

fn compiled(seed: u64) -> Compiled {
    let text = generate::program(seed);
    let files = vec![SourceFile { path: "generated.play".into(), text: text.clone() }];
    let checked = check_generated(&Input { project: "generated".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style { plain: true, ..Default::default() };
        let errors = checked.diagnostics.into_iter().filter(|d| d.is_error());
        let said = play_diagnostics::text::render(&errors.collect::<Vec<_>>(), &checked.files, style);
        panic!("a generated program does not check:\n{said}");
    };
    let artifact = play_codegen::compile(&program, "test").unwrap();
    let bytes = artifact.encode();
    // What is run is what comes back from the bytes.
    let artifact = Arc::new(Artifact::decode(&bytes).unwrap());
    assert!(artifact.encode() == bytes, "the artifact is another one after it was read");
    let vm = Vm::with_tests(Arc::clone(&artifact), play_codegen::compile_tests(&program));
    let program = Arc::new(program);
    let reference = Reference::new(Arc::clone(&program));
    Compiled { text, program, artifact, digest: sha256_hex(&bytes), vm, reference }
}

/// Faults that no type rules out. All others would mean that a checked program has a type error.
fn is_arithmetic(what: &str) -> bool {
    [
        "overflow",
        "division by zero",
        "size below zero",
        "time out of range",
        "not whole days",
        "too much work",
    ]
    .contains(&what)
}

fn sound(fault: &Fault) {
    assert!(is_arithmetic(&fault.what), "a checked program went wrong: {fault:?}");
}

/// What something that was emitted waits for.
#[derive(Clone, Debug)]
enum Awaited {
    Call(ActionId, Vec<Value>),
    Rollback,
    /// What a read says, and what its condition needs besides.
    Poll(Poll, Vec<Value>),
    /// Somebody who chooses, out of so many; whether they may be late.
    Person(u32, bool),
    /// Somebody who approves or not.
    Approval,
    /// An event, by index.
    Event(u32),
    /// It does not fail.
    Time,
}

impl Awaited {
    fn of(emit: &Emit, c: &Compiled) -> Option<Self> {
        Some(match emit {
            Emit::Read { action, args, .. } | Emit::Act { action, args, .. } => {
                Self::Call(*action, args.clone())
            }
            Emit::Rollback { .. } => Self::Rollback,
            Emit::Suspend { what: Suspend::Poll(poll), args } => {
                Self::Poll((**poll).clone(), args[args.len() - poll.more()..].to_vec())
            }
            Emit::Suspend { what: Suspend::Ask(question), .. } => {
                let of = c.artifact.manifest.types.enumeration(question.choices).unwrap();
                Self::Person(of.variants.len() as u32, question.otherwise.is_none())
            }
            Emit::Suspend { what: Suspend::Approve(_), .. } => Self::Approval,
            Emit::Suspend { what: Suspend::Event(wanted), .. } => Self::Event(wanted.event),
            Emit::Suspend { .. } => Self::Time,
            _ => return None,
        })
    }

    fn is_late(&self, rng: &mut Rng) -> bool {
        matches!(self, Self::Person(_, true)) && rng.chance(25)
    }

    fn answer(&self, rng: &mut Rng, c: &Compiled) -> Answer {
        let action = match self {
            Self::Time => return Ok(Value::None),
            Self::Person(choices, _) if !self.is_late(rng) => {
                let choice = u32::try_from(rng.below(u64::from(*choices))).unwrap();
                let said = [Value::Enum(choice), Value::str("looked at it"), Value::str("ada")];
                return Ok(Value::Record(said.to_vec().into()));
            }
            Self::Approval if rng.chance(60) => {
                return Ok(Value::Record(vec![Value::str("seen it"), Value::str("ben")].into()));
            }
            Self::Person(..) | Self::Approval => {
                let kinds = [FailureKind::Timeout, FailureKind::Denied];
                let kind = if matches!(self, Self::Approval) {
                    *rng.pick(&kinds).unwrap()
                } else {
                    FailureKind::Timeout
                };
                return Err(Failure { kind, words: "nobody said so".into() });
            }
            Self::Event(event) if rng.chance(70) => {
                let result = &c.artifact.manifest.events[*event as usize].result;
                return Ok(values::value(rng, result, &c.artifact.manifest.types));
            }
            // It comes, or its time is over.
            Self::Event(_) => {
                return Err(Failure { kind: FailureKind::Timeout, words: "it has not come".into() });
            }
            Self::Rollback => None,
            Self::Call(action, _) => c.artifact.manifest.action(*action),
            Self::Poll(poll, _) => c.artifact.manifest.action(poll.action),
        };
        if rng.chance(25) {
            let kind = *rng.pick(&FailureKind::ALL).unwrap();
            let failure = Failure { kind, words: "no answer".into() };
            return Err(action.map_or(failure.clone(), |a| a.promised(failure)));
        }
        let unit = Type::Unit;
        Ok(values::value(rng, action.map_or(&unit, |a| &a.result), &c.artifact.manifest.types))
    }
}

fn case(rng: &mut Rng, c: &Compiled) -> Vec<Value> {
    let id = c.program.playbooks[0].case;
    let mut all = values::record(rng, id, &c.artifact.manifest.types);
    all[2] = Value::Time(jiff::Timestamp::UNIX_EPOCH);
    all
}

/// Both engines side by side; answers come in an order of the seed's.
fn engines_agree(seed: u64, c: &Compiled) -> usize {
    let mut rng = Rng::new(seed ^ 0xABCD);
    let given = case(&mut rng, c);
    let applies = (c.vm.applies(0, &given), c.reference.applies(0, &given));
    assert_eq!(applies.0, applies.1, "whether it takes the case");
    if let Err(fault) = &applies.0 {
        sound(fault);
    }
    let mut a = c.vm.start(0, given.clone());
    let mut b = c.reference.start(0, given);
    let mut waiting: BTreeMap<Key, Awaited> = BTreeMap::new();
    let mut next: Option<(Key, Answer)> = None;
    for step in 0.. {
        let input = next.as_ref().map(|(k, answer)| (k, answer.clone()));
        let (by_vm, by_reference) = (a.step(input.clone()), b.step(input));
        let (of_vm, of_reference) = (format!("{by_vm:?}"), format!("{by_reference:?}"));
        assert!(of_vm == of_reference, "step {step}, after {next:?}\n{by_vm:#?}\n{by_reference:#?}");
        assert_eq!(format!("{:?}", a.case()), format!("{:?}", b.case()), "the case, step {step}");
        for emission in by_vm {
            if let Emit::Fault(fault) = &emission.what {
                sound(fault);
            }
            if emission.what.ends() {
                return step;
            }
            // What is still out in a step that failed is not waited for.
            if let Emit::StepFailed { body, .. } = &emission.what {
                waiting.retain(|key, _| !body.holds(key));
            }
            if let Emit::Act { action, args, .. } = &emission.what {
                guards_agree(c, (&*a, &*b), *action, args);
            }
            let Some(awaited) = Awaited::of(&emission.what, c) else { continue };
            assert!(waiting.insert(emission.key, awaited).is_none(), "asked twice");
        }
        assert!(!waiting.is_empty(), "neither over nor waiting");
        let key = waiting.keys().nth(rng.index(waiting.len())).unwrap().clone();
        let awaited = waiting.remove(&key).unwrap();
        let answer = awaited.answer(&mut rng, c);
        if let (Awaited::Call(action, args), Ok(result)) = (&awaited, &answer) {
            related_agree(&mut rng, c, (&*a, &*b), (*action, args), result);
        }
        if let (Awaited::Poll(poll, needs), Ok(result)) = (&awaited, &answer) {
            until_agrees((&*a, &*b), poll, needs, result);
        }
        next = Some((key, answer));
    }
    0
}

/// Whether a wait asks again after an answer.
fn until_agrees((a, b): (&dyn Machine, &dyn Machine), poll: &Poll, needs: &[Value], answer: &Value) {
    let Some((until, _)) = poll.until else { return };
    let given = [needs, std::slice::from_ref(answer)].concat();
    let says = (a.until(until, &given), b.until(until, &given));
    if let Err(fault) = &says.0 {
        sound(fault);
    }
    assert_eq!(format!("{:?}", says.0), format!("{:?}", says.1), "until {until}");
}

/// What each clause of the guards of an act says of it.
fn guards_agree(c: &Compiled, (a, b): (&dyn Machine, &dyn Machine), action: ActionId, args: &[Value]) {
    for (index, guard) in c.artifact.manifest.guards.iter().enumerate() {
        if !guard.covers(action, c.program.playbooks[0].case) {
            continue;
        }
        let known = guard.shared(action, args);
        for clause in 0..guard.clauses.len() {
            let says = (a.guard(index, clause, &known), b.guard(index, clause, &known));
            if let Err(fault) = &says.0 {
                sound(fault);
            }
            assert_eq!(
                format!("{:?}", says.0),
                format!("{:?}", says.1),
                "guard {}, clause {clause}",
                guard.name
            );
        }
    }
}

/// What takes an act back, what is kept for that, and what finds out whether it was done.
fn related_agree(
    rng: &mut Rng,
    c: &Compiled,
    (a, b): (&dyn Machine, &dyn Machine),
    (action, args): (ActionId, &[Value]),
    result: &Value,
) {
    let same = |to: Relation, given: &[Value]| {
        let (by_vm, by_reference) = (a.related(action, to, given), b.related(action, to, given));
        assert_eq!(format!("{by_vm:?}"), format!("{by_reference:?}"), "{to:?} of {action:?}");
        by_vm.ok().flatten()
    };
    let manifest = &c.artifact.manifest;
    let snapshot = match same(Relation::Snapshot, args).and_then(|s| manifest.action(s.action)) {
        Some(read) => values::value(rng, &read.result, &manifest.types),
        None => Value::None,
    };
    same(Relation::Undo, &[args, &[result.clone(), snapshot]].concat());
    if let Some(verify) = same(Relation::Verify, args).and_then(|v| manifest.action(v.action)) {
        let answer = values::value(rng, &verify.result, &manifest.types);
        same(Relation::Verified, &[args, &[answer]].concat());
    }
}

/// What the source makes of some documents.
fn sources_agree(seed: u64, c: &Compiled) {
    let mut rng = Rng::new(seed ^ 0x50_0C3);
    for _ in 0..4 {
        let document = values::document(&mut rng);
        let at = JsonAt::root(Arc::new(Doc::Whole(document.clone())));
        for event in 0..u32::try_from(c.artifact.manifest.events.len()).unwrap() {
            let (by_vm, by_reference) = (c.vm.event(event, &at), c.reference.event(event, &at));
            assert_eq!(format!("{by_vm:?}"), format!("{by_reference:?}"), "event {event} of {document}");
        }
        let (by_vm, by_reference) = (c.vm.map(0, &at, &[]), c.reference.map(0, &at, &[]));
        assert_eq!(format!("{by_vm:?}"), format!("{by_reference:?}"), "the source on {document}");
    }
}

/// The test of the program: both engines write the same evidence, and it replays (what does not is a failure of the test).
fn runs_replay(c: &Compiled, looks: bool) {
    for autonomy in [Autonomy::Automatic, Autonomy::Shadow] {
        replays(c, looks, autonomy);
    }
}

fn replays(c: &Compiled, looks: bool, autonomy: Autonomy) {
    let manifest = Arc::new(c.artifact.manifest.clone());
    let spec = TestSpec { autonomy, ..play_reference::tests::compile(&c.program).unwrap().remove(0) };
    let run = |engine: &dyn Program| run_test(engine, &manifest, &c.digest, 0, &spec);
    let (by_vm, by_reference) = (run(&c.vm), run(&c.reference));
    let lines = |r: &play_scheduler::testing::TestResult| {
        r.lines.iter().map(|l| String::from_utf8_lossy(&l.bytes).into_owned()).collect::<Vec<_>>()
    };
    let (of_vm, of_reference) = (lines(&by_vm), lines(&by_reference));
    let differs = of_vm.iter().zip(&of_reference).find(|(a, b)| a != b);
    assert!(of_vm == of_reference, "the evidence differs: {differs:#?}");
    if let RunState::Faulted(what) = &by_vm.state {
        let what = what.split(" at ").next().unwrap_or_default();
        assert!(is_arithmetic(what), "a checked program went wrong: {what}");
    }
    let wrong = by_vm.failures.iter().filter(|(_, why)| why.contains("repla") || why.contains("damaged"));
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{of_vm:#?}");
    if looks {
        let lines: Vec<_> = by_vm.lines.iter().map(|l| l.bytes.to_vec()).collect();
        play_tests::outlook::holds(&c.vm, &manifest, &c.digest, &lines);
    }
}

/// Each comment of a text, without the blanks round it.
fn comments(text: &str) -> Vec<&str> {
    let tokens = play_syntax::lex(text);
    let is_comment = |k| matches!(k, play_syntax::TokenKind::Comment);
    tokens.iter().filter(|t| is_comment(t.kind)).map(|t| t.text(text).trim()).collect()
}

/// The tokens that mean something, as they stand.
fn meaning(text: &str) -> Vec<String> {
    use play_syntax::TokenKind as K;
    let tokens = play_syntax::lex(text);
    let words = tokens.iter().filter(|t| !matches!(t.kind, K::Space | K::Newline | K::Comment));
    words.map(|t| t.text(text).to_string()).collect()
}

fn formats(seed: u64, c: &Compiled) {
    let messy = generate::commented(&c.text, seed);
    let once = tree::formatted(&messy).unwrap_or_else(|e| panic!("{e}"));
    assert!(tree::placeless(&once) == tree::placeless(&c.text), "comments and blanks change the tree");
    assert_eq!(comments(&once), comments(&messy), "comments");
    assert_eq!(meaning(&once), meaning(&c.text), "the tokens");
    assert!(play_syntax::parse(0, &once).diagnostics.is_empty(), "{once}");
    // The same program: all places aside, it compiles to the same code.
    if seed.is_multiple_of(8) {
        let files = vec![SourceFile { path: "generated.play".into(), text: once }];
        let checked = check_generated(&Input { project: "generated".into(), files }, &|_| None);
        let again = play_codegen::compile(&checked.program.unwrap(), "test").unwrap();
        let listing = |a: &Artifact| a.code.listing(&a.manifest);
        assert!(listing(&again) == listing(&c.artifact), "another program after formatting");
    }
}

fn all_of(seed: u64) -> usize {
    let told = catch_unwind(AssertUnwindSafe(|| {
        let c = compiled(seed);
        let steps = engines_agree(seed, &c);
        sources_agree(seed, &c);
        runs_replay(&c, seed.is_multiple_of(8));
        // Two thirds of the time would go to it.
        if seed.is_multiple_of(4) {
            formats(seed, &c);
        }
        steps
    }));
    match told {
        Ok(steps) => steps,
        Err(why) => {
            eprintln!("seed {seed}\n{}", generate::program(seed));
            std::panic::resume_unwind(why)
        }
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// A share of the programs.
fn share(index: u64) {
    let (first, count) = (number("PLAY_SEED", 0), number("PLAY_PROGRAMS", 400));
    let mut steps = 0;
    let mut programs = 0;
    for seed in (first..first + count).filter(|seed| (seed / 8) % SHARES == index) {
        steps += all_of(seed);
        programs += 1;
    }
    println!("{programs} programs, {steps} steps");
    assert!(steps >= programs, "the programs hardly do anything");
}

#[test]
fn programs_that_were_wrong_once() {
    SEEDS.iter().for_each(|seed| _ = all_of(*seed));
}

/// The programs come where they are meant to: somebody answers, agrees, says no, or is not there in time.
#[test]
fn persons_do_all_that_they_may_do() {
    let wanted = [
        "\"choice\":\"Yes\"",
        "\"choice\":\"No\"",
        "\"choice\":\"approve\"",
        "\"choice\":\"deny\"",
        "person.expired",
        "\"persons\":2",
        "\"approvals\":[",
        "person.escalated",
        "\"turn\":0",
        "\"turn\":1",
    ];
    let mut said = String::new();
    for seed in (0..2_000).filter(|seed| generate::program(*seed).contains("role.")) {
        if wanted.iter().all(|wanted| said.contains(wanted)) {
            return;
        }
        let c = compiled(seed);
        let spec = play_reference::tests::compile(&c.program).unwrap().remove(0);
        let manifest = Arc::new(c.artifact.manifest.clone());
        for line in run_test(&c.vm, &manifest, &c.digest, 0, &spec).lines {
            let text = String::from_utf8_lossy(&line.bytes).into_owned();
            if text.contains("\"k\":\"person.") || text.contains("\"k\":\"guard.allowed") {
                said.push_str(&text);
            }
        }
    }
    let missing: Vec<_> = wanted.iter().filter(|wanted| !said.contains(**wanted)).collect();
    panic!("{missing:?}: {said}");
}

macro_rules! shares {
    ($($name:ident $index:literal)*) => { $(#[test] fn $name() { share($index); })* };
}

shares! {
    programs_0_of_8 0
    programs_1_of_8 1
    programs_2_of_8 2
    programs_3_of_8 3
    programs_4_of_8 4
    programs_5_of_8 5
    programs_6_of_8 6
    programs_7_of_8 7
}
