//! From text and documents to values and back. What is published of it stands in `docs/values.md`.
//!
//! | from | to | |
//! |---|---|---|
//! | text in source, where a type that is written as text is expected | value | [`parse_text`] |
//! | a `String` | value | [`from_text`] |
//! | a place in a document | value | [`from_json`], [`from_plain`] |
//! | a line of the evidence | value | [`from_recorded`] |
//! | value | text that people read | [`display`] |
//! | value | the evidence | [`to_recorded`] |
//! | value | a request | [`plain_json`] |

mod address;
mod bytes;
mod date;
mod document;
mod plain;
mod recorded;
mod show;
mod size;
mod text;
mod time;

pub use address::corrected_network;
pub(crate) use address::url_parts;
pub use document::{Misfit, from_int, from_json, from_plain};
pub use plain::plain_json;
pub use recorded::{from_recorded, to_recorded};
pub use show::display;
pub use text::{from_text, parse_text};

/// The first whole number that an `f64` cannot tell from its neighbour: larger ones are text in the evidence.
const EXACT: u64 = 1 << 53;
