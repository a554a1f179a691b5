//! Whatever the text is, the checker ends, and what it says can be shown.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

use play_check::{Input, check};
use play_diagnostics::text::{Style, render};
use play_program::artifact::SourceFile;
use proptest::prelude::*;

const SAMPLES: &[&str] = &[
    include_str!("../../../../examples/impossible-travel/triage.play"),
    include_str!("../../../../examples/impossible-travel/source.play"),
    include_str!("../../../../examples/aws-guardduty/triage.play"),
    include_str!("../../../../examples/aws-guardduty/source.play"),
    include_str!("../../../../examples/aws-guardduty/tests.play"),
    include_str!("../../../../stdlib/connectors/okta.play"),
];

/// The words and signs of a text, with the blanks between them.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut word = false;
    for c in text.chars() {
        let in_word = c.is_alphanumeric() || c == '_';
        match pieces.last_mut() {
            Some(last) if in_word && word => last.push(c),
            _ => pieces.push(c.to_string()),
        }
        word = in_word;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_program_is_refused_or_checked(
        sample in 0..SAMPLES.len(),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3), 1..6),
    ) {
        let mut pieces = pieces(SAMPLES[sample]);
        for (at, other, kind) in edits {
            let (at, other) = (at.index(pieces.len()), other.index(pieces.len()));
            match kind {
                0 => { pieces.remove(at); }
                1 => { let piece = pieces[other].clone(); pieces.insert(at, piece); }
                _ => pieces.swap(at, other),
            }
        }
        let text = pieces.concat();
        let file = SourceFile { path: "damaged.play".into(), text };
        let checked = check(&Input { project: "damaged".into(), files: vec![file] }, &play_stdlib::module);
        let failed = checked.diagnostics.iter().any(|d| d.is_error());
        prop_assert_eq!(failed, checked.program.is_none());
        for finding in &checked.diagnostics {
            prop_assert!(!finding.message.is_empty());
            let places = finding.labels.iter().map(|l| l.place);
            for place in places.chain(finding.fixes.iter().flat_map(|f| &f.edits).map(|e| e.place)) {
                let text = &checked.files[place.file as usize].text;
                prop_assert!(text.get(place.start as usize..place.end as usize).is_some(), "{:?}", finding);
            }
        }
        let shown = render(&checked.diagnostics, &checked.files, Style::default());
        prop_assert_eq!(shown.is_empty(), checked.diagnostics.is_empty());
    }
}

/// Runs as a caller whose stack is small.
fn on_small_stack<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, run);
        worker.expect("a thread").join().expect("no panic")
    })
}

/// The errors.
fn codes(text: String) -> Vec<String> {
    let file = SourceFile { path: "deep.play".into(), text };
    let checked = check(&Input { project: "deep".into(), files: vec![file] }, &play_stdlib::module);
    let errors = checked.diagnostics.iter().filter(|d| d.is_error());
    errors.map(|d| d.code.to_string()).collect()
}

#[test]
fn what_may_be_nested_can_be_checked_on_a_small_stack() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("fn f(a: Bool, l: [Int]) -> Int {{ {}{inner}{} }}", open.repeat(250), close.repeat(250))
    };
    for text in [
        // Each asks something else: the same again would be always true.
        format!(
            "fn f(l: [Int]) -> Int {{ {}1{} }}",
            (0..250).map(|i| format!("if l.contains({i}) {{ ")).collect::<String>(),
            " } else { 2 }".repeat(250)
        ),
        nested("(", "1", ")"),
        nested("1 + ", "1", ""),
        nested("- ", "1", ""),
    ] {
        assert_eq!(on_small_stack(|| codes(text.clone())), [""; 0], "{text:.60}");
    }
    for (text, code) in [(nested("l.map(x => ", "1", ")"), "P3001"), (nested("note ", "a", ""), "P5003")] {
        let codes = on_small_stack(|| codes(text.clone()));
        assert!(codes.contains(&code.to_string()), "{codes:?} {text:.60}");
    }
}

#[test]
fn with_very_many_unknown_names_the_first_ones_are_still_guessed() {
    let name = |i: usize| i.to_string().bytes().map(|b| char::from(b + 49)).collect::<String>();
    let fns = (0..10_000).map(|i| format!("fn of_{0}() -> Int {{ of_{0}x() }}\n", name(i)));
    let text = fns.collect::<String>();
    let file = SourceFile { path: "many.play".into(), text };
    let checked = check(&Input { project: "many".into(), files: vec![file] }, &play_stdlib::module);
    assert_eq!(checked.diagnostics.len(), 10_000);
    let guessed = checked.diagnostics.iter().filter(|d| !d.fixes.is_empty()).count();
    assert!((10..100).contains(&guessed), "{guessed}");
}

/// A name is not looked for among all that can be seen. Otherwise this takes minutes.
#[test]
fn very_many_names_of_one_body_are_found_at_once() {
    let lines: String = (1..30_000).map(|n| format!("  let name_{n} = name_{} + 1\n", n - 1)).collect();
    let text = format!("fn f(name_0: Int) -> Int {{\n{lines}  name_29999 + name_30000\n}}\n");
    let files = vec![SourceFile { path: "many.play".into(), text }];
    let before = std::time::Instant::now();
    let checked = check(&Input { project: "many".into(), files }, &play_stdlib::module);
    let found: Vec<&str> = checked.diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(found, ["`name_30000` is not known here"]);
    assert!(before.elapsed() < std::time::Duration::from_secs(60), "{:?}", before.elapsed());
}
