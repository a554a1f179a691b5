//! `playc new`: what it makes holds all that is asked of a project, and it never touches what is there.

use std::path::Path;

use play_tests::playc::{self, Ran};

fn playc_in(folder: &Path, words: &[&str]) -> Ran {
    playc::ran(playc::command(words).current_dir(folder).output())
}

/// Runs it, and fails unless it is content and has nothing to say of it on standard error.
fn fine(folder: &Path, words: &[&str]) -> String {
    let ran = playc_in(folder, words);
    assert_eq!(ran.code, 0, "{words:?}: {ran:?}");
    ran.out
}

/// The files of a folder and below, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_new_project_holds_all_that_is_asked_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let said = fine(folder.path(), &["new", "odd-sign.ins_2"]);
    insta::assert_snapshot!(said);
    let project = folder.path().join("odd-sign.ins_2");
    insta::assert_snapshot!(files(&project).join("\n"));

    fine(&project, &["fmt", "--check"]);
    fine(&project, &["check", "--deny", "warnings"]);
    fine(&project, &["caps", "--check"]);
    fine(&project, &["test", ".", "--coverage", "--min", "100"]);
    let ran = fine(&project, &["run", ".", "--alert", "alerts.jsonl", "--stub", "stubs.json"]);
    insta::assert_snapshot!(hidden(&ran));
    fine(&project, &["trace", "verify"]);
    fine(&project, &["replay", "--all"]);
}

#[test]
fn the_commands_that_its_readme_names_are_real() {
    let folder = tempfile::tempdir().unwrap();
    fine(folder.path(), &["new", "soc"]);
    let project = folder.path().join("soc");
    let readme = std::fs::read_to_string(project.join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().filter_map(|l| l.strip_prefix("$ playc ")).collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        fine(&project, &command.split(' ').collect::<Vec<_>>());
    }
    let named: Vec<&str> = readme.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next()).collect();
    let there = files(&project);
    assert_eq!(named.len(), 7);
    assert!(named.iter().all(|n| there.contains(&(*n).to_string())), "{named:?}");
}

/// Names of cases and times differ from run to run.
fn hidden(out: &str) -> String {
    let word = |w: &str| match w {
        case if case.starts_with("C-") => "C-…".to_string(),
        time if time.ends_with('Z') => "…Z".to_string(),
        w => w.to_string(),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    out.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn its_name_stands_in_its_files() {
    let folder = tempfile::tempdir().unwrap();
    fine(folder.path(), &["new", "teams/Überwachung", "--ci", "none"]);
    let project = folder.path().join("teams/Überwachung");
    let toml = std::fs::read_to_string(project.join("play.toml")).unwrap();
    assert!(toml.starts_with("name = \"Überwachung\"\n"), "{toml}");
    let readme = std::fs::read_to_string(project.join("README.md")).unwrap();
    assert!(readme.starts_with("# Überwachung\n"), "{readme}");
    for file in files(&project) {
        let text = std::fs::read_to_string(project.join(&file)).unwrap();
        assert!(!text.contains("PROJECT_NAME"), "{file}");
    }
    fine(&project, &["check", "--deny", "warnings"]);
}

#[test]
fn the_file_for_ci_is_the_one_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for (ci, file) in
        [("github", Some(".github/workflows/play.yml")), ("gitlab", Some(".gitlab-ci.yml")), ("none", None)]
    {
        fine(folder.path(), &["new", ci, "--ci", ci]);
        let hidden: Vec<String> = files(&folder.path().join(ci))
            .into_iter()
            .filter(|f| f.starts_with(".git") && f != ".gitignore")
            .collect();
        assert_eq!(hidden, file.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn nothing_that_is_there_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("notes/plan.txt", "mine");
    write("a-file", "mine");
    fine(folder.path(), &["new", "made"]);
    write("made/triage.play", "// mine\n");
    let before = files(folder.path());
    for (name, says) in [("notes", "plan.txt"), ("a-file", "is a file"), ("made", "playc check made")] {
        let ran = playc_in(folder.path(), &["new", name]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(says), "{ran:?}");
        assert_eq!(ran.out, "");
    }
    assert_eq!(files(folder.path()), before);
    assert_eq!(std::fs::read_to_string(folder.path().join("made/triage.play")).unwrap(), "// mine\n");
}

#[test]
fn a_bad_name_makes_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = String::new();
    for name in ["", "my project", "std", "\u{1b}[31mred", ".hidden"] {
        let ran = playc_in(folder.path(), &["new", "--", name]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}");
        said.push_str(&ran.err.replace(&*folder.path().to_string_lossy(), "…"));
    }
    insta::assert_snapshot!(said);
    assert_eq!(files(folder.path()), Vec::<String>::new());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_that_is_a_repository_and_empty_otherwise_becomes_one() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("soc");
    std::fs::create_dir_all(project.join(".git")).unwrap();
    let ran = playc_in(&project, &["new", "."]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    fine(&project, &["check", "--deny", "warnings"]);
    let toml = std::fs::read_to_string(project.join("play.toml")).unwrap();
    assert!(toml.starts_with("name = \"soc\"\n"), "{toml}");
}

#[test]
fn within_a_repository_it_says_where_ci_looks() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    let ran = playc_in(folder.path(), &["new", "teams/soc"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("playc ci teams/soc"), "{ran:?}");
}

#[test]
fn what_it_did_can_be_taken_back_with_its_stubs() {
    let folder = tempfile::tempdir().unwrap();
    fine(folder.path(), &["new", "soc"]);
    let project = folder.path().join("soc");
    fine(&project, &["run", ".", "--alert", "alerts.jsonl", "--stub", "stubs.json"]);
    let list = fine(&project, &["trace", "list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let run = list.as_array().unwrap().iter().find(|run| run["outcome"] == "TruePositive").unwrap();
    let case = run["case"].as_str().unwrap();
    let said = fine(
        &project,
        &["undo", case, "--by", "ada", "--because", "a test", "--project", ".", "--stub", "stubs.json"],
    );
    assert!(said.contains("okta.suspend: taken back") && said.contains("1 of 1 act taken back"), "{said}");
}
