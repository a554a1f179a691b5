//! `from 2 of role.soc_lead`: how many different persons an approval takes.

use std::collections::BTreeSet;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_syntax::ast::{Escalation, Quorum, Target};

use crate::context::{Context, place};

/// The most that can be wanted. Nobody waits for more.
const MOST: u32 = 100;

impl Context<'_> {
    /// How many it takes. Reports a number that no persons are, and one that those who are asked can never come to.
    pub(crate) fn quorum(&mut self, quorum: Option<&Quorum>, from: &Target, then: &[Escalation]) -> u32 {
        let Some(quorum) = quorum else { return 1 };
        let Some(persons) = quorum.persons.filter(|n| (1..=MOST).contains(n)) else {
            let text = "an approval does not take so many persons";
            self.report(
                Diagnostic::error(codes::P5070, place(quorum.span), text)
                    .here(format!("a number from 1 to {MOST} is wanted"))
                    .help("Write `from 2 of role.NAME` where two different persons have to approve, and `from role.NAME` where one does."),
            );
            return 1;
        };
        let mut names = BTreeSet::new();
        let mut first = None;
        for to in std::iter::once(from).chain(then.iter().map(|t| &t.to)) {
            // A role that nobody is listed for is anybody's.
            let Some(members) = self.parties.members.get(to.name.text.as_str()) else { return persons };
            names.extend(members.names.iter().cloned());
            first.get_or_insert(members.at);
        }
        let there = names.len();
        let Some(at) = first.filter(|_| u32::try_from(there).is_ok_and(|there| persons > there)) else {
            return persons;
        };
        let mut roles = vec![format!("`role.{}`", from.name.text)];
        roles.extend(then.iter().map(|t| format!("`role.{}`", t.to.name.text)));
        let all: Vec<String> = names.iter().map(|m| format!("`{m}`")).collect();
        let has = if there == 1 { "has it" } else { "have it" };
        let finding = Diagnostic::error(
            codes::P5071,
            place(quorum.span),
            format!("{persons} persons of {} can never approve", roles.join(" and ")),
        )
        .here(format!("only {there} {has}"))
        .label(at, format!("{} {has}", all.join(", ")))
        .note(
            "Each person counts once, so this approval could only be denied, or come to the end of its time.",
        )
        .help(format!("Ask for at most {there}, or name more of them in `[roles]` of play.toml."));
        let text = format!("{there} of");
        self.report(finding.fix(
            format!("Ask for {there}"),
            false,
            vec![Edit { place: place(quorum.span), text }],
        ));
        persons
    }
}
