//! `playc pause`, `playc resume`: from now on no write leaves, until somebody says so.

use jiff::Timestamp;
use play_evidence::Line;
use play_journal::{Batch, Journal, OWN_CHAIN, Pause};
use serde_json::{Value, json};

use crate::cli::{OrderArgs, PauseArgs, ResumeArgs};
use crate::commands::api;
use crate::commands::says::is_signed;
use crate::output::{self, safe};
use crate::{Ended, Result, Trouble, runs};

/// `playc pause --all`
pub fn pause(args: &PauseArgs) -> Result {
    let order = &args.order;
    is_signed(&order.by, &order.because)?;
    let (pause, before, under_way) = match order.told("pause")? {
        Some(answer) => {
            let before = answer.get("before").and_then(Value::as_bool).unwrap_or_default();
            let under_way = answer.get("under_way").and_then(Value::as_u64).unwrap_or_default();
            (Shown::read(&answer, "paused"), before, under_way)
        }
        None => {
            let (pause, before) = order.with_store(|store| {
                let (pause, line) = Pause::begin(store, order.said(), Timestamp::now())?;
                let before = line.is_none();
                append(store, line)?;
                Ok((pause, before))
            })?;
            (Shown::from(pause), before, 0)
        }
    };
    if before {
        output::out(&format!("no write leaves: {}", pause.words()));
        output::out("it was paused before; nothing is changed");
    } else {
        output::out("from now on no write leaves, until `playc resume`");
    }
    match under_way {
        0 => {}
        1 => output::out("1 write had left before, and its answer is waited for"),
        n => output::out(&format!("{n} writes had left before, and their answers are waited for")),
    }
    Ok(Ended::Fine)
}

/// `playc resume`. What was held goes on at once where a service has the store, else by the next `playc run` or `playc serve`.
pub fn resume(args: &ResumeArgs) -> Result {
    let order = &args.order;
    is_signed(&order.by, &order.because)?;
    match order.told("resume")? {
        Some(answer) => {
            let held = answer.get("held").and_then(Value::as_u64).unwrap_or_default();
            output::out(&format!("writes leave again: {}", Shown::read(&answer, "resumed").words_before()));
            output::out(&match held {
                0 => "none was held".to_string(),
                1 => "1 that was held goes on".to_string(),
                n => format!("{n} that were held go on"),
            });
        }
        None => {
            let was = order.with_store(|store| {
                let said = Pause::end(store, order.said(), Timestamp::now())?;
                let (was, line) = said.ok_or_else(|| Trouble("the store is not paused".into()))?;
                append(store, Some(line))?;
                Ok(was)
            })?;
            output::out(&format!("writes leave again: {}", Shown::from(was).words_before()));
            output::out("what was held goes on by the next `playc run` or `playc serve` on this store");
        }
    }
    Ok(Ended::Fine)
}

/// Durable when it returns.
fn append(store: &dyn Journal, line: Option<Line>) -> Result<()> {
    let lines: Vec<Line> = line.into_iter().collect();
    Ok(store.append_wait(Batch { lines, blobs: Vec::new() })?)
}

impl OrderArgs {
    fn said(&self) -> (&str, &str) {
        (&self.by, &self.because)
    }

    /// What a service says that is told: the one that is named, or one of those who share the store.
    fn told(&self, word: &str) -> Result<Option<Value>> {
        let body = json!({ "by": self.by, "because": self.because });
        let Some(api) = &self.api else { return api::by_store(&self.store, OWN_CHAIN, word, &body) };
        let body = body.to_string().into_bytes();
        runs::tokio()?.block_on(api::post(api, &["api", "v1", word], body)).map(Some)
    }

    /// By a writer of our own: an engine that has the store is spoken to over its API.
    fn with_store<T>(&self, work: impl FnOnce(&dyn Journal) -> Result<T>) -> Result<T> {
        // One that is not there is not made by that.
        self.store.reader()?;
        let store = self.store.writer()?;
        let done = work(&*store);
        store.close()?;
        done
    }
}

/// Who has paused a store, as it is shown.
struct Shown {
    by: String,
    because: String,
    since: String,
}

impl From<Pause> for Shown {
    fn from(pause: Pause) -> Self {
        Self { by: pause.person, because: pause.because, since: pause.since.to_string() }
    }
}

impl Shown {
    fn read(answer: &Value, what: &str) -> Self {
        let text = |name: &str| {
            let text = answer.get(what).and_then(|of| of.get(name)).and_then(Value::as_str);
            text.unwrap_or_default().to_string()
        };
        Self { by: text("by"), because: text("because"), since: text("since") }
    }

    fn words(&self) -> String {
        let since = self.since.parse::<jiff::Timestamp>();
        let since = since.map_or_else(|_| safe(&self.since), |t| format!("{t:.0}"));
        format!("paused by {} since {since} because \"{}\"", safe(&self.by), safe(&self.because))
    }

    fn words_before(&self) -> String {
        format!("it was {}", self.words())
    }
}
