//! One run's task: dispatches what the run wants, brings back what came, writes down both.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use play_journal::Blob;
use play_program::artifact::Manifest;
use play_program::value::{Failure, FailureKind};
use play_scheduler::event::Came;
use play_scheduler::{Command, Event, Run, SchedulerError};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

use crate::engine::{Durable, EngineError, Finished, Pinned, Shared};
use crate::world::{Call, Came2};

/// Calls under way, by the line that asked for them.
#[derive(Default)]
struct Flights {
    set: JoinSet<Came2>,
    of: BTreeMap<Id, (u64, bool)>,
    handles: BTreeMap<u64, AbortHandle>,
}

impl Flights {
    fn start(&mut self, pinned: &Arc<Pinned>, call: Call, again: bool) {
        let (of, write) = (call.of, call.key.is_some());
        let pinned = Arc::clone(pinned);
        let handle = self.set.spawn(async move {
            let (event, blob) = pinned.world.carry_out(&*pinned.program, &pinned.manifest, call).await;
            (if again { event.of_resent() } else { event }, blob)
        });
        self.of.insert(handle.id(), (of, write));
        self.handles.insert(of, handle);
    }

    fn cancel(&mut self, of: u64) {
        if let Some(handle) = self.handles.remove(&of) {
            self.of.remove(&handle.id());
            handle.abort();
        }
    }

    /// The next that comes back; `None` when nothing is under way.
    async fn next(&mut self) -> Option<(Event, Option<Blob>)> {
        loop {
            let (id, came) = match self.set.join_next_with_id().await? {
                Ok((id, came)) => (id, Ok(came)),
                Err(e) => (e.id(), Err(e)),
            };
            // One that was cancelled is not waited for.
            let Some((of, write)) = self.of.remove(&id) else { continue };
            self.handles.remove(&of);
            return Some(came.unwrap_or_else(|e| (broken(of, write, &e), None)));
        }
    }
}

/// A call whose task went wrong inside of us. A write may have left before that.
fn broken(of: u64, write: bool, error: &JoinError) -> Event {
    let words = format!("the call's task ended badly: {error}");
    if write {
        Event::ActInDoubt { of, why: "engine fault".into(), words: Some(words), came: Came::default() }
    } else {
        Event::ReadFailed {
            of,
            failure: Failure { kind: FailureKind::Unavailable, words },
            came: Came::default(),
        }
    }
}

/// Drives a run until it is over or nothing is under way any more (a write is in doubt).
pub(crate) async fn drive(
    shared: &Shared,
    pinned: &Arc<Pinned>,
    mut run: Run,
    mut commands: Vec<Command>,
    durable: Durable,
) -> Result<Finished, EngineError> {
    let mut flights = Flights::default();
    let mut durable = Some(durable);
    loop {
        for command in std::mem::take(&mut commands) {
            match command {
                Command::Read { of, action, args, within } => {
                    shared.check()?;
                    let call = Call { of, action, args, key: None, within, until: Timestamp::MAX };
                    flights.start(pinned, call, false);
                }
                Command::Act { of, action, args, key, within, until, again } => {
                    // The intent is on the disk before anything leaves.
                    if let Some(d) = durable.take() {
                        d.wait().await?;
                    }
                    flights.start(pinned, Call { of, action, args, key: Some(key), within, until }, again);
                }
                Command::Cancel { of } => flights.cancel(of),
            }
        }
        let came = if run.state().is_over() { None } else { flights.next().await };
        let Some((event, blob)) = came else {
            if let Some(d) = durable.take() {
                d.wait().await?;
            }
            return Ok(summary(&pinned.manifest, &run));
        };
        let step = match run.apply(Timestamp::now(), event) {
            Err(SchedulerError::TooLong) => {
                let why = "an answer is too long for a line".to_string();
                return Err(EngineError::Resume { run: run.name().to_string(), why });
            }
            other => other?,
        };
        commands = step.commands;
        if !step.lines.is_empty() {
            durable = Some(shared.append(step.lines, blob.into_iter().collect()));
        }
    }
}

/// How a run stands.
pub(crate) fn summary(manifest: &Manifest, run: &Run) -> Finished {
    Finished {
        run: run.name().to_string(),
        case: run.case_id().to_string(),
        playbook: manifest.playbooks.get(run.playbook()).map(|p| p.name.clone()).unwrap_or_default(),
        state: run.state().clone(),
        severity: run.case().get(play_program::shape::CASE_SEVERITY).cloned(),
        title: run.case().get(play_program::shape::CASE_TITLE).cloned(),
        opened: run.opened(),
        in_doubt: run
            .in_doubt()
            .into_iter()
            .filter_map(|(of, action)| Some((of, manifest.action(action)?.full_name())))
            .collect(),
    }
}
