//! Values as texts: what an interpolation shows.

use crate::builtin::{Builtin, Call, Shape};
use crate::convert::display;
use crate::value::Value;

pub(super) const IP: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Ip,
    params: &[],
    result: Shape::String,
    doc: "In the normal form of RFC 5952.",
    examples: &[("2001:DB8::0:1.text", r#""2001:db8::1""#)],
    run: text,
};

pub(super) const CIDR: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Cidr,
    params: &[],
    result: Shape::String,
    doc: "Network and prefix.",
    examples: &[("10.0.0.0/8.text", r#""10.0.0.0/8""#)],
    run: text,
};

pub(super) const URL: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::String,
    doc: "In normal form.",
    examples: &[("page.text", r#""https://www.example:8443/x%20y?q""#)],
    run: text,
};

pub(super) const EMAIL: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Email,
    params: &[],
    result: Shape::String,
    doc: "With the domain in lower case.",
    examples: &[("mail.text", r#""Ada@example.com""#)],
    run: text,
};

pub(super) const DOMAIN: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Domain,
    params: &[],
    result: Shape::String,
    doc: "In lower case and ASCII, without a dot at its end.",
    examples: &[("host.text", r#""xn--bcher-kva.example""#)],
    run: text,
};

pub(super) const HASH: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Hash,
    params: &[],
    result: Shape::String,
    doc: "In lower case.",
    examples: &[("digest.text", r#""d41d8cd98f00b204e9800998ecf8427e""#)],
    run: text,
};

pub(super) const TIME: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Time,
    params: &[],
    result: Shape::String,
    doc: "RFC 3339 in UTC.",
    examples: &[("2026-11-20T12:00Z.text", r#""2026-11-20T12:00:00Z""#)],
    run: text,
};

pub(super) const DURATION: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::String,
    doc: "As it is written in Play.",
    examples: &[("90m.text", r#""1h30m""#)],
    run: text,
};

pub(super) const INT: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Int,
    params: &[],
    result: Shape::String,
    doc: "In decimal digits.",
    examples: &[("(-5).text", r#""-5""#)],
    run: text,
};

pub(super) const DATE: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Date,
    params: &[],
    result: Shape::String,
    doc: "Year, month and day.",
    examples: &[("2026-11-20.text", r#""2026-11-20""#)],
    run: text,
};

pub(super) const VERSION: Builtin = Builtin {
    name: "text",
    property: true,
    receiver: Shape::Version,
    params: &[],
    result: Shape::String,
    doc: "As it is written, without a `v` before it.",
    examples: &[("agent.text", r#""7.11.0""#)],
    run: text,
};

pub(super) const BYTES: Builtin = Builtin {
    name: "base64",
    property: true,
    receiver: Shape::Bytes,
    params: &[],
    result: Shape::String,
    doc: "In base64, as they stand in documents.",
    examples: &[("content.base64", r#""aGVsbG8=""#)],
    run: text,
};

fn text(call: &Call<'_>) -> Option<Value> {
    let value = call.args.first()?;
    (!matches!(value, Value::None)).then(|| Value::str(&display(value, call.receiver, call.types)))
}
