//! A worker, and the questions that are its own to answer.

use std::collections::HashMap;
use std::sync::Mutex;

use play_evidence::{Chain, J, Line, ParsedLine, kinds};
use play_journal::{Journal as _, JournalError, JournalRead as _, Sharing as _, Ticket};

use crate::common::{line, lines};
use crate::proxy::Proxy;
use crate::server::{self, Place};
use crate::worker::{SHARED, Worker};

pub struct Member {
    pub worker: Worker,
    /// Its number in the database.
    number: String,
    own: Mutex<HashMap<String, Own>>,
}

/// What the owner of a run knows of it.
struct Own {
    chain: Chain,
    decided: Option<u32>,
}

/// What became of a decision.
pub enum Outcome {
    Decided,
    Before(u32),
    /// The run is not this worker's own.
    NotMine,
    /// It was not done, or nobody knows.
    Failed(JournalError),
}

impl Member {
    /// Joins through a proxy. What goes wrong may go wrong here too.
    pub fn join(place: &Place, proxy: &Proxy, lease: u64) -> Self {
        let url = server::url_of(&proxy.through(&place.text));
        let worker = (0..9).find_map(|_| Worker::try_join(&url, lease).ok()).unwrap();
        let number = place.sql("SELECT max(worker) FROM play_workers")[0][0].clone();
        Self { worker, number, own: Mutex::default() }
    }

    /// As when its lease were over, which it does not know.
    pub fn is_given_up(&self, place: &Place) {
        place.sql(&format!(
            "UPDATE play_workers SET until = clock_timestamp() WHERE worker = {}",
            self.number
        ));
    }

    /// Takes over what belongs to nobody who is there; gives how many runs.
    pub fn claims(&self) -> usize {
        let Ok(names) = self.worker.store.claim(100) else { return 0 };
        for name in &names {
            // As a worker does that goes on with a run: from what is durable.
            let Ok(Some(chain)) = self.worker.store.chain(name) else { continue };
            let Ok(decided) = self.decision(name) else { continue };
            self.own.lock().unwrap().insert(name.clone(), Own { chain, decided });
        }
        names.len()
    }

    /// Begins a run with a question. Whether that worked.
    pub fn opens(&self, name: &str) -> bool {
        let mut chain = Chain::new(name);
        let opened = self.worker.store.append_wait(lines([line(&mut chain, "asked")])).is_ok();
        self.own.lock().unwrap().insert(name.to_string(), Own { chain, decided: None });
        opened
    }

    /// A history is over.
    pub fn forgets(&self, names: &[String]) {
        let mut own = self.own.lock().unwrap();
        let mine: Vec<String> = names.iter().filter(|n| own.remove(*n).is_some()).cloned().collect();
        drop(own);
        let _ = self.worker.store.let_go(&mine);
    }

    /// What the shared chain holds.
    ///
    /// # Panics
    /// When it cannot be read: nothing that goes wrong here ends a connection that only reads.
    pub fn log(&self) -> Vec<u32> {
        self.read_log().unwrap()
    }

    pub fn read_log(&self) -> Result<Vec<u32>, JournalError> {
        let lines = self.worker.store.lines_of(SHARED)?;
        Ok(lines.iter().map(|line| text(line, "why").and_then(|n| n.parse().ok()).unwrap()).collect())
    }

    /// What is decided, as everybody can read it.
    pub fn decision(&self, run: &str) -> Result<Option<u32>, JournalError> {
        let lines = self.worker.store.lines_of(run)?;
        Ok(lines.iter().find_map(|line| text(line, "person")?.parse().ok()))
    }

    /// A person decides; `looks` is whether it is heeded that another has. Between knowing and writing, `pause` is called.
    pub fn decides(&self, run: &str, person: u32, looks: bool, pause: impl FnOnce()) -> Outcome {
        let (before, ticket) = {
            let mut own = self.own.lock().unwrap();
            let Some(own) = own.get_mut(run) else { return Outcome::NotMine };
            let before = own.decided.filter(|_| looks);
            pause();
            let (ticket, done) = Ticket::pair();
            if before.is_some() {
                // The answer is one for others when it is durable.
                self.worker.store.append(lines([]), done);
            } else {
                own.decided = Some(person);
                self.worker.store.append(lines([answered(&mut own.chain, person)]), done);
            }
            (before, ticket)
        };
        match (ticket.wait(), before) {
            (Ok(()), Some(person)) => Outcome::Before(person),
            (Ok(()), None) => Outcome::Decided,
            (Err(error), _) => Outcome::Failed(error),
        }
    }
}

fn text(line: &[u8], name: &str) -> Option<String> {
    ParsedLine::parse(line).ok()?.field(name).and_then(J::as_str).map(str::to_string)
}

fn answered(chain: &mut Chain, person: u32) -> Line {
    let kind = kinds::kind("person.answered").unwrap();
    let text = |name: &str, text: &str| (name.to_string(), J::Str(text.to_string()));
    let because = J::Obj([text("val", "seen")].into());
    let choice = if person.is_multiple_of(2) { "approve" } else { "deny" };
    let fields = [
        ("of".to_string(), J::Int(0)),
        ("because".to_string(), because),
        text("person", &person.to_string()),
        text("role", "role.lead"),
        text("basis", "listed"),
        text("choice", choice),
    ];
    chain.append(jiff::Timestamp::UNIX_EPOCH, &format!("person:{person}"), None, kind, fields.into()).unwrap()
}
