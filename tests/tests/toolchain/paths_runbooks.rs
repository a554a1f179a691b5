//! `playc test --paths` on whole runbooks: what their own tests reach, and what they reach with the tests that are found.

use std::path::{Path, PathBuf};

use play_tests::playc;
use serde_json::Value;

fn run(folder: &Path, args: &[&str]) -> playc::Ran {
    playc::ran(playc::command(args).current_dir(folder).output())
}

fn coverage(folder: &Path) -> Value {
    let ran = run(folder, &["test", ".", "--coverage", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    serde_json::from_str::<Value>(&ran.out).unwrap()["coverage"].take()
}

fn reached(counts: &Value) -> (u64, u64) {
    let all = counts.as_object().unwrap().values();
    all.fold((0, 0), |(hit, of), c| {
        (hit + c["reached"].as_u64().unwrap(), of + c["points"].as_u64().unwrap())
    })
}

/// A row a declaration, and one of the whole project: before, after, and of how many points.
fn rows(project: &Path) -> String {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(project).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let before = coverage(copy.path());
    let found = run(copy.path(), &["test", ".", "--paths"]);
    assert_eq!(found.code, 0, "{}", found.err);
    std::fs::write(copy.path().join("found.play"), &found.out).unwrap();
    let after = coverage(copy.path());

    let name = project.file_name().unwrap().to_string_lossy().into_owned();
    let row = |what: &str, before: &Value, after: &Value| {
        let ((was, of), (is, _)) = (reached(before), reached(after));
        format!("{what:<55} {was:>3} {is:>3} of {of:>3}\n")
    };
    let of = |v: &Value| v["declarations"].as_array().unwrap().clone();
    let mut text = row(&name, &before["counts"], &after["counts"]);
    for (b, a) in of(&before).iter().zip(of(&after)) {
        let what = format!("  {} {}", b["what"].as_str().unwrap(), b["name"].as_str().unwrap());
        text += &row(&what, &b["counts"], &a["counts"]);
    }
    for line in found.out.lines().zip(found.out.lines().skip(1)) {
        if line.1.starts_with("// No test was found") {
            text += &format!("  {}\n", line.0.replacen("//", "open:", 1));
        }
    }
    text
}

#[test]
fn what_the_tests_of_the_runbooks_reach_before_and_after() {
    let folder = playc::root().join("tests/playbooks");
    let mut projects: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    projects.sort();
    let table: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = projects.iter().map(|p| scope.spawn(|| rows(p))).collect();
        running.into_iter().map(|r| r.join().unwrap()).collect()
    });
    insta::assert_snapshot!(table.join("\n"));
}
