//! `playc caps`: what each playbook may do, in a file whose changes are the security review.

use std::path::PathBuf;

use play_check::typed::Program;

use crate::cli::CapsArgs;
use crate::output::{self, Style};
use crate::project::{Project, Sound};
use crate::{Ended, Result, Trouble};

/// The name of the file, beside `play.toml`.
const FILE: &str = "play.caps";

/// Runs it.
pub fn run(args: &CapsArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    let undone = if args.check { "nothing was compared" } else { "nothing was written" };
    let Some(Sound { program, .. }) = project.sound(style, undone) else { return Ok(Ended::Findings) };
    if !args.check {
        let path = project.folder.join(FILE);
        let now = play_check::caps::text(&program);
        std::fs::write(&path, now).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        output::out(&format!("wrote {}", crate::project::shown(&path)));
        return Ok(Ended::Fine);
    }
    let caps = compare(&project, &program)?;
    for line in &caps.changes {
        output::out(&output::safe(line));
    }
    output::out(&style.verdict(caps.fresh, &caps.verdict()));
    Ok(if caps.fresh { Ended::Fine } else { Ended::Findings })
}

/// How the file stands to the program.
pub struct Caps {
    /// Its path.
    pub path: PathBuf,
    /// Whether it says what the program may do.
    pub fresh: bool,
    /// Whether there is none.
    pub missing: bool,
    /// The lines that it has and should not, after `- `, then those that it should have, after `+ `.
    pub changes: Vec<String>,
}

impl Caps {
    /// In a sentence.
    pub fn verdict(&self) -> String {
        let path = crate::project::shown(&self.path);
        let folder = self.path.parent().map(crate::project::shown).filter(|f| f != ".");
        let folder = folder.map(|f| format!(" {}", output::word(&f))).unwrap_or_default();
        match (self.fresh, self.missing) {
            (true, _) => format!("{path} is up to date"),
            (false, true) => format!("{path} is missing: run `playc caps{folder}`"),
            (false, false) => format!("{path} is stale: run `playc caps{folder}`"),
        }
    }
}

/// Compares the file with what the program may do.
pub fn compare(project: &Project, program: &Program) -> Result<Caps> {
    let path = project.folder.join(FILE);
    let now = play_check::caps::text(program);
    let known = match std::fs::read_to_string(&path) {
        Ok(known) => Some(known),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        Err(e) => return Err(Trouble(format!("{}: {e}", path.display()))),
    };
    let (missing, known) = (known.is_none(), known.unwrap_or_default());
    // Each line stands for itself, and they are sorted: what is in one text only is the difference.
    let gone = known.lines().filter(|l| !now.lines().any(|n| n == *l)).map(|l| format!("- {l}"));
    let new = now.lines().filter(|l| !known.lines().any(|k| k == *l)).map(|l| format!("+ {l}"));
    Ok(Caps { path, fresh: known == now, missing, changes: gone.chain(new).collect() })
}
