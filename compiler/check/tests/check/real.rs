//! The examples and the standard library are programs without a finding.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::path::Path;

use play_check::{Checked, Input, check};
use play_diagnostics::text::{Style, render};
use play_program::artifact::SourceFile;

fn project(folder: &str) -> Checked {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "play"));
    paths.sort();
    let files = paths
        .iter()
        .map(|p| SourceFile {
            path: p.file_name().unwrap().to_string_lossy().into_owned(),
            text: std::fs::read_to_string(p).unwrap(),
        })
        .collect();
    check(&Input { project: folder.into(), files }, &play_stdlib::module)
}

#[track_caller]
fn fine(checked: &Checked) {
    let shown = render(&checked.diagnostics, &checked.files, Style { color: false, plain: true, width: 120 });
    assert!(checked.program.is_some() && checked.diagnostics.is_empty(), "{shown}");
}

#[test]
fn impossible_travel() {
    fine(&project("examples/impossible-travel"));
}

#[test]
fn guardduty() {
    fine(&project("examples/aws-guardduty"));
}

#[test]
fn the_standard_library() {
    fine(&project("stdlib/connectors"));
}
