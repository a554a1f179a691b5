//! The thread that writes, as the embedded store has one: it takes whatever waits, writes it as one group, and only then
//! tells the callers. While the server writes one, the next is checked and made ready; it leaves when the one before it is there, on
//! which it rests, and takes along what has come until then.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender};

use play_evidence::kinds::ChainOf;
use play_journal::{Accepted, Batch, Caller, Follow, Granted, JournalError, Turn, accept};
use tokio::sync::oneshot;

use crate::append::{Appender, Group, fenced};
use crate::connect::Shared;
use crate::desk::{Asked, Desk, Ends, Held, Owns};
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

/// What goes together next.
struct Gathered {
    group: Group,
    callers: Vec<Caller>,
    size: usize,
}

impl Gathered {
    fn new(worker: i64) -> Self {
        Self { group: Group::of(worker), callers: Vec::new(), size: 0 }
    }
}

/// A group that the server has, and those who wait for it.
struct UnderWay {
    asked: Asked<()>,
    callers: Vec<Caller>,
}

/// The bytes of its lines and bodies.
pub(crate) fn size_of(batch: &Batch) -> usize {
    let lines = batch.lines.iter().map(|line| line.bytes.len());
    lines.chain(batch.blobs.iter().map(|blob| blob.body().len())).fold(0, usize::saturating_add)
}

impl Committer {
    /// Works until it is told to close, and gives the lease back then. Gives the failure that ended the store, if one did.
    pub(crate) fn run(mut self, messages: &Receiver<Message>) -> Option<JournalError> {
        if let Some(turns) = self.turns.take() {
            self.take_turns(turns, messages);
            return self.end();
        }
        let mut open = true;
        let mut next = Gathered::new(self.worker);
        let mut under_way = None;
        while open || !next.callers.is_empty() || under_way.is_some() {
            // While one group is under way the next is made ready.
            while open && next.size < self.group_bytes {
                self.heard(&mut under_way);
                let Ok(message) = messages.try_recv() else { break };
                open = self.heed(message, &mut next, &mut under_way);
            }
            if under_way.is_some() {
                // Whoever hears of it may have more to write, and that goes with what is ready.
                self.written(&mut under_way);
            } else if !next.callers.is_empty() {
                under_way = self.leave(std::mem::replace(&mut next, Gathered::new(self.worker)));
            } else if open {
                let Ok(message) = messages.recv() else { break };
                open = self.heed(message, &mut next, &mut under_way);
            }
        }
        self.end()
    }

    /// Heeds a message; gives whether others follow.
    fn heed(&mut self, message: Message, next: &mut Gathered, under_way: &mut Option<UnderWay>) -> bool {
        match message {
            Message::Append(batch, caller) => {
                if !next.group.has_room_for(batch.lines.len()) {
                    self.written(under_way);
                    let full = std::mem::replace(next, Gathered::new(self.worker));
                    *under_way = self.leave(full);
                }
                next.size = next.size.saturating_add(size_of(&batch));
                self.add((batch, caller), &mut next.group, &mut next.callers);
                if next.callers.is_empty() {
                    // It was refused.
                    next.size = 0;
                }
            }
            // Nobody else writes: there is nothing to wait for, and nothing to be told.
            Message::Turn(granted) => granted(Ok(Turn::new(|| {}))),
            Message::Over => {}
            Message::Follow(_, done) => drop(done.send(Ok(()))),
            Message::Close => return false,
        }
        true
    }

    /// Lets a group go to the server. Only when nothing else is under way: it rests on all that was before.
    fn leave(&mut self, Gathered { group, callers, .. }: Gathered) -> Option<UnderWay> {
        if group.is_empty() || self.failed.is_some() {
            self.tell_all(callers);
            return None;
        }
        let appender = Arc::clone(&self.appender);
        let asked = self.desk.begin(async move { appender.write(&group).await });
        Some(UnderWay { asked, callers })
    }

    /// Waits until what is under way is written, and tells those who wait for it.
    fn written(&mut self, under_way: &mut Option<UnderWay>) {
        if let Some(UnderWay { asked, callers }) = under_way.take() {
            let result = self.desk.end(asked);
            self.told(&result, callers);
        }
    }

    /// The same, where it is written already.
    fn heard(&mut self, under_way: &mut Option<UnderWay>) {
        let Some(result) = under_way.as_ref().and_then(|written| self.desk.ended(&written.asked)) else {
            return;
        };
        let callers = under_way.take().map(|written| written.callers);
        self.told(&result, callers.unwrap_or_default());
    }

    fn told(&mut self, result: &Result<(), JournalError>, callers: Vec<Caller>) {
        if let Err(error) = result {
            self.fail(error);
        }
        callers.into_iter().for_each(|caller| caller.tell(result.clone()));
    }

    /// Tells those of whom nothing has to be written, or nothing is, since the store has ended: what rests on that is not there either.
    fn tell_all(&self, callers: Vec<Caller>) {
        let result = self.failed.clone().map_or(Ok(()), Err);
        callers.into_iter().for_each(|caller| caller.tell(result.clone()));
    }

    fn end(mut self) -> Option<JournalError> {
        drop(self.renewing);
        let (appender, worker) = (self.appender, self.worker);
        // If it cannot be given back, it is over by itself soon.
        let _ = self.desk.ask(async move { lease::leave(appender.client(), worker).await });
        self.failed
    }

    /// Tells those for whom nothing is to be written: their batches have no lines, or the store has ended for this worker.
    pub(crate) fn tell_at_once(&mut self, waiting: Vec<(Batch, Caller)>) {
        let mut none = Gathered::new(self.worker);
        for one in waiting {
            self.add(one, &mut none.group, &mut none.callers);
        }
        self.tell_all(none.callers);
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
