//! Stores filled by the examples, and their lines.

use std::collections::BTreeMap;
use std::path::Path;

use play_evidence::line::hex;

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

/// The lines of each chain.
pub type Chains = BTreeMap<String, Vec<Vec<u8>>>;

/// What is durable in a store now; nothing where there is no store yet. Whoever was told that something is, was told of nothing
/// else.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn durable(store: &Path) -> Chains {
    let mut chains = Chains::new();
    let Ok(reader) = play_journal::Store::read_only(store) else { return chains };
    reader.for_each_line(|chain, line| chains.entry(chain.into()).or_default().push(line.to_vec())).unwrap();
    chains
}

/// Every chain of `before` is the beginning of the same chain in `after`.
///
/// # Panics
/// When one is not.
pub fn kept(before: &Chains, after: &Chains) {
    for (chain, lines) in before {
        let now = after.get(chain).unwrap_or_else(|| panic!("{chain} is lost"));
        assert!(
            now.starts_with(lines),
            "{chain}: {} lines before, {} after, not the same",
            lines.len(),
            now.len()
        );
    }
}

/// Where in a store something stands: in a file as it is, or in a body that a line names, which may be in base64 there.
///
/// # Panics
/// When the store cannot be read.
#[must_use]
pub fn holding(store: &Path, what: &str) -> Option<String> {
    let has = |bytes: &[u8]| bytes.windows(what.len()).any(|w| w == what.as_bytes());
    let mut folders = vec![store.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the store is there") {
            let path = entry.expect("its folder can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if has(&std::fs::read(&path).expect("its files can be read")) {
                return Some(path.display().to_string());
            }
        }
    }
    let reader = play_journal::Store::read_only(store).expect("the store can be read");
    let mut named = Vec::new();
    let read = reader.for_each_line(|_, line| {
        let line = play_evidence::ParsedLine::parse(line).expect("a line of evidence");
        named.extend(play_journal::blob_refs(&line).into_iter().map(|blob| hex(&blob.digest)));
    });
    read.expect("its lines can be read");
    named.into_iter().find(|digest| {
        let body = reader.blob(digest).expect("its bodies can be read").expect("a body that a line names");
        has(&body)
    })
}
