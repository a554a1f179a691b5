//! Several persons decide about one run at once, through two services and by the command, and some of them go before they hear what
//! became of it; and the services' own connections to the database are cut meanwhile. What each was told has to fit one order of all: the
//! first decision counts, and it is the one in the evidence.

#[path = "../../../runtime/postgres/tests/store/checker/mod.rs"]
mod checker;
use std::io::Write as _;
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::served::fleet::{Fleet, accepted};
use crate::served::{Service, World};
use checker::{Model, Op, is_linearizable};
use play_tests::generate::Rng;
use play_tests::postgres::proxy::{Cut, Proxy};
use play_tests::{playc, postgres, store};
use serde_json::{Value, json};

const PLAYBOOK: &str = r#"
guard asks covers x.act { else approval from role.lead within 2h else refuse }
connector y {
  config { base_url: Url }
  write lose(q: String) -> String
    POST "/lost/x" json { q: q, to: "lost" }
    expect 200 -> body
    class notify
}
queue rest
playbook in_doubt for T before asking when case.q matches /^doubt/ {
  do y.lose(case.q) else hand over to queue.rest because failure.words
  close TruePositive because "settled"
}
playbook asking for T {
  do x.act(case.q) else hand over to queue.rest because failure.words
  wait 1h
  close TruePositive because "told"
}
"#;

/// What somebody does. Each has a number, and says words that nobody else says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    /// Approve or deny the act, or settle the doubt: the first counts.
    Decide(usize),
    /// Cancel the run, which may be done after that as well.
    Cancel(usize),
    /// Look into the evidence when all is over.
    Look,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    Taken,
    Refused,
    /// It does not count, whatever it would have been: nobody has heard it.
    NotCounted,
    /// Whose words stand in the evidence: of the decisions, and of those who cancelled.
    Seen(Vec<usize>, Vec<usize>),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    decided: Option<usize>,
    cancelled: Option<usize>,
}

/// A run that waits for one decision.
struct Run;

impl Model for Run {
    type State = State;
    type Asked = Asked;
    type Answer = Answer;

    fn step(state: &State, asked: &Asked, answer: Option<&Answer>) -> Option<State> {
        let (open, live) = (state.decided.is_none() && state.cancelled.is_none(), state.cancelled.is_none());
        match (asked, answer) {
            (Asked::Look, Some(Answer::Seen(decided, cancelled))) => {
                let is = |seen: &[usize], one: Option<usize>| seen == one.as_slice();
                (is(decided, state.decided) && is(cancelled, state.cancelled)).then(|| state.clone())
            }
            (Asked::Look, _) | (_, Some(Answer::Seen(..))) => None,
            (_, Some(Answer::NotCounted)) => Some(state.clone()),
            (Asked::Decide(n), Some(Answer::Taken)) => {
                open.then(|| State { decided: Some(*n), ..state.clone() })
            }
            (Asked::Decide(_), Some(Answer::Refused)) => (!open).then(|| state.clone()),
            (Asked::Cancel(n), Some(Answer::Taken)) => {
                live.then(|| State { cancelled: Some(*n), ..state.clone() })
            }
            // A run that a decision has led to its end cannot be cancelled any more.
            (Asked::Cancel(_), Some(Answer::Refused)) => (!open).then(|| state.clone()),
            (Asked::Decide(n), None) if open => Some(State { decided: Some(*n), ..state.clone() }),
            (Asked::Cancel(n), None) if live => Some(State { cancelled: Some(*n), ..state.clone() }),
            (_, None) => Some(state.clone()),
        }
    }
}

