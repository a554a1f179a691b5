//! Transports that connectors and sources are made of.
//!
//! What a connector sends is computed by the program; here it is sent, and what comes back is put into one of the eight
//! failures or handed on as an answer. Everything that comes in is taken to be hostile: sizes, depths and times are bounded.

mod address;
mod answer;
mod body;
mod breaker;
pub mod descriptors;
mod hide;
mod reached;
pub mod records;
mod scan;
mod secret;
pub mod service;
mod settings;
pub mod stubs;
mod token;
mod transport;

pub use answer::{MAX_ANSWER, MAX_WORDS, Reply, Sent};
pub use body::parse_body;
pub use breaker::{Breaker, Circuits};
pub use secret::Secret;
pub use settings::{SettingError, Settings, secret as read_secret};
pub use transport::{Transport, TransportError};
