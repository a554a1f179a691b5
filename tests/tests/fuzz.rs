//! Whatever comes in, nothing panics and all that is said can be shown: lexer, parser, formatter, checker, code generator and
//! the reader of artifacts, on damaged programs, damaged artifacts and words in any order.
//!
//! Each target is a function of bytes. The loop over them is bounded and the same at each run; `PLAY_FUZZ` is how many
//! inputs each test takes, `PLAY_SEED` the first, for longer runs by hand:
//! `PLAY_FUZZ=100000 cargo nextest run -p play-tests --test fuzz`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use play_check::{Input, check, check_generated};
use play_diagnostics::Severity;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::Program;
use play_tests::generate::{self, Rng, values};
use play_tests::{mutate, playc};
use play_vm::Vm;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Runs a target on so many inputs; names the seed and the input of one that goes wrong.
fn each(count: u64, make: impl Fn(&mut Rng) -> Vec<u8>, target: impl Fn(&[u8])) {
    let first = number("PLAY_SEED", 0);
    for seed in first..first + number("PLAY_FUZZ", count) {
        let input = make(&mut Rng::new(seed));
        if let Err(why) = catch_unwind(AssertUnwindSafe(|| target(&input))) {
            eprintln!("seed {seed}, input:\n{}", String::from_utf8_lossy(&input));
            std::panic::resume_unwind(why);
        }
    }
}

/// The texts to start from: the examples, the standard library, what the parser is tested with, and some that are generated.
fn texts() -> Vec<String> {
    let mut found = Vec::new();
    for folder in ["examples", "stdlib", "compiler/syntax/tests/accepted"] {
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

/// Lexer, parser, formatter, checker and code generator, on any text.
fn any_text(input: &[u8]) {
    let text = String::from_utf8_lossy(input).into_owned();
    let mut at = 0;
    for token in play_syntax::lex(&text) {
        assert_eq!(token.start, at, "a gap between tokens");
        at = token.end;
    }
    assert_eq!(at as usize, text.len(), "the text is not read to its end");
    if let Ok(once) = play_syntax::format(&text) {
        assert_eq!(play_syntax::format(&once).as_ref(), Ok(&once), "formatting twice is another style");
    }
    let files = vec![SourceFile { path: "fuzz.play".into(), text: text.clone() }];
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
}

/// The reader of artifacts, and the machine on what it lets through.
fn any_artifact(input: &[u8]) {
    let Ok(artifact) = Artifact::decode(input) else { return };
    let artifact = Arc::new(artifact);
    let vm = Vm::new(Arc::clone(&artifact));
    let types = &artifact.manifest.types;
    for (index, playbook) in artifact.manifest.playbooks.iter().enumerate() {
        let case = values::record(&mut Rng::new(1), playbook.case, types);
        let _ = vm.applies(index, &case);
        let _ = vm.start(index, case).step(None);
    }
}

#[test]
fn damaged_programs() {
    let texts = texts();
    let make = |rng: &mut Rng| {
        let text = &texts[rng.index(texts.len())];
        let tokens = play_syntax::lex(text);
        let pieces: Vec<&str> = tokens.iter().map(|t| t.text(text)).collect();
        mutate::text(&pieces, rng).into_bytes()
    };
    each(150, make, any_text);
}

#[test]
fn words_in_any_order() {
    each(300, |rng| mutate::soup(rng).into_bytes(), any_text);
    let inside = |rng: &mut Rng| {
        format!("case T {{ a: Int }}\nplaybook p for T {{\n{}\n}}\n", mutate::soup(rng)).into_bytes()
    };
    each(300, inside, any_text);
}

#[test]
fn damaged_bytes_of_programs() {
    let texts = texts();
    each(150, |rng| mutate::bytes(texts[rng.index(texts.len())].as_bytes(), rng), any_text);
}

#[test]
fn damaged_artifacts() {
    let seeds: Vec<Vec<u8>> = (0..6)
        .map(|seed| {
            let files = vec![SourceFile { path: "g.play".into(), text: generate::program(seed) }];
            let checked = check_generated(&Input { project: "g".into(), files }, &|_| None);
            play_codegen::compile(&checked.program.unwrap(), "test").unwrap().encode()
        })
        .collect();
    each(4_000, |rng| mutate::bytes(&seeds[rng.index(seeds.len())], rng), any_artifact);
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
    for seed in 0..number("PLAY_FUZZ", 120) {
        let text = generate::program(seed);
        let head = generate::body_at(&text);
        let mut rng = Rng::new(seed);
        let (from, to) = BREAKS[rng.index(BREAKS.len())];
        let places: Vec<usize> = text.match_indices(from).map(|(at, _)| at).filter(|at| *at > head).collect();
        let Some(at) = rng.pick(&places).copied() else { continue };
        let mutant = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
        let files = vec![SourceFile { path: "mutant.play".into(), text: mutant.clone() }];
        let checked = check_generated(&Input { project: "mutant".into(), files }, &|_| None);
        let errors = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).count();
        assert!(
            checked.program.is_none() && errors > 0,
            "seed {seed}: `{from}` became `{to}` and it checks:\n{mutant}"
        );
        broken += 1;
    }
    println!("{broken} mutants, all refused");
    assert!(broken > 40, "only {broken} mutants");
}
