//! What persons say to runs that wait for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_program::convert;
use play_scheduler::run::Fate;
use play_scheduler::{Event, Run};

use crate::engine::{Engine, EngineError};
use crate::live::Make;
use crate::recover::Load;

/// Who has which role, where that is said. A role that nothing is said of is anybody's.
#[derive(Clone, Debug, Default)]
pub struct Roles(pub BTreeMap<String, Vec<String>>);

impl Roles {
    /// Those who have what is asked (`role.soc_lead`), when this person is none of them.
    #[must_use]
    pub fn lacks(&self, asked: &str, person: &str) -> Option<&[String]> {
        let members = self.0.get(asked.strip_prefix("role.")?)?;
        (!members.is_empty() && !members.iter().any(|m| m == person)).then_some(members)
    }
}

/// An answer to what a run asks in a line (`None`: in the one that asks), or to the approval that it asks for.
#[must_use]
pub fn answer(
    line: Option<u64>,
    approval: bool,
    choice: String,
    (person, because): (String, String),
    roles: Arc<Roles>,
) -> Make {
    Box::new(move |run, _| {
        let (of, to) = asked(run, line, approval)?;
        if roles.lacks(&to, &person).is_some() {
            return Err(format!("who answers there has {to}, and this person does not"));
        }
        Ok(Event::PersonAnswered { of, person, choice, because })
    })
}

/// What became of a write in doubt (`None`: of the one that is). `done` is its result as plain JSON, or `None` if it was not
/// done.
#[must_use]
pub fn resolution(
    line: Option<u64>,
    done: Option<serde_json::Value>,
    person: String,
    because: String,
) -> Make {
    Box::new(move |run, manifest| {
        let doubts = run.in_doubt();
        let of = match (line, doubts.as_slice()) {
            (Some(line), all) if all.iter().any(|(of, _)| *of == line) => line,
            (Some(line), _) => return Err(format!("line {line} is not a write in doubt")),
            (None, [(of, _)]) => *of,
            (None, []) => return Err("no write of it is in doubt".into()),
            (None, many) => {
                let lines: Vec<String> = many.iter().map(|(of, _)| of.to_string()).collect();
                return Err(format!("more than one write is in doubt; say which line: {}", lines.join(", ")));
            }
        };
        let done = match done {
            None => None,
            Some(json) => {
                let action = run.action_of(of).and_then(|(id, _)| manifest.action(id));
                let action = action.ok_or_else(|| format!("line {of} is not a write in doubt"))?;
                let value = convert::from_plain(&json, &action.result, &manifest.types);
                Some(value.map_err(|why| format!("the result of `{}`: {why}", action.full_name()))?)
            }
        };
        Ok(Event::ActResolved { of, done, person, because })
    })
}

/// Acts of a run are to be taken back, latest first: these, by the lines of their intents; or, where none is named, all that are
/// in force.
#[must_use]
pub fn undoing(acts: Vec<u64>, person: String, because: String) -> Make {
    Box::new(move |run, _| {
        let in_force: Vec<u64> =
            run.done().filter(|(.., fate)| *fate == Fate::InForce).map(|(of, ..)| of).collect();
        let acts = if acts.is_empty() { in_force.clone() } else { acts };
        if let Some(other) = acts.iter().find(|of| !in_force.contains(of)) {
            return Err(format!("line {other} is not an act that is in force and can be taken back"));
        }
        if acts.is_empty() {
            return Err("nothing of it is in force that can be taken back".into());
        }
        Ok(Event::UndoAsked { person, because, acts })
    })
}

/// The line that asks, and whom.
fn asked(run: &Run, line: Option<u64>, approval: bool) -> Result<(u64, String), String> {
    let open = run.waits().into_iter().filter_map(|w| Some((w.of, w.person?)));
    let open: Vec<_> =
        open.filter(|(of, asked)| line.map_or(asked.approval == approval, |l| l == *of)).collect();
    match open.as_slice() {
        [(of, asked)] if asked.approval == approval => Ok((*of, asked.to.clone())),
        [(of, asked)] if asked.approval => Err(format!("line {of} asks for an approval")),
        [(of, _)] => Err(format!("line {of} asks a question")),
        [] => Err("nobody is asked there, or it was answered before".into()),
        many => {
            let lines: Vec<String> = many.iter().map(|(of, _)| of.to_string()).collect();
            Err(format!("more than one is asked; say which line: {}", lines.join(", ")))
        }
    }
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It counts.
    Taken,
    /// The time for it was over; the run went on without it.
    TooLate,
}

impl Engine {
    /// Somebody answers what a run asks them in a line, and says why; the run goes on.
    ///
    /// # Errors
    /// When there is no such run, nothing waits there for such an answer, or the store fails.
    pub fn answer(
        &mut self,
        name: &str,
        of: u64,
        choice: &str,
        (person, because): (&str, &str),
        load: &Load<'_>,
    ) -> Result<Said, EngineError> {
        let there = self.recorded(name, load)?;
        let said = self.tell(there, |run, _, now| {
            if run.state().is_over() {
                return Err("it is over".into());
            }
            if run.waits().iter().any(|w| w.of == of && w.person.is_some() && now >= w.until) {
                // Its time has come, whoever looked at it when.
                return Ok((Event::Woke { of }, Said::TooLate));
            }
            let (person, choice, because) = (person.into(), choice.into(), because.into());
            Ok((Event::PersonAnswered { of, person, choice, because }, Said::Taken))
        })?;
        self.wake_kept(load)?;
        Ok(said)
    }

    /// Somebody wants acts of a run taken back, latest first. It may have ended, or be parked.
    ///
    /// # Errors
    /// When there is no such run or no such act, a call of the run was cut off or is under way, or the store fails.
    pub fn undo(
        &mut self,
        name: &str,
        acts: Vec<u64>,
        (person, because): (&str, &str),
        load: &Load<'_>,
    ) -> Result<(), EngineError> {
        let there = self.recorded(name, load)?;
        if there.1.is_calling() {
            let why = "a call of it was cut off; `playc run` takes it up first".into();
            return Err(EngineError::Resume { run: name.to_string(), why });
        }
        let (person, because) = (person.into(), because.into());
        self.tell(there, |_, _, _| Ok((Event::UndoAsked { person, because, acts }, ())))?;
        self.wake_kept(load)
    }
}
