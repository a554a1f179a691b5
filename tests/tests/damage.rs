//! After any byte of a stored line was flipped, verification fails and names the run and the line.

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
