//! Several workers that decide in turns: what each decides rests on every line before its own, and on no other.

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use play_evidence::{Chain, J, ParsedLine, kinds};
use play_journal::{Journal as _, JournalError, JournalRead as _, Sharing as _, Ticket};
use play_postgres::{Store, verify};

use crate::common::*;
use crate::proxy::{Cut, Proxy};
use crate::server;
use crate::worker::{SHARED, Worker, noted, options, place};

fn text(line: &[u8], name: &str) -> String {
    ParsedLine::parse(line).unwrap().field(name).and_then(J::as_str).unwrap().to_string()
}

/// The strongest that can be said: every line says how many its writer knew of, and that is its place among all. So none was skipped,
/// also of those that were committed late, none was told twice, and nothing came between the knowing and the writing.
#[test]
fn every_decision_rests_on_all_lines_before_it() {
    const WORKERS: usize = 4;
    const THREADS: usize = 3;
    const EACH: usize = 25;
    let place = place();
    let before = place.sql("SELECT count(*) FROM play_lines")[0][0].parse::<usize>().unwrap();
    let workers: Vec<_> = (0..WORKERS).map(|_| Worker::join(&place.url, 60_000)).collect();
    std::thread::scope(|scope| {
        for (n, worker) in workers.iter().enumerate() {
            for thread in 0..THREADS {
                scope.spawn(move || {
                    for i in 0..EACH {
                        worker.decides(|known, chain| vec![noted(chain, &known.to_string())]).unwrap();
                        if i % 5 == 0 {
                            // What rests on nothing is written besides, by each worker for itself, and is counted like all else.
                            let mut own = Chain::new(&format!("run-{n}-{thread}-{i}"));
                            worker.decides(|known, _| vec![line(&mut own, &known.to_string())]).unwrap();
                        }
                    }
                });
            }
        }
    });
    let all: Mutex<Vec<Vec<u8>>> = Mutex::default();
    workers[0].store.for_each_line(&mut |_, line| all.lock().unwrap().push(line.to_vec())).unwrap();
    let all = all.into_inner().unwrap();
    assert_eq!(all.len(), before + WORKERS * THREADS * (EACH + EACH / 5));
    for (n, line) in all.iter().enumerate().skip(before) {
        assert_eq!(text(line, "why"), n.to_string(), "line {n}");
    }
    for worker in workers {
        // Also who has nothing to write gets to know of everything.
        let start = Instant::now();
        while worker.known.lock().unwrap().lines < all.len() {
            assert!(start.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(10));
        }
        worker.store.close().unwrap();
    }
    assert!(verify(&place.url).unwrap().is_clean());
}

/// Whoever gives runs back does not wait for whoever writes the first line of another one, nor the other way round.
#[test]
fn runs_are_given_back_while_others_begin() {
    const EACH: usize = 300;
    let place = place();
    let worker = Arc::new(Worker::join(&place.url, 60_000));
    let (done, over) = mpsc::channel();
    // On threads of their own: whoever waits for ever is left there, and that is told.
    let (writer, wrote) = (Arc::clone(&worker), done.clone());
    std::thread::spawn(move || {
        for i in 0..EACH {
            let mut own = Chain::new(&format!("begun-{i}"));
            writer.decides(|known, _| vec![line(&mut own, &known.to_string())]).unwrap();
        }
        wrote.send(()).unwrap();
    });
    let giver = Arc::clone(&worker);
    std::thread::spawn(move || {
        for i in 0..EACH {
            let name = [format!("given-{i}")];
            assert_eq!(giver.store.own(&name).unwrap(), name);
            giver.store.let_go(&name).unwrap();
            assert!(!giver.store.owns(&name[0]));
        }
        done.send(()).unwrap();
    });
    for _ in 0..2 {
        over.recv_timeout(Duration::from_secs(60)).expect("they wait for each other");
    }
    worker.store.close().unwrap();
}

