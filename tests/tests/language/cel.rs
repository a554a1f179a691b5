//! The conformance tests of CEL: which expressions of another language mean the same in Play, on both engines.
//!
//! `cel/pass.txt` and `cel/skip.txt` hold the name of each case of the corpus once. UPDATE=1 writes what the translation
//! can tell by itself, and names the rest.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use play_program::value::Value;
use play_tests::cel::{Case, Expected, Reason, agrees, cases, translate};
use play_tests::eval::{Outcome, eval};
use play_tests::playc;

/// Codes of the compiler that stand for an error of types or names of CEL.
const REFUSALS: &[&str] = &["P2001", "P2012", "P3001", "P3002", "P3003", "P3011"];

/// What became of a case.
enum Verdict {
    Passes,
    Skipped(Reason),
    Differs(String),
}

fn judge(case: &Case) -> Verdict {
    let program = match translate(case) {
        Ok(program) => program,
        Err(reason) => return Verdict::Skipped(reason),
    };
    let outcome = eval(&program.declarations, &program.expr, &program.ty);
    let holds = match (&case.expected, &outcome) {
        (Expected::Value(expected), Outcome::Value(value, ..)) => agrees(expected, value),
        (Expected::Error, Outcome::Fault(_)) => true,
        // A function that has no result for its arguments.
        (Expected::Error, Outcome::Value(Value::None, ..)) => program.ty.ends_with('?'),
        (Expected::Error, Outcome::Refused(codes, _)) => codes.iter().all(|c| REFUSALS.contains(&c.as_str())),
        _ => false,
    };
    if holds {
        return Verdict::Passes;
    }
    let found = match outcome {
        Outcome::Refused(_, why) => why.lines().take(6).collect::<Vec<_>>().join("\n"),
        Outcome::Value(value, ..) => format!("{value:?}"),
        Outcome::Fault(fault) => format!("fault: {fault}"),
    };
    Verdict::Differs(format!(
        "{}\n  CEL:  {}\n  Play: {}: {}\n  expected {:?}\n  found {found}",
        case.name, case.expr, program.expr, program.ty, case.expected
    ))
}

fn list(name: &str) -> Vec<String> {
    let path = playc::root().join("tests/cel").join(name);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_string).collect()
}

fn head(name: &str) -> String {
    let path = playc::root().join("tests/cel").join(name);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().take_while(|l| l.starts_with('#') || l.is_empty()).fold(String::new(), |h, l| h + l + "\n")
}

#[test]
fn what_has_a_counterpart_means_the_same() {
    let Some(corpus) = playc::corpus() else {
        println!("the corpus is not here (PLAY_CORPUS); nothing was tested");
        return;
    };
    let skipped: BTreeMap<String, Reason> = list("skip.txt")
        .iter()
        .map(|line| {
            let (name, words) = line.split_once(" · ").unwrap_or_else(|| panic!("no reason: {line}"));
            (name.to_string(), Reason::of(words).unwrap_or_else(|| panic!("no such reason: {line}")))
        })
        .collect();
    let listed = list("pass.txt");
    let (mut passes, mut skips, mut wrong) = (Vec::new(), BTreeMap::new(), Vec::new());
    for case in cases(&corpus.join("cel")) {
        match judge(&case) {
            Verdict::Passes => passes.push(case.name),
            Verdict::Skipped(reason) => {
                skips.insert(case.name, reason);
            }
            Verdict::Differs(how) => match skipped.get(&case.name) {
                Some(reason) if reason.differs() => {
                    skips.insert(case.name, *reason);
                }
                _ => wrong.push(how),
            },
        }
    }
    let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
    for reason in skips.values() {
        *reasons.entry(*reason).or_default() += 1;
    }
    let mut figures = format!("{} pass, {} are skipped, {} differ", passes.len(), skips.len(), wrong.len());
    for (reason, n) in &reasons {
        let _ = write!(figures, "\n{n:>5} {}", reason.words());
    }
    println!("{figures}");
    if std::env::var_os("UPDATE").is_some() {
        let folder = playc::root().join("tests/cel");
        let lines = passes.iter().fold(String::new(), |text, name| text + name + "\n");
        std::fs::write(folder.join("pass.txt"), head("pass.txt") + &lines).unwrap();
        let lines =
            skips.iter().fold(String::new(), |text, (name, r)| text + name + " · " + r.words() + "\n");
        std::fs::write(folder.join("skip.txt"), head("skip.txt") + &lines).unwrap();
    } else {
        assert_eq!(listed, passes, "tests/cel/pass.txt is stale: UPDATE=1 writes it");
        assert_eq!(skipped, skips, "tests/cel/skip.txt is stale: UPDATE=1 writes it");
    }
    assert!(wrong.is_empty(), "{} have a counterpart that differs:\n{}", wrong.len(), wrong.join("\n"));
    assert!(passes.len() >= 900, "{figures}");
}
