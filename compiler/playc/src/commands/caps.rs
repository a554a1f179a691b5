//! `playc caps`: what each playbook may do, in a file whose changes are the security review.

use play_diagnostics::{Severity, text};

use crate::cli::CapsArgs;
use crate::output::{self, Style};
use crate::project::{Project, count};
use crate::{Ended, Result, Trouble};

/// The name of the file, beside `play.toml`.
const FILE: &str = "play.caps";

/// Runs it.
pub fn run(args: &CapsArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    let checked = project.check();
    let errors: Vec<_> =
        checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    let Some(program) = checked.program.filter(|_| errors.is_empty()) else {
        let draw = text::Style { color: style.color_err, ..Default::default() };
        output::err(text::render(&errors, &checked.files, draw).trim_end());
        output::err(&format!("{} in {}", count(errors.len(), "error"), project.name));
        return Ok(Ended::Findings);
    };
    let now = play_check::caps::text(&program);
    let path = project.folder.join(FILE);
    if !args.check {
        std::fs::write(&path, now).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        output::out(&format!("wrote {}", path.display()));
        return Ok(Ended::Fine);
    }
    let known = match std::fs::read_to_string(&path) {
        Ok(known) => known,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(Trouble(format!("{}: {e}", path.display()))),
    };
    if known == now {
        output::out(&style.verdict(true, &format!("{} is up to date", path.display())));
        return Ok(Ended::Fine);
    }
    // Each line stands for itself, and they are sorted: what is in one text only is the difference.
    for line in known.lines().filter(|l| !now.lines().any(|n| n == *l)) {
        output::out(&output::safe(&format!("- {line}")));
    }
    for line in now.lines().filter(|l| !known.lines().any(|k| k == *l)) {
        output::out(&output::safe(&format!("+ {line}")));
    }
    let what = if known.is_empty() { "is missing" } else { "is stale" };
    output::out(&style.verdict(false, &format!("{} {what}: run `playc caps`", path.display())));
    Ok(Ended::Findings)
}
