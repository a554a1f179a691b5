//! `playc completions`: what a shell needs to complete commands and flags.

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs};
use crate::output;
use crate::{Ended, Result};

/// Runs it.
pub fn run(args: &CompletionsArgs) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "playc", &mut script);
    output::out_bytes(&script);
    Ok(Ended::Fine)
}
