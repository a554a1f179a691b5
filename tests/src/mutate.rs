//! Damage done to texts and bytes, the same for the same seed.

use crate::generate::Rng;

/// Words and signs that are likelier to get somewhere than characters at random.
const PIECES: &[&str] = &[
    "playbook",
    "case",
    "fn",
    "type",
    "enum",
    "source",
    "connector",
    "test",
    "let",
    "if",
    "else",
    "match",
    "for",
    "in",
    "do",
    "close",
    "because",
    "set",
    "note",
    "step",
    "rollback",
    "procedure",
    "not",
    "and",
    "or",
    "as",
    "none",
    "true",
    "?",
    "?.",
    ".",
    ",",
    ":",
    "=",
    "=>",
    "->",
    "==",
    "<",
    "+",
    "-",
    "/",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "\"",
    "\"{",
    "}\"",
    "\n",
    "// c\n",
    "0",
    "9223372036854775807",
    "2.5",
    "1h",
    "5MB",
    "10.0.0.0/8",
    "::1",
    "/a/",
    "x",
    "T",
    "Int",
    "Json",
    "[T]",
    "T?",
    "é",
];

/// A text with some of its pieces left out, doubled, swapped, or replaced. `split` cuts it into pieces.
#[must_use]
pub fn text(pieces: &[&str], rng: &mut Rng) -> String {
    let mut pieces: Vec<&str> = pieces.to_vec();
    for _ in 0..rng.below(4).saturating_add(1) {
        let (a, b) = (rng.index(pieces.len()), rng.index(pieces.len()));
        match rng.below(6) {
            0 => drop((a < pieces.len()).then(|| pieces.remove(a))),
            1 => {
                if let Some(piece) = pieces.get(a).copied() {
                    pieces.insert(b, piece);
                }
            }
            2 if a < pieces.len() && b < pieces.len() => pieces.swap(a, b),
            3 => pieces.truncate(a.max(8)),
            4 => drop(pieces.drain(a.min(b)..a.max(b).min(a.min(b).saturating_add(12)))),
            _ => {
                let piece = rng.word(PIECES);
                if let Some(place) = pieces.get_mut(a) {
                    *place = piece;
                }
            }
        }
    }
    pieces.concat()
}

/// Words and signs in any order.
#[must_use]
pub fn soup(rng: &mut Rng) -> String {
    let count = rng.below(120);
    (0..count).map(|_| format!("{}{}", rng.word(PIECES), if rng.chance(80) { " " } else { "" })).collect()
}

/// Bytes with some of them changed, left out or put in.
#[must_use]
pub fn bytes(of: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = of.to_vec();
    for _ in 0..rng.below(4).saturating_add(1) {
        let at = rng.index(bytes.len());
        let byte = u8::try_from(rng.below(256)).unwrap_or(0);
        match (rng.below(5), bytes.get_mut(at)) {
            (0, Some(place)) => *place = byte,
            (1, Some(place)) => *place ^= 1 << (byte % 8),
            (2, Some(_)) => drop(bytes.remove(at)),
            (3, _) => bytes.insert(at, byte),
            (4, Some(_)) if rng.chance(20) => bytes.truncate(at),
            (_, Some(place)) => *place = 0xFF,
            (_, None) => bytes.push(byte),
        }
    }
    bytes
}

/// Bytes with one place repeated very often: what is a list there has many elements, and its length says so now and then.
#[must_use]
pub fn grown(of: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = of.to_vec();
    let at = rng.index(bytes.len());
    let count = rng.index(200_000);
    let width = rng.index(4).saturating_add(1).min(bytes.len().saturating_sub(at));
    let piece: Vec<u8> = if rng.chance(50) {
        vec![u8::try_from(rng.below(4)).unwrap_or(0); width]
    } else {
        bytes.get(at..at.saturating_add(width)).unwrap_or_default().to_vec()
    };
    let more: Vec<u8> = piece.iter().copied().cycle().take(count.saturating_mul(piece.len())).collect();
    let after = bytes.split_off(at);
    // The length of a list stands before it, seven bits a byte.
    let mut left = count;
    if rng.chance(70) {
        bytes.pop();
        while left > 127 {
            bytes.push(u8::try_from(left % 128).unwrap_or(0) | 128);
            left /= 128;
        }
        bytes.push(u8::try_from(left).unwrap_or(0));
    }
    bytes.extend(more);
    bytes.extend(after);
    bytes
}
