//! A store: opened by the one who writes, or by anybody who reads.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use play_evidence::{Chain, J, Line};

use crate::artifact;
use crate::caller::Caller;
use crate::commit::{Committer, Message};
use crate::contents::Contents;
use crate::disk::{Disk, RealDisk};
use crate::error::JournalError;
use crate::index::Head;
use crate::journal::{Batch, Done, Journal, JournalRead, Ticket};
use crate::layout::{self, ARTIFACTS, BLOBS, SEGMENTS, STORE, StoreFile, make_dir, sync_dir};
use crate::machine::{Machine, System};
use crate::open::{self, Cut};
use crate::own::{OWN_CHAIN, own_line};
use crate::queue::{Entry, Exit, Wake, queue};
use crate::room;
use crate::seal::int;
use crate::stepper::Stepper;

/// Sizes; the defaults are right outside tests.
#[derive(Clone, Debug)]
pub struct Options {
    /// A new segment is begun rather than to let one get larger than this. In bytes; 64 MiB.
    pub segment_bytes: u64,
    /// The same for packs of blobs. In bytes; 64 MiB.
    pub pack_bytes: u64,
    /// No more is taken into a batch once it is this large. In bytes; 4 MiB.
    pub group_bytes: usize,
    /// A body of fewer bytes stands in the segment, and is durable by the same sync as the line that names it; a larger one stands in a
    /// pack, which takes a sync of its own. In bytes; 8 KiB, and 0 for none.
    pub inline_bytes: u64,
    /// So much is there at the end of a segment or pack before it is written, at the most: syncs take less then. In bytes; 1 MiB, and
    /// 0 for none.
    pub ahead_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            pack_bytes: 64 << 20,
            group_bytes: 4 << 20,
            inline_bytes: 8 << 10,
            ahead_bytes: 1 << 20,
        }
    }
}

/// A store to write to. Copies of it are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    reader: Reader,
    messages: Entry,
    thread: Mutex<Option<JoinHandle<Option<JournalError>>>>,
}

/// A store that is open, and what will write to it.
struct Opened {
    store: Store,
    committer: Committer,
    messages: Exit,
    cuts: Vec<Cut>,
}

/// A store to read from: as it was when it was opened only to read, or as it is now when it is also written to.
#[derive(Clone)]
pub struct Reader(Arc<Contents>);

impl Store {
    /// Opens a store for writing, or makes one where there is nothing yet. What a crash left unfinished is cut off, and each
    /// cut recorded in the chain `store`.
    ///
    /// # Errors
    /// [`JournalError::Locked`] when somebody else writes to it; [`JournalError::NotAStore`] for a folder with other
    /// things in it; [`JournalError::Damaged`] when something that was durable is not as it was written.
    pub fn open(path: &Path, options: Options) -> Result<Self, JournalError> {
        Self::open_on(path, options, Box::new(RealDisk))
    }

    pub(crate) fn open_on(path: &Path, options: Options, disk: Box<dyn Disk>) -> Result<Self, JournalError> {
        let Opened { store, committer, messages, cuts } =
            Self::assemble(path, options, (disk, Arc::new(System)))?;
        let thread = thread::Builder::new()
            .name("journal".to_string())
            .spawn(move || committer.run(&messages))
            .map_err(JournalError::io("starting the thread that writes"))?;
        *store.0.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        let lines = store.own_lines(&cuts, &System)?;
        if !lines.is_empty() {
            store.append_wait(Batch { lines, blobs: Vec::new() })?;
        }
        store.recorded()?;
        Ok(store)
    }

