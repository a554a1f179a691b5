//! What a store says of earlier records, of what is held, and of what runs have before them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use play_evidence::{J, ParsedLine};
use play_journal::{Journal, OWN_CHAIN, Pause};
use play_program::autonomy::Autonomy;
use play_scheduler::Counting;
use play_scheduler::event::Arrived;
use play_scheduler::outlook::Outlook;
use play_scheduler::register::Register;

use crate::arrival::Arrivals;
use crate::counter::Counter;
use crate::engine::EngineError;
use crate::seen::{Seen, is_shadow, short};

/// What the intake chain of a store says of earlier records. A projection: it is read from the lines at start.
#[derive(Default)]
pub(crate) struct Known {
    /// What runs have taken that do something.
    pub(crate) real: Seen,
    /// What shadow runs have taken: others get it all the same.
    pub(crate) shadow: Seen,
    /// Records that no source accepted, not yet written down: first and last position, and how many.
    pub(crate) rejected: Option<(String, String, u64)>,
    /// Who has paused the store.
    pub(crate) pause: Option<Pause>,
    /// The program that was last in force.
    pub(crate) deployed: Option<String>,
    /// The engine of the first run.
    pub(crate) engine: Option<String>,
    /// What runs have in force, and which of them have ended.
    pub(crate) register: Register,
    /// What guards have let through.
    pub(crate) counter: Counter,
    /// Writes that are held, by run: lines of their intents.
    pub(crate) held: BTreeMap<String, BTreeSet<u64>>,
    /// What has arrived that runs may wait for.
    pub(crate) arrivals: Arrivals,
    /// What runs have before them: as they were when the engine started, and for its recovery.
    pub(crate) outlooks: HashMap<Box<str>, Outlook>,
}

/// The chain of what arrives.
pub(crate) const INTAKE: &str = "intake";

/// A text of a line, also one that came from outside.
fn text(line: &ParsedLine, name: &str) -> Option<String> {
    match line.field(name) {
        Some(J::Str(s)) => Some(s.clone()),
        Some(J::Obj(position)) => match position.get("val") {
            Some(J::Str(s)) => Some(s.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// What a guard has let through, by this line: as it is called where counts are kept, and when.
pub(crate) fn let_through(line: &ParsedLine) -> Option<(String, Timestamp)> {
    let autonomy = match line.k.as_str() {
        "guard.allowed" => Autonomy::Automatic,
        "guard.would_allow" => Autonomy::Shadow,
        _ => return None,
    };
    Some((Counting::name_for(&text(line, "guard")?, &autonomy), line.t.parse().ok()?))
}

impl Known {
    pub(crate) fn seen(&mut self, shadow: bool) -> &mut Seen {
        if shadow { &mut self.shadow } else { &mut self.real }
    }

    fn hold(&mut self, line: &ParsedLine) {
        let Some(of) = line.number("of") else { return };
        match line.k.as_str() {
            "act.held" => {
                self.held.entry(line.run.clone()).or_default().insert(of);
            }
            "act.released" | "act.withdrawn" | "act.in_doubt" => {
                if let Some(acts) = self.held.get_mut(&line.run) {
                    acts.remove(&of);
                    if acts.is_empty() {
                        self.held.remove(&line.run);
                    }
                }
            }
            _ => {}
        }
    }

    pub(crate) fn read(store: &dyn Journal) -> Result<Self, EngineError> {
        let mut known = Self::default();
        let salt = store.salt();
        let mut unreadable = None;
        store.for_each_line(&mut |chain, bytes| {
            if let Err(why) = known.take(&salt, chain, bytes) {
                unreadable = unreadable.take().or(Some(why));
            }
        })?;
        match unreadable {
            Some(why) => Err(EngineError::Evidence(why)),
            None => Ok(known),
        }
    }

    /// Takes note of a line.
    pub(crate) fn take(&mut self, salt: &[u8], chain: &str, bytes: &[u8]) -> Result<(), String> {
        let line = ParsedLine::parse(bytes).map_err(|e| format!("a line of {chain} cannot be read: {e}"))?;
        if chain == INTAKE || chain == OWN_CHAIN {
            if let Some((arrived, blob)) = self.take_own(salt, &line) {
                self.arrivals.recall(arrived, blob);
            }
            return Ok(());
        }
        if line.k == "run.opened" && self.engine.is_none() {
            self.engine = text(&line, "engine");
        }
        if let Some((guard, t)) = let_through(&line) {
            self.counter.recall(guard, t);
        }
        self.register.take(&line);
        self.hold(&line);
        self.look(chain, &line);
        Ok(())
    }

    /// Takes note of a line of the intake or of the store's own chain. One that is an event is given back, with the digest of its
    /// body.
    pub(crate) fn take_own(&mut self, salt: &[u8], line: &ParsedLine) -> Option<(Arrived, String)> {
        Pause::take(&mut self.pause, line);
        if line.k == "store.deployed" {
            self.deployed = text(line, "artifact");
        }
        // What did not become a case may do so with another program: it is tried again.
        if let ("intake.accepted" | "intake.deduplicated", Some(pos), Some(record)) =
            (line.k.as_str(), text(line, "pos"), text(line, "record"))
        {
            self.seen(is_shadow(line)).records.insert(short(salt, [&pos, &record]));
        }
        if line.k == "intake.accepted"
            && let (Some(source), Some(key), Some(run), Ok(t)) =
                (text(line, "source"), text(line, "key"), text(line, "into"), line.t.parse())
        {
            self.seen(is_shadow(line)).keys.insert(short(salt, [&source, &key]), (t, run.into()));
        }
        if line.k == "intake.event"
            && let (Some(pos), Some(record), Ok(came)) =
                (text(line, "pos"), text(line, "record"), line.t.parse())
            && let Some(J::Obj(body)) = line.field("body")
            && let Some(J::Str(blob)) = body.get("blob")
        {
            return Some((Arrived { arrival: line.seq, came, pos, record }, blob.clone()));
        }
        None
    }

    /// What a line says of what its run has before it. A run that has nothing takes no place.
    fn look(&mut self, run: &str, line: &ParsedLine) {
        if let Some(outlook) = self.outlooks.get_mut(run) {
            outlook.take(line);
            if outlook.is_empty() {
                self.outlooks.remove(run);
            }
            return;
        }
        let mut outlook = Outlook::default();
        outlook.take(line);
        if !outlook.is_empty() {
            self.outlooks.insert(run.into(), outlook);
        }
    }
}
