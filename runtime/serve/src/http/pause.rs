//! An operator pauses all writes, and resumes them.

use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Response};
use play_engine::EngineError;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Context, decided, problem, unsigned};
use crate::log::{Field, log};
use crate::service::{Order, Ordered};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    by: String,
    because: String,
}

/// `POST /api/v1/pause`: from now on no write leaves.
pub(super) async fn pause(Shared(state): Context, request: Request) -> Response {
    order(&state, request, true).await
}

/// `POST /api/v1/resume`: writes leave again.
pub(super) async fn resume(Shared(state): Context, request: Request) -> Response {
    order(&state, request, false).await
}

async fn order(state: &super::State, request: Request, pause: bool) -> Response {
    let Said { by, because } = match decided(request, r#"{"by": "…", "because": "…"}"#).await {
        Ok(said) => said,
        Err(answer) => return answer,
    };
    if let Some(answer) = unsigned(&by, &because) {
        return answer;
    }
    let (tx, rx) = oneshot::channel();
    if state.orders.send(Order { pause, by, because, done: tx }).await.is_err() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "ending");
    }
    let word = if pause { "pause" } else { "resume" };
    let answer = match rx.await {
        Ok(Ok(Ordered::Paused(paused))) => json!({
            "version": 1, "paused": shown(&paused.pause), "before": paused.before, "under_way": paused.under_way,
        }),
        Ok(Ok(Ordered::Resumed(Some((pause, held))))) => {
            json!({ "version": 1, "resumed": shown(&pause), "held": held })
        }
        Ok(Ok(Ordered::Resumed(None))) => {
            state.metrics.said("refused");
            return problem(StatusCode::CONFLICT, "the store is not paused");
        }
        Ok(Err(e @ EngineError::NotTold(_))) => {
            return problem(StatusCode::SERVICE_UNAVAILABLE, &e.to_string());
        }
        Ok(Err(e)) => return problem(StatusCode::INTERNAL_SERVER_ERROR, &e.to_string()),
        Err(_) => return problem(StatusCode::SERVICE_UNAVAILABLE, "ending"),
    };
    state.metrics.said(word);
    log("decided", &[("what", Field::Word(word))]);
    Json(answer).into_response()
}

fn shown(pause: &play_journal::Pause) -> Value {
    json!({ "by": pause.person, "because": pause.because, "since": pause.since.to_string() })
}
