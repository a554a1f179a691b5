//! `kill -9` of `playc serve` at its steps: each write, sync, append and request, while records come over a webhook, in a folder and in a
//! database that it shares. It is started again, whoever was not answered sends again, and a person settles what is in doubt: then
//! what was acknowledged is there, nothing was done twice, and the evidence holds.
//!
//! `PLAY_SERVE_SWEEP=all` kills at every step; otherwise some are taken, each time the same.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::served::{SERVED, Service, World, outcome, sign};
use play_demo::{Running, Target};
use play_tests::{postgres, store};
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
role lead
queue rest
connector x {
  config { base_url: Url }
  read say(q: String) -> String
    GET "/say/{q}"
    expect 200 -> body
  write act(q: String) -> String
    POST "/act/once" json { q: q, to: "once" }
    expect 200 -> body
    class notify
  write keyed(q: String) -> String
    POST "/act/keyed" json { q: q, to: "keyed" }
    expect 200 -> body
    idempotent by q
    class notify
}
playbook p for T {
  let said = x.say(case.q) else "nothing"
  do x.act(case.q) else none
  do x.keyed(case.q) else hand over to queue.rest because failure.words
  close TruePositive because said
}
"#;

const RECORDS: [&str; 2] = ["a", "b"];

/// Kills in a folder and in a database, unless all are wanted. Each takes about a second.
const KILLS: [usize; 2] = [40, 20];

/// One place in which services are killed.
struct Case {
    world: World,
    place: String,
    target: Running<Target>,
    shared: bool,
}

impl Case {
    fn new(shared: bool) -> Self {
        let target = Running::start(Target::serve).unwrap();
        let settings = format!(
            "name = \"swept\"\n[store]\nshare = {shared}\n{SERVED}\
             [connectors.x]\nbase_url = \"{}\"\n",
            target.url("i")
        );
        let world = World::new(&[("p.play", PLAYBOOK), ("play.toml", &settings)]);
        let place = if shared { postgres::place() } else { world.path("store").display().to_string() };
        Self { world, place, target, shared }
    }

    fn runs(&self) -> Vec<Value> {
        store::runs(Path::new(&self.place))
    }

    /// Sends a record; whether it was acknowledged.
    fn send(service: &Service, q: &str) -> bool {
        let body = json!({ "q": q }).to_string();
        let signature = format!("sha256={}", sign(&body));
        let request = Service::request("POST /hooks/edr", &[("X-Signature", &signature)], &body);
        match service.try_ask(&request) {
            Some((202, answer)) => {
                assert!(matches!(outcome(&answer), "accepted" | "known"), "{answer}");
                true
            }
            Some((503, _)) | None => false,
            Some(other) => panic!("{other:?}"),
        }
    }

    /// Whether all runs are over; a person settles what is in doubt, by what the target says.
    fn is_over(&self, service: &Service, resolved: &mut usize) -> bool {
        let runs = service.list("cases");
        let runs = runs.as_array().unwrap();
        for run in runs.iter().filter(|run| run["state"] == "in_doubt") {
            let (case, lines) = (run["case"].as_str().unwrap(), self.lines(run));
            let intent = lines.iter().rev().find(|line| line["k"] == "act.intended").unwrap();
            assert_eq!(intent["action"], "x.act", "only what honours no key is in doubt");
            let q = intent["args"]["q"]["val"].as_str().unwrap();
            let account = self.target.account("i");
            let done = account.received.iter().any(|r| r.path == "act/once" && r.q == q && r.performed);
            let mut body = json!({ "by": "ada", "because": "looked", "done": done });
            if done {
                body["result"] = "done".into();
            }
            let (status, _) = service.decide(case, "resolve", body);
            *resolved += usize::from(status == 200);
        }
        runs.len() == RECORDS.len() && runs.iter().all(|run| run["state"] == "closed")
    }

    fn lines(&self, run: &Value) -> Vec<Value> {
        let lines = store::lines(Path::new(&self.place), run["run"].as_str().unwrap());
        lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
    }

