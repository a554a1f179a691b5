//! An operator pauses the store, and resumes it.

use std::sync::Arc;

use play_journal::Pause;
use play_scheduler::Event;
use tokio::sync::oneshot;

use crate::engine::{Engine, EngineError};
use crate::gate::Gate;
use crate::live::Make;
use crate::recover::Load;

/// What became of a wish to pause.
#[derive(Clone, Debug)]
pub struct Paused {
    /// Who has paused it, why, and when.
    pub pause: Pause,
    /// It was paused before.
    pub before: bool,
    /// Writes that had left already, and have no answer yet.
    pub under_way: usize,
}

impl Engine {
    /// From now on no write leaves: at once, and durably when this returns.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pause(&self, person: String, because: String) -> Result<Paused, EngineError> {
        let under_way = self.shared.gate.shut();
        let by = (person.as_str(), because.as_str());
        let (pause, line) = Pause::begin(&*self.shared.store, by, self.shared.machine.now())?;
        let before = line.is_none();
        self.shared.append(line.into_iter().collect(), Vec::new()).wait().await?;
        Ok(Paused { pause, before, under_way })
    }

    /// Writes leave again, those first that are held. Gives who had paused it, and how many were held; `None` where it was not
    /// paused.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resume(
        &mut self,
        person: String,
        because: String,
        load: &Load<'_>,
    ) -> Result<Option<(Pause, usize)>, EngineError> {
        let by = (person.as_str(), because.as_str());
        let said = Pause::end(&*self.shared.store, by, self.shared.machine.now())?;
        let Some((pause, line)) = said else { return Ok(None) };
        // Only then: whoever is killed before has not resumed it.
        self.shared.append(vec![line], Vec::new()).wait().await?;
        Ok(Some((pause, self.release_held(load))))
    }

    /// Opens the gate, and tells the runs whose writes are held, parked or not.
    pub(crate) fn release_held(&mut self, load: &Load<'_>) -> usize {
        let held = self.shared.gate.open();
        for (run, of) in &held {
            let of = *of;
            let make: Make = Box::new(move |run, _| {
                // It has found out by itself, or was cancelled.
                if run.is_held_back(of) {
                    Ok(Event::ActReleased { of })
                } else {
                    Err("it is not held any more".into())
                }
            });
            // What goes wrong there, the next start finds again.
            let (heard, _) = oneshot::channel();
            self.say(run, make, heard, load);
        }
        held.len()
    }

    /// Through which writes leave.
    #[must_use]
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.shared.gate)
    }
}
