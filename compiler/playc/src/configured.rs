//! The configuration that new runs are opened under.

use std::path::Path;

use play_check::config;
use play_check::typed::Program;
use play_program::Value;
use play_reference::constants::Constants;

use crate::{Result, Trouble};

/// All values: of the file, else of the environment, else of `[config]`, else the defaults. A file's `[config]` has been checked
/// to be one.
pub fn values(program: &Program, env: Option<&str>, file: Option<&Path>) -> Result<Vec<Value>> {
    let Some(declared) = &program.config else {
        return match env {
            Some(name) => Err(Trouble(format!(
                "there is no environment `{name}`: the project declares no `config {{ … }}` that could be different in it"
            ))),
            None => Ok(Vec::new()),
        };
    };
    if let Some(name) = env
        && !declared.environments.iter().any(|(known, _)| known == name)
    {
        let known: Vec<&str> = declared.environments.iter().map(|(name, _)| name.as_str()).collect();
        let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
        return Err(Trouble(format!(
            "play.toml has no environment `{name}` (there is: {known}); write its values below `[env.{name}.config]`"
        )));
    }
    let Some(layout) = program.types.record(declared.record) else { return Ok(Vec::new()) };
    let mut over = Vec::new();
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        let (manifest, _) = play_check::manifest::read_settings(&text);
        let (given, findings) = config::read(&manifest.config, layout, &program.types);
        if !findings.is_empty() {
            return Err(Trouble(crate::runs::said_of(path, &text, &findings)));
        }
        over = given;
    }
    let values = play_reference::config::values(program, &Constants::of(program), env, &over)
        .map_err(|f| Trouble(format!("a default of the configuration cannot be computed: {}", f.what)))?;
    let without =
        layout.fields.iter().zip(&values).enumerate().find(|(at, (field, value))| {
            matches!(value, Value::None) && !declared.has_default(*at, &field.ty)
        });
    match without {
        Some((_, (field, _))) => {
            let name = &field.name;
            let known: Vec<&str> = declared.environments.iter().map(|(name, _)| name.as_str()).collect();
            Err(Trouble(format!(
                "`config.{name}` has no value without an environment; name one with --env ({})",
                known.join(", ")
            )))
        }
        None => Ok(values),
    }
}
