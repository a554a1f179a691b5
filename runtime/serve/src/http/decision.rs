//! What persons decide: answers, approvals, and what became of a write in doubt.

use std::sync::Arc;

use axum::extract::{Path, Request, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Response};
use play_engine::EngineError;
use play_engine::live::Make;
use play_engine::person::{self, Roles};
use play_engine::subject;
use play_journal::JournalError;
use play_scheduler::SchedulerError;
use play_scheduler::event::{APPROVE, DENY};
use play_scheduler::ids;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::oneshot;

use super::words::{self, Brought};
use super::{Context, State, decided, problem, unsigned};
use crate::log::{Field, log};
use crate::service::Saying;

#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The line that asks; may be left out where one does.
    line: Option<u64>,
    /// For `answer`: one of the choices.
    choice: Option<String>,
    /// For `resolve`: whether it was done.
    done: Option<bool>,
    /// For `resolve`: its result.
    result: Option<serde_json::Value>,
    /// For `undo`: the lines of the acts; all that are in force where none is named.
    #[serde(default)]
    acts: Vec<u64>,
    by: String,
    because: String,
}

/// `POST /api/v1/runs/RUN/DECISION`, where a case stands for its run.
pub(super) async fn decide(
    Shared(state): Context,
    Path((run, decision)): Path<(String, String)>,
    request: Request,
) -> Response {
    let example = r#"{"line": 7, "by": "…", "because": "…"}"#;
    let brought = request.extensions().get::<Brought>().is_some();
    let said: Said = match decided(request, example).await {
        Ok(said) => said,
        Err(answer) => return answer,
    };
    if let Some(answer) = unsigned(&said.by, &said.because) {
        return answer;
    }
    let (said_there, line) = (said.clone(), said.line);
    let (word, make) = match make(&decision, said, Arc::clone(&state.roles)) {
        Ok(made) => made,
        Err(answer) => return *answer,
    };
    // A database may let us wait.
    let reader = Arc::clone(&state.reader);
    let runs = match tokio::task::spawn_blocking(move || reader.runs()).await {
        Ok(Ok(runs)) => runs,
        // Nothing was said yet.
        Ok(Err(e)) if e.passes() => return problem(StatusCode::SERVICE_UNAVAILABLE, &e.to_string()),
        _ => return problem(StatusCode::INTERNAL_SERVER_ERROR, "the store could not be read"),
    };
    let Some(run) = runs.into_iter().find(|r| *r == run || ids::case_id(r) == run) else {
        return problem(StatusCode::NOT_FOUND, "there is no such run or case");
    };
    let (tx, rx) = oneshot::channel();
    if state.sayings.send(Saying { run: run.clone(), make, done: tx }).await.is_err() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "ending");
    }
    let (status, what) = match rx.await {
        Ok(Ok(())) => {
            state.metrics.said(word);
            log("decided", &[("run", Field::Id(&run)), ("what", Field::Word(word))]);
            return Json(json!({ "version": 1, "run": run, "case": ids::case_id(&run) })).into_response();
        }
        // It goes on from here once; whoever brought it has brought it to the wrong one if there is none by now.
        Ok(Err(EngineError::Elsewhere { .. })) if !brought => {
            let body = serde_json::to_value(said_there).unwrap_or_default();
            return words::bring((&state.journal, &state.bringing), &run, word, body).await;
        }
        Ok(Err(EngineError::Resume { why, .. })) if why == person::NOT_ASKED => {
            not_asked(&state, run, line, word != "answer").await
        }
        Ok(Err(e)) => (status_of(&e), e.to_string()),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "ending".to_string()),
    };
    state.metrics.said("refused");
    problem(status, &what)
}

/// What is told to one who comes late: who was first, or that the time was over.
async fn not_asked(state: &State, run: String, line: Option<u64>, approval: bool) -> (StatusCode, String) {
    let reader = Arc::clone(&state.reader);
    let read = tokio::task::spawn_blocking(move || {
        reader.lines_of(&run).ok().and_then(|lines| subject::closed(&lines, line, approval))
    });
    match read.await {
        Ok(Some(closed)) if closed.by.is_none() => {
            (StatusCode::GONE, format!("{closed}; the run went on without it"))
        }
        Ok(Some(closed)) => (StatusCode::CONFLICT, format!("{}: {closed}", person::NOT_ASKED)),
        // As much as is known.
        _ => (StatusCode::CONFLICT, person::NOT_ASKED.to_string()),
    }
}

fn status_of(e: &EngineError) -> StatusCode {
    match e {
        EngineError::Scheduler(SchedulerError::TooLate(_)) => StatusCode::GONE,
        EngineError::Scheduler(SchedulerError::NoSuchChoice(..)) => StatusCode::UNPROCESSABLE_ENTITY,
        EngineError::Scheduler(_) | EngineError::Resume { .. } | EngineError::Elsewhere { .. } => {
            StatusCode::CONFLICT
        }
        EngineError::Journal(JournalError::Unreachable { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What is said, in a word, and the event that comes of it.
fn make(decision: &str, said: Said, roles: Arc<Roles>) -> Result<(&'static str, Make), Box<Response>> {
    let Said { line, choice, done, result, acts, by, because } = said;
    let refuse = |what: &str| Box::new(problem(StatusCode::UNPROCESSABLE_ENTITY, what));
    match decision {
        "approve" => Ok(("approve", person::answer(line, true, APPROVE.into(), (by, because), roles))),
        "deny" => Ok(("deny", person::answer(line, true, DENY.into(), (by, because), roles))),
        "answer" => {
            let choice = choice.ok_or_else(|| refuse("an answer has a `choice`"))?;
            Ok(("answer", person::answer(line, false, choice, (by, because), roles)))
        }
        "resolve" => {
            let done = done.ok_or_else(|| refuse("say whether it was `done`"))?;
            let result = done.then(|| result.unwrap_or_default());
            Ok(("resolve", person::resolution(line, result, by, because)))
        }
        "undo" => Ok(("undo", person::undoing(acts, by, because))),
        "cancel" => Ok(("cancel", person::cancelling(by, because))),
        _ => {
            let what = "there are answer, approve, deny, resolve, undo and cancel";
            Err(Box::new(problem(StatusCode::NOT_FOUND, what)))
        }
    }
}
