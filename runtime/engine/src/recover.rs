//! After a stop: every run that is not over is decided again from its record, and goes on from there.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use play_evidence::{J, ParsedLine};
use play_program::artifact::Manifest;
use play_scheduler::autonomy::opens_shadow;
use play_scheduler::replay::{Replay, replay};
use play_scheduler::{Event, Run, Step};

use crate::engine::{Engine, EngineError, Pinned};
use crate::person::resolution;

/// Opens the program of an artifact that is not the one in force: a run is pinned to its artifact for life.
pub type Load<'a> = dyn Fn(&[u8]) -> Result<Pinned, String> + 'a;

/// What recovery found.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Runs that go on.
    pub resumed: Vec<String>,
    /// Runs that rest until a time: each with when it is to be woken, at the latest. Only where somebody does that.
    pub resting: Vec<(Box<str>, Timestamp)>,
    /// Runs that only wait for a time to come.
    pub waiting: Vec<String>,
    /// Runs that have ended, and hold something until a time.
    pub held: Vec<String>,
    /// Runs that wait for a person: a write is in doubt.
    pub parked: Vec<String>,
    /// How many are this engine's own, and could not be read just now: the next claim goes on with them.
    pub left: usize,
    /// Runs that could not be taken up, and why. They are left as they are.
    pub stuck: Vec<(String, String)>,
}

/// The digest of the program of a run.
fn artifact_of(lines: &[Vec<u8>]) -> Result<String, String> {
    let first = lines.first().ok_or("it has no lines")?;
    let first = ParsedLine::parse(first).map_err(|e| e.to_string())?;
    match first.field("artifact") {
        Some(J::Str(artifact)) => Ok(artifact.clone()),
        _ => Err("its first line names no artifact".into()),
    }
}

/// A run as its lines have it.
fn decided_again(
    pinned: Arc<Pinned>,
    artifact: &str,
    lines: &[Vec<u8>],
) -> Result<(Arc<Pinned>, Run), String> {
    let views: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    match replay(&*pinned.program, &pinned.manifest, artifact, &views) {
        Replay::Identical { run, .. } => Ok((pinned, *run)),
        Replay::Differs(d) => Err(format!("its record does not replay: line {}: {}", d.line, d.why)),
        Replay::Undecidable { line, why } => {
            Err(format!("its record cannot be replayed from line {line}: {why}"))
        }
    }
}

/// Whether these are the lines of a shadow run.
fn is_shadow(lines: &[Vec<u8>]) -> bool {
    lines.first().and_then(|line| ParsedLine::parse(line).ok()).is_some_and(|line| opens_shadow(&line))
}

impl Engine {
    /// Takes up every run of the store that is not over. Where somebody wakes the runs that rest, these are only named: whether
    /// their record still decides as it did shows when they are woken.
    ///
    /// # Errors
    /// When the store cannot be read or written. A run that cannot be taken up is reported, not an error.
    pub async fn recover(&mut self, load: &Load<'_>) -> Result<Recovered, EngineError> {
        let mut found = Recovered::default();
        let outlooks = std::mem::take(&mut self.known.outlooks);
        let claimed: BTreeSet<String> = std::mem::take(&mut self.claimed).into_iter().collect();
        let ours = |name: &str| !self.shared.shares || claimed.contains(name);
        let rests = |name: &str| {
            let at = outlooks.get(name).filter(|_| self.shared.parks)?.rests()?;
            self.shared.in_force.rests(name).then_some(at)
        };
        let mut open = Vec::new();
        for name in self.shared.store.runs()? {
            match rests(&name) {
                _ if self.shared.in_force.is_settled(&name) || !ours(&name) => {}
                Some(at) => found.resting.push((name.into(), at)),
                None => open.push(name),
            }
        }
        drop(outlooks);
        let over = claimed.iter().filter(|name| self.shared.in_force.is_settled(name)).cloned().collect();
        for name in open {
            let lines = self.shared.store.lines_of(&name)?;
            if self.shared.dry && !is_shadow(&lines) {
                continue;
            }
            self.go_on_with(name, &lines, load, &mut found).await?;
        }
        self.let_go(over).await?;
        // Of a store that nobody has shared before, it was never said whose its runs are.
        let rest = self.own_the_rest()?;
        self.taken.extend(rest);
        self.take_over(load, &mut found).await?;
        if !self.shared.gate.is_shut() && !self.shared.dry {
            // An engine was stopped after it was resumed, or it was resumed without one.
            self.release_held(load);
        }
        Ok(found)
    }

    /// Goes on with a run that nobody drives.
    pub(crate) async fn go_on_with(
        &mut self,
        name: String,
        lines: &[Vec<u8>],
        load: &Load<'_>,
        found: &mut Recovered,
    ) -> Result<(), EngineError> {
        match self.rebuild(lines, load)? {
            Err(why) => found.stuck.push((name, why)),
            // Nothing was cut off: it waits as before.
            Ok((pinned, run)) if !run.is_calling() && !run.pending().is_empty() => {
                let commands = run.pending();
                let list = if run.state().is_over() { &mut found.held } else { &mut found.waiting };
                list.push(name);
                self.launch(None, &pinned, run, commands, None);
            }
            Ok((pinned, run)) if !run.is_calling() => {
                found.parked.push(name);
                if let Ok(mut all) = self.finished.lock() {
                    all.push(crate::drive::summary(&pinned.manifest, &run));
                }
            }
            Ok((pinned, mut run)) => {
                // It was under way beside all others, and they may wait for it: it does not wait for them.
                let slot = self.free_room();
                let step = self.take_up(&mut run)?;
                let durable = self.shared.append(step.lines, Vec::new());
                self.launch(slot, &pinned, run, step.commands, Some(durable));
                found.resumed.push(name);
            }
        }
        Ok(())
    }

