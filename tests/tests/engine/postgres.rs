//! A store in a database, from the command line: the same commands, the same output, the same evidence as in a folder.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;

use play_tests::playc::{self, Ran};
use play_tests::{postgres, store};

/// `playc … --store PLACE`
fn playc(words: &[&str], place: &str) -> Ran {
    playc::run(&[words, &["--store", place]].concat())
}

fn fine(words: &[&str], place: &str) -> String {
    let ran = playc(words, place);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out
}

/// What was printed, with a word for each that is of one store: hashes, times, its name.
fn without_names(out: &str, names: &[String]) -> String {
    let mut out = out.to_string();
    for name in names {
        out = out.replace(name.as_str(), "*");
    }
    let word = |word: &str| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if word.len() > 9 && digits > 3 { "*".to_string() } else { word.to_string() }
    };
    let line = |line: &str| line.split(' ').filter(|w| !w.is_empty()).map(word).collect::<Vec<_>>().join(" ");
    out.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The names of a store's runs and cases, and itself.
fn names(place: &str) -> Vec<String> {
    let shown = place.replace("csearch_path%3D", "csearch_path=");
    let mut names = vec![format!("'{shown}'"), shown];
    for run in store::runs(Path::new(place)) {
        names.extend(["run", "case"].map(|name| run[name].as_str().unwrap().to_string()));
    }
    names
}

#[test]
fn an_example_runs_into_a_database_as_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("store").display().to_string();
    let database = postgres::place();
    let mut said = Vec::new();
    for place in [&folder, &database] {
        let example = "examples/impossible-travel";
        let (alerts, stubs) = (format!("{example}/alerts.jsonl"), format!("{example}/stubs.json"));
        let ran = playc(&["run", example, "--alert", &alerts, "--stub", &stubs], place);
        assert_eq!(ran.code, 1, "{ran:?}");
        let names = names(place);
        let mut all = vec![without_names(&ran.out, &names)];
        // A second start finds that all is known.
        let again = playc(&["run", example, "--alert", &alerts, "--stub", &stubs], place);
        all.push(without_names(&again.out, &names));
        for words in [&["trace", "list"][..], &["status"], &["replay", "--all"]] {
            all.push(without_names(&fine(words, place), &names));
        }
        let lines: Vec<u64> =
            store::runs(Path::new(place)).iter().map(|run| run["lines"].as_u64().unwrap()).collect();
        all.push(format!("{lines:?}"));
        for run in store::runs(Path::new(place)) {
            let run = run["run"].as_str().unwrap();
            all.push(without_names(&fine(&["trace", "show", run], place), &names));
            let exported = store::lines(Path::new(place), run).concat();
            let file = tempfile::NamedTempFile::new().unwrap();
            file.as_file().write_all(&exported).unwrap();
            let verified = playc::run(&["trace", "verify", file.path().to_str().unwrap()]);
            assert_eq!(verified.code, 0, "{verified:?}");
        }
        let verified = fine(&["trace", "verify"], place);
        assert!(verified.contains("all verified"), "{verified}");
        // How many batches there are depends on what came together.
        all.push(verified.split(" and ").next().unwrap().to_string());
        said.push(all);
    }
    for (folder, database) in said[0].iter().zip(&said[1]) {
        assert_eq!(folder, database);
    }
}

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
connector x {
  config { base_url: Url }
  write cut(q: String) -> String
    POST "/cut" json { q: q }
    expect 200 -> body
    undo join(q)
    class change
  write join(q: String) -> Unit
    POST "/join" json { q: q }
    expect 204
    class restore
}
guard cuts covers x.cut { else approval from role.lead within 2h else refuse }
playbook p for T {
  let known = ask role.analyst "Is it ours?" { Yes, No } within 4h else Yes because "nobody looked"
  if known.choice == Yes { close FalsePositive because "{known.by}: {known.reason}" }
  do x.cut(case.s) else hand over to queue.tier2 because failure.words
  close TruePositive because "cut off"
}
"#;

/// A project whose runs wait for persons.
struct World {
    folder: tempfile::TempDir,
    place: String,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.play"), PLAYBOOK).unwrap();
        std::fs::write(folder.path().join("alerts.jsonl"), "{\"s\": \"host-1\"}\n").unwrap();
        let stubs = r#"[{ "call": "x.cut", "returns": "ok" }, { "call": "x.join", "returns": null }]"#;
        std::fs::write(folder.path().join("stubs.json"), stubs).unwrap();
        Self { folder, place: postgres::place() }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run_words(&self) -> Vec<String> {
        let words = ["run", &self.path("p.play"), "--stub", &self.path("stubs.json"), "--store", &self.place];
        words.map(ToString::to_string).to_vec()
    }

