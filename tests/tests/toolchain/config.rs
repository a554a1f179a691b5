//! The configuration of a project on disk: environments, files of settings, and what a replay goes by.

use std::path::Path;

use play_tests::playc::{self, Ran};

const PROGRAM: &str = r#"config {
  own_domains: [Domain]
  quiet:       Int = 3
}

case Mail { sender: Email, own: Bool }

source mails from feed("mail.reported") -> Mail {
  accept payload.kind as String? == "mail" and config.quiet < 10
  dedup by payload.id as String? within 24h
  map {
    sender = payload.from as Email?
    own    = (payload.from as Email?).domain in config.own_domains
  }
}

playbook reported for Mail when case.sender.domain in config.own_domains {
  close BenignPositive because "one of our own: {case.own}, {config.quiet}"
}

// allow: untested-playbook because it is run below
playbook foreign for Mail when case.sender.domain not in config.own_domains {
  close Suppressed because "not ours: {case.own}"
}

test "one of our own" {
  given Mail { sender: "ada@example.com", own: true }
  given config.own_domains = ["example.com"]
  run reported
  expect closed BenignPositive
}
"#;

const TOML: &str = "\
[config]
own_domains = [\"example.com\"]

[env.prod.config]
own_domains = [\"example.org\"]
quiet = 5

[env.closed.config]
quiet = 10
";

const ALERT: &str = "{\"kind\":\"mail\",\"id\":\"1\",\"from\":\"ada@example.org\"}\n";

struct Here(tempfile::TempDir);

impl Here {
    fn new(toml: &str) -> Self {
        let here = Self(tempfile::tempdir().unwrap());
        for (path, text) in
            [("play.toml", toml), ("main.play", PROGRAM), ("alert.json", ALERT), ("stubs.json", "[]")]
        {
            std::fs::write(here.path().join(path), text).unwrap();
        }
        here
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn playc(&self, args: &[&str]) -> Ran {
        playc::ran(playc::command(args).current_dir(self.path()).output())
    }

    /// Runs the alert into a store of this name; gives the first line of its evidence.
    fn run(&self, store: &str, more: &[&str]) -> String {
        let args = ["run", ".", "--alert", "alert.json", "--stub", "stubs.json", "--store", store];
        let ran = self.playc(&[&args[..], more].concat());
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let ran = self.playc(&["replay", "--all", "--store", store]);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let runs = play_journal::Store::read_only(&self.path().join(store)).unwrap();
        let Some(run) = runs.runs().first().cloned() else { return String::new() };
        String::from_utf8(runs.lines_of(&run).unwrap().remove(0)).unwrap()
    }
}

#[test]
fn an_environment_has_values_of_its_own_and_they_are_in_the_evidence() {
    let here = Here::new(TOML);
    let ran = here.playc(&["check", ".", "--deny", "warnings"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);

    let opened = here.run("plain", &[]);
    assert!(opened.contains(r#""playbook":"foreign""#), "{opened}");
    assert!(
        opened.contains(r#""config":{"own_domains":{"val":["example.com"]},"quiet":{"val":3}}"#),
        "{opened}"
    );

    let opened = here.run("prod", &["--env", "prod"]);
    assert!(opened.contains(r#""playbook":"reported""#), "{opened}");
    assert!(
        opened.contains(r#""config":{"own_domains":{"val":["example.org"]},"quiet":{"val":5}}"#),
        "{opened}"
    );

    assert_eq!(here.run("closed", &["--env", "closed"]), "", "not accepted");
}

#[test]
fn a_file_of_settings_is_laid_over_the_environment() {
    let here = Here::new(TOML);
    std::fs::write(here.path().join("site.toml"), "[config]\nquiet = 4\n").unwrap();
    let opened = here.run("site", &["--env", "prod", "--config", "site.toml"]);
    assert!(
        opened.contains(r#""config":{"own_domains":{"val":["example.org"]},"quiet":{"val":4}}"#),
        "{opened}"
    );

    std::fs::write(here.path().join("site.toml"), "[config]\nquiet = \"four\"\n").unwrap();
    let ran =
        here.playc(&["run", ".", "--alert", "alert.json", "--stub", "stubs.json", "--config", "site.toml"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(
        ran.err.contains("site.toml:2: `quiet` is not a `Int`. Write it like `quiet = 10`."),
        "{}",
        ran.err
    );
}

#[test]
fn a_replay_goes_by_what_was_configured_then() {
    let here = Here::new(TOML);
    here.run("store", &["--env", "prod"]);
    // The values of today are others; the run is as it was.
    std::fs::write(here.path().join("play.toml"), TOML.replace("example.org", "example.net")).unwrap();
    let ran = here.playc(&["replay", "--all", "--store", "store"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn an_altered_value_does_not_replay() {
    use play_evidence::J;
    let here = Here::new(TOML);
    here.run("store", &["--env", "prod"]);
    let ran = here.playc(&["trace", "list", "--store", "store", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let run = listed[0]["run"].as_str().unwrap();
    let ran = here.playc(&["trace", "export", run, "--store", "store"]);
    let altered = ran.out.replacen("example.org\"]", "example.com\"]", 1);
    assert_ne!(altered, ran.out);
    // The chain is mended, so that only what follows from the value can show it.
    let mut prev = String::new();
    let mut mended = String::new();
    for line in altered.lines() {
        let J::Obj(mut members) = J::parse(line.as_bytes()).unwrap() else { panic!("not a line") };
        if !prev.is_empty() {
            members.insert("prev".into(), J::Str(play_scheduler::ids::sha256_hex(prev.as_bytes())));
        }
        prev = format!("{}\n", String::from_utf8(J::Obj(members).to_bytes()).unwrap());
        mended.push_str(&prev);
    }
    std::fs::write(here.path().join("altered.jsonl"), mended).unwrap();
    let ran = here.playc(&["replay", "altered.jsonl", "--store", "store"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
}

#[test]
fn what_is_not_there_is_told_with_what_there_is() {
    let here = Here::new(TOML);
    let alert = ["run", ".", "--alert", "alert.json", "--stub", "stubs.json"];
    let ran = here.playc(&[&alert[..], &["--env", "prd"]].concat());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("play.toml has no environment `prd` (there is: closed, prod)"), "{}", ran.err);

    let here = Here::new("[env.prod.config]\nown_domains = []\n");
    let ran = here.playc(&alert);
    assert_eq!(ran.code, 2);
    assert!(
        ran.err
            .contains("`config.own_domains` has no value without an environment; name one with --env (prod)"),
        "{}",
        ran.err
    );
}

/// A place in `play.toml`, not in the program that reads the value.
#[test]
fn what_is_wrong_is_told_where_it_stands() {
    for (toml, wanted) in [
        ("[config]\nown_domains = [\"not a domain\"]\n", "play.toml:2:15"),
        ("[config]\nown_domain = []\n", "play.toml:2:1"),
        ("[config]\nquiet = 1\n", "play.toml:1:2"),
        ("[config]\nown_domains = []\n[env.prod.config]\nquiet = 2.5\n", "play.toml:4:9"),
    ] {
        let here = Here::new(toml);
        let ran = here.playc(&["check", ".", "--plain"]);
        assert_eq!(ran.code, 1, "{toml}: {}{}", ran.out, ran.err);
        assert!(format!("{}{}", ran.out, ran.err).contains(wanted), "{toml}: {}{}", ran.out, ran.err);
    }
}
