//! What is said of a command line that cannot be read.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};

use super::Cli;

/// Reads the command line, or ends the process and says why it cannot be read, and how the command is used. Of what was written
/// clap would show options with a default as if they had to be there.
pub fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|mut e| {
        if e.kind() != ErrorKind::MissingRequiredArgument && e.get(ContextKind::Usage).is_some() {
            let mut command = Cli::command();
            command.build();
            for word in std::env::args().skip(1) {
                let Some(below) = command.find_subcommand(&word).cloned() else { break };
                command = below;
            }
            e.insert(ContextKind::Usage, ContextValue::StyledStr(command.render_usage()));
        }
        e.exit()
    })
}
