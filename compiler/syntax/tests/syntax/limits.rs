//! No text takes long, and none is too deep for the stack. These tests set the parser's limit for their process: run them with
//! `cargo nextest`, which gives each test its own. Under `cargo test` others of this binary would be parsed within that limit, too.

use std::num::NonZeroUsize;

use play_syntax::parse;

/// Parses with a limit of so many steps of the parser for each byte, which a grammar that tries things again and again
/// would exceed.
fn within(steps: usize, text: &str) -> Vec<String> {
    let _ = parse(0, "");
    pest::set_call_limit(NonZeroUsize::new(steps * (text.len() + 50)));
    parse(0, text).diagnostics.iter().map(|d| d.code.to_string()).collect()
}

fn in_fn(body: &str) -> String {
    format!("fn f() -> T {{\n  {body}\n}}\n")
}

#[test]
fn nothing_is_parsed_again_and_again() {
    let nested = |open: &str, close: &str, n: usize| format!("{}x{}", open.repeat(n), close.repeat(n));
    let monsters = [
        nested("(", ")", 80),
        nested("[", "]", 80),
        nested("f(", ")", 80),
        nested("{ a: ", " }", 80),
        nested("F { a: ", " }", 80),
        nested("if a { ", " }", 80),
        nested("if a { ", " } else { b }", 60),
        nested("match a { B => ", " }", 60),
        nested("u(x => ", ")", 80),
        nested("\"{", "}\"", 60),
        "x".to_string() + &".x".repeat(200),
        vec!["x"; 100].join(" else "),
        vec!["x"; 100].join(" + "),
        "not ".repeat(100) + "x",
        "if a { b }".to_string() + &" else if a { b }".repeat(100),
        vec!["ask a.b \"c\" { D }"; 100].join("\n"),
    ];
    for monster in monsters {
        assert_eq!(within(400, &in_fn(&monster)), [""; 0], "{monster}");
    }
}

#[test]
fn a_mistake_deep_inside_is_found_without_trying_again_and_again() {
    let broken = |open: &str, close: &str| in_fn(&format!("{}x y{}", open.repeat(30), close.repeat(30)));
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("f(a: ", ")"),
        ("{ a: ", " }"),
        ("if a { ", " } else { b }"),
        ("F { a: ", " }"),
    ] {
        assert_eq!(within(800, &broken(open, close)).len(), 1, "{open}");
    }
}

#[test]
fn unclosed_brackets_are_no_monster() {
    for text in ["(".repeat(37), "[{(".repeat(40), "\"{".repeat(50), "if a {".repeat(90)] {
        let codes = within(400, &in_fn(&text));
        assert!((1..=3).contains(&codes.len()), "{text}: {codes:?}");
    }
}

#[test]
fn what_is_too_deep_is_said_once() {
    for text in [
        format!("{}x{}", "(".repeat(300), ")".repeat(300)),
        format!("{}x{}", "[".repeat(20_000), "]".repeat(20_000)),
        "x".to_string() + &".x".repeat(20_000),
        "x".to_string() + &" + x".repeat(20_000),
        "x".to_string() + &" else x".repeat(20_000),
        "not ".repeat(20_000) + "x",
        "-".repeat(20_000) + "x",
        "if a { b }".to_string() + &" else if a { b }".repeat(10_000),
        "x".to_string() + &"?".repeat(20_000),
    ] {
        let codes: Vec<_> = parse(0, &in_fn(&text)).diagnostics.iter().map(|d| d.code.to_string()).collect();
        assert_eq!(codes, ["P1015"], "{}", text.get(..20).unwrap_or(&text));
    }
}

#[test]
fn brackets_may_be_nested_as_deep_as_is_said() {
    let text = in_fn(&format!("{}x{}", "(".repeat(255), ")".repeat(255)));
    assert_eq!(parse(0, &text).diagnostics, []);
}

