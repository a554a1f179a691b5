//! The tokens themselves.

use play_syntax::TokenKind::*;
use play_syntax::{TokenKind, lex};

fn kinds(text: &str) -> Vec<TokenKind> {
    lex(text).iter().map(|t| t.kind).filter(|k| *k != Space).collect()
}

#[test]
fn everything_is_kept() {
    let text = "//! a\n/// b\n// c\n\tlet x = \"a {b}\" # é\r\n";
    let texts: String = lex(text).iter().map(|t| t.text(text)).collect();
    assert_eq!(texts, text);
    assert_eq!(
        kinds("//! a\n/// b\n//// c\n// d"),
        [FileDoc, Newline, Doc, Newline, Comment, Newline, Comment]
    );
}

#[test]
fn literals_have_their_forms() {
    for (text, kind) in [
        ("1_000", Int),
        ("2.5", Float),
        ("2.5e-3", Float),
        ("90s", Duration),
        ("1h30m", Duration),
        ("500ms", Duration),
        ("5MB", Size),
        ("7KiB", Size),
        ("3B", Size),
        ("2026-11-20", Date),
        ("2026-11-20T12:00Z", Time),
        ("2026-11-20T12:00:00.5+02:00", Time),
        ("10.0.0.1", Ip),
        ("10.0.0.0/8", Cidr),
        ("::", Ip),
        ("::1", Ip),
        ("fe80::1", Ip),
        ("1:2:3:4:5:6:7:8", Ip),
        ("::ffff:10.0.0.1", Ip),
        ("2001:db8::/32", Cidr),
        ("/a b/", Regex),
        ("0x1f", BadNumber),
        ("5days", BadNumber),
        ("1.5h", BadNumber),
        ("1.2.3", BadNumber),
        ("'a'", SingleQuoted),
        ("/a", BadRegex),
        ("é", Unknown),
    ] {
        assert_eq!(kinds(text), [kind], "{text}");
    }
}

#[test]
fn a_range_is_no_number_and_a_subtraction_no_date() {
    assert_eq!(kinds("0..100"), [Int, DotDot, Int]);
    assert_eq!(kinds("2026 - 11"), [Int, Minus, Int]);
    assert_eq!(kinds("12026-11-20"), [Int, Minus, Int, Minus, Int]);
}

#[test]
fn a_string_has_parts() {
    assert_eq!(kinds(r#""a{b}\n""#), [StrStart, StrText, InterpOpen, Ident, InterpClose, StrEscape, StrEnd]);
    assert_eq!(
        kinds(r#""{ { "x" } }""#),
        [StrStart, InterpOpen, LBrace, StrStart, StrText, StrEnd, RBrace, InterpClose, StrEnd]
    );
    assert_eq!(kinds(r#""\q}""#), [StrStart, StrBadEscape, StrBadBrace, StrEnd]);
}

#[test]
fn a_string_ends_with_its_line_at_the_latest() {
    assert_eq!(
        kinds("\"a {b\nc"),
        [StrStart, StrText, InterpOpen, Ident, InterpClose, StrEnd, Newline, Ident]
    );
    let last = lex("\"a").last().copied();
    assert_eq!(last.map(|t| (t.kind, t.start, t.end)), Some((StrEnd, 2, 2)));
}

#[test]
fn words_are_tokens_of_their_own_only_as_a_whole() {
    assert_eq!(kinds("close closed closer close_"), [Close, Closed, Ident, Ident]);
    assert_eq!(kinds("_ _x"), [Underscore, Ident]);
}
