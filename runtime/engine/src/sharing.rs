//! Several engines at one store. Each drives runs of its own, and follows what the others write.
//!
//! What rests on what all runs did is decided in a turn (see [`play_journal::Turn`]): in it nobody else appends, and all that was
//! appended before is known here. What follows from other lines than those of the run itself is: what guards have let through, what
//! is in force, which records have arrived, and whether writes leave. Whatever a run does by itself needs none.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::{SignedDuration, Timestamp};
use play_evidence::{Chain, J, ParsedLine};
use play_journal::{Follow, Foreign, JournalError, Lease, OWN_CHAIN, System, Turn};
use play_program::json::Doc;
use play_scheduler::outlook::Outlook;
use tokio::sync::{Notify, oneshot};

use crate::engine::{Engine, EngineError, Setup, Shared};
use crate::known::{INTAKE, Known, let_through};
use crate::recover::{Load, Recovered};

/// Runs that are claimed at a time.
const CLAIM: usize = 256;

/// A clock may be so far behind the times that others have written: what comes later is written to be later.
const OFF: SignedDuration = SignedDuration::from_secs(5);

/// What others have written that an engine has to deal with itself.
pub(crate) enum News {
    /// A line of the intake or of the store's own chain.
    Line(Box<Foreign>, Box<ParsedLine>),
    /// A write was done, or may have been: what was read of its connector before may not be so any more.
    Wrote(String),
}

/// What several share, as one of them sees it.
pub(crate) struct Others {
    news: Mutex<VecDeque<News>>,
    /// Told when there is some.
    pub(crate) noticed: Arc<Notify>,
    /// The latest time that others have written.
    latest: Mutex<Timestamp>,
}

impl Default for Others {
    fn default() -> Self {
        Self { news: Mutex::default(), noticed: Arc::default(), latest: Mutex::new(Timestamp::MIN) }
    }
}

/// Nothing that holds it can panic half-way.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever is told the lines of others.
pub(crate) struct Follower(Arc<Mutex<Following>>);

enum Following {
    /// All that there is at the start is read.
    Reading { known: Box<Known>, salt: [u8; 32], unreadable: Option<String> },
    /// The engine is there.
    Working(Weak<Shared>),
}

impl Follower {
    pub(crate) fn new(salt: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(Following::Reading { known: Box::default(), salt, unreadable: None })))
    }

    pub(crate) fn told(&self) -> Follow {
        let following = Arc::clone(&self.0);
        Box::new(move |lines| locked(&following).take(lines))
    }

    /// The engine that is made of what is known is told from now on; nothing comes in between.
    pub(crate) fn begin<T>(
        &self,
        make: impl FnOnce(Known) -> (Arc<Shared>, T),
    ) -> Result<(Arc<Shared>, T), EngineError> {
        let mut following = locked(&self.0);
        let known = match &mut *following {
            Following::Reading { unreadable: Some(why), .. } => {
                return Err(EngineError::Evidence(why.clone()));
            }
            Following::Reading { known, .. } => std::mem::take(&mut **known),
            Following::Working(_) => Known::default(),
        };
        let (shared, made) = make(known);
        *following = Following::Working(Arc::downgrade(&shared));
        Ok((shared, made))
    }
}

impl Following {
    fn take(&mut self, lines: &[Foreign]) {
        match self {
            Self::Reading { known, salt, unreadable } => {
                for line in lines {
                    if let Err(why) = known.take(salt, &line.chain, &line.bytes) {
                        *unreadable = unreadable.take().or(Some(why));
                    }
                }
            }
            Self::Working(shared) => {
                if let Some(shared) = shared.upgrade() {
                    shared.told(lines);
                }
            }
        }
    }
}

/// Whether lines of this kind have something to say to others than their run.
fn concerns(chain: &str, bytes: &[u8]) -> bool {
    const GUARD: &[u8] = b"\"k\":\"guard.";
    chain == INTAKE
        || chain == OWN_CHAIN
        || play_scheduler::register::Register::concerns(bytes)
        || bytes.windows(GUARD.len()).any(|window| window == GUARD)
}

