//! The examples over real HTTP, against the demo server: the same program, another world.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use play_demo::{Fault, Handle, Kind, Options, Running, serve};
use play_tests::{playc, store};

struct Demo {
    handle: Running<Handle>,
    folder: tempfile::TempDir,
}

const TOKEN: &str = "a-token-that-must-never-be-written-down";

fn demo() -> Demo {
    let options = Options { latency: Duration::ZERO, token: Some(TOKEN.into()) };
    let handle = Running::start(|listener| serve(listener, options)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for (connector, path) in [
        ("okta", "okta"),
        ("aws", "aws"),
        ("assets", "assets"),
        ("ipintel", "intel"),
        ("tickets", "tickets"),
        ("chat", "chat"),
    ] {
        let address = handle.address();
        let _ = writeln!(
            text,
            "[connectors.{connector}]\nbase_url = \"http://{address}/{path}\"\ntoken = {{ env = \"DEMO_TOKEN\" }}"
        );
    }
    std::fs::write(folder.path().join("config.toml"), text).unwrap();
    Demo { handle, folder }
}

impl Demo {
    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn run(&self, example: &str) -> playc::Ran {
        let project = format!("examples/{example}");
        playc::ran(
            playc::command(&[
                "run".as_ref(),
                project.as_ref(),
                "--alert".as_ref(),
                format!("{project}/alerts.jsonl").as_ref(),
                "--config".as_ref(),
                self.folder.path().join("config.toml").as_os_str(),
                "--store".as_ref(),
                self.store().as_os_str(),
            ])
            .env("DEMO_TOKEN", TOKEN)
            .output(),
        )
    }
}

fn in_store(command: &[&str], store: &Path) -> playc::Ran {
    let mut args: Vec<&std::ffi::OsStr> = command.iter().map(|a| a.as_ref()).collect();
    args.extend(["--store".as_ref(), store.as_os_str()]);
    playc::run(&args)
}

#[test]
fn both_examples_run_over_http_and_their_evidence_holds() {
    for example in ["impossible-travel", "aws-guardduty"] {
        let demo = demo();
        let ran = demo.run(example);
        assert_eq!(ran.code, 1, "one sample cannot be mapped: {ran:?}");
        let runs = store::runs(&demo.store());
        assert!(
            runs.iter().all(|r| matches!(r["state"].as_str(), Some("closed" | "handed_over"))),
            "{runs:?}"
        );
        assert!(runs.iter().any(|r| r["outcome"] == "TruePositive"), "{example}: {ran:?}");
        assert!(!demo.handle.counts().writes.is_empty());
        assert_eq!(in_store(&["trace", "verify"], &demo.store()).code, 0);
        assert_eq!(in_store(&["replay", "--all"], &demo.store()).code, 0);
        // The secret went into headers, and nowhere else.
        assert_eq!(store::holding(&demo.store(), TOKEN), None);
        let of_record = if example == "aws-guardduty" { "schemaVersion" } else { "displayMessage" };
        assert!(store::holding(&demo.store(), of_record).is_some(), "it would be found");
        assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN));
    }
}

#[test]
fn a_write_whose_connection_is_reset_is_in_doubt_until_a_person_settles_it() {
    let demo = demo();
    demo.handle.fault(Fault {
        path: "/aws/principals/AIDAEXAMPLE0DEPLOYSHOP/quarantine".into(),
        kind: Kind::ResetAfterRequest,
        times: 1,
    });
    let ran = demo.run("aws-guardduty");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("in doubt: aws.quarantine"), "{}", ran.out);
    let doubt = store::runs(&demo.store()).into_iter().find(|r| r["state"] == "in_doubt").unwrap();
    let run = doubt["run"].as_str().unwrap();

    // Starting again asks nobody and does nothing: it waits for a person.
    let before = demo.handle.counts().writes.len();
    let again = demo.run("aws-guardduty");
    assert!(again.out.contains("in doubt: aws.quarantine"), "{}", again.out);
    assert_eq!(demo.handle.counts().writes.len(), before);
    assert_eq!(
        store::runs(&demo.store()).into_iter().find(|r| r["run"] == run).unwrap()["lines"],
        doubt["lines"]
    );

    let config = demo.folder.path().join("config.toml");
    let ran = playc::ran(
        playc::command(&[
            "resolve".as_ref(),
            run.as_ref(),
            "--done".as_ref(),
            "\"PlayDenyAll-1\"".as_ref(),
            "--by".as_ref(),
            "ada".as_ref(),
            "--because".as_ref(),
            "the policy is attached".as_ref(),
            "--config".as_ref(),
            config.as_os_str(),
            "--store".as_ref(),
            demo.store().as_os_str(),
        ])
        .env("DEMO_TOKEN", TOKEN)
        .output(),
    );
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed TruePositive"), "{}", ran.out);
    assert_eq!(in_store(&["replay", run], &demo.store()).code, 0);
}

#[test]
fn stubs_and_the_outside_systems_do_not_share_a_store() {
    let demo = demo();
    store::fill("aws-guardduty", &demo.store());
    let ran = demo.run("aws-guardduty");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("name another store"), "{}", ran.err);
    assert!(demo.handle.counts().writes.is_empty(), "nothing left");
}
