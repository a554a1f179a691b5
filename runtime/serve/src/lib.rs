//! The service: records come in over HTTP and from files, persons answer over a local API, and the engine runs on.
//!
//! One task owns the engine ([`service`]); everybody else speaks to it through a channel that is short, so that a slow disk
//! or a slow target is felt by whoever sends. What is acknowledged is durable.

pub mod config;
mod connections;
mod http;
pub mod log;
mod metrics;
pub mod page;
mod service;
mod signature;
mod tail;

pub use config::Config;
pub use service::{LEAVING, STOP_WAITS, Setup, Stopped, Views, run, say_what_it_waits_for};

/// Resolves once a flag is set, or whoever could set it is gone.
pub(crate) async fn set(flag: &mut tokio::sync::watch::Receiver<bool>) {
    let _ = flag.wait_for(|set| *set).await.is_ok();
}
