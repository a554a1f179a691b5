//! Whatever comes in, nothing panics and all that is said can be shown.
//!
//! Each target is a function of bytes, and a test of its name takes a bounded number of inputs, the same at each run. For
//! longer there is `cargo xtask fuzz [TARGET] [--seconds N] [--seed N]`. An input that goes wrong is written to a file, and
//! `cargo xtask fuzz TARGET --input FILE` takes it again.
//!
//! `PLAY_SEED` is the first seed, `PLAY_FUZZ` how many inputs, `PLAY_FUZZ_SECONDS` for how long instead, `PLAY_FUZZ_INPUT` the
//! one file to take, `PLAY_FUZZ_DIR` where inputs that go wrong are written.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use play_check::{Input, check, check_generated};
use play_evidence::{J, ParsedLine};
use play_program::artifact::{Artifact, Manifest, SourceFile};
use play_program::exec::Program;
use play_scheduler::ids::sha256_hex;
use play_scheduler::replay::replay;
use play_scheduler::testing::run_test;
use play_tests::generate::{self, Rng, values};
use play_tests::{mutate, playc, tree};
use play_vm::Vm;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|n| n.parse().ok())
}

/// Runs a target on so many inputs, or for as long as is asked for; keeps the input of one that goes wrong.
fn each(target: &str, count: u64, make: impl Fn(&mut Rng) -> Vec<u8>, run: impl Fn(&[u8])) {
    if let Ok(path) = std::env::var("PLAY_FUZZ_INPUT") {
        run(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}")));
        println!("{target}: {path} is fine");
        return;
    }
    let (started, first) = (Instant::now(), number("PLAY_SEED").unwrap_or(0));
    let within = number("PLAY_FUZZ_SECONDS").map(Duration::from_secs);
    let count = number("PLAY_FUZZ").unwrap_or(count);
    let mut seed = first;
    while within.map_or(seed < first + count, |within| started.elapsed() < within) {
        let input = make(&mut Rng::new(seed));
        if let Err(why) = catch_unwind(AssertUnwindSafe(|| run(&input))) {
            let kept = keep(target, seed, &input);
            eprintln!("{target}, seed {seed}: cargo xtask fuzz {target} --input {}", kept.display());
            std::panic::resume_unwind(why);
        }
        seed += 1;
    }
    let seconds = started.elapsed().as_secs();
    println!("{target}: {} inputs in {seconds} s, seeds from {first}", seed - first);
}

fn keep(target: &str, seed: u64, input: &[u8]) -> PathBuf {
    let folder = std::env::var_os("PLAY_FUZZ_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let path = folder.join(format!("{target}-{seed}"));
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input)).unwrap();
    path
}

/// The texts to start from: the examples, the standard library, what the parser is tested with, and some that are generated.
fn texts() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["examples", "stdlib", "tests/playbooks", "compiler/syntax/tests/syntax/accepted"] {
        collect(&playc::root().join(folder), &mut found);
    }
    assert!(found.len() > 8, "only {} texts", found.len());
    found.extend((0..12).map(generate::program));
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "play") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// A text that is near to a program: one with some tokens or bytes damaged, or words in any order.
fn near(texts: &[String], rng: &mut Rng) -> Vec<u8> {
    let text = texts[rng.index(texts.len())].as_str();
    match rng.below(5) {
        0 => mutate::soup(rng).into_bytes(),
        1 => {
            let soup = mutate::soup(rng);
            format!("case T {{ a: Int }}\nplaybook p for T {{\n{soup}\n}}\n").into_bytes()
        }
        2 => mutate::bytes(text.as_bytes(), rng),
        _ => {
            let tokens = play_syntax::lex(text);
            let pieces: Vec<&str> = tokens.iter().map(|t| t.text(text)).collect();
            mutate::text(&pieces, rng).into_bytes()
        }
    }
}

fn of_text(target: &str, count: u64, run: impl Fn(&str)) {
    let texts = texts();
    each(target, count, |rng| near(&texts, rng), |input| run(&String::from_utf8_lossy(input)));
}

#[test]
fn lexer() {
    of_text("lexer", 1000, |text| {
        let mut at = 0;
        for token in play_syntax::lex(text) {
            assert_eq!(token.start, at, "a gap between tokens");
            at = token.end;
        }
        assert_eq!(at as usize, text.len(), "the text is not read to its end");
    });
}