/// How somebody speaks.
enum Way<'a> {
    To(&'a Service),
    /// And goes before anything can be heard.
    Cut(&'a Service),
    Command(&'a str),
}

fn said(n: usize) -> String {
    format!("words of {n}.")
}

/// What somebody was told; nothing, where nothing was heard, or not whether it counts.
fn say(way: &Way<'_>, case: &str, what: &str, n: usize) -> Option<Answer> {
    let mut body = json!({ "by": format!("person {n}"), "because": said(n) });
    if what == "resolve" {
        body["done"] = n.is_multiple_of(2).into();
        if n.is_multiple_of(2) {
            body["result"] = "done".into();
        }
    }
    let head = format!("POST /api/v1/runs/{case}/{what}");
    let request = Service::request(&head, &[("Authorization", "Bearer t0ken")], &body.to_string());
    let (status, told) = match way {
        Way::To(service) => service.try_ask(&request)?,
        Way::Cut(service) => {
            let mut stream = TcpStream::connect(&service.address).ok()?;
            stream.write_all(request.as_bytes()).ok()?;
            std::thread::sleep(Duration::from_millis(n as u64 % 3));
            let _ = stream.shutdown(Shutdown::Both);
            return None;
        }
        Way::Command(store) => {
            let person = format!("person {n}");
            let words = said(n);
            let mut args = vec![what, case, "--by", &person, "--because", &words, "--store", store];
            if what == "resolve" {
                args.extend(if n.is_multiple_of(2) {
                    ["--done", "\"done\""].as_slice()
                } else {
                    &["--not-done"]
                });
            }
            let ran = playc::run(&args);
            return match ran.code {
                0 => Some(Answer::Taken),
                _ if ran.err.contains("409") || ran.err.contains("410") => Some(Answer::Refused),
                _ if ran.err.contains("none has taken it") => Some(Answer::NotCounted),
                _ => None,
            };
        }
    };
    match status {
        200 => Some(Answer::Taken),
        409 | 410 => Some(Answer::Refused),
        // One that ends may have taken it before; 504 says so.
        503 if told["error"] != "ending" => Some(Answer::NotCounted),
        // 500: the connection that writes was cut under it, and whether it is there shows at the next start.
        500 | 503 | 504 => None,
        other => panic!("{what} was answered with {other}"),
    }
}

fn lines(fleet: &Fleet, run: &Value) -> Vec<Value> {
    let lines = store::lines(Path::new(&fleet.place), run["run"].as_str().unwrap());
    lines.iter().map(|line| serde_json::from_slice(line).unwrap()).collect()
}

/// Whose words are in the lines of a run, by what they say.
fn seen(fleet: &Fleet, case: &str, clients: usize) -> Answer {
    let run = fleet.runs().into_iter().find(|run| run["case"] == case).unwrap();
    let lines = lines(fleet, &run);
    let by = |kinds: &[&str]| {
        let of = lines.iter().filter(|line| kinds.contains(&line["k"].as_str().unwrap()));
        let of: Vec<String> = of.map(Value::to_string).collect();
        (0..clients).flat_map(|n| of.iter().filter(move |l| l.contains(&said(n))).map(move |_| n)).collect()
    };
    Answer::Seen(by(&["person.answered", "act.resolved"]), by(&["cancel.asked"]))
}

#[derive(Debug, Default)]
struct Tally {
    taken: usize,
    refused: usize,
    unheard: usize,
    /// Of those that were heard: by the command.
    by_command: usize,
    /// Histories in which connections were cut, and services that ended of it.
    cut: usize,
    ended: usize,
}

/// What is cut of whose connections to the database, after how many milliseconds, and for how many.
fn cut(seed: u64) -> Option<(usize, Cut, u64, u64)> {
    let mut rng = Rng::new(seed ^ 0xc07);
    for _ in 0..8 {
        rng.below(2);
    }
    let what = match rng.below(10) {
        // Without the connection on which it writes it ends.
        0 => Cut::Requests,
        1 => Cut::Replies,
        2..6 => Cut::Reads,
        _ => return None,
    };
    Some((rng.index(2), what, rng.below(60), 100 + rng.below(1_500)))
}

/// Two services, each behind a proxy of its own.
struct Both {
    proxies: [Proxy; 2],
    services: [Service; 2],
}

impl Both {
    fn serve(fleet: &Fleet) -> Self {
        let proxies = [postgres::proxy(), postgres::proxy()];
        let services = proxies.each_ref().map(|proxy| fleet.serve_through(proxy));
        Self { proxies, services }
    }

    /// Starts one again that has ended, as one does that has lost its database; gives how many have. `cut`: the one that may have, as
    /// the connection on which it writes was cut. It need not know that yet: it does once it has written, or has ended.
    fn again(&mut self, fleet: &Fleet, cut: Option<usize>) -> usize {
        let mut ended = 0;
        for (n, (service, proxy)) in self.services.iter_mut().zip(&self.proxies).enumerate() {
            let may = cut == Some(n);
            let status = fleet.within(60, "it writes, or has ended", || {
                let status = service.child.try_wait().unwrap();
                (status.is_some() || !may || writes(service)).then_some(status)
            });
            if let Some(status) = status {
                assert!(may && status.code() == Some(2), "{status}: {:#?}", service.try_until("never"));
                *service = fleet.serve_through(proxy);
                ended += 1;
            }
        }
        ended
    }
}

/// Whether a service can write: it has to write down that this is no event.
fn writes(service: &Service) -> bool {
    let head = [("Authorization", "Bearer t0ken")];
    let answered = service.try_ask(&Service::request("POST /api/v1/events", &head, "{}"));
    answered.is_some_and(|(status, _)| status == 202)
}

/// One run, and what five persons were told about it.
fn history(fleet: &Fleet, both: &Both, seed: u64, tally: &mut Tally) -> Vec<Op<Asked, Answer>> {
    let services = both.services.each_ref();
    let mut rng = Rng::new(seed);
    let doubt = rng.chance(35);
    let case = accepted(services[rng.index(2)], &format!("{}-{seed}", if doubt { "doubt" } else { "ask" }));
    let kind = if doubt { "act.in_doubt" } else { "person.asked" };
    fleet.within(60, "it waits for a decision", || {
        let run = fleet.runs().into_iter().find(|run| run["case"] == case)?;
        let lines = lines(fleet, &run);
        lines.iter().any(|line| line["k"] == kind).then_some(())
    });
    let clock = AtomicU64::new(0);
    let plan: Vec<(Asked, &str, Way<'_>)> = (0..5)
        .map(|n| {
            let (asked, what) = match rng.below(10) {
                0..2 => (Asked::Cancel(n), "cancel"),
                _ if doubt => (Asked::Decide(n), "resolve"),
                2..6 => (Asked::Decide(n), "approve"),
                _ => (Asked::Decide(n), "deny"),
            };
            let way = match rng.below(10) {
                0..2 => Way::Cut(services[rng.index(2)]),
                2 => Way::Command(&fleet.place),
                _ => Way::To(services[rng.index(2)]),
            };
            (asked, what, way)
        })
        .collect();
    let tick = || clock.fetch_add(1, Ordering::SeqCst);
    let cut = cut(seed);
    let mut ops: Vec<Op<Asked, Answer>> = std::thread::scope(|scope| {
        if let Some((whose, what, after, long)) = cut {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(after));
                both.proxies[whose].cut(what);
                std::thread::sleep(Duration::from_millis(long));
                both.proxies[whose].cut(Cut::Nothing);
            });
        }
        let all: Vec<_> = plan
            .iter()
            .enumerate()
            .map(|(n, (asked, what, way))| {
                let (case, tick) = (&case, &tick);
                scope.spawn(move || {
                    let from = tick();
                    let answer = say(way, case, what, n);
                    Op { asked: *asked, from, answered: answer.map(|answer| (answer, tick())) }
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    // What was cut off may be on its way still. Looking ends it: nothing of this run is to come after that.
    std::thread::sleep(Duration::from_millis(700));
    fleet.within(60, "nothing that was said may be taken any more", || {
        let open = "SELECT 1 FROM play_words WHERE answer IS NULL AND until > clock_timestamp()";
        postgres::sql(&fleet.place, open).is_empty().then_some(())
    });
    tally.cut += usize::from(cut.is_some());
    for (op, (_, _, way)) in ops.iter().zip(&plan) {
        tally.by_command += usize::from(matches!(way, Way::Command(_)) && op.answered.is_some());
        match &op.answered {
            Some((Answer::Taken, _)) => tally.taken += 1,
            Some(_) => tally.refused += 1,
            None => tally.unheard += 1,
        }
    }
    let from = tick();
    let answer = seen(fleet, &case, plan.len());
    ops.push(Op { asked: Asked::Look, from, answered: Some((answer, tick())) });
    ops
}

fn holds(ops: &[Op<Asked, Answer>]) -> bool {
    is_linearizable::<Run>(State::default(), ops)
}

/// `PLAY_ANSWERS` says how many histories, `PLAY_SEED` from which on.
#[test]
fn what_persons_are_told_fits_one_order_of_their_decisions() {
    let number = |name: &str, otherwise: u64| std::env::var(name).map_or(otherwise, |n| n.parse().unwrap());
    let (histories, first) = (number("PLAY_ANSWERS", 10), number("PLAY_SEED", 1));
    let fleet = Fleet::with(&["y"], PLAYBOOK);
    let mut both = Both::serve(&fleet);
    let mut tally = Tally::default();
    let mut altered = 0;
    for seed in first..first + histories {
        let mut ops = history(&fleet, &both, seed, &mut tally);
        let off = cut(seed).filter(|(_, what, ..)| !matches!(what, Cut::Reads));
        tally.ended += both.again(&fleet, off.map(|(whose, ..)| whose));
        assert!(holds(&ops), "PLAY_SEED={seed} PLAY_ANSWERS=1: {ops:#?}");
        // The same with one answer turned round is none that one alone could have seen.
        let taken = ops
            .iter()
            .position(|op| matches!((&op.asked, &op.answered), (Asked::Decide(_), Some((Answer::Taken, _)))));
        if let Some(taken) = taken {
            if let Some((answer, _)) = &mut ops[taken].answered {
                *answer = Answer::Refused;
            }
            altered += 1;
            assert!(!holds(&ops), "a decision that counts was told to be refused: {ops:#?}");
        }
    }
    println!("{histories} histories from seed {first}: {tally:?}");
    assert!(
        histories < 10
            || (tally.taken > 4
                && tally.refused > 4
                && tally.unheard > 2
                && tally.by_command > 0
                && tally.cut > 2
                && altered > 4),
        "{tally:?}"
    );
    assert_eq!(both.services.map(Service::stop), [0, 0]);
    World::is_sound_at(&fleet.place);
}

fn op(asked: Asked, from: u64, answer: Option<Answer>) -> Op<Asked, Answer> {
    Op { asked, from, answered: answer.map(|answer| (answer, from + 10)) }
}

#[test]
fn a_history_that_no_order_explains_is_seen() {
    use Answer::{NotCounted, Refused, Seen, Taken};
    use Asked::{Cancel, Decide, Look};
    let look =
        |decided: &[usize], cancelled: &[usize]| op(Look, 90, Some(Seen(decided.into(), cancelled.into())));
    let both = || [op(Decide(0), 0, Some(Taken)), op(Decide(1), 1, Some(Refused))];
    let with = |last| both().into_iter().chain([last]).collect::<Vec<_>>();
    assert!(holds(&with(look(&[0], &[]))));
    assert!(!holds(&with(look(&[1], &[]))), "the one that was refused counts");
    assert!(!holds(&with(look(&[], &[]))), "none counts");
    assert!(!holds(&with(look(&[0, 1], &[]))), "both count");
    assert!(!holds(&[op(Decide(0), 0, Some(Taken)), op(Decide(1), 1, Some(Taken))]), "both were taken");
    assert!(!holds(&[op(Decide(0), 0, Some(Refused)), look(&[], &[])]), "refused while it was open");
    assert!(!holds(&[op(Decide(0), 0, Some(Refused)), op(Decide(1), 20, Some(Taken))]), "refused before it");
    // What does not count does not, also where nobody else has decided.
    assert!(holds(&[op(Decide(0), 0, Some(NotCounted)), op(Decide(1), 20, Some(Taken)), look(&[1], &[])]));
    assert!(!holds(&[op(Decide(0), 0, Some(NotCounted)), look(&[0], &[])]), "it counts all the same");
    // One who was cut off may have been first, or never heard.
    assert!(holds(&[op(Decide(0), 0, None), op(Decide(1), 1, Some(Refused)), look(&[0], &[])]));
    assert!(holds(&[op(Decide(0), 0, None), op(Decide(1), 1, Some(Taken)), look(&[1], &[])]));
    assert!(!holds(&[op(Decide(0), 0, None), op(Decide(1), 1, Some(Refused)), look(&[], &[])]));
    assert!(holds(&[op(Decide(0), 0, Some(Taken)), op(Cancel(1), 20, Some(Taken)), look(&[0], &[1])]));
    assert!(
        !holds(&[op(Cancel(1), 0, Some(Taken)), op(Decide(0), 20, Some(Taken))]),
        "after it was cancelled"
    );
}