    fn run(&self) -> Ran {
        let mut words = self.run_words();
        words.extend(["--alert".to_string(), self.path("alerts.jsonl")]);
        playc::run(&words)
    }

    fn says(&self, words: &[&str]) -> Ran {
        let stubs = self.path("stubs.json");
        playc(&[words, &["--by", "ada", "--because", "it is known", "--stub", &stubs]].concat(), &self.place)
    }

    fn case(&self) -> String {
        store::runs(Path::new(&self.place))[0]["case"].as_str().unwrap().to_string()
    }
}

#[test]
fn persons_answer_approve_and_take_back_in_a_database() {
    let world = World::new();
    let ran = world.run();
    assert_eq!(ran.code, 0, "{ran:?}");
    // What is to be typed next can be typed.
    assert!(ran.out.contains("playc answer") && ran.out.contains("--store 'postgres://"), "{ran:?}");
    let case = world.case();
    let status = fine(&["status", "--format", "json"], &world.place);
    assert!(status.contains(&case), "{status}");
    for words in [["answer", &case, "No"].as_slice(), &["approve", &case]] {
        let ran = world.says(words);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let run = &store::runs(Path::new(&world.place))[0];
    assert_eq!((run["state"].as_str(), run["outcome"].as_str()), (Some("closed"), Some("TruePositive")));
    let ran = world.says(&["undo", &case]);
    assert_eq!(ran.code, 0, "{ran:?}");
    fine(&["replay", "--all"], &world.place);
    fine(&["trace", "verify"], &world.place);
}

#[test]
fn one_who_comes_second_is_refused_and_one_who_is_killed_is_followed() {
    let world = World::new();
    // One that waits for alerts.
    let mut first = playc::command(&[world.run_words(), vec!["--alert".into(), "-".into()]].concat());
    let mut first = first.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    writeln!(input, "{{\"s\": \"host-1\"}}").unwrap();
    while postgres::sql(&world.place, "SELECT to_regclass('play_lines')") == [[""]]
        || postgres::sql(&world.place, "SELECT 1 FROM play_lines WHERE chain = 'intake'").is_empty()
    {
        assert!(first.try_wait().unwrap().is_none());
    }
    let ran = world.run();
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("is in use by process") && ran.err.contains("only to read"), "{ran:?}");
    // Whoever only reads may.
    fine(&["trace", "list"], &world.place);
    fine(&["trace", "verify"], &world.place);

    first.kill().unwrap();
    first.wait().unwrap();
    // As if the lease had run out: nobody renews it any more.
    postgres::sql(&world.place, "UPDATE play_workers SET until = clock_timestamp()");
    let ran = world.run();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.err.contains("1 run of an earlier start taken up again") || ran.out.contains("answer"),
        "{ran:?}"
    );
    let case = world.case();
    assert_eq!(world.says(&["answer", &case, "Yes"]).code, 0);
    fine(&["replay", "--all"], &world.place);
    fine(&["trace", "verify"], &world.place);
}

#[test]
fn one_who_has_lost_the_store_ends_and_says_so() {
    let world = World::new();
    let mut first = playc::command(&[world.run_words(), vec!["--alert".into(), "-".into()]].concat());
    let mut first = first.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    writeln!(input, "{{\"s\": \"host-1\"}}").unwrap();
    while postgres::sql(&world.place, "SELECT to_regclass('play_lines')") == [[""]]
        || postgres::sql(&world.place, "SELECT 1 FROM play_lines WHERE chain = 'intake'").is_empty()
    {
        assert!(first.try_wait().unwrap().is_none());
    }
    // As one who takes over does.
    postgres::sql(&world.place, "UPDATE play_leases SET epoch = nextval('play_epoch')");
    let before = postgres::sql(&world.place, "SELECT count(*) FROM play_lines");
    writeln!(input, "{{\"s\": \"host-2\"}}").unwrap();
    drop(input);
    let said: Vec<String> =
        BufReader::new(first.stderr.take().unwrap()).lines().map_while(Result::ok).collect();
    assert_eq!(first.wait().unwrap().code(), Some(2), "{said:?}");
    assert!(said.iter().any(|line| line.contains("has taken the store over")), "{said:?}");
    assert_eq!(postgres::sql(&world.place, "SELECT count(*) FROM play_lines"), before);
}