    /// Takes up the runs that wait for others to let go of something, so that they see what is done now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn wake_kept(&mut self, load: &Load<'_>) -> Result<(), EngineError> {
        for name in self.shared.in_force.kept(&self.shared.live) {
            if !self.owns(&name) {
                continue;
            }
            let lines = self.shared.store.lines_of(&name)?;
            // One that cannot be taken up is told of by the next start that takes up all.
            if let Ok((pinned, run)) = self.rebuild(&lines, load)?
                && !run.is_calling()
            {
                let commands = run.pending();
                self.launch(None, &pinned, run, commands, None);
            }
        }
        Ok(())
    }

    /// Goes on with a run after a stop. A write that was intended and has no outcome may have gone out: it is in doubt,
    /// unless its target honours our key.
    pub(crate) fn take_up(&self, run: &mut Run) -> Result<Step, EngineError> {
        let event = Event::Resumed { engine: self.shared.name.clone(), why: "restart".into() };
        let mut step = run.apply(self.now(), event)?;
        for of in run.unresolved() {
            let doubt = run.apply(self.now(), Event::in_doubt(of, "crash"))?;
            step.lines.extend(doubt.lines);
            step.commands.extend(doubt.commands);
        }
        Ok(step)
    }

    /// What goes on in a run that is taken up: what was cut off is resolved, and what only waits waits as before.
    pub(crate) fn going_on(&self, run: &mut Run) -> Result<Step, EngineError> {
        if run.is_calling() {
            return self.take_up(run);
        }
        Ok(Step { commands: run.pending(), ..Step::default() })
    }

    /// A run that nobody drives, as its record says it stands.
    pub(crate) fn recorded(
        &mut self,
        name: &str,
        load: &Load<'_>,
    ) -> Result<(Arc<Pinned>, Run), EngineError> {
        if !self.owns(name) {
            let why = "another of those who share the store drives it".into();
            return Err(EngineError::Resume { run: name.to_string(), why });
        }
        let lines = self.shared.store.lines_of(name)?;
        self.rebuild(&lines, load)?.map_err(|why| EngineError::Resume { run: name.to_string(), why })
    }

    /// Takes such a run up, tells it the event that `make` gives for it as it stands then, and lets it go on.
    pub(crate) fn tell<T>(
        &mut self,
        (pinned, mut run): (Arc<Pinned>, Run),
        make: impl FnOnce(&Run, &Manifest, Timestamp) -> Result<(Event, T), String>,
    ) -> Result<T, EngineError> {
        let mut step = self.going_on(&mut run)?;
        let now = self.now();
        let (event, said) = make(&run, &pinned.manifest, now)
            .map_err(|why| EngineError::Resume { run: run.name().to_string(), why })?;
        let of = event.of();
        let went_on = run.apply(now, event)?;
        self.shared.gate.note(&run);
        // It is answered: nothing is waited for there any more, unless others are asked still.
        let open = run.waits().iter().any(|w| Some(w.of) == of && w.person.is_some());
        step.commands.retain(|c| open || Some(c.of()) != of);
        step.lines.extend(went_on.lines);
        step.commands.extend(went_on.commands);
        let durable = self.shared.append(step.lines, Vec::new());
        self.launch(None, &pinned, run, step.commands, Some(durable));
        Ok(said)
    }

    /// Decides a run again from its lines, with the program that it is pinned to; or why that is not possible.
    ///
    /// # Errors
    /// When the store is out of reach for its program: that says nothing about the run.
    pub(crate) fn rebuild(
        &mut self,
        lines: &[Vec<u8>],
        load: &Load<'_>,
    ) -> Result<Result<(Arc<Pinned>, Run), String>, EngineError> {
        let artifact = match artifact_of(lines) {
            Ok(artifact) => artifact,
            Err(why) => return Ok(Err(why)),
        };
        Ok(self.pinned_to(&artifact, load)?.and_then(|pinned| decided_again(pinned, &artifact, lines)))
    }

    /// The program with this digest; or why there is none.
    ///
    /// # Errors
    /// When the store is out of reach for it.
    fn pinned_to(
        &mut self,
        artifact: &str,
        load: &Load<'_>,
    ) -> Result<Result<Arc<Pinned>, String>, EngineError> {
        if artifact == self.artifact {
            return Ok(Ok(Arc::clone(&self.pinned)));
        }
        if let Some(pinned) = self.older.get(artifact) {
            return Ok(Ok(Arc::clone(pinned)));
        }
        let bytes = match self.shared.store.artifact(artifact) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(Err(format!("its artifact {artifact} is not in the store"))),
            Err(e) if e.passes() => return Err(e.into()),
            Err(e) => return Ok(Err(e.to_string())),
        };
        Ok(load(&bytes).map(|pinned| {
            let pinned = Arc::new(pinned);
            self.older.insert(artifact.to_string(), Arc::clone(&pinned));
            pinned
        }))
    }

    /// A person says what became of a write in doubt; the run goes on. `done` is its result as plain JSON (`null` where
    /// the action has none), or `None` if it was not done.
    ///
    /// # Errors
    /// When there is no such run or no such write in doubt, the result does not fit the action, or the store fails.
    pub fn resolve(
        &mut self,
        name: &str,
        of: u64,
        done: Option<serde_json::Value>,
        (person, because): (&str, &str),
        load: &Load<'_>,
    ) -> Result<(), EngineError> {
        let there = self.recorded(name, load)?;
        self.tell_made(there, resolution(Some(of), done, person.into(), because.into()))?;
        self.wake_kept(load)
    }
}
