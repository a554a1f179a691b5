//! Tests across crates: manual, end to end, faults. This library is what they share.

pub mod cel;
pub mod eval;
pub mod forged;
pub mod generate;
pub mod markup;
pub mod mutate;
pub mod outlook;
pub mod playc;
pub mod postgres;
pub mod schema;
pub mod store;
pub mod tree;