    /// The same without a thread of its own: what is appended waits until the stepper is told to commit it. On a disk that may
    /// fail, and a machine whose time and randomness somebody decides: for simulations.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_stepped(
        path: &Path,
        options: Options,
        disk: Box<dyn Disk>,
        machine: Arc<dyn Machine>,
    ) -> Result<(Self, Stepper), JournalError> {
        let Opened { store, committer, messages, cuts } =
            Self::assemble(path, options, (disk, Arc::clone(&machine)))?;
        let mut stepper = Stepper::new(committer, messages);
        let lines = store.own_lines(&cuts, &*machine)?;
        if !lines.is_empty() {
            let (ticket, done) = Ticket::pair();
            store.append(Batch { lines, blobs: Vec::new() }, done);
            stepper.step();
            ticket.wait()?;
        }
        store.recorded()?;
        Ok((store, stepper))
    }

    /// All but what starts the writing.
    fn assemble(
        path: &Path,
        options: Options,
        (disk, machine): (Box<dyn Disk>, Arc<dyn Machine>),
    ) -> Result<Opened, JournalError> {
        let there = path.join(STORE).exists();
        if !there {
            prepare(path)?;
        }
        let lock = layout::lock(path)?;
        // Somebody may have made it since.
        let store = if there || path.join(STORE).exists() {
            StoreFile::read(path)?
        } else {
            create(path, &*machine)?
        };
        open::remove_temporaries(path)?;
        let found = open::read(path)?;
        open::end(path, &found)?;
        let cuts = open::cut(path, &found)?;
        open::sync_ends(path, &found)?;

        let pack = (found.packs, found.pack_len);
        let contents = Arc::new(Contents::new(path.to_path_buf(), store, found.state));
        let committer =
            Committer::new(Arc::clone(&contents), options, (disk, machine), lock, found.trailer, pack);
        let (entry, messages) = queue();
        let inner = Inner { reader: Reader(contents), messages: entry, thread: Mutex::default() };
        Ok(Opened { store: Self(Arc::new(inner)), committer, messages, cuts })
    }

    /// Opens a store only to read: takes no lock, changes nothing, and leaves out what is unfinished at its end. It may be
    /// written to meanwhile; what comes later is not seen.
    ///
    /// # Errors
    /// As [`Store::open`], but for the lock.
    pub fn read_only(path: &Path) -> Result<Reader, JournalError> {
        let store = StoreFile::read(path)?;
        let found = open::read(path)?;
        Ok(Reader(Arc::new(Contents::new(path.to_path_buf(), store, found.state))))
    }

    /// What the store has to say about itself: that it was created, and what was cut. To be written as one batch: of the cuts,
    /// all are recorded or none.
    fn own_lines(&self, cuts: &[Cut], machine: &dyn Machine) -> Result<Vec<Line>, JournalError> {
        let said = (machine.now(), "engine");
        let mut chain = self.0.reader.chain(OWN_CHAIN).unwrap_or_else(|| Chain::new(OWN_CHAIN));
        let mut lines = Vec::new();
        if chain.next_seq() == 0 {
            let id = J::Str(self.id().to_string());
            lines.push(own_line(
                said,
                &mut chain,
                "store.created",
                BTreeMap::from([("id".to_string(), id)]),
            )?);
        }
        for cut in cuts {
            let fields = BTreeMap::from([
                ("segment".to_string(), J::Str(cut.file.clone())),
                ("offset".to_string(), int(cut.offset)),
                ("bytes".to_string(), int(cut.bytes)),
            ]);
            lines.push(own_line(said, &mut chain, "store.recovered", fields)?);
        }
        Ok(lines)
    }

    /// They are written.
    fn recorded(&self) -> Result<(), JournalError> {
        open::cuts_recorded(&self.0.reader.0.root)
    }

    /// As [`Reader::id`], also where [`Journal`] is in scope.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.reader.id()
    }

    /// As [`Reader::for_each_line`], also where [`Journal`] is in scope.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn for_each_line(&self, each: impl FnMut(&str, &[u8])) -> Result<(), JournalError> {
        self.0.reader.for_each_line(each)
    }

    /// The store's secret, for keyed digests of records.
    #[must_use]
    pub fn salt(&self) -> [u8; 32] {
        self.0.reader.0.store.salt
    }

    /// See [`Journal::append`]. Nothing bounds how much may wait: whoever appends without waiting has to.
    pub fn append(&self, batch: Batch, done: Done) {
        drop(self.queue(batch, done));
    }

    /// See [`Journal::queue`].
    pub fn queue(&self, batch: Batch, done: Done) -> Wake {
        self.0.messages.put(Message::Append(batch, Caller::new(done)))
    }

    /// See [`Journal::append_wait`].
    ///
    /// # Errors
    /// [`JournalError::Refused`] when a line does not continue its chain; any other error is the end of the store.
    pub fn append_wait(&self, batch: Batch) -> Result<(), JournalError> {
        let (ticket, done) = Ticket::pair();
        self.append(batch, done);
        ticket.wait()
    }

    /// Writes what waits, and ends. What is appended after that is answered with [`JournalError::Closed`]; copies can still
    /// be read from.
    ///
    /// # Errors
    /// The failure that ended the store before, if one did.
    pub fn close(self) -> Result<(), JournalError> {
        self.0.end().map_or(Ok(()), Err)
    }

    /// See [`Journal::put_artifact`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_artifact(&self, bytes: &[u8]) -> Result<String, JournalError> {
        artifact::put(&self.0.reader.0.root, bytes)
    }
}

