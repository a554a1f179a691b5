//! The simulation's parts.

mod alone;
pub mod campaign;
mod disk;
pub mod inputs;
mod life;
mod machine;
mod oracle;
pub mod outage;
mod program;
mod seen;
mod store;
mod targets;
