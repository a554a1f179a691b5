//! What is said to a run that a service has.

use play_connect::{Secret, service};
use play_journal::Heard;
use serde_json::{Value, json};

use crate::cli::SaysArgs;
use crate::commands::says::is_signed;
use crate::output::{self, safe};
use crate::place::Place;
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

/// Says something to those who share a store, by way of it; `None` where nobody does.
pub fn by_store(
    store: &Place,
    run: &str,
    what: &str,
    body: &Value,
) -> std::result::Result<Option<Value>, Trouble> {
    let said = json!({ "what": what, "body": body }).to_string();
    let Some(heard) = store.say(run, &said)? else { return Ok(None) };
    let answer = match heard {
        Heard::Answered(answer) => serde_json::from_str::<Value>(&answer).unwrap_or_default(),
        Heard::ByNobody => {
            let what = "several services share this database, and none has taken it: whoever drove the run is gone, or busy; say \
                        it again";
            return Err(Trouble(what.into()));
        }
        Heard::Deaf(owner) => {
            return Err(Trouble(format!(
                "{} drives the run and hears no decision, and nothing was said: say it once that one has ended, to the services \
                 that take the run over",
                safe(&owner)
            )));
        }
        Heard::Unknown => {
            let what = "one of the services that share this database has taken it and did not answer: look with `playc status` \
                        whether it counts before you say it again";
            return Err(Trouble(what.into()));
        }
    };
    let status = answer.get("status").and_then(Value::as_u64).unwrap_or_default();
    let body = answer.get("body").cloned().unwrap_or_default();
    if (200..300).contains(&status) {
        return Ok(Some(body));
    }
    let error = safe(body.get("error").and_then(Value::as_str).unwrap_or_default());
    Err(Trouble(format!("the service answers {status}: {error}")))
}

/// Tells whoever drives the run, where several share its store; `None` where nobody does.
pub fn decide_by_store(run: &str, decision: &str, args: &SaysArgs, more: Value) -> Result<Option<Ended>> {
    let Place::Database(_) = &args.place.store else { return Ok(None) };
    is_signed(&args.by, &args.because)?;
    if !args.place.store.is_shared()? {
        return Ok(None);
    }
    if args.place.project.is_some() || args.place.world.stub.is_some() || args.place.world.config.is_some() {
        let what = "several services share this database, and it is their settings that count: leave out \
                    --project, --stub and --config";
        return Err(Trouble(what.into()));
    }
    let run = runs::find(&*args.place.store.reader()?, run)?.run;
    let Some(answer) = by_store(&args.place.store, &run, decision, &body(args, more))? else {
        return Ok(None);
    };
    taken(&answer, decision);
    Ok(Some(Ended::Fine))
}

fn body(args: &SaysArgs, more: Value) -> Value {
    let mut body = json!({ "by": args.by, "because": args.because });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

fn taken(answer: &Value, decision: &str) {
    let case = safe(answer.get("case").and_then(Value::as_str).unwrap_or_default());
    output::out(&format!("{case}: {decision} is taken"));
}

/// Tells the service at `api`; `more` is what the decision has besides who and why.
pub fn decide(api: &str, run: &str, decision: &str, args: &SaysArgs, more: Value) -> Result {
    let path = ["api", "v1", "runs", run, decision];
    let answer = runs::tokio()?.block_on(post(api, &path, body(args, more).to_string().into_bytes()))?;
    taken(&answer, decision);
    Ok(Ended::Fine)
}
