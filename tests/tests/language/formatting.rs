//! What is formatted means what it meant: it has the same tree, places aside. Generated programs are compared in `generated.rs`,
//! the blocks of the manual in `manual.rs`.

use std::path::Path;

use play_tests::{playc, tree};

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "play") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_program_of_the_project_keeps_its_tree() {
    let mut found = Vec::new();
    for folder in ["examples", "stdlib", "tests/playbooks", "compiler/syntax/tests/syntax/accepted"] {
        collect(&playc::root().join(folder), &mut found);
    }
    for (path, text) in &found {
        if let Err(why) = tree::formatted(text) {
            panic!("{path}: {why}");
        }
    }
    println!("{} files", found.len());
    assert!(found.len() > 12, "only {} files", found.len());
}

#[test]
fn trees_are_told_apart() {
    let same = |a: &str, b: &str| tree::placeless(a) == tree::placeless(b);
    assert!(same("const a = 1 + 2\n", "const   a =\n 1 + 2 // three\n"));
    for other in ["const a = 2 + 1\n", "const a = 1 - 2\n", "const b = 1 + 2\n", "const a = (1) + 3\n"] {
        assert!(!same("const a = 1 + 2\n", other), "{other}");
    }
}
