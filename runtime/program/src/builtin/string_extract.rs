//! Addresses and digests out of text. What looks like one and is none by the rules of its type is left out.

use std::sync::LazyLock;

use regex::Regex;

use crate::builtin::{Builtin, Call, Shape};
use crate::convert::parse_text;
use crate::types::Type;
use crate::value::Value;

pub(super) const URLS: Builtin = Builtin {
    name: "urls",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::Url),
    doc: "The `http`, `https` and `ftp` URLs in it, in normal form, without a full stop or bracket that ends the sentence.",
    examples: &[(
        r#""see HTTPS://Evil.example/a?b, (http://b.example/x).".urls().map(u => u.text)"#,
        r#"["https://evil.example/a?b", "http://b.example/x"]"#,
    )],
    run: |call| all(call, &URL, &Type::Url, |text| text),
};

pub(super) const EMAILS: Builtin = Builtin {
    name: "emails",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::Email),
    doc: "The mail addresses in it.",
    examples: &[(r#""From: Ada <ada@EXAMPLE.com>".emails().map(e => e.text)"#, r#"["ada@example.com"]"#)],
    run: |call| all(call, &EMAIL, &Type::Email, |text| text),
};

pub(super) const IPS: Builtin = Builtin {
    name: "ips",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::Ip),
    doc: "The addresses of machines in it, IPv4 and IPv6; of `10.0.0.1:443` the address.",
    examples: &[
        (r#""from 10.0.0.1:443 to [2001:DB8::1]".ips()"#, "[10.0.0.1, 2001:db8::1]"),
        (r#""version 1.2.3.4.5 at 12:30:00".ips().len"#, "0"),
    ],
    run: ips,
};

pub(super) const DOMAINS: Builtin = Builtin {
    name: "domains",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::Domain),
    doc: "The names in it that end in a public suffix, those in URLs and mail addresses too.",
    examples: &[(
        r#""open invoice.pdf from Mail.Example.com or ada@example.org".domains().map(d => d.text)"#,
        r#"["mail.example.com", "example.org"]"#,
    )],
    run: |call| all(call, &NAME, &Type::Domain, |text| if public(text) { text } else { "" }),
};

pub(super) const HASHES: Builtin = Builtin {
    name: "hashes",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::Hash),
    doc: "The digests in it: words of 32, 40, 64 or 128 hexadecimal digits.",
    examples: &[(r#""MD5: D41D8CD98F00B204E9800998ECF8427E, and cafe".hashes() == [digest]"#, "true")],
    run: |call| all(call, &DIGEST, &Type::Hash, |text| text),
};

type Pattern = LazyLock<Option<Regex>>;

pub(super) static URL: Pattern =
    LazyLock::new(|| Regex::new(r#"(?i)\b(?:https?|ftp)://(?:\[[0-9a-f:.]+\])?[^\s<>"'`{}|\\^\[\]]*"#).ok());
pub(super) static EMAIL: Pattern =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").ok());
pub(super) static NAME: Pattern =
    LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_-]*\.)+[\p{L}\p{N}-]*[\p{L}\p{N}]").ok());
pub(super) static NUMBERS: Pattern = LazyLock::new(|| Regex::new(r"[0-9A-Fa-f:.]+").ok());
static DIGEST: Pattern = LazyLock::new(|| {
    Regex::new(r"\b(?:[0-9A-Fa-f]{128}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{32})\b").ok()
});

/// What the pattern finds and the type takes.
fn all(call: &Call<'_>, pattern: &Pattern, ty: &Type, part: fn(&str) -> &str) -> Option<Value> {
    let pattern = pattern.as_ref()?;
    let found = pattern.find_iter(call.text(0)?).filter_map(|m| {
        let text = without_end_of_sentence(m.as_str());
        parse_text(ty, part(text), call.types).ok()
    });
    Some(Value::List(found.collect()))
}

/// A bracket that was not opened inside belongs to the sentence.
fn without_end_of_sentence(text: &str) -> &str {
    let mut text = text;
    loop {
        let shorter = text.trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']);
        let shorter = match shorter.strip_suffix(')') {
            Some(inner) if !inner.contains('(') => inner,
            _ => shorter,
        };
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

/// Whether a name ends in a suffix under which names are registered.
pub(super) fn public(name: &str) -> bool {
    let name = name.to_lowercase();
    let suffix = psl::suffix(name.as_bytes());
    suffix.is_some_and(|s| s.is_known() && s.as_bytes().len() < name.len())
}

fn ips(call: &Call<'_>) -> Option<Value> {
    let text = call.text(0)?;
    let pattern = NUMBERS.as_ref()?;
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let found = pattern.find_iter(text).filter_map(|m| {
        let before = text.get(..m.start())?.chars().next_back();
        let after = text.get(m.end()..)?.chars().next();
        if before.is_some_and(word) || after.is_some_and(word) {
            return None;
        }
        address(m.as_str(), call)
    });
    Some(Value::List(found.collect()))
}

/// An address, perhaps with a port behind it or the end of a sentence.
fn address(text: &str, call: &Call<'_>) -> Option<Value> {
    let parse = |text: &str| parse_text(&Type::Ip, text, call.types).ok();
    let text = text.trim_end_matches('.');
    let alone = text.strip_suffix(':').filter(|t| !t.ends_with(':')).unwrap_or(text);
    if !alone.contains(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    parse(alone).or_else(|| {
        let (host, port) = alone.split_once(':')?;
        port.bytes().all(|b| b.is_ascii_digit()).then(|| parse(host)).flatten()
    })
}