/// A limit over all workers: so many in all, never one more, however they come.
#[test]
fn a_limit_over_several_workers_is_never_exceeded() {
    const LIMIT: usize = 40;
    let place = place();
    let workers: Vec<_> = (0..3).map(|_| Worker::join(&place.url, 60_000)).collect();
    let base = workers[0].known.lock().unwrap().lines;
    let passed: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter()
            .flat_map(|worker| (0..4).map(move |_| worker))
            .map(|worker| {
                scope.spawn(move || {
                    let under = |known: usize, chain: &mut Chain| {
                        if known - base < LIMIT { vec![noted(chain, "allowed")] } else { Vec::new() }
                    };
                    (0..20).map(|_| worker.decides(under).unwrap()).sum::<usize>()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(passed, LIMIT);
    assert_eq!(workers[0].store.lines_of(SHARED).unwrap().len(), LIMIT);
}

#[test]
fn one_who_is_stopped_in_its_turn_keeps_others_waiting_no_longer_than_its_lease_and_writes_nothing() {
    let place = place();
    let (slow, other) = (Worker::join(&place.url, 500), Worker::join(&place.url, 60_000));
    let turn = slow.turn().unwrap();
    let start = Instant::now();
    other.decides(|_, chain| vec![noted(chain, "meanwhile")]).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20));
    let mut stale = slow.known.lock().unwrap().shared.clone();
    let late = slow.store.append_wait(lines([noted(&mut stale, "too late")]));
    assert!(matches!(late, Err(ref e) if !e.goes_on()), "{late:?}");
    drop(turn);
    assert!(slow.turn().is_err());
    assert_eq!(other.store.lines_of(SHARED).unwrap().len(), 1);
}

#[test]
fn a_session_that_ends_in_a_turn_has_written_nothing() {
    let place = place();
    let (one_worker, other) = (Worker::join(&place.url, 60_000), Worker::join(&place.url, 60_000));
    let turn = one_worker.turn().unwrap();
    let (ticket, done) = Ticket::pair();
    let mut chain = one_worker.known.lock().unwrap().shared.clone();
    one_worker.store.append(lines([noted(&mut chain, "never")]), done);
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%play_lines%' \
                AND pid IN (SELECT pid FROM pg_locks WHERE relation = 'play_leases'::regclass)";
    assert_eq!(place.sql(kill).len(), 1);
    drop(turn);
    assert!(matches!(ticket.wait(), Err(JournalError::Io { .. })));
    other.decides(|_, chain| vec![noted(chain, "goes on")]).unwrap();
    assert_eq!(text(&other.store.lines_of(SHARED).unwrap()[0], "why"), "goes on");
}

/// The writer does not know whether it was committed, and does nothing more. Whoever comes next knows.
#[test]
fn a_connection_that_is_cut_between_commit_and_reply_leaves_what_was_decided() {
    let place = place();
    let proxy = Proxy::start(server::url());
    let url = server::url_of(&proxy.through(&place.text));
    let (cut_off, other) = (Worker::join(&url, 60_000), Worker::join(&place.url, 60_000));
    let turn = cut_off.turn().unwrap();
    let (ticket, done) = Ticket::pair();
    let mut chain = cut_off.known.lock().unwrap().shared.clone();
    cut_off.store.append(lines([noted(&mut chain, "committed")]), done);
    proxy.cut(Cut::Commits);
    drop(turn);
    assert!(matches!(ticket.wait(), Err(JournalError::Io { .. })));
    other
        .decides(|_, chain| {
            assert_eq!(chain.next_seq(), 1, "it is known");
            vec![noted(chain, "next")]
        })
        .unwrap();
    assert_eq!(other.store.lines_of(SHARED).unwrap().len(), 2);
}

/// Nothing gets through any more, and nobody says that the connections are gone: TCP does not, since what is between takes what it is
/// sent. The others get on when the server ends the turn, and whoever was cut off ends when its own time is over.
#[test]
fn silence_keeps_others_waiting_no_longer_than_a_lease_and_ends_whoever_hears_nothing() {
    let place = place();
    let proxy = Proxy::start(server::url());
    let url = server::url_of(&format!("{}&tcp_user_timeout=1", proxy.through(&place.text)));
    let (cut_off, other) = (Worker::join(&url, 2000), Worker::join(&place.url, 60_000));
    cut_off.store.own(&["run-1".to_string()]).unwrap();
    let turn = cut_off.turn().unwrap();
    proxy.cut(Cut::Silence);
    let start = Instant::now();
    let (ticket, done) = Ticket::pair();
    let mut chain = cut_off.known.lock().unwrap().shared.clone();
    cut_off.store.append(lines([noted(&mut chain, "never")]), done);
    drop(turn);
    other.decides(|_, chain| vec![noted(chain, "it goes on")]).unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    // Twice a lease, and then what is only to tidy up.
    let error = ticket.wait().unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(!error.goes_on() && error.to_string().contains("there was no answer within 4.0 s"), "{error}");
    assert_eq!(cut_off.store.lease(), play_journal::Lease::Lost);
    let claimed = cut_off.store.claim(1).unwrap_err();
    assert!(claimed.to_string().contains("no answer within"), "{claimed}");
    assert!(cut_off.store.close().is_err());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    // Its lease is not renewed: what was its own is taken over.
    assert_eq!(other.store.claim(9).unwrap(), ["run-1"]);
    assert_eq!(text(&other.store.lines_of(SHARED).unwrap()[0], "why"), "it goes on");
}

#[test]
fn one_whose_time_was_over_writes_nothing_at_all() {
    let place = place();
    let (gone, other) = (Worker::join(&place.url, 600_000), Worker::join(&place.url, 600_000));
    let mut run = Chain::new("run-1");
    gone.store.append_wait(one(&mut run)).unwrap();
    assert_eq!(other.store.claim(9).unwrap(), Vec::<String>::new());
    place.sql("UPDATE play_workers SET until = clock_timestamp() WHERE worker = (SELECT min(worker) FROM play_workers)");
    assert_eq!(other.store.claim(9).unwrap(), ["run-1"]);
    // Neither to what others have taken, nor to what is everybody's.
    let error = gone.turn().unwrap_err();
    assert!(matches!(error, JournalError::Fenced { .. }), "{error}");
    assert!(error.to_string().contains("has taken the run run-1 over"), "{error}");
    assert_eq!(gone.store.lease(), play_journal::Lease::Lost);
    other.store.append_wait(one(&mut run)).unwrap();
    assert_eq!(other.store.lines_of("run-1").unwrap().len(), 2);
}

#[test]
fn a_run_begins_once_and_is_its_workers_own() {
    let place = place();
    let (first, second) = (Worker::join(&place.url, 60_000), Worker::join(&place.url, 60_000));
    first.store.append_wait(one(&mut Chain::new("run-1"))).unwrap();
    assert_eq!(second.store.own(&["run-1".to_string()]).unwrap(), Vec::<String>::new());
    let twice = second.store.append_wait(one(&mut Chain::new("run-1")));
    assert!(matches!(twice, Err(JournalError::Refused { .. })), "{twice:?}");
    let mut on = second.store.chain("run-1").unwrap().unwrap();
    let others = second.store.append_wait(one(&mut on));
    assert!(matches!(others, Err(JournalError::Fenced { .. })), "{others:?}");
    assert_eq!(first.store.lines_of("run-1").unwrap().len(), 1);
}

#[test]
fn whoever_shares_the_store_keeps_others_from_having_it_alone_and_the_other_way_round() {
    let place = place();
    let sharing = Worker::join(&place.url, 60_000);
    let refused = Store::open(&place.url, options(60_000)).unwrap_err();
    assert!(matches!(refused, JournalError::Locked { .. }), "{refused}");
    sharing.store.close().unwrap();
    let alone = place.open();
    let refused = Store::join(&place.url, options(60_000)).unwrap_err();
    assert!(matches!(refused, JournalError::Locked { .. }), "{refused}");
    alone.close().unwrap();
    Worker::join(&place.url, 60_000).store.close().unwrap();
}

/// As many as come to a new store at once, it is made once, and says so once.
#[test]
fn many_may_join_a_new_store_at_once() {
    let place = server::Place::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Store::join(&place.url, options(60_000)).unwrap().close().unwrap());
        }
    });
    assert_eq!(place.sql("SELECT count(*) FROM play_lines"), [["1"]]);
    assert!(verify(&place.url).unwrap().is_clean());
}

