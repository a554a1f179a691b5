//! A test out of a recorded run: its case, its answers, what persons said, and what came of it as what is expected.
//!
//! Personal data is not carried into a test: see [`redact`].

mod read;
mod redact;

pub use read::{Came, Instead, spec};

use std::path::Path;

use crate::cli::TestArgs;
use crate::commands::test::Tester;
use crate::output::{self, safe};
use crate::paths::block;
use crate::project::{Compiled, Project};
use crate::runs;
use crate::{Ended, Result, Trouble};

/// Prints the test of a run, for the program as it is now. It is a finding when the test does not hold today: the program
/// decides otherwise than it did, or what was made unrecognisable was decisive.
pub fn run(args: &TestArgs, trace: &str, project: &Project, tester: &Tester) -> Result {
    let file = Some(Path::new(trace)).filter(|path| path.is_file());
    let recorded = match file {
        Some(path) => runs::from_file(path)?,
        None => runs::find(&*args.store.reader()?, trace)?,
    };
    let program = &tester.compiled.program;
    let title = format!("as run {} was decided", recorded.run);
    let mut record = read::read(&tester.compiled.artifact.manifest, &recorded.lines, &title)
        .map_err(|why| Trouble(format!("run {}: {why}", safe(&recorded.run))))?;
    redact::redact(program, &mut record);
    let text = block::of_record(program, &title, &record.spec, &record.expect)
        .ok_or("something in this run cannot be written as Play")?;
    output::out(text.trim_end());
    let checked = project.with_file("from_trace.play", &text).check();
    let Some(now) = checked.program else {
        output::err("the program has changed: this test does not check any more");
        let style = play_diagnostics::text::Style::default();
        output::err(&play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
        return Ok(Ended::Findings);
    };
    let tester = Tester::new(Compiled::of(now, checked.files)?, false)?;
    let Some((index, spec)) = tester.specs.iter().enumerate().find(|(_, s)| s.title == title) else {
        return Err(Trouble(format!("the test \"{title}\" was not found again")));
    };
    let (result, _) = tester.run(index, spec);
    for (_, what) in &result.failures {
        output::err(&format!("does not hold today: {}", safe(what)));
    }
    Ok(if result.passed() { Ended::Fine } else { Ended::Findings })
}
