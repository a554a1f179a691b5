//! The checker walks trees by recursion. The language bounds how deep they are, but not how small the caller's stack is.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_syntax::side_by_side::STACK;

use crate::project::Loaded;

/// Nesting up to which the caller's stack is surely large enough.
const SHALLOW: usize = 24;

/// Runs with a stack that is large enough for trees of this depth.
pub(crate) fn with_room<T: Send>(depth: usize, run: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    if depth <= SHALLOW {
        return Ok(run());
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run)?;
        // What goes wrong in there goes wrong here.
        Ok(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Said where the system gives no such stack.
pub(crate) fn no_room(files: &[Loaded], refused: &std::io::Error) -> Diagnostic {
    let deepest = files.iter().enumerate().max_by_key(|(_, f)| f.depth).map_or(0, |(i, _)| i);
    let place = Place { file: u32::try_from(deepest).unwrap_or(u32::MAX), start: 0, end: 0 };
    Diagnostic::error(codes::P1015, place, "nested deeper than there is memory for")
        .here("in this file")
        .note(format!("No thread with a larger stack could be started: {refused}."))
        .help("Give a part of it a name with `let`, or move it to a `fn`.")
}
