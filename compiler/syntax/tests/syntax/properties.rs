//! What holds of every text.

#![allow(clippy::indexing_slicing, reason = "a strategy that goes wrong should fail the test")]

use play_syntax::{TokenKind, format, lex, parse};
use proptest::prelude::*;

const SAMPLE: &str = include_str!("accepted/tour.play");

/// Pieces of the language in any order: nearer to a program than characters at random.
fn soup() -> impl Strategy<Value = String> {
    const PIECES: [&str; 62] = [
        "playbook",
        "case",
        "fn",
        "test",
        "connector",
        "source",
        "use",
        "let",
        "if",
        "else",
        "match",
        "for",
        "in",
        "do",
        "close",
        "because",
        "set",
        "note",
        "hand",
        "over",
        "to",
        "not",
        "and",
        "as",
        "none",
        "given",
        "expect",
        "map",
        "a",
        "b.c",
        "Foo",
        "_",
        "1",
        "2.5",
        "4h",
        "5MB",
        "10.0.0.0/8",
        "::1",
        "\"x\"",
        "\"{",
        "}\"",
        "\"",
        "/",
        "/a/",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        "=",
        "==",
        "=>",
        "->",
        "?",
        "?.",
        "-",
        "|",
        "\n",
        "// c\n",
    ];
    prop::collection::vec((prop::sample::select(PIECES.as_slice()), prop::bool::weighted(0.8)), 0..120)
        .prop_map(|pieces| {
            pieces.iter().map(|(p, space)| format!("{p}{}", if *space { " " } else { "" })).collect()
        })
}

/// The sample with some of its tokens left out, doubled or swapped.
fn mutated() -> impl Strategy<Value = String> {
    let tokens = lex(SAMPLE);
    let count = tokens.len();
    prop::collection::vec((0..count, 0..count, 0..3u8), 1..6).prop_map(move |changes| {
        let mut texts: Vec<String> = tokens.iter().map(|t| t.text(SAMPLE).to_string()).collect();
        for (at, other, how) in changes {
            match how {
                0 => texts[at].clear(),
                1 => texts[at] = texts[at].repeat(2),
                _ => texts.swap(at, other),
            }
        }
        texts.concat()
    })
}

/// The sample with other spaces between its tokens, and comments and empty lines where a line ends.
fn respaced() -> impl Strategy<Value = String> {
    let tokens = lex(SAMPLE);
    prop::collection::vec(0..6usize, tokens.len()).prop_map(move |choices| {
        let mut out = String::new();
        for (t, choice) in tokens.iter().zip(choices) {
            match t.kind {
                TokenKind::Space => out.push_str(["  ", " ", "\t", "   ", " \t ", "    "][choice]),
                TokenKind::Newline => {
                    out.push_str(["\n", "\n\n", "\r\n", "  \n", "\n\n\n\n", " // why\n"][choice])
                }
                _ => out.push_str(t.text(SAMPLE)),
            }
        }
        out
    })
}

fn comments(text: &str) -> Vec<String> {
    let tokens = lex(text);
    let comments =
        tokens.iter().filter(|t| matches!(t.kind, TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc));
    comments.map(|t| t.text(text).trim_end().to_string()).collect()
}

fn is_lossless(text: &str) -> Result<(), TestCaseError> {
    let mut at = 0;
    for t in lex(text) {
        prop_assert_eq!(t.start, at);
        at = t.end;
    }
    prop_assert_eq!(at as usize, text.len());
    Ok(())
}

fn is_sound(text: &str) -> Result<(), TestCaseError> {
    is_lossless(text)?;
    for d in parse(0, text).diagnostics {
        let place = d.place();
        prop_assert!(place.start <= place.end && place.end as usize <= text.len(), "{:?}", d);
        prop_assert!(text.is_char_boundary(place.start as usize), "{:?}", d);
    }
    Ok(())
}

fn formats_well(text: &str) -> Result<(), TestCaseError> {
    let Ok(once) = format(text) else { return Ok(()) };
    let twice = format(&once);
    prop_assert_eq!(twice.as_ref(), Ok(&once));
    prop_assert_eq!(comments(&once), comments(text));
    prop_assert_eq!(
        crate::shape::placeless(&parse(0, &once).file),
        crate::shape::placeless(&parse(0, text).file)
    );
    prop_assert!(!once.lines().any(|l| l.ends_with(' ')) && !once.contains("\n\n\n"));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_characters_are_read_without_loss(text in any::<String>()) {
        is_sound(&text)?;
    }

    #[test]
    fn any_words_are_read_without_loss(text in soup()) {
        is_sound(&text)?;
    }

    #[test]
    fn what_parses_by_chance_keeps_its_meaning(text in soup()) {
        formats_well(&format!("fn f() -> T {{\n{text}\n}}\n"))?;
    }

    #[test]
    fn a_damaged_file_is_read_without_loss(text in mutated()) {
        is_sound(&text)?;
        formats_well(&text)?;
    }

    #[test]
    fn spaces_mean_nothing_and_the_formatter_finds_one_style(text in respaced()) {
        prop_assert_eq!(parse(0, &text).diagnostics, []);
        formats_well(&text)?;
    }
}

#[test]
fn the_tree_does_not_depend_on_spaces() {
    let spaced = SAMPLE.replace("  ", "      ");
    assert_eq!(
        crate::shape::placeless(&parse(0, &spaced).file),
        crate::shape::placeless(&parse(0, SAMPLE).file)
    );
}
