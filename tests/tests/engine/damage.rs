//! Damage of what the examples have left, a store and an exported run: verification fails and names the run and the line. What can
//! happen to the files of a small store is tried, all of it, in the journal's own tests.

use play_evidence::line::hash;
use play_evidence::verify::{self, verify_chain};

use play_tests::{playc, store};

fn verify(path: &std::path::Path) -> playc::Ran {
    playc::run(&["trace".as_ref(), "verify".as_ref(), "--store".as_ref(), path.as_os_str()])
}

#[test]
fn a_flipped_byte_is_found_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("impossible-travel", &path);
    assert_eq!(verify(&path).code, 0);
    let segment = path.join("segments/00000001.jsonl");
    let whole = std::fs::read(&segment).unwrap();
    // A spread of places over all lines; the journal's own tests flip every byte of a small store.
    let mut start = 0;
    let mut tried = 0;
    for (i, line) in whole.split_inclusive(|b| *b == b'\n').enumerate() {
        let parsed = play_evidence::ParsedLine::parse(line);
        let at = start + (i * 37) % (line.len() - 1);
        start += line.len();
        let Ok(parsed) = parsed else { continue };
        let mut damaged = whole.clone();
        damaged[at] ^= 0x04;
        std::fs::write(&segment, &damaged).unwrap();
        let ran = verify(&path);
        assert_eq!(ran.code, 1, "byte {at} of {}, line {}", parsed.run, parsed.seq);
        assert!(ran.out.contains(&parsed.run) || ran.out.contains("run"), "{}", ran.out);
        assert!(ran.out.contains(&parsed.seq.to_string()), "line {} is named: {}", parsed.seq, ran.out);
        tried += 1;
    }
    assert!(tried > 50, "only {tried} lines");
    std::fs::write(&segment, &whole).unwrap();
    assert_eq!(verify(&path).code, 0);
}

/// All that can happen to a file: each bit turned over, each length, blocks twice, gone and zeroed. Gives where it begins as well.
fn damages(good: &[u8], mut each: impl FnMut(usize, &[u8])) {
    let mut bytes = good.to_vec();
    for at in 0..good.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            each(at, &bytes);
            bytes[at] ^= 1 << bit;
        }
        each(at, &good[..at]);
    }
    for len in [16, 64, 512] {
        for from in (0..good.len()).step_by(len) {
            let to = (from + len).min(good.len());
            let (before, block, after) = (&good[..from], &good[from..to], &good[to..]);
            // Up to its end the first of the two is what was there.
            each(to, &[before, block, block, after].concat());
            each(from, &[before, after].concat());
            each(from, &[before, &vec![0; to - from], after].concat());
        }
    }
}

#[test]
fn every_damage_of_an_exported_run_is_found_and_its_line_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("impossible-travel", &path);
    let runs = store::runs(&path).into_iter().map(|run| store::lines(&path, run["run"].as_str().unwrap()));
    let lines = runs.min_by_key(|lines| lines.concat().len()).unwrap();
    let good = lines.concat();
    let head = hash(lines.last().unwrap());
    assert!(verify::verify(&good, Some(head)).problems.is_empty());
    let mut ends = Vec::new();
    for line in &lines {
        ends.push(ends.last().unwrap_or(&0) + line.len());
    }
    let mut tried = 0;
    damages(&good, |at, bytes| {
        tried += 1;
        let damaged = 1 + ends.iter().take_while(|end| **end <= at).count() as u64;
        let problems = verify::verify(bytes, Some(head)).problems;
        let first = problems.first().unwrap_or_else(|| panic!("the damage at {at} is not found"));
        // Its own, or the next, whose `prev` does not fit; where the file ends behind a whole line, that one, by its head.
        let named = damaged.saturating_sub(1)..=damaged + 1;
        assert!(named.contains(&first.line), "line {damaged}: {first}");
        assert!(first.seq + 1 == first.line || first.run.is_none(), "line {damaged}: {first}");
        // As `playc trace verify FILE --head` has it.
        let told = verify_chain(bytes);
        assert!(told.is_err() || told.is_ok_and(|v| v.head != head), "line {damaged}");
    });
    println!("{tried} damages of {} lines, {} bytes", lines.len(), good.len());
    assert!(tried > good.len() * 9);
}
