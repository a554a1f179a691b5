//! One run's task: dispatches what the run wants, brings back what came, writes down both.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use play_journal::Blob;
use play_program::artifact::Manifest;
use play_scheduler::register::Release;
use play_scheduler::run::target;
use play_scheduler::{Command, Counting, Event, Run, SchedulerError};

use crate::engine::{Durable, EngineError, Finished, Pinned, Shared, Slot};
use crate::flights::{Flights, PATIENCE};
use crate::hearing::{AGAIN, Unheard};
use crate::live::{Inbox, Word};
use crate::signal::Watch;
use crate::world::{Call, Came2};

/// Drives a run until it is over, or nothing is under way any more (a write is in doubt, or a person is asked), or it only waits
/// for a time that is far off and the engine comes to its end, or has somebody who takes it up then.
pub(crate) async fn drive(
    shared: &Arc<Shared>,
    pinned: &Arc<Pinned>,
    mut run: Run,
    mut commands: Vec<Command>,
    mut durable: Option<Durable>,
    (mut slot, mut inbox): (Option<Slot>, Inbox),
) -> Result<Finished, EngineError> {
    let mut flights = Flights::default();
    let ending = shared.ending.from_the_first();
    // Counts, and what has arrived already, need no waiting, but come as events like all else.
    let mut counted = VecDeque::new();
    // What is to be taken back when no other run holds it: the call, and the last answer.
    let mut releases: BTreeMap<u64, (String, Option<Release>)> = BTreeMap::new();
    let mut changes = shared.in_force.changes();
    let mut together = Together::default();
    let mut unheard = Unheard::default();
    let name = run.name().to_string();
    loop {
        for command in std::mem::take(&mut commands) {
            match command {
                Command::Read { of, action, args, within, fresh, before, owed } => {
                    shared.check()?;
                    let call =
                        Call { of, action, args, key: None, within, until: Timestamp::MAX, fresh, owed };
                    let before = before.and_then(|(act, args)| target(&pinned.manifest, act, &args));
                    together.looks(shared, &call, before.as_deref());
                    flights.start(shared, run.name(), pinned, call, (false, before));
                }
                Command::Act { of, action, args, key, within, until, again, owed } => {
                    // The intent is on the disk before anything leaves.
                    if let Some(d) = durable.take() {
                        flights.let_go();
                        d.wait().await?;
                    }
                    let call = Call { of, action, args, key: Some(key), within, until, fresh: true, owed };
                    flights.start(shared, run.name(), pinned, call, (again, None));
                }
                Command::Wake { of, at } => flights.wake(of, at, shared.now()),
                Command::Release { of, call, known, .. } => {
                    releases.insert(of, (call, known));
                    together.is_new = true;
                }
                Command::Listen { of, wanted } => unheard.add(of, wanted),
                // It is told when writes leave again. They may do so since it was held.
                Command::Hold { of } => {
                    shared.gate.note(&run);
                    if !shared.gate.is_shut() {
                        counted.push_back(Event::ActReleased { of });
                    }
                }
                // They see it in what the run waits for.
                Command::Ask { .. } => {}
                Command::Count { of, limits, reserve } if shared.shares => {
                    together.counts.push_back((of, limits, reserve));
                }
                Command::Count { of, limits, reserve } => {
                    let counts = shared.counter.count(&limits, reserve, shared.now());
                    counted.push_back(Event::Counted { of, counts });
                }
                Command::Cancel { of } => {
                    counted.retain(|e| e.of() != Some(of));
                    together.forget(of);
                    releases.remove(&of);
                    unheard.forget(of);
                    shared.in_force.forget(&name, of);
                    shared.in_force.looked(&name, of);
                    shared.arrivals.forget(&name, of);
                    flights.cancel(of);
                }
            }
        }
        counted.extend(unheard.look(shared, pinned, &name)?);
        if shared.shares {
            if together.wants_a_turn(shared, &name, &releases, &mut changes) {
                // Others write as well: it is asked, decided and written while they do not.
                flights.let_go();
                let turn = shared.turn().await?;
                let event = match together.counted(shared) {
                    None => first_answer(shared, &name, &mut releases),
                    counted => counted,
                };
                together.is_new = event.is_some();
                if let Some(event) = event {
                    let of = event.of();
                    let step = run.apply(shared.now(), event).map_err(|e| too_long(&run, e))?;
                    if let Some(of) = of.filter(|_| step.lines.is_empty()) {
                        // It does not want to know any more.
                        shared.in_force.forget(&name, of);
                    }
                    commands = step.commands;
                    shared.gate.note(&run);
                    if !step.lines.is_empty() {
                        durable = Some(shared.append(step.lines, Vec::new()));
                    }
                }
                drop(turn);
                continue;
            }
        } else {
            changes.mark();
            counted.extend(answers(shared, &name, &mut releases));
        }
        let now = shared.now();
        let soon = now.checked_add(PATIENCE).unwrap_or(Timestamp::MAX);
        let is_near = |(of, _): (&u64, &_)| shared.in_force.is_soon(&name, *of, soon, &shared.live);
        let nothing = counted.is_empty() && flights.is_empty() && releases.is_empty() && unheard.is_empty();
        let came = if nothing || run.is_settled() {
            Heard::Nothing
        } else if let Some(event) = counted.pop_front() {
            Heard::Event(event, None)
        } else {
            let far = flights.is_far(now, shared.parks) && !releases.iter().any(is_near);
            if far {
                // Who only waits keeps nobody else from running.
                slot = None;
            }
            // Looked at anew when the end comes: others may have been taken up meanwhile that let go of something soon.
            let parks = shared.parks && releases.is_empty() && unheard.is_empty();
            let parked = far && (ending.has_changed() || parks);
            // With neither an end of the engine to wait for nor a change there is only what is under way.
            tokio::select! {
                biased;
                Some(word) = inbox.recv() => Heard::Word(word),
                () = std::future::ready(()), if parked => Heard::Nothing,
                came = flights.next(), if !flights.is_empty() => came.into(),
                () = changes.changed(), if !releases.is_empty() => continue,
                () = ending.changed(), if far && !parked => continue,
                () = unheard.again(), if !unheard.is_empty() => continue,
            }
        };
        let came = match came {
            Heard::Nothing => {
                if let Some(d) = durable.take() {
                    d.wait().await?;
                }
                match shared.live.leave(run.name(), &mut inbox) {
                    Some(word) => Heard::Word(word),
                    None => {
                        drop(slot);
                        return Ok(Finished {
                            wakes: flights.next_timer(),
                            ..summary(&pinned.manifest, &run)
                        });
                    }
                }
            }
            came => came,
        };
        let (event, blob, heard) = match came {
            Heard::Nothing => continue,
            // It was told so before, or was cancelled.
            Heard::Event(Event::ActReleased { of }, _) if !run.is_held_back(of) => continue,
            Heard::Event(event, blob) => (event, blob, None),
            Heard::Word(Word { make, heard }) => match make(&run, &pinned.manifest) {
                Ok(event) => (event, None, Some(heard)),
                Err(why) => {
                    let why = EngineError::Resume { run: run.name().to_string(), why };
                    // Whoever spoke may be gone.
                    let _ = heard.send(Err(why));
                    continue;
                }
            },
        };
        if let Event::Woke { of } = &event {
            if unheard.has(*of) {
                // What it waits for may have come in time.
                flights.wake(*of, shared.now().checked_add(AGAIN).unwrap_or(Timestamp::MAX), shared.now());
                continue;
            }
            // A wait whose time is over hears nothing any more.
            shared.arrivals.forget(&name, *of);
        }
        let was_held = !run.held_back().is_empty();
        let of = event.of();
        // How something was found, and the act that rests on it, are written in one turn: nobody takes it back in between.
        let looked = of.and_then(|of| together.looked(of));
        let turn = if looked.is_some() {
            flights.let_go();
            shared.turn().await?
        } else {
            None
        };
        if let Some((call, target)) = looked
            && shared.in_force.was_disturbed(&name, call.of)
        {
            drop(turn);
            shared.in_force.looked(&name, call.of);
            together.looks(shared, &call, Some(&target));
            flights.start(shared, run.name(), pinned, call, (false, Some(target)));
            continue;
        }
        let step = match run.apply(shared.now(), event) {
            Err(e @ SchedulerError::TooLong) => return Err(too_long(&run, e)),
            // What a person says may be wrong; the run is as before then.
            Err(e) => match heard {
                Some(heard) => {
                    let _ = heard.send(Err(e.into()));
                    continue;
                }
                None => return Err(e.into()),
            },
            Ok(step) => step,
        };
        commands = step.commands;
        if was_held || !run.held_back().is_empty() {
            shared.gate.note(&run);
        }
        if !step.lines.is_empty() {
            durable = Some(shared.append(step.lines, blob.into_iter().collect()));
        }
        drop(turn);
        if let Some(of) = of {
            shared.in_force.looked(&name, of);
        }
        if let Some(heard) = heard {
            shared.tell(heard);
        }
    }
}

