//! What CI systems are given: it parses, and the commands that it gives to `playc` are real. Each is run on a new project.

use std::path::{Path, PathBuf};
use std::process::Command;

use play_tests::playc::{self, Ran};
use saphyr::{LoadableYamlNode, Yaml};

/// A file of the repository, or of a project, as YAML.
fn yaml(text: &str) -> Yaml<'_> {
    let mut documents = Yaml::load_from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

fn of_repository(path: &str) -> String {
    std::fs::read_to_string(playc::root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn texts<'a>(list: &'a Yaml<'_>) -> Vec<&'a str> {
    list.as_sequence().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// A new project with a file for CI, and its folder.
fn project(ci: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let made = playc::ran(playc::command(&["new", "soc", "--ci", ci]).current_dir(folder.path()).output());
    assert_eq!(made.code, 0, "{made:?}");
    let path = folder.path().join("soc");
    (folder, path)
}

/// Runs a script as a job does, `playc` on the path.
fn shell(program: &str, script: &str, folder: &Path, env: &[(&str, &str)]) -> Ran {
    let path = format!("{}:{}", playc::path().parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(program);
    command
        .args(["-e", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .env_remove("GITHUB_STEP_SUMMARY");
    playc::ran(command.envs(env.iter().copied()).output())
}

#[test]
fn the_workflow_of_a_new_project() {
    let (_folder, project) = project("github");
    let text = std::fs::read_to_string(project.join(".github/workflows/play.yml")).unwrap();
    let workflow = yaml(&text);
    let steps = workflow["jobs"]["playbooks"]["steps"].as_sequence().unwrap();
    let run = |name: &str| {
        let step = steps.iter().find(|s| s.contains_mapping_key("name") && s["name"].as_str() == Some(name));
        step.unwrap()["run"].as_str().unwrap()
    };
    let ran = shell("bash", run("Check and test"), &project, &[]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    // Without the variables it says which, and with a command that is there it builds nothing.
    let ran = shell("bash", run("Install playc"), &project, &[("PLAYC_GIT", ""), ("PLAYC_REV", "")]);
    assert!(ran.code == 2 && ran.out.starts_with("::error::") && ran.out.contains("PLAYC_GIT"), "{ran:?}");
    let ran = shell("bash", run("Install playc"), &project, &[("PLAYC_GIT", "x"), ("PLAYC_REV", "y")]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// Runs the scripts of a job of GitLab, and looks whether the reports that it names are there.
fn job_of_gitlab(text: &str, project: &Path) {
    let file = yaml(text);
    let job = &file["playbooks"];
    let mut script = String::from("set -e\n");
    if job.contains_mapping_key("before_script") {
        texts(&job["before_script"]).iter().for_each(|line| script.push_str(&format!("{line}\n")));
    }
    texts(&job["script"]).iter().for_each(|line| script.push_str(&format!("{line}\n")));
    let env = [
        ("PLAYC_GIT", "x"),
        ("PLAYC_REV", "y"),
        ("CARGO_HOME", "/nowhere"),
        ("PLAYC_PATH", "."),
        ("PLAYC_DENY", "warnings"),
    ];
    let ran = shell("sh", &script, project, &env);
    assert_eq!(ran.code, 0, "{ran:?}");
    let reports = &job["artifacts"]["reports"];
    for report in ["codequality", "junit"] {
        let written = std::fs::read_to_string(project.join(reports[report].as_str().unwrap())).unwrap();
        assert!(!written.is_empty(), "{report}");
    }
    let ran = shell("sh", &script, project, &[("PLAYC_GIT", ""), ("PLAYC_REV", "")]);
    assert!(ran.code == 2 && ran.out.contains("PLAYC_GIT"), "{ran:?}");
}

#[test]
fn the_job_of_gitlab_of_a_new_project() {
    let (_folder, project) = project("gitlab");
    let text = std::fs::read_to_string(project.join(".gitlab-ci.yml")).unwrap();
    job_of_gitlab(&text, &project);
}

#[test]
fn the_job_of_gitlab_to_include() {
    let (_folder, project) = project("none");
    job_of_gitlab(&of_repository(".gitlab/playc.yml"), &project);
}

#[test]
fn the_action() {
    let (folder, project) = project("none");
    let text = of_repository("action.yml");
    let action = yaml(&text);
    let of_input = |name: &str| action["inputs"][name]["default"].as_str().unwrap().to_string();
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let last = steps.last().unwrap();
    // Each input gets to the script by its variable, and by nothing else: its text is never part of a script.
    let variables = [("PROJECT", "path"), ("DENY", "deny"), ("SARIF", "sarif")];
    for (variable, input) in variables {
        assert_eq!(last["env"][variable].as_str(), Some(format!("${{{{ inputs.{input} }}}}").as_str()));
    }
    for script in steps.iter().filter(|s| s.contains_mapping_key("run")).map(|s| s["run"].as_str().unwrap()) {
        assert!(!script.contains("${{"), "{script}");
    }
    let script = last["run"].as_str().unwrap();
    let (path, deny, sarif) = (of_input("path"), of_input("deny"), of_input("sarif"));
    let ran = shell("bash", script, &project, &[("PROJECT", &path), ("DENY", &deny), ("SARIF", &sarif)]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let env = [("PROJECT", "soc"), ("DENY", ""), ("SARIF", "findings.sarif")];
    let ran = shell("bash", script, folder.path(), &env);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(std::fs::read_to_string(folder.path().join("findings.sarif")).unwrap().contains("\"2.1.0\""));
    // The key of the cache is that of the sources.
    let place = tempfile::tempdir().unwrap();
    let output = place.path().join("output");
    let which = || {
        let env =
            [("GITHUB_ACTION_PATH", project.to_str().unwrap()), ("GITHUB_OUTPUT", output.to_str().unwrap())];
        let ran = shell("bash", steps[0]["run"].as_str().unwrap(), &project, &env);
        assert_eq!(ran.code, 0, "{ran:?}");
        let text = std::fs::read_to_string(&output).unwrap();
        let sum = text.lines().last().unwrap().strip_prefix("sum=").unwrap().to_string();
        assert_eq!(sum.len(), 64);
        sum
    };
    let before = which();
    assert_eq!(which(), before);
    std::fs::write(project.join("more.play"), "const a = 1\n").unwrap();
    assert_ne!(which(), before);
}

#[test]
fn the_hooks() {
    let (_folder, project) = project("none");
    let text = of_repository(".pre-commit-hooks.yaml");
    let hooks = yaml(&text);
    let mut ids = Vec::new();
    for hook in hooks.as_sequence().unwrap() {
        ids.push(hook["id"].as_str().unwrap());
        let files = regex::Regex::new(hook["files"].as_str().unwrap()).unwrap();
        assert!(files.is_match("teams/soc/triage.play") && !files.is_match("README.md"));
        // The hook gets the names of files, or none and then, it may be, the folder of the project.
        let gets = if hook.contains_mapping_key("pass_filenames") { "." } else { "triage.play tests.play" };
        let entry = hook["entry"].as_str().unwrap();
        let ran = shell("sh", &format!("{entry} {gets}"), &project, &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert_eq!(ids, ["playc-fmt", "playc-check", "playc-ci"]);
}
