//! An engine comes to its end.

use std::time::Duration;

use tokio::time::Instant;

use crate::engine::{Engine, EngineError, Finished, ended};
use crate::recover::Load;

/// After that what could not be read is tried again.
const AGAIN: Duration = Duration::from_millis(500);

impl Engine {
    /// Waits until every run is over or parked, and gives them in the order in which they were opened.
    ///
    /// # Errors
    /// The first error of a run or of the journal.
    pub async fn finish(self) -> Result<Vec<Finished>, EngineError> {
        self.finish_with(None).await
    }

    /// The same, and what others write meanwhile is heard: an event for a run that is still driven here, and that writes leave again.
    ///
    /// # Errors
    /// The first error of a run or of the journal.
    pub async fn finish_beside(self, load: &Load<'_>) -> Result<Vec<Finished>, EngineError> {
        self.finish_with(Some(load)).await
    }

    async fn finish_with(mut self, load: Option<&Load<'_>>) -> Result<Vec<Finished>, EngineError> {
        self.shared.ending.raise();
        let noticed = self.noticed();
        let (mut first, mut again): (_, Option<Instant>) = (None, None);
        loop {
            let hears = self.shared.shares && first.is_none();
            tokio::select! {
                biased;
                () = noticed.notified(), if hears => {}
                () = tokio::time::sleep_until(again.unwrap_or_else(Instant::now)), if hears && again.is_some() => {}
                result = self.tasks.join_next() => {
                    let Some(result) = result else { break };
                    first = first.or(ended(result).err());
                    if load.is_some() && first.is_none() {
                        first = self.hand_over().await.err();
                    }
                    continue;
                }
            }
            again = None;
            match self.hear_others(load).await {
                Ok(()) => {}
                Err(EngineError::Journal(e)) if e.goes_on() => again = Instant::now().checked_add(AGAIN),
                Err(e) => first = Some(e),
            }
        }
        if let Some(e) = first {
            return Err(e);
        }
        let mut finished = self.take_finished();
        finished.sort_by(|a, b| (a.opened, &a.run).cmp(&(b.opened, &b.run)));
        // One that was parked, and was told something then, is told of as it stands now.
        finished.dedup_by(|later, earlier| {
            let same = later.run == earlier.run;
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Ok(finished)
    }

    async fn hear_others(&mut self, load: Option<&Load<'_>>) -> Result<(), EngineError> {
        let resumed = self.catch_up()?;
        let Some(load) = load else { return Ok(()) };
        if resumed {
            self.go_on_after_pause(load);
        }
        self.go_on(load).await.map(drop)
    }
}
