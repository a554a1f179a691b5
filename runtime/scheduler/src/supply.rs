//! What stands between the runs and a connector: how often it may be asked, and what it answered lately.
//!
//! Shared by all runs of an engine, and by the one run of a test. Pure: the time is an argument. Nothing of it has to outlast a
//! stop: an answer that was kept is an answer like another, recorded where it was used.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use play_program::Value;
use play_program::action::{Action, ActionId};
use play_program::artifact::Manifest;
use play_program::convert;

/// The most answers that are kept; then the oldest make room.
const MOST_KEPT: usize = 10_000;

/// Limits and kept answers of the connectors of a program.
#[derive(Debug, Default)]
pub struct Supply {
    /// By connector: when the latest requests left or will leave, at most as many as its limit has.
    left: BTreeMap<String, VecDeque<Timestamp>>,
    /// By action and arguments.
    kept: BTreeMap<(ActionId, String), (Timestamp, Value)>,
    /// The same, the oldest first.
    order: VecDeque<(Timestamp, ActionId, String)>,
}

impl Supply {
    /// When the next request of this action may leave. It is taken to leave then.
    pub fn turn(&mut self, manifest: &Manifest, action: &Action, now: Timestamp) -> Timestamp {
        let limit = manifest.connectors.iter().find(|c| c.name == action.connector).and_then(|c| c.limit);
        let Some((most, per)) = limit else { return now };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let left = self.left.entry(action.connector.clone()).or_default();
        while left.len() > most {
            left.pop_front();
        }
        let full = (left.len() == most).then(|| left.pop_front()).flatten();
        let free = full.map_or(now, |first| first.checked_add(per).unwrap_or(Timestamp::MAX));
        let turn = free.max(now);
        left.push_back(turn);
        turn
    }

    /// What the same read was answered with, and when, if that is still good.
    #[must_use]
    pub fn recent(
        &self,
        manifest: &Manifest,
        id: ActionId,
        args: &[Value],
        now: Timestamp,
    ) -> Option<(Timestamp, Value)> {
        let action = manifest.action(id)?;
        let good = action.cache?;
        let (at, value) = self.kept.get(&(id, call(manifest, action, args)))?;
        (now.duration_since(*at) < good).then(|| (*at, value.clone()))
    }

    /// Keeps the answer to a read that may be used again.
    pub fn keep(&mut self, manifest: &Manifest, id: ActionId, args: &[Value], value: &Value, now: Timestamp) {
        let Some(action) = manifest.action(id).filter(|a| a.cache.is_some() && !a.write) else { return };
        let call = call(manifest, action, args);
        self.order.push_back((now, id, call.clone()));
        self.kept.insert((id, call), (now, value.clone()));
        while self.order.len() > MOST_KEPT {
            let Some((at, id, call)) = self.order.pop_front() else { break };
            let key = (id, call);
            // One that was answered again since stays.
            if self.kept.get(&key).is_some_and(|(kept, _)| *kept == at) {
                self.kept.remove(&key);
            }
        }
    }

    /// Something is done through a connector: what it answered before may be true no longer.
    pub fn forget(&mut self, manifest: &Manifest, connector: &str) {
        self.kept.retain(|(id, _), _| manifest.action(*id).is_some_and(|a| a.connector != connector));
    }
}

fn call(manifest: &Manifest, action: &Action, args: &[Value]) -> String {
    let arg = |((_, ty), v): (&(String, _), &Value)| convert::to_recorded(v, ty, &manifest.types).to_string();
    action.params.iter().zip(args).map(arg).collect::<Vec<_>>().join(" ")
}
