//! Gives the scheduler its world: tokio, the clock, the journal, connectors, recovery.
//!
//! The rules of a run are in `play_scheduler`; here is only what carries out its commands and brings its events.

pub mod arrival;
mod counter;
pub mod drive;
mod ending;
pub mod engine;
mod error;
mod flights;
pub mod gate;
mod giving;
mod hearing;
mod in_force;
pub mod intake;
mod known;
pub mod live;
pub mod pausing;
pub mod person;
pub mod recover;
pub mod room;
mod seen;
mod serving;
pub mod sharing;
mod signal;
pub mod subject;
pub mod world;

pub use engine::{Engine, EngineError, Finished, Setup};
pub use intake::{Outcome, Taken};
pub use world::World;
