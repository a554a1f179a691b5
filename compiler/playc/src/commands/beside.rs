//! What is done beside services that share a store.

use play_engine::engine::{Engine, EngineError, Setup};
use play_engine::recover::Load;

use crate::Result;
use crate::output;
use crate::place::Place;

/// Starts an engine that drives what it opens, and nothing else.
pub fn start(setup: Setup, place: &Place) -> Result<Engine> {
    let engine = Engine::beside(setup)?;
    output::err(&format!(
        "services share {place}: what is opened here is driven here, until it ends or only waits; the rest is theirs"
    ));
    Ok(engine)
}

/// Deals with what the services have written: events for the runs of this process, and that writes leave again. Gives them those that
/// need nobody just now.
pub async fn catch_up(engine: &mut Engine, load: &Load<'_>) -> std::result::Result<(), EngineError> {
    if engine.catch_up()? {
        engine.go_on_after_pause(load);
    }
    if engine.shares() {
        engine.go_on(load).await?;
        engine.hand_over().await?;
    }
    Ok(())
}
