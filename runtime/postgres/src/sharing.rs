//! The side of the store that several share.

use std::sync::{Arc, mpsc};

use play_journal::{Follow, Granted, JournalError, Sharing};

use crate::commit::{Message, Owns, held};
use crate::connect::connect_to_write;
use crate::lease;
use crate::store::Store;

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
        let (worker, names) = (self.0.worker, names.to_vec());
        self.taken(move |mut client| async move { lease::own(&mut client, worker, &names).await })
    }

    fn claim(&self, most: usize) -> Result<Vec<String>, JournalError> {
        let (worker, most) = (self.0.worker, i64::try_from(most).unwrap_or(i64::MAX));
        self.taken(move |mut client| async move { lease::claim(&mut client, worker, most).await })
    }

    fn let_go(&self, names: &[String]) -> Result<(), JournalError> {
        if let Owns::Chains(epochs) = &mut held(&self.0.held).owns {
            epochs.retain(|name, _| !names.contains(name));
        }
        let (worker, names) = (self.0.worker, names.to_vec());
        let shared = Arc::clone(&self.0.reader.0.shared);
        self.0.reader.0.io.call(async move {
            let client = shared.client().await?;
            lease::let_go(&client, worker, &names).await
        })
    }

    fn owns(&self, name: &str) -> bool {
        match &held(&self.0.held).owns {
            Owns::Everything(_) => true,
            Owns::Chains(epochs) => epochs.contains_key(name),
        }
    }

    fn owner(&self, name: &str) -> Result<Option<String>, JournalError> {
        let (worker, name) = (self.0.worker, name.to_string());
        let shared = Arc::clone(&self.0.reader.0.shared);
        self.0.reader.0.io.call(async move { lease::owner(&*shared.client().await?, worker, &name).await })
    }

    fn not_told(&self, seq: u64) -> Result<Vec<String>, JournalError> {
        let (worker, seq) = (self.0.worker, i64::try_from(seq).unwrap_or(i64::MAX));
        let url = self.0.reader.0.shared.url.clone();
        self.0.reader.0.io.call(async move {
            let mut client = connect_to_write(&url, "asking what others know").await?;
            lease::not_told(&mut client, worker, seq).await
        })
    }
}
