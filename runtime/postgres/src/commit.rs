//! The thread that writes, as the embedded store has one: it takes whatever waits, writes it as one group, and only then
//! tells the callers.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use play_journal::{Accepted, Batch, Caller, Head, JournalError, accept};
use tokio::sync::oneshot;

use crate::append::{Appender, Group, fenced};
use crate::io::Io;
use crate::lease::{self, EVERYTHING};
use crate::read;

/// What the thread is told.
pub(crate) enum Message {
    Append(Batch, Caller),
    Close,
}

/// What is this worker's own.
pub(crate) enum Owns {
    /// Every chain, under this epoch.
    Everything(i64),
    /// Some, each under its own.
    Chains(HashMap<String, i64>),
}

impl Owns {
    /// The scope and the epoch that a chain is held to.
    fn of<'a>(&self, chain: &'a str) -> Option<(&'a str, i64)> {
        match self {
            Self::Everything(epoch) => Some((EVERYTHING, *epoch)),
            Self::Chains(epochs) => epochs.get(chain).map(|epoch| (chain, *epoch)),
        }
    }
}

/// What the thread shares with those who claim.
pub(crate) struct Held {
    pub owns: Owns,
    /// The ends of the chains that have been written to.
    pub heads: HashMap<Arc<str>, Head>,
}

/// See [`Held`].
pub(crate) type SharedHeld = Arc<Mutex<Held>>;

pub(crate) fn held(shared: &SharedHeld) -> MutexGuard<'_, Held> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The state of the thread that writes.
pub(crate) struct Committer {
    pub io: Arc<Io>,
    pub appender: Arc<Appender>,
    pub held: SharedHeld,
    pub worker: i64,
    pub group_bytes: usize,
    /// Whoever renews the lease ends when this is gone.
    pub renewing: oneshot::Sender<()>,
    pub failed: Option<JournalError>,
}

impl Committer {
    /// Works until it is told to close, and gives the lease back then. Gives the failure that ended the store, if one did.
    pub(crate) fn run(mut self, messages: &Receiver<Message>) -> Option<JournalError> {
        let mut open = true;
        while open {
            let Ok(first) = messages.recv() else { break };
            let mut waiting = Vec::new();
            let mut size = 0_usize;
            let mut next = Some(first);
            while let Some(message) = next.take() {
                match message {
                    Message::Append(batch, caller) => {
                        let lines = batch.lines.iter().map(|l| l.bytes.len());
                        let bodies = batch.blobs.iter().map(|b| b.body().len());
                        size = lines.chain(bodies).fold(size, usize::saturating_add);
                        waiting.push((batch, caller));
                    }
                    Message::Close => {
                        open = false;
                        break;
                    }
                }
                if size < self.group_bytes {
                    next = messages.try_recv().ok();
                }
            }
            self.commit(waiting);
        }
        drop(self.renewing);
        let (appender, worker) = (self.appender, self.worker);
        // If it cannot be given back, it is over by itself soon.
        let _ = self.io.call(async move { lease::leave(appender.client(), worker).await });
        self.failed
    }

    fn commit(&mut self, waiting: Vec<(Batch, Caller)>) {
        let mut group = Group::default();
        let mut callers = Vec::with_capacity(waiting.len());
        for (batch, caller) in waiting {
            if !group.has_room_for(batch.lines.len()) {
                self.write(std::mem::take(&mut group), std::mem::take(&mut callers));
            }
            let taken = match &self.failed {
                Some(error) => Err(error.clone()),
                None => self.take(&batch, &mut group),
            };
            match taken {
                Ok(()) => callers.push(caller),
                Err(error) => {
                    if !error.goes_on() && self.failed.is_none() {
                        self.failed = Some(error.clone());
                    }
                    caller.tell(Err(error));
                }
            }
        }
        self.write(group, callers);
    }

    /// Writes a group, and tells those who wait for it.
    fn write(&mut self, group: Group, callers: Vec<Caller>) {
        if callers.is_empty() {
            return;
        }
        let result = match &self.failed {
            // Something of it cannot be written: nothing of it is.
            Some(error) => Err(error.clone()),
            None if group.is_empty() => Ok(()),
            None => {
                let appender = Arc::clone(&self.appender);
                self.io.call(async move { appender.write(&group).await })
            }
        };
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        for caller in callers {
            caller.tell(result.clone());
        }
    }

    /// Adds a batch to the group as a whole, or not at all.
    fn take(&self, batch: &Batch, group: &mut Group) -> Result<(), JournalError> {
        let mut held = held(&self.held);
        let head_of = |run: &str| match held.heads.get(run) {
            Some(head) => Ok(*head),
            None => {
                if run.contains('\0') {
                    let why = "its name has a character that PostgreSQL does not keep".to_string();
                    return Err(JournalError::Refused { run: run.to_string(), seq: 0, why });
                }
                let (appender, run) = (Arc::clone(&self.appender), run.to_string());
                let head = self.io.call(async move { read::head(appender.client(), &run).await })?;
                Ok(head.unwrap_or(Head::EMPTY))
            }
        };
        let Accepted { runs, heads } = accept(batch, head_of)?;
        for run in heads.keys() {
            let Some((scope, epoch)) = held.owns.of(run) else { return Err(fenced(run, None)) };
            group.hold(scope, epoch);
        }
        // Back from the end of each chain.
        let mut next: HashMap<&str, u64> = heads.iter().map(|(run, h)| (&**run, h.next_seq)).collect();
        let mut places = Vec::with_capacity(runs.len());
        for run in runs.iter().rev() {
            let seq = next.get_mut(&**run).map_or(0, |n| {
                *n = n.saturating_sub(1);
                *n
            });
            places.push((Arc::clone(run), i64::try_from(seq).unwrap_or(i64::MAX)));
        }
        places.reverse();
        group.add(batch, &places);
        held.heads.extend(heads);
        Ok(())
    }
}
