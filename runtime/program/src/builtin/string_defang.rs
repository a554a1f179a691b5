//! Addresses in text made unclickable, and clickable again.

use std::sync::LazyLock;

use regex::Regex;

use crate::builtin::string_extract::public;
use crate::builtin::{Builtin, Call, Shape, push_within, text_limit};
use crate::convert::parse_text;
use crate::types::Type;
use crate::value::Value;

pub(super) const DEFANG: Builtin = Builtin {
    name: "defang",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "With the URLs, mail addresses, IPv4 addresses and public domains in it made unclickable. Cut at a mebibyte, unless more went in.",
    examples: &[
        (
            r#""see https://evil.example.com/a.b or 10.0.0.1".defang()"#,
            r#""see hxxps://evil[.]example[.]com/a[.]b or 10[.]0[.]0[.]1""#,
        ),
        (r#""ada@example.com wrote file.txt.".defang()"#, r#""ada[@]example[.]com wrote file.txt.""#),
    ],
    run: defang,
};

pub(super) const REFANG: Builtin = Builtin {
    name: "refang",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::String,
    doc: "With what others make unclickable made whole: `hxxp`, `[.]`, `(.)`, `{.}`, `[dot]`, `[@]`, `[at]`, `[:]`, `[://]`.",
    examples: &[(
        r#""hXXps[:]//evil[.]example(.)com, ada[at]example[dot]com".refang()"#,
        r#""https://evil.example.com, ada@example.com""#,
    )],
    run: refang,
};

fn defang(call: &Call<'_>) -> Option<Value> {
    let text = call.text(0)?;
    let limit = text_limit(text.len());
    let mut result = String::new();
    for word in text.split_inclusive(|c: char| c.is_whitespace() || "<>\"'()[]{},;".contains(c)) {
        let whole = if leads_somewhere(word, call) {
            push_within(limit, &mut result, &unclickable(word))
        } else {
            push_within(limit, &mut result, word)
        };
        if !whole {
            break;
        }
    }
    Some(Value::Str(result.into()))
}

fn leads_somewhere(word: &str, call: &Call<'_>) -> bool {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = core.split(['/', ':', '?', '#']).next().unwrap_or_default();
    core.contains("://")
        || core.contains('@') && core.contains('.')
        || host.contains('.') && (public(host) || parse_text(&Type::Ip, host, call.types).is_ok())
}

fn unclickable(word: &str) -> String {
    let mut result = String::new();
    let mut rest = word;
    if let Some((scheme, behind)) = word.split_once("://") {
        result.push_str(&scheme.replace("http", "hxxp").replace("HTTP", "HXXP").replace("ftp", "fxp"));
        result.push_str("://");
        rest = behind;
    }
    let mut before = None;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        let inside =
            before.is_some_and(char::is_alphanumeric) && chars.peek().is_some_and(|c| c.is_alphanumeric());
        match c {
            '.' if inside => result.push_str("[.]"),
            '@' if inside => result.push_str("[@]"),
            c => result.push(c),
        }
        before = Some(c);
    }
    result
}

/// Each with what it stands for.
static WRITTEN: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"(?i)[\[({]\s*(?:\.|dot)\s*[\])}]", "."),
        (r"(?i)[\[({]\s*(?:@|at)\s*[\])}]", "@"),
        (r"\[://\]", "://"),
        (r"\[:\]", ":"),
        (r"(?i)\bhxxps://", "https://"),
        (r"(?i)\bhxxp://", "http://"),
        (r"(?i)\bfxp://", "ftp://"),
    ]
    .into_iter()
    .filter_map(|(pattern, meant)| Some((Regex::new(pattern).ok()?, meant)))
    .collect()
});

fn refang(call: &Call<'_>) -> Option<Value> {
    let mut text = call.text(0)?.to_string();
    for (pattern, meant) in WRITTEN.iter() {
        text = pattern.replace_all(&text, *meant).into_owned();
    }
    Some(Value::Str(text.into()))
}
