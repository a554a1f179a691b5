//! From now on no write leaves, until somebody says so: on a store, and through the service; whatever dies in between.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::served::World;
use crate::served::desk::{self, BY, demo, sent};
use play_demo::{Fault, Handle, Kind};
use play_evidence::ParsedLine;
use play_tests::{playc, postgres, store};
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
playbook p for T {
  do desk.block(case.q) for 2s else hand over to queue.q because "not blocked"
  close TruePositive because "blocked"
}
"#;

fn world(address: &str) -> World {
    desk::world("paused", PLAYBOOK, address)
}

/// A store, in a folder or a database.
struct At<'w> {
    world: &'w World,
    place: String,
}

impl At<'_> {
    fn playc(&self, words: &[&str]) -> playc::Ran {
        playc::run(&[words, &["--store", &self.place]].concat())
    }

    fn says(&self, words: &[&str]) -> playc::Ran {
        self.playc(&[words, &BY].concat())
    }

    /// Says something to a run, which needs the settings of its connectors.
    fn says_to(&self, words: &[&str]) -> playc::Ran {
        let config = self.world.path("config.toml").display().to_string();
        self.playc(&[words, &BY, &["--config", &config]].concat())
    }

    /// Takes the alerts.
    fn command(&self) -> std::process::Command {
        let path = |name: &str| self.world.path(name).display().to_string();
        let (program, alerts, config) = (path("p.play"), path("alerts.jsonl"), path("config.toml"));
        playc::command(&["run", &program, "--alert", &alerts, "--config", &config, "--store", &self.place])
    }

    fn run(&self) -> playc::Ran {
        playc::ran(self.command().output())
    }

    /// Begins to, and is killed once this has returned.
    fn killed_after(&self, wait: impl FnOnce()) {
        let mut child = self.command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn lines(&self) -> Vec<ParsedLine> {
        let runs = store::runs(Path::new(&self.place));
        let lines = store::lines(Path::new(&self.place), runs[0]["run"].as_str().unwrap());
        lines.iter().map(|l| ParsedLine::parse(l).unwrap()).collect()
    }

    fn count(&self, kind: &str) -> usize {
        self.lines().iter().filter(|l| l.k == kind).count()
    }

    fn case(&self) -> String {
        store::runs(Path::new(&self.place))[0]["case"].as_str().unwrap().to_string()
    }

    fn is_sound(&self) {
        for words in [["trace", "verify"].as_slice(), &["replay", "--all"]] {
            let ran = self.playc(words);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
    }
}

fn each_place(test: impl Fn(&At<'_>, &Handle)) {
    for in_database in [false, true] {
        let demo = demo();
        let world = world(&demo.address().to_string());
        let place = match in_database {
            true => postgres::place(),
            false => world.path("store").display().to_string(),
        };
        let at = At { world: &world, place };
        assert_eq!(at.playc(&["store", "init"][..]).code, 0);
        test(&at, &demo);
        at.is_sound();
    }
}

#[test]
fn what_is_held_leaves_once_when_the_store_is_resumed_and_its_undo_is_held_alike() {
    each_place(|at, demo| {
        let ran = at.says(&["resume"]);
        assert!(ran.code == 2 && ran.err.contains("the store is not paused"), "{ran:?}");
        let ran = at.says(&["pause", "--all"]);
        assert_eq!((ran.code, ran.out.as_str()), (0, "from now on no write leaves, until `playc resume`\n"));
        let ran = at.playc(&["pause", "--all", "--by", "bob", "--because", "me too"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("paused by ada since"), "{}", ran.out);
        assert!(ran.out.contains("nothing is changed"), "{}", ran.out);

        // Twice: what is held stays so when the store is opened again.
        for _ in 0..2 {
            let ran = at.run();
            assert_eq!(ran.code, 0, "{ran:?}");
            assert!(ran.err.contains("the store is paused"), "{ran:?}");
            assert_eq!(sent(demo), [""; 0]);
        }
        assert!(ran_shows(&at.playc(&["status"]).out, &["by ada", "1 held", "desk.block"]));
        let all = at.playc(&["status", "--format", "json"]);
        let all: Vec<Value> = serde_json::from_str(&all.out).unwrap();
        all.iter().for_each(|one| play_tests::schema::is("standing", one));
        assert_eq!(all.iter().filter(|one| one["what"] == "held").count(), 1, "{all:?}");
        let shown = at.playc(&["trace", "show", &at.case()]);
        assert!(shown.out.contains("is held, as the store is paused: it never left"), "{}", shown.out);

        assert_eq!(at.says(&["resume"]).code, 0);
        assert_eq!(at.run().code, 0);
        assert_eq!(sent(demo)[0], "block a");
        assert_eq!((at.count("act.held"), at.count("act.released")), (1, 1));

        // Its time comes while the store is paused again, and nothing is taken back then.
        if sent(demo).len() == 1 {
            assert_eq!(at.says(&["pause", "--all"]).code, 0);
            std::thread::sleep(Duration::from_millis(2200));
            assert_eq!(at.run().code, 0);
            assert_eq!(sent(demo), ["block a"]);
            assert!(ran_shows(&at.playc(&["status"]).out, &["nothing is taken back", "desk.free"]));
            assert_eq!(at.says(&["resume"]).code, 0);
            assert_eq!(at.run().code, 0);
        }
        assert_eq!(sent(demo), ["block a", "free a"]);
        let status = at.playc(&["status"]);
        assert_eq!((status.code, status.out.as_str()), (0, "nothing is in force, and no run waits\n"));
    });
}

fn ran_shows(text: &str, words: &[&str]) -> bool {
    words.iter().all(|word| text.contains(word)) || panic!("{words:?} in {text}")
}

#[test]
fn a_run_that_is_ended_while_its_write_is_held_never_sends_it() {
    each_place(|at, demo| {
        assert_eq!(at.says(&["pause", "--all"]).code, 0);
        assert_eq!(at.run().code, 0);
        let ran = at.says_to(&["cancel", &at.case()]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!((at.count("act.withdrawn"), at.count("act.in_doubt")), (1, 0));
        assert_eq!(at.says(&["resume"]).code, 0);
        assert_eq!(at.run().code, 0);
        let status = at.playc(&["status"]);
        assert_eq!((status.code, status.out.as_str()), (0, "nothing is in force, and no run waits\n"));
        assert_eq!(sent(demo), [""; 0]);
    });
}

#[test]
fn a_write_that_a_stop_cut_off_is_held_before_it_is_sent_again() {
    each_place(|at, demo| {
        // `block` honours a key here: after a crash it would be sent again.
        let program = format!("{}{PLAYBOOK}", desk::HEAD)
            .replace("    undo free(q)\n", "    undo free(q)\n    idempotent by q\n");
        std::fs::write(at.world.path("p.play"), program).unwrap();
        demo.fault(Fault { path: "/chat/messages".into(), kind: Kind::Hang, times: 1 });
        at.killed_after(|| {
            while sent(demo).is_empty() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let began = Instant::now();
        // A database has the lease of who was killed for a while.
        while at.says(&["pause", "--all"]).code != 0 {
            assert!(began.elapsed() < Duration::from_secs(60));
            std::thread::sleep(Duration::from_millis(200));
        }
        assert_eq!(at.run().code, 0);
        let shown = at.playc(&["trace", "show", &at.case()]);
        assert!(shown.out.contains("it may have left before"), "{}", shown.out);
        assert_eq!(sent(demo).len(), 1);
        assert_eq!(at.says(&["resume"]).code, 0);
        assert_eq!(at.run().code, 0);
        let writes = demo.counts().writes;
        assert_eq!(writes[0].idempotency_key, writes[1].idempotency_key, "the same key");
        assert_eq!(sent(demo)[..2], ["block a", "block a"]);
    });
}

/// The counters that the service tells.
fn metric(service: &crate::served::Service, name: &str) -> String {
    let (_, text) = service.api("GET /metrics", &Value::Null);
    let text = text.as_str().unwrap().to_string();
    let line = text.lines().find(|l| l.starts_with(&format!("{name} "))).unwrap_or_else(|| panic!("{text}"));
    line.rsplit(' ').next().unwrap().to_string()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_service_hears_it_at_once_and_a_kill_lets_nothing_out() {
    let world = world("127.0.0.1:1");
    let service = world.serve();
    let order = |by: &str| json!({ "by": by, "because": "a drill" });
    let (status, _) = service.api("POST /api/v1/resume", &order("ada"));
    assert_eq!(status, 409);
    let (status, answer) = service.api("POST /api/v1/pause", &json!({ "by": "ada", "because": " " }));
    assert_eq!(status, 422, "{answer}");
    let (status, answer) = service.api("POST /api/v1/pause", &order("ada"));
    assert_eq!((status, &answer["before"], &answer["under_way"]), (200, &json!(false), &json!(0)));
    let (_, answer) = service.api("POST /api/v1/pause", &order("bob"));
    assert_eq!((&answer["before"], &answer["paused"]["by"]), (&json!(true), &json!("ada")));
    for n in 0..3 {
        assert_eq!(service.send(&format!("d-{n}"), &format!("{{\"q\": \"{n}\"}}")).0, 202);
    }
    until("three are held", || metric(&service, "play_writes_held") == "3");
    assert_eq!(metric(&service, "play_paused"), "1");
    // Of one that is killed before it has written that it holds a write, nobody knows whether the write left.
    let written = || {
        let all = service.list("status");
        all.as_array().unwrap().iter().filter(|one| one["what"] == "held").count()
    };
    until("that is written down", || written() == 3);
    // Killed: the service of the next start holds them as well.
    drop(service);
    let service = world.serve();
    until("they are held still", || metric(&service, "play_writes_held") == "3");
    let all = service.list("status");
    let all = all.as_array().unwrap();
    assert_eq!((&all[0]["what"], &all[0]["held"]), (&json!("paused"), &json!(3)));
    assert_eq!(all.iter().filter(|one| one["what"] == "held").count(), 3);
    let api = format!("http://{}", service.address);
    let words: Vec<&str> = ["resume"].into_iter().chain(BY).chain(["--api", &api]).collect();
    let ran = playc::ran(playc::command(&words).env("PLAY_TOKEN", "t0ken").output());
    assert!(ran.code == 0 && ran.out.contains("3 that were held go on"), "{ran:?}");
    until("all are closed", || world.states().iter().all(|s| s.0 == "closed"));
    assert_eq!(
        (metric(&service, "play_writes_held"), metric(&service, "play_paused")),
        ("0".into(), "0".into())
    );
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

/// While a writer is killed again and again, nothing leaves a paused store, and afterwards each leaves once.
#[test]
fn kills_while_writes_are_held_lose_and_double_nothing() {
    let demo = demo();
    let world = world(&demo.address().to_string());
    let at = At { world: &world, place: world.path("store").display().to_string() };
    let alerts: String = (0..40).map(|n| format!("{{\"q\":\"{n}\"}}\n")).collect();
    std::fs::write(world.path("alerts.jsonl"), alerts).unwrap();
    assert_eq!(at.playc(&["store", "init"]).code, 0);
    assert_eq!(at.says(&["pause", "--all"]).code, 0);
    for after in [5, 10, 20, 40, 60, 80, 120] {
        at.killed_after(|| std::thread::sleep(Duration::from_millis(after)));
        assert_eq!(sent(&demo), [""; 0], "killed after {after} ms");
    }
    at.run();
    assert_eq!(sent(&demo), [""; 0]);
    assert_eq!(at.says(&["resume"]).code, 0);
    at.run();
    // One that was cut off between its intent and the line that it is held may have left, for all that is known.
    let status = at.playc(&["status", "--format", "json"]);
    let all: Vec<Value> = serde_json::from_str(&status.out).unwrap();
    let doubts = all.iter().filter(|one| one["what"] == "in_doubt").count();
    let mut blocks: Vec<String> = sent(&demo).into_iter().filter(|s| s.starts_with("block")).collect();
    assert_eq!(blocks.len() + doubts, 40, "{blocks:?}");
    blocks.sort();
    blocks.dedup();
    assert_eq!(blocks.len() + doubts, 40, "none left twice");
    at.is_sound();
}
