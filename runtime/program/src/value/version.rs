//! Versions of software: numbers with dots, as vendors write them, and what SemVer adds.

use std::cmp::Ordering;
use std::fmt;

/// A version. Shown as it is written, without a `v` before it; compared by what it means.
#[derive(Clone, Debug)]
pub struct Version {
    text: String,
    /// Without zeros at the end: `1.2` and `1.2.0` are the same version.
    numbers: Vec<u64>,
    /// `k` of `1.1.1k`, `p2` of `9.3p2`.
    patch: Option<(String, u64)>,
    /// `rc.1` of `2.0-rc.1`.
    before: Vec<Part>,
}

/// A part of what stands behind the `-`. Numbers come before texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

/// Words that say that a version comes before the one that it names; they need a `-`, or they would sort behind it.
const BEFORE: [&str; 8] = ["a", "alpha", "beta", "c", "dev", "pre", "preview", "rc"];

impl Version {
    /// Reads one.
    ///
    /// # Errors
    /// The rule that the text breaks, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (text, None),
        };
        let (rest, before) = match rest.split_once('-') {
            Some((rest, before)) => (rest, Some(before)),
            None => (rest, None),
        };
        let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (dotted, patch) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let mut numbers = dotted.split('.').map(number).collect::<Result<Vec<_>, _>>()?;
        if numbers.len() > 16 {
            return Err("it has more than sixteen numbers".into());
        }
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        let identifiers = |text: &str| {
            text.split('.')
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        };
        if !build.is_none_or(identifiers) || !before.is_none_or(identifiers) {
            return Err("behind `-` and `+` stand letters, digits and dots".into());
        }
        let before = before.into_iter().flat_map(|b| b.split('.')).map(part).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_string(), numbers, patch: patch_of(patch)?, before })
    }

    /// What equal versions have in common, and others have not.
    pub(super) fn normal(&self) -> String {
        format!("{:?} {:?} {:?}", self.numbers, self.patch, self.before)
    }
}

fn number(text: &str) -> Result<u64, String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err("a version is numbers with dots between them, as in `1.2.3`".into());
    }
    text.parse().map_err(|_| "a number in it is too large".into())
}

fn part(text: &str) -> Result<Part, String> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        number(text).map(Part::Number)
    } else {
        Ok(Part::Text(text.to_ascii_lowercase()))
    }
}

fn patch_of(text: &str) -> Result<Option<(String, u64)>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let end = text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len());
    let (letters, digits) = text.split_at_checked(end).unwrap_or((text, ""));
    let letters = letters.to_ascii_lowercase();
    if !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(
            "behind the numbers may stand letters and one more number, as in `1.1.1k` and `9.3p2`".into()
        );
    }
    // `1.0.2a` is a patch of 1.0.2, but `1.0a1` comes before 1.0.
    if BEFORE.contains(&letters.as_str()) && !(digits.is_empty() && letters.len() == 1) {
        return Err(format!("`{letters}` before a release has a `-` before it: `-{letters}`"));
    }
    let number = if digits.is_empty() { 0 } else { number(digits)? };
    Ok(Some((letters, number)))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| self.patch.cmp(&other.patch)).then_with(|| {
            match (self.before.is_empty(), other.before.is_empty()) {
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                _ => self.before.cmp(&other.before),
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
