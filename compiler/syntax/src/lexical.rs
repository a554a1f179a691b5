//! What is wrong with single tokens. The parser reads such a token as what was likely meant, so each is said once.

use play_diagnostics::registry::codes;
use play_diagnostics::{Code, Diagnostic, Edit, Place, escape};

use crate::build::unescape;
use crate::token::{Token, TokenKind as K};

/// Reports every token that is none of the language.
pub(crate) fn check(file: u32, text: &str, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) {
    let mut strings: Vec<Token> = Vec::new();
    for (i, t) in tokens.iter().enumerate() {
        let place = Place { file, start: t.start, end: t.end };
        match t.kind {
            K::StrStart => strings.push(*t),
            K::StrEnd => {
                let start = strings.pop();
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
            K::SingleQuoted => diagnostics.push(single_quoted(place, t.text(text))),
            K::AndAnd => diagnostics.push(instead(codes::P1009, place, t.kind, "and")),
            K::OrOr => diagnostics.push(instead(codes::P1009, place, t.kind, "or")),
            K::Bang => diagnostics.push(instead(codes::P1009, place, t.kind, "not ")),
            K::EqEqEq => diagnostics.push(instead(codes::P1009, place, t.kind, "==")),
            K::NeEq => diagnostics.push(instead(codes::P1009, place, t.kind, "!=")),
            K::Semicolon => diagnostics.push(
                Diagnostic::error(codes::P1011, place, "statements end with their line, not with `;`")
                    .here("not needed")
                    .help("Leave it out; a second statement goes on a line of its own.")
                    .fix(
                        "Remove it",
                        true,
                        vec![Edit { place, text: semicolon(tokens.get(i + 1..).unwrap_or(&[])) }],
                    ),
            ),
            K::Unknown => {
                let shown = escape::one_line(t.text(text));
                diagnostics.push(
                    Diagnostic::error(codes::P1003, place, format!("`{shown}` means nothing here"))
                        .here("no part of the language")
                        .note("Names are written with ASCII letters, digits and `_`. In strings and comments any character may stand."),
                );
            }
            _ => {}
        }
    }
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
    let unit: String = text.chars().skip_while(|c| c.is_ascii_digit() || *c == '_').collect();
    let number: String = text.chars().take_while(|c| c.is_ascii_digit()).collect();
    let lower = unit.to_ascii_lowercase();
    let duration = match lower.as_str() {
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        "millis" | "milliseconds" | "msec" => "ms",
        _ => "",
    };
    if !duration.is_empty() {
        let right = format!("{number}{duration}");
        return d
            .here("durations are written with `ms`, `s`, `m`, `h`, `d`, `w`")
            .help(format!("Write `{right}`."))
            .fix(format!("Write `{right}`"), true, vec![Edit { place, text: right }]);
    }
    let size = match lower.as_str() {
        "k" | "kb" => "KB",
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
    d.here("neither a number nor a duration, a size, a time or an address")
}

fn single_quoted(place: Place, text: &str) -> Diagnostic {
    let inner = text.trim_matches('\'');
    let escaped = inner.replace('"', "\\\"").replace('{', "\\{").replace('}', "\\}");
    let right = format!("\"{escaped}\"");
    Diagnostic::error(codes::P1012, place, "strings are written with double quotes")
        .here("single quotes")
        .help(format!("Write `{}`.", escape::one_line(&right)))
        .fix("Use double quotes", true, vec![Edit { place, text: right }])
}

fn instead(code: Code, place: Place, found: K, right: &str) -> Diagnostic {
    let word = right.trim();
    Diagnostic::error(code, place, format!("{} is written `{word}`", found.shown()))
        .here(format!("write `{word}`"))
        .fix(format!("Write `{word}`"), true, vec![Edit { place, text: right.into() }])
}

/// What to put for a `;` before these tokens: nothing at a line's end, a line break before another statement.
fn semicolon(rest: &[Token]) -> String {
    let ends = match rest.iter().map(|t| t.kind).find(|k| *k != K::Space) {
        None => true,
        Some(kind) => kind.is_trivia() || matches!(kind, K::RBrace | K::InterpClose),
    };
    if ends { String::new() } else { "\n".into() }
}

/// Whether a token was reported here, so that what else is wrong round it may follow from that.
pub(crate) fn is_reported(t: &Token) -> bool {
    let unclosed = matches!(t.kind, K::StrEnd | K::InterpClose) && t.start == t.end;
    unclosed || matches!(t.kind, K::Unknown | K::BadRegex | K::BadNumber | K::SingleQuoted | K::Semicolon)
}
