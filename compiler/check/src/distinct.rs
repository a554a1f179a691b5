//! `[approvals] distinct = true`: nobody approves the same act as two roles, so two guards that both ask need so many persons together.

use std::collections::BTreeSet;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_program::guard::{ClauseKind, Otherwise};

use crate::context::Context;
use crate::typed::Guard;

/// What a guard always asks for that lets something through.
struct Asks<'g> {
    guard: &'g Guard,
    at: u32,
    roles: Vec<&'g str>,
    needed: u32,
}

impl Context<'_> {
    /// Reports two guards that both ask for an act, where too few persons have the roles that they ask.
    pub(crate) fn too_few_for_all(&mut self, guards: &[Guard]) {
        if !self.parties.distinct {
            return;
        }
        let all: Vec<Asks<'_>> = guards.iter().filter_map(asks).collect();
        let mut findings = Vec::new();
        for (n, second) in all.iter().enumerate() {
            // One is enough to say what is wrong.
            let firsts = all.iter().take(n).filter(|first| same_act(first, second));
            findings.extend(firsts.filter_map(|first| self.too_few(first, second)).next());
        }
        findings.into_iter().for_each(|f| self.report(f));
    }

    fn too_few(&self, first: &Asks<'_>, second: &Asks<'_>) -> Option<Diagnostic> {
        let have = |asks: &Asks<'_>| -> Option<BTreeSet<&String>> {
            let of = |role: &&str| self.parties.members.get(role.strip_prefix("role.").unwrap_or(role));
            let mut all = BTreeSet::new();
            for role in &asks.roles {
                // A role that nobody is listed for is anybody's.
                all.extend(&of(role)?.names);
            }
            Some(all)
        };
        let (those, these) = (have(first)?, have(second)?);
        let there: BTreeSet<_> = those.union(&these).collect();
        let is_over = |needed: u32, there: usize| u32::try_from(there).is_ok_and(|there| needed > there);
        // More than one role has is reported by itself.
        if is_over(first.needed, those.len()) || is_over(second.needed, these.len()) {
            return None;
        }
        let needed = first.needed.saturating_add(second.needed);
        if !is_over(needed, there.len()) {
            return None;
        }
        let (by, other) = (&second.guard.spec.name, &first.guard.spec.name);
        let names: Vec<String> = there.iter().map(|name| format!("`{name}`")).collect();
        let has = if names.len() == 1 { "has" } else { "have" };
        let text = format!("guards `{other}` and `{by}` can never both have their approvals");
        Some(
            Diagnostic::error(codes::P5073, self.place_of(second.at)?, text)
                .here(format!("together they take {needed} persons, and only {} {has} their roles", names.join(", ")))
                .label(self.place_of(first.at)?, "this is asked for the same act")
                .note("`[approvals] distinct` of play.toml wants another person for each role, so this act could only be denied, or come to the end of its time.")
                .help("Name more persons in `[roles]` of play.toml, or ask the same role in both."),
        )
    }

    fn place_of(&self, at: u32) -> Option<Place> {
        self.nodes.get(at as usize).map(|n| Place { file: n.file, start: n.start, end: n.end })
    }
}

/// What a guard asks for, where it has no other way to let an act through.
fn asks(guard: &Guard) -> Option<Asks<'_>> {
    if guard.spec.clauses.iter().any(|c| matches!(c.kind, ClauseKind::Allow { .. })) {
        return None;
    }
    let Otherwise::Approval { at, from, needed, then, .. } = &guard.spec.otherwise else { return None };
    let roles = std::iter::once(from.as_str()).chain(then.iter().map(|t| t.to.as_str())).collect();
    Some(Asks { guard, at: *at, roles, needed: *needed })
}

/// Whether both are asked for some act, each as roles that the other does not ask.
fn same_act(first: &Asks<'_>, second: &Asks<'_>) -> bool {
    let (one, other) = (&first.guard.spec, &second.guard.spec);
    let case = one.case.is_none() || other.case.is_none() || one.case == other.case;
    let covers = one.covers.iter().any(|c| other.covers.iter().any(|o| o.action == c.action));
    case && covers && !first.roles.iter().any(|role| second.roles.contains(role))
}
