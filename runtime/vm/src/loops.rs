//! Loops (rules 6 and 12).
//!
//! A walk visits the pass in which an answer came, and not the others: what a pass does rests on its own frame and on what is
//! round the loop, and where neither has changed it stands as it stood. So n passes side by side cost n visits, not n².

use std::cell::Cell;

use play_program::code::{TaskId, TaskKind};
use play_program::exec::{Emit, Fault, MOST_PASSES, TOO_MUCH_WORK};
use play_program::value::Value;

use crate::frame::{Around, Frame, State};
use crate::walk::{Flow, Walk};

thread_local! {
    static WALKED: Cell<u64> = const { Cell::new(0) };
}

pub(crate) fn count() {
    WALKED.set(WALKED.get().saturating_add(1));
}

/// How many tasks the runs of this thread have visited so far: what their steps cost, whatever the machine.
#[must_use]
pub fn walked() -> u64 {
    WALKED.get()
}

impl<'a> Walk<'a> {
    pub(crate) fn for_each(&mut self, frame: usize, id: TaskId, kind: &'a TaskKind) -> Flow {
        let TaskKind::For { at, list, from, region, var, gives, out } = kind else { return self.damaged() };
        let region = *region as usize;
        let Some(body) = self.code().and_then(|c| c.regions.get(region)) else { return self.damaged() };
        let Some(root) = body.tasks.first() else { return self.damaged() };
        match self.walk(frame, *list) {
            Flow::Ready => {}
            Flow::Pending => {
                // It may have too many passes.
                self.blocked = true;
                return Flow::Pending;
            }
            flow => return flow,
        }
        let Some(Value::List(items)) = self.slot(frame, *from).cloned() else { return self.damaged() };
        let weight = self.frames.get(frame).map_or(1, |f| f.weight).saturating_mul(items.len());
        if weight > MOST_PASSES {
            if self.blocked {
                return Flow::Pending;
            }
            self.emit(frame, *at, Emit::Fault(Fault { what: TOO_MUCH_WORK.into(), at: *at }));
            return Flow::Ended;
        }

        let mut passes = match self.state(frame, id).map(std::mem::take) {
            Some(State::Passes(passes)) => passes,
            _ => Box::default(),
        };
        let around = self.around(frame);
        let as_before = passes.around.as_ref() == Some(&around);
        passes.around = Some(around);
        for (slot, value) in &passes.shown {
            self.show(*slot, value.clone());
        }
        let hit = self.hit_in(frame, &passes.frames).filter(|pass| *pass >= passes.done);
        let first = match hit {
            _ if !as_before => passes.done,
            Some(pass) => pass,
            None => items.len(),
        };
        if passes.done < first {
            // Those before it wait as they did.
            self.leave(root);
        }
        for (pass, item) in items.iter().enumerate().skip(first) {
            let inner = match passes.frames.get(pass) {
                Some(inner) => *inner,
                None => {
                    let mut prefix = self.frames.get(frame).map(|f| f.prefix.clone()).unwrap_or_default();
                    prefix.extend([*at, u32::try_from(pass).unwrap_or(u32::MAX)]);
                    let new = self.frames.len();
                    let slots = usize::from(body.slots);
                    let inner = Frame::new(region, Some(frame), prefix, slots, body.tasks.len());
                    self.frames.push(Frame { weight, ..inner });
                    self.put(new, *var, item.clone());
                    passes.frames.push(new);
                    new
                }
            };
            match self.walk(inner, 0) {
                Flow::Ready if pass == passes.done => {
                    passes.done = passes.done.saturating_add(1);
                    // All that is ordered before it is settled, and so is what is seen here of the fields that it may set.
                    let seen = |slot: &u16| Some((*slot, self.view.get(usize::from(*slot))?.clone()?));
                    passes.shown = root.sets.iter().filter_map(seen).collect();
                }
                // Behind one that waits, nothing is other than it was.
                Flow::Ready | Flow::Pending if as_before => break,
                Flow::Ready => {}
                Flow::Pending if root.barrier => break,
                Flow::Pending => {}
                over @ (Flow::Ended | Flow::Left) => return over,
                Flow::Failed => return self.damaged(),
            }
        }

        let pending = passes.done < items.len();
        if !pending
            && !passes.complete
            && let Some(out) = out
        {
            let value = match gives {
                None => Value::None,
                Some(gives) => {
                    let given = |f: &usize| self.slot(*f, *gives).cloned().unwrap_or(Value::None);
                    Value::List(passes.frames.iter().map(given).collect())
                }
            };
            self.put(frame, *out, value);
        }
        passes.complete = !pending;
        self.put_state(frame, id, State::Passes(passes));
        if pending { Flow::Pending } else { Flow::Ready }
    }

    /// What the passes of a loop in this frame rest on, besides their own.
    fn around(&self, frame: usize) -> Around {
        let mut changes: u64 = 0;
        let mut at = self.frames.get(frame);
        while let Some(frame) = at {
            changes = changes.saturating_add(frame.changes);
            at = frame.outer.and_then(|outer| self.frames.get(outer));
        }
        // A field that is settled stays what it is.
        Around { blocked: self.blocked, settled: self.view.iter().map(Option::is_some).collect(), changes }
    }

    /// The pass in which the answer came.
    fn hit_in(&self, frame: usize, passes: &[usize]) -> Option<usize> {
        let mut at = self.hit?;
        loop {
            let inner = self.frames.get(at)?;
            let outer = inner.outer?;
            if outer == frame {
                let pass = usize::try_from(*inner.prefix.last()?).ok()?;
                return (passes.get(pass) == Some(&at)).then_some(pass);
            }
            at = outer;
        }
    }
}
