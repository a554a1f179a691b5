//! Lengths of time that are written otherwise: in words, in several, with other units.

/// The unit of a length of time, by the word for it. A single letter is no word.
fn unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "millis" | "milliseconds" | "millisecond" | "msec" | "msecs" => "ms",
        "sec" | "secs" | "second" | "seconds" => "s",
        "min" | "mins" | "minute" | "minutes" => "m",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "wk" | "wks" | "week" | "weeks" => "w",
        _ => return None,
    })
}

/// The same, and with the letters that units have here. `M` could be a month, a minute or a million.
fn any_unit(word: &str) -> Option<&'static str> {
    let letters = ["ms", "s", "m", "h", "d", "w"].into_iter().find(|unit| *unit == word);
    letters.or_else(|| unit(&word.to_ascii_lowercase())).or(match word {
        "H" => Some("h"),
        "S" => Some("s"),
        "D" => Some("d"),
        "W" => Some("w"),
        _ => None,
    })
}

/// A length as it is written here, from one that is not: `2days` is `2d`, `1 day 2 hours` is `1d2h`. `None` where it is no
/// length, or where its parts do not go from the larger unit to the smaller.
pub(crate) fn written(text: &str) -> Option<String> {
    const ORDER: [&str; 6] = ["w", "d", "h", "m", "s", "ms"];
    let (mut rest, mut last, mut out) = (text.trim(), None, String::new());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(digits)?;
        let tail = tail.trim_start();
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (word, next) = tail.split_at_checked(letters)?;
        let unit = any_unit(word)?;
        let place = ORDER.iter().position(|u| *u == unit);
        if number.is_empty() || place <= last {
            return None;
        }
        out.push_str(number);
        out.push_str(unit);
        (rest, last) = (next.trim_start(), place);
    }
    (!out.is_empty()).then_some(out)
}

/// The same, and a month or a year in days.
pub(crate) fn meant(text: &str) -> Option<String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(0);
    let (number, unit) = text.split_at_checked(digits)?;
    written(text).or_else(|| days(number, unit.trim()).map(|days| format!("{days}d")))
}

fn days(number: &str, unit: &str) -> Option<u32> {
    let many = number.parse::<u32>().ok()?;
    match unit {
        "M" | "mo" | "mon" | "mons" | "month" | "months" => many.checked_mul(30),
        "y" | "yr" | "yrs" | "year" | "years" => many.checked_mul(365),
        _ => None,
    }
}

/// Whether a word can be the unit of the number before it.
pub(crate) fn is_unit(word: &str) -> bool {
    any_unit(word).is_some()
}

/// What to write for a unit that has no length of its own.
pub(crate) fn without_length(number: &str, unit: &str) -> Option<String> {
    let days = days(number, unit)?;
    Some(match unit {
        "M" => format!("Write `{number}m` for minutes; months are written in days: `{days}d`."),
        _ if unit.starts_with('y') => format!("A year has no one length. Write the days: `{days}d`."),
        _ => format!("A month has no one length. Write the days: `{days}d`."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_words_are_written_in_one() {
        for (text, right) in [
            ("1 day 2 hours", "1d2h"),
            ("1h 30m", "1h30m"),
            ("2 weeks", "2w"),
            ("5 ms", "5ms"),
            ("1 h", "1h"),
            ("4H", "4h"),
            ("1hour30min", "1h30m"),
        ] {
            assert_eq!(written(text).as_deref(), Some(right), "{text}");
        }
        for text in ["30 minutes 1 hour", "1h30", "5M", "1 month", "1.5 hours", "hours", "", "1 h 2 h"] {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
