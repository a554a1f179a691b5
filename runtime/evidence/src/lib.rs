//! Lines, chains, verification and comparison of evidence. Usable alone.
//!
//! Nothing here reads or writes a file: everything takes bytes and gives bytes. The format is described in
//! `docs/evidence.md`, and how to check it without this crate in `docs/verify.md`.

pub mod chain;
pub mod compare;
pub mod display;
pub mod json;
pub mod kinds;
pub mod line;
pub mod verify;

mod shape;
#[cfg(test)]
mod testing;

pub use chain::Chain;
pub use json::J;
pub use line::{Line, ParsedLine, Said};