/// Whoever was killed while it had the store alone is waited out.
#[test]
fn one_who_had_all_alone_and_is_gone_is_waited_out() {
    let place = place();
    place.sql(
        "INSERT INTO play_workers VALUES (nextval('play_epoch'), 'gone', clock_timestamp() + interval '1 second'); \
         UPDATE play_leases SET worker = (SELECT worker FROM play_workers WHERE name = 'gone') WHERE scope = ''",
    );
    let start = Instant::now();
    let worker = Worker::join(&place.url, 60_000);
    assert!(start.elapsed() > Duration::from_millis(900));
    worker.decides(|_, chain| vec![noted(chain, "it goes on")]).unwrap();
}

/// What begins in a turn may go on in it.
#[test]
fn a_run_may_begin_and_go_on_in_one_turn() {
    let place = place();
    let worker = Worker::join(&place.url, 60_000);
    let mut run = Chain::new("run-1");
    let turn = worker.turn().unwrap();
    let tickets: Vec<_> = ["one", "two"]
        .map(|why| {
            let (ticket, done) = Ticket::pair();
            worker.store.append(lines(vec![line(&mut run, why)]), done);
            ticket
        })
        .into();
    drop(turn);
    tickets.into_iter().for_each(|ticket| ticket.wait().unwrap());
    worker.store.append_wait(lines(vec![line(&mut run, "three")])).unwrap();
    assert_eq!(worker.store.lines_of("run-1").unwrap().len(), 3);
}