impl Shared {
    /// A turn, where others write as well: see [`play_journal::Turn`]. Nobody may wait for what is durable who has one.
    pub(crate) async fn turn(&self) -> Result<Option<Turn>, EngineError> {
        if !self.shares {
            return Ok(None);
        }
        let (tx, rx) = oneshot::channel();
        match self.store.sharing() {
            Some(sharing) => sharing.turn(Box::new(move |turn| drop(tx.send(turn)))),
            None => return Ok(None),
        }
        match rx.await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            Ok(Err(e)) => {
                self.failed.send_replace(true);
                Err(e.into())
            }
            Err(_) => Err(JournalError::Closed.into()),
        }
    }

    /// What the clock says; where others write as well, later than all that they have written.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.machine.now();
        if !self.shares {
            return now;
        }
        let after = locked(&self.others.latest).checked_add(SignedDuration::from_nanos(1)).unwrap_or(now);
        // A time that is far off says more about who has written it.
        if after > now && after.duration_since(now) <= OFF { after } else { now }
    }

    /// Whether a run is driven here, if it is driven at all.
    pub(crate) fn owns(&self, run: &str) -> bool {
        !self.shares || self.store.sharing().is_none_or(|sharing| sharing.owns(run))
    }

    /// Takes note of lines of others. On the thread that commits.
    fn told(&self, lines: &[Foreign]) {
        let mut noticed = false;
        for line in lines.iter().filter(|line| concerns(&line.chain, &line.bytes)) {
            let Ok(parsed) = ParsedLine::parse(&line.bytes) else {
                // What rests on it would be decided wrong, and what follows it may say that no write leaves.
                self.gate.is_recorded(true);
                self.failed.send_replace(true);
                return;
            };
            if let Ok(t) = parsed.t.parse::<Timestamp>() {
                let mut latest = locked(&self.others.latest);
                *latest = t.max(*latest);
            }
            if line.chain == INTAKE || line.chain == OWN_CHAIN {
                match parsed.k.as_str() {
                    "store.paused" => self.gate.is_recorded(true),
                    "store.resumed" => self.gate.is_recorded(false),
                    _ => {}
                }
                locked(&self.others.news).push_back(News::Line(Box::new(line.clone()), Box::new(parsed)));
                noticed = true;
                continue;
            }
            if let Some((guard, t)) = let_through(&parsed) {
                self.counter.recall(guard, t);
            }
            if parsed.k == "act.intended"
                && let Some(action) = parsed.field("action").and_then(J::as_str)
            {
                locked(&self.others.news).push_back(News::Wrote(action.to_string()));
                noticed = true;
            }
            self.in_force.told(&parsed);
        }
        if noticed {
            self.others.noticed.notify_one();
        }
    }
}

