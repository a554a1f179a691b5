//! A run: what it has found out, and the steps that take it further.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_program::action::{ActionId, Answer, Related, Relation};
use play_program::code::{TaskId, TaskKind};
use play_program::exec::{Emission, Fault, Key, Machine, Part};
use play_program::value::Value;

use crate::frame::{Frame, State};
use crate::guard;
use crate::interpreter::with_scratch;
use crate::load::Loaded;
use crate::request;
use crate::walk::Walk;
use crate::wants::wants;

/// A run of a playbook.
pub(crate) struct Run {
    program: Arc<Loaded>,
    playbook: usize,
    /// As it was when the run started.
    opened: Vec<Value>,
    /// As it is now.
    case: Vec<Value>,
    frames: Vec<Frame>,
    /// The calls that are out: frame and task.
    asked: BTreeMap<Key, (usize, TaskId)>,
    over: bool,
}

impl Run {
    pub(crate) fn new(program: Arc<Loaded>, playbook: usize, case: Vec<Value>) -> Self {
        let region = program.artifact.code.playbooks.get(playbook).and_then(|p| p.regions.first());
        let root = region.map(|r| Frame::new(0, None, Vec::new(), usize::from(r.slots), r.tasks.len()));
        Self {
            playbook,
            opened: case.clone(),
            case,
            // Without a playbook of this index there is nothing to do, and nothing comes of it.
            over: root.is_none(),
            frames: root.into_iter().collect(),
            asked: BTreeMap::new(),
            program,
        }
    }

    /// Takes an answer; gives the frame of the call, and nothing when none was asked under the key, or it was answered before.
    fn answer(&mut self, key: &Key, answer: Answer) -> Option<usize> {
        let (hit, task) = self.asked.remove(key)?;
        let frame = self.frames.get_mut(hit)?;
        let region =
            self.program.artifact.code.playbooks.get(self.playbook).and_then(|p| p.regions.get(frame.region));
        let out = match region.and_then(|r| r.tasks.get(task as usize)).map(|t| &t.kind) {
            Some(TaskKind::Effect { out, .. } | TaskKind::Rollback { out, .. }) => *out,
            _ => return None,
        };
        // The arm of a failed call finds the failure where the value would be.
        let (value, state) = match answer {
            Ok(value) => (value, State::Done),
            Err(failure) => (failure.value(), State::Failed),
        };
        if let Some(slot) = frame.slots.get_mut(usize::from(out)) {
            *slot = Some(value);
        }
        frame.changes = frame.changes.saturating_add(1);
        if let Some(place) = frame.states.get_mut(task as usize) {
            *place = state;
        }
        Some(hit)
    }
}

impl Machine for Run {
    fn step(&mut self, answer: Option<(&Key, Answer)>) -> Vec<Emission> {
        if self.over {
            return Vec::new();
        }
        let mut hit = None;
        if let Some((key, answer)) = answer {
            hit = self.answer(key, answer);
            if hit.is_none() {
                return Vec::new();
            }
        }
        let mut emissions = with_scratch(|scratch| {
            let mut walk = Walk {
                program: &self.program,
                playbook: self.playbook,
                frames: &mut self.frames,
                asked: &mut self.asked,
                hit,
                case: &mut self.case,
                scratch,
                view: self.opened.iter().cloned().map(Some).collect(),
                blocked: false,
                steps: Vec::new(),
                failure: None,
                out: Vec::new(),
            };
            walk.whole()
        });
        // The end comes last, also where its node is that of a function, far from here.
        emissions.sort_by(|a, b| (a.what.ends(), &a.key).cmp(&(b.what.ends(), &b.key)));
        if emissions.last().is_some_and(|e| e.what.ends()) {
            self.over = true;
            self.frames = Vec::new();
            self.asked = BTreeMap::new();
        }
        emissions
    }

    fn related(&self, action: ActionId, to: Relation, given: &[Value]) -> Result<Option<Related>, Fault> {
        request::related(&self.program, action, to, given)
    }

    fn wants(&self, at: u32) -> bool {
        self.program.artifact.code.playbooks.get(self.playbook).is_none_or(|p| wants(p, at))
    }

    fn case(&self) -> &[Value] {
        &self.case
    }

    fn guard(&self, guard: usize, clause: usize, act: &[Value]) -> Result<(bool, Vec<Part>), Fault> {
        guard::clause(&self.program, guard, clause, &self.case, act)
    }

    fn until(&self, until: u32, given: &[Value]) -> Result<(bool, Vec<Part>), Fault> {
        guard::until(&self.program, self.playbook, until, &self.case, given)
    }
}
