//! A server with a thread of its own: for tests that are not asynchronous themselves.

use std::io;
use std::ops::Deref;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// Something that is served on a port of this machine, until this is dropped.
#[derive(Debug)]
pub struct Running<T> {
    served: T,
    /// Keeps it alive.
    _runtime: Runtime,
}

impl<T> Running<T> {
    /// Serves what is made of a listener.
    ///
    /// # Errors
    /// When there is no thread or no port for it, or it cannot be made.
    pub fn start(serve: impl FnOnce(TcpListener) -> io::Result<T>) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let served = runtime.block_on(async { serve(TcpListener::bind("127.0.0.1:0").await?) })?;
        Ok(Self { served, _runtime: runtime })
    }
}

impl<T> Deref for Running<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.served
    }
}
