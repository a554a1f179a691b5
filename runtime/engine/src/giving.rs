//! Where several share a store: runs that an engine gives away.

use std::sync::Arc;

use play_journal::{JournalError, Sharing};

use crate::engine::{Engine, EngineError};

impl Engine {
    /// Gives runs back of which nothing more is to come; others are left as they are. What cannot be given back just now is the next
    /// time.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn let_go(&mut self, names: Vec<String>) -> Result<(), EngineError> {
        let shared = &self.shared;
        for name in names {
            self.over.entry(name).or_insert(false);
        }
        self.over.retain(|name, unanswered| {
            if shared.owns(name) {
                shared.in_force.is_settled(name) && !shared.live.has(name)
            } else {
                // To give one back twice does nothing.
                *unanswered
            }
        });
        if !shared.shares || self.over.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = self.over.keys().cloned().collect();
        let told = self.told(move |sharing| sharing.let_go(&names)).await;
        if let Ok(false) = told {
            self.over.iter_mut().for_each(|(name, unanswered)| *unanswered = !self.shared.owns(name));
        } else {
            self.over.clear();
        }
        told.map(|_| ())
    }

    /// Beside services: gives them the runs that are over here or only wait, so that they hear what persons say about these, and wake
    /// them. What cannot be given just now is theirs when this engine has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn hand_over(&mut self) -> Result<(), EngineError> {
        // Asked each time that a run ends: where nobody else is there, nothing is to be given, however many there are.
        if !self.shared.shares {
            return Ok(());
        }
        let news: Vec<String> = match self.finished.lock() {
            Ok(all) => all.iter().skip(self.given).map(|run| run.run.clone()).collect(),
            Err(_) => Vec::new(),
        };
        if news.is_empty() {
            return Ok(());
        }
        self.given = self.given.saturating_add(news.len());
        let (over, mut wait): (Vec<_>, Vec<_>) =
            news.into_iter().partition(|name| self.shared.in_force.is_settled(name));
        wait.retain(|name| self.shared.owns(name) && !self.shared.live.has(name));
        self.let_go(over).await?;
        if wait.is_empty() {
            return Ok(());
        }
        self.told(move |sharing| sharing.hand_over(&wait)).await?;
        Ok(())
    }

    /// Says something to those who share the store. Whether it was heard: what cannot be said just now is no error.
    async fn told(
        &self,
        say: impl FnOnce(&dyn Sharing) -> Result<(), JournalError> + Send + 'static,
    ) -> Result<bool, EngineError> {
        let store = Arc::clone(&self.shared.store);
        let done = tokio::task::spawn_blocking(move || store.sharing().map_or(Ok(()), say));
        match done.await.map_err(|e| EngineError::Evidence(e.to_string()))? {
            Ok(()) => Ok(true),
            Err(e) if e.passes() => Ok(false),
            Err(e) => Err(e.into()),
        }
    }
}
