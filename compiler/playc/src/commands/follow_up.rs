//! The commands that are printed to be copied: what somebody says next to a run, with all that it needs to be heard from here.

use std::fmt::Write as _;
use std::path::Path;

use crate::cli::WorldArgs;
use crate::output::word;
use crate::place::Place;

/// What each of them ends with.
///
/// None of them names an environment: a run keeps the values of the configuration that it was opened with, and they are in its
/// record.
pub struct FollowUp {
    rest: String,
    /// The same for what is said to a store: there is no run whose connectors would need settings.
    of_store: String,
}

impl FollowUp {
    /// For a project and what stands beside it; `None` where the settings count that services have.
    pub fn new(project: Option<(&Path, &WorldArgs)>, store: &Place) -> Self {
        let named = |path: &Path| word(&path.to_string_lossy());
        let mut rest = String::from("--by … --because …");
        let store = format!(" --store {}", store.word());
        let of_store = format!("{rest}{store}");
        if let Some((project, world)) = project {
            // Who has a role stands in the project, whatever answers in the place of the outside systems.
            let _ = write!(rest, " --project {}", named(project));
            for (flag, path) in [("--stub", &world.stub), ("--config", &world.config)] {
                if let Some(path) = path {
                    let _ = write!(rest, " {flag} {}", named(path));
                }
            }
        }
        rest.push_str(&store);
        Self { rest, of_store }
    }

    /// Approves or denies the act that a line asks for.
    pub fn decide(&self, case: &str, line: u64) -> String {
        format!("playc approve|deny {case} --line {line} {}", self.rest)
    }

    /// Answers the question of a line.
    pub fn answer(&self, case: &str, line: u64, choices: &[String]) -> String {
        format!("playc answer {case} {} --line {line} {}", choices.join("|"), self.rest)
    }

    /// Takes back the act of a line.
    pub fn undo(&self, case: &str, line: u64) -> String {
        format!("playc undo {case} --act {line} {}", self.rest)
    }

    /// Says what became of the write of a line.
    pub fn resolve(&self, case: &str, line: u64) -> String {
        format!("playc resolve {case} --line {line} --done|--not-done {}", self.rest)
    }

    /// Lets writes leave again.
    pub fn resume(&self) -> String {
        format!("playc resume {}", self.of_store)
    }
}
