//! `playc replay`: decided again, byte for byte. It never touches a connector.

use std::path::Path;
use std::sync::Arc;

use play_scheduler::ids::sha256_hex;
use play_scheduler::replay::{Replay, replay};

use crate::cli::{Format, ReplayArgs};
use crate::output::{self, Style, safe};
use crate::runs::{self, Loaded, Programs, Recorded};
use crate::{Ended, Result, Trouble};

/// Runs it.
pub fn run(args: &ReplayArgs, style: Style) -> Result {
    let given = match &args.artifact {
        Some(path) => Some(std::fs::read(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?),
        None => None,
    };
    let file = args.run.as_deref().map(Path::new).filter(|p| p.is_file());
    let reader = match (file, &given) {
        (Some(_), Some(_)) => None,
        _ => Some(args.store.reader()?),
    };
    let recorded: Vec<Recorded> = match (file, &reader, &args.run) {
        (Some(path), _, _) => vec![runs::from_file(path)?],
        (None, Some(reader), Some(wanted)) => vec![runs::find(&**reader, wanted)?],
        (None, Some(reader), None) => reader
            .runs()?
            .into_iter()
            .map(|run| Ok(Recorded { lines: reader.lines_of(&run)?, run }))
            .collect::<Result<Vec<_>>>()?,
        (None, None, _) => return Err(Trouble("name a run or a file".into())),
    };
    let (mut programs, mut only) = (Programs::default(), None);
    if let Some(bytes) = &given {
        let digest = sha256_hex(bytes);
        let artifact = Arc::new(runs::decode(bytes).map_err(Trouble)?);
        programs = Programs::of(Loaded::new(artifact, digest.clone()));
        only = Some(digest);
    }
    let mut fine = true;
    let mut all = Vec::new();
    for one in &recorded {
        // Without a first line that can be read there is nothing to pin it to; the replay says so.
        let digest = one.artifact().unwrap_or_default();
        // Who gives an artifact wants that one, and none that the store holds.
        let program = programs.get(&digest, || match &reader {
            Some(reader) if only.is_none() => reader.artifact(&digest),
            _ => Ok(None),
        })?;
        let ended = match program {
            Some(program) => replay(&program.vm, &program.manifest, &digest, &one.views()),
            None => Replay::Undecidable { line: 0, why: missing(&digest, only.as_deref()) },
        };
        fine &= matches!(ended, Replay::Identical { .. });
        match args.format {
            Format::Text => tell(&one.run, &ended, style),
            Format::Json => all.push(as_json(&one.run, &ended)),
            Format::Jsonl => output::out(&as_json(&one.run, &ended).to_string()),
        }
    }
    if args.format == Format::Json {
        output::out(&serde_json::to_string_pretty(&all)?);
    }
    Ok(if fine { Ended::Fine } else { Ended::Findings })
}

fn missing(digest: &str, given: Option<&str>) -> String {
    if digest.is_empty() {
        return "its first line cannot be read, or is not that of a run".into();
    }
    if let Some(given) = given {
        return format!("it was decided by artifact {digest}, and --artifact gives {given}");
    }
    format!("its artifact {digest} is not here, or cannot be read; give it with --artifact")
}

fn side(bytes: Option<&Vec<u8>>) -> String {
    bytes.map_or_else(|| "(no line)".into(), |b| safe(String::from_utf8_lossy(b).trim_end_matches('\n')))
}

fn tell(run: &str, ended: &Replay, style: Style) {
    let run = safe(run);
    match ended {
        Replay::Identical { lines, .. } => {
            output::out(&format!("{run}  {}: {lines} lines", style.verdict(true, "identical")));
        }
        Replay::Differs(d) => {
            output::out(&format!(
                "{run}  {} at line {}: {}",
                style.verdict(false, "differs"),
                d.line,
                safe(&d.why)
            ));
            output::out(&format!("  stored    {}", side(d.stored.as_ref())));
            output::out(&format!("  replayed  {}", side(d.replayed.as_ref())));
            if let (Some(stored), Some(replayed)) = (&d.stored, &d.replayed)
                && let Some(difference) = play_evidence::compare::first_difference(replayed, stored)
            {
                output::out(&format!("  in        {}", safe(&difference.paths.join(", "))));
            }
        }
        Replay::Undecidable { line, why } => {
            output::out(&format!(
                "{run}  {} from line {line}: {}",
                style.verdict(false, "undecidable"),
                safe(why)
            ));
        }
    }
}

fn as_json(run: &str, ended: &Replay) -> serde_json::Value {
    match ended {
        Replay::Identical { lines, .. } => {
            serde_json::json!({ "version": 1, "run": run, "replay": "identical", "lines": lines })
        }
        Replay::Differs(d) => serde_json::json!({
            "version": 1, "run": run, "replay": "differs", "line": d.line, "why": d.why,
            "stored": d.stored.as_ref().map(|b| String::from_utf8_lossy(b)),
            "replayed": d.replayed.as_ref().map(|b| String::from_utf8_lossy(b)),
        }),
        Replay::Undecidable { line, why } => {
            serde_json::json!({ "version": 1, "run": run, "replay": "undecidable", "line": line, "why": why })
        }
    }
}