#[test]
fn parser() {
    of_text("parser", 300, |text| {
        for d in play_syntax::parse(0, text).diagnostics {
            let place = d.place();
            assert!(text.get(place.start as usize..place.end as usize).is_some(), "{d:?}");
        }
    });
}

#[test]
fn formatter() {
    of_text("formatter", 300, |text| {
        // What has mistakes in its form is left as it is.
        if play_syntax::format(text).is_ok()
            && let Err(why) = tree::formatted(text)
        {
            panic!("{why}");
        }
    });
}

/// Checker, what is shown of what it finds, and code generator.
#[test]
fn checker() {
    of_text("checker", 300, |text| {
        let files = vec![SourceFile { path: "fuzz.play".into(), text: text.into() }];
        let checked = check(&Input { project: "fuzz".into(), files }, &play_stdlib::module);
        for d in &checked.diagnostics {
            let place = d.place();
            assert!(place.start <= place.end, "{d:?}");
            let file = &checked.files[place.file as usize].text;
            assert!(file.get(place.start as usize..place.end as usize).is_some(), "{d:?}");
        }
        let style = play_diagnostics::text::Style { plain: true, ..Default::default() };
        let _ = play_diagnostics::text::render(&checked.diagnostics, &checked.files, style);
        if let Some(program) = checked.program
            && let Ok(artifact) = play_codegen::compile(&program, "fuzz")
        {
            let bytes = artifact.encode();
            assert!(Artifact::decode(&bytes).is_ok(), "an artifact that is not read back");
        }
    });
}

fn compiled(seed: u64) -> (play_check::typed::Program, Artifact) {
    let files = vec![SourceFile { path: "g.play".into(), text: generate::program(seed) }];
    let checked = check_generated(&Input { project: "g".into(), files }, &|_| None);
    let program = checked.program.unwrap();
    let artifact = play_codegen::compile(&program, "test").unwrap();
    (program, artifact)
}

/// The reader of artifacts, and the machine on what it lets through.
#[test]
fn artifact() {
    let seeds: Vec<Vec<u8>> = (0..6).map(|seed| compiled(seed).1.encode()).collect();
    let make = |rng: &mut Rng| {
        let of = &seeds[rng.index(seeds.len())];
        if rng.chance(15) { mutate::grown(of, rng) } else { mutate::bytes(of, rng) }
    };
    each("artifact", 4_000, make, |input| {
        let Ok(artifact) = Artifact::decode(input) else { return };
        let artifact = Arc::new(artifact);
        let vm = Vm::new(Arc::clone(&artifact));
        let types = &artifact.manifest.types;
        for (index, playbook) in artifact.manifest.playbooks.iter().enumerate() {
            let case = values::record(&mut Rng::new(1), playbook.case, types);
            let _ = vm.applies(index, &case);
            let _ = vm.start(index, case).step(None);
        }
    });
}

/// The record of a run, and what it is replayed on.
struct Recorded {
    vm: Vm,
    manifest: Arc<Manifest>,
    digest: String,
    lines: Vec<Vec<u8>>,
}

fn recorded(seed: u64) -> Recorded {
    let (program, artifact) = compiled(seed);
    let artifact = Arc::new(artifact);
    let (manifest, digest) = (Arc::new(artifact.manifest.clone()), sha256_hex(&artifact.encode()));
    let spec = play_reference::tests::compile(&program).unwrap().remove(0);
    let vm = Vm::with_tests(artifact, play_codegen::compile_tests(&program));
    let lines = run_test(&vm, &manifest, &digest, 0, &spec).lines;
    Recorded { vm, manifest, digest, lines: lines.iter().map(|l| l.bytes.to_vec()).collect() }
}

/// Reads, verifies and replays the record of a run. `record` is which of the programs it is of.
fn read_trace(record: &Recorded, bytes: &[u8]) {
    let _ = play_evidence::verify::verify(bytes, None);
    let _ = play_evidence::verify::verify_chain(bytes);
    let lines: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
    for line in &lines {
        let _ = ParsedLine::parse(line);
        if let Ok(j) = J::parse(line.strip_suffix(b"\n").unwrap_or(line)) {
            let again = J::parse(&j.to_bytes());
            assert_eq!(again.as_ref(), Ok(&j), "what is written is not what was read");
        }
    }
    let _ = replay(&record.vm, &record.manifest, &record.digest, &lines);
}

