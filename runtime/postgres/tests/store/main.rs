//! What a store in a database does: what every journal does, what those who share one may do, and what it does when something breaks.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod checker;
#[path = "../../../journal/tests/journal/common/mod.rs"]
mod common;
mod encrypted;
mod faults;
mod fencing;
mod journal;
mod linear;
mod privileges;
mod proxy;
mod reached;
mod ready;
mod renewing;
mod server;
mod steps;
#[path = "../../../journal/tests/journal/suite/mod.rs"]
mod suite;
mod tls;
mod turns;
mod worker;
mod world;
