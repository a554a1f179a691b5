//! Shadow runs and dry runs: nothing is done, on stores of both sorts, and real runs beside them lose nothing by it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::served::desk::{demo, sent};
use crate::served::{SERVED, World};
use play_demo::Handle;
use play_evidence::ParsedLine;
use play_tests::{playc, postgres, schema, store};
use serde_json::{Value, json};

/// A limit of one, an approval, and a key: what runs share.
const PROGRAM: &str = r#"
connector desk {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/messages" json { channel: q, text: "block" }
    expect 201 -> "done"
    undo free(q)
    class change
  write free(q: String) -> String
    POST "/messages" json { channel: q, text: "free" }
    expect 201 -> "done"
    idempotent by q
    class restore
}
case T { q: String }
source src from feed("t") -> T {
  map { q = payload.q as String? }
  dedup by payload.q as String? within 1h
}
queue q
role lead
guard blocks for T covers desk.block {
  limit 1 per 1h
  allow when case.q != "asks"
  else approval from role.lead within 1h else refuse
}
guard frees covers desk.free { allow }
"#;

const BLOCKS: &str = r#"
playbook p for T {
  do desk.block(case.q) for 2s else hand over to queue.q because "not blocked"
  close TruePositive because "blocked"
}
"#;

const SHADOW: &str = "[playbooks.p]\nautonomy = \"shadow\"\n";

fn world(address: &str, playbook: &str, settings: &str) -> World {
    let config = format!("[connectors.desk]\nbase_url = \"http://{address}/chat\"\n");
    World::new(&[
        ("p.play", &format!("{PROGRAM}{playbook}")),
        ("play.toml", &format!("name = \"tried\"\n{SERVED}{settings}{config}")),
        ("config.toml", &config),
        ("alerts.jsonl", "{\"q\":\"a\"}\n"),
        (
            "stubs.json",
            r#"[{ "call": "desk.block", "returns": "b" }, { "call": "desk.free", "returns": "f" }]"#,
        ),
    ])
}

/// A store, in a folder or a database.
struct At {
    world: World,
    place: String,
}

impl At {
    fn playc(&self, words: &[&str]) -> playc::Ran {
        playc::run(&[words, &["--store", &self.place]].concat())
    }

    fn path(&self, name: &str) -> String {
        self.world.path(name).display().to_string()
    }

    /// Takes the alerts.
    fn command(&self, more: &[&str]) -> Command {
        let (folder, alerts) = (self.world.0.path().display().to_string(), self.path("alerts.jsonl"));
        playc::command(&[&["run", &folder, "--alert", &alerts, "--store", &self.place], more].concat())
    }

    fn run(&self, more: &[&str]) -> playc::Ran {
        let ran = playc::ran(self.command(more).output());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran
    }

    fn alerts(&self, all: &[&str]) {
        let lines: String = all.iter().map(|q| format!("{}\n", json!({ "q": q }))).collect();
        std::fs::write(self.world.path("alerts.jsonl"), lines).unwrap();
    }

