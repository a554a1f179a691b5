//! Durations and sizes as numbers.

use jiff::tz::TimeZone;

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const SECONDS: Builtin = Builtin {
    name: "seconds",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Int,
    doc: "Its whole seconds, toward zero.",
    examples: &[("90s.seconds", "90"), ("1500ms.seconds", "1")],
    run: |call| units(call, 1),
};

pub(super) const MINUTES: Builtin = Builtin {
    name: "minutes",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Int,
    doc: "Its whole minutes, toward zero.",
    examples: &[("1h30m.minutes", "90")],
    run: |call| units(call, 60),
};

pub(super) const HOURS: Builtin = Builtin {
    name: "hours",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Int,
    doc: "Its whole hours, toward zero.",
    examples: &[("2d1h30m.hours", "49")],
    run: |call| units(call, 3_600),
};

pub(super) const DAYS: Builtin = Builtin {
    name: "days",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Int,
    doc: "Its whole days of 24 hours, toward zero.",
    examples: &[("1w12h.days", "7")],
    run: |call| units(call, 86_400),
};

pub(super) const MILLIS: Builtin = Builtin {
    name: "millis",
    property: true,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "Its whole milliseconds, toward zero; `none` when they do not fit.",
    examples: &[("1s500ms.millis", "1500")],
    run: |call| i64::try_from(call.duration(0)?.as_millis()).ok().map(Value::Int),
};

pub(super) const ABS: Builtin = Builtin {
    name: "abs",
    property: false,
    receiver: Shape::Duration,
    params: &[],
    result: Shape::Option(&Shape::Duration),
    doc: "The same, forward; `none` for the longest backward one, which has no counterpart.",
    examples: &[("(-90s).abs()", "90s")],
    run: |call| {
        let span = call.duration(0)?;
        if span.is_negative() { span.checked_neg().map(Value::Duration) } else { Some(Value::Duration(span)) }
    },
};

fn units(call: &Call<'_>, seconds: i64) -> Option<Value> {
    call.duration(0)?.as_secs().checked_div(seconds).map(Value::Int)
}

pub(super) const DATE: Builtin = Builtin {
    name: "date",
    property: true,
    receiver: Shape::Time,
    params: &[],
    result: Shape::Date,
    doc: "Its day in UTC.",
    examples: &[("(2026-11-20T23:30-02:00).date", "2026-11-21")],
    run: |call| match call.args.first()? {
        Value::Time(t) => Some(Value::Date(TimeZone::UTC.to_datetime(*t).date())),
        _ => None,
    },
};

pub(super) const BYTES: Builtin = Builtin {
    name: "bytes",
    property: true,
    receiver: Shape::Size,
    params: &[],
    result: Shape::Option(&Shape::Int),
    doc: "Its bytes, `none` when there are more than an `Int` holds.",
    examples: &[("5KB.bytes", "5000")],
    run: |call| match call.args.first()? {
        Value::Size(n) => i64::try_from(*n).ok().map(Value::Int),
        _ => None,
    },
};
