//! The whole way: alerts to closed cases, evidence that verifies, and replays without a network.

use std::process::Command;

use play_tests::{playc, store};

const EXAMPLES: [&str; 2] = ["impossible-travel", "aws-guardduty"];

#[test]
fn every_example_runs_verifies_and_replays() {
    for example in EXAMPLES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        store::fill(example, &path);
        let runs = store::runs(&path);
        assert!(runs.len() >= 5, "{example}: {} runs", runs.len());
        for run in &runs {
            for field in ["run", "playbook", "case", "state", "outcome", "lines"] {
                assert!(run.get(field).is_some(), "{example}: a run has no {field}: {run}");
            }
            assert!(matches!(run["state"].as_str(), Some("closed" | "handed_over")), "{example}: {run}");
        }
        let verified =
            playc::run(&["trace".as_ref(), "verify".as_ref(), "--store".as_ref(), path.as_os_str()]);
        assert_eq!(verified.code, 0, "{example}: {verified:?}");
        assert!(verified.out.contains("all verified"), "{verified:?}");
        let replayed =
            playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), path.as_os_str()]);
        assert_eq!(replayed.code, 0, "{example}: {replayed:?}");
        assert_eq!(replayed.out.matches("identical").count(), runs.len(), "{}", replayed.out);
    }
}

#[test]
fn a_second_run_over_the_same_alerts_opens_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("aws-guardduty", &path);
    let once = store::runs(&path);
    store::fill("aws-guardduty", &path);
    assert_eq!(store::runs(&path), once);
}

#[test]
fn a_replay_needs_no_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("impossible-travel", &path);
    let isolated = |args: &[&std::ffi::OsStr]| {
        playc::ran(
            Command::new("unshare")
                .args(["--map-root-user", "--net"])
                .arg(playc::path())
                .args(args)
                .current_dir(playc::root())
                .output(),
        )
    };
    let replayed = isolated(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), path.as_os_str()]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

#[test]
fn an_exported_run_verifies_and_replays_with_its_artifact_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("impossible-travel", &path);
    let runs = store::runs(&path);
    let run = runs[0]["run"].as_str().unwrap();
    let file = folder.path().join("run.jsonl");
    std::fs::write(&file, store::lines(&path, run).concat()).unwrap();
    let verified = playc::run(&["trace".as_ref(), "verify".as_ref(), file.as_os_str()]);
    assert_eq!(verified.code, 0, "{verified:?}");

    let artifact = folder.path().join("travel.playa");
    let built = playc::run(&[
        "build".as_ref(),
        "examples/impossible-travel".as_ref(),
        "-o".as_ref(),
        artifact.as_os_str(),
    ]);
    assert_eq!(built.code, 0, "{built:?}");
    let nowhere = folder.path().join("no-store");
    let replayed = playc::run(&[
        "replay".as_ref(),
        file.as_os_str(),
        "--artifact".as_ref(),
        artifact.as_os_str(),
        "--store".as_ref(),
        nowhere.as_os_str(),
    ]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    assert!(replayed.out.contains("identical"), "{replayed:?}");
}

/// The artifact that is given is the one that is used, also for runs whose own the store holds.
#[test]
fn a_given_artifact_is_used_or_refused_for_runs_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("impossible-travel", &path);
    let replayed = |example: &str| {
        let artifact = folder.path().join(format!("{example}.playa"));
        let (built, to) = (format!("examples/{example}"), artifact.as_os_str());
        let built = playc::run(&["build".as_ref(), built.as_ref(), "-o".as_ref(), to]);
        assert_eq!(built.code, 0, "{built:?}");
        let args = ["replay".as_ref(), "--all".as_ref(), "--artifact".as_ref(), to, "--store".as_ref()];
        playc::run(&[args.as_slice(), &[path.as_os_str()]].concat())
    };
    let own = replayed("impossible-travel");
    assert_eq!(own.code, 0, "{own:?}");
    let other = replayed("aws-guardduty");
    assert_eq!(other.code, 1, "{other:?}");
    let said = other.out.lines().filter(|l| l.contains("it was decided by artifact "));
    assert_eq!(said.count(), store::runs(&path).len(), "{other:?}");
    assert!(!other.out.contains("identical"), "{other:?}");
}

#[test]
fn an_altered_answer_makes_the_replay_differ_with_both_sides() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill("aws-guardduty", &path);
    let run = store::runs(&path)
        .iter()
        .find(|r| r["outcome"] == "TruePositive")
        .map(|r| r["run"].as_str().unwrap().to_string())
        .expect("the example has a true positive");
    let text = String::from_utf8(store::lines(&path, &run).concat()).unwrap();
    let file = folder.path().join("run.jsonl");
    std::fs::write(&file, text.replacen("\"took\":\"then\"", "\"took\":\"else\"", 1)).unwrap();
    let replayed = playc::run(&["replay".as_ref(), file.as_os_str(), "--store".as_ref(), path.as_os_str()]);
    assert_eq!(replayed.code, 1, "{replayed:?}");
    assert!(replayed.out.contains("differs at line"), "{}", replayed.out);
    assert!(replayed.out.contains("stored") && replayed.out.contains("replayed"), "{}", replayed.out);
}

#[test]
fn every_example_is_clean_formatted_and_tested() {
    for example in EXAMPLES {
        let folder = format!("examples/{example}");
        let checked = playc::run(&["check", &folder, "--deny", "warnings"]);
        assert_eq!(checked.code, 0, "{}", checked.out);
        let laid_out = playc::run(&["fmt", "--check", &folder]);
        assert_eq!(laid_out.code, 0, "{}{}", laid_out.out, laid_out.err);
        let tested = playc::run(&["test", &folder]);
        assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
        let caps = playc::run(&["caps", "--check", &folder]);
        assert_eq!(caps.code, 0, "{}{}", caps.out, caps.err);
    }
}

#[test]
fn trouble_of_its_own_is_exit_code_2() {
    for args in [
        &["check", "no-such-folder"][..],
        &["trace", "list", "--store", "no-such-store"],
        &["explain", "P9999"],
        &[
            "run",
            "examples/aws-guardduty",
            "--alert",
            "no-such-file",
            "--stub",
            "examples/aws-guardduty/stubs.json",
        ],
        &["no-such-command"],
    ] {
        let ran = playc::run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(!ran.err.is_empty(), "{args:?} says nothing");
    }
}
