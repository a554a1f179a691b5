//! What a finding is known by from one version of a file to the next, for systems that show only what is new.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::{Diagnostic, FileName};
use crate::hidden;
use crate::place::{Lines, path};
use crate::registry::Code;

/// The fingerprint of each finding, in hexadecimal (32 digits), in the order of `findings`.
///
/// It is made of the code, the path, and the text of the line without its spaces: so it stays when lines move, when they are laid out
/// anew, and when messages are reworded. Where several are alike, each next one has another.
pub(crate) fn of(findings: &[&Diagnostic], files: &[FileName]) -> Vec<String> {
    let files = &*hidden::without(findings.iter().copied(), files);
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    let mut seen: BTreeMap<[u8; 32], u64> = BTreeMap::new();
    // A line may be long, and be that of many findings: it is read once for each code.
    let mut begun: (u32, usize, BTreeMap<Code, Sha256>) = Default::default();
    let each = findings.iter().map(|d| {
        let place = d.place();
        let lines = lines.get(place.file as usize);
        let number = lines.map_or(0, |l| l.number(place.start));
        if (begun.0, begun.1) != (place.file, number) {
            begun = (place.file, number, BTreeMap::new());
        }
        let of_line = || {
            let mut hash = Sha256::new();
            for part in [d.code.as_str(), path(files, place.file)] {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
            let line = lines.map_or("", |l| l.line(number));
            line.split_whitespace().for_each(|word| hash.update(word.as_bytes()));
            hash
        };
        let mut hash = begun.2.entry(d.code).or_insert_with(of_line).clone();
        let alike = seen.entry(hash.clone().finalize().into()).or_default();
        hash.update([0]);
        hash.update(alike.to_be_bytes());
        *alike = alike.saturating_add(1);
        hash.finalize().iter().take(16).fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Place;
    use crate::registry::codes;

    fn fingerprints(text: &str) -> Vec<String> {
        let files = [FileName { path: "p.play".into(), text: text.into() }];
        let found: Vec<Diagnostic> = text
            .match_indices("bad")
            .map(|(at, _)| {
                let start = u32::try_from(at).unwrap();
                Diagnostic::warning(codes::P9001, Place { file: 0, start, end: start + 3 }, "m")
            })
            .collect();
        of(&found.iter().collect::<Vec<_>>(), &files)
    }

    #[test]
    fn it_stays_when_lines_move_and_are_laid_out_anew() {
        assert_eq!(fingerprints("let a = bad\n"), fingerprints("\n\n  let  a =  bad\nlet b = good\n"));
        assert_ne!(fingerprints("let a = bad\n"), fingerprints("let b = bad\n"));
    }

    /// Those that a system has from earlier versions stay what they are.
    #[test]
    fn it_is_the_same_in_all_versions() {
        insta::assert_snapshot!(fingerprints("let a = bad, bad\n").join(" "), @"e86b1cea3d10dad330ee5c36f4a25238 a96169f348f92b31a9361c409eb432ae");
    }

    #[test]
    fn those_that_are_alike_are_told_apart() {
        let all = fingerprints("bad bad\nbad bad\n");
        let each: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!((all.len(), each.len()), (4, 4));
    }
}
