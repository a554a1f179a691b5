//! The script of `docs/verify.md`, run as an auditor would run it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use play_evidence::verify::{self, What};
use play_evidence::{Chain, J, Line, json, kinds};

const PAGE: &str = include_str!("../../../docs/verify.md");

/// What the script prints, and how it ends.
fn script(file: &[u8], head: Option<&str>) -> (String, Option<i32>) {
    let block = PAGE.split("```bash\n").nth(1).expect("the page has the script");
    let block = block.split("\n```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("verify.sh"), block).unwrap();
    fs::write(folder.path().join("run.jsonl"), file).unwrap();
    let out = Command::new("bash")
        .args(["verify.sh", "run.jsonl"])
        .args(head)
        .current_dir(folder.path())
        .output()
        .expect("bash is installed");
    assert_eq!(String::from_utf8_lossy(&out.stderr), "", "nothing goes to standard error");
    (String::from_utf8(out.stdout).unwrap(), out.status.code())
}

fn is_bad(file: &[u8], head: Option<&str>) -> String {
    let (said, code) = script(file, head);
    assert!(said.starts_with("BAD line ") && code == Some(1), "{said}");
    said
}

/// A run whose notes are what an attacker might put in an alert.
fn hostile_run(name: &str) -> Vec<Line> {
    let notes = [
        "$(touch pwned) `touch pwned` ${IFS}; rm -rf *",
        "'\"\\ \\n \\\\ \\u0000 %s %d %n",
        "line\nbreak\r\n tab\t, bell\u{7}, escape \u{1b}[2J, delete \u{7f}",
        "\u{202e}backwards\u{2069} \u{feff}\u{0} 🦀 é",
        "  spaces at the end  ",
        "{\"seq\":99,\"prev\":\"\"}",
        "",
        "-n",
    ];
    let mut chain = Chain::new(name);
    let noon: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let kind = kinds::kind("case.noted").unwrap();
    let mut lines = Vec::new();
    for (i, note) in (0..).zip(notes) {
        let fields = BTreeMap::from([("text".to_string(), json::val(J::Str(note.to_string())))]);
        lines.push(
            chain.append(noon + SignedDuration::from_millis(i), "engine", Some(3), kind, fields).unwrap(),
        );
    }
    lines
}

fn bytes_of(lines: &[Line]) -> Vec<u8> {
    lines.iter().flat_map(|l| l.bytes.to_vec()).collect()
}

fn hex(line: &Line) -> String {
    play_evidence::line::hex(&line.hash)
}

#[test]
fn a_good_run_passes_whatever_it_says() {
    for name in ["r1", "a run\u{202e}\u{1b}[2J\t$(touch pwned)\n'"] {
        let lines = hostile_run(name);
        let head = hex(&lines[7]);
        let (said, code) = script(&bytes_of(&lines), Some(&head));
        assert_eq!(code, Some(0), "{said}");
        assert!(
            said.starts_with("OK run ") && said.ends_with(&format!(", 8 lines, head {head}\n")),
            "{said}"
        );
        assert!(said.trim_end().chars().all(|c| (' '..='~').contains(&c)), "{said:?}");
        assert_eq!(script(&bytes_of(&lines), None), (said, code));
    }
}

#[test]
fn an_altered_byte_is_found_in_every_line_and_every_part_of_it() {
    let lines = hostile_run("r1");
    let good = bytes_of(&lines);
    let head = hex(&lines[7]);
    let mut start = 0;
    for (n, line) in (1..).zip(&lines) {
        let length = line.bytes.len();
        // The last is the newline; the step meets names, digests, times and texts at another place in each line.
        for at in (n..length).step_by(37).chain([length - 1]) {
            for mask in [0x01, 0x80] {
                let mut bad = good.clone();
                bad[start + at] ^= mask;
                let said = is_bad(&bad, Some(&head));
                let named = said.starts_with(&format!("BAD line {n}:"))
                    || said.starts_with(&format!("BAD line {}: its prev is not the hash of line {n}", n + 1));
                assert!(named, "line {n}, byte {at}: {said}");
            }
        }
        start += length;
    }
}

#[test]
fn lines_missing_moved_repeated_or_of_another_run_are_found() {
    let lines = hostile_run("r1");
    let changed = |change: fn(&mut Vec<Line>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        bytes_of(&lines)
    };
    let first = changed(|l| drop(l.remove(0)));
    assert_eq!(
        is_bad(&first, None),
        "BAD line 1: its seq is not 0: lines are missing, repeated or out of order\n"
    );
    let one = changed(|l| drop(l.remove(3)));
    assert_eq!(
        is_bad(&one, None),
        "BAD line 4: its seq is not 3: lines are missing, repeated or out of order\n"
    );
    assert!(is_bad(&changed(|l| l.swap(2, 3)), None).starts_with("BAD line 3: its seq"));
    assert!(is_bad(&changed(|l| l.insert(2, l[1].clone())), None).starts_with("BAD line 3: its seq"));
    assert!(
        is_bad(&changed(|l| l[5] = hostile_run("r2").remove(5)), None).starts_with("BAD line 6: its prev")
    );
}

#[test]
fn the_end_is_covered_by_the_head() {
    let lines = hostile_run("r1");
    let head = hex(&lines[7]);
    let cut = bytes_of(&lines[..7]);
    assert_eq!(script(&cut, None).1, Some(0));
    assert_eq!(
        is_bad(&cut, Some(&head)),
        "BAD line 7: its hash is not the expected head: it was altered, or lines after it are missing\n"
    );
    let torn = bytes_of(&lines);
    assert_eq!(
        is_bad(&torn[..torn.len() - 1], None),
        "BAD line 8: it does not end in a newline: the file was cut\n"
    );
    assert!(is_bad(&torn[..torn.len() - 40], None).starts_with("BAD line 8: it is not a line of evidence"));
}

#[test]
fn what_is_no_evidence_does_not_pass() {
    let good = bytes_of(&hostile_run("r1"));
    assert_eq!(is_bad(b"", None), "BAD line 0: the file is empty\n");
    assert!(is_bad(b"\n", None).starts_with("BAD line 1: it is not a line of evidence"));
    assert!(is_bad(b"[]\n", None).starts_with("BAD line 1: it is not a line of evidence"));
    assert!(is_bad(b"\x1b[2Jnot json\n", None).starts_with("BAD line 1: it is not a line of evidence"));
    let with = |at: usize, extra: &[u8]| [&good[..at], extra, &good[at..]].concat();
    let second = good.iter().position(|b| *b == b'\n').unwrap() + 1;
    assert_eq!(is_bad(&with(second + 5, b"\0"), None), "BAD line 2: it has a NUL byte\n");
    assert!(is_bad(&with(second, b"\n"), None).starts_with("BAD line 2: it is not a line of evidence"));
    assert!(is_bad(&with(good.len(), b"\n"), None).starts_with("BAD line 9: it is not a line of evidence"));
    assert!(is_bad(&with(good.len(), b"{}"), None).starts_with("BAD line 9: it is not a line of evidence"));
}

#[test]
fn the_script_and_the_crate_agree() {
    let lines = hostile_run("r1");
    let text = String::from_utf8(bytes_of(&lines)).unwrap().replacen("rm -rf", "rm -rg", 1);
    let problems = verify::verify(text.as_bytes(), None).problems;
    assert_eq!((problems.len(), problems[0].line, &problems[0].what), (1, 2, &What::Prev));
    assert_eq!(
        is_bad(text.as_bytes(), None),
        "BAD line 2: its prev is not the hash of line 1: that line was altered, or this prev\n"
    );
}
