//! The parts of URLs, mail addresses and domains.

use crate::builtin::{Builtin, Call, Shape};
use crate::convert::url_parts;
use crate::value::Value;

pub(super) const URL_HOST: Builtin = Builtin {
    name: "host",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Option(&Shape::String),
    doc: "Its host: a name or an address, IPv6 without brackets.",
    examples: &[("page.host", r#""www.example""#)],
    run: |call| url_parts(call.text(0)?)?.host.map(|t| Value::str(&t)),
};

pub(super) const URL_DOMAIN: Builtin = Builtin {
    name: "domain",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Option(&Shape::Domain),
    doc: "Its host, when that is a name.",
    examples: &[("page.domain == none", "false")],
    run: |call| url_parts(call.text(0)?)?.domain.map(|t| Value::str(&t)),
};

pub(super) const URL_SCHEME: Builtin = Builtin {
    name: "scheme",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::String,
    doc: "What stands before the first colon, in lower case.",
    examples: &[("page.scheme", r#""https""#)],
    run: |call| Some(Value::str(&url_parts(call.text(0)?)?.scheme)),
};

pub(super) const URL_PATH: Builtin = Builtin {
    name: "path",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::String,
    doc: "Its path, percent-encoded as it is in the URL.",
    examples: &[("page.path", r#""/x%20y""#)],
    run: |call| Some(Value::str(&url_parts(call.text(0)?)?.path)),
};

pub(super) const EMAIL_DOMAIN: Builtin = Builtin {
    name: "domain",
    property: true,
    receiver: Shape::Email,
    params: &[],
    result: Shape::Domain,
    doc: "What stands behind the `@`.",
    examples: &[("mail.domain.text", r#""example.com""#)],
    run: |call| Some(Value::str(call.text(0)?.rsplit_once('@')?.1)),
};

pub(super) const EMAIL_LOCAL: Builtin = Builtin {
    name: "local",
    property: true,
    receiver: Shape::Email,
    params: &[],
    result: Shape::String,
    doc: "What stands before the `@`, as it is written.",
    examples: &[("mail.local", r#""Ada""#)],
    run: |call| Some(Value::str(call.text(0)?.rsplit_once('@')?.0)),
};

pub(super) const IS_WITHIN: Builtin = Builtin {
    name: "is_within",
    property: false,
    receiver: Shape::Domain,
    params: &[Shape::Domain],
    result: Shape::Bool,
    doc: "Whether it is the other domain, or lies below it.",
    examples: &[(r#"host.is_within("example")"#, "true"), (r#"host.is_within("cher.example")"#, "false")],
    run: is_within,
};

fn is_within(call: &Call<'_>) -> Option<Value> {
    let (name, above) = (call.text(0)?, call.text(1)?);
    let below = name.strip_suffix(above).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    Some(Value::Bool(below))
}
