//! Which guards cover an action in playbooks for a case type, asked for each write: with many guards, looking at each takes too long.

use std::collections::{BTreeMap, BTreeSet};

use play_program::action::ActionId;
use play_program::types::RecordId;

use crate::typed::Guard;

/// The guards of a program, by what they cover.
pub(crate) struct Covering {
    /// By action, and the case type that the guard is for; `None` for all.
    by: BTreeMap<(ActionId, Option<RecordId>), Vec<usize>>,
}

impl Covering {
    /// Of the guards of a program.
    pub(crate) fn of_guards(guards: &[Guard]) -> Self {
        let mut by: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, guard) in guards.iter().enumerate() {
            let actions: BTreeSet<ActionId> = guard.spec.covers.iter().map(|c| c.action).collect();
            for action in actions {
                by.entry((action, guard.spec.case)).or_default().push(index);
            }
        }
        Self { by }
    }

    /// Their indices, in order.
    pub(crate) fn of(&self, action: ActionId, case: RecordId) -> impl Iterator<Item = usize> + use<> {
        let of = |case| self.by.get(&(action, case)).into_iter().flatten().copied();
        let mut all: Vec<usize> = of(Some(case)).chain(of(None)).collect();
        all.sort_unstable();
        all.into_iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use super::Covering;
    use crate::{check_workspace, workspace};

    const TEXT: &str = r#"
use std.connectors.okta
use std.connectors.tickets
case Login { user: OktaUserId }
case Other { user: OktaUserId }
guard a for Other covers okta.suspend { limit 1 per 1h allow }
guard b covers okta.suspend, okta.unsuspend { limit 2 per 1h allow }
guard c for Login covers okta.suspend { limit 3 per 1h allow }
guard d covers class contain { limit 4 per 1h allow }
"#;

    #[test]
    fn each_guard_is_found_by_what_it_covers_and_for_whom() {
        let checked = check_workspace(&workspace::of_text("covering", TEXT).unwrap(), &play_stdlib::module);
        let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
        let covering = Covering::of_guards(&program.guards);
        let mut some = 0;
        for action in program
            .actions
            .iter()
            .enumerate()
            .map(|(at, _)| play_program::action::ActionId(u32::try_from(at).unwrap()))
        {
            for case in (0..program.types.records.len())
                .map(|at| play_program::types::RecordId(u32::try_from(at).unwrap()))
            {
                let each = program.guards.iter().enumerate().filter(|(_, g)| g.spec.covers(action, case));
                let each: Vec<usize> = each.map(|(index, _)| index).collect();
                assert_eq!(covering.of(action, case).collect::<Vec<_>>(), each);
                some += usize::from(each.len() > 2);
            }
        }
        assert!(some > 0, "several guards cover one act");
    }
}
