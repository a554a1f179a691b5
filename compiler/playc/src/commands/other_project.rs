//! A store that another project has worked on: it is told before anything is opened there.

use std::collections::BTreeSet;

use play_evidence::{J, ParsedLine};
use play_journal::JournalRead;
use play_program::artifact::Manifest;

use crate::Result;
use crate::output::{self, safe};
use crate::runs::{self, Programs};

/// So many names are listed; more are counted.
const LISTED: usize = 5;

/// Says which project was in force on a store before this one, where it has another name and playbooks that this one does not
/// have. One that was only renamed has all of its own.
pub fn warn(store: &dyn JournalRead, ours: &Manifest) -> Result<()> {
    let lines = store.lines_of("store")?;
    let parsed = lines.iter().rev().filter_map(|line| ParsedLine::parse(line).ok());
    let Some(last) = parsed.into_iter().find(|line| line.k == "store.deployed") else { return Ok(()) };
    let text = |name: &str| match last.field(name) {
        Some(J::Str(text)) => text.as_str(),
        _ => "",
    };
    let theirs = text("project");
    if theirs == ours.project {
        return Ok(());
    }
    // What cannot be read is told by whoever needs it.
    let Some(manifest) = store.artifact(text("artifact"))?.and_then(|bytes| runs::decode(&bytes).ok()) else {
        return Ok(());
    };
    let known: BTreeSet<&str> = ours.playbooks.iter().map(|p| p.name.as_str()).collect();
    let lost: Vec<String> = manifest
        .manifest
        .playbooks
        .iter()
        .filter(|p| !known.contains(p.name.as_str()))
        .map(|p| format!("`{}`", safe(&p.name)))
        .collect();
    if lost.is_empty() {
        return Ok(());
    }
    let more = lost.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let listed: Vec<String> = lost.into_iter().take(LISTED).collect();
    output::err(&format!(
        "this store is one of the project `{}`, and `{}` is another: it has no playbook {}{more}. Runs of the other one go on here \
         only where this project has their connectors and settings; name a store of its own with --store",
        safe(theirs),
        safe(&ours.project),
        listed.join(", ")
    ));
    Ok(())
}

/// Why runs are left as they are, each reason in a line of its own.
pub fn left(stuck: &[(String, String)], store: &dyn JournalRead, ours: &Manifest) {
    let mut programs = Programs::default();
    for (run, why) in stuck {
        let of = project_of(run, store, &mut programs).filter(|theirs| *theirs != ours.project);
        let of = of.map(|theirs| format!(" of the project `{}`", safe(&theirs))).unwrap_or_default();
        let lines: Vec<String> = why.lines().map(safe).collect();
        output::err(&format!("run {}{of} is left as it is: {}", safe(run), lines.join("\n  ")));
    }
}

/// The project of a run.
fn project_of(run: &str, store: &dyn JournalRead, programs: &mut Programs) -> Option<String> {
    let recorded = runs::Recorded { run: run.to_string(), lines: store.lines_of(run).ok()? };
    let digest = recorded.artifact()?;
    let program = programs.get(&digest, || store.artifact(&digest)).ok()??;
    Some(program.manifest.project.clone())
}
