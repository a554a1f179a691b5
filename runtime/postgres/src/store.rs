//! A store in a database: opened by one who writes, or by anybody who reads.

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use play_evidence::{Chain, J};
use play_journal::{
    Batch, Caller, Done, Head, Journal, JournalError, JournalRead, Lease, Lock, OWN_CHAIN, Sharing, Ticket,
    own_line,
};
use tokio::sync::oneshot;
use tokio_postgres::Row;

use crate::commit::{Committer, Message};
use crate::connect::{Kept, Shared, answered, connect, connect_to_write, failed, unanswered, unreachable};
use crate::desk::{Desk, Held, Owns, SharedHeld, held, locked};
use crate::io::Io;
use crate::lease::Part;
use crate::life::Life;
use crate::open::{Opened, opened};
use crate::reach::WITHIN;
use crate::read;
use crate::renew::renew;
use crate::schema;
use crate::session::Session;
use crate::taking::Unheard;
use crate::url::Url;

/// Times and sizes; the defaults are right outside tests.
#[derive(Clone, Debug)]
pub struct Options {
    /// How long a worker may be silent before others take over what is its own. 10 seconds.
    pub lease: Duration,
    /// No more is taken into a group once it is this large. In bytes; 1 MiB: with more of them the server has no less to do for a line.
    pub group_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { lease: Duration::from_secs(10), group_bytes: 1 << 20 }
    }
}

/// A store to write to. Copies of it are the same store.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) reader: Reader,
    salt: [u8; 32],
    pub(crate) worker: i64,
    pub(crate) held: SharedHeld,
    /// Of the session that writes, as the server counts them.
    pid: i32,
    life: Arc<Life>,
    /// For who owns what.
    pub(crate) claiming: Arc<Kept>,
    pub(crate) unheard: Mutex<Unheard>,
    pub(crate) messages: Sender<Message>,
    thread: Mutex<Option<JoinHandle<Option<JournalError>>>>,
}

/// A store to read from, as it is at the time of each call.
#[derive(Clone)]
pub struct Reader(pub(crate) Arc<Reading>);

pub(crate) struct Reading {
    pub(crate) io: Arc<Io>,
    pub(crate) shared: Arc<Shared>,
    id: String,
    /// Of one who writes as well.
    writes: Option<Writes>,
}

/// For how long one who writes waits for what it reads.
struct Writes {
    life: Arc<Life>,
    patience: Duration,
}

impl Store {
    /// Opens the store of a database for writing, alone: makes it where there is none, and waits where somebody has it who
    /// may be gone, until that is certain.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when somebody else writes to it; [`JournalError::NotAStore`] for a database that cannot have
    /// one.
    pub fn open(url: &Url, options: Options) -> Result<Self, JournalError> {
        let store = Self::enter(url, options, Part::Alone)?;
        if let Some(batch) = store.creation()? {
            store.append_wait(batch)?;
        }
        Ok(store)
    }

    /// Opens the store of a database for writing, beside others who do the same: nothing is this worker's own until it is
    /// claimed. Makes it where there is none, and waits where somebody has it alone who may be gone, until that is certain.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when somebody has it alone; [`JournalError::NotAStore`] for a database that cannot have one, or where
    /// the clock of this machine is not that of the server.
    pub fn join(url: &Url, options: Options) -> Result<Self, JournalError> {
        Self::join_as(url, options, Part::Service)
    }

    /// The same for one that drives what it opens, and no more: it takes nothing over, and hears nothing that is said to its runs.
    ///
    /// # Errors
    /// As [`Store::join`].
    pub fn join_beside(url: &Url, options: Options) -> Result<Self, JournalError> {
        Self::join_as(url, options, Part::Beside)
    }

    fn join_as(url: &Url, options: Options, part: Part) -> Result<Self, JournalError> {
        let store = Self::enter(url, options, part)?;
        let (sender, granted) = mpsc::sync_channel(1);
        store.turn(Box::new(move |turn| drop(sender.send(turn))));
        let turn = granted.recv().unwrap_or(Err(JournalError::Closed))?;
        // In a turn: several may come to a new one at once.
        let ticket = store.creation()?.map(|batch| {
            let (ticket, done) = Ticket::pair();
            store.append(batch, done);
            ticket
        });
        drop(turn);
        ticket.map_or(Ok(()), Ticket::wait)?;
        Ok(store)
    }

