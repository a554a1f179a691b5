//! What an engine does while its store is out of reach for what it reads, or for what it gives back: it keeps what it has to do, and does it
//! when the store is there again.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::away::{Away, There, What, program};
use play_engine::person;
use play_engine::recover::Recovered;
use play_journal::{Journal as _, Sharing as _};
use play_scheduler::RunState;
use play_tests::postgres;
use tokio::sync::oneshot;

const WAITS: &str = r#"
playbook p for T {
  let first = wait tickets.closed(case.q) within 5d else hand over to queue.rest because "open"
  close TruePositive because first.by
}
"#;

const ACTS: &str = r#"
playbook p for T {
  do x.act(case.q) else none
  close TruePositive because "told"
}
"#;

fn closed(state: &RunState) -> bool {
    matches!(state, RunState::Closed(..))
}

/// In the store, a run that comes to wait for what has come already; and an engine that has not read that.
async fn about_to_wait(folder: &Path) -> (There, String) {
    let playbook = WAITS.replace("  let first", "  wait 1500ms\n  let first");
    let (program, store) = (program(&playbook, "test"), Away::alone(folder));
    let mut before = There::start(Arc::clone(&store), &program).await;
    let run = before.take("T-1").await;
    assert!(before.settled(&run).await.wakes.is_some(), "it is let go of");
    before.closed("T-1", "ada").await;
    drop(before.engine.finish().await.unwrap());
    let mut there = There::start(store, &program).await;
    let load = there.load();
    there.store.out(&[What::Bodies]);
    let found = there.engine.recover(&load).await.unwrap();
    assert_eq!(found.resting.len(), 1, "{found:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    there.engine.wake(&run, &load).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    there.engine.reap().unwrap();
    (there, run)
}

/// What came before it waits is in the store, and that cannot be read: it waits, and finds it as soon as it can.
#[tokio::test]
async fn a_run_that_comes_to_wait_meanwhile_finds_later_what_came_before() {
    let folder = tempfile::tempdir().unwrap();
    let (mut there, run) = about_to_wait(folder.path()).await;
    // What comes now is later than what it could not read.
    there.closed("T-1", "bob").await;
    there.store.out(&[]);
    let state = format!("{:?}", there.settled(&run).await.state);
    assert!(state.contains("ada"), "{state}");
}

/// An engine that comes to its end does not wait for that: the next start finds it.
#[tokio::test]
async fn an_engine_that_ends_meanwhile_leaves_the_run_to_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let (there, run) = about_to_wait(folder.path()).await;
    let (store, program) = (there.store, there.program);
    tokio::time::timeout(Duration::from_secs(10), there.engine.finish()).await.unwrap().unwrap();
    store.out(&[]);
    let mut next = There::start(store, &program).await;
    let load = next.load();
    next.engine.recover(&load).await.unwrap();
    assert!(closed(&next.settled(&run).await.state));
}

/// The program of an earlier run cannot be read: that says nothing of the run.
#[tokio::test]
async fn a_run_whose_program_cannot_be_read_is_woken_later() {
    let folder = tempfile::tempdir().unwrap();
    let playbook = "playbook p for T {\n  wait 2s\n  close TruePositive because case.q\n}";
    let store = Away::alone(folder.path());
    let mut before = There::start(Arc::clone(&store), &program(playbook, "first")).await;
    let run = before.take("a").await;
    assert!(before.settled(&run).await.wakes.is_some(), "it is let go of");
    drop(before.engine.finish().await.unwrap());

    let mut there = There::start(store, &program(playbook, "second")).await;
    let load = there.load();
    let found = there.engine.recover(&load).await.unwrap();
    assert_eq!(found.resting.len(), 1, "{found:?}");
    tokio::time::sleep(Duration::from_secs(2)).await;
    there.store.out(&[What::Programs]);
    let e = there.engine.wake(&run, &load).unwrap_err();
    assert!(e.passes(), "{e}");
    there.store.out(&[]);
    there.engine.wake(&run, &load).unwrap();
    assert!(closed(&there.settled(&run).await.state));
}

/// A held act, of a run whose record cannot be read when writes leave again.
#[tokio::test]
async fn a_held_act_leaves_once_its_run_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut there = There::start(Away::alone(folder.path()), &program(ACTS, "test")).await;
    let load = there.load();
    there.engine.pause("ada".into(), "a drill".into()).await.unwrap();
    let run = there.take("a").await;
    assert_eq!(there.settled(&run).await.held_back.len(), 1);
    there.store.out(&[What::Lines]);
    let resumed = there.engine.resume("ada".into(), "it is over".into(), &load).await.unwrap();
    assert_eq!(resumed.map(|(_, held)| held), Some(1));
    there.engine.tell_waiting(&load);
    assert!(there.engine.has_to_tell());
    assert_eq!(there.done.times(), 0);
    there.store.out(&[]);
    there.engine.tell_waiting(&load);
    assert!(!there.engine.has_to_tell());
    assert!(closed(&there.settled(&run).await.state));
    assert_eq!(there.done.times(), 1);
}

/// On a thread of its own: it waits for the server.
fn aside<T: Send>(ask: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(ask).join().unwrap())
}

fn place() -> String {
    aside(postgres::place)
}