    fn settings(&self, from: &str, to: &str) {
        let path = self.world.path("play.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// The runs that were driven so.
    fn runs(&self, autonomy: &str) -> Vec<Value> {
        let mut all = store::runs(Path::new(&self.place));
        all.iter().for_each(|run| schema::is("run", run));
        all.retain(|run| run["autonomy"] == autonomy);
        all
    }

    /// The kinds of the lines of such runs.
    fn kinds(&self, autonomy: &str) -> Vec<String> {
        let lines = |run: &Value| store::lines(Path::new(&self.place), run["run"].as_str().unwrap());
        let all = self.runs(autonomy);
        all.iter().flat_map(lines).map(|l| ParsedLine::parse(&l).unwrap().k).collect()
    }

    fn count(&self, autonomy: &str, kind: &str) -> usize {
        self.kinds(autonomy).iter().filter(|k| *k == kind).count()
    }

    fn is_sound(&self) {
        for words in [["trace", "verify"].as_slice(), &["replay", "--all"]] {
            let ran = self.playc(words);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
        let acts = |kind: &String| kind.starts_with("act.") && kind != "act.would";
        let of_shadow = self.kinds("shadow");
        assert!(!of_shadow.iter().any(|k| acts(k) || k.starts_with("hold.")), "{of_shadow:?}");
    }
}

fn each_place(playbook: &str, settings: &str, test: impl Fn(&At, &Handle)) {
    for in_database in [false, true] {
        let demo = demo();
        let world = world(&demo.address().to_string(), playbook, settings);
        let place = match in_database {
            true => postgres::place(),
            false => world.path("store").display().to_string(),
        };
        let at = At { world, place };
        assert_eq!(at.playc(&["store", "init"]).code, 0);
        test(&at, &demo);
        at.is_sound();
    }
}

fn shows(text: &str, words: &[&str]) {
    assert!(words.iter().all(|word| text.contains(word)), "{words:?} in {text}");
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_shadow_run_does_nothing_and_says_what_it_would_do() {
    each_place(BLOCKS, SHADOW, |at, demo| {
        at.alerts(&["asks"]);
        let ran = at.run(&[]);
        shows(
            &ran.out,
            &[
                "closed TruePositive",
                "would do: line",
                "desk.block(\"asks\") for 2s, once role.lead approves",
                "1 shadow run: 1 write would have been done, and none was",
            ],
        );
        assert_eq!(sent(demo), NOTHING);
        assert_eq!((at.count("shadow", "act.would"), at.count("shadow", "guard.would_allow")), (1, 1));
        let run = &at.runs("shadow")[0];
        let case = run["case"].as_str().unwrap();
        shows(
            &at.playc(&["trace", "show", case]).out,
            &[
                "playbook p; shadow: nothing is done",
                "would be allowed by blocks, if it were approved",
                "would do desk.block(q: asks) for 2s, class change, undone by desk.free, once role.lead approves",
            ],
        );
        shows(&at.playc(&["trace", "list"]).out, &["p (shadow)"]);
        let status = at.playc(&["status"]);
        assert_eq!((status.code, status.out.as_str()), (0, "nothing is in force, and no run waits\n"));
        // Known to shadow runs, and to no others.
        shows(&at.run(&[]).out, &["no cases opened", "1 known already"]);
    });
}

#[test]
fn what_a_shadow_run_has_taken_a_real_one_gets_and_the_other_way_round() {
    each_place(BLOCKS, SHADOW, |at, demo| {
        // The third is a duplicate of the first.
        at.alerts(&["a", "b", "a"]);
        shows(&at.run(&[]).out, &["2 cases opened (1 duplicate)"]);
        assert_eq!(sent(demo), NOTHING);
        // The limit of one is that of shadow runs alone.
        assert_eq!((at.count("shadow", "act.would"), at.count("shadow", "guard.refused")), (1, 1));

        at.settings("\"shadow\"", "\"automatic\"");
        shows(&at.run(&[]).out, &["2 cases opened (1 duplicate)"]);
        assert_eq!(sent(demo)[0], "block a");
        assert_eq!(at.count("automatic", "guard.refused"), 1);
        shows(&at.run(&[]).out, &["no cases opened", "3 known already"]);

        // A real run has used the limit up, and shadow runs have their own, which is used up too.
        at.alerts(&["c"]);
        let dry = at.run(&["--dry-run"]);
        shows(&dry.out, &["handed over to queue.q", "1 shadow run: no writes would have been done"]);
        assert_eq!(at.count("shadow", "guard.refused"), 2);
        assert_eq!(sent(demo).iter().filter(|s| s.starts_with("block")).count(), 1);
    });
}

#[test]
fn shadow_runs_never_take_from_the_limit_of_real_ones() {
    each_place(BLOCKS, "", |at, demo| {
        for q in ["a", "b", "c"] {
            at.alerts(&[q]);
            at.run(&["--dry-run"]);
        }
        assert_eq!((at.count("shadow", "act.would"), at.count("shadow", "guard.refused")), (1, 2));
        at.alerts(&["d"]);
        at.run(&[]);
        assert_eq!(sent(demo)[0], "block d");
    });
}

#[test]
fn a_dry_run_keeps_nothing_unless_it_is_told_where() {
    let demo = demo();
    let world = world(&demo.address().to_string(), BLOCKS, "");
    let temporary = tempfile::tempdir().unwrap();
    let mut command = playc::command(&["run", ".", "--alert", "alerts.jsonl", "--dry-run"]);
    let ran = playc::ran(command.current_dir(world.0.path()).env("TMPDIR", temporary.path()).output());
    assert_eq!(ran.code, 0, "{ran:?}");
    shows(&ran.out, &["would do: line", "desk.block(\"a\") for 2s", "a dry run: its evidence is not kept"]);
    assert!(!world.path(".play").exists());
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "it is removed");
    assert_eq!(sent(&demo), NOTHING);

    let mut command =
        playc::command(&["run", ".", "--alert", "alerts.jsonl", "--dry-run", "--format", "jsonl"]);
    let ran = playc::ran(command.current_dir(world.0.path()).output());
    let one: Value = serde_json::from_str(&ran.out).unwrap();
    schema::is("ended", &one);
    assert_eq!(one["autonomy"], "shadow");
    assert_eq!(
        (&one["would"][0]["what"], &one["would"][0]["text"]),
        (&json!("act"), &json!("desk.block(\"a\") for 2s"))
    );
}

/// Waits in the midst, so that it can be killed there.
const WAITS: &str = r#"
playbook p for T {
  do desk.block("{case.q}1") else hand over to queue.q because "not blocked"
  wait 3s
  rollback because "it was nothing" else hand over to queue.q because "not taken back"
  do desk.free("{case.q}2") else hand over to queue.q because "not freed"
  close TruePositive because "blocked"
}
"#;

/// Starts it, and kills it once a run waits.
fn killed_in_the_midst(at: &At, more: &[&str]) {
    let mut child = at.command(more).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = std::time::Instant::now();
    let waits = || {
        let ran = at.playc(&["trace", "list", "--format", "jsonl"]);
        ran.code == 0 && ran.out.contains("\"waiting\"")
    };
    while !waits() {
        assert!(began.elapsed() < Duration::from_secs(60), "no run waits");
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A database has the lease of who was killed for a while.
fn until_it_is_fine(at: &At, more: &[&str]) -> playc::Ran {
    let began = std::time::Instant::now();
    loop {
        let ran = playc::ran(at.command(more).output());
        if ran.code == 0 || began.elapsed() > Duration::from_secs(60) {
            assert_eq!(ran.code, 0, "{ran:?}");
            return ran;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_shadow_run_stays_one_when_it_is_taken_up_after_a_kill() {
    each_place(WAITS, SHADOW, |at, demo| {
        killed_in_the_midst(at, &[]);
        // What the settings say now is for runs that are opened now.
        at.settings("\"shadow\"", "\"automatic\"");
        std::fs::write(at.world.path("alerts.jsonl"), "").unwrap();
        until_it_is_fine(at, &[]);
        assert_eq!(sent(demo), NOTHING);
        let runs = at.runs("shadow");
        assert_eq!((runs.len(), runs[0]["state"].as_str()), (1, Some("closed")), "{runs:?}");
        assert_eq!((at.count("shadow", "act.would"), at.count("shadow", "rollback.would")), (2, 1));
        shows(&at.playc(&["trace", "would"]).out, &["would roll back 1 act"]);
    });
}

#[test]
fn a_dry_run_takes_up_no_run_that_does_something() {
    each_place(WAITS, "", |at, demo| {
        killed_in_the_midst(at, &[]);
        assert_eq!(sent(demo), ["block a1"]);
        std::thread::sleep(Duration::from_secs(2));
        let ran = until_it_is_fine(at, &["--dry-run"]);
        shows(&ran.out, &["1 shadow run: 2 writes would have been done, and none was", "would roll back"]);
        assert_eq!(sent(demo), ["block a1"]);
        assert_eq!(at.runs("automatic")[0]["state"], "waiting");
        at.run(&[]);
        assert_eq!(sent(demo), ["block a1", "free a1", "free a2"]);
    });
}

#[test]
fn a_shadow_run_ends_where_it_would_need_what_nobody_gave() {
    let asks = r#"
playbook p for T {
  let answer = ask role.lead "Is {case.q} bad?" { Yes, No } within 1h else hand over to queue.q because "nobody"
  if answer.choice == Yes { do desk.block(case.q) else hand over to queue.q because "not blocked" }
  close TruePositive because answer.reason
}
"#;
    let uses = r#"
playbook p for T {
  approve desk.block(case.q) from role.lead within 1h because "bad" else hand over to queue.q because "not approved"
  let said = do desk.block(case.q) else hand over to queue.q because "not blocked"
  close TruePositive because "{said}"
}
"#;
    for (playbook, needs, would) in [
        (asks, "the answer of role.lead", "would ask: line"),
        (uses, "the result of desk.block", "would do: line"),
    ] {
        each_place(playbook, SHADOW, |at, demo| {
            let ran = at.run(&[]);
            shows(&ran.out, &["shadow ended", &format!("it would need {needs}"), would]);
            assert_eq!(sent(demo), NOTHING);
            let run = &at.runs("shadow")[0];
            assert_eq!((run["state"].as_str(), run["outcome"].as_str()), (Some("shadow_ended"), Some(needs)));
            assert_eq!(at.count("shadow", "person.asked"), 0, "nobody is asked");
            // It has ended: nothing takes it up again.
            shows(&at.run(&[]).out, &["1 known already"]);
        });
    }
}

#[test]
fn a_service_counts_what_would_have_been_done_apart() {
    let demo = demo();
    let world = world(&demo.address().to_string(), BLOCKS, SHADOW);
    let service = world.serve();
    let (status, _) = service.send("one", &json!({ "q": "a" }).to_string());
    assert_eq!(status, 202);
    service.until("run_ended");
    let (_, metrics) = service.api("GET /metrics", &Value::Null);
    shows(
        metrics.as_str().unwrap(),
        &["play_writes_would_total 1", "play_runs_ended_total{state=\"closed\"} 1"],
    );
    let cases = service.list("cases");
    assert_eq!(cases[0]["autonomy"], "shadow");
    assert_eq!(service.stop(), 0);
    world.is_sound();
}

#[test]
fn what_is_wrong_in_the_settings_is_said_where_it_stands() {
    let world = World::new(&[
        (
            "p.play",
            "role lead\ncase T { q: String }\nplaybook odd_login for T { hand over to role.lead because case.q }\n",
        ),
        (
            "play.toml",
            "[playbooks.odd_logn]\nautonomy = \"shadow\"\n\n[playbooks.odd_login]\nautonomy = \"supervized\"\n\n\
             [playbooks.other]\nautonomy = \"supervised\"\napproval = \"role.laed\"\nwithin = \"soon\"\nlimit = 3\n",
        ),
    ]);
    let folder = world.0.path().display().to_string();
    let ran = playc::run(&["check", &folder]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let text = format!("{}{}", ran.out, ran.err);
    shows(
        &text,
        &[
            "there is no playbook `odd_logn`",
            "Did you mean `odd_login`?",
            "autonomy `supervized` is not known",
            "Did you mean `supervised`?",
            "a duration is wanted here",
            "a playbook has no `limit`",
            "play.toml",
        ],
    );
    let settings =
        "[playbooks.odd_login]\nautonomy = \"supervised\"\napproval = \"role.laed\"\nwithin = \"4h\"\n";
    std::fs::write(world.path("play.toml"), settings).unwrap();
    let ran = playc::run(&["check", &folder]);
    shows(&format!("{}{}", ran.out, ran.err), &["there is no role `laed`", "Did you mean `role.lead`?"]);
}

#[test]
fn what_a_playbook_may_do_by_itself_shows_in_its_capabilities() {
    let world = world("127.0.0.1:1", BLOCKS, SHADOW);
    let folder = world.0.path().display().to_string();
    assert_eq!(playc::run(&["caps", &folder]).code, 0);
    let toml = std::fs::read_to_string(world.path("play.toml")).unwrap();
    std::fs::write(world.path("play.toml"), toml.replace("\"shadow\"", "\"automatic\"")).unwrap();
    let ran = playc::run(&["caps", "--check", &folder]);
    assert_eq!(ran.code, 1, "{ran:?}");
    shows(&ran.out, &["- p  shadow: does nothing"]);
}
