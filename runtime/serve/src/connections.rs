//! Connections: how many, and how long a peer may take.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service as _;

/// Connections at a time; further peers wait to be accepted.
const CONNECTIONS: usize = 1024;
/// How long the head of a request may take to arrive.
const HEAD: Duration = Duration::from_secs(10);
/// How long a whole request may take, its body and its answer.
const REQUEST: Duration = Duration::from_secs(60);
/// How long requests under way may take after the service was told to end.
const LAST: Duration = Duration::from_secs(5);
/// After a failure to accept: it is mostly that there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `ending` becomes true, and then lets what is under way finish.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut ending: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = JoinSet::new();
    loop {
        let accepted = async {
            // Never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            listener.accept().await.map(|(stream, _)| (place, stream))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            () = crate::set(&mut ending) => break,
        };
        let Ok((place, stream)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        while open.try_join_next().is_some() {}
        let (router, ending) = (router.clone(), ending.clone());
        open.spawn(async move {
            connection(stream, router, ending).await;
            drop(place);
        });
    }
    // Whoever is not done by then is cut off: nothing of theirs was acknowledged.
    let _ = tokio::time::timeout(LAST, async { while open.join_next().await.is_some() {} }).await;
}

async fn connection(stream: tokio::net::TcpStream, router: Router, mut ending: watch::Receiver<bool>) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut router = router.clone();
        async move {
            let answer = router.call(request.map(Body::new));
            let answer = tokio::time::timeout(REQUEST, answer).await;
            Ok::<_, Infallible>(match answer {
                Ok(Ok(answer)) => answer,
                Err(_) => {
                    let mut late = hyper::Response::new(Body::from("it took too long\n"));
                    *late.status_mut() = hyper::StatusCode::REQUEST_TIMEOUT;
                    late
                }
            })
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A peer that breaks off is no news.
        _ = connection.as_mut() => {}
        () = crate::set(&mut ending) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
