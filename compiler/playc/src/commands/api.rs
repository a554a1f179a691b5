//! What is said to a run that a service has.

use play_connect::{Secret, service};
use serde_json::{Value, json};

use crate::cli::SaysArgs;
use crate::output::{self, safe};
use crate::runs;
use crate::{Ended, Result, Trouble};

/// Tells the service at `api`; `more` is what the decision has besides who and why.
pub fn decide(api: &str, run: &str, decision: &str, args: &SaysArgs, more: Value) -> Result {
    let token = std::env::var("PLAY_TOKEN")
        .map_err(|_| Trouble("PLAY_TOKEN is not set: the service wants its token to be shown".into()))?;
    let mut body = json!({ "by": args.by, "because": args.because });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let path = ["api", "v1", "runs", run, decision];
    let token = Secret::from_text(token);
    let told = service::tell(api, &path, &token, &body);
    let (status, answer) = runs::tokio()?.block_on(told).map_err(Trouble)?;
    let text = |name: &str| safe(answer.get(name).and_then(Value::as_str).unwrap_or_default());
    if status == 200 {
        output::out(&format!("{}: {decision} is taken", text("case")));
        return Ok(Ended::Fine);
    }
    Err(Trouble(format!("the service answers {status}: {}", text("error"))))
}
