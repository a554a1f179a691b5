//! `playc man`: manual pages, made of what `--help` says.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};
use crate::output;
use crate::project::count;
use crate::{Ended, Result, Trouble};

/// Runs it.
pub fn run(args: &ManArgs) -> Result {
    let mut command = Cli::command();
    // Names of commands within others, as in `playc trace list`, and the flags that all have.
    command.build();
    match &args.to {
        None => output::out_bytes(&page(command)?),
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|e| Trouble(format!("{}: {e}", folder.display())))?;
            let mut written = 0_usize;
            write(command, folder, &mut written)?;
            output::out(&format!("wrote {} into {}", count(written, "page"), folder.display()));
        }
    }
    Ok(Ended::Fine)
}

/// Writes the page of a command, and those of the commands within it.
fn write(command: clap::Command, folder: &Path, written: &mut usize) -> Result<()> {
    for within in command.get_subcommands().cloned().collect::<Vec<_>>() {
        write(within, folder, written)?;
    }
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_string();
    let path = folder.join(format!("{name}.1"));
    std::fs::write(&path, page(command)?).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
    *written = written.saturating_add(1);
    Ok(())
}

fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}
