//! What is wrong with single tokens. The parser reads such a token as what was likely meant, so each is said once.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape};

use crate::build::unescape;
use crate::lengths;
use crate::quotes;
use crate::token::{Token, TokenKind as K};
use crate::two_bars;

/// Reports every token that is none of the language.
pub(crate) fn check(file: u32, text: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let mut strings: Vec<Token> = Vec::new();
    // The `{` in strings that are open.
    let mut values: Vec<Token> = Vec::new();
    // The last of those that ends with the line.
    let mut left: Option<(Token, Option<Token>)> = None;
    for (i, t) in tokens.iter().enumerate() {
        if t.kind == K::Space || t.kind.is_word() {
            continue;
        }
        let place = Place { file, start: t.start, end: t.end };
        match t.kind {
            K::StrStart => strings.push(*t),
            K::Newline => {
                values.clear();
                left = None;
            }
            K::InterpOpen => values.push(*t),
            K::InterpClose => {
                let open = values.pop().filter(|_| t.start == t.end);
                left = open.map(|open| (open, tokens.get(..i).and_then(last_written)));
            }
            K::StrEnd => {
                let start = strings.pop();
                // `"{case.user is known"`: what ends the line is the quote that was to end it.
                if let Some((open, Some(last))) = left.filter(|_| t.start == t.end && strings.is_empty())
                    && last.kind == K::StrStart
                {
                    diagnostics.push(value_unclosed(Place { file, start: open.start, end: open.end }));
                    continue;
                }
                // The lexer ended it where its line ends. An unclosed one inside of an unclosed one is the same mistake.
                if let Some(start) = start.filter(|_| t.start == t.end && strings.is_empty()) {
                    diagnostics.push(unclosed(Place { file, start: start.start, end: t.end }));
                }
            }
            K::StrBadEscape => diagnostics.push(bad_escape(place, t.text(text))),
            K::StrEscape if unescape(t.text(text)).is_none() => {
                diagnostics.push(bad_escape(place, t.text(text)))
            }
            K::StrBadBrace => diagnostics.push(
                Diagnostic::error(codes::P1019, place, "a `}` in a string must be escaped")
                    .here("no `{` before it")
                    .help("Write `\\}` for the character itself.")
                    .fix("Escape it", false, vec![Edit { place, text: "\\}".into() }]),
            ),
            K::BadRegex => diagnostics.push(
                Diagnostic::error(codes::P1021, place, "this regular expression does not end")
                    .here("no second `/` on this line")
                    .help("Write `/…/`; a `/` inside is written `\\/`."),
            ),
            K::BadNumber => diagnostics.push(bad_number(place, t.text(text))),
            K::SingleQuoted => {
                let part = quotes::touches(tokens, i) || quotes::left_open(text, tokens, i);
                diagnostics.push(quotes::other_quotes(place, t.text(text), part));
            }
            K::AndAnd => diagnostics.push(instead(place, t.kind, &apart(text, place, "and"))),
            K::OrOr => diagnostics.push(two_bars::found(text, place, two_bars::meant(tokens, i))),
            K::Bang if odd_bang(tokens, i) => diagnostics.push(bang_behind_value(file, text, tokens, i)),
            K::Bang => diagnostics.push(instead(place, t.kind, &apart(text, place, "not"))),
            K::EqEqEq => diagnostics.push(instead(place, t.kind, "==")),
            K::NeEq => diagnostics.push(instead(place, t.kind, "!=")),
            K::Unknown if t.text(text) == "~" && assigns(tokens, i, t.start) => {
                diagnostics.push(matches(text, place))
            }
            K::Unknown => diagnostics.push(unknown(place, t.text(text))),
            _ => {}
        }
    }
}

/// The last token that has a text.
fn last_written(tokens: &[Token]) -> Option<Token> {
    tokens.iter().rev().find(|t| t.start < t.end && t.kind != K::Space).copied()
}

fn value_unclosed(place: Place) -> Diagnostic {
    Diagnostic::error(codes::P1002, place, "this `{` in a string is never closed")
        .here("its `}` is missing")
        .help("Write `}` after the value; a `{` that is meant as it is is written `\\{`.")
}