impl Engine {
    /// Makes an engine ready beside services that share the store. It drives what it opens itself, until that ends or only waits, and
    /// takes nothing over: what others have left, and what it leaves ([`Engine::hand_over`]), is theirs.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub fn beside(setup: Setup) -> Result<Self, EngineError> {
        Self::start_with(setup, Arc::new(System), Vec::new())
    }

    /// Told when others have written something that [`Engine::catch_up`] deals with.
    #[must_use]
    pub fn noticed(&self) -> Arc<Notify> {
        Arc::clone(&self.shared.others.noticed)
    }

    /// Whether others write to the store as well.
    #[must_use]
    pub fn shares(&self) -> bool {
        self.shared.shares
    }

    /// Whether a run is driven here, if it is driven at all.
    #[must_use]
    pub fn owns(&self, run: &str) -> bool {
        self.shared.owns(run)
    }

    /// Deals with what others have written. Gives whether writes leave again, by what somebody said elsewhere: see
    /// [`Engine::go_on_after_pause`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn catch_up(&mut self) -> Result<bool, EngineError> {
        if !self.shared.shares {
            return Ok(false);
        }
        while let Some(one) = self.next_news() {
            match one {
                News::Wrote(action) => self.forget_answers(&action),
                News::Line(line, parsed) => {
                    if let Err(e) = self.heard_line(&line, &parsed) {
                        // It is the next one again: what follows from it is not lost, whoever goes on after this.
                        locked(&self.shared.others.news).push_front(News::Line(line, parsed));
                        return Err(e);
                    }
                }
            }
        }
        Ok(self.resumed_elsewhere)
    }

    fn next_news(&self) -> Option<News> {
        locked(&self.shared.others.news).pop_front()
    }

    /// Changes nothing that the same line would change once more.
    fn heard_line(&mut self, line: &Foreign, parsed: &ParsedLine) -> Result<(), EngineError> {
        if line.chain == INTAKE && line.seq >= self.intake.next_seq() {
            self.intake = Chain::resume(INTAKE, line.seq.saturating_add(1), line.hash);
        }
        match parsed.k.as_str() {
            "store.paused" => self.resumed_elsewhere = false,
            "store.resumed" => self.resumed_elsewhere = true,
            _ => {}
        }
        let salt = self.shared.store.salt();
        if let Some((arrived, blob)) = self.known.take_own(&salt, parsed) {
            let Some((arrived, blob)) = self.shared.arrivals.recall_unless_waited_for(arrived, blob) else {
                return Ok(());
            };
            let body = self.shared.store.blob(&blob)?;
            match body.and_then(|raw| play_connect::parse_body(&raw).ok()) {
                Some(json) => {
                    let doc = Arc::new(Doc::Whole(json));
                    self.heard.extend(self.shared.arrivals.keep(arrived, blob, doc));
                }
                // No run takes what cannot be read.
                None => self.shared.arrivals.recall(arrived, blob),
            }
        }
        Ok(())
    }

    /// Somebody else's write went out: what was read of its connector may be of before.
    fn forget_answers(&self, action: &str) {
        let Some((connector, _)) = action.split_once('.') else { return };
        for pinned in std::iter::once(&self.pinned).chain(self.older.values()) {
            let mut supply = pinned.supply.lock().unwrap_or_else(PoisonError::into_inner);
            supply.forget(&pinned.manifest, connector);
        }
    }

    /// Somebody has resumed the store elsewhere: what is held here goes on.
    pub fn go_on_after_pause(&mut self, load: &Load<'_>) {
        self.resumed_elsewhere = false;
        self.release_held(load);
    }

    /// Makes a run this engine's own that nobody has, if there is nobody. Gives who has it otherwise, where that is known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn adopt(&mut self, run: &str) -> Result<Result<(), Option<String>>, EngineError> {
        if self.shared.owns(run) {
            return Ok(Ok(()));
        }
        let (store, name) = (Arc::clone(&self.shared.store), run.to_string());
        let asked = tokio::task::spawn_blocking(move || {
            let Some(sharing) = store.sharing() else { return Ok(None) };
            if !sharing.own(std::slice::from_ref(&name))?.is_empty() {
                return Ok(None);
            }
            sharing.owner(&name).map(Some)
        });
        match asked.await.map_err(|e| EngineError::Evidence(e.to_string()))?? {
            None => {
                // Until it goes on here: whatever becomes of what is said to it, the next claim goes on with it, or gives it back.
                self.taken.push_back(run.to_string());
                // All that was written of it is known from here on.
                drop(self.shared.turn().await?);
                self.catch_up()?;
                Ok(Ok(()))
            }
            Some(owner) => Ok(Err(owner)),
        }
    }

    /// Takes over the runs of those who are not there any more.
    ///
    /// # Errors
    /// When the store cannot be read or written. A run that cannot be taken up is reported, not an error.
    pub async fn claim(&mut self, load: &Load<'_>) -> Result<Recovered, EngineError> {
        let mut found = Recovered::default();
        if !self.shared.shares {
            return Ok(found);
        }
        if self.shared.store.lease() == Lease::Lost {
            // A store that has failed says why itself: nobody need have taken anything over.
            self.durable().await?;
            // Also one that has nothing to write is to end: nobody is to wait for it.
            let why = "this one was silent for so long that others have taken over what was its own".into();
            return Err(JournalError::Fenced { why }.into());
        }
        // No more than can be driven: whoever waits for room here would keep orders and answers waiting.
        let most = self.slots.available_permits().min(CLAIM);
        if most == 0 {
            return Ok(found);
        }
        let store = Arc::clone(&self.shared.store);
        // Not while some that were claimed could not be read: others can perhaps.
        let more = self.taken.is_empty();
        let asked = tokio::task::spawn_blocking(move || match store.sharing() {
            Some(sharing) if more => sharing.claim(most),
            _ => Ok(Vec::new()),
        });
        match asked.await.map_err(|e| EngineError::Evidence(e.to_string()))? {
            Ok(names) => self.taken.extend(names),
            // Nothing was asked: the next time does.
            Err(e) if e.passes() => {}
            Err(e) => return Err(e.into()),
        }
        match self.take_over(load, &mut found).await {
            // What is left of them is gone on with the next time.
            Err(e) if !e.passes() => Err(e),
            Ok(()) | Err(_) => {
                found.left = self.taken.len();
                Ok(found)
            }
        }
    }

    /// Goes on with the runs that have become this engine's own.
    pub(crate) async fn take_over(
        &mut self,
        load: &Load<'_>,
        found: &mut Recovered,
    ) -> Result<(), EngineError> {
        if self.taken.is_empty() {
            return Ok(());
        }
        // All that others have written of them is known then: nobody else appends to them any more.
        drop(self.knowing_all().await?);
        while let Some(name) = self.taken.front().cloned() {
            if self.shared.live.has(&name) {
                // Somebody has spoken to it meanwhile.
            } else if self.shared.in_force.is_settled(&name) {
                self.over.insert(name, false);
            } else {
                let lines = self.shared.store.lines_of(&name)?;
                let rests = outlook(&lines).rests();
                let at = rests.filter(|_| self.shared.parks && self.shared.in_force.rests(&name));
                match at {
                    Some(at) => found.resting.push((name.into(), at)),
                    None => self.go_on_with(name, &lines, load, found).await?,
                }
            }
            self.taken.pop_front();
        }
        self.let_go(Vec::new()).await
    }

    /// Claims all that nobody has, at a start.
    pub(crate) fn claim_all(store: &dyn play_journal::Journal) -> Result<Vec<String>, EngineError> {
        let Some(sharing) = store.sharing() else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        loop {
            let some = sharing.claim(CLAIM)?;
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(some);
        }
    }

    /// Makes the runs that are not over, and that nobody was ever said to have, this engine's own; gives them.
    pub(crate) fn own_the_rest(&self) -> Result<Vec<String>, EngineError> {
        let Some(sharing) = self.shared.store.sharing().filter(|_| self.shared.shares) else {
            return Ok(Vec::new());
        };
        let mut all = Vec::new();
        for some in self.shared.in_force.open().chunks(CLAIM) {
            all.extend(sharing.own(some)?);
        }
        Ok(all)
    }
}

/// What the lines of a run say that it has before it.
fn outlook(lines: &[Vec<u8>]) -> Outlook {
    let mut outlook = Outlook::default();
    lines.iter().filter_map(|line| ParsedLine::parse(line).ok()).for_each(|line| outlook.take(&line));
    outlook
}
