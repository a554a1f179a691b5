//! Stores filled by the examples, and their lines.

use std::path::Path;

use crate::playc;

/// Runs an example on its stubs into a store.
///
/// # Panics
/// When `playc run` fails altogether.
pub fn fill(example: &str, store: &Path) {
    let folder = format!("examples/{example}");
    let ran = playc::run(&[
        "run".as_ref(),
        folder.as_ref(),
        "--alert".as_ref(),
        format!("{folder}/alerts.jsonl").as_ref(),
        "--stub".as_ref(),
        format!("{folder}/stubs.json").as_ref(),
        "--store".as_ref(),
        store.as_os_str(),
    ]);
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
}

/// The names of the runs in a store, by `playc trace list`.
///
/// # Panics
/// When the list cannot be had.
#[must_use]
pub fn runs(store: &Path) -> Vec<serde_json::Value> {
    let ran = playc::run(&[
        "trace".as_ref(),
        "list".as_ref(),
        "--format".as_ref(),
        "json".as_ref(),
        "--store".as_ref(),
        store.as_os_str(),
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("`trace list --format json` is JSON")
}

/// The lines of a run, by `playc trace export`, each with its newline.
///
/// # Panics
/// When the run cannot be exported.
#[must_use]
pub fn lines(store: &Path, run: &str) -> Vec<Vec<u8>> {
    let ran = playc::run(&[
        "trace".as_ref(),
        "export".as_ref(),
        run.as_ref(),
        "--store".as_ref(),
        store.as_os_str(),
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.as_bytes().split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}
