//! The virtual machine, from source text to what it does.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod common;
mod damage;
mod loops;
mod nesting;
mod pure;
mod refused;
mod rules;
