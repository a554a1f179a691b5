//! What nothing takes back is done only behind somebody's approval, on every way to it.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::guard::{ClauseKind, Otherwise};

use super::findings::{place, short};
use super::{Beside, Standing, Write};
use crate::typed::Program;

/// What is wrong with an irreversible write that nobody has to approve. One that no guard covers, or that a guard refuses, has a
/// finding of its own.
pub(super) fn finding(program: &Program, write: &Write) -> Option<Diagnostic> {
    // A message or a ticket changes nothing that somebody would want back.
    if write.irreversible.is_none() || !super::needs_guard(program, write.action) {
        return None;
    }
    let refused = |s: &Standing| matches!(s, Standing::Never(_) | Standing::Refused);
    if write.asks_a_person() || write.guards.is_empty() || write.guards.iter().any(|(_, s)| refused(s)) {
        return None;
    }
    let action = program.actions.get(write.action.0 as usize)?;
    let name = action.full_name();
    let mut finding = Diagnostic::error(
        codes::P5060,
        place(program, write.at)?,
        format!("`{name}` is irreversible here, and nobody has to approve it"),
    )
    .here("done for good, without asking anybody");
    for decision in &write.path {
        finding = finding.label(place(program, decision.at)?, format!("when {}", short(&decision.text)));
    }
    for (approval, why) in &write.beside {
        let text = match why {
            Beside::OtherWay => "approved here, but not on every way to it",
            Beside::OtherArguments => "approved here with other arguments",
        };
        finding = finding.label(place(program, *approval)?, text);
    }
    let mut asks = None;
    for (guard, _) in &write.guards {
        let spec = &program.guards.get(*guard)?.spec;
        if let Otherwise::Approval { from, .. } = &spec.otherwise {
            asks = Some(from.as_str());
            for clause in spec.clauses.iter().filter(|c| matches!(c.kind, ClauseKind::Allow { .. })) {
                finding = finding.label(place(program, clause.at)?, "lets it through without asking");
            }
        }
    }
    let role = asks.unwrap_or("role.NAME");
    let guard = write.guards.first().and_then(|(g, _)| program.guards.get(*g));
    let by_guard = match (asks, guard) {
        (Some(_), _) => "; or take the `allow` out of the guard, so that it asks every time".to_string(),
        (None, Some(guard)) => format!(
            "; or let guard `{}` ask, with `else approval from {role} within 1h else refuse` in place of its `allow`",
            guard.spec.name
        ),
        (None, None) => String::new(),
    };
    Some(
        finding
            .note(
                "What can be taken back may be done at once, and looked at later. What cannot is done when a person has \
                 agreed, on every way that leads to it.",
            )
            .help(format!(
                "Ask before it: `approve {name}(…) from {role} within 30m because \"…\" else hand over to queue.NAME \
                 because \"…\"`{by_guard}."
            )),
    )
}
