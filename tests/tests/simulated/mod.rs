//! The simulation's parts.

mod alone;
pub mod campaign;
mod disk;
pub mod inputs;
mod life;
mod machine;
mod oracle;
mod program;
mod seen;
mod store;
mod targets;
