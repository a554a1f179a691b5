//! The script of `docs/verify.md` that takes a body out of a store, run as an auditor would run it.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::*;
use play_evidence::Chain;
use play_journal::{Batch, Blob, Options, Store};

const PAGE: &str = include_str!("../../../../docs/verify.md");

/// Standard output, standard error, and how it ends.
fn script(store: &Path, digest: &str) -> (Vec<u8>, String, Option<i32>) {
    let block = PAGE.split("```bash\n").find(|b| b.contains("bash body.sh STORE DIGEST")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("body.sh"), block.split("\n```").next().unwrap()).unwrap();
    let run = Command::new("bash").arg("body.sh").arg(store).arg(digest).current_dir(folder.path()).output();
    let out = run.unwrap();
    (out.stdout, String::from_utf8(out.stderr).unwrap(), out.status.code())
}

#[test]
fn the_script_prints_a_body_as_it_came_or_says_why_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), Options { inline_bytes: 100, ..Options::default() }).unwrap();
    let mut chain = Chain::new("run-1");
    let bodies = [b"{\"alert\": 1.5}\n".to_vec(), (0..99).collect(), Vec::new(), vec![b'.'; 100]];
    let blobs: Vec<Blob> = (1..).zip(bodies).map(|(n, body)| Blob::new([n; 32], body)).collect();
    for blob in &blobs {
        let line = line_with(&mut chain, blob);
        store.append_wait(Batch { lines: vec![line], blobs: vec![blob.clone()] }).unwrap();
    }
    let (large, small) = blobs.split_last().unwrap();
    // Beside whoever writes to it, and when it is closed.
    let all = |when: &str| {
        for blob in small {
            let came = (blob.body().to_vec(), String::new(), Some(0));
            assert_eq!(script(dir.path(), &blob.digest()), came, "{when}");
        }
    };
    all("open");
    store.close().unwrap();
    all("closed");
    // Where a write was not finished, and behind a line that is damaged.
    let path = dir.path().join(FIRST_SEGMENT);
    let segment = fs::read_to_string(&path).unwrap();
    fs::write(&path, segment.clone() + "{\"blob\":\"ab").unwrap();
    all("torn");
    fs::write(&path, segment.replacen("\"by\":", "\"by:", 1)).unwrap();
    all("damaged");
    fs::write(&path, &segment).unwrap();

    let (_, said, code) = script(dir.path(), &large.digest());
    assert_eq!((said.as_str(), code), ("no body with this digest stands in a segment\n", Some(1)));

    fs::write(&path, segment.replacen("\"body\":\"AQ", "\"body\":\"BQ", 1)).unwrap();
    let (_, said, code) = script(dir.path(), &small[0].digest());
    assert_eq!((said.as_str(), code), ("BAD: it is not what its digest says\n", Some(1)));
}
