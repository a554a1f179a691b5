//! The simulation's parts.

pub mod campaign;
mod disk;
mod inputs;
mod life;
mod machine;
mod oracle;
mod program;
mod seen;
mod store;
mod targets;
