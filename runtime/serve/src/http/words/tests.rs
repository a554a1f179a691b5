use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};

use play_evidence::Chain;
use play_journal::{Batch, Done, Follow, Granted, Head, JournalRead, Sharing};

use super::*;

/// A store whose others answer nothing until they are told to.
#[derive(Default)]
struct Silent {
    answers: Mutex<bool>,
    told: Condvar,
    waiting: Mutex<usize>,
}

type Got<T> = Result<T, JournalError>;

impl JournalRead for Silent {
    fn id(&self) -> String {
        String::new()
    }
    fn heads(&self) -> Got<BTreeMap<String, Head>> {
        Err(JournalError::Closed)
    }
    fn chain(&self, _: &str) -> Got<Option<Chain>> {
        Err(JournalError::Closed)
    }
    fn runs(&self) -> Got<Vec<String>> {
        Err(JournalError::Closed)
    }
    fn lines_of(&self, _: &str) -> Got<Vec<Vec<u8>>> {
        Err(JournalError::Closed)
    }
    fn for_each_line(&self, _: &mut dyn FnMut(&str, &[u8])) -> Got<()> {
        Err(JournalError::Closed)
    }
    fn blob(&self, _: &str) -> Got<Option<Vec<u8>>> {
        Err(JournalError::Closed)
    }
    fn artifact(&self, _: &str) -> Got<Option<Vec<u8>>> {
        Err(JournalError::Closed)
    }
}

impl Journal for Silent {
    fn salt(&self) -> [u8; 32] {
        [0; 32]
    }
    fn sharing(&self) -> Option<&dyn Sharing> {
        Some(self)
    }
    fn append(&self, _: Batch, done: Done) {
        done(Err(JournalError::Closed));
    }
    fn put_artifact(&self, _: &[u8]) -> Got<String> {
        Err(JournalError::Closed)
    }
    fn close(&self) -> Got<()> {
        Ok(())
    }
}

impl Sharing for Silent {
    fn follow(&self, _: Follow) -> Got<()> {
        Ok(())
    }
    fn turn(&self, granted: Granted) {
        granted(Err(JournalError::Closed));
    }
    fn own(&self, _: &[String]) -> Got<Vec<String>> {
        Err(JournalError::Closed)
    }
    fn claim(&self, _: usize) -> Got<Vec<String>> {
        Err(JournalError::Closed)
    }
    fn let_go(&self, _: &[String]) -> Got<()> {
        Ok(())
    }
    fn hand_over(&self, _: &[String]) -> Got<()> {
        Ok(())
    }
    fn owns(&self, _: &str) -> bool {
        false
    }
    fn owner(&self, _: &str) -> Got<Option<String>> {
        Err(JournalError::Closed)
    }
    fn not_told(&self, _: u64) -> Got<Vec<String>> {
        Err(JournalError::Closed)
    }
    fn say(&self, _: &str, _: &str, _: Duration) -> Got<Heard> {
        *self.waiting.lock().unwrap() += 1;
        let answers = self.answers.lock().unwrap();
        drop(self.told.wait_while(answers, |answers| !*answers).unwrap());
        Ok(Heard::Answered(json!({ "status": 200, "body": {} }).to_string()))
    }
    fn hear(&self, _: usize) -> Got<Vec<Word>> {
        Ok(Vec::new())
    }
    fn answer(&self, _: i64, _: &str) -> Got<()> {
        Ok(())
    }
}

/// Whoever takes runs over asks the store on a thread of the same pool.
#[tokio::test]
async fn however_much_is_brought_there_are_threads_for_who_takes_runs_over() {
    let silent = Arc::new(Silent::default());
    let journal: Arc<dyn Journal> = silent.clone();
    let places = super::super::bringing();
    let all: Vec<_> = (0..700)
        .map(|n| {
            let (journal, places) = (Arc::clone(&journal), Arc::clone(&places));
            tokio::spawn(
                async move { bring((&journal, &places), &format!("run-{n}"), "cancel", json!({})).await },
            )
        })
        .collect();
    while *silent.waiting.lock().unwrap() < BROUGHT {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let asked = tokio::time::timeout(Duration::from_secs(5), tokio::task::spawn_blocking(|| ()));
    let in_time = asked.await.is_ok();
    *silent.answers.lock().unwrap() = true;
    silent.told.notify_all();
    assert!(in_time, "all threads wait for what is brought");
    // Each has its turn.
    for one in all {
        assert_eq!(one.await.unwrap().status(), StatusCode::OK);
    }
}
