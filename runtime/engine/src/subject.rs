//! What a decision of a person is about: the line that asks them, the write in doubt, the acts that are to be taken back. Found
//! in one place, and given as data; whoever speaks to the person has the words.

use std::collections::BTreeSet;
use std::fmt;

use play_evidence::{J, ParsedLine};
use play_program::action::ActionId;
use play_scheduler::run::Fate;
use play_scheduler::{Asked, Run};

/// Why there is no line that a decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSubject<T> {
    /// The run has none.
    None,
    /// The line that was named is none.
    NotThere(u64),
    /// The line that was named asks for something else: a question for an approval, or the other way round.
    OtherSort(u64, Box<T>),
    /// No line was named, and there are several.
    Several(Vec<(u64, T)>),
}

/// The line that asks for an approval, or asks a question; `line` names it where there are several.
///
/// # Errors
/// When there is not exactly one.
pub fn asked(run: &Run, line: Option<u64>, approval: bool) -> Result<(u64, Asked), NoSubject<Asked>> {
    let mut open: Vec<(u64, Asked)> =
        run.waits().into_iter().filter_map(|w| Some((w.of, w.person?))).collect();
    open.retain(|(of, asked)| line.map_or(asked.approval == approval, |line| *of == line));
    match one(open, line)? {
        (of, asked) if asked.approval == approval => Ok((of, asked)),
        (of, asked) => Err(NoSubject::OtherSort(of, Box::new(asked))),
    }
}

/// The write in doubt; `line` names it where there are several. With `cut_off`, writes that a stop has cut off count: they are in
/// doubt as soon as the run is taken up.
///
/// # Errors
/// When there is not exactly one.
pub fn in_doubt(run: &Run, line: Option<u64>, cut_off: bool) -> Result<(u64, ActionId), NoSubject<ActionId>> {
    let mut doubts = run.in_doubt();
    if cut_off {
        doubts.extend(run.unresolved().into_iter().filter_map(|of| Some((of, run.action_of(of)?.0))));
    }
    doubts.retain(|(of, _)| line.is_none_or(|line| *of == line));
    one(doubts, line)
}

/// An act that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// `seq` of its `act.intended`.
    pub of: u64,
    /// Which.
    pub action: ActionId,
    /// Whether it can be taken back.
    pub fate: Fate,
}

/// The acts with these lines; all that were done, where none is named.
///
/// # Errors
/// The first line that is no act that was done.
pub fn acts(run: &Run, named: &[u64]) -> Result<Vec<Act>, u64> {
    let all: Vec<Act> = run.done().map(|(of, action, fate)| Act { of, action, fate }).collect();
    match named.iter().find(|line| !all.iter().any(|act| act.of == **line)) {
        Some(other) => Err(*other),
        None => Ok(all.into_iter().filter(|act| named.is_empty() || named.contains(&act.of)).collect()),
    }
}

/// Why nothing is asked any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The line that asked.
    pub of: u64,
    /// When that was over, as the evidence has it.
    pub at: String,
    /// Who decided, and what; `None` where the time was over.
    pub by: Option<(String, String)>,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, at, by } = self;
        match by {
            Some((person, choice)) => write!(f, "line {of} was answered by {person} at {at}: {choice}"),
            None => write!(f, "the time for an answer to line {of} was over at {at}"),
        }
    }
}

/// What became of what was asked last in a run, by its lines: of this line where one is named, and of an approval or a question.
#[must_use]
pub fn closed(lines: &[Vec<u8>], line: Option<u64>, approval: bool) -> Option<Closed> {
    let mut asked = BTreeSet::new();
    let mut last = None;
    for l in lines.iter().filter_map(|l| ParsedLine::parse(l).ok()) {
        let text = |name: &str| l.field(name).and_then(J::as_str).unwrap_or_default().to_string();
        match l.k.as_str() {
            "person.asked" if line.map_or((text("what") == "approval") == approval, |line| line == l.seq) => {
                asked.insert(l.seq);
            }
            kind @ ("person.answered" | "person.expired") => {
                let Some(of) = l.number("of").filter(|of| asked.contains(of)) else { continue };
                let by = (kind == "person.answered").then(|| (text("person"), text("choice")));
                last = Some(Closed { of, at: l.t.clone(), by });
            }
            _ => {}
        }
    }
    last
}

fn one<T>(mut all: Vec<(u64, T)>, line: Option<u64>) -> Result<(u64, T), NoSubject<T>> {
    match (all.pop(), line) {
        (Some(last), _) if all.is_empty() => Ok(last),
        (Some(last), _) => {
            all.push(last);
            Err(NoSubject::Several(all))
        }
        (None, Some(line)) => Err(NoSubject::NotThere(line)),
        (None, None) => Err(NoSubject::None),
    }
}
