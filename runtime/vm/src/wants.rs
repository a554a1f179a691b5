//! Whether a playbook looks at what a call is answered with, by its code.

use play_program::code::{Guard, Playbook, Region, Slot, TaskKind};

/// See [`play_program::exec::Machine::wants`]. A call that is looked for and not found is one whose answer is wanted.
pub(crate) fn wants(playbook: &Playbook, at: u32) -> bool {
    let mut found = false;
    for (index, region) in playbook.regions.iter().enumerate() {
        for task in &region.tasks {
            let TaskKind::Else { guard: Guard::Failed, value, out, .. } = &task.kind else { continue };
            if !is_call(playbook, region, *value, at) {
                continue;
            }
            found = true;
            if out.is_some_and(|slot| is_read(playbook, index, slot)) {
                return true;
            }
        }
    }
    // What stands in an `if let` is in no `else`.
    !found
}

fn is_call(playbook: &Playbook, region: &Region, task: u32, at: u32) -> bool {
    match region.tasks.get(task as usize).map(|t| &t.kind) {
        Some(TaskKind::Effect { site, .. }) => {
            playbook.sites.get(*site as usize).is_some_and(|site| site.at == at)
        }
        _ => false,
    }
}

/// Whether anybody may look into a slot. What a pass gives is looked at by whoever looks at the list.
fn is_read(playbook: &Playbook, region: usize, slot: Slot) -> bool {
    let Ok(wanted) = u32::try_from(region) else { return true };
    for (index, outer) in playbook.regions.iter().enumerate().take(region) {
        for task in &outer.tasks {
            if let TaskKind::For { region, gives, out, .. } = &task.kind
                && *region == wanted
            {
                let listed = *gives == Some(slot);
                return !listed || out.is_some_and(|out| is_read(playbook, index, out));
            }
        }
    }
    true
}
