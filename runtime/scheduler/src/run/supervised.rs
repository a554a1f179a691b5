//! A supervised run: somebody is asked for every write, whatever its guards say, unless that very act was approved in this run
//! already. It is asked like an approval that a guard wants, and stands in the evidence like one.

use play_program::autonomy::Autonomy;

use super::Run;
use super::approval::Wanting;
use super::guard::Asked;

/// Stands for the index of a guard where it is the supervision that wants an approval.
pub(super) const SUPERVISION: usize = usize::MAX;

/// What it is called where the name of a guard stands. No guard has a name like this.
const NAME: &str = "play.toml";

/// What the supervision says of an act.
pub(super) enum Supervised {
    /// Somebody has approved it, in these lines.
    Approved(u32, Vec<u64>),
    /// Somebody has to.
    Wants(Wanting),
}

impl Run {
    /// Whether every write is asked for.
    pub(super) fn is_supervised(&self) -> bool {
        matches!(self.autonomy, Autonomy::Supervised { .. })
    }

    /// The name of a guard, or what stands for it.
    pub(super) fn guard_name(&self, index: usize) -> Option<&str> {
        if index == SUPERVISION {
            return Some(NAME);
        }
        self.guard(index).map(|guard| guard.name.as_str())
    }

    /// What the supervision says of an act, in a run that is supervised.
    pub(super) fn supervision(&self, asked: &Asked) -> Option<Supervised> {
        let Autonomy::Supervised { from, within } = &self.autonomy else { return None };
        let at = self.manifest.playbooks.get(self.playbook).map_or(0, |p| p.at);
        let said = asked.approved.get(&SUPERVISION).cloned();
        if let Some(said) = said.or_else(|| self.was_approved(asked.action, &asked.args, from)) {
            return Some(Supervised::Approved(at, said));
        }
        let (from, within) = (from.clone(), *within);
        Some(Supervised::Wants(Wanting {
            guard: SUPERVISION,
            at,
            from,
            needed: 1,
            within,
            then: Vec::new(),
            distinct: false,
            parts: Vec::new(),
        }))
    }
}