#[test]
fn what_is_wrong_with_a_database_is_said_without_its_password() {
    for (place, why) in [
        (
            "postgres://play:hunter2@127.0.0.1:1/evidence",
            "the store \"postgres://play@127.0.0.1:1/evidence\" cannot be reached",
        ),
        ("postgres://play:hunter2@db:many/evidence", "not of the form postgres://USER@HOST"),
        ("postgres://play:hunter2@db/evidence?sslmode=verify-ca", "sslmode=verify-ca needs sslrootcert=FILE"),
        (
            "postgres://play:hunter2@db/evidence?sslmode=on",
            "`sslmode` is not one of disable, prefer, require",
        ),
        (&postgres::place(), "there is none in this database yet"),
    ] {
        for words in [&["trace", "list"][..], &["trace", "verify"], &["status"], &["replay", "--all"]] {
            let ran = playc(words, place);
            assert_eq!(ran.code, 2, "{words:?} {ran:?}");
            assert!(ran.err.contains(why), "{words:?} {ran:?}");
            assert!(!format!("{ran:?}").contains("hunter2"), "{words:?}");
        }
    }
}

#[test]
fn a_damaged_database_does_not_verify() {
    let place = postgres::place();
    store::fill("impossible-travel", Path::new(&place));
    let run = store::runs(Path::new(&place))[0]["run"].as_str().unwrap().to_string();
    postgres::sql(
        &place,
        &format!("UPDATE play_lines SET line = set_byte(line, 60, 65) WHERE chain = '{run}' AND seq = 2"),
    );
    let ran = playc(&["trace", "verify"], &place);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.contains(&format!("run {run}, line 2: the line is not what was written (play_lines)")),
        "{ran:?}"
    );
    assert_eq!(playc(&["trace", "export", &run], &place).code, 2);
}

#[test]
fn the_tables_can_be_made_beforehand() {
    let place = postgres::place();
    for _ in 0..2 {
        assert!(fine(&["store", "init"], &place).ends_with("is ready\n"));
    }
    assert_eq!(postgres::sql(&place, "SELECT count(*) FROM play_lines"), [["0"]]);
    store::fill("impossible-travel", Path::new(&place));
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("store").display().to_string();
    fine(&["store", "init"], &folder);
    assert_eq!(fine(&["trace", "list", "--format", "json"], &folder).trim(), "[]");
}

/// In every command that opens one; with what has a password in it, it is not shown.
#[test]
fn a_database_that_cannot_be_reached_is_said_to_be_so() {
    let nowhere = "postgres://play:secret@127.0.0.1:1/evidence";
    let folder = tempfile::tempdir().unwrap();
    let alerts = folder.path().join("a.jsonl").display().to_string();
    std::fs::write(&alerts, "{}\n").unwrap();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/impossible-travel");
    let stubs = format!("{example}/stubs.json");
    let said = ["--by", "ada", "--because", "so"];
    for args in [
        ["trace", "list"].as_slice(),
        &["trace", "verify"],
        &["trace", "show", "C-1"],
        &["trace", "export", "C-1"],
        &["trace", "would"],
        &["replay", "--all"],
        &["status"],
        &["store", "init"],
        &["run", example, "--alert", &alerts, "--stub", &stubs],
        &["event", &alerts, "--stub", &stubs],
        &[&["approve", "C-1", "--stub", &stubs], said.as_slice()].concat(),
        &[&["cancel", "C-1", "--stub", &stubs], said.as_slice()].concat(),
        &[&["pause", "--all"], said.as_slice()].concat(),
    ] {
        let ran = playc(args, nowhere);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains("cannot be reached") && !ran.err.contains("secret"), "{args:?}: {ran:?}");
        assert!(!ran.err.contains("was not appended"), "{args:?}: {ran:?}");
    }
}

/// The server lets nobody in without TLS, and is the one it is to be by what this machine trusts.
#[test]
fn commands_reach_a_server_that_asks_for_tls() {
    let server = postgres::encrypted::Encrypted::start(&[]);
    let place = server.url("localhost", "sslmode=verify-full").replace(":secret-of-play", "");
    let trusting = |words: &[&str], issuer: bool| {
        let mut command = playc::command(&[words, &["--store", &place]].concat());
        command.env("PGPASSWORD", "secret-of-play");
        if issuer {
            command.env("SSL_CERT_FILE", server.issuer());
        }
        playc::ran(command.output())
    };
    let example = "examples/impossible-travel";
    let (alerts, stubs) = (format!("{example}/alerts.jsonl"), format!("{example}/stubs.json"));
    for (words, code) in [
        (&["store", "init"][..], 0),
        (&["run", example, "--alert", &alerts, "--stub", &stubs], 1),
        (&["doctor", example, "--stub", &stubs], 0),
        (&["status"], 0),
        (&["replay", "--all"], 0),
        (&["trace", "verify"], 0),
    ] {
        let ran = trusting(words, true);
        assert_eq!(ran.code, code, "{words:?}: {ran:?}");
        let ran = trusting(words, false);
        let said = format!("{} {}", ran.out, ran.err);
        assert!(
            ran.code != 0 && said.contains("is not from one of the issuers that this machine"),
            "{words:?}: {ran:?}"
        );
        assert!(!said.contains("secret"), "{said}");
    }
}
