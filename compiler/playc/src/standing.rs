//! How runs stand, by their lines: what they wait for, what is in doubt, how they ended.

use std::collections::{BTreeMap, BTreeSet};

use play_evidence::{J, ParsedLine};
use play_program::autonomy::Autonomy;
use play_scheduler::event::{APPROVE, so_far};

/// Something that a run waits for.
pub struct Open {
    /// `time`, `question`, `approval`, `retry`, or what else a wait is for, in words.
    pub what: String,
    /// Who is asked.
    pub to: Option<String>,
    /// What they are asked, and what can be answered. May hold text from outside.
    pub question: Option<(String, String)>,
    /// How many different persons have to approve it.
    pub persons: u32,
    /// Those who have.
    pub approved_by: Vec<String>,
    /// Until when.
    pub until: String,
}

impl Open {
    fn of(what: String, until: String) -> Self {
        Self { what, to: None, question: None, persons: 1, approved_by: Vec::new(), until }
    }

    /// Somebody has said something. Whether others are asked still.
    fn still(&mut self, line: &ParsedLine) -> bool {
        if self.what == "approval" && text(line, "choice") == APPROVE {
            self.approved_by.push(text(line, "person"));
        }
        let approved = u32::try_from(self.approved_by.len()).unwrap_or(u32::MAX);
        self.what == "approval" && text(line, "choice") == APPROVE && approved < self.persons
    }

    /// How far it is, where it takes several persons.
    pub fn so_far(&self) -> Option<String> {
        so_far(self.persons, &self.approved_by)
    }
}

