//! What compiler and runtime agree on: types, values, the shape of a program, and the one interface through which a
//! program is run. A leaf crate: no I/O, no clock, no randomness.

pub mod action;
pub mod artifact;
pub mod autonomy;
mod bounded;
pub mod builtin;
pub mod call;
pub mod code;
pub mod config;
pub mod container;
pub mod convert;
pub mod exec;
pub mod guard;
pub mod json;
pub mod ops;
pub mod pattern;
pub mod person;
pub mod shape;
pub mod types;
pub mod validate;
pub mod value;
pub mod wildcard;
mod wire;

pub use types::{EnumId, RecordId, Type, TypeTable};
pub use value::{Failure, FailureKind, Value};
