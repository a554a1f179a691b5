//! Where several share a store: runs that an engine gives away.

use std::sync::Arc;

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
        let (store, names) = (Arc::clone(&shared.store), self.over.keys().cloned().collect::<Vec<_>>());
        let done = tokio::task::spawn_blocking(move || match store.sharing() {
            Some(sharing) => sharing.let_go(&names),
            None => Ok(()),
        });
        match done.await.map_err(|e| EngineError::Evidence(e.to_string()))? {
            Err(e) if e.passes() => {
                self.over.iter_mut().for_each(|(name, unanswered)| *unanswered = !self.shared.owns(name));
                Ok(())
            }
            done => {
                self.over.clear();
                Ok(done?)
            }
        }
    }

    /// Beside services: gives them the runs that are over here or only wait, so that they hear what persons say about these, and wake
    /// them. What cannot be given just now is theirs when this engine has ended.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn hand_over(&mut self) -> Result<(), EngineError> {
        let news: Vec<String> = match self.finished.lock() {
            Ok(all) => all.iter().skip(self.given).map(|run| run.run.clone()).collect(),
            Err(_) => Vec::new(),
        };
        if news.is_empty() || !self.shared.shares {
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
        let store = Arc::clone(&self.shared.store);
        let done = tokio::task::spawn_blocking(move || match store.sharing() {
            Some(sharing) => sharing.hand_over(&wait),
            None => Ok(()),
        });
        match done.await.map_err(|e| EngineError::Evidence(e.to_string()))? {
            Err(e) if e.passes() => Ok(()),
            done => Ok(done?),
        }
    }
}
