//! The parts of a time, in UTC.

use jiff::{civil::DateTime, tz::TimeZone};

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

macro_rules! part {
    ($name:ident, $word:literal, $doc:literal, $example:literal, $is:literal, $of:expr) => {
        pub(super) const $name: Builtin = Builtin {
            name: $word,
            property: true,
            receiver: Shape::Time,
            params: &[],
            result: Shape::Int,
            doc: $doc,
            examples: &[($example, $is)],
            run: |call| {
                let of: fn(DateTime) -> i64 = $of;
                Some(Value::Int(of(utc(call)?)))
            },
        };
    };
}

part!(YEAR, "year", "Its year, in UTC.", "2026-11-20T12:30:15.25Z.year", "2026", |t| t.year().into());
part!(MONTH, "month", "Its month, 1 to 12, in UTC.", "2026-11-20T12:30:15.25Z.month", "11", |t| t
    .month()
    .into());
part!(DAY, "day", "Its day of the month, 1 to 31, in UTC.", "2026-11-20T12:30:15.25Z.day", "20", |t| t
    .day()
    .into());
part!(HOUR, "hour", "Its hour, 0 to 23, in UTC.", "2026-11-20T12:30:15.25Z.hour", "12", |t| t.hour().into());
part!(MINUTE, "minute", "Its minute, 0 to 59, in UTC.", "2026-11-20T12:30:15.25Z.minute", "30", |t| t
    .minute()
    .into());
part!(SECOND, "second", "Its second, 0 to 59.", "2026-11-20T12:30:15.25Z.second", "15", |t| t
    .second()
    .into());
part!(
    MILLISECOND,
    "millisecond",
    "The whole milliseconds of its second, 0 to 999.",
    "2026-11-20T12:30:15.25Z.millisecond",
    "250",
    |t| t.millisecond().into()
);
part!(
    WEEKDAY,
    "weekday",
    "Its day of the week, from 1 for Monday to 7 for Sunday, in UTC.",
    "2026-11-20T12:30:15.25Z.weekday",
    "5",
    |t| t.weekday().to_monday_one_offset().into()
);
part!(
    DAY_OF_YEAR,
    "day_of_year",
    "Its day of the year, 1 to 366, in UTC.",
    "2026-11-20T12:30:15.25Z.day_of_year",
    "324",
    |t| t.day_of_year().into()
);

fn utc(call: &Call<'_>) -> Option<DateTime> {
    Some(TimeZone::UTC.to_datetime(call.time(0)?))
}