fn unclosed(place: Place) -> Diagnostic {
    Diagnostic::error(codes::P1002, place, "this string does not end")
        .here("no `\"` before the end of the line")
        .note("A string stands on one line, with what is in its `{ }`.")
        .help("Close it with `\"`; write `\\n` for a line break in it.")
}

fn bad_escape(place: Place, text: &str) -> Diagnostic {
    Diagnostic::error(codes::P1004, place, format!("`{}` is no escape", escape::one_line(text)))
        .here("unknown escape")
        .help("There are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, `\\{`, `\\}` and `\\u{…}` with the number of a character; write `\\\\` for a backslash.")
}

fn bad_number(place: Place, text: &str) -> Diagnostic {
    let shown = escape::one_line(text);
    let d = Diagnostic::error(codes::P1005, place, format!("`{shown}` is not a value that can be written"));
    if let Some(right) = lengths::written(text) {
        return d
            .here("durations are written with `ms`, `s`, `m`, `h`, `d`, `w`")
            .help(format!("Write `{right}`."))
            .fix(format!("Write `{right}`"), true, vec![Edit { place, text: right }]);
    }
    let unit: String = text.chars().skip_while(|c| c.is_ascii_digit() || *c == '_').collect();
    let number: String = text.chars().take_while(|c| c.is_ascii_digit()).collect();
    if let Some(help) = lengths::without_length(&number, &unit) {
        return d.here("no length of time").help(help);
    }
    let lower = unit.to_ascii_lowercase();
    if lower == "k" {
        return d
            .here("a number, or a size?")
            .help(format!("Write `{number}000` for a number, and `{number}KB` for a size."));
    }
    let size = match lower.as_str() {
        "kb" => "KB",
        "mb" => "MB",
        "g" | "gb" => "GB",
        "t" | "tb" => "TB",
        _ => "",
    };
    if !size.is_empty() {
        let right = format!("{number}{size}");
        return d
            .here("sizes are written with `B`, `KB`, `MB`, `GB`, `TB`, or `KiB` and so on")
            .help(format!("Write `{right}`."))
            .fix(format!("Write `{right}`"), false, vec![Edit { place, text: right }]);
    }
    if text.contains('.') && !unit.is_empty() {
        return d.here("a duration or a size is made of whole numbers").help("Write `1h30m`, or `1500KB`.");
    }
    if text.ends_with(|c: char| c.is_ascii_digit()) && text.contains(['s', 'm', 'h', 'd', 'w']) {
        return d.here("a number without a unit?").help("Write the unit of each number: `1h30m`.");
    }
    d.here("neither a number nor a duration, a size, a time or an address")
}

pub(crate) fn instead(place: Place, found: K, right: &str) -> Diagnostic {
    let word = right.trim();
    Diagnostic::error(codes::P1009, place, format!("{} is written `{word}`", found.shown()))
        .here(format!("write `{word}`"))
        .fix(format!("Write `{word}`"), true, vec![Edit { place, text: right.into() }])
}

/// The word for a sign, with spaces where what stands beside the sign touches it.
pub(crate) fn apart(text: &str, place: Place, word: &str) -> String {
    let before = text.get(..place.start as usize).and_then(|t| t.chars().next_back());
    let after = text.get(place.end as usize..).and_then(|t| t.chars().next());
    let touched = before.is_some_and(|c| c.is_alphanumeric() || "_\"')]}?/".contains(c));
    let touches = after.is_some_and(|c| !c.is_whitespace());
    format!("{}{word}{}", if touched { " " } else { "" }, if touches { " " } else { "" })
}

/// A `!` right behind a value, and no `!in`: it negates nothing.
fn odd_bang(tokens: &[Token], at: usize) -> bool {
    let before = tokens.get(..at).unwrap_or(&[]).iter().rev().map(|t| t.kind).find(|k| *k != K::Space);
    let after = tokens.iter().skip(at + 1).map(|t| t.kind).find(|k| *k != K::Space);
    let value = |k: K| {
        let ends =
            matches!(k, K::StrEnd | K::RParen | K::RBrack | K::Question | K::True | K::False | K::None);
        ends || (k.is_word() && !k.is_reserved()) || k.is_literal()
    };
    before.is_some_and(value) && !matches!(after, Some(K::In | K::Matches | K::Like | K::ILike))
}