    fn enter(url: &Url, options: Options, part: Part) -> Result<Self, JournalError> {
        let io = Arc::new(Io::start()?);
        let (to, lease) = (url.clone(), options.lease);
        let opened = io.call(async move { opened(&to, lease, part).await })?;
        let Opened { appender, renewing, reading, about, worker, owns, life, turns } = opened;
        let life = Arc::new(life);
        let reader = Reader(Arc::new(Reading {
            io: Arc::clone(&io),
            shared: Arc::new(Shared::new(url.clone(), true, reading)),
            id: about.id,
            writes: Some(Writes { life: Arc::clone(&life), patience: url.patience(lease) }),
        }));
        let (stop, stopped) = oneshot::channel();
        io.spawn(renew(url.clone(), renewing, worker, (lease, Arc::clone(&life)), stopped));
        let held = Arc::new(Mutex::new(Held { owns, heads: HashMap::new() }));
        let (messages, received) = mpsc::channel();
        let pid = appender.pid;
        let committer = Committer {
            desk: Desk::new(
                io,
                Arc::clone(&held),
                url.patience(lease),
                (Arc::clone(&reader.0.shared), appender.pid),
            ),
            appender: Arc::new(appender),
            reading: Arc::clone(&reader.0.shared),
            worker,
            life: Arc::clone(&life),
            group_bytes: options.group_bytes,
            renewing: stop,
            failed: None,
            turns,
            messages: messages.clone(),
        };
        let thread = thread::Builder::new()
            .name("journal".to_string())
            .spawn(move || committer.run(&received))
            .map_err(JournalError::io("starting the thread that writes"))?;
        let thread = Mutex::new(Some(thread));
        let claiming = Arc::new(Kept::new(url.clone(), "claiming", url.patience(lease)));
        Ok(Self(Arc::new(Inner {
            reader,
            salt: about.salt,
            worker,
            held,
            pid,
            life,
            claiming,
            unheard: Mutex::default(),
            messages,
            thread,
        })))
    }

    /// Opens the store of a database only to read: takes no lease and changes nothing. One that an earlier version made is read as it
    /// is.
    ///
    /// # Errors
    /// [`JournalError::NotAStore`] when there is none that this version can read.
    pub fn read_only(url: &Url) -> Result<Reader, JournalError> {
        let io = Arc::new(Io::start()?);
        let to = url.clone();
        let (client, id) = io.call(async move {
            let client = connect(&to, "reading").await?;
            schema::check(&client, &to).await?;
            let id = schema::id(&client).await?;
            Ok((client, id))
        })?;
        let shared = Arc::new(Shared::new(url.clone(), false, client));
        Ok(Reader(Arc::new(Reading { io, shared, id, writes: None })))
    }

    /// Makes the tables of a store, or brings them up to date, where nobody writes. For whoever owns them, where those who write do
    /// not.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when they are those of an earlier version, and somebody is at work on them; or when it cannot be done.
    pub fn migrate(url: &Url) -> Result<(), JournalError> {
        let to = url.clone();
        Io::start()?.call(async move {
            let mut client = connect_to_write(&to, "making tables").await?;
            schema::migrate(&mut client, &to).await
        })
    }

    /// What a new store has to say about itself.
    fn creation(&self) -> Result<Option<Batch>, JournalError> {
        let mut chain = self.chain(OWN_CHAIN)?.unwrap_or_else(|| Chain::new(OWN_CHAIN));
        if chain.next_seq() > 0 {
            return Ok(None);
        }
        let id = J::Str(self.id());
        let line = own_line(
            (Timestamp::now(), "engine"),
            &mut chain,
            "store.created",
            BTreeMap::from([("id".to_string(), id)]),
        )?;
        Ok(Some(Batch { lines: vec![line], blobs: Vec::new() }))
    }
}

impl Inner {
    /// Lets the thread finish what waits. From the thread itself, which is where callers are told, that is all; from any
    /// other, it waits.
    fn end(&self) -> Option<JournalError> {
        // Refused only if the thread has ended already.
        let _ = self.messages.send(Message::Close);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        if thread.thread().id() == thread::current().id() {
            return None;
        }
        thread.join().unwrap_or(Some(JournalError::Closed))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end();
    }
}

impl Reader {
    /// Asks with the connection of those who read: what may be asked again where the connection is lost meanwhile.
    pub(crate) fn ask<T: Send + 'static, F>(
        &self,
        ask: impl FnOnce(Arc<Session>) -> F + Send + 'static,
    ) -> Result<T, JournalError>
    where
        F: Future<Output = Result<T, JournalError>> + Send,
    {
        let shared = Arc::clone(&self.0.shared);
        let life = self.0.writes.as_ref().map(|writes| Arc::clone(&writes.life));
        self.0.io.call(async move {
            let asked = async {
                let client = shared.client().await?;
                let asked = ask(Arc::clone(&client)).await;
                match asked {
                    Err(JournalError::Io { error, .. }) if client.is_closed() => {
                        Err(unreachable(&shared.url, error.to_string()))
                    }
                    asked => asked,
                }
            };
            let Some(life) = life else { return asked.await };
            let over = async {
                life.until_lost().await;
                tokio::time::sleep(WITHIN).await;
            };
            // Who waits keeps the end of the whole waiting.
            tokio::select! {
                asked = asked => asked,
                () = over => Err(unanswered(WITHIN)),
            }
        })
    }

    /// The same for what is answered in a moment. Where it is not, the connection is given up, and another made the next time.
    pub(crate) fn ask_briefly<T: Send + 'static, F>(
        &self,
        ask: impl FnOnce(Arc<Session>) -> F + Send + 'static,
    ) -> Result<T, JournalError>
    where
        F: Future<Output = Result<T, JournalError>> + Send,
    {
        let Some(patience) = self.0.writes.as_ref().map(|writes| writes.patience) else {
            return self.ask(ask);
        };
        let shared = Arc::clone(&self.0.shared);
        self.ask(move |client| async move {
            match answered(patience, ask(Arc::clone(&client))).await {
                Some(asked) => asked,
                None => {
                    shared.forget(&client).await;
                    Err(unreachable(
                        &shared.url,
                        format!("there is no answer within {:.1} s", patience.as_secs_f64()),
                    ))
                }
            }
        })
    }

    /// Takes the rows of a query, as of one moment.
    pub(crate) fn pages(
        &self,
        sql: &'static str,
        size: fn(&Row) -> usize,
        mut each: impl FnMut(&Row) -> Result<(), JournalError>,
    ) -> Result<(), JournalError> {
        let shared = Arc::clone(&self.0.shared);
        let (pages, taken) = mpsc::channel();
        let (ended, end) = mpsc::sync_channel(1);
        self.0.io.spawn(async move {
            let result = read::pages(&shared, sql, size, pages).await;
            // Nobody waits any more: that is theirs to decide.
            let _ = ended.send(result);
        });
        for (rows, room) in taken {
            for row in &rows {
                each(row)?;
            }
            drop(room);
        }
        end.recv().unwrap_or(Err(JournalError::Closed))
    }
}

