//! What commands say when what they are given does not fit: the settings of a service, the store of another project, records for
//! another source, a store that somebody else has.

use std::path::Path;

use play_tests::playc::{self, Ran};

fn playc(folder: &Path, words: &[&str]) -> Ran {
    playc::ran(playc::command(words).current_dir(folder).output())
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

const WAITS: &str = "case T { s: String }
source a_feed from feed(\"a\") -> T { map { s = payload.s as String? } }
connector x {
  config { base_url: Url }
  write cut(q: String) -> Unit
    POST \"/cut\" json { q: q }
    expect 204
    class change
    irreversible because \"made up\"
}
guard cuts covers x.cut { else approval from role.lead within 2h else refuse }
role lead
queue soc
playbook a_book for T {
  do x.cut(case.s) else hand over to queue.soc because failure.words
  close Duplicate because \"cut\"
}
";

const OTHER: &str = "case U { s: String }
source b_feed from feed(\"b\") -> U { map { s = payload.s as String? } }
connector y {
  config { base_url: Url }
  read b(q: String) -> String
    GET \"/b/{q}\"
    expect 200 -> body
}
queue soc
playbook b_book for U {
  let seen = y.b(case.s) else hand over to queue.soc because failure.words
  close Duplicate because \"{seen}\"
}
";

/// A folder in which a run of project `a` waits for an approval in the store `st`.
fn waiting() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("a/a.play", WAITS),
            ("a.json", "[{\"call\": \"x.cut\", \"returns\": null}]"),
            ("b/b.play", OTHER),
            ("b.json", "[{\"call\": \"y.b\", \"returns\": \"seen\"}]"),
            ("one.jsonl", "{\"s\": \"h1\"}\n"),
        ],
    );
    let ran =
        playc(folder.path(), &["run", "a", "--alert", "one.jsonl", "--stub", "a.json", "--store", "st"]);
    assert!(ran.out.contains("to approve x.cut"), "{ran:?}");
    folder
}

#[test]
fn a_store_of_another_project_is_told() {
    let folder = waiting();
    let run = ["run", "b", "--alert", "one.jsonl", "--stub", "b.json", "--store", "st"];
    let ran = playc(folder.path(), &run);
    let name = ran.err.split("\nrun ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    insta::assert_snapshot!(ran.err.replace(name, "RUN"));
}

#[test]
fn a_project_that_was_renamed_goes_on() {
    let folder = waiting();
    std::fs::rename(folder.path().join("a"), folder.path().join("elsewhere")).unwrap();
    write(
        folder.path(),
        &[("elsewhere/play.toml", "name = \"anew\"\n"), ("more.jsonl", "{\"s\": \"h2\"}\n")],
    );
    let run = ["run", "elsewhere", "--alert", "more.jsonl", "--stub", "a.json", "--store", "st"];
    let ran = playc(folder.path(), &run);
    assert_eq!(ran.err, "", "{ran:?}");
    assert_eq!(ran.out.matches("to approve x.cut").count(), 2, "both wait: {ran:?}");
}

#[test]
fn whoever_decides_is_told_first_that_a_service_has_the_store() {
    let folder = waiting();
    let case = playc(folder.path(), &["status", "--store", "st", "--format", "json"]).out;
    let case: serde_json::Value = serde_json::from_str(&case).unwrap();
    let case = case[0]["case"].as_str().unwrap();
    let words = |what: &'static str| vec![what, case, "--by", "ada", "--because", "b", "--store", "st"];
    let free = playc(folder.path(), &words("approve"));
    assert!(free.err.contains("base_url"), "settings are wanted: {free:?}");
    let _held =
        play_journal::Store::open(&folder.path().join("st"), play_journal::Options::default()).unwrap();
    for what in ["approve", "deny", "cancel"] {
        let ran = playc(folder.path(), &words(what));
        assert!(ran.err.contains("in use") && ran.err.contains("--api"), "{ran:?}");
        assert!(!ran.err.contains("base_url"), "{ran:?}");
    }
}

#[test]
fn records_that_fit_no_source_are_told_once_with_what_else_may_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    let second = "source c_feed from feed(\"c\") -> U { map { s = payload.t as String? } }\n";
    write(folder.path(), &[("b.play", &format!("{OTHER}{second}")), ("s.json", "[]")]);
    let wrapped = "{\"log\": {\"s\": \"h1\"}, \"n\": 1}\n".repeat(14);
    write(folder.path(), &[("w.jsonl", &wrapped)]);
    let run = ["run", "b.play", "--alert", "w.jsonl", "--stub", "s.json", "--dry-run"];
    insta::assert_snapshot!(playc(folder.path(), &run).err);
    let named = playc(folder.path(), &[&run[..], &["--source", "b_feed", "--pointer", "/log"]].concat());
    assert_eq!(named.err, "", "{named:?}");
    let list = "{\"hits\": {\"hits\": [{\"s\": \"h1\"}]}}";
    write(folder.path(), &[("list.jsonl", list)]);
    let run = [
        "run",
        "b.play",
        "--alert",
        "list.jsonl",
        "--stub",
        "s.json",
        "--dry-run",
        "--pointer",
        "/hits/hits",
    ];
    insta::assert_snapshot!("a_list", playc(folder.path(), &run).err);
}

#[test]
fn settings_that_nobody_reads_are_told_by_a_check_without_what_may_be_secret() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "[connectors.y]
base_ur = \"https://y.example\"
tokn = { env = \"Y\" }
breaker = { after = 5, for = \"30s\" }
[connectors.other]
any = 1
[serve]
lisen = \"s3cret\"
[serve.webhook.w]
maxx = 5
";
    write(folder.path(), &[("p/b.play", OTHER), ("p/play.toml", toml)]);
    let ran = playc(folder.path(), &["check", "p"]);
    assert!(!format!("{ran:?}").contains("s3cret"));
    insta::assert_snapshot!(format!("{}{}", ran.out, ran.err));
}

#[test]
fn what_became_of_a_write_is_said_in_one_of_two_ways() {
    let folder = tempfile::tempdir().unwrap();
    let ran = playc(folder.path(), &["resolve", "C-1", "--by", "ada", "--because", "b"]);
    assert!(ran.err.contains("--done") && ran.err.contains("--not-done"), "{ran:?}");
}
