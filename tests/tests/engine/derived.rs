//! A replay reads the inputs of a record and computes all else: whatever derived part of a line is altered, with the
//! chain mended after it, the replay differs at that line. So identity cannot be had by copying.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_evidence::kinds::{self, ChainOf, Kind, Origin};
use play_evidence::{J, Line, ParsedLine};
use play_program::artifact::{Artifact, Manifest, TestSpec};
use play_program::autonomy::Autonomy;
use play_scheduler::event::Came;
use play_scheduler::ids::sha256_hex;
use play_scheduler::register::Release;
use play_scheduler::replay::{Replay, replay};
use play_scheduler::run::Fate;
use play_scheduler::testing::run_test;
use play_scheduler::{Command, Event};
use play_tests::{outlook, schema, store};
use play_vm::Vm;

/// Every way to alter one leaf of a value, or to give or take a member.
fn alterations(j: &J) -> Vec<J> {
    match j {
        J::Null => vec![J::Int(1)],
        J::Bool(b) => vec![J::Bool(!b)],
        J::Int(n) => vec![J::Int(n + 1)],
        J::Str(s) => vec![J::Str(format!("{s}x"))],
        J::Arr(items) => {
            let mut all = vec![J::Arr(items.iter().cloned().chain([J::Null]).collect())];
            for (i, item) in items.iter().enumerate() {
                for other in alterations(item) {
                    let mut items = items.clone();
                    items[i] = other;
                    all.push(J::Arr(items));
                }
            }
            all
        }
        J::Obj(members) => {
            let mut all = Vec::new();
            for (name, member) in members {
                for other in alterations(member) {
                    let mut members = members.clone();
                    members.insert(name.clone(), other);
                    all.push(J::Obj(members));
                }
                let mut fewer = members.clone();
                fewer.remove(name);
                all.push(J::Obj(fewer));
            }
            all
        }
    }
}

/// The lines with one replaced, and the chain mended after it.
fn mended(lines: &[Vec<u8>], at: usize, members: BTreeMap<String, J>) -> Vec<Vec<u8>> {
    let mut all = lines[..at].to_vec();
    let mut bytes = J::Obj(members).to_bytes();
    bytes.push(b'\n');
    all.push(bytes);
    for line in &lines[at + 1..] {
        let J::Obj(mut members) = J::parse(line.strip_suffix(b"\n").unwrap()).unwrap() else {
            panic!("not a line")
        };
        members.insert("prev".into(), J::Str(sha256_hex(all.last().unwrap())));
        let mut bytes = J::Obj(members).to_bytes();
        bytes.push(b'\n');
        all.push(bytes);
    }
    all
}

struct Pinned {
    vm: Vm,
    manifest: Arc<Manifest>,
    digest: String,
}

fn replayed(pinned: &Pinned, lines: &[Vec<u8>]) -> Replay {
    let views: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    replay(&pinned.vm, &pinned.manifest, &pinned.digest, &views)
}

/// The runs of an example under `playc run`, each with what it is replayed on.
fn of_example(example: &str) -> Vec<(Pinned, Vec<Vec<u8>>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill(example, &path);
    let reader = play_journal::Store::read_only(&path).unwrap();
    let one = |run: String| {
        let lines = reader.lines_of(&run).unwrap();
        let first = ParsedLine::parse(&lines[0]).unwrap();
        let Some(J::Str(digest)) = first.field("artifact") else { panic!("no artifact") };
        let artifact = Arc::new(Artifact::decode(&reader.artifact(digest).unwrap().unwrap()).unwrap());
        let manifest = Arc::new(artifact.manifest.clone());
        (Pinned { vm: Vm::new(artifact), manifest, digest: digest.clone() }, lines)
    };
    reader.runs().into_iter().map(one).collect()
}

/// Its last test ends with acts in force.
const HOLDS: &str = include_str!("derived/holds.play");

/// Programs whose tests write, together with the examples, every kind of line.
const PROGRAMS: &[&str] = &[
    include_str!("derived/every_line.play"),
    HOLDS,
    include_str!("derived/persons.play"),
    include_str!("derived/quorum.play"),
    include_str!("derived/distinct.play"),
    include_str!("derived/escalation.play"),
    include_str!("derived/waits.play"),
];

/// The runs of the tests of a program.
fn of_tests(text: &str) -> Vec<(Pinned, Vec<Vec<u8>>)> {
    driven(text, &Autonomy::Automatic)
}

/// The same where all of them are shadow runs.
fn in_the_shadow() -> Vec<(Pinned, Vec<Vec<u8>>)> {
    driven(include_str!("derived/shadow.play"), &Autonomy::Shadow)
}

