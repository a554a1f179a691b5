//! What a pattern finds in a text.

use crate::builtin::patterns::compiled;
use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const FIND: Builtin = Builtin {
    name: "find",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Regex],
    result: Shape::Option(&Shape::String),
    doc: "The first part of it that the pattern matches.",
    examples: &[
        (r#""see CVE-2024-3094 and CVE-2021-44228".find(/CVE-\d+-\d+/)"#, r#""CVE-2024-3094""#),
        (r#""nothing".find(/CVE-\d+-\d+/) == none"#, "true"),
    ],
    run: |call| Some(Value::str(compiled(call.text(1)?)?.find(call.text(0)?)?.as_str())),
};

pub(super) const FIND_ALL: Builtin = Builtin {
    name: "find_all",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Regex],
    result: Shape::List(&Shape::String),
    doc: "All parts of it that the pattern matches, from left to right, none of them overlapping.",
    examples: &[(r#""a1 b22".find_all(/\d+/)"#, r#"["1", "22"]"#)],
    run: find_all,
};

fn find_all(call: &Call<'_>) -> Option<Value> {
    let found = compiled(call.text(1)?)?;
    Some(Value::List(found.find_iter(call.text(0)?).map(|m| Value::str(m.as_str())).collect()))
}

pub(super) const CAPTURE: Builtin = Builtin {
    name: "capture",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Regex],
    result: Shape::Option(&Shape::String),
    doc: "What the first group in parentheses of the pattern matched, where the pattern matches first; all that it matched when it has no group.",
    examples: &[
        (r#""user=ada ip=10.0.0.1".capture(/user=(\w+)/)"#, r#""ada""#),
        (r#""user=".capture(/user=(\w+)/) == none"#, "true"),
    ],
    run: |call| Some(Value::str(group(&compiled(call.text(1)?)?.captures(call.text(0)?)?)?)),
};

pub(super) const CAPTURE_ALL: Builtin = Builtin {
    name: "capture_all",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Regex],
    result: Shape::List(&Shape::String),
    doc: "The same wherever the pattern matches.",
    examples: &[(r#""to=ada to=bob".capture_all(/to=(\w+)/)"#, r#"["ada", "bob"]"#)],
    run: capture_all,
};

fn capture_all(call: &Call<'_>) -> Option<Value> {
    let pattern = compiled(call.text(1)?)?;
    let found = pattern.captures_iter(call.text(0)?).filter_map(|c| Some(Value::str(group(&c)?)));
    Some(Value::List(found.collect()))
}

/// The first group, or the whole where there is no group.
fn group<'t>(captures: &regex::Captures<'t>) -> Option<&'t str> {
    let index = usize::from(captures.len() > 1);
    captures.get(index).map(|m| m.as_str())
}

pub(super) const SPLIT_BY: Builtin = Builtin {
    name: "split_by",
    property: false,
    receiver: Shape::String,
    params: &[Shape::Regex],
    result: Shape::List(&Shape::String),
    doc: "The parts between what the pattern matches.",
    examples: &[(r#""a, b;c".split_by(/[,;]\s*/)"#, r#"["a", "b", "c"]"#)],
    run: split_by,
};

fn split_by(call: &Call<'_>) -> Option<Value> {
    let pattern = compiled(call.text(1)?)?;
    Some(Value::List(pattern.split(call.text(0)?).map(Value::str).collect()))
}