/// How a run stands.
#[derive(Default)]
pub struct Standing {
    /// Its playbook.
    pub playbook: String,
    /// How it is driven: `automatic`, `supervised`, `shadow`.
    pub autonomy: String,
    /// Its case.
    pub case: String,
    /// When it was opened.
    pub opened: String,
    /// How it ended: `closed` and so on, as what or to whom, and why.
    pub ended: Option<(&'static str, String, String)>,
    /// What it waits for, by line.
    pub open: BTreeMap<u64, Open>,
    /// Writes in doubt, by line of the intent: the action, and why.
    pub doubts: BTreeMap<u64, (String, String)>,
    /// Writes that do not leave, as the store is paused, by line of the intent: the action.
    pub held: BTreeMap<u64, String>,
    /// How many lines it has.
    pub lines: usize,
    /// Writes in doubt that are to be sent again, by line of the wait for that: the line of the act, and the doubt.
    resent: BTreeMap<u64, (u64, (String, String))>,
    /// Calls that are to be made again, by the key of what takes something back: the line of the wait for that.
    again: BTreeMap<String, u64>,
    /// The keys of what takes something back.
    keys: BTreeMap<u64, String>,
    /// The actions of writes.
    actions: BTreeMap<u64, String>,
    /// Calls that are out.
    out: BTreeSet<u64>,
}

/// A field as text; from a value position, what stands there.
pub fn text(line: &ParsedLine, name: &str) -> String {
    match line.field(name) {
        Some(J::Str(s)) => s.clone(),
        _ => words(line, name).unwrap_or_default(),
    }
}

/// A text that stands in a value position: what somebody else has written.
pub fn words(line: &ParsedLine, name: &str) -> Option<String> {
    let J::Obj(position) = line.field(name)? else { return None };
    Some(position.get("val")?.as_str()?.to_string())
}

impl Standing {
    /// Takes note of a line.
    pub fn take(&mut self, line: &ParsedLine) {
        self.lines = self.lines.saturating_add(1);
        let field = |name: &str| text(line, name);
        let of = line.number("of");
        match line.k.as_str() {
            "run.opened" => {
                (self.playbook, self.case, self.opened) = (field("playbook"), field("case"), line.t.clone());
                self.autonomy = match field("autonomy") {
                    word if word.is_empty() => Autonomy::Automatic.word().into(),
                    word => word,
                };
            }
            "run.closed" => self.ended = Some(("closed", field("class"), field("because"))),
            "run.handed_over" => self.ended = Some(("handed_over", field("to"), field("because"))),
            "run.shadow_ended" => {
                let because = format!("line {} would have given it", of.unwrap_or_default());
                self.ended = Some(("shadow_ended", field("needs"), because));
            }
            "run.faulted" => self.ended = Some(("faulted", field("what"), field("why"))),
            "read.asked" => {
                self.out.insert(line.seq);
            }
            "act.intended" => {
                self.out.insert(line.seq);
                self.actions.insert(line.seq, field("action"));
                if line.number("undoes").is_some() {
                    // Something else has come to take the same back, and has not waited for the time of the next attempt.
                    if let Some(wait) = self.again.remove(&field("key")) {
                        self.open.remove(&wait);
                        self.resent.remove(&wait);
                    }
                    self.keys.insert(line.seq, field("key"));
                }
            }
            "person.asked" => {
                let question = Some((field("question"), field("choices")));
                let persons = line.number("persons").and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
                let to = Some(field("to"));
                let open = Open { to, question, persons, ..Open::of(field("what"), field("until")) };
                self.open.insert(line.seq, open);
            }
            "person.escalated" => {
                if let Some(open) = of.and_then(|of| self.open.get_mut(&of)) {
                    let to = open.to.take().map(|to| format!("{to} or ")).unwrap_or_default();
                    open.to = Some(format!("{to}{}", field("to")));
                    open.until = field("until");
                }
            }
            "wait.started" => {
                let what = match field("action").as_str() {
                    "" => field("for"),
                    action => format!("what {action} is to say"),
                };
                self.open.insert(line.seq, Open::of(what, field("until")));
            }
            "retry.scheduled" => {
                // What was in doubt is sent again; where that comes to nothing, it is so still.
                if let Some((of, doubt)) = of.and_then(|of| Some((of, self.doubts.remove(&of)?))) {
                    self.resent.insert(line.seq, (of, doubt));
                }
                if let Some(key) = of.and_then(|of| self.keys.get(&of)) {
                    self.again.insert(key.clone(), line.seq);
                }
                self.open.insert(line.seq, Open::of("retry".into(), field("due")));
            }
            "act.held" => {
                if let Some(of) = of.filter(|of| self.out.remove(of)) {
                    self.held.insert(of, self.actions.get(&of).cloned().unwrap_or_default());
                }
            }
            "act.released" => {
                if let Some(of) = of {
                    self.held.remove(&of);
                    self.out.insert(of);
                }
            }
            "act.in_doubt" => {
                if let Some(of) = of {
                    self.held.remove(&of);
                    self.out.remove(&of);
                    let action = self.actions.get(&of).cloned().unwrap_or_default();
                    self.doubts.insert(of, (action, field("why")));
                }
            }
            "read.answered" | "read.failed" | "read.cancelled" | "act.done" | "act.failed"
            | "act.verified" | "act.resolved" | "act.withdrawn" => {
                if let Some(of) = of {
                    self.held.remove(&of);
                    self.out.remove(&of);
                    self.doubts.remove(&of);
                }
            }
            // The next question comes later.
            "wait.polled" if field("is") == "not yet" => {}
            // What follows says whether others are asked.
            "timer.fired" if of.and_then(|of| self.open.get(&of)).is_some_and(|o| o.to.is_some()) => {}
            "timer.cancelled" => {
                if let Some(of) = of {
                    self.open.remove(&of);
                    self.doubts.extend(self.resent.remove(&of));
                }
            }
            "person.answered" if of.and_then(|of| self.open.get_mut(&of)).is_some_and(|o| o.still(line)) => {}
            kind if ["person.", "timer.", "wait."].iter().any(|k| kind.starts_with(k)) => {
                if let Some(of) = of {
                    self.open.remove(&of);
                }
            }
            _ => {}
        }
    }

    /// In a word, as `trace list` and `playc run` have it.
    pub fn state(&self) -> &'static str {
        match &self.ended {
            Some((state, ..)) => state,
            None if !self.doubts.is_empty() => "in_doubt",
            None if self.out.is_empty() && !(self.open.is_empty() && self.held.is_empty()) => "waiting",
            None => "running",
        }
    }

    /// Its playbook, and how it is driven where that is not by its guards alone.
    pub fn playbook_words(&self) -> String {
        match self.autonomy.as_str() {
            "automatic" | "" => self.playbook.clone(),
            other => format!("{} ({other})", self.playbook),
        }
    }

    /// Whether a call was under way when its engine was stopped, or is under way now.
    pub fn is_cut_off(&self) -> bool {
        self.state() == "running"
    }
}
