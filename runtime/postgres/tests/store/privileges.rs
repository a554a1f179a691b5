//! Who writes evidence needs no right to change it, and who reads it needs none to write: with the grants that the manual
//! gives, and no others.

use play_evidence::Chain;
use play_journal::{Batch, Blob, Journal as _, JournalRead as _, Sharing as _};
use play_postgres::{Store, verify};

use crate::common::*;
use crate::server::{Place, quick, sql, url_of};

/// The block of SQL in the manual.
fn grants() -> String {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/postgres.md")).unwrap();
    page.split("```sql\n").nth(1).unwrap().split("```").next().unwrap().to_string()
}

#[test]
fn the_grants_of_the_manual_are_enough_and_let_nobody_alter_evidence() {
    let place = Place::new();
    Store::migrate(&place.url).unwrap();
    let schema = place.sql("SELECT current_schema()")[0][0].clone();
    let (writer, reader) = (format!("writer_{schema}"), format!("reader_{schema}"));
    place.sql(&format!(
        "CREATE ROLE {writer}; CREATE ROLE {reader}; GRANT USAGE ON SCHEMA {schema} TO {writer}, {reader}"
    ));
    place.sql(&grants().replace("play_writer", &writer).replace("play_reader", &reader));
    let as_role = |role: &str| format!("{}%20-crole%3D{role}", place.text);
    let (writes, reads) = (as_role(&writer), as_role(&reader));

    let store = Store::open(&url_of(&writes), quick()).unwrap();
    let mut chain = Chain::new("run-1");
    let blob = Blob::new([1; 32], b"body".to_vec());
    store.put_artifact(b"program").unwrap();
    let line = line_with(&mut chain, &blob);
    store.append_wait(Batch { lines: vec![line], blobs: vec![blob.clone()] }).unwrap();
    store.close().unwrap();
    Store::open(&url_of(&writes), quick()).unwrap().close().unwrap();
    let sharing = Store::join(&url_of(&writes), quick()).unwrap();
    sharing.own(&["run-2".to_string()]).unwrap();
    sharing.claim(1).unwrap();
    sharing.append_wait(one(&mut Chain::new("run-2"))).unwrap();
    sharing.close().unwrap();

    let reader_of = Store::read_only(&url_of(&reads)).unwrap();
    assert_eq!(reader_of.lines_of("run-1").unwrap().len(), 1);
    assert_eq!(reader_of.blob(&blob.digest()).unwrap(), Some(b"body".to_vec()));
    assert!(verify(&url_of(&reads)).unwrap().is_clean());
    assert!(Store::open(&url_of(&reads), quick()).is_err());

    for (role, may_not) in [
        (&writes, "UPDATE play_lines SET line = ''"),
        (&writes, "DELETE FROM play_lines"),
        (&writes, "TRUNCATE play_lines"),
        (&writes, "UPDATE play_blobs SET body = ''"),
        (&writes, "DELETE FROM play_artifacts"),
        (&writes, "UPDATE play_store SET id = ''"),
        (&writes, "DROP TABLE play_lines"),
        (&reads, "INSERT INTO play_blobs VALUES ('', '', '')"),
        (&reads, "DELETE FROM play_workers"),
        (&reads, "SELECT salt FROM play_store"),
    ] {
        let refused = std::panic::catch_unwind(|| sql(role, may_not)).is_err();
        assert!(refused, "{may_not}");
    }
}
