//! The rarer parts of a URL.

use url::Url;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const PORT: Builtin = Builtin {
    name: "port",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "Its port, or the one that its scheme is known for.",
    examples: &[("page.port", "8443"), ("mail_link.port == none", "true")],
    run: |call| Some(Value::Int(url(call)?.port_or_known_default()?.into())),
};

pub(super) const QUERY: Builtin = Builtin {
    name: "query",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Option(&Shape::String),
    doc: "What stands between `?` and `#`, percent-encoded as it is in the URL.",
    examples: &[("page.query", r#""q""#), ("link.query", r#""id=4%202&q=a""#)],
    run: |call| url(call)?.query().map(Value::str),
};

pub(super) const FRAGMENT: Builtin = Builtin {
    name: "fragment",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Option(&Shape::String),
    doc: "What stands behind `#`, percent-encoded as it is in the URL.",
    examples: &[("link.fragment", r#""top""#)],
    run: |call| url(call)?.fragment().map(Value::str),
};

pub(super) const PARAM: Builtin = Builtin {
    name: "param",
    property: false,
    receiver: Shape::Url,
    params: &[Shape::String],
    result: Shape::Option(&Shape::String),
    doc: "The first parameter of that name in its query, decoded.",
    examples: &[(r#"link.param("id")"#, r#""4 2""#), (r#"link.param("x") == none"#, "true")],
    run: |call| {
        let name = call.text(1)?;
        url(call)?.query_pairs().find(|(key, _)| key == name).map(|(_, value)| Value::str(&value))
    },
};

pub(super) const FILE_NAME: Builtin = Builtin {
    name: "file_name",
    property: true,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Option(&Shape::String),
    doc: "The last part of its path, percent-encoded as it is in the URL; `none` when the path ends with `/`.",
    examples: &[("page.file_name", r#""x%20y""#)],
    run: |call| Some(Value::str(url(call)?.path_segments()?.next_back().filter(|s| !s.is_empty())?)),
};

pub(super) const WITHOUT_QUERY: Builtin = Builtin {
    name: "without_query",
    property: false,
    receiver: Shape::Url,
    params: &[],
    result: Shape::Url,
    doc: "The same URL without query and fragment.",
    examples: &[("link.without_query().text", r#""https://www.example/a/b.html""#)],
    run: |call| {
        let mut url = url(call)?;
        url.set_query(None);
        url.set_fragment(None);
        Some(Value::str(url.as_str()))
    },
};

fn url(call: &Call<'_>) -> Option<Url> {
    Url::parse(call.text(0)?).ok()
}