/// What a run is to decide together with others, where several write.
#[derive(Default)]
struct Together {
    /// What its guards are to count: by the line that asks.
    counts: VecDeque<(u64, Vec<Counting>, bool)>,
    /// Whether something is to be taken back of which nobody has asked since.
    is_new: bool,
    /// How the targets of acts are found before these, and what is looked at.
    looks: BTreeMap<u64, (Call, String)>,
}

impl Together {
    /// A look at a target begins.
    fn looks(&mut self, shared: &Shared, call: &Call, target: Option<&str>) {
        if let Some(target) = target.filter(|_| shared.shares) {
            self.looks.insert(call.of, (call.clone(), target.to_string()));
        }
    }

    /// It is over.
    fn looked(&mut self, of: u64) -> Option<(Call, String)> {
        self.looks.remove(&of)
    }

    fn forget(&mut self, of: u64) {
        self.counts.retain(|(asked, ..)| *asked != of);
        self.looks.remove(&of);
    }

    /// Whether there is something to decide, as far as is known here.
    fn wants_a_turn(
        &mut self,
        shared: &Shared,
        run: &str,
        releases: &BTreeMap<u64, (String, Option<Release>)>,
        changes: &mut Watch,
    ) -> bool {
        if !self.counts.is_empty() {
            return true;
        }
        if releases.is_empty() || !self.is_new && !changes.has_changed() {
            return false;
        }
        // Before the look: what changes after it is looked at again.
        changes.mark();
        self.is_new = false;
        releases.iter().any(|(of, (call, known))| {
            let answer = shared.in_force.peek(run, *of, call);
            answer.is_some() && answer != *known
        })
    }

