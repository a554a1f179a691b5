//! Times where people live. The time zone database is part of the program: a replay reads the same clock.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

pub(super) const OFFSET_IN: Builtin = Builtin {
    name: "offset_in",
    property: false,
    receiver: Shape::Time,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Duration),
    doc: "How far clocks are ahead of UTC at that time in a zone of the IANA database, or in one written `+05:30`; `none` for no such zone.",
    examples: &[
        (r#"2026-07-01T00:00Z.offset_in("Europe/Berlin")"#, "2h"),
        (r#"2026-01-01T00:00Z.offset_in("Europe/Berlin")"#, "1h"),
        (r#"2026-01-01T00:00Z.offset_in("-02:30")"#, "-2h30m"),
        (r#"2026-01-01T00:00Z.offset_in("Mars/Base") == none"#, "true"),
    ],
    run: |call| Some(Value::Duration(SignedDuration::from_secs(offset(call)?))),
};

pub(super) const HOUR_IN: Builtin = Builtin {
    name: "hour_in",
    property: false,
    receiver: Shape::Time,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Int),
    doc: "The hour that clocks show at that time in a zone, 0 to 23; zones as for `offset_in`.",
    examples: &[(r#"2026-07-01T23:30Z.hour_in("Europe/Berlin")"#, "1")],
    run: |call| Some(Value::Int(local(call)?.hour().into())),
};

pub(super) const WEEKDAY_IN: Builtin = Builtin {
    name: "weekday_in",
    property: false,
    receiver: Shape::Time,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Int),
    doc: "The day of the week at that time in a zone, from 1 for Monday to 7 for Sunday; zones as for `offset_in`.",
    examples: &[(r#"2026-11-20T23:30Z.weekday_in("Asia/Tokyo")"#, "6")],
    run: |call| Some(Value::Int(local(call)?.weekday().to_monday_one_offset().into())),
};

pub(super) const TEXT_IN: Builtin = Builtin {
    name: "text_in",
    property: false,
    receiver: Shape::Time,
    params: &[Shape::String],
    result: Shape::Option(&Shape::String),
    doc: "RFC 3339 with the offset of a zone; zones as for `offset_in`.",
    examples: &[(r#"2026-07-01T12:00Z.text_in("Europe/Berlin")"#, r#""2026-07-01T14:00:00+02:00""#)],
    run: |call| {
        let offset = zone(call.text(1)?)?.to_offset(call.time(0)?);
        Some(Value::Str(call.time(0)?.display_with_offset(offset).to_string().into()))
    },
};

fn offset(call: &Call<'_>) -> Option<i64> {
    Some(zone(call.text(1)?)?.to_offset(call.time(0)?).seconds().into())
}

fn local(call: &Call<'_>) -> Option<jiff::civil::DateTime> {
    Some(zone(call.text(1)?)?.to_datetime(call.time(0)?))
}

/// `Europe/Berlin`, `UTC`, `+05:30`, `05:30`.
fn zone(name: &str) -> Option<TimeZone> {
    if let Some(offset) = fixed(name) {
        return Some(TimeZone::fixed(jiff::tz::Offset::from_seconds(offset).ok()?));
    }
    // Names have letters and no `%`, `..` or the like; the database looks them up without regard to case.
    TimeZone::get(name).ok()
}

fn fixed(name: &str) -> Option<i32> {
    let (sign, rest) = match name.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, name.strip_prefix('+').unwrap_or(name)),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |text: &str| if text.len() == 2 { text.parse::<u8>().ok() } else { None };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if hours > 25 || minutes > 59 {
        return None;
    }
    i32::from(hours).checked_mul(3600)?.checked_add(i32::from(minutes).checked_mul(60)?)?.checked_mul(sign)
}

pub(super) const TRUNCATE: Builtin = Builtin {
    name: "truncate",
    property: false,
    receiver: Shape::Time,
    params: &[Shape::Duration],
    result: Shape::Option(&Shape::Time),
    doc: "The latest whole multiple of the duration since 1970 (UTC) that is not after it: to the hour by `1h`, to the day by `1d`. `none` for a duration that is not above zero, and where that time is out of range.",
    examples: &[
        ("2026-11-20T12:47:31Z.truncate(1h)", "2026-11-20T12:00Z"),
        ("2026-11-20T12:47:31Z.truncate(15m)", "2026-11-20T12:45Z"),
        ("2026-11-20T12:47:31Z.truncate(0s) == none", "true"),
    ],
    run: truncate,
};

fn truncate(call: &Call<'_>) -> Option<Value> {
    let step = call.duration(1)?.as_nanos();
    let at = call.time(0)?.as_nanosecond();
    if step <= 0 {
        return None;
    }
    Timestamp::from_nanosecond(at.checked_sub(at.checked_rem_euclid(step)?)?).ok().map(Value::Time)
}
