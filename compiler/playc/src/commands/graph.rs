//! `playc graph`: what a playbook does, as a picture.

use play_check::typed::Program;
use play_pages::driven;
use play_pages::graph::{self, Facts, Graph};
use play_pages::source::Sources;
use play_syntax::ast::PlaybookDecl;

use crate::cli::{GraphArgs, GraphFormat};
use crate::output::{self, Style};
use crate::project::Project;
use crate::{Ended, Result, Trouble};

/// Runs it.
pub fn run(args: &GraphArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    let Some(sound) = project.sound(style, "nothing was drawn") else { return Ok(Ended::Findings) };
    let sources = Sources::of(&sound.program, &sound.files, sound.parsed);
    let facts = sources.facts();
    let all = sources.playbooks();
    let graph = one((&facts, &sound.program), &all, args.playbook.as_deref(), &project.name)?;
    let drawn = match args.format {
        GraphFormat::Svg => graph::svg(&graph),
        GraphFormat::Mermaid => graph::mermaid(&graph),
        GraphFormat::Dot => graph::dot(&graph),
    };
    match &args.output {
        Some(path) => {
            std::fs::write(path, drawn).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
            output::out(&format!("wrote {}", path.display()));
        }
        None => output::out_bytes(drawn.as_bytes()),
    }
    Ok(Ended::Fine)
}

/// The picture of the playbook that was asked for, or of the only one.
fn one(
    (facts, program): (&Facts, &Program),
    all: &[&PlaybookDecl],
    wanted: Option<&str>,
    project: &str,
) -> Result<Graph> {
    let names: Vec<&str> = all.iter().map(|decl| decl.name.text.as_str()).collect();
    let found = match (wanted, all) {
        (None, [only]) => Some(only),
        (Some(name), _) => all.iter().find(|decl| decl.name.text == name),
        (None, _) => None,
    };
    match (found, wanted) {
        (Some(decl), _) => Ok(driven::picture(facts, program, decl)),
        (None, _) if names.is_empty() => Err(Trouble(format!("there is no playbook in {project}"))),
        (None, Some(name)) => Err(Trouble(format!(
            "there is no playbook `{name}` in {project}; there are {}",
            names.join(", ")
        ))),
        (None, None) => Err(Trouble(format!(
            "there are {} playbooks in {project}: name one with --playbook, out of {}",
            names.len(),
            names.join(", ")
        ))),
    }
}
