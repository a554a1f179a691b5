//! The thread that writes, as the embedded store has one: it takes whatever waits, writes it as one group, and only then
//! tells the callers.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender};

use play_evidence::kinds::ChainOf;
use play_journal::{Accepted, Batch, Caller, Follow, Granted, JournalError, Turn, accept};
use tokio::sync::oneshot;

use crate::append::{Appender, Group, fenced};
use crate::connect::Shared;
use crate::desk::{Desk, Ends, Held, Owns};
use crate::lease;
use crate::life::Life;
use crate::turns::Turns;

/// What the thread is told.
pub(crate) enum Message {
    Append(Batch, Caller),
    /// Somebody wants to decide something.
    Turn(Granted),
    /// They have; what came of it stands before this.
    Over,
    /// Somebody wants to be told the lines of others, all there are and will be.
    Follow(Follow, SyncSender<Result<(), JournalError>>),
    Close,
}

/// The state of the thread that writes.
pub(crate) struct Committer {
    pub desk: Desk,
    pub appender: Arc<Appender>,
    /// For what is said beside what is written.
    pub reading: Arc<Shared>,
    pub worker: i64,
    pub life: Arc<Life>,
    pub group_bytes: usize,
    /// Whoever renews the lease ends when this is gone.
    pub renewing: oneshot::Sender<()>,
    pub failed: Option<JournalError>,
    /// Where others write as well.
    pub turns: Option<Turns>,
    /// Where it is told that a turn is over.
    pub messages: Sender<Message>,
}

impl Committer {
    /// Works until it is told to close, and gives the lease back then. Gives the failure that ended the store, if one did.
    pub(crate) fn run(mut self, messages: &Receiver<Message>) -> Option<JournalError> {
        if let Some(turns) = self.turns.take() {
            self.take_turns(turns, messages);
            return self.end();
        }
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
                    // Nobody else writes: there is nothing to wait for, and nothing to be told.
                    Message::Turn(granted) => granted(Ok(Turn::new(|| {}))),
                    Message::Over => {}
                    Message::Follow(_, done) => drop(done.send(Ok(()))),
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
        self.end()
    }

    fn end(mut self) -> Option<JournalError> {
        drop(self.renewing);
        let (appender, worker) = (self.appender, self.worker);
        // If it cannot be given back, it is over by itself soon.
        let _ = self.desk.ask(async move { lease::leave(appender.client(), worker).await });
        self.failed
    }

    pub(crate) fn commit(&mut self, waiting: Vec<(Batch, Caller)>) {
        let mut group = Group::of(self.worker);
        let mut callers = Vec::with_capacity(waiting.len());
        for (batch, caller) in waiting {
            if !group.has_room_for(batch.lines.len()) {
                self.write(std::mem::take(&mut group), std::mem::take(&mut callers));
            }
            self.add((batch, caller), &mut group, &mut callers);
        }
        self.write(group, callers);
    }

    /// Adds a batch to the group, or tells its caller why not.
    pub(crate) fn add(
        &mut self,
        (batch, caller): (Batch, Caller),
        group: &mut Group,
        callers: &mut Vec<Caller>,
    ) {
        let taken = match &self.failed {
            Some(error) => Err(error.clone()),
            None => self.take(&batch, group),
        };
        match taken {
            Ok(()) => callers.push(caller),
            Err(error) => {
                if !error.goes_on() {
                    self.fail(&error);
                }
                caller.tell(Err(error));
            }
        }
    }

    /// It is the end of the store for this worker. Nothing leaves any more either.
    pub(crate) fn fail(&mut self, error: &JournalError) {
        self.life.lost();
        self.failed.get_or_insert_with(|| error.clone());
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
                self.desk.ask(async move { appender.write(&group).await })
            }
        };
        if let Err(error) = &result {
            self.fail(error);
        }
        for caller in callers {
            caller.tell(result.clone());
        }
    }

    /// Adds a batch to the group as a whole, or not at all.
    fn take(&mut self, batch: &Batch, group: &mut Group) -> Result<(), JournalError> {
        let mut ends = Ends::default();
        loop {
            if let Some(taken) = self.take_after(&ends, batch, group) {
                return taken;
            }
            ends.ask(&mut self.desk, &self.appender, batch)?;
        }
    }

    /// The same, by the ends that are known; `None` where others have to be asked for first.
    fn take_after(&self, ends: &Ends, batch: &Batch, group: &mut Group) -> Option<Result<(), JournalError>> {
        let mut held = self.desk.held();
        let mut unknown = false;
        let head_of = |run: &str| {
            if run.contains('\0') {
                let why = "its name has a character that PostgreSQL does not keep".to_string();
                return Err(JournalError::Refused { run: run.to_string(), seq: 0, why });
            }
            ends.of(&held, run).ok_or_else(|| {
                unknown = true;
                // Nobody is told.
                JournalError::Closed
            })
        };
        let accepted = accept(batch, head_of);
        (!unknown).then(|| self.add_to(&mut held, accepted?, batch, group))
    }

    /// Adds a batch that continues its chains, where those may be written to.
    fn add_to(
        &self,
        held: &mut Held,
        Accepted { runs, heads }: Accepted,
        batch: &Batch,
        group: &mut Group,
    ) -> Result<(), JournalError> {
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
        let mut opened = Vec::new();
        for (run, seq) in &places {
            match held.owns.of(run) {
                Some((scope, epoch)) => group.hold(scope, epoch),
                // The store's own chains are everybody's, in turns.
                None if ChainOf::named(run) != ChainOf::Run => {}
                // It begins: nobody has it.
                None if *seq == 0 => opened.push(run.to_string()),
                None if opened.iter().any(|new| **new == **run) => {}
                None => return Err(fenced(run, None)),
            }
        }
        for run in opened {
            group.open(&run);
            if let Owns::Chains(epochs) = &mut held.owns {
                epochs.insert(run, self.worker);
            }
        }
        group.add(batch, &places);
        held.heads.extend(heads);
        Ok(())
    }
}
