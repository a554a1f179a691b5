//! Instants and spans of time.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp, civil};

const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Units of a span, largest first: name and nanoseconds.
const UNITS: [(&str, i128); 8] = [
    ("w", 604_800 * NANOS_PER_SECOND),
    ("d", 86_400 * NANOS_PER_SECOND),
    ("h", 3_600 * NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

const NOT_A_TIME: &str = "a time looks like `2026-11-20T12:00:00Z`";

/// RFC 3339, and what is close to it: a blank for the `T`, no seconds, no offset (then UTC), an offset without colon.
/// Digits behind the ninth of a fraction are cut; a leap second is the second before it.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let mut rest = Digits(text);
    let year = rest.take(4).ok_or(NOT_A_TIME)?;
    rest.skip('-').ok_or(NOT_A_TIME)?;
    let month = rest.take(2).ok_or(NOT_A_TIME)?;
    rest.skip('-').ok_or(NOT_A_TIME)?;
    let day = rest.take(2).ok_or(NOT_A_TIME)?;
    if rest.0.is_empty() {
        return Err("a day alone is not a time: the hour is missing".into());
    }
    rest.skip_any(&['T', 't', ' ']).ok_or(NOT_A_TIME)?;
    let hour = rest.take(2).ok_or(NOT_A_TIME)?;
    rest.skip(':').ok_or(NOT_A_TIME)?;
    let minute = rest.take(2).ok_or(NOT_A_TIME)?;
    let (mut second, mut nanos) = (0, 0);
    if rest.skip(':').is_some() {
        second = rest.take(2).ok_or(NOT_A_TIME)?;
        if rest.skip('.').is_some() {
            nanos = rest.fraction().ok_or(NOT_A_TIME)?;
        }
    }
    let offset = rest.offset().ok_or(NOT_A_TIME)?;
    if !rest.0.is_empty() {
        return Err(NOT_A_TIME.into());
    }
    let impossible = || "there is no such day or hour".to_string();
    if second > 60 || offset.abs() >= 86_400 {
        return Err(impossible());
    }
    let narrow = |n: i64| i8::try_from(n).map_err(|_| impossible());
    let local = civil::DateTime::new(
        i16::try_from(year).map_err(|_| impossible())?,
        narrow(month)?,
        narrow(day)?,
        narrow(hour)?,
        narrow(minute)?,
        narrow(second.min(59))?,
        nanos,
    )
    .map_err(|_| impossible())?;
    // The last hours of the year 9999 are not held, so that a time has a day in every time zone.
    let late = |_| "later than 9999-12-30T22:00:00Z, the last time there is".to_string();
    let utc = jiff::tz::Offset::UTC.to_timestamp(local).map_err(late)?;
    utc.checked_sub(SignedDuration::from_secs(offset)).map_err(late)
}

/// What is left of a text that is read from its front.
struct Digits<'a>(&'a str);

impl Digits<'_> {
    /// Exactly so many digits.
    fn take(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    fn skip(&mut self, c: char) -> Option<()> {
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }

    fn skip_any(&mut self, any: &[char]) -> Option<()> {
        self.0 = self.0.strip_prefix(any)?;
        Some(())
    }

    /// Digits of a fraction, in nanoseconds.
    fn fraction(&mut self) -> Option<i32> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        if digits.is_empty() {
            return None;
        }
        format!("{:0<9.9}", digits).parse().ok()
    }

    /// Seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.skip_any(&['Z', 'z']).is_some() {
            return Some(0);
        }
        let west = self.skip('-').is_some();
        if !west {
            self.skip('+')?;
        }
        let hours = self.take(2)?;
        let _ = self.skip(':');
        let minutes = self.take(2).filter(|m| *m < 60)?;
        let seconds = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?;
        Some(if west { seconds.checked_neg()? } else { seconds })
    }
}

/// `1h30m`, with the units w d h m s ms us ns in falling order, or ISO 8601 (`PT1H30M`, also with weeks and days, which
/// are 7 × 24 and 24 hours; years and months have no fixed length and are refused). A sign may stand before it.
pub(super) fn duration(text: &str) -> Result<SignedDuration, String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let nanos = match rest.strip_prefix('P') {
        Some(iso) => iso_nanos(iso)?,
        None => short_nanos(rest)?,
    };
    let nanos = if negative { nanos.checked_neg() } else { Some(nanos) };
    nanos.and_then(SignedDuration::try_from_nanos_i128).ok_or_else(|| TOO_LONG.to_string())
}

const NOT_A_DURATION: &str = "a duration looks like `1h30m` or `PT1H30M`";
const TOO_LONG: &str = "it is too long";

fn short_nanos(text: &str) -> Result<i128, String> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut sum: i128 = 0;
    if rest.is_empty() {
        return Err(NOT_A_DURATION.into());
    }
    while !rest.is_empty() {
        let (count, tail) = number(rest).ok_or(NOT_A_DURATION)?;
        let end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (name, tail) = tail.split_at_checked(end).ok_or(NOT_A_DURATION)?;
        // Going on behind the last unit refuses repeated ones and a wrong order.
        let (_, size) = units.by_ref().find(|(unit, _)| *unit == name).ok_or(NOT_A_DURATION)?;
        sum = plus(sum, count, *size)?;
        rest = tail;
    }
    Ok(sum)
}