/// How often each code is reported.
fn codes(text: &str) -> Vec<(String, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for d in parse(0, text).diagnostics {
        *counts.entry(d.code.to_string()).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

#[test]
fn a_hundred_thousand_open_brackets_are_not_asked_one_by_one() {
    let lines = "(".repeat(200_000) + &"\nif".repeat(200_000);
    assert_eq!(codes(&in_fn(&lines)), [("P1006".into(), 1), ("P1015".into(), 1)]);
    let others = "(".repeat(100_000) + &"]".repeat(100_000);
    assert_eq!(codes(&in_fn(&others)), [("P1006".into(), 1), ("P1007".into(), 100_000), ("P1015".into(), 1)]);
}

#[test]
fn a_bracket_closes_the_innermost_of_its_kind_over_others_that_are_open() {
    let text = in_fn(&format!("[{}]", "(".repeat(20)));
    assert_eq!(codes(&text), [("P1006".into(), 1)]);
    assert_eq!(codes(&in_fn("\"{a)}\"")), [("P1007".into(), 1)]);
}

#[test]
fn statements_in_statements_are_as_deep_as_brackets() {
    for (prefix, n) in [
        ("note ", 20_000),
        ("set a = ", 20_000),
        ("close X because ", 20_000),
        ("reveal ", 20_000),
        ("wait x until ", 20_000),
        ("ask a.b \"c\" { D } showing ", 20_000),
        ("ask a.b \"c\" { D } showing x, ", 20_000),
        ("if a { b } else -", 20_000),
        ("if a { b } else x + ", 20_000),
        ("if a { b } else not x and ", 20_000),
        ("if a { b } else x else ", 20_000),
        ("if a { b } else x = ", 20_000),
        ("if a { b } else close X else ", 20_000),
    ] {
        let text = in_fn(&(prefix.repeat(n) + "x"));
        assert_eq!(codes(&text), [("P1015".into(), 1)], "{prefix}");
        // One after the other they are not nested. What is told of an operator behind `}`, and of `=`, is another matter.
        let read = |text: &str| {
            codes(&in_fn(text))
                .into_iter()
                .filter(|(code, _)| code != "P1017" && code != "P1010")
                .collect::<Vec<_>>()
        };
        let lines = vec![format!("{prefix}x"); 1_000].join("\n  ");
        assert_eq!(read(&lines), [], "{prefix}");
        // Behind `showing` a comma does not end the arm.
        let between = if prefix.contains("showing") { "\n" } else { ", " };
        let arms = vec![format!("A => {prefix}x"); 1_000].join(between);
        assert_eq!(read(&format!("match y {{ {arms} }}")), [], "{prefix}");
    }
    assert_eq!(codes(&in_fn(&("note ".repeat(250) + "x"))), []);
}

#[test]
fn words_of_the_language_that_are_names_nest_nothing() {
    for word in ["showing", "note", "until", "reveal", "because", "set"] {
        let fields = vec![format!("a.{word}"); 300].join(", ");
        assert_eq!(codes(&in_fn(&format!("[{fields}]"))), [], "{word}");
        let sum = vec![format!("a.{word}"); 100].join(" + ");
        assert_eq!(codes(&in_fn(&sum)), [], "{word}");
    }
    assert_eq!(codes(&in_fn(&format!("[{}]", vec!["showing"; 300].join(", ")))), []);
    let keys: Vec<String> = (0..300).map(|n| format!("k{n}: x.showing")).collect();
    assert_eq!(codes(&in_fn(&format!("{{ {} }}", keys.join(", ")))), []);
}

#[test]
fn what_stands_before_showing_counts_behind_its_commas() {
    let steps = (0..250).map(|n| "note ".repeat(250 - n) + "ask a.b \"c\" { D } showing x, ");
    assert_eq!(codes(&in_fn(&(steps.collect::<String>() + "x"))), [("P1015".into(), 1)]);
}

#[test]
fn marks_of_what_may_be_missing_are_as_deep_as_brackets() {
    let ty = "[".repeat(250) + "Int" + &("?".repeat(256) + "]").repeat(250);
    let parsed = parse(0, &format!("fn f(x: {ty}) -> Int {{ 1 }}\n"));
    assert_eq!(parsed.diagnostics, []);
    assert!(parsed.depth <= 512, "{}", parsed.depth);
}

#[test]
fn a_line_of_semicolons_is_read_once() {
    let text = in_fn(&("x;".repeat(100_000) + " // done\n y; }"));
    let semicolons = parse(0, &text).diagnostics.into_iter().filter(|d| d.code.as_str() == "P1011");
    let edits: Vec<String> = semicolons.flat_map(|d| d.fixes).flat_map(|f| f.edits).map(|e| e.text).collect();
    assert_eq!(edits.len(), 100_001);
    assert!(edits[..99_999].iter().all(|e| e == "\n"));
    assert_eq!(edits[99_999..], ["", ""], "before a comment, and before the end of a block");
}

#[test]
fn the_depth_of_a_tree_is_told() {
    let depth = |body: &str| parse(0, &in_fn(body)).depth;
    assert!(depth("x") < 5);
    for deep in [
        "not ".repeat(200) + "x",
        "x".to_string() + &" + x".repeat(200),
        "x".to_string() + &".x".repeat(200),
        "note ".repeat(200) + "x",
        "if a { b }".to_string() + &" else if a { b }".repeat(200),
        format!("{}x{}", "if a { ".repeat(200), " }".repeat(200)),
    ] {
        assert!(depth(&deep) >= 200, "{} {deep}", depth(&deep));
    }
}

/// Words and signs that something can follow, so that any two of them may be an endless way down.
const PARTS: &[&str] = &[
    "x",
    "x else",
    "x =",
    "else x else",
    "if a { b } else x",
    "1",
    "\"s\"",
    "-",
    "not",
    "+",
    "and",
    "in",
    "as",
    ".",
    "?",
    "else",
    "if a { b }",
    "if a { b } else",
    "match a { _ => b }",
    "{ b }",
    "(x)",
    "[x]",
    "for a in b { c }",
    "do a.b(c)",
    "let a =",
    "note",
    "set a =",
    "because",
    "close A",
    "close A because",
    "reveal",
    "route to q.a because",
    "hand over to q.a because",
    "rollback because",
    "step a { b } else { c }",
    "wait a",
    "until",
    "within 4h",
    "every 1m",
    "ask a.b \"c\" { D }",
    "showing",
    "showing x,",
    "approve a.b(c)",
    "from a.b",
    "then a.b within 4h",
    "retry 3",
    "timeout 1s",
    "for 4h",
    "irreversible",
    "=>",
    ",",
    "|",
    ":",
    "=",
    "is",
    "returns",
    "fails A",
    "after",
    "arrives",
    "given",
    "expect",
];

/// Without brackets, too, nothing is nested so deep that the stack of a thread does not hold it: what is deeper is told before it is parsed.
#[test]
fn no_row_of_words_is_too_deep_for_the_stack() {
    let look = || {
        for a in PARTS {
            for b in PARTS {
                pest::set_call_limit(NonZeroUsize::new(2_000_000));
                let _ = parse(0, &in_fn(&format!("{a} {b} ").repeat(2_000)));
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 19).spawn(look);
    thread.unwrap().join().unwrap();
}
