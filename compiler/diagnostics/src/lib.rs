//! Diagnostics as data: what is wrong, where, why, and what to write instead.
//!
//! A [`Diagnostic`] has a code out of one [`registry`]; renderers turn it into text, or into what a consumer reads, a module each.
//! This crate knows nothing of syntax or types, and does no I/O.

pub mod diagnostic;
pub mod elsewhere;
pub mod escape;
mod excerpt;
mod fingerprint;
pub mod fixes;
pub mod github;
pub mod gitlab;
mod hidden;
pub mod json;
pub mod lints;
mod place;
pub mod rdjson;
pub mod registry;
pub mod sarif;
pub mod suggest;
pub mod text;

pub use diagnostic::{Allowed, Diagnostic, Edit, FileName, Fix, Label, Place, Severity};
pub use registry::{Code, explain};