fn iso_nanos(text: &str) -> Result<i128, String> {
    let (date, clock) = match text.split_once('T') {
        Some((date, clock)) if !clock.is_empty() => (date, clock),
        Some(_) => return Err(NOT_A_DURATION.into()),
        None => (text, ""),
    };
    if date.is_empty() && clock.is_empty() {
        return Err(NOT_A_DURATION.into());
    }
    let mut sum = 0;
    for (mut rest, names) in [(date, ["W", "D", ""]), (clock, ["H", "M", "S"])] {
        let mut names = names.into_iter();
        while !rest.is_empty() {
            let (count, mut tail) = number(rest).ok_or(NOT_A_DURATION)?;
            let mut nanos = 0;
            if let Some(fraction) = tail.strip_prefix('.') {
                let mut digits = Digits(fraction);
                nanos = digits.fraction().ok_or(NOT_A_DURATION)?;
                tail = digits.0;
                if !tail.starts_with('S') {
                    return Err(NOT_A_DURATION.into());
                }
            }
            let name = tail.chars().next().ok_or(NOT_A_DURATION)?;
            if name == 'Y' || (name == 'M' && names.as_slice().first() == Some(&"W")) {
                return Err("years and months have no fixed length".into());
            }
            let found = names.by_ref().find(|n| n.starts_with(name)).ok_or(NOT_A_DURATION)?;
            let unit = found.to_ascii_lowercase();
            let (_, size) = UNITS.iter().find(|(u, _)| *u == unit).ok_or(NOT_A_DURATION)?;
            sum = plus(sum, count, *size)?;
            sum = plus(sum, i128::from(nanos), 1)?;
            rest = tail.strip_prefix(name).unwrap_or_default();
        }
    }
    Ok(sum)
}

fn plus(sum: i128, count: i128, size: i128) -> Result<i128, String> {
    count.checked_mul(size).and_then(|n| sum.checked_add(n)).ok_or_else(|| TOO_LONG.to_string())
}

/// A whole number at the front, and the rest.
fn number(text: &str) -> Option<(i128, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((digits.parse().ok()?, rest))
}

/// As a span is written in Play: `1d2h`, `-30m`, `0s`. Weeks are days here.
pub(super) fn show_duration(duration: SignedDuration) -> String {
    let nanos = duration.as_nanos();
    if nanos == 0 {
        return "0s".into();
    }
    let mut text = String::from(if nanos < 0 { "-" } else { "" });
    let mut rest = nanos.unsigned_abs();
    for (name, size) in UNITS.iter().skip(1) {
        let size = size.unsigned_abs();
        let count = rest / size;
        rest %= size;
        if count > 0 {
            let _ = write!(text, "{count}{name}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_the_field_writes_them() {
        let noon = "2026-11-20T12:00:00Z";
        for text in [
            "2026-11-20T12:00:00Z",
            "2026-11-20T12:00Z",
            "2026-11-20t12:00:00z",
            "2026-11-20 12:00:00",
            "2026-11-20T13:00:00+01:00",
            "2026-11-20T07:00:00.000-0500",
            "2026-11-20T12:00:00.0000000001Z",
        ] {
            assert_eq!(time(text).map(|t| t.to_string()).as_deref(), Ok(noon), "{text}");
        }
        assert_eq!(
            time("2016-12-31T23:59:60Z").map(|t| t.to_string()).as_deref(),
            Ok("2016-12-31T23:59:59Z")
        );
        assert_eq!(
            time("2026-11-20T12:00:00.5Z").map(|t| t.to_string()).as_deref(),
            Ok("2026-11-20T12:00:00.5Z")
        );
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "2026",
            "2026-11-20",
            "2026-11-20T",
            "2026-11-20T12",
            "2026-02-30T12:00Z",
            "2026-11-20T24:00Z",
            "1732104000",
            "2026-11-20T12:00:61Z",
            "2026-11-20T12:00:00.Z",
            "2026-11-20T12:00Z ",
            "2026-11-20T12:00+1",
            "20261120T120000Z",
            "2026-11-20T12:00:00+99:00",
            "2026-11-20T12:00:00+01:60",
            "２026-11-20T12:00Z",
        ] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("90s", 90),
            ("1h30m", 5400),
            ("PT1H30M", 5400),
            ("-PT5M", -300),
            ("P1DT1S", 86_401),
            ("1w", 604_800),
            ("0s", 0),
            ("PT1.500S", 1),
        ] {
            assert_eq!(duration(text).map(|d| d.as_secs()), Ok(seconds), "{text}");
        }
        for text in [
            "",
            "-",
            "1",
            "h",
            "1h1h",
            "1m1h",
            "P",
            "PT",
            "P1M",
            "P1Y",
            "1 h",
            "PT1M1H",
            "PT1.5H",
            "99999999999999999999w",
            "1.5h",
            "PT.5S",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_is_shown_as_it_is_written() {
        for text in ["0s", "1h30m", "-45s", "1d", "500ms", "1s1ns"] {
            assert_eq!(duration(text).map(show_duration).as_deref(), Ok(text));
        }
        assert_eq!(duration(&show_duration(SignedDuration::MIN)), Ok(SignedDuration::MIN));
    }
}
