//! The parts of a text.

use crate::builtin::{Builtin, Shape};
use crate::value::Value;

pub(super) const LINES: Builtin = Builtin {
    name: "lines",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::String),
    doc: r"Its lines, without their ends (`\n`, `\r\n`). A line end at its end begins no further line.",
    examples: &[(r#""a\r\nb\n".lines()"#, r#"["a", "b"]"#), (r#""".lines().is_empty"#, "true")],
    run: |call| Some(Value::List(call.text(0)?.lines().map(Value::str).collect())),
};

pub(super) const WORDS: Builtin = Builtin {
    name: "words",
    property: false,
    receiver: Shape::String,
    params: &[],
    result: Shape::List(&Shape::String),
    doc: "What stands between its blanks (of Unicode, line ends too).",
    examples: &[(r#"" net  user ada ".words()"#, r#"["net", "user", "ada"]"#)],
    run: |call| Some(Value::List(call.text(0)?.split_whitespace().map(Value::str).collect())),
};

pub(super) const BEFORE: Builtin = Builtin {
    name: "before",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Option(&Shape::String),
    doc: "What stands before the first occurrence of the other text, `none` when there is none.",
    examples: &[(r#""key=a=b".before("=")"#, r#""key""#), (r#""key".before("=") == none"#, "true")],
    run: |call| Some(Value::str(call.text(0)?.split_once(call.text(1)?)?.0)),
};

pub(super) const AFTER: Builtin = Builtin {
    name: "after",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Option(&Shape::String),
    doc: "What stands behind the first occurrence of the other text, `none` when there is none.",
    examples: &[(r#""key=a=b".after("=")"#, r#""a=b""#)],
    run: |call| Some(Value::str(call.text(0)?.split_once(call.text(1)?)?.1)),
};
