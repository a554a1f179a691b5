//! What the lines of a run say of what it has before it, against the run itself.

use std::sync::Arc;

use play_evidence::ParsedLine;
use play_program::artifact::Manifest;
use play_program::exec::Program;
use play_scheduler::Command;
use play_scheduler::outlook::Outlook;
use play_scheduler::replay::{Replay, replay};

/// Looks at a run after each of its steps. Gives how often it rested.
///
/// # Panics
/// When the outlook says later than the run does, or that the run rests when it does not; or does not know that it rests.
pub fn holds(program: &dyn Program, manifest: &Arc<Manifest>, digest: &str, lines: &[Vec<u8>]) -> usize {
    let views: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let (mut outlook, mut rested) = (Outlook::default(), 0);
    for (at, line) in lines.iter().enumerate() {
        outlook.take(&ParsedLine::parse(line).unwrap());
        // Within a step there is nothing to compare with: its lines are written together.
        let Replay::Identical { run, .. } = replay(program, manifest, digest, &views[..=at]) else {
            continue;
        };
        let (mut first, mut more) = (None, run.is_calling());
        for command in run.pending() {
            match command {
                Command::Wake { at, .. } => first = Some(first.map_or(at, |first| at.min(first))),
                // Whoever keeps the register knows.
                Command::Release { .. } => {}
                _ => more = true,
            }
        }
        let said = outlook.rests();
        let why = || format!("{outlook:?}\nafter {}", String::from_utf8_lossy(line));
        if let Some(said) = said {
            assert!(!more, "it does not rest: {}", why());
            assert!(first.is_some_and(|first| said <= first), "not before {first:?}: {}", why());
        }
        if !more && run.in_doubt().is_empty() && first.is_some() {
            assert_eq!(said, first, "{}", why());
            rested += 1;
        }
    }
    rested
}
