//! The parts of a domain. Which suffixes are public is known from the Public Suffix List, which is part of the program.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const LABELS: Builtin = Builtin {
    name: "labels",
    property: false,
    receiver: Shape::Domain,
    params: &[],
    result: Shape::List(&Shape::String),
    doc: "Its parts, from the left.",
    examples: &[("shop.labels()", r#"["www", "shop", "example", "co", "uk"]"#)],
    run: |call| Some(Value::List(call.text(0)?.split('.').map(Value::str).collect())),
};

pub(super) const TLD: Builtin = Builtin {
    name: "tld",
    property: true,
    receiver: Shape::Domain,
    params: &[],
    result: Shape::String,
    doc: "Its last part.",
    examples: &[("shop.tld", r#""uk""#)],
    run: |call| call.text(0)?.rsplit('.').next().map(Value::str),
};

pub(super) const PARENT: Builtin = Builtin {
    name: "parent",
    property: true,
    receiver: Shape::Domain,
    params: &[],
    result: Shape::Option(&Shape::Domain),
    doc: "The domain directly above it, `none` above a last part.",
    examples: &[("shop.parent == \"shop.example.co.uk\"", "true")],
    run: |call| Some(Value::str(call.text(0)?.split_once('.')?.1)),
};

pub(super) const REGISTRABLE: Builtin = Builtin {
    name: "registrable",
    property: true,
    receiver: Shape::Domain,
    params: &[],
    result: Shape::Option(&Shape::Domain),
    doc: "The domain that somebody registered: one part more than its public suffix. `none` of a suffix itself, and where the suffix is unknown.",
    examples: &[("shop.registrable == \"example.co.uk\"", "true"), ("host.registrable == none", "true")],
    run: registrable,
};

fn registrable(call: &Call<'_>) -> Option<Value> {
    // The list has names of other scripts as people read them, and in ASCII as well.
    let domain = psl::domain(call.text(0)?.as_bytes())?;
    if !domain.suffix().is_known() {
        return None;
    }
    std::str::from_utf8(domain.as_bytes()).ok().map(Value::str)
}
