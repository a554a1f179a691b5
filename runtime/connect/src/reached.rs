//! Knows of each request whether its connection had come about: before that, nothing of it can have left.
//!
//! The client connects within the task that sends, so a value of that task is seen by the connector below the client.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static REACHED: Reached;
}

/// Whether the connection of a request, TLS included, came about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reached(Arc<AtomicBool>);

impl Reached {
    pub(crate) fn is(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Runs what connects and sends.
    pub(crate) fn watch<F: Future>(&self, sending: F) -> impl Future<Output = F::Output> {
        REACHED.scope(self.clone(), sending)
    }
}

/// Puts the watch around the client's connector.
#[derive(Clone, Debug)]
pub(crate) struct Watch;

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched(inner)
    }
}

/// A connector that says when it has connected.
#[derive(Clone, Debug)]
pub(crate) struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, target: R) -> Self::Future {
        let reached = REACHED.try_with(Clone::clone).ok();
        let connecting = self.0.call(target);
        Box::pin(async move {
            let connection = connecting.await?;
            if let Some(Reached(flag)) = reached {
                flag.store(true, Ordering::SeqCst);
            }
            Ok(connection)
        })
    }
}
