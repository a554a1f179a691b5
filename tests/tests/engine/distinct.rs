//! `[approvals] distinct` from outside: who has had a say in a run does not approve its acts, over kills and in the record.

use crate::served::{SERVED, World};
use play_evidence::{J, ParsedLine};
use play_tests::forged::forged;
use play_tests::{playc, store};
use serde_json::{Value, json};

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
guard changes covers x.cut { else approval from role.chief within 2h else refuse }
playbook p for T {
  let bad = ask role.lead "Is {case.s} bad?" { Yes, No } within 2h else No because "nobody knows"
  if bad.choice == No { close FalsePositive because bad.reason }
  do x.cut(case.s) else hand over to queue.tier2 because failure.words
  close TruePositive because "cut off"
}
"#;

const SETTINGS: &str = r#"
name = "served"
[approvals]
distinct = true
[roles]
lead = ["ada", "ben"]
chief = ["ada", "ben", "eve"]
"#;

const RULE: &str = "and `[approvals] distinct` of play.toml wants another person";

/// What is served, with these settings first.
fn settings(first: &str) -> String {
    format!("{first}{SERVED}source = \"src\"\nid = \"X-Delivery\"\n")
}

fn world(first: &str) -> World {
    let stubs = r#"[{ "call": "x.cut", "returns": "ok" }, { "call": "x.join", "returns": null }]"#;
    let alert = "{\"s\": \"host-1\"}\n";
    World::new(&[
        ("p.play", PLAYBOOK),
        ("play.toml", &settings(first)),
        ("stubs.json", stubs),
        ("a.jsonl", alert),
    ])
}

/// `approve`, `deny` or `answer CHOICE`, in the line that asks this role.
fn says(world: &World, words: &[&str], role: &str, by: &str) -> playc::Ran {
    let (stubs, store, folder) = (world.path("stubs.json"), world.path("store"), world.0.path());
    let case = store::runs(&store)[0]["case"].as_str().unwrap().to_string();
    let (word, choice) = (words[0], words.get(1));
    let line = asked(world, role).to_string();
    let mut args: Vec<&std::ffi::OsStr> = vec![word.as_ref(), case.as_ref()];
    args.extend(choice.map(|c| std::ffi::OsStr::new(*c)));
    let why = format!("seen by {by}");
    args.extend(["--line", &line, "--by", by, "--because", &why, "--stub"].map(std::ffi::OsStr::new));
    args.extend([stubs.as_os_str(), "--store".as_ref(), store.as_os_str()]);
    args.extend(["--project".as_ref(), folder.as_os_str()]);
    playc::run(&args)
}

fn lines(world: &World) -> Vec<ParsedLine> {
    let store = world.path("store");
    let run = store::runs(&store)[0]["run"].as_str().unwrap().to_string();
    store::lines(&store, &run).iter().map(|l| ParsedLine::parse(l).unwrap()).collect()
}

/// The last line that asks a role.
fn asked(world: &World, role: &str) -> u64 {
    let asks = |l: &&ParsedLine| l.k == "person.asked" && l.field("to").and_then(J::as_str) == Some(role);
    lines(world).iter().rfind(asks).unwrap_or_else(|| panic!("{role} is not asked")).seq
}

#[test]
fn who_has_answered_the_question_does_not_approve_and_may_deny() {
    let world = world(SETTINGS);
    world.opened();
    let question = asked(&world, "role.lead");
    let ran = says(&world, &["answer", "Yes"], "role.lead", "ada");
    assert_eq!(ran.code, 0, "{ran:?}");
    let before = lines(&world).len();
    for role in ["role.lead", "role.chief"] {
        let ran = says(&world, &["approve"], role, "ada");
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(&format!("ada answered line {question} of this run, {RULE}")), "{ran:?}");
    }
    assert_eq!(lines(&world).len(), before, "what does not count writes nothing");
    let ran = says(&world, &["deny"], "role.chief", "ada");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("denied by ada: seen by ada"), "{ran:?}");
    world.is_sound();
}

#[test]
fn who_has_approved_as_one_role_does_not_as_another() {
    let world = world(SETTINGS);
    world.opened();
    says(&world, &["answer", "Yes"], "role.lead", "ada");
    let lead = asked(&world, "role.lead");
    let ran = says(&world, &["approve"], "role.lead", "ben");
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = says(&world, &["approve"], "role.chief", "ben");
    assert_eq!(ran.code, 2, "{ran:?}");
    let told = format!("ben has approved this act in line {lead} as role.lead, {RULE}");
    assert!(ran.err.contains(&told), "{ran:?}");
    let ran = says(&world, &["approve"], "role.chief", "eve");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed TruePositive"), "{ran:?}");
    world.is_sound();
}