impl JournalRead for Reader {
    fn id(&self) -> String {
        self.0.id.clone()
    }

    fn heads(&self) -> Result<BTreeMap<String, Head>, JournalError> {
        self.ask(|client| async move { read::heads(&client).await })
    }

    fn chain(&self, name: &str) -> Result<Option<Chain>, JournalError> {
        let chain = name.to_string();
        let head = self.ask(move |client| async move { read::head(&client, &chain).await })?;
        Ok(head.map(|head| Chain::resume(name, head.next_seq, head.prev)))
    }

    fn runs(&self) -> Result<Vec<String>, JournalError> {
        self.ask(|client| async move { read::runs(&client).await })
    }

    fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        let run = run.to_string();
        self.ask(move |client| async move { read::lines_of(&client, &run).await })
    }

    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError> {
        let sql = "SELECT chain, line FROM play_lines ORDER BY place";
        let size = |row: &Row| row.try_get::<_, &[u8]>(1).map_or(0, <[u8]>::len);
        self.pages(sql, size, |row| {
            let read = || Ok((row.try_get::<_, &str>(0)?, row.try_get::<_, &[u8]>(1)?));
            let (chain, line) = read().map_err(failed("reading lines"))?;
            each(chain, line);
            Ok(())
        })
    }

    fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let digest = digest.to_string();
        self.ask(move |client| async move { read::blob(&client, &digest).await })
    }

    fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let digest = digest.to_string();
        self.ask(move |client| async move { read::artifact(&client, &digest).await })
    }
}

impl JournalRead for Store {
    fn id(&self) -> String {
        self.0.reader.id()
    }

    fn heads(&self) -> Result<BTreeMap<String, Head>, JournalError> {
        self.0.reader.heads()
    }

    fn chain(&self, name: &str) -> Result<Option<Chain>, JournalError> {
        self.0.reader.chain(name)
    }

    fn runs(&self) -> Result<Vec<String>, JournalError> {
        self.0.reader.runs()
    }

    fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        self.0.reader.lines_of(run)
    }

    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError> {
        self.0.reader.for_each_line(each)
    }

    fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.0.reader.blob(digest)
    }

    fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.0.reader.artifact(digest)
    }
}

impl Journal for Store {
    fn salt(&self) -> [u8; 32] {
        self.0.salt
    }

    fn lease(&self) -> Lease {
        self.0.life.stands()
    }

    fn sharing(&self) -> Option<&dyn Sharing> {
        matches!(held(&self.0.held).owns, Owns::Chains(_)).then_some(self)
    }

    fn waits_for(&self) -> Option<Lock> {
        let (shared, pid) = (Arc::clone(&self.0.reader.0.shared), self.0.pid);
        self.0.reader.0.io.call(async move { Ok(locked(&shared, pid).await) }).ok().flatten()
    }

    fn append(&self, batch: Batch, done: Done) {
        // When the thread has ended, the message comes back and its caller is told as it is dropped.
        let _ = self.0.messages.send(Message::Append(batch, Caller::new(done)));
    }

    fn append_wait(&self, batch: Batch) -> Result<(), JournalError> {
        let (ticket, done) = Ticket::pair();
        self.append(batch, done);
        ticket.wait()
    }

    fn put_artifact(&self, bytes: &[u8]) -> Result<String, JournalError> {
        let bytes = bytes.to_vec();
        self.0.reader.ask(move |client| async move { read::put_artifact(&client, &bytes).await })
    }

    fn close(&self) -> Result<(), JournalError> {
        self.0.end().map_or(Ok(()), Err)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.0.reader.0.shared.url)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({})", self.0.shared.url)
    }
}