/// What the store's own chain says is heeded by each who is there; one whose time is over is not waited for, and writes nothing more.
#[test]
fn it_is_known_who_has_been_told_what_the_store_says() {
    let place = place();
    let (one, other) = (Worker::join(&place.url, 60_000), Worker::join(&place.url, 60_000));
    let mut chain = one.store.chain("store").unwrap().unwrap();
    let kind = kinds::kind("store.resumed").unwrap();
    let because = J::Obj([("val".to_string(), J::Str("test".into()))].into());
    let fields = [("person".to_string(), J::Str("ada".into())), ("because".to_string(), because)];
    let line = chain.append(jiff::Timestamp::UNIX_EPOCH, "person:ada", None, kind, fields.into()).unwrap();
    let seq = chain.next_seq() - 1;
    one.decides(|_, _| vec![line]).unwrap();
    let start = Instant::now();
    while !one.store.not_told(seq).unwrap().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    let never = one.store.not_told(seq + 1).unwrap();
    assert_eq!(never.len(), 1, "{never:?}");
    place.sql("UPDATE play_workers SET until = clock_timestamp() WHERE heeded > 0");
    assert!(one.store.not_told(seq + 1).unwrap().is_empty(), "its time is over");
    assert!(other.decides(|_, chain| vec![noted(chain, "too late")]).is_err());
}

#[test]
fn whoever_has_the_store_alone_ends_the_turns_of_others() {
    let place = place();
    let sharing = Worker::join(&place.url, 60_000);
    // As if it had joined before it was asked who shares.
    place.sql("UPDATE play_workers SET shares = 0");
    let alone = place.open();
    let error = sharing.turn().unwrap_err();
    assert!(matches!(error, JournalError::Fenced { .. }), "{error}");
    // Alone, every turn is one's own.
    let (sender, receiver) = mpsc::sync_channel(1);
    alone.turn(Box::new(move |turn| drop(sender.send(turn))));
    drop(receiver.recv().unwrap().unwrap());
    alone.append_wait(one(&mut Chain::new("run-1"))).unwrap();
    alone.close().unwrap();
}

/// Not a test: what a decision in a turn costs here. `cargo nextest run --release -p play-postgres --run-ignored only -E
/// 'test(what_a_turn_costs)' --no-capture`
#[test]
#[ignore = "it measures"]
#[allow(clippy::print_stdout, reason = "that is what it is for")]
fn what_a_turn_costs() {
    for (workers, threads) in [(1, 1), (1, 16), (1, 64), (2, 1), (2, 16), (4, 16), (8, 16)] {
        let place = place();
        let all: Vec<_> = (0..workers).map(|_| Worker::join(&place.url, 60_000)).collect();
        let took: Mutex<Vec<Duration>> = Mutex::default();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for worker in &all {
                for _ in 0..threads {
                    scope.spawn(|| {
                        while begun.elapsed() < Duration::from_secs(4) {
                            let start = Instant::now();
                            worker.decides(|_, chain| vec![noted(chain, "counted")]).unwrap();
                            took.lock().unwrap().push(start.elapsed());
                        }
                    });
                }
            }
        });
        let seconds = begun.elapsed().as_secs_f64();
        let mut took = took.into_inner().unwrap();
        took.sort_unstable();
        let at = |part: usize| took[(took.len() * part / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
        #[allow(clippy::cast_precision_loss, reason = "it is printed")]
        let rate = took.len() as f64 / seconds;
        println!(
            "{workers} workers x {threads}: {rate:.0} decisions a second, p50 {:.2} ms, p99 {:.2} ms",
            at(50),
            at(99)
        );
        // One commit after the other.
        let batches = place.sql("SELECT count(DISTINCT place / 1048576) FROM play_lines");
        println!("  {} commits for {} lines", batches[0][0], took.len());
    }
}