    /// Records come until it is gone, or all is over. Gives those that were acknowledged, and whether it was killed.
    fn first(&self, variables: &[(&str, &str)]) -> (Vec<&'static str>, bool) {
        let mut acked = Vec::new();
        let mut service = match self.world.try_serve_at(&self.place, &[], variables) {
            Ok(service) => service,
            Err((_, Some(ended))) if killed(ended) => return (acked, true),
            Err(other) => panic!("it does not listen, and was not killed: {other:#?}"),
        };
        acked.extend(RECORDS.into_iter().filter(|q| Self::send(&service, q)));
        let began = Instant::now();
        let request = Service::request("GET /api/v1/cases", &[("Authorization", "Bearer t0ken")], "");
        while began.elapsed() < Duration::from_secs(30) {
            if let Some(ended) = service.child.try_wait().unwrap() {
                assert!(killed(ended), "it ended by itself");
                return (acked, true);
            }
            let runs = service.try_ask(&request).map(|(_, runs)| runs).unwrap_or_default();
            let closed = |run: &Value| run["state"] == "closed";
            if runs["items"].as_array().is_some_and(|r| r.len() == RECORDS.len() && r.iter().all(closed)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let pid = service.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        (acked, killed(service.child.wait().unwrap()))
    }

    /// It is started again, and all comes to its end. Gives how many writes were in doubt.
    fn after(&self, acked: &[&str]) -> usize {
        if self.shared {
            // Nobody waits for the end of its lease here: that it is waited for has tests of its own.
            let over = "UPDATE play_workers SET until = clock_timestamp()";
            let there =
                "SELECT 1 FROM pg_tables WHERE tablename = 'play_words' AND schemaname = current_schema()";
            if !postgres::sql(&self.place, there).is_empty() {
                postgres::sql(&self.place, over);
            }
        }
        let service = self.world.serve_at(&self.place, &[]);
        for q in RECORDS.iter().filter(|q| !acked.contains(q)) {
            assert!(Self::send(&service, q));
        }
        let (mut resolved, began) = (0, Instant::now());
        while !self.is_over(&service, &mut resolved) {
            assert!(began.elapsed() < Duration::from_secs(60), "not over: {:#?}", self.runs());
            std::thread::sleep(Duration::from_millis(20));
        }
        // Each record was sent again, or acknowledged; and has one run.
        let mut did: BTreeMap<(String, String), usize> = BTreeMap::new();
        let account = self.target.account("i");
        for write in account.received.iter().filter(|write| write.performed) {
            *did.entry((write.path.clone(), write.q.clone())).or_default() += 1;
        }
        for q in RECORDS {
            assert_eq!(did.get(&("act/keyed".into(), q.into())), Some(&1), "{did:?}");
            let once = did.get(&("act/once".into(), q.into())).copied().unwrap_or_default();
            // What is in doubt and was not done is not done later: the person said so.
            assert!(once == 1 || (once == 0 && resolved > 0), "{did:?}");
        }
        assert_eq!(service.stop(), 0);
        World::is_sound_at(&self.place);
        resolved
    }
}

/// Whether it was killed: whoever ends otherwise than as it was asked to is one that failed.
fn killed(ended: ExitStatus) -> bool {
    let killed = ended.signal() == Some(9);
    assert!(killed || ended.success(), "{ended:?}");
    killed
}

/// How many steps a service takes when nobody kills it.
fn steps(shared: bool) -> usize {
    let case = Case::new(shared);
    let log = case.world.path("steps");
    let (acked, killed) = case.first(&[("PLAY_CRASH_LOG", log.to_str().unwrap())]);
    assert!(acked == RECORDS && !killed);
    std::fs::read_to_string(log).unwrap().lines().count()
}

fn sweep(shared: bool) {
    let all = std::env::var("PLAY_SERVE_SWEEP").is_ok_and(|all| all == "all");
    let steps = steps(shared);
    let kills = if all { steps } else { KILLS[usize::from(shared)].min(steps) };
    let at: Vec<usize> = (0..kills).map(|n| 1 + n * steps / kills).collect();
    let (next, killed, doubts) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(step) = at.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let case = Case::new(shared);
                    let (acked, was_killed) = case.first(&[("PLAY_CRASH_AT", &step.to_string())]);
                    println!("step {step} of {steps}: acknowledged {acked:?}, killed {was_killed}");
                    killed.fetch_add(usize::from(was_killed), Ordering::Relaxed);
                    doubts.fetch_add(case.after(&acked), Ordering::Relaxed);
                }
            });
        }
    });
    println!("{kills} of {steps} steps: {killed:?} killed, {doubts:?} writes in doubt");
    // The last steps are not always reached: what is written together depends on when it comes.
    let killed = killed.into_inner();
    assert!(killed * 10 >= kills * 7, "{killed} of {kills}");
}

#[test]
fn a_service_in_a_folder_that_is_killed_at_any_step_loses_nothing_and_does_nothing_twice() {
    sweep(false);
}

#[test]
fn a_service_in_a_database_that_is_killed_at_any_step_loses_nothing_and_does_nothing_twice() {
    sweep(true);
}

/// What is looked at here can fail: one that does not know what it was sent does it again.
#[test]
fn a_record_that_is_done_twice_is_seen() {
    let case = Case::new(false);
    let (acked, killed) = case.first(&[]);
    assert!(acked == RECORDS && !killed);
    std::fs::remove_dir_all(case.world.path("store")).unwrap();
    let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.after(&[]))).is_err();
    assert!(seen, "the evidence was lost, and nobody saw that all was done twice");
}
