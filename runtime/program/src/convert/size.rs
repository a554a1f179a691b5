//! Sizes.

/// Units: name and bytes. Those of a thousand first, since they are what people mean by MB.
const UNITS: [(&str, u64); 9] = [
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// `5MB`, `512B`, `4KiB`: a whole number and a unit.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let wrong = || "a size looks like `5MB`, `512B` or `4KiB`".to_string();
    let (digits, unit) = text.split_at_checked(end).ok_or_else(wrong)?;
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    if digits.is_empty() {
        return Err(wrong());
    }
    digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(*bytes))
        .ok_or_else(|| "it is too large".to_string())
}

/// As a size is written in Play: in the first unit of which it is a whole number.
pub(super) fn show_size(bytes: u64) -> String {
    UNITS
        .iter()
        .find(|(_, unit)| bytes != 0 && bytes.is_multiple_of(*unit))
        .map_or_else(|| "0B".into(), |(name, unit)| format!("{}{name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_and_shown_alike() {
        for (text, bytes) in [
            ("0B", 0),
            ("512B", 512),
            ("5MB", 5_000_000),
            ("4KiB", 4096),
            ("1001B", 1001),
            ("3TB", 3_000_000_000_000),
        ] {
            assert_eq!(size(text), Ok(bytes));
            assert_eq!(show_size(bytes), text);
        }
    }

    #[test]
    fn what_is_no_size() {
        for text in ["", "5", "MB", "5mb", "5 MB", "-5MB", "1.5MB", "99999999999999999999B", "99999999TB"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
