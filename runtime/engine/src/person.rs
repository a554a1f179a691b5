//! What persons say to runs that wait for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_program::convert;
use play_scheduler::basis::Basis;
use play_scheduler::run::Fate;
use play_scheduler::{Asked, Event};

use crate::engine::{Engine, EngineError};
use crate::live::Make;
use crate::recover::Load;
use crate::subject::{self, NoSubject};

/// Who has which role, where that is said. A role that nothing is said of is anybody's.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// By role, those who have it.
    pub members: BTreeMap<String, Vec<String>>,
    /// Digest of the settings that say so; `None` where none are at hand.
    pub settings: Option<String>,
}

impl Roles {
    /// On what a person has the role that is asked (`role.soc_lead`).
    ///
    /// # Errors
    /// Those who have it, when this person is none of them.
    pub fn basis(&self, asked: &str, person: &str) -> Result<Basis, &[String]> {
        let Some(settings) = &self.settings else { return Ok(Basis::Unknown) };
        let members = asked.strip_prefix("role.").and_then(|role| self.members.get(role));
        match members.filter(|m| !m.is_empty()) {
            None => Ok(Basis::Anyone(settings.clone())),
            Some(members) if members.iter().any(|m| m == person) => Ok(Basis::Listed(settings.clone())),
            Some(members) => Err(members),
        }
    }

    /// As which of the roles that are asked a person decides (its place), and on what they have it. Where they may have several,
    /// the first that lists them counts.
    ///
    /// # Errors
    /// Those who have one of them, when this person is none of these.
    pub fn speaks_as(&self, asked: &Asked, person: &str) -> Result<(usize, Basis), Vec<String>> {
        let (mut able, mut others) = (Vec::new(), Vec::new());
        for (turn, role) in asked.to.iter().enumerate() {
            match self.basis(role, person) {
                Ok(basis) => able.push((turn, basis)),
                Err(members) => others.extend(members.iter().cloned()),
            }
        }
        let listed = able.iter().position(|(_, basis)| matches!(basis, Basis::Listed(_)));
        let first = (!able.is_empty()).then(|| able.swap_remove(listed.unwrap_or(0)));
        first.ok_or(others)
    }
}

/// The event of an answer to what is asked in a line.
fn answered(
    (of, asked): (u64, &Asked),
    choice: String,
    (person, because): (String, String),
    roles: &Roles,
) -> Result<Event, String> {
    let (turn, basis) = roles
        .speaks_as(asked, &person)
        .map_err(|_| format!("who answers there has {}, and this person does not", asked.who()))?;
    asked.hears(of, (person.as_str(), turn), &choice).map_err(|e| e.to_string())?;
    Ok(Event::PersonAnswered { of, person, choice, because, basis, turn })
}

/// Why an answer is refused where a run waits for none: [`subject::closed`] says more, out of its lines.
pub const NOT_ASKED: &str = "nobody is asked there, or it was answered before";

/// An answer to what a run asks in a line (`None`: in the one that asks), or to the approval that it asks for.
#[must_use]
pub fn answer(
    line: Option<u64>,
    approval: bool,
    choice: String,
    by: (String, String),
    roles: Arc<Roles>,
) -> Make {
    Box::new(move |run, _| {
        let (of, asked) = subject::asked(run, line, approval).map_err(|why| match why {
            NoSubject::OtherSort(of, asked) if asked.approval => format!("line {of} asks for an approval"),
            NoSubject::OtherSort(of, _) => format!("line {of} asks a question"),
            NoSubject::None | NoSubject::NotThere(_) => NOT_ASKED.into(),
            NoSubject::Several(all) => several("more than one is asked", &all),
        })?;
        answered((of, &asked), choice, by, &roles)
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
        let (of, action) = subject::in_doubt(run, line, false).map_err(|why| match why {
            NoSubject::NotThere(line) | NoSubject::OtherSort(line, _) => {
                format!("line {line} is not a write in doubt")
            }
            NoSubject::None => "no write of it is in doubt".into(),
            NoSubject::Several(all) => several("more than one write is in doubt", &all),
        })?;
        let done = match done {
            None => None,
            Some(json) => {
                let action = manifest.action(action);
                let action = action.ok_or_else(|| format!("line {of} is not a write in doubt"))?;
                let value = convert::from_plain(&json, &action.result, &manifest.types);
                Some(value.map_err(|why| {
                    let ty = manifest.types.name(&action.result);
                    format!("the result of `{}` is a `{ty}`, given as JSON: {why}", action.full_name())
                })?)
            }
        };
        Ok(Event::ActResolved { of, done, person, because })
    })
}