/// How many runs are somebody's, by the database.
fn leases(place: &str) -> usize {
    aside(|| {
        let rows = postgres::sql(place, "SELECT scope FROM play_leases WHERE scope <> ''");
        rows.iter().filter(|row| row.iter().any(|scope| !scope.is_empty())).count()
    })
}

/// A run that is over is given back, and the server never hears of it: it is given back again, and nobody has it then.
#[tokio::test]
async fn a_run_that_was_given_back_in_vain_is_given_back_again() {
    let place = place();
    let mut there = There::start(Away::shared(&place), &program(ACTS, "test")).await;
    let run = there.take("a").await;
    assert!(closed(&there.settled(&run).await.state));
    there.store.out(&[What::Giving]);
    there.engine.let_go(vec![run.clone()]).await.unwrap();
    assert!(!there.engine.owns(&run));
    assert_eq!(leases(&place), 1);
    there.engine.let_go(Vec::new()).await.unwrap();
    assert_eq!(leases(&place), 1, "it cannot be given back yet");
    there.store.out(&[]);
    there.engine.let_go(Vec::new()).await.unwrap();
    assert_eq!(leases(&place), 0);
}

/// It was given back, nobody said so, and it is this engine's again, which drives it: it stays so.
#[tokio::test]
async fn a_run_that_is_driven_again_is_not_given_back_from_under_its_driver() {
    let place = place();
    let playbook = "playbook p for T {\n  wait 1h\n  close TruePositive because case.q\n}";
    let mut there = There::start(Away::shared(&place), &program(playbook, "test")).await;
    let load = there.load();
    let run = there.take("a").await;
    assert!(there.settled(&run).await.wakes.is_some());
    let (heard, told) = oneshot::channel();
    there.engine.say(&run, person::cancelling("ada".into(), "enough".into()), heard, &load);
    told.await.unwrap().unwrap();
    there.settled(&run).await;
    there.store.out(&[What::Giving]);
    there.engine.let_go(vec![run.clone()]).await.unwrap();
    // The server did hear of it.
    there.store.out(&[]);
    there.store.let_go(std::slice::from_ref(&run)).unwrap();
    assert_eq!(leases(&place), 0);
    there.engine.adopt(&run).await.unwrap().unwrap();
    there.engine.wake(&run, &load).unwrap();
    assert_eq!(there.engine.live(), 1);
    there.engine.let_go(Vec::new()).await.unwrap();
    assert!(there.engine.owns(&run), "it is driven here");
}

/// One that is gone has left a run, and it cannot be read.
#[tokio::test]
async fn no_more_runs_are_claimed_while_some_cannot_be_read() {
    let place = place();
    let program = program(WAITS, "test");
    let mut gone = There::start(Away::shared(&place), &program).await;
    let mut there = There::start(Away::shared(&place), &program).await;
    let run = gone.take("T-1").await;
    gone.settled(&run).await;
    gone.store.close().unwrap();
    let load = there.load();
    there.store.out(&[What::Lines]);
    let claims = |there: &There| there.store.claims.load(Ordering::SeqCst);
    let before = claims(&there);
    let left = |found: Recovered| (found.left, found.waiting.len() + found.resting.len());
    assert_eq!(left(there.engine.claim(&load).await.unwrap()), (1, 0));
    for _ in 0..3 {
        assert_eq!(left(there.engine.claim(&load).await.unwrap()), (1, 0));
    }
    assert_eq!(claims(&there), before + 1, "another may be able to read them");
    there.store.out(&[]);
    assert_eq!(left(there.engine.claim(&load).await.unwrap()), (0, 1));
    there.engine.claim(&load).await.unwrap();
    assert_eq!(claims(&there), before + 2);
}

/// Somebody speaks to a run that is nobody's, and what others have written cannot be read then: nobody is said to have heard it, and
/// the run is nobody's again.
#[tokio::test]
async fn a_run_that_was_taken_for_a_word_in_vain_is_given_back() {
    let place = place();
    let program = program(WAITS, "test");
    let mut other = There::start(Away::shared(&place), &program).await;
    let mut there = There::start(Away::shared(&place), &program).await;
    let load = there.load();
    // One is over, and one waits here for what comes there.
    let over = other.take("T-1").await;
    other.settled(&over).await;
    other.closed("T-1", "ada").await;
    let others = other.load();
    other.engine.tell_waiting(&others);
    assert!(closed(&other.settled(&over).await.state));
    other.engine.let_go(vec![over.clone()]).await.unwrap();
    let waits = there.take("T-2").await;
    there.settled(&waits).await;
    assert_eq!(leases(&place), 1);
    there.store.out(&[What::Bodies]);
    other.closed("T-2", "ada").await;

    let e = there.engine.adopt(&over).await.unwrap_err();
    assert!(e.passes(), "{e}");
    assert_eq!(there.engine.claim(&load).await.unwrap().left, 1);
    there.store.out(&[]);
    there.engine.claim(&load).await.unwrap();
    assert!(!there.engine.owns(&over), "nobody has it");
    assert_eq!(leases(&place), 1);
    there.engine.tell_waiting(&load);
    assert!(closed(&there.settled(&waits).await.state));
}
