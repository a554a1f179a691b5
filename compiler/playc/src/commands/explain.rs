//! `playc explain`: what a code means.

use play_diagnostics::registry::{self, Entry};
use play_diagnostics::{lints, suggest};

use crate::cli::{ExplainArgs, Format};
use crate::output::{self, safe};
use crate::{Ended, Result, Trouble};

/// Runs it.
pub fn run(args: &ExplainArgs) -> Result {
    if args.list {
        match args.format {
            Format::Text => {
                for entry in registry::ALL {
                    output::out(&format!("{}  {}", entry.code, entry.title));
                }
            }
            Format::Json | Format::Jsonl => {
                let all: Vec<serde_json::Value> = registry::ALL
                    .iter()
                    .map(|e| serde_json::json!({ "version": 1, "code": e.code.as_str(), "title": e.title }))
                    .collect();
                if args.format == Format::Json {
                    output::out(&serde_json::to_string_pretty(&all)?);
                } else {
                    for one in all {
                        output::out(&one.to_string());
                    }
                }
            }
        }
        return Ok(Ended::Fine);
    }
    let code = args.code.as_deref().unwrap_or_default();
    let Some(entry) = entry(code) else {
        let words = lints::ALL.iter().map(|(name, _)| *name);
        let upper = code.to_uppercase();
        let near = suggest::closest(code, words)
            .or_else(|| suggest::closest(&upper, registry::ALL.iter().map(|e| e.code.as_str())));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let code = safe(code);
        return Err(Trouble(format!(
            "there is no code and no lint `{code}`; {near}`playc explain --list` lists them"
        )));
    };
    match args.format {
        Format::Text => {
            output::out(&format!("{}: {}\n", entry.code, entry.title));
            output::out(entry.page.trim_end());
        }
        Format::Json | Format::Jsonl => output::out(
            &serde_json::json!({
                "version": 1, "code": entry.code.as_str(), "title": entry.title, "page": entry.page,
            })
            .to_string(),
        ),
    }
    Ok(Ended::Fine)
}

/// By its code, with or without its `P`, or by the name of the lint.
fn entry(code: &str) -> Option<&'static Entry> {
    registry::explain(code)
        .or_else(|| registry::explain(&format!("P{code}")))
        .or_else(|| registry::explain(lints::by_name(code)?.as_str()))
}