impl Inner {
    /// Lets the thread finish what waits. From the thread itself, which is where callers are told, that is all; from any
    /// other, it waits.
    fn end(&self) -> Option<JournalError> {
        drop(self.messages.put(Message::Close));
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

/// Makes the folder, if it is not there; refuses one with other things in it, before anything is put there.
fn prepare(path: &Path) -> Result<(), JournalError> {
    let made = || {
        layout::make_dir_durably(path)?;
        layout::may_become_store(path)
    };
    // One who made the store meanwhile is found out by the lock.
    if made().map_err(JournalError::io(format!("making the folder {path:?}")))? || path.join(STORE).exists() {
        return Ok(());
    }
    let why = format!("it has no `{STORE}`, and is not empty");
    Err(JournalError::NotAStore { path: path.to_path_buf(), why })
}

/// Makes a store in a folder that is ready for it. It is one as soon as `store.json` is there.
fn create(path: &Path, machine: &dyn Machine) -> Result<StoreFile, JournalError> {
    let store = StoreFile::random(machine)?;
    let written = || {
        for dir in [SEGMENTS, BLOBS, ARTIFACTS] {
            make_dir(&path.join(dir))?;
        }
        sync_dir(path)?;
        layout::write_whole(path, STORE, &store.to_bytes())
    };
    written().map_err(JournalError::io("making the store"))?;
    Ok(store)
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.0.reader.0.root)
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({:?})", self.0.root)
    }
}

impl Reader {
    /// The store's name for itself: 32 hex digits, made at its creation.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.store.id
    }

    /// Each chain's end.
    #[must_use]
    pub fn heads(&self) -> BTreeMap<String, Head> {
        self.0.state().index.heads()
    }

    /// A chain to go on with, from its last durable line; `None` when it has none.
    #[must_use]
    pub fn chain(&self, name: &str) -> Option<Chain> {
        self.0.chain(name)
    }

    /// The runs, in the order in which they were opened. The chains `intake` and `store` are not among them.
    #[must_use]
    pub fn runs(&self) -> Vec<String> {
        self.0.runs()
    }

    /// The lines of a chain, each with its newline; none when there is no such chain.
    ///
    /// # Errors
    /// When they cannot be read, or are not those that were written.
    pub fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        self.0.lines_of(run)
    }

    /// Every durable line with the name of its chain, in the order in which they were committed.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn for_each_line(&self, mut each: impl FnMut(&str, &[u8])) -> Result<(), JournalError> {
        self.0.for_each_line(&mut each)
    }

    /// A body by its digest, without the salt; `None` when it is not here.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.0.blob(digest)
    }

    /// A program by its digest; `None` when it is not here.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    pub fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        artifact::get(&self.0.root, digest)
    }
}

/// One who writes reads in the same way.
impl Deref for Store {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0.reader
    }
}

impl JournalRead for Reader {
    fn id(&self) -> String {
        Reader::id(self).to_string()
    }

    fn heads(&self) -> Result<BTreeMap<String, Head>, JournalError> {
        Ok(Reader::heads(self))
    }

    fn chain(&self, name: &str) -> Result<Option<Chain>, JournalError> {
        Ok(Reader::chain(self, name))
    }

    fn runs(&self) -> Result<Vec<String>, JournalError> {
        Ok(Reader::runs(self))
    }

    fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        Reader::lines_of(self, run)
    }

    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError> {
        Reader::for_each_line(self, each)
    }

    fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        Reader::blob(self, digest)
    }

    fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        Reader::artifact(self, digest)
    }
}

impl JournalRead for Store {
    fn id(&self) -> String {
        Reader::id(self).to_string()
    }

    fn heads(&self) -> Result<BTreeMap<String, Head>, JournalError> {
        Ok(Reader::heads(self))
    }

    fn chain(&self, name: &str) -> Result<Option<Chain>, JournalError> {
        Ok(Reader::chain(self, name))
    }

    fn runs(&self) -> Result<Vec<String>, JournalError> {
        Ok(Reader::runs(self))
    }

    fn lines_of(&self, run: &str) -> Result<Vec<Vec<u8>>, JournalError> {
        Reader::lines_of(self, run)
    }

    fn for_each_line(&self, each: &mut dyn FnMut(&str, &[u8])) -> Result<(), JournalError> {
        Reader::for_each_line(self, each)
    }

    fn blob(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        Reader::blob(self, digest)
    }

    fn artifact(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        Reader::artifact(self, digest)
    }
}

impl Journal for Store {
    fn salt(&self) -> [u8; 32] {
        Store::salt(self)
    }

    fn append(&self, batch: Batch, done: Done) {
        Store::append(self, batch, done);
    }

    fn queue(&self, batch: Batch, done: Done) -> Option<Wake> {
        Some(Store::queue(self, batch, done))
    }

    fn room(&self) -> Option<u64> {
        room::of(&self.0.reader.0.root)
    }

    fn put_artifact(&self, bytes: &[u8]) -> Result<String, JournalError> {
        Store::put_artifact(self, bytes)
    }

    fn close(&self) -> Result<(), JournalError> {
        self.0.end().map_or(Ok(()), Err)
    }
}
