//! `playc build`: the artifact.

use play_scheduler::ids::sha256_hex;

use crate::cli::BuildArgs;
use crate::output::{self, Style};
use crate::project::Project;
use crate::{Ended, Result, Trouble};

/// Runs it.
pub fn run(args: &BuildArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    let Some(compiled) = project.compile(style)? else { return Ok(Ended::Findings) };
    let bytes = compiled.artifact.encode();
    std::fs::write(&args.output, &bytes).map_err(|e| Trouble(format!("{}: {e}", args.output.display())))?;
    if args.listing {
        output::out(compiled.artifact.code.listing(&compiled.artifact.manifest).trim_end());
    }
    output::out(&format!("{}  {}", sha256_hex(&bytes), args.output.display()));
    Ok(Ended::Fine)
}
