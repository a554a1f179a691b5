//! The run as a pure state machine: a recorded event in, lines and commands out.
//!
//! `playc test`, the engine and replay all drive this one, so that no rule of a run is written twice. Time enters as the
//! time of an event; nothing here reads a clock, draws a random number or touches the world.

pub mod autonomy;
pub mod basis;
pub mod encode;
pub mod event;
mod expected;
mod expected_reason;
pub mod ids;
pub mod intake;
mod others;
pub mod outlook;
pub mod register;
pub mod replay;
pub mod run;
pub mod supply;
pub mod testing;

pub use event::{Asked, Command, Counting, Event, Step};
pub use run::{Opening, Run, RunState, SchedulerError, Wait, WouldBe};