#[test]
fn a_run_keeps_the_rule_that_it_was_opened_with() {
    let strict = world(SETTINGS);
    strict.opened();
    // Nobody is listed any more, and the rule is gone: neither is asked of this run.
    std::fs::write(strict.path("play.toml"), "name = \"served\"\n").unwrap();
    says(&strict, &["answer", "Yes"], "role.lead", "ada");
    for same in ["ada", " Ada ", "ADA"] {
        let ran = says(&strict, &["approve"], "role.lead", same);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(RULE), "{ran:?}");
    }

    let loose = world(&SETTINGS.replace("distinct = true", "distinct = false"));
    loose.opened();
    std::fs::write(loose.path("play.toml"), settings(SETTINGS)).unwrap();
    says(&loose, &["answer", "Yes"], "role.lead", "ada");
    says(&loose, &["approve"], "role.lead", "ada");
    let ran = says(&loose, &["approve"], "role.chief", "ada");
    assert!(ran.out.contains("closed TruePositive"), "{ran:?}");
    assert!(lines(&loose).iter().all(|l| l.field("distinct").is_none()));
    loose.is_sound();
}

#[test]
fn the_service_refuses_them_also_after_a_kill() {
    let world = world(SETTINGS);
    let service = world.serve();
    let (_, answer) = service.send("d-1", r#"{"s": "host-1"}"#);
    let case = answer["records"][0]["case"].as_str().unwrap().to_string();
    let by = |who: &str| json!({ "by": who, "because": "looked at it" });
    let (code, answer) =
        service.decide(&case, "answer", json!({ "by": "ada", "because": "looked at it", "choice": "Yes" }));
    assert_eq!(code, 200, "{answer}");
    drop(service);

    let service = world.serve();
    let standing = service.list("status");
    let line = |role: &str| {
        let waits = |s: &&Value| s["what"] == "waiting" && s["to"] == role;
        standing.as_array().unwrap().iter().find(waits).unwrap_or_else(|| panic!("{standing}"))["line"]
            .clone()
    };
    let at = |who: &str, role: &str| {
        let mut body = by(who);
        body["line"] = line(role);
        body
    };
    let (code, answer) = service.decide(&case, "approve", at("ada", "role.lead"));
    assert_eq!(code, 409, "{answer}");
    assert!(answer.to_string().contains(RULE), "{answer}");
    let (code, answer) = service.decide(&case, "approve", at("ben", "role.lead"));
    assert_eq!(code, 200, "{answer}");
    let (code, answer) = service.decide(&case, "approve", at("ben", "role.chief"));
    assert_eq!(code, 409, "{answer}");
    assert!(answer.to_string().contains(RULE), "{answer}");
    let (code, answer) = service.decide(&case, "approve", at("eve", "role.chief"));
    assert_eq!(code, 200, "{answer}");
    service.until("run_ended");
    assert_eq!(service.stop(), 0);
    assert_eq!(world.states(), [("closed".to_string(), "TruePositive".to_string())]);
    world.is_sound();
}

#[test]
fn a_record_in_which_they_approve_does_not_replay() {
    for (was, is) in [("ben", "ada"), ("eve", "ben")] {
        let world = world(SETTINGS);
        let (_, case) = world.opened();
        says(&world, &["answer", "Yes"], "role.lead", "ada");
        says(&world, &["approve"], "role.lead", "ben");
        says(&world, &["approve"], "role.chief", "eve");
        let (file, store) = (world.path("run.jsonl"), world.path("store"));
        let words = ["trace", "export", &case, "--store"].map(std::ffi::OsStr::new);
        let ran = playc::run(&[&words[..], &[store.as_os_str(), "-o".as_ref(), file.as_os_str()]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        let replay = ["replay".as_ref(), file.as_os_str(), "--store".as_ref(), store.as_os_str()];
        let ran = playc::run(&replay);
        assert_eq!(ran.code, 0, "{ran:?}");
        forged(&file, |text| {
            let actor = text.replace(&format!("person:{was}"), &format!("person:{is}"));
            actor.replace(&format!("\"person\":\"{was}\""), &format!("\"person\":\"{is}\""))
        });
        let ran = playc::run(&replay);
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(format!("{}{}", ran.out, ran.err).contains(RULE), "{ran:?}");
    }
}
