//! `playc check --report`: how each write stands to its guards before anything runs.

use play_check::coverage::{self, Status, Write};
use play_check::typed::Program;

use crate::cli::Format;
use crate::output::{self, Style};

/// Prints it.
pub fn print(program: &Program, format: Format, style: Style) -> serde_json::Result<()> {
    let writes = coverage::writes(program);
    match format {
        Format::Text => {
            for write in &writes {
                tell(program, write, style);
            }
        }
        Format::Json => {
            let all: Vec<_> = writes.iter().map(|w| as_json(program, w)).collect();
            output::out(&serde_json::to_string_pretty(&all)?);
        }
        Format::Jsonl => {
            for write in &writes {
                output::out(&as_json(program, write).to_string());
            }
        }
    }
    Ok(())
}

/// What is said of a write, in parts.
struct Said {
    place: String,
    playbook: String,
    action: String,
    class: String,
    undo: Option<String>,
    controls: Vec<String>,
}

fn said(program: &Program, write: &Write) -> Said {
    let action = program.actions.get(write.action.0 as usize);
    let undo = action.and_then(|a| Some(format!("{}.{}", a.connector, a.undo.as_ref()?)));
    let playbook = program.playbooks.get(write.playbook);
    let controls = playbook.map(|p| p.controls.clone()).unwrap_or_default();
    let playbook = playbook.map(|p| p.name.clone());
    Said {
        place: place(program, write.at),
        playbook: playbook.unwrap_or_default(),
        action: action.map(|a| a.full_name()).unwrap_or_default(),
        class: action.and_then(|a| a.class.clone()).unwrap_or_else(|| "change".into()),
        undo,
        controls,
    }
}

/// How long it is done for: `4h`.
fn hold(write: &Write) -> Option<String> {
    let types = play_program::types::TypeTable::with_builtins();
    let show = |time| {
        let value = play_program::value::Value::Duration(time);
        play_program::convert::display(&value, &play_program::types::Type::Duration, &types)
    };
    write.hold.map(show)
}

/// Path, line and column.
fn place(program: &Program, at: u32) -> String {
    let node = program.nodes.get(at as usize);
    let Some((node, file)) = node.and_then(|n| Some((n, program.files.get(n.file as usize)?))) else {
        return String::new();
    };
    let before = file.text.get(..node.start as usize).unwrap_or_default();
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    format!("{}:{line}:{column}", file.path)
}

fn tell(program: &Program, write: &Write, style: Style) {
    let Said { place, playbook, action, class, undo, controls } = said(program, write);
    let status = write.status(program);
    let fine = !matches!(status, Status::Unguarded | Status::Refused);
    output::out(&format!(
        "{place}  {playbook}  do {action}  class {class}  {}",
        style.verdict(fine, status.text())
    ));
    for (guard, _) in &write.guards {
        let name = program.guards.get(*guard).map(|g| g.spec.name.clone()).unwrap_or_default();
        output::out(&format!("  guard  {name}: {}", coverage::guard_text(program, *guard)));
    }
    for decision in &write.path {
        output::out(&format!("  when   {}", decision.text));
    }
    output::out(&format!("  often  {}", write.bound.text()));
    if let Some(undo) = undo {
        output::out(&format!("  undo   {undo}"));
    }
    if let Some(time) = hold(write) {
        output::out(&format!("  ends   after {time}"));
    }
    if let Some(why) = &write.irreversible {
        output::out(&format!("  ends   never: {why}"));
    }
    if !controls.is_empty() {
        output::out(&format!("  meets  {}", controls.join(", ")));
    }
}

fn as_json(program: &Program, write: &Write) -> serde_json::Value {
    let Said { place, playbook, action, class, undo, controls } = said(program, write);
    let guards: Vec<_> = write
        .guards
        .iter()
        .filter_map(|(guard, _)| {
            let name = &program.guards.get(*guard)?.spec.name;
            Some(serde_json::json!({ "name": name, "says": coverage::guard_text(program, *guard) }))
        })
        .collect();
    let path: Vec<&str> = write.path.iter().map(|d| d.text.as_str()).collect();
    serde_json::json!({
        "version": 1, "place": place, "playbook": playbook, "action": action, "class": class,
        "status": write.status(program).text(), "guards": guards, "path": path,
        "often": write.bound.text(), "undo": undo, "for": hold(write), "irreversible": write.irreversible,
        "controls": controls,
    })
}
