//! Files read into trees: many of them on several threads, each by itself.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Severity};
use play_syntax::ast::File;
use play_syntax::side_by_side::STACK;
use play_syntax::{Parsed, Token};

/// As many bytes are read sooner by one thread than others are started.
const MANY: usize = 256 << 10;

/// How a file is parsed.
type Parse = fn(u32, &str) -> Parsed;

/// What the text of a file says.
pub(crate) struct Read {
    /// Its tree.
    pub(crate) tree: File,
    /// What is wrong with it.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// See [`crate::project::Loaded::broken`].
    pub(crate) broken: BTreeSet<String>,
    /// See [`crate::project::Loaded::cut`].
    pub(crate) cut: BTreeSet<u32>,
    /// See [`crate::project::Loaded::wrong`].
    pub(crate) wrong: Vec<u32>,
    /// See [`crate::project::Loaded::depth`].
    pub(crate) depth: usize,
}

/// Reads texts, which are the files from `first` on.
pub(crate) fn read_all(first: usize, texts: &[&str]) -> Vec<Read> {
    let one = |at: usize, parse: Parse| Some(read(first.saturating_add(at), texts.get(at)?, parse));
    let bytes: usize = texts.iter().map(|t| t.len()).sum();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(texts.len());
    if bytes < MANY || threads < 2 {
        // So the other threads have time to read parts of each.
        return (0..texts.len()).filter_map(|at| one(at, play_syntax::parse_side_by_side)).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(read) = one(at, play_syntax::parse) else { return done };
            done.push((at, read));
        }
    };
    let mut all = std::thread::scope(|scope| {
        // This thread reads, too; where no other can be started, it alone.
        let others: Vec<_> = (1..threads)
            .filter_map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, some).ok())
            .collect();
        let mut all = some();
        for other in others {
            // What goes wrong in there goes wrong here.
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, read)| read).collect()
}

fn read(index: usize, text: &str, parse: Parse) -> Read {
    let parsed = parse(u32::try_from(index).unwrap_or(u32::MAX), text);
    let failed = parsed.diagnostics.iter().any(|d| d.severity == Severity::Error);
    let broken = if failed { declared(text, &parsed.tokens) } else { BTreeSet::new() };
    let stray = parsed.diagnostics.iter().filter(|d| d.code == codes::P1007);
    let cut = stray.filter_map(|d| d.labels.get(1)).map(|l| l.place.end).collect();
    let wrong = parsed.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let wrong = wrong.filter_map(|d| d.labels.first()).map(|l| l.place.start).collect();
    Read { tree: parsed.file, diagnostics: parsed.diagnostics, broken, cut, wrong, depth: parsed.depth }
}

/// What a file that could not be parsed as a whole declares, by its words alone: so that a broken declaration is
/// reported once, where it is broken, and not again at each use.
fn declared(text: &str, tokens: &[Token]) -> BTreeSet<String> {
    let seen = tokens.iter().filter(|t| !t.kind.is_trivia());
    let named =
        seen.clone().zip(seen.skip(1)).filter(|(word, name)| word.kind.declares() && name.kind.is_word());
    named.map(|(_, name)| name.text(text).to_string()).collect()
}
