//! What a store keeps, and what it says of damage.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops where it fails"
)]

mod beside;
mod common;
mod every_damage;
mod flips;
mod inline;
mod page;
mod store;
mod suite;
mod torn;
