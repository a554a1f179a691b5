//! What is said to a run that a service has.

use play_connect::{Secret, service};
use serde_json::{Value, json};

use crate::cli::SaysArgs;
use crate::output::{self, safe};
use crate::runs;
use crate::{Ended, Result, Trouble};

fn token() -> std::result::Result<Secret, Trouble> {
    let token = std::env::var("PLAY_TOKEN")
        .map_err(|_| Trouble("PLAY_TOKEN is not set: the service wants its token to be shown".into()))?;
    Ok(Secret::from_text(token))
}

/// Sends something to the service at `api`, and gives what it answers when all is well.
pub async fn post(api: &str, path: &[&str], body: Vec<u8>) -> std::result::Result<Value, Trouble> {
    let (status, answer) = service::tell(api, path, &token()?, body).await.map_err(Trouble)?;
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let error = safe(answer.get("error").and_then(Value::as_str).unwrap_or_default());
    Err(Trouble(format!("the service answers {status}: {error}")))
}

/// Tells the service at `api`; `more` is what the decision has besides who and why.
pub fn decide(api: &str, run: &str, decision: &str, args: &SaysArgs, more: Value) -> Result {
    let mut body = json!({ "by": args.by, "because": args.because });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let path = ["api", "v1", "runs", run, decision];
    let answer = runs::tokio()?.block_on(post(api, &path, body.to_string().into_bytes()))?;
    let case = safe(answer.get("case").and_then(Value::as_str).unwrap_or_default());
    output::out(&format!("{case}: {decision} is taken"));
    Ok(Ended::Fine)
}
