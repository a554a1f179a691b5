//! `playc check --since`: of a repository that git keeps, what is in files that have changed and in those that rest on them.

use std::path::{Path, PathBuf};
use std::process::Command;

use play_tests::playc::{self, Ran};

mod submodules;

/// A repository in a folder of its own.
struct Repository {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

/// Each file has one finding of its own, so that it shows which are looked at: P9001, an unused name.
const FILES: &[(&str, &str)] = &[
    ("play.toml", "name = \"soc\"\nedition = \"2026\"\n"),
    ("cases.play", "case Report {\n  sender: Email\n}\n\nfn of_cases() -> Int {\n  let unused = 1\n  2\n}\n"),
    (
        "triage.play",
        "playbook triage for Report {\n  let unused = of_cases()\n  close FalsePositive because \"from {case.sender}\"\n}\n",
    ),
    ("apart.play", "fn apart() -> Int {\n  let unused = 1\n  2\n}\n"),
    (
        "tests.play",
        "test \"a report\" {\n  given Report { sender: \"a@example.com\" }\n  run triage\n  expect closed FalsePositive\n}\n",
    ),
];

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let made = Self { _folder: folder, root };
        made.git(&["init", "--quiet", "--initial-branch", "main"]);
        made.git(&["config", "user.name", "Ada"]);
        made.git(&["config", "user.email", "ada@example.com"]);
        made.git(&["config", "commit.gpgsign", "false"]);
        FILES.iter().for_each(|(path, text)| made.write(path, text));
        made.commit();
        made
    }

    fn git(&self, words: &[&str]) {
        let out = Command::new("git").current_dir(&self.root).args(words).output().unwrap();
        assert!(out.status.success(), "git {words:?}: {out:?}");
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "more"]);
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Adds a line to a file.
    fn touch(&self, path: &str) {
        let text = std::fs::read_to_string(self.root.join(path)).unwrap();
        self.write(path, &format!("{text}// more\n"));
    }

    fn run(&self, words: &[&str]) -> Ran {
        playc::ran(playc::command(words).current_dir(&self.root).output())
    }

    /// The files that have findings, of a check of the folder.
    fn found(&self, since: &str) -> Vec<String> {
        self.found_in(".", since)
    }

    /// The same of a project in there.
    fn found_in(&self, project: &str, since: &str) -> Vec<String> {
        let ran = self.run(&["check", project, "--since", since, "--format", "json"]);
        assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
        let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let mut paths: Vec<String> =
            found.as_array().unwrap().iter().map(|d| d["path"].as_str().unwrap().to_string()).collect();
        paths.dedup();
        paths
    }
}

