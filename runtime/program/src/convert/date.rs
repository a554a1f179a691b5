//! Days.

use jiff::civil::Date;

const NOT_A_DATE: &str = "a date looks like `2026-11-20`";

/// `2026-11-20`: four, two and two digits.
pub(super) fn date(text: &str) -> Result<Date, String> {
    if text.contains(['T', 't', ' ', ':']) {
        return Err("it has a time of day".into());
    }
    let mut parts = text.split('-');
    let mut digits = |len: usize| {
        let part = parts.next().filter(|p| p.len() == len && p.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|p| p.parse::<i16>().ok()).ok_or(NOT_A_DATE)
    };
    let (year, month, day) = (digits(4)?, digits(2)?, digits(2)?);
    if parts.next().is_some() {
        return Err(NOT_A_DATE.into());
    }
    let impossible = |_| "there is no such day".to_string();
    let month = i8::try_from(month).map_err(|_| NOT_A_DATE)?;
    let day = i8::try_from(day).map_err(|_| NOT_A_DATE)?;
    Date::new(year, month, day).map_err(impossible)
}
