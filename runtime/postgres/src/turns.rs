//! Several who write: each commit is a turn.
//!
//! A turn is one transaction that begins with the lock of the row of everything. While it lasts nobody else commits lines, so what it
//! reads then is all there is; whoever wants to decide something decides it now; and what came of it is written before the lock is
//! given back. So every decision rests on all lines before its own, none is ever made on what another changes meanwhile, and a line's
//! `place`, which is drawn under the lock, says when it was committed: no line comes later with an earlier place.
//!
//! One who is stopped in the middle of a turn keeps the others waiting until the server ends its session, and has written nothing
//! then. That takes a lease at the most.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use futures_util::future::join5;
use play_evidence::line::hash;
use play_journal::{
    Batch, Caller, Damage, Follow, Foreign, Granted, Head, JournalError, LineHead, OWN_CHAIN, Turn, crash,
};
use tokio_postgres::{Client, Error, Row, Statement};

use crate::append::{Appender, Group, fenced, not_written};
use crate::commit::{Committer, Message, size_of};
use crate::connect::failed;
use crate::desk::Owns;
use crate::lease;
use crate::read::LINES;

/// How long further decisions are let in before the others have their turn.
const SLICE: Duration = Duration::from_millis(5);

/// How often one who writes nothing looks what others have written.
const LOOK: Duration = Duration::from_millis(200);

/// How often it is tried to say what was heeded. Whoever waits for that waits for the end of the lease at the most.
const HEEDED: usize = 50;

/// Lines that are read at a time, at the most, and the bytes of all before the last of them: so one is always among them.
const PAGE: i64 = 4096;
const PAGE_BYTES: i64 = 4 << 20;

/// The lock. Whoever takes everything, or runs, takes it too.
const LOCK: &str = "SELECT 1 FROM play_leases WHERE scope = '' FOR UPDATE";
/// One who has everything for itself.
const ALONE: &str = "SELECT w.name FROM play_leases l JOIN play_workers w ON w.worker = l.worker WHERE l.scope = '' AND w.worker <> $1";
/// Whether this worker is still there. Nobody can remove it until the turn is over; renewing its lease is no change.
const THERE: &str = "SELECT 1 FROM play_workers WHERE worker = $1 FOR KEY SHARE";
/// A page, with how many lines there are without the bound of bytes. What is behind that bound is not read from its table.
const NEWS: &str = "SELECT chain, seq, place, hash, line, there FROM (\
   SELECT chain, seq, place, hash, line, count(*) OVER () AS there, \
   sum(octet_length(line)) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) - octet_length(line) AS before FROM (\
   SELECT chain, seq, place, hash, line FROM play_lines WHERE place > $1 ORDER BY place LIMIT $2) AS page) AS sized \
   WHERE before < $3 ORDER BY place";

/// What one who takes turns knows.
pub(crate) struct Turns {
    asked: Asked,
    /// The place of the last line that is known.
    place: i64,
    told: Option<Follow>,
    /// Longer than that no decision takes.
    patience: Duration,
}

/// What is asked at the beginning of each.
#[derive(Clone)]
struct Asked {
    lock: Statement,
    alone: Statement,
    there: Statement,
    news: Statement,
}

impl Turns {
    /// On the connection that appends.
    pub(crate) async fn new(client: &Client, lease: Duration) -> Result<Self, JournalError> {
        let prepare = async {
            let millis = lease.as_millis().max(1);
            // The second is for one who has stopped reading what the server sends it in its turn.
            let limits = format!(
                "SET idle_in_transaction_session_timeout = {millis}; SET tcp_user_timeout = {millis}"
            );
            client.batch_execute(&limits).await?;
            Ok(Asked {
                lock: client.prepare(LOCK).await?,
                alone: client.prepare(ALONE).await?,
                there: client.prepare(THERE).await?,
                news: client.prepare(NEWS).await?,
            })
        };
        let doing = || failed("preparing to write evidence in turns");
        let asked = prepare.await.map_err(doing())?;
        // What is there already is told to whoever follows.
        let last = client.query_one("SELECT max(place) FROM play_lines", &[]).await.map_err(doing())?;
        let last: Option<i64> = last.try_get(0).map_err(doing())?;
        Ok(Self { asked, place: last.unwrap_or(i64::MIN), told: None, patience: lease })
    }
}

