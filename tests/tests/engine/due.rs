//! A service whose runs are due while its store is out of reach.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::away::{Away, There, What, program};
use play_engine::person;
use play_journal::JournalRead;
use play_serve::page::{Page, Unlisted, Wanted};
use play_serve::{Config, Stopped, Views};
use tokio::sync::oneshot;

/// Nothing is shown.
struct Blank;

impl Views for Blank {
    fn status(&self, _: &dyn JournalRead, _: &Wanted) -> Result<Page, Unlisted> {
        Ok(Page::default())
    }
    fn cases(&self, _: &dyn JournalRead, _: &Wanted) -> Result<Page, Unlisted> {
        Ok(Page::default())
    }
}

/// Many runs are due while the store is away: one is tried for all of them, and all go on when it is back.
#[tokio::test]
async fn a_service_tries_one_run_for_all_that_are_due() {
    const RUNS: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), "t0ken").unwrap();
    let program = program("playbook p for T {\n  wait 3s\n  close TruePositive because case.q\n}", "test");
    let store = Away::alone(folder.path());
    let mut there = There::start(Arc::clone(&store), &program).await;
    let mut runs = Vec::new();
    for n in 0..RUNS {
        runs.push(there.take(&format!("{n}")).await);
    }
    let mut resting = Vec::new();
    for run in &runs {
        resting.push((run.as_str().into(), there.settled(run).await.wakes.unwrap()));
    }
    store.out(&[What::Lines]);
    let before = store.asked.load(Ordering::SeqCst);
    let settings = folder.path().join("play.toml").display().to_string();
    let text = "[serve]\nlisten = \"127.0.0.1:0\"\ntoken = { file = \"token\" }\n[serve.file.none]\npath = \"none\"\n";
    let load = there.load();
    let setup = play_serve::Setup {
        config: Config::read(&[(&settings, text)], &["src"], &|_, _| None).unwrap(),
        engine: there.engine,
        resting,
        load: Box::new(load),
        sources: vec!["src".into()],
        roles: person::Roles::default(),
        reader: Arc::clone(&store) as _,
        journal: Arc::clone(&store) as _,
        views: Arc::new(Blank),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let serves = play_serve::run(setup, listener, async { drop(stopped.await) });
    let meanwhile = async {
        tokio::time::sleep(Duration::from_secs(6)).await;
        let tried = store.asked.load(Ordering::SeqCst) - before;
        store.out(&[]);
        tokio::time::sleep(Duration::from_secs(3)).await;
        stop.send(()).unwrap();
        tried
    };
    let (ended, tried) = tokio::join!(serves, meanwhile);
    assert_eq!(ended.unwrap(), Stopped::Gently);
    assert!((1..=6).contains(&tried), "{tried} were tried in some three seconds");
    let over = Mutex::new(BTreeMap::new());
    store
        .for_each_line(&mut |chain, line| {
            if String::from_utf8_lossy(line).contains("\"k\":\"run.closed\"") {
                *over.lock().unwrap().entry(chain.to_string()).or_insert(0) += 1;
            }
        })
        .unwrap();
    let over = over.into_inner().unwrap();
    assert_eq!((over.len(), over.values().sum::<usize>()), (RUNS, RUNS));
}
