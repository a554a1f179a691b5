//! An operator pauses the store, and resumes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use play_journal::{Journal, OWN_CHAIN, Pause};
use play_scheduler::Event;

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

/// The others of a store that is paused.
pub struct Told {
    store: Arc<dyn Journal>,
    seq: u64,
}

/// How often it is looked whether all know, and for how long: more than the lease of one who is not there any more.
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(30);

impl Told {
    /// Resolves once no write leaves anywhere: each of the others has said that it knows, or its time is over.
    ///
    /// # Errors
    /// When one of them has not said so in time, or the store fails.
    pub async fn everybody(self) -> Result<(), EngineError> {
        if self.store.sharing().is_none() {
            return Ok(());
        }
        let start = Instant::now();
        let mut missing = vec!["one whose row is locked".to_string()];
        loop {
            let (store, seq) = (Arc::clone(&self.store), self.seq);
            let asked = tokio::task::spawn_blocking(move || match store.sharing() {
                Some(sharing) => sharing.not_told(seq),
                None => Ok(Vec::new()),
            });
            // The database itself may keep us waiting.
            let Ok(asked) = tokio::time::timeout(PATIENCE.saturating_sub(start.elapsed()), asked).await
            else {
                return Err(EngineError::NotTold(missing));
            };
            missing = asked.map_err(|e| EngineError::Evidence(e.to_string()))??;
            if missing.is_empty() {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                return Err(EngineError::NotTold(missing));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

impl Engine {
    /// From now on no write leaves: at once, and durably when this returns. Where others write as well, theirs do not once what is
    /// given back has resolved.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pause(&self, person: String, because: String) -> Result<(Paused, Told), EngineError> {
        let under_way = self.shared.gate.shut();
        let by = (person.as_str(), because.as_str());
        let turn = self.shared.turn().await?;
        let (pause, line) = Pause::begin(&*self.shared.store, by, self.now())?;
        let before = line.is_none();
        let end = match &turn {
            Some(_) => self.shared.store.chain(OWN_CHAIN)?.map_or(0, |chain| chain.next_seq()),
            None => 0,
        };
        if turn.is_some() {
            self.shared.gate.is_recorded(true);
        }
        let durable = self.shared.append(line.into_iter().collect(), Vec::new());
        drop(turn);
        durable.wait().await?;
        let seq = if before { end.saturating_sub(1) } else { end };
        Ok((Paused { pause, before, under_way }, Told { store: Arc::clone(&self.shared.store), seq }))
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
        let turn = self.shared.turn().await?;
        let said = Pause::end(&*self.shared.store, by, self.now())?;
        let Some((pause, line)) = said else { return Ok(None) };
        if turn.is_some() {
            self.shared.gate.is_recorded(false);
        }
        // Only then: whoever is killed before has not resumed it.
        let durable = self.shared.append(vec![line], Vec::new());
        drop(turn);
        durable.wait().await?;
        Ok(Some((pause, self.release_held(load))))
    }

    /// Opens the gate, and tells the runs whose writes are held, parked or not.
    pub(crate) fn release_held(&mut self, load: &Load<'_>) -> usize {
        let mut held = self.shared.gate.open();
        held.retain(|(run, _)| self.owns(run));
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
            self.heard.push_back((run.clone(), make));
        }
        self.tell_waiting(load);
        held.len()
    }

    /// Through which writes leave.
    #[must_use]
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.shared.gate)
    }
}