/// How a turn begins.
struct Begun {
    alone: Option<String>,
    there: bool,
    news: Vec<Row>,
}

/// All at once: each is asked once the one before it was answered, and sees what was committed then.
async fn begin(client: &Client, asked: &Asked, worker: i64, place: i64) -> Result<Begun, Error> {
    let (begun, lock, alone, there, news) = join5(
        client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED"),
        client.query_one(&asked.lock, &[]),
        client.query_opt(&asked.alone, &[&worker]),
        client.query_opt(&asked.there, &[&worker]),
        client.query(&asked.news, &[&place, &PAGE, &PAGE_BYTES]),
    )
    .await;
    begun?;
    lock?;
    crash::point("a turn has begun");
    let alone = alone?.map(|row| row.try_get(0)).transpose()?;
    Ok(Begun { alone, there: there?.is_some(), news: news? })
}

fn foreign(row: &Row) -> Result<(i64, Foreign), JournalError> {
    let read = || -> Result<_, Error> {
        let chain: String = row.try_get(0)?;
        let (seq, place, hash): (i64, i64, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        Ok((chain, seq, place, hash, row.try_get::<_, Vec<u8>>(4)?))
    };
    let (chain, seq, place, stored, bytes) = read().map_err(failed("reading lines"))?;
    let seq = u64::try_from(seq).unwrap_or(u64::MAX);
    let is = hash(&bytes);
    let fits = LineHead::read(&bytes).is_some_and(|head| head.run == chain && head.seq == seq);
    if !fits || is[..] != stored {
        return Err(JournalError::Damaged(Box::new(Damage {
            file: LINES.to_string(),
            offset: None,
            run: Some(chain),
            seq: Some(seq),
            what: "the line is not what was written".to_string(),
        })));
    }
    Ok((place, Foreign { chain, seq, hash: is, bytes }))
}

impl Committer {
    /// Works until it is told to close.
    pub(crate) fn take_turns(&mut self, mut turns: Turns, messages: &Receiver<Message>) {
        let (mut open, mut wishes) = (true, Vec::new());
        while open || !wishes.is_empty() {
            let first = match messages.recv_timeout(if wishes.is_empty() { LOOK } else { Duration::ZERO }) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Disconnected) if wishes.is_empty() => return,
                Err(_) if wishes.is_empty() => {
                    self.look(&mut turns);
                    continue;
                }
                Err(_) => None,
            };
            let (mut waiting, mut size, mut next) = (Vec::new(), 0_usize, first);
            while let Some(message) = next.take() {
                match message {
                    Message::Append(batch, caller) => {
                        size = size.saturating_add(size_of(&batch));
                        waiting.push((batch, caller));
                    }
                    Message::Turn(granted) => wishes.push(granted),
                    Message::Over => {}
                    Message::Follow(told, done) => drop(done.send(self.follow(&mut turns, told))),
                    Message::Close => {
                        open = false;
                        break;
                    }
                }
                if size < self.group_bytes {
                    next = messages.try_recv().ok();
                }
            }
            if wishes.is_empty() && (self.failed.is_some() || waiting.iter().all(|(b, _)| b.lines.is_empty()))
            {
                // All that was appended before is durable, or never will be.
                self.tell_at_once(waiting);
            } else {
                self.turn(&mut turns, &mut wishes, waiting, messages, &mut open);
            }
        }
    }

    /// A turn: what was decided before, and what those decide who wish to.
    fn turn(
        &mut self,
        turns: &mut Turns,
        wishes: &mut Vec<Granted>,
        mut waiting: Vec<(Batch, Caller)>,
        messages: &Receiver<Message>,
        open: &mut bool,
    ) {
        if self.failed.is_none()
            && let Err(error) = self.begin(turns)
        {
            self.fail(&error);
        }
        if let Some(error) = self.failed.clone() {
            // Others are not to wait for what does not go on.
            self.give_up();
            wishes.drain(..).for_each(|granted| granted(Err(error.clone())));
            return self.tell_at_once(waiting);
        }
        let since = Instant::now();
        let mut given = wishes.len();
        wishes.drain(..).for_each(|granted| self.grant(granted));
        while given > 0 {
            match messages.recv_timeout(turns.patience.saturating_sub(since.elapsed())) {
                Ok(Message::Append(batch, caller)) => waiting.push((batch, caller)),
                Ok(Message::Over) => given = given.saturating_sub(1),
                Ok(Message::Turn(granted)) if since.elapsed() < SLICE => {
                    given = given.saturating_add(1);
                    self.grant(granted);
                }
                Ok(Message::Turn(granted)) => wishes.push(granted),
                Ok(Message::Follow(told, done)) => drop(done.send(self.follow(turns, told))),
                Ok(Message::Close) => *open = false,
                Err(_) => {
                    let why = std::io::Error::other("a decision took longer than the lease of its worker");
                    self.fail(&JournalError::io("writing evidence in turns")(why));
                    break;
                }
            }
        }
        let mut group = Group::of(self.worker);
        let mut callers = Vec::with_capacity(waiting.len());
        for one in waiting {
            if !group.has_room_for(one.0.lines.len()) {
                let why = std::io::Error::other("there are more lines than are written together");
                self.fail(&JournalError::io("writing evidence")(why));
            }
            self.add(one, &mut group, &mut callers);
        }
        let (appender, failed) = (self.appender.clone(), self.failed.clone());
        let own = group.last_of(OWN_CHAIN);
        let lines = i64::try_from(group.lines()).unwrap_or(i64::MAX);
        let result = self.desk.ask(async move {
            match failed {
                None => finish(&appender, &group).await,
                Some(error) => {
                    give_up(&appender).await;
                    Err(error)
                }
            }
        });
        match &result {
            // Nobody else has written since it began.
            Ok(Some(first)) => {
                turns.place = first.saturating_add(lines).saturating_sub(1);
                // Whoever writes it does it.
                self.heeded(own);
            }
            Ok(None) => {}
            Err(error) => self.fail(error),
        }
        let result = result.map(drop);
        callers.into_iter().for_each(|caller| caller.tell(result.clone()));
    }

    fn give_up(&mut self) {
        let appender = self.appender.clone();
        let _ = self.desk.ask(async move {
            give_up(&appender).await;
            Ok(())
        });
    }

    fn grant(&self, granted: Granted) {
        let over = self.messages.clone();
        // When nobody is there any more, nobody waits for its end either.
        granted(Ok(Turn::new(move || drop(over.send(Message::Over)))));
    }

    fn begin(&mut self, turns: &mut Turns) -> Result<(), JournalError> {
        let (appender, asked) = (self.appender.clone(), turns.asked.clone());
        let (worker, place) = (self.worker, turns.place);
        let begun = self.desk.ask(async move {
            begin(appender.client(), &asked, worker, place).await.map_err(failed("taking a turn to write"))
        })?;
        if let Some(alone) = &begun.alone {
            return Err(fenced("", Some(alone)));
        }
        if !begun.there {
            return Err(self.buried());
        }
        self.tell(turns, begun.news)
    }

    /// Others have found that this worker's time was over.
    fn buried(&mut self) -> JournalError {
        let mut group = Group::default();
        if let Owns::Chains(epochs) = &self.desk.held().owns {
            epochs.iter().take(1000).for_each(|(run, epoch)| group.hold(run, *epoch));
        }
        let appender = self.appender.clone();
        self.desk.ask(async move { Ok(appender.fenced(&group).await) }).unwrap_or_else(|e| e)
    }

    /// Tells the lines of others, also those behind the first page.
    fn tell(&mut self, turns: &mut Turns, mut rows: Vec<Row>) -> Result<(), JournalError> {
        loop {
            let all = rows.iter().map(foreign).collect::<Result<Vec<_>, _>>()?;
            let Some((last, _)) = all.last() else { return Ok(()) };
            turns.place = *last;
            let lines: Vec<Foreign> = all.into_iter().map(|(_, line)| line).collect();
            let mut held = self.desk.held();
            for line in &lines {
                let head = Head { next_seq: line.seq.saturating_add(1), prev: line.hash };
                if let Some(known) = held.heads.get_mut(line.chain.as_str()) {
                    *known = head;
                }
            }
            drop(held);
            if let Some(told) = &mut turns.told {
                told(&lines);
                let own = lines.iter().rev().find(|line| line.chain == OWN_CHAIN).map(|line| line.seq);
                self.heeded(own);
            }
            let there = rows
                .first()
                .map_or(Ok(0), |row| row.try_get::<_, i64>(5))
                .map_err(failed("reading lines"))?;
            if there < PAGE && i64::try_from(rows.len()).is_ok_and(|n| n >= there) {
                return Ok(());
            }
            rows = self.news(turns)?;
        }
    }

    /// Says to others that this worker does what the store's own chain says up to a line. Not in the turn: it may be given up.
    fn heeded(&self, seq: Option<u64>) {
        let Some(seq) = seq.and_then(|seq| i64::try_from(seq).ok()) else { return };
        let (reading, worker) = (Arc::clone(&self.reading), self.worker);
        self.desk.spawn(async move {
            for _ in 0..HEEDED {
                if let Ok(client) = reading.client().await
                    && lease::heeds(&client, worker, seq).await.is_ok()
                {
                    return;
                }
                tokio::time::sleep(LOOK).await;
            }
        });
    }

    fn news(&mut self, turns: &Turns) -> Result<Vec<Row>, JournalError> {
        let (appender, asked, place) = (self.appender.clone(), turns.asked.clone(), turns.place);
        self.desk.ask(async move {
            let news = appender.client().query(&asked.news, &[&place, &PAGE, &PAGE_BYTES]).await;
            news.map_err(failed("reading what others have written"))
        })
    }

    /// What others have written. Without the lock this is all up to some line as well: a later place is a later commit.
    fn look(&mut self, turns: &mut Turns) {
        if turns.told.is_none() || self.failed.is_some() {
            return;
        }
        if let Err(error) = self.news(turns).and_then(|rows| self.tell(turns, rows)) {
            self.fail(&error);
        }
    }

    fn follow(&mut self, turns: &mut Turns, told: Follow) -> Result<(), JournalError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        (turns.told, turns.place) = (Some(told), i64::MIN);
        let rows = self.news(turns)?;
        self.tell(turns, rows)
    }
}

/// Ends a turn of which nothing is written. If this does not arrive, the session ends all the same.
async fn give_up(appender: &Appender) {
    let _ = appender.client().batch_execute("ROLLBACK").await;
}

/// Writes the group, and ends the turn. Where its first line stands; nothing, when there is none.
async fn finish(appender: &Appender, group: &Group) -> Result<Option<i64>, JournalError> {
    let commit = appender.client().batch_execute("COMMIT");
    if group.is_empty() {
        return commit.await.map(|()| None).map_err(failed("ending a turn"));
    }
    crash::point("before the commit of a turn");
    let (place, committed) = futures_util::future::join(appender.once(group), commit).await;
    crash::point("after the commit of a turn");
    let Some(place) = place.map_err(not_written)? else { return Err(appender.fenced(group).await) };
    committed.map_err(not_written)?;
    Ok(Some(place))
}
