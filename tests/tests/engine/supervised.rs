//! Supervised runs: somebody is asked for every write, on stores of both sorts.

use std::path::Path;

use crate::served::World;
use crate::served::desk::{BY, demo, sent};
use play_demo::Handle;
use play_evidence::{J, ParsedLine};
use play_tests::{playc, postgres, store};
use serde_json::Value;

const PROGRAM: &str = r#"
connector desk {
  config { base_url: Url }
  write block(q: String) -> Unit
    POST "/messages" json { channel: q, text: "block" }
    expect 201
    undo free(q)
    class change
  write free(q: String) -> Unit
    POST "/messages" json { channel: q, text: "free" }
    expect 201
    idempotent by q
    class restore
  write tell(q: String) -> Unit
    POST "/messages" json { channel: q, text: "tell" }
    expect 201
    class notify
}
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
queue q
role lead
role chief
guard blocks for T covers desk.block {
  never when act.q == "never"
  limit 2 per 1h
  allow when case.q != "chief"
  else approval from role.chief within 1h else refuse
}
guard frees covers desk.free { allow }

playbook p for T {
  do desk.tell(case.q) else hand over to queue.q because "not told: {failure.kind} {failure.words}"
  do desk.block(case.q) else hand over to queue.q because "not blocked: {failure.kind} {failure.words}"
  do desk.tell(case.q) else hand over to queue.q because "not told again"
  rollback because "enough" else hand over to queue.q because "not taken back"
  close TruePositive because "blocked"
}
"#;

const SUPERVISED: &str =
    "[playbooks.p]\nautonomy = \"supervised\"\napproval = \"role.lead\"\nwithin = \"4h\"\n";

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

    fn run(&self) -> playc::Ran {
        let (folder, alerts) = (self.world.0.path().display().to_string(), self.path("alerts.jsonl"));
        let ran = self.playc(&["run", &folder, "--alert", &alerts]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran
    }

    fn says(&self, words: &[&str]) {
        let config = self.path("config.toml");
        let ran = self.playc(&[words, &BY, &["--config", &config]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    fn only(&self) -> Value {
        let all = store::runs(Path::new(&self.place));
        assert_eq!(all.len(), 1);
        assert_eq!(all[0]["autonomy"], "supervised");
        all[0].clone()
    }

    fn case(&self) -> String {
        self.only()["case"].as_str().unwrap().to_string()
    }

    fn lines(&self, kind: &str) -> Vec<ParsedLine> {
        let lines = store::lines(Path::new(&self.place), self.only()["run"].as_str().unwrap());
        lines.iter().map(|l| ParsedLine::parse(l).unwrap()).filter(|l| l.k == kind).collect()
    }

    /// Who was asked, for what.
    fn asked(&self) -> Vec<String> {
        let text = |l: &ParsedLine, name: &str| l.field(name).and_then(J::as_str).unwrap().to_string();
        let one = |l: &ParsedLine| format!("{} {}", text(l, "to"), text(l, "action"));
        self.lines("person.asked").iter().map(one).collect()
    }
}

fn each_place(q: &str, test: impl Fn(&At, &Handle)) {
    for in_database in [false, true] {
        let demo = demo();
        let config = format!("[connectors.desk]\nbase_url = \"http://{}/chat\"\n", demo.address());
        let world = World::new(&[
            ("p.play", PROGRAM),
            ("play.toml", &format!("{SUPERVISED}{config}")),
            ("config.toml", &config),
            ("alerts.jsonl", &format!("{{\"q\":\"{q}\"}}\n")),
        ]);
        let place = match in_database {
            true => postgres::place(),
            false => world.path("store").display().to_string(),
        };
        let at = At { world, place };
        assert_eq!(at.playc(&["store", "init"]).code, 0);
        test(&at, &demo);
        for words in [["trace", "verify"].as_slice(), &["replay", "--all"]] {
            let ran = at.playc(words);
            assert_eq!(ran.code, 0, "{ran:?}");
        }
    }
}

#[test]
fn every_write_is_asked_for_once_and_done_when_it_is_approved() {
    each_place("a", |at, demo| {
        let ran = at.run();
        assert!(ran.out.contains("for role.lead to approve desk.tell(\"a\")"), "{}", ran.out);
        assert_eq!(sent(demo), [""; 0]);
        // What the settings say now is for runs that are opened now.
        let toml = std::fs::read_to_string(at.world.path("play.toml")).unwrap();
        std::fs::write(at.world.path("play.toml"), toml.replace(SUPERVISED, "")).unwrap();
        assert_eq!(at.run().code, 0);
        assert_eq!(sent(demo), [""; 0]);

        at.says(&["approve", &at.case()]);
        assert_eq!(sent(demo), ["tell a"]);
        let shown = at.playc(&["trace", "show", &at.case()]).out;
        assert!(shown.contains("playbook p; supervised: every write asks role.lead"), "{shown}");
        assert!(shown.contains("play.toml wants role.lead to approve it"), "{shown}");
        let status = at.playc(&["status"]).out;
        assert!(status.contains("p (supervised)"), "{status}");

        at.says(&["approve", &at.case()]);
        // Told twice and asked once, as it is the same; what a rollback takes back is not asked for.
        assert_eq!(sent(demo), ["tell a", "block a", "tell a", "free a"]);
        assert_eq!(at.asked(), ["role.lead desk.tell", "role.lead desk.block"]);
        assert_eq!(at.only()["state"], "closed");
        let acts = at.lines("act.intended");
        let approved = acts.iter().filter(|l| l.field("approvals").is_some()).count();
        assert_eq!((acts.len(), approved), (4, 3));
    });
}

#[test]
fn what_is_denied_is_not_done() {
    each_place("a", |at, demo| {
        at.run();
        at.says(&["approve", &at.case()]);
        at.says(&["deny", &at.case()]);
        assert_eq!(sent(demo), ["tell a"]);
        let run = at.only();
        assert_eq!(run["state"], "handed_over");
        let because = run["because"].as_str().unwrap();
        assert!(because.contains("not blocked: Denied denied by ada: a drill"), "{because}");
    });
}

#[test]
fn guards_refuse_before_anybody_is_asked_and_ask_whom_they_want_besides() {
    each_place("never", |at, demo| {
        at.run();
        at.says(&["approve", &at.case()]);
        assert_eq!(sent(demo), ["tell never"]);
        assert_eq!(at.asked(), ["role.lead desk.tell"], "nobody is asked for what a guard refuses");
        assert_eq!(at.only()["state"], "handed_over");
    });
    each_place("chief", |at, demo| {
        at.run();
        at.says(&["approve", &at.case()]);
        assert_eq!(at.asked()[1..], ["role.chief desk.block", "role.lead desk.block"]);
        for line in at.lines("person.asked").iter().skip(1) {
            assert_eq!(sent(demo), ["tell chief"], "both have to approve it");
            at.says(&["approve", &at.case(), "--line", &line.seq.to_string()]);
        }
        assert_eq!(sent(demo), ["tell chief", "block chief", "tell chief", "free chief"]);
    });
}
