//! How what was tried is shown.

use serde_json::{Value, json};

use super::intake::Otherwise;
use super::{Field, Tried, Verdict};
use crate::decided::{Decided, Side, compare};
use crate::output::{self, Style, safe};

/// A run, where it decides otherwise or could not be tried.
pub fn text(tried: &Tried, style: Style) {
    let run = if tried.run.is_empty() { "(a run without a name)" } else { &tried.run };
    let head = format!("{}  {}  {}", safe(run), safe(&tried.case), safe(&tried.playbook));
    match &tried.verdict {
        Verdict::Same => return,
        Verdict::Changed(before, after) => {
            output::out(&format!("{head}: {}", style.verdict(false, "decides otherwise")));
            for side in compare(before, after) {
                match side {
                    Side::Both(d) => output::out(&format!("    {}", d.text)),
                    Side::Before(d) => output::out(&style.verdict(false, &format!("  - {}", d.text))),
                    Side::After(d) => output::out(&style.verdict(true, &format!("  + {}", d.text))),
                }
            }
        }
        Verdict::Untried(why) => {
            output::out(&format!("{head}: {}: {}", style.verdict(false, "could not be tried"), safe(why)));
        }
    }
    for field in &tried.mapped {
        output::out(&format!("  (mapped otherwise: {})", words(field)));
    }
    if let Some(why) = &tried.inexact {
        output::out(&format!("  (not tried quite as it was: {why})"));
    }
}

/// `severity is High, was Medium`
fn words(field: &Field) -> String {
    let name = safe(&field.name);
    match (&field.before, &field.after) {
        (Some(before), Some(after)) => format!("{name} is {after}, was {before}"),
        (None, Some(after)) => format!("{name} is {after}, was not mapped"),
        (Some(before), None) => format!("{name} is not mapped, was {before}"),
        (None, None) => name,
    }
}

/// A record of which no case came.
pub fn record(record: &Otherwise, style: Style) {
    let head = format!("record {}  of source {}", safe(&record.pos), safe(&record.source));
    output::out(&format!("{head}: {}", style.verdict(false, "becomes otherwise")));
    output::out(&style.verdict(false, &format!("  - {}", record.before.text)));
    output::out(&style.verdict(true, &format!("  + {}", record.after.text)));
}

/// The same.
pub fn record_json(record: &Otherwise) -> Value {
    json!({
        "version": 1, "run": "", "case": "", "playbook": record.playbook, "backtest": "changed", "inexact": null,
        "record": { "pos": record.pos, "source": record.source, "was": record.was.word() },
        "before": [record.before.text], "after": [record.after.text],
    })
}

/// A run.
pub fn json(tried: &Tried) -> Value {
    let texts = |all: &[Decided]| all.iter().map(|d| d.text.clone()).collect::<Vec<_>>();
    let mut one = json!({
        "version": 1, "run": tried.run, "case": tried.case, "playbook": tried.playbook,
        "backtest": "same", "inexact": tried.inexact,
    });
    let mut put = |name: &str, value: Value| {
        if let Some(members) = one.as_object_mut() {
            members.insert(name.into(), value);
        }
    };
    if !tried.mapped.is_empty() {
        let one =
            |field: &Field| json!({ "field": field.name, "before": field.before, "after": field.after });
        put("mapped", tried.mapped.iter().map(one).collect::<Vec<_>>().into());
    }
    match &tried.verdict {
        Verdict::Same => {}
        Verdict::Changed(before, after) => {
            put("backtest", "changed".into());
            put("before", texts(before).into());
            put("after", texts(after).into());
        }
        Verdict::Untried(why) => {
            put("backtest", "untried".into());
            put("why", why.clone().into());
        }
    }
    one
}