/// `"{case.ip!r}"`, `case.ip!`
fn bang_behind_value(file: u32, text: &str, tokens: &[Token], at: usize) -> Diagnostic {
    let start = tokens.get(at).map_or(0, |t| t.start);
    let (word, close) = (tokens.get(at + 1), tokens.get(at + 2));
    let word = word.filter(|w| w.kind == K::Ident && close.is_some_and(|c| c.kind == K::InterpClose));
    let end = word.or(tokens.get(at)).map_or(start, |t| t.end);
    let place = Place { file, start, end };
    let shown = escape::one_line(text.get(start as usize..end as usize).unwrap_or("!"));
    let finding = Diagnostic::error(codes::P1009, place, format!("`{shown}` says nothing of a value"));
    let finding = finding.here("no part of the language");
    if word.is_some() {
        let edits = vec![Edit { place, text: String::new() }];
        return finding.help("What stands in `{ }` is a value, without a format.").fix(
            "Leave it out",
            false,
            edits,
        );
    }
    finding.help("To negate, write `not` before what is negated; a value that may be absent has an `else`.")
}

/// Whether a `=` stands right before it.
fn assigns(tokens: &[Token], at: usize, start: u32) -> bool {
    at.checked_sub(1).and_then(|i| tokens.get(i)).is_some_and(|t| t.kind == K::Assign && t.end == start)
}

/// `=~`
fn matches(text: &str, place: Place) -> Diagnostic {
    let place = Place { start: place.start.saturating_sub(1), ..place };
    Diagnostic::error(codes::P1003, place, "`=~` means nothing here")
        .here("write `matches`")
        .help("Write `TEXT matches /PATTERN/`.")
        .fix("Write `matches`", false, vec![Edit { place, text: apart(text, place, "matches") }])
}

/// Characters that begin no token.
fn unknown(place: Place, text: &str) -> Diagnostic {
    let shown = escape::one_line(text);
    let finding = Diagnostic::error(codes::P1003, place, format!("`{shown}` means nothing here"))
        .here("no part of the language");
    let written = |finding: Diagnostic, right: &str, safe: bool| {
        let edits = vec![Edit { place, text: right.into() }];
        let title =
            if right.starts_with(' ') { "Write spaces".to_string() } else { format!("Write `{right}`") };
        finding.fix(title, safe, edits)
    };
    if text.chars().all(char::is_whitespace) {
        let spaces = " ".repeat(text.chars().count());
        return written(finding.help("It looks like a space, and is none."), &spaces, true);
    }
    match text {
        "#" => written(finding.help("A comment begins with `//`."), "//", false),
        "&" => written(finding.help("Write `and`."), "and", false),
        "$" => written(finding, "payload", false).help("A record that comes in is `payload`; in a text a value stands in `{ }`, without `$`."),
        "@" => finding.help("A field whose name is no name here is written in brackets: `payload[\"@timestamp\"]`."),
        _ if text.chars().any(|c| "\u{201c}\u{201d}\u{201e}\u{2018}\u{2019}`\u{ab}\u{bb}".contains(c)) => {
            finding.help("Strings stand between two `\"`.")
        }
        _ => finding.note(
            "Names are written with ASCII letters, digits and `_`. In strings and comments any character may stand.",
        ),
    }
}

/// Whether something in these tokens was reported here, so that what else is wrong round it may follow from that.
pub(crate) fn is_reported(tokens: &[Token]) -> bool {
    tokens.iter().enumerate().any(|(i, t)| {
        let unclosed = matches!(t.kind, K::StrEnd | K::InterpClose) && t.start == t.end;
        let odd = t.kind == K::Bang && odd_bang(tokens, i);
        let kinds =
            matches!(t.kind, K::Unknown | K::BadRegex | K::BadNumber | K::SingleQuoted | K::Semicolon);
        unclosed || odd || kinds
    })
}
