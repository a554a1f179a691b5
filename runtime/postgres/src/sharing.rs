//! The side of the store that several share.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use play_journal::{Follow, Granted, Heard, JournalError, Sharing, Word};

use crate::commit::Message;
use crate::connect::{answered, connect_to_write, not_a_store, unanswered};
use crate::desk::{Owns, held};
use crate::io::Io;
use crate::lease;
use crate::schema;
use crate::store::Store;
use crate::taking::Take;
use crate::url::Url;
use crate::words;

impl Sharing for Store {
    fn follow(&self, told: Follow) -> Result<(), JournalError> {
        let (done, result) = mpsc::sync_channel(1);
        let _ = self.0.messages.send(Message::Follow(told, done));
        result.recv().unwrap_or(Err(JournalError::Closed))
    }

    /// Where nobody else writes, it is always one's own.
    fn turn(&self, granted: Granted) {
        if let Err(mpsc::SendError(Message::Turn(granted))) = self.0.messages.send(Message::Turn(granted)) {
            granted(Err(JournalError::Closed));
        }
    }

    fn own(&self, names: &[String]) -> Result<Vec<String>, JournalError> {
        self.taken(Take::Named(names.to_vec()))
    }

    fn claim(&self, most: usize) -> Result<Vec<String>, JournalError> {
        self.taken(Take::Left(i64::try_from(most).unwrap_or(i64::MAX)))
    }

    fn let_go(&self, names: &[String]) -> Result<(), JournalError> {
        self.give(names, lease::LET_GO)
    }

    fn hand_over(&self, names: &[String]) -> Result<(), JournalError> {
        self.give(names, lease::HAND_OVER)
    }

    fn owns(&self, name: &str) -> bool {
        match &held(&self.0.held).owns {
            Owns::Everything(_) => true,
            Owns::Chains(epochs) => epochs.contains_key(name),
        }
    }

    fn owner(&self, name: &str) -> Result<Option<String>, JournalError> {
        let (worker, name) = (self.0.worker, name.to_string());
        self.0.reader.ask_briefly(move |client| async move { lease::owner(&client, worker, &name).await })
    }

    fn not_told(&self, seq: u64) -> Result<Vec<String>, JournalError> {
        let (worker, seq) = (self.0.worker, i64::try_from(seq).unwrap_or(i64::MAX));
        let kept = Arc::clone(&self.0.claiming);
        self.0.reader.0.io.call(async move {
            let mut client = kept.client().await?;
            let asked = answered(kept.patience, lease::not_told(&mut client, worker, seq)).await;
            asked.unwrap_or_else(|| Err(unanswered(kept.patience)))
        })
    }

    fn say(&self, run: &str, said: &str, within: Duration) -> Result<Heard, JournalError> {
        let (run, said) = (run.to_string(), said.to_string());
        let may_count = Arc::new(AtomicBool::new(false));
        let counts = Arc::clone(&may_count);
        let heard = self
            .0
            .reader
            .ask(move |client| async move { words::say(&client, &run, &said, within, &counts).await });
        match heard {
            // It was no longer waited for: whoever drives the run may have it all the same.
            Err(_) if may_count.load(Ordering::SeqCst) => Ok(Heard::Unknown),
            heard => heard,
        }
    }

    fn hear(&self, most: usize) -> Result<Vec<Word>, JournalError> {
        let (worker, most) = (self.0.worker, i64::try_from(most).unwrap_or(i64::MAX));
        self.0.reader.ask_briefly(move |client| async move { words::hear(&client, worker, most).await })
    }

    fn answer(&self, word: i64, answer: &str) -> Result<(), JournalError> {
        let answer = answer.to_string();
        self.0.reader.ask_briefly(move |client| async move { words::answer(&client, word, &answer).await })
    }
}

impl Store {
    /// Gives runs away: nothing more is appended to them.
    fn give(&self, names: &[String], how: &'static str) -> Result<(), JournalError> {
        // Where the place cannot be reached they stay this worker's own.
        self.0.reader.ask_briefly(|_| async { Ok(()) })?;
        // On this thread: the one that speaks to the server waits for no lock.
        if let Owns::Chains(epochs) = &mut held(&self.0.held).owns {
            epochs.retain(|name, _| !names.contains(name));
        }
        let (worker, names) = (self.0.worker, names.to_vec());
        self.0
            .reader
            .ask_briefly(move |client| async move { lease::give(&client, worker, &names, how).await })
    }

    /// Whether services share the store of a database.
    ///
    /// # Errors
    /// When there is no such store, or it cannot be reached.
    pub fn is_shared(url: &Url) -> Result<bool, JournalError> {
        let to = url.clone();
        Io::start()?.call(async move {
            let client = connect_to_write(&to, "asking who shares it").await?;
            // Of one that is not there somebody else tells; one that an earlier version made may not have known of others.
            match schema::check(&client, &to).await {
                Ok(step) if step >= schema::SHARES => words::is_shared(&client).await,
                Ok(_) | Err(JournalError::NotAStore { .. }) => Ok(false),
                Err(e) => Err(e),
            }
        })
    }

    /// Says something to those who share the store of a database, and waits for the answer; `None` where nobody shares it.
    ///
    /// # Errors
    /// When there is no such store, or it cannot be reached.
    pub fn say_to(url: &Url, run: &str, said: &str) -> Result<Option<Heard>, JournalError> {
        let (to, run, said) = (url.clone(), run.to_string(), said.to_string());
        Io::start()?.call(async move {
            let client = connect_to_write(&to, "saying something").await?;
            let step = schema::check(&client, &to).await?;
            if step < schema::SHARES || !words::is_shared(&client).await? {
                return Ok(None);
            }
            if step < schema::WORDS {
                let why = "an earlier version made it, and the services of that version which share it hear nothing by way of \
                           the database: speak to the one that drives the run, with --api";
                return Err(not_a_store(&to, why));
            }
            words::say(&client, &run, &said, words::WITHIN, &AtomicBool::new(false)).await.map(Some)
        })
    }
}
