//! Projects and packages on disk: what an artifact is named by, and what a file of settings may hold.

use std::path::Path;

use play_tests::playc;

const TOML: &str = "name = \"triage\"\n[packages]\ncommon = { path = \"../common\" }\n";
const TRIAGE: &str = "use common.net\n\ncase Login { ip: Ip }\n\nplaybook triage for Login {\n  if case.ip in office { close BenignPositive because \"ours: {case.ip}\" }\n  close Suppressed because \"not ours\"\n}\n";
const TEST: &str = "test \"ours\" {\n  given Login { ip: 198.51.100.7 }\n  run triage\n  expect closed BenignPositive\n}\n\ntest \"wrong\" {\n  given Login { ip: 203.0.113.9 }\n  run triage\n  expect closed BenignPositive\n}\n";
const NET: &str = "const office: [Cidr] = [198.51.100.0/24]\n";

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn project(folder: &Path) {
    let files = [
        ("soc/play.toml", TOML),
        ("soc/triage.play", TRIAGE),
        ("soc/tests/a.play", TEST),
        ("common/net.play", NET),
    ];
    write(folder, &files);
}

/// The digest of the project, built from inside of a folder.
fn digest(started_in: &Path, project: &str) -> String {
    let artifact = started_in.join("artifact");
    let mut command = playc::command(&["build", project, "-o"]);
    let ran = playc::ran(command.arg(&artifact).current_dir(started_in).output());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.split_whitespace().next().unwrap().to_string()
}

#[test]
fn the_same_sources_are_the_same_artifact_wherever_they_are() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    project(here.path());
    let first = digest(here.path(), "soc");
    assert_eq!(digest(&here.path().join("soc"), "."), first, "started elsewhere");
    assert_eq!(digest(&here.path().join("common"), "../soc"), first, "started elsewhere");

    // Written in another order, below another folder, with other line ends.
    let deep = there.path().join("deep/er");
    let ends = |text: &str| text.replace('\n', "\r\n");
    let (net, test, triage) = (ends(NET), ends(TEST), ends(TRIAGE));
    write(
        &deep,
        &[
            ("common/net.play", &net),
            ("soc/tests/a.play", &test),
            ("soc/triage.play", &triage),
            ("soc/play.toml", TOML),
        ],
    );
    assert_eq!(digest(there.path(), "deep/er/soc"), first, "another folder and other line ends");
}

/// The same places, whatever the line ends: also of what is found when the program is there.
#[test]
fn what_is_found_in_a_checkout_with_other_line_ends_stands_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = "use std.connectors.okta\n\ncase Login { user: OktaUserId, hits: Int }\n\n\n\n\nplaybook one for Login {\n  let user = okta.user(case.user) else hand over to queue.tier1 because \"who?\"\n  do okta.suspend(user.id) else hand over to queue.tier1 because \"no\"\n  close TruePositive because \"done\"\n}\n\nguard some covers okta.suspend {\n  limit 10 per 1h\n  allow\n}\n";
    write(folder.path(), &[("lf/a.play", text), ("crlf/a.play", &text.replace('\n', "\r\n"))]);
    let run = |args: &[&str]| playc::ran(playc::command(args).current_dir(folder.path()).output());
    let lines = |of: &str| {
        let ran = run(&["check", "--format", "json", of]);
        let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let start = |d: &serde_json::Value| d["labels"][0]["span"]["start"].clone();
        let all = found.as_array().unwrap().iter();
        all.map(|d| (d["code"].clone(), start(d)["line"].clone(), start(d)["column"].clone()))
            .collect::<Vec<_>>()
    };
    let found = lines("lf");
    assert_eq!(found.len(), 1, "an act without an end: {found:?}");
    assert_eq!(lines("crlf"), found);
    // And its fix.
    run(&["check", "--fix=all", "crlf"]);
    let fixed = std::fs::read_to_string(folder.path().join("crlf/a.play")).unwrap();
    assert!(fixed.contains("okta.suspend(user.id) for 4h else"), "{fixed}");
}

#[test]
fn a_change_of_a_package_is_another_artifact() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let first = digest(folder.path(), "soc");
    std::fs::write(folder.path().join("common/net.play"), format!("{NET}const lab = 192.0.2.0/24\n"))
        .unwrap();
    assert_ne!(digest(folder.path(), "soc"), first);
}

#[test]
fn a_place_is_told_relative_to_where_one_is_and_kept_relative_to_the_project() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let ran = playc::ran(playc::command(&["test", "soc"]).current_dir(folder.path()).output());
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("soc/tests/a.play:10:3: expected it closed"), "{}", ran.out);
    let mut listing = playc::command(&["build", "soc", "--listing", "-o", "artifact"]);
    assert_eq!(playc::ran(listing.current_dir(folder.path()).output()).code, 0);
    let artifact = std::fs::read(folder.path().join("artifact")).unwrap();
    let holds = |text: &str| artifact.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("tests/a.play") && holds("@common/net.play"));
    assert!(!holds("soc/tests/a.play") && !holds(folder.path().to_str().unwrap()));
}

#[test]
fn a_misspelt_table_of_a_settings_file_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    write(folder.path(), &[("prod.toml", "# production\n[conectors.okta]\n"), ("alerts.jsonl", "")]);
    let mut run = playc::command(&["run", "soc", "--alert", "alerts.jsonl", "--config", "prod.toml"]);
    let ran = playc::ran(run.current_dir(folder.path()).output());
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err.trim(),
        "playc: prod.toml:2: a file of settings has no `conectors`. Did you mean `connectors`?"
    );
}

#[test]
fn the_settings_beside_a_single_file_are_said_not_to_count() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let soc = "name = \"soc\"\n[playbooks.triage]\nautonomy = \"shadow\"\n";
    let case = "case Login { ip: Ip }\nsource vpn from feed(\"vpn\") -> Login { map { ip = payload.ip as Ip? } }\nplaybook triage for Login { close FalsePositive because \"{case.ip}\" }\n";
    write(here, &[("play.toml", soc), ("triage.play", case), ("a.json", "{\"ip\": \"192.0.2.1\"}\n")]);
    let run = |what: &str, store: &str| {
        let mut command = playc::command(&["run", what, "--alert", "a.json", "--store", store]);
        playc::ran(command.current_dir(here).output())
    };
    let alone = run("triage.play", "one");
    let said = "play.toml is not read: of one file alone nothing else counts; for the whole project give `.`";
    assert!(alone.code == 0 && alone.err.contains(said), "{alone:?}");
    let whole = run(".", "two");
    assert!(whole.code == 0 && !whole.err.contains("is not read"), "{whole:?}");
}
