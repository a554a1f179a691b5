//! `playc schema`: the shape of what is printed as JSON.

use crate::cli::SchemaArgs;
use crate::output;
use crate::schema::ALL;
use crate::{Ended, Result, Trouble};

/// Runs it.
pub fn run(args: &SchemaArgs) -> Result {
    let Some(name) = &args.name else {
        for schema in ALL {
            let json = schema.json()?;
            let title = json.get("title").and_then(serde_json::Value::as_str);
            output::out(&format!("{:<10}  {}", schema.name, title.unwrap_or_default()));
        }
        return Ok(Ended::Fine);
    };
    let Some(schema) = ALL.iter().find(|s| s.name == name) else {
        return Err(Trouble(format!("there is no schema `{name}`; `playc schema --list` lists them")));
    };
    output::out(&serde_json::to_string_pretty(&schema.json()?)?);
    Ok(Ended::Fine)
}