fn driven(text: &str, autonomy: &Autonomy) -> Vec<(Pinned, Vec<Vec<u8>>)> {
    let workspace = of_text("lines", text).unwrap();
    let checked = check_workspace(&workspace, &play_stdlib::module);
    let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
    let digest = sha256_hex(&artifact.encode());
    let manifest = Arc::new(artifact.manifest.clone());
    let specs = play_reference::tests::compile(&program).unwrap();
    let one = |(index, spec): (usize, &TestSpec)| {
        let vm = Vm::with_tests(Arc::clone(&artifact), play_codegen::compile_tests(&program));
        let spec = TestSpec { autonomy: autonomy.clone(), ..spec.clone() };
        let result = run_test(&vm, &manifest, &digest, index, &spec);
        assert!(result.passed(), "{}: {:?}", result.title, result.failures);
        let lines = result.lines.iter().map(|l| l.bytes.to_vec()).collect();
        (Pinned { vm, manifest: Arc::clone(&manifest), digest: digest.clone() }, lines)
    };
    specs.iter().enumerate().map(one).collect()
}

/// The last of these runs, which has ended, after a person has had taken back what is in force; nothing else holds it.
fn undone(mut runs: Vec<(Pinned, Vec<Vec<u8>>)>) -> Vec<(Pinned, Vec<Vec<u8>>)> {
    let (pinned, lines) = runs.last_mut().unwrap();
    let Replay::Identical { mut run, .. } = replayed(pinned, lines) else { panic!("it does not replay") };
    let (person, because) = ("ada".to_string(), "it was nothing".to_string());
    let open = run.done().filter(|(_, _, fate)| *fate == Fate::InForce);
    let acts: Vec<u64> = open.map(|(of, ..)| of).collect();
    assert!(!acts.is_empty());
    let mut events = vec![Event::UndoAsked { person, because, acts }];
    while let Some(event) = events.pop() {
        let step = run.apply(run.last(), event).unwrap();
        lines.extend(step.lines.iter().map(|line| line.bytes.to_vec()));
        events.extend(step.commands.into_iter().filter_map(|command| match command {
            Command::Release { of, .. } => Some(Event::Released { of, answer: Release::Free }),
            Command::Act { of, .. } => {
                Some(Event::ActDone { of, value: play_program::Value::str("done"), came: Came::default() })
            }
            _ => None,
        }));
    }
    assert!(!run.is_rolling());
    runs
}

/// The first of these runs that does something, up to there: that is held, let go, and held again when the run is ended.
fn held(runs: Vec<(Pinned, Vec<Vec<u8>>)>) -> Vec<(Pinned, Vec<Vec<u8>>)> {
    let is_act = |line: &[u8]| ParsedLine::parse(line).unwrap().k == "act.intended";
    for (pinned, all) in runs {
        for end in (1..=all.len()).filter(|end| is_act(&all[end - 1])) {
            let mut lines = all[..end].to_vec();
            let Replay::Identical { mut run, .. } = replayed(&pinned, &lines) else { continue };
            let of = u64::try_from(end).unwrap() - 1;
            let (person, because) = ("ada".to_string(), "a drill".to_string());
            for event in [
                Event::ActHeld { of, perhaps: false },
                Event::ActReleased { of },
                Event::ActHeld { of, perhaps: false },
                Event::CancelAsked { person, because },
            ] {
                let step = run.apply(run.last(), event).unwrap();
                lines.extend(step.lines.iter().map(|line| line.bytes.to_vec()));
            }
            return vec![(pinned, lines)];
        }
    }
    panic!("none does anything")
}

fn members(line: &[u8]) -> BTreeMap<String, J> {
    match J::parse(line.strip_suffix(b"\n").unwrap()).unwrap() {
        J::Obj(members) => members,
        other => panic!("not a line: {other:?}"),
    }
}

fn kind_of(members: &BTreeMap<String, J>) -> &'static Kind {
    let Some(J::Str(k)) = members.get("k") else { panic!("no kind") };
    kinds::kind(k).unwrap()
}