/// However large the lines are: so much is in memory at a time, and it goes on.
#[test]
fn what_others_have_written_is_told_in_pages_that_are_bounded_in_bytes() {
    const MIB: usize = 1 << 20;
    let place = place();
    let writes = Store::join(&place.url, options(60_000)).unwrap();
    let mut chain = Chain::new("run-1");
    // Many of a size, one that is larger than a page, and small ones.
    let sizes: Vec<usize> = [600 << 10; 20].into_iter().chain([5 * MIB]).chain([10; 40]).collect();
    let mut written = Vec::new();
    for size in &sizes {
        let line = line(&mut chain, &"x".repeat(*size));
        written.push(line.bytes.to_vec());
        writes.append_wait(lines([line])).unwrap();
    }
    let reads = Store::join(&place.url, options(60_000)).unwrap();
    let (page, pages) = mpsc::channel();
    let told = move |lines: &[play_journal::Foreign]| {
        page.send(lines.iter().map(|line| line.bytes.to_vec()).collect::<Vec<_>>()).unwrap();
    };
    reads.follow(Box::new(told)).unwrap();
    let pages: Vec<Vec<Vec<u8>>> = pages.try_iter().collect();
    for page in &pages {
        let before: usize = page.iter().rev().skip(1).map(Vec::len).sum();
        assert!(!page.is_empty() && before < 4 * MIB, "{before} bytes before the last of {}", page.len());
    }
    assert!(pages.len() >= 4, "{}", pages.len());
    let all: Vec<Vec<u8>> = pages.into_iter().flatten().collect();
    // The first says that the store was created.
    assert!(all.len() == written.len() + 1 && all[1..] == written, "each once, in order");
    for store in [writes, reads] {
        store.close().unwrap();
    }
}

/// A server has room for so many connections: none is made for each look.
#[test]
fn one_connection_is_kept_for_claiming_and_made_again_when_it_is_lost() {
    let place = place();
    let mark = place.sql("SELECT current_schema()")[0][0].clone();
    let url = server::url_of(&format!("{}&application_name={mark}", place.text));
    let worker = Worker::join(&url, 60_000);
    let sessions = || {
        place.sql(&format!(
            "SELECT pid FROM pg_stat_activity WHERE application_name = '{mark}' ORDER BY backend_start"
        ))
    };
    let take = || {
        worker.store.claim(9).unwrap();
        worker.store.own(&["run-9".to_string()]).unwrap();
        worker.store.not_told(0).unwrap();
    };
    take();
    let first = sessions();
    (0..5).for_each(|_| take());
    assert_eq!(sessions(), first);
    let claiming = &first.last().unwrap()[0];
    place.sql(&format!("SELECT pg_terminate_backend({claiming})"));
    (0..5).for_each(|_| take());
    let after = sessions();
    assert!(after.len() == first.len() && after[..3] == first[..3], "{first:?} and {after:?}");
    assert_ne!(after.last(), first.last());
    worker.store.close().unwrap();
}

/// That it is not there is none of the reasons for which a store is at its end: who has one open goes on, and tries again.
#[test]
fn a_server_that_is_not_there_is_said_to_be_out_of_reach() {
    let nobody = server::url_of("postgres://play@127.0.0.1:1/nowhere");
    for tried in [
        Store::open(&nobody, options(60_000)).map(drop),
        Store::join(&nobody, options(60_000)).map(drop),
        Store::read_only(&nobody).map(drop),
        Store::migrate(&nobody),
        verify(&nobody).map(drop),
        Store::is_shared(&nobody).map(drop),
        Store::say_to(&nobody, "run-1", "{}").map(drop),
    ] {
        let error = tried.unwrap_err();
        assert!(matches!(error, JournalError::Unreachable { .. }), "{error:?}");
        assert!(error.goes_on());
        assert!(error.to_string().contains("cannot be reached"), "{error}");
    }
}
