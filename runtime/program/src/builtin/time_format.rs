//! Times in the forms of others.

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const FORMAT: Builtin = Builtin {
    name: "format",
    property: false,
    receiver: Shape::Time,
    params: &[Shape::String],
    result: Shape::Option(&Shape::String),
    doc: "By a form as for `strftime`, in UTC; `none` when that is no form.",
    examples: &[
        (r#"2026-11-20T12:00Z.format("%d.%m.%Y %H:%M")"#, r#""20.11.2026 12:00""#),
        (r#"2026-11-20T12:00Z.format("%") == none"#, "true"),
    ],
    run: |call| {
        strtime::format(call.text(1)?, &call.time(0)?.to_zoned(TimeZone::UTC))
            .ok()
            .map(|t| Value::Str(t.into()))
    },
};

pub(super) const PARSE: Builtin = Builtin {
    name: "time_by",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Time),
    doc: "The time that is written in it by a form as for `strptime`; without an offset (`%z`) in UTC, without a time of day at midnight. `none` when it is not written so.",
    examples: &[
        (r#""20/Nov/2026:13:00:00 +0100".time_by("%d/%b/%Y:%H:%M:%S %z")"#, "2026-11-20T12:00Z"),
        (r#""20.11.2026".time_by("%d.%m.%Y")"#, "2026-11-20T00:00Z"),
        (r#""soon".time_by("%d.%m.%Y") == none"#, "true"),
    ],
    run: parse,
};

fn parse(call: &Call<'_>) -> Option<Value> {
    let read = strtime::parse(call.text(1)?, call.text(0)?).ok()?;
    if read.offset().is_some() {
        return read.to_timestamp().ok().map(Value::Time);
    }
    let local = read.to_datetime().ok().or_else(|| Some(DateTime::from(read.to_date().ok()?)))?;
    TimeZone::UTC.to_timestamp(local).ok().map(Value::Time)
}