/// Acts of a run are to be taken back, latest first: these, by the lines of their intents; or, where none is named, all that are
/// in force.
#[must_use]
pub fn undoing(named: Vec<u64>, person: String, because: String) -> Make {
    Box::new(move |run, _| {
        let no_act = |line: u64| format!("line {line} is not an act that is in force and can be taken back");
        let mut acts = subject::acts(run, &named).map_err(no_act)?;
        if let Some(other) = acts.iter().find(|act| !named.is_empty() && act.fate != Fate::InForce) {
            return Err(no_act(other.of));
        }
        acts.retain(|act| act.fate == Fate::InForce);
        if acts.is_empty() {
            return Err("nothing of it is in force that can be taken back".into());
        }
        // In the order in which they were named: the latest first is the run's own matter.
        let acts = if named.is_empty() { acts.iter().map(|act| act.of).collect() } else { named };
        Ok(Event::UndoAsked { person, because, acts })
    })
}

/// A person ends the run.
#[must_use]
pub fn cancelling(person: String, because: String) -> Make {
    Box::new(move |run, _| {
        if run.state().is_over() {
            return Err(
                "it has ended already; what it did and is in force is taken back with `playc undo`".into()
            );
        }
        Ok(Event::CancelAsked { person, because })
    })
}

fn several<T>(what: &str, all: &[(u64, T)]) -> String {
    let lines: Vec<String> = all.iter().map(|(of, _)| of.to_string()).collect();
    format!("{what}; say which line: {}", lines.join(", "))
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
        roles: &Roles,
        load: &Load<'_>,
    ) -> Result<Said, EngineError> {
        let (pinned, mut run) = self.recorded(name, load)?;
        // Who was to be asked meanwhile is asked now: it may be they who answer.
        let asked = run.catch_up(of, self.now())?;
        if !asked.is_empty() {
            // What is said goes behind it, and is waited for.
            drop(self.shared.append(asked, Vec::new()));
        }
        let said = self.tell((pinned, run), |run, _, now| {
            if run.state().is_over() {
                return Err("it is over".into());
            }
            let asked = run.waits().into_iter().find(|w| w.of == of);
            let Some((until, asked)) = asked.and_then(|w| Some((w.until, w.person?))) else {
                return Err("nobody is asked there".into());
            };
            if now >= until {
                // Its time has come, whoever looked at it when.
                return Ok((Event::Woke { of }, Said::TooLate));
            }
            let by = (person.to_string(), because.to_string());
            Ok((answered((of, &asked), choice.into(), by, roles)?, Said::Taken))
        })?;
        self.wake_kept(load)?;
        Ok(said)
    }

    /// Somebody ends a run, which is not taken up for that: what a stop cut off is cancelled, and in doubt where it is a write.
    ///
    /// # Errors
    /// When there is no such run, it has ended already, or the store fails.
    pub fn cancel(
        &mut self,
        name: &str,
        (person, because): (&str, &str),
        load: &Load<'_>,
    ) -> Result<(), EngineError> {
        let (pinned, mut run) = self.recorded(name, load)?;
        let event = cancelling(person.into(), because.into())(&run, &pinned.manifest)
            .map_err(|why| EngineError::Resume { run: name.to_string(), why })?;
        let now = self.now();
        let mut step = run.apply(now, event)?;
        for of in run.unresolved() {
            step.lines.extend(run.apply(now, Event::in_doubt(of, "crash"))?.lines);
        }
        self.shared.gate.note(&run);
        let durable = self.shared.append(step.lines, Vec::new());
        let commands = run.pending();
        self.launch(None, &pinned, run, commands, Some(durable));
        self.wake_kept(load)
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
