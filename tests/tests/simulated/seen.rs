//! What everybody can know from durable lines: who is asked what, which writes are in doubt, what has ended.

use std::collections::{BTreeMap, BTreeSet};

use play_evidence::{J, ParsedLine};
use play_scheduler::register::Register;

/// A run, and a line of it.
pub type At = (String, u64);

/// What is durable.
#[derive(Default)]
pub struct Seen {
    /// Questions and approvals that are open; whether it is an approval.
    pub asked: BTreeMap<At, bool>,
    /// Writes in doubt that a person has to look into, with their keys.
    pub doubts: BTreeMap<At, String>,
    /// Those of them that are to be sent again, by the line that says so.
    resent: BTreeMap<At, (At, String)>,
    /// Writes: key and action, by line.
    acts: BTreeMap<At, String>,
    /// Keys of writes that have no certain outcome, by line.
    out: BTreeMap<At, String>,
    /// Keys of all writes that were intended.
    pub intended: BTreeSet<String>,
    /// Runs that are there, and whether they have ended.
    pub runs: BTreeMap<String, bool>,
    /// What is in force.
    pub register: Register,
    /// Runs in the order in which they were opened.
    pub order: Vec<String>,
}

pub fn text(line: &ParsedLine, name: &str) -> String {
    line.field(name).and_then(J::as_str).unwrap_or_default().to_string()
}

impl Seen {
    /// The key of a write.
    pub fn key(&self, at: &At) -> Option<String> {
        self.acts.get(at).cloned()
    }

    /// The keys of writes of which nobody knows yet what came of them: after a crash they may have been sent, or not.
    pub fn left_over(&self) -> BTreeSet<String> {
        self.out.values().cloned().collect()
    }

    /// Takes note of a line.
    pub fn read(&mut self, bytes: &[u8]) {
        // Most lines are of other kinds, and to read one whole takes its time.
        let text = std::str::from_utf8(bytes).unwrap();
        let kind = text.find("\"k\":\"").map_or("", |at| &text[at + 5..]);
        if ["act.", "retry.", "hold.", "rollback.", "run.", "person.", "timer.cancelled"]
            .iter()
            .any(|k| kind.starts_with(k))
        {
            self.take(&ParsedLine::parse(bytes).unwrap());
        }
    }

    fn take(&mut self, line: &ParsedLine) {
        self.register.take(line);
        let at = |of: u64| (line.run.clone(), of);
        let of = line.number("of").map(at);
        match line.k.as_str() {
            "run.opened" => {
                self.runs.insert(line.run.clone(), false);
                self.order.push(line.run.clone());
            }
            "run.closed" | "run.handed_over" | "run.faulted" | "run.shadow_ended" => {
                self.runs.insert(line.run.clone(), true);
            }
            "person.asked" => {
                self.asked.insert(at(line.seq), text(line, "what") == "approval");
            }
            "person.answered" | "person.expired" => self.asked.retain(|at, _| Some(at) != of.as_ref()),
            "timer.cancelled" => {
                self.asked.retain(|at, _| Some(at) != of.as_ref());
                // What was to be sent again is not: it is in doubt as before.
                self.doubts.extend(of.and_then(|of| self.resent.remove(&of)));
            }
            "retry.scheduled" => {
                if let Some(doubt) = of.and_then(|of| self.doubts.remove_entry(&of)) {
                    self.resent.insert(at(line.seq), doubt);
                }
            }
            "act.intended" => {
                let key = text(line, "key");
                self.intended.insert(key.clone());
                self.out.insert(at(line.seq), key.clone());
                self.acts.insert(at(line.seq), key);
            }
            "act.in_doubt" => {
                if let Some((of, key)) = of.and_then(|of| Some((of.clone(), self.acts.get(&of)?.clone()))) {
                    self.doubts.insert(of, key);
                }
            }
            "act.done" | "act.failed" | "act.verified" | "act.resolved" => {
                self.doubts.retain(|at, _| Some(at) != of.as_ref());
                self.out.retain(|at, _| Some(at) != of.as_ref());
            }
            "act.withdrawn" => self.out.retain(|at, _| Some(at) != of.as_ref()),
            _ => {}
        }
    }
}