/// Alters every derived field of every line of the runs. Gives how many alterations there were.
fn all_of(runs: &[(Pinned, Vec<Vec<u8>>)]) -> usize {
    let mut tried = 0;
    for (run, (pinned, lines)) in runs.iter().enumerate() {
        let whole = replayed(pinned, lines);
        assert!(
            matches!(whole, Replay::Identical { lines: n, .. } if n == lines.len()),
            "run {run}: {whole:?}"
        );
        for (at, bytes) in lines.iter().enumerate() {
            let members = members(bytes);
            let kind = kind_of(&members);
            let derived = |name: &str| {
                matches!(name, "at" | "by") || kind.field(name).is_some_and(|f| f.origin == Origin::Derived)
            };
            for (name, value) in members.iter().filter(|(name, _)| derived(name)) {
                for other in alterations(value) {
                    let mut members = members.clone();
                    members.insert(name.clone(), other);
                    // What is behind the line is not looked at: the replay ends where it differs.
                    let altered = mended(&lines[..=at], at, members);
                    tried += 1;
                    let place = format!("run {run}: `{name}` of line {at} ({})", kind.name());
                    match replayed(pinned, &altered) {
                        Replay::Differs(d) => assert_eq!(d.line, at, "{place}: {}", d.why),
                        other => panic!("{place} was altered, and the replay is {other:?}"),
                    }
                }
            }
        }
    }
    println!("{tried} alterations, all found");
    tried
}

#[test]
fn an_altered_derived_field_never_replays_impossible_travel() {
    assert!(all_of(&of_example("impossible-travel")) > 100);
}

#[test]
fn an_altered_derived_field_never_replays_aws_guardduty() {
    assert!(all_of(&of_example("aws-guardduty")) > 100);
}

#[test]
fn an_altered_derived_field_never_replays_every_kind_of_line() {
    for program in PROGRAMS {
        assert!(all_of(&of_tests(program)) > 100);
    }
}

#[test]
fn an_altered_derived_field_never_replays_what_a_person_takes_back() {
    assert!(all_of(&undone(of_tests(HOLDS))) > 100);
}

#[test]
fn an_altered_derived_field_never_replays_what_would_be() {
    assert!(all_of(&in_the_shadow()) > 100);
}

#[test]
fn an_altered_derived_field_never_replays_what_is_held() {
    assert!(all_of(&held(of_tests(HOLDS))) > 20);
}

/// A kind, or a field of one, that a program has a part in and that no run above writes: it would be altered nowhere.
#[test]
fn every_derived_field_of_every_kind_is_altered_somewhere() {
    let mut runs = of_example("impossible-travel");
    runs.extend(PROGRAMS.iter().flat_map(|program| of_tests(program)));
    runs.extend(undone(of_tests(HOLDS)));
    runs.extend(held(of_tests(HOLDS)));
    runs.extend(in_the_shadow());
    let mut seen = BTreeSet::new();
    let shape = |line: &[u8]| schema::is("line", &serde_json::from_slice(line).unwrap());
    runs.iter().flat_map(|(_, lines)| lines).for_each(|line| shape(line));
    for line in runs.iter().flat_map(|(_, lines)| lines) {
        let members = members(line);
        let kind = kind_of(&members);
        seen.extend(members.into_keys().map(|name| (kind.name(), name)));
    }
    let wanted = kinds::all().filter(|k| k.chain() == ChainOf::Run).flat_map(|kind| {
        let derived = kind.fields().iter().filter(|f| f.origin == Origin::Derived);
        derived.map(|f| (kind.name(), f.name.to_string()))
    });
    let missing: Vec<_> = wanted.filter(|w| !seen.contains(w)).collect();
    assert!(missing.is_empty(), "add them to a program of `derived`: {missing:#?}");
}

/// Runs that rest are taken up by what their lines say of their times; see `play_scheduler::outlook`.
#[test]
fn the_lines_alone_say_when_a_run_has_something_before_it() {
    let mut runs = of_example("impossible-travel");
    runs.extend(of_example("aws-guardduty"));
    runs.extend(PROGRAMS.iter().flat_map(|program| of_tests(program)));
    runs.extend(undone(of_tests(HOLDS)));
    let rested = runs.iter().map(|(p, lines)| outlook::holds(&p.vm, &p.manifest, &p.digest, lines));
    assert!(rested.sum::<usize>() > 30);
}

#[test]
fn a_chain_is_mended_as_the_test_thinks() {
    let mut chain = play_evidence::Chain::new("r");
    let kind = kinds::kind("case.noted").unwrap();
    let mut note = |text: &str| -> Line {
        let fields = BTreeMap::from([("text".to_string(), play_evidence::json::val(J::Str(text.into())))]);
        chain.append(jiff::Timestamp::UNIX_EPOCH, "engine", None, kind, fields).unwrap()
    };
    let lines = vec![note("one").bytes.to_vec(), note("two").bytes.to_vec()];
    let J::Obj(members) = J::parse(lines[0].strip_suffix(b"\n").unwrap()).unwrap() else {
        panic!("not a line")
    };
    assert_eq!(mended(&lines, 0, members), lines);
}