/// The chain of a record mended after it was damaged: what is damaged gets as far as the replay.
fn chained(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut all: Vec<u8> = Vec::new();
    let mut last: Option<Vec<u8>> = None;
    for (seq, line) in lines.iter().enumerate() {
        let mut bytes = line.clone();
        let parsed = J::parse(line.strip_suffix(b"\n").unwrap_or(line));
        if let (Some(last), Ok(J::Obj(mut members))) = (&last, parsed) {
            members.insert("prev".into(), J::Str(sha256_hex(last)));
            members.insert("seq".into(), J::Int(i64::try_from(seq).unwrap()));
            bytes = J::Obj(members).to_bytes();
            bytes.push(b'\n');
        }
        all.extend(&bytes);
        last = Some(bytes);
    }
    all
}

/// A damaged value where one stood.
fn swapped(lines: &mut [Vec<u8>], rng: &mut Rng) {
    let (at, other) = (rng.index(lines.len()), rng.index(lines.len()));
    let parse = |line: &[u8]| match J::parse(line.strip_suffix(b"\n").unwrap_or(line)) {
        Ok(J::Obj(members)) => members,
        _ => BTreeMap::new(),
    };
    let (mut members, donor) = (parse(&lines[at]), parse(&lines[other]));
    let names: Vec<String> = members.keys().cloned().collect();
    let Some(name) = rng.pick(&names).cloned() else { return };
    let values: Vec<J> = donor.into_values().collect();
    match (rng.below(4), rng.pick(&values)) {
        (0, _) => drop(members.remove(&name)),
        (1, _) => drop(members.insert(name, J::Int(i64::from(u32::MAX)))),
        (_, Some(value)) => drop(members.insert(name, value.clone())),
        _ => {}
    }
    lines[at] = J::Obj(members).to_bytes();
    lines[at].push(b'\n');
}

/// The reader of traces, their verification and replay. The first byte of an input says which program it is of.
#[test]
fn trace() {
    let records: Vec<Recorded> = (0..8).map(recorded).collect();
    let make = |rng: &mut Rng| {
        let which = rng.index(records.len());
        let mut lines = records[which].lines.clone();
        let damaged = match rng.below(4) {
            0 => mutate::bytes(&lines.concat(), rng),
            1 => {
                let (a, b) = (rng.index(lines.len()), rng.index(lines.len()));
                lines.swap(a, b);
                chained(&lines)
            }
            2 => {
                drop(lines.remove(rng.index(lines.len())));
                chained(&lines)
            }
            _ => {
                swapped(&mut lines, rng);
                chained(&lines)
            }
        };
        [vec![u8::try_from(which).unwrap()], damaged].concat()
    };
    each("trace", 1_500, make, |input| {
        let Some((which, bytes)) = input.split_first() else { return };
        read_trace(&records[usize::from(*which) % records.len()], bytes);
    });
}

/// What breaks a program wherever it stands, below its declarations.
const BREAKS: &[(&str, &str)] = &[
    ("case.a", "case.aa"),
    ("w.r5(", "w.r55("),
    ("w.r2(", "ww.r2("),
    ("recs.r1(", "do recs.r1("),
    ("do w.w0(", "w.w0("),
    ("twice(", "twice(true, "),
    ("small(", "small(\"x\", "),
    ("label(", "lable("),
    ("(not ", "(not 1 + "),
    ("close FalsePositive because", "close FalsePositives because"),
    ("note ", "note 1 + "),
    ("maybe(", "maybe(\"x\" + "),
    ("Rec { ", "Rec { zz: 1, "),
    ("Green", "Grene"),
    ("run p", "run q"),
];

#[test]
fn a_program_with_one_thing_broken_does_not_check() {
    let mut broken = 0;
    for seed in 0..120 {
        let text = generate::program(seed);
        let head = generate::body_at(&text);
        let mut rng = Rng::new(seed);
        let (from, to) = BREAKS[rng.index(BREAKS.len())];
        let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).filter(|at| *at > head).collect();
        let Some(at) = rng.pick(&places).copied() else { continue };
        let mutant = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
        let files = vec![SourceFile { path: "mutant.play".into(), text: mutant.clone() }];
        let checked = check_generated(&Input { project: "mutant".into(), files }, &|_| None);
        let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
        assert!(
            checked.program.is_none() && errors > 0,
            "seed {seed}: `{from}` became `{to}` and it checks:\n{mutant}"
        );
        broken += 1;
    }
    println!("{broken} mutants, all refused");
    assert!(broken > 40, "only {broken} mutants");
}