    /// What the guards of an act have let through, over all who write. In a turn.
    fn counted(&mut self, shared: &Shared) -> Option<Event> {
        let (of, limits, reserve) = self.counts.pop_front()?;
        let counts = shared.counter.count(&limits, reserve, shared.now());
        Some(Event::Counted { of, counts })
    }
}

fn too_long(run: &Run, error: SchedulerError) -> EngineError {
    match error {
        SchedulerError::TooLong => {
            let why = "an answer is too long for a line".to_string();
            EngineError::Resume { run: run.name().to_string(), why }
        }
        e => e.into(),
    }
}

/// What a run hears next.
enum Heard {
    /// It came back, or its time has come.
    Event(Event, Option<Blob>),
    /// Somebody says something.
    Word(Word),
    /// There is nothing to wait for.
    Nothing,
}

impl From<Option<Came2>> for Heard {
    fn from(came: Option<Came2>) -> Self {
        came.map_or(Self::Nothing, |(event, blob)| Self::Event(event, blob))
    }
}

/// What is new about what a run wants to take back.
fn answers(
    shared: &Shared,
    run: &str,
    releases: &mut BTreeMap<u64, (String, Option<Release>)>,
) -> Vec<Event> {
    let mut news = Vec::new();
    releases.retain(|of, (call, known)| {
        let Some(answer) = shared.in_force.ask(run, *of, call) else { return true };
        if known.as_ref() == Some(&answer) {
            return true;
        }
        let goes_on = matches!(answer, Release::Held { .. });
        *known = Some(answer.clone());
        news.push(Event::Released { of: *of, answer });
        goes_on
    });
    news
}

/// The first news about what a run wants to take back. In a turn: what is free is being taken back from then on.
fn first_answer(
    shared: &Shared,
    run: &str,
    releases: &mut BTreeMap<u64, (String, Option<Release>)>,
) -> Option<Event> {
    for (of, (call, known)) in releases.iter_mut() {
        let Some(answer) = shared.in_force.ask(run, *of, call) else { continue };
        if known.as_ref() == Some(&answer) {
            continue;
        }
        let of = *of;
        if matches!(answer, Release::Held { .. }) {
            *known = Some(answer.clone());
        } else {
            releases.remove(&of);
        }
        return Some(Event::Released { of, answer });
    }
    None
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
        waits: run.waits(),
        holds: run.holds(),
        kept: run.kept_by_others(),
        not_taken_back: run
            .not_taken_back()
            .into_iter()
            .filter_map(|(of, action, why)| Some((of, manifest.action(action)?.full_name(), why)))
            .collect(),
        wakes: None,
        autonomy: run.autonomy().clone(),
        would: run.would().iter().map(|(of, would)| (*of, would.words(manifest))).collect(),
        held_back: run
            .held_back()
            .into_iter()
            .filter_map(|(of, action)| Some((of, manifest.action(action)?.full_name())))
            .collect(),
        in_doubt: run
            .in_doubt()
            .into_iter()
            .filter_map(|(of, action)| Some((of, manifest.action(action)?.full_name())))
            .collect(),
    }
}