#[test]
fn without_a_change_nothing_is_found() {
    let here = Repository::new();
    let ran = here.run(&["check", "--since", "HEAD", "--deny", "warnings"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out, "no errors, no warnings in no files\n");
    assert_eq!(
        ran.err,
        "0 of 4 files changed since HEAD or rest on what has; 3 findings elsewhere: not shown\n"
    );
    assert_eq!(here.run(&["check", "--deny", "warnings"]).code, 1, "there are some without it");
}

#[test]
fn a_change_is_looked_at_and_so_is_what_rests_on_it() {
    let here = Repository::new();
    here.touch("apart.play");
    assert_eq!(here.found("HEAD"), ["apart.play"]);
    here.commit();
    assert_eq!(here.found("HEAD"), Vec::<String>::new());
    assert_eq!(here.found("HEAD~1"), ["apart.play"]);
    here.touch("cases.play");
    assert_eq!(here.found("HEAD"), ["cases.play", "triage.play"]);
}

#[test]
fn what_is_new_and_not_added_yet_counts_also_when_git_is_told_to_ignore_it() {
    let here = Repository::new();
    here.write("new.play", "fn new() -> Int {\n  let unused = 1\n  2\n}\n");
    assert_eq!(here.found("HEAD"), ["new.play"]);
    here.write(".gitignore", "new.play\n");
    assert_eq!(here.found("HEAD"), ["new.play"]);
}

#[test]
fn a_file_that_is_gone_or_has_another_name_breaks_those_that_rested_on_it() {
    let here = Repository::new();
    here.git(&["mv", "apart.play", "called otherwise.play"]);
    assert_eq!(here.found("HEAD"), ["called otherwise.play"]);
    here.git(&["rm", "--quiet", "cases.play"]);
    let found = here.found("HEAD");
    assert!(
        found.contains(&"triage.play".to_string()) && found.contains(&"tests.play".to_string()),
        "{found:?}"
    );
}

#[test]
fn a_test_that_is_gone_is_missed_where_its_playbook_is() {
    let here = Repository::new();
    let other =
        "case Other {\n  n: Int\n}\n\nplaybook other for Other {\n  close Duplicate because \"known\"\n}\n";
    let its_test =
        "\ntest \"another\" {\n  given Other { n: 1 }\n  run other\n  expect closed Duplicate\n}\n";
    here.write("other.play", &format!("{other}{its_test}"));
    here.commit();
    here.git(&["rm", "--quiet", "tests.play"]);
    let ran = here.run(&["check", "--since", "HEAD", "--plain"]);
    assert!(ran.out.contains("triage.play:1:10: warning[P9027]"), "{ran:?}");
    assert!(!ran.out.contains("apart.play"), "{ran:?}");
}

#[test]
fn a_changed_play_toml_means_all() {
    let here = Repository::new();
    here.touch_toml();
    assert_eq!(here.found("HEAD"), ["apart.play", "cases.play", "triage.play"]);
    here.git(&["checkout", "--quiet", "play.toml"]);
    here.git(&["rm", "--quiet", "play.toml"]);
    assert_eq!(here.found("HEAD"), ["apart.play", "cases.play", "triage.play"]);
}

impl Repository {
    fn touch_toml(&self) {
        self.write("play.toml", "name = \"soc\"\nedition = \"2026\"\n# more\n");
    }
}

#[test]
fn what_others_have_done_on_the_branch_since_is_not_looked_at() {
    let here = Repository::new();
    here.git(&["checkout", "--quiet", "-b", "mine"]);
    here.touch("apart.play");
    here.commit();
    here.git(&["checkout", "--quiet", "main"]);
    here.touch("cases.play");
    here.commit();
    here.git(&["checkout", "--quiet", "mine"]);
    assert_eq!(here.found("main"), ["apart.play"]);
}

#[test]
fn a_project_is_found_in_its_repository_from_wherever_it_is_checked() {
    let here = Repository::new();
    for (path, text) in FILES {
        here.write(&format!("teams/soc/{path}"), text);
    }
    here.commit();
    here.touch("teams/soc/apart.play");
    let found = |folder: &str, path: &str| {
        let ran = playc::ran(
            playc::command(&["check", path, "--since", "HEAD", "--plain"])
                .current_dir(here.root.join(folder))
                .output(),
        );
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out.lines().next().unwrap().to_string()
    };
    assert!(found(".", "teams/soc").starts_with("teams/soc/apart.play:2:7: warning"));
    assert!(found("teams", "soc").starts_with("soc/apart.play:2:7: warning"));
    assert!(found("teams/soc", ".").starts_with("apart.play:2:7: warning"));
    assert!(found("teams/soc", "apart.play").starts_with("apart.play:2:7: warning"));
    assert_eq!(found("teams/soc", "triage.play").split(' ').next(), Some("no"));
}

#[test]
fn a_changed_package_is_looked_at_by_those_that_use_the_file() {
    let here = Repository::new();
    here.write("common/play.toml", "name = \"common\"\nedition = \"2026\"\n");
    here.write("common/names.play", "const own = \"us\"\n");
    here.write("common/more.play", "const more = \"us\"\n");
    here.write(
        "soc/play.toml",
        "name = \"soc\"\nedition = \"2026\"\n\n[packages]\ncommon = { path = \"../common\" }\n",
    );
    here.write("soc/a.play", "use common.names\n\nfn a() -> String {\n  let unused = 1\n  own\n}\n");
    here.write("soc/b.play", "use common.more\n\nfn b() -> String {\n  let unused = 1\n  more\n}\n");
    here.commit();
    here.touch("common/names.play");
    let ran = here.run(&["check", "soc", "--since", "HEAD", "--format", "jsonl"]);
    assert!(ran.out.contains("soc/a.play") && !ran.out.contains("soc/b.play"), "{ran:?}");
    here.git(&["rm", "--quiet", "--force", "common/names.play"]);
    let ran = here.run(&["check", "soc", "--since", "HEAD", "--format", "jsonl"]);
    assert!(ran.out.contains("P2006") && !ran.out.contains("soc/b.play"), "{ran:?}");
}

#[test]
fn what_cannot_be_asked_of_git_is_told_with_what_to_do() {
    let here = Repository::new();
    let nowhere = tempfile::tempdir().unwrap();
    std::fs::write(nowhere.path().join("p.play"), "const a = 1\n").unwrap();
    let mut said = String::new();
    let mut ask = |ran: Ran| {
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        said.push_str(&ran.err.replace(&*here.root.to_string_lossy(), "ROOT"));
    };
    ask(here.run(&["check", "--since", "no-such-branch"]));
    ask(here.run(&["check", "--since=--output=x"]));
    ask(here.run(&["check", "--since", ""]));
    here.git(&["checkout", "--quiet", "--orphan", "other"]);
    // The same files within the same second would be the same commit.
    here.touch("apart.play");
    here.commit();
    ask(here.run(&["check", "--since", "main"]));
    let outside = playc::command(&["check", "--since", "HEAD"])
        .current_dir(nowhere.path())
        .env("GIT_CEILING_DIRECTORIES", nowhere.path().parent().unwrap())
        .output();
    ask(playc::ran(outside));
    let without =
        playc::command(&["check", "--since", "HEAD"]).current_dir(&here.root).env("PATH", "").output();
    ask(playc::ran(without));
    insta::assert_snapshot!(said);
    assert!(!here.root.join("x").exists());
}

/// A project that is one file may be called as it likes.
#[test]
fn a_file_with_another_ending_is_known_as_well() {
    let here = Repository::new();
    here.write("soc/one.txt", "fn one() -> Int {\n  let unused = 1\n  2\n}\n");
    here.commit();
    let told = || here.run(&["check", "soc/one.txt", "--since", "HEAD"]).err;
    assert_eq!(
        told(),
        "0 of 1 file changed since HEAD or rest on what has; 1 finding elsewhere: not shown\n"
    );
    here.touch("soc/one.txt");
    assert_eq!(told(), "1 of 1 file changed since HEAD or rest on what has\n");
}

#[test]
fn of_a_shallow_copy_it_says_how_to_get_the_rest() {
    let here = Repository::new();
    here.touch("apart.play");
    here.commit();
    here.git(&["clone", "--quiet", "--depth", "1", &format!("file://{}", here.root.display()), "copy"]);
    let ran = playc::ran(
        playc::command(&["check", "--since", "HEAD~1"]).current_dir(here.root.join("copy")).output(),
    );
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("fetch --unshallow"), "{ran:?}");
}

/// Where a fix would mend a finding, the text says so; of a package, which is left alone, it does not.
#[test]
fn the_text_says_what_fix_would_mend() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path: &Path = &folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("common/play.toml", "name = \"common\"\n");
    write("common/c.play", "fn f() -> String { 'x' }\n");
    write("soc/play.toml", "name = \"soc\"\n\n[packages]\ncommon = { path = \"../common\" }\n");
    write("soc/p.play", "use common.c\n\ntype T { s: String }\n\nfn g(t: T) -> Bool { t.sx == 'y' }\n");
    let ran = playc::ran(playc::command(&["check", "--plain", "soc"]).current_dir(folder.path()).output());
    insta::assert_snapshot!(ran.out);
}
