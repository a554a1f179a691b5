//! Bodies that know nothing of each other, checked on two threads. What is found is what one thread finds, in the same order.
//!
//! The second half is checked with a copy of the context, which numbers its nodes from nothing; they move behind the first half when that is
//! done. What is made for all of the program (the type of an answer, a finding that is told once for all places) or depends on how often it
//! was asked (names that are compared with one that is not known) depends on what came before: there the copy stops, and the rest is begun
//! anew.

use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_program::artifact::Node;
use play_syntax::side_by_side::{both, each as each_of};

use crate::context::Context;
use crate::numbered::Numbered;
use crate::parties::Parties;
use crate::typed::NodeId;

/// Fewer bodies are checked sooner by one thread than another is begun.
const FEW: usize = 16;

/// What a copy has made.
struct Copied<'a, T> {
    /// One for each that was checked.
    made: Vec<T>,
    nodes: Vec<Node>,
    findings: Vec<Diagnostic>,
    parties: Parties<'a>,
}

impl<'a> Context<'a> {
    /// What comes of each of these, in order; on two threads where that is `worth` it.
    pub(crate) fn bodies<I: Sync, T: Numbered + Send>(
        &mut self,
        worth: bool,
        all: &[I],
        each: impl Fn(&mut Self, &I) -> T + Sync,
    ) -> Vec<T> {
        let mut made = Vec::with_capacity(all.len());
        let mut rest = all;
        while worth && rest.len() >= FEW {
            let (first, second) = rest.split_at(rest.len() / 2);
            let copy = self.copy();
            let here = || first.iter().map(|one| each(self, one)).collect::<Vec<T>>();
            let (here, mut there) = both(true, here, || copy.copied(second, &each));
            drop(copy);
            let by = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
            each_of(true, &mut there.made, |one| one.renumber(by));
            self.nodes.append(&mut there.nodes);
            self.findings.append(&mut there.findings);
            self.parties.asked_too(there.parties);
            rest = second.get(there.made.len()..).unwrap_or_default();
            made.extend(here.into_iter().chain(there.made));
        }
        made.extend(rest.iter().map(|one| each(self, one)));
        made
    }

    /// What a copy makes of the first of these, up to one that depends on what was before it.
    fn copied<I, T>(&self, all: &[I], each: &impl Fn(&mut Self, &I) -> T) -> Copied<'a, T> {
        let mut own = self.copy();
        let mut made = Vec::with_capacity(all.len());
        let left = own.left();
        for one in all {
            let (nodes, findings) = (own.nodes.len(), own.findings.len());
            let found = each(&mut own, one);
            if own.left() != left {
                own.nodes.truncate(nodes);
                own.findings.truncate(findings);
                break;
            }
            made.push(found);
        }
        Copied { made, nodes: own.nodes, findings: own.findings, parties: own.parties }
    }

    /// The same, with nothing found in it yet.
    pub(crate) fn copy(&self) -> Self {
        // Each is named, so that none can be forgotten.
        let Self {
            files,
            globals,
            findings: _,
            told: _,
            compared: _,
            asked: _,
            memory: _,
            nodes: _,
            deployed: _,
            types,
            record_decls,
            enum_decls,
            members,
            fns,
            consts,
            connectors,
            events,
            actions,
            verified,
            playbooks,
            failures,
            labels,
            procedures,
            calling,
            guards,
            controls,
            parties,
            common_case,
            config,
            answers,
            approval,
        } = self;
        Self {
            types: Arc::clone(types),
            record_decls: record_decls.clone(),
            enum_decls: enum_decls.clone(),
            members: Arc::clone(members),
            fns: Arc::clone(fns),
            consts: Arc::clone(consts),
            connectors: Arc::clone(connectors),
            events: Arc::clone(events),
            actions: Arc::clone(actions),
            verified: verified.clone(),
            playbooks: playbooks.clone(),
            failures: failures.clone(),
            labels: Arc::clone(labels),
            procedures: Arc::clone(procedures),
            calling: calling.clone(),
            guards: guards.clone(),
            controls: controls.clone(),
            parties: parties.clone(),
            common_case: *common_case,
            config: *config,
            answers: answers.clone(),
            approval: *approval,
            ..Self::empty(files, Arc::clone(globals))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::alike::checked_alike;

    /// Many playbooks, each with a source; some of them make what is there once for all, or have `more` in them.
    fn program(more: &str) -> String {
        let mut text = String::from(
            "use std.connectors.okta\nrole lead\nguard suspensions covers okta.suspend {\n  limit 10 per 1h\n  allow\n}\nprocedure shut_out(user: OktaUserId) {\n  do okta.suspend(user) for 4h else hand over to queue.tier1 because \"no\"\n}\n",
        );
        for at in 0..70 {
            let own = match at % 9 {
                2 => format!(
                    "let said = ask role.lead \"sure?\" {{ Yes, No, Maybe{} }} within 4h else No because \"late\"\n  if said.choice == Yes {{ close FalsePositive because \"sure\" }}",
                    at % 4
                ),
                5 => "shut_out(case.user)".to_string(),
                7 if at > 20 => more.to_string(),
                _ => format!("if case.hits > {} {{ note \"{{case.hits}}\" }}", at + 5),
            };
            let _ = writeln!(
                text,
                "case Login{at} {{ user: OktaUserId, hits: Int }}
source feed_{at} from feed(\"f.{at}\") -> Login{at} {{
  accept payload.kind as String? == \"k{at}\"
  map {{
    user = payload.user as OktaUserId?
    hits = payload.hits as Int else {at}
  }}
}}
playbook p_{at} for Login{at} when case.hits > 1 {{
  {own}
  close TruePositive because \"done\"
}}
guard g_{at} for Login{at} covers okta.suspend {{
  never when case.hits < {at}
  allow when case.hits > {at} + 1
  else approval from role.lead within 1h else refuse
}}
test \"t {at}\" {{
  given Login{at} {{ user: \"u\", hits: {at} }}
  given okta.suspend(_) fails Timeout \"no\" after 1s then returns \"s\" after 2s
  run p_{at}
  expect never okta.suspend(\"u\")
  expect because contains \"done\"
  expect case.hits > {at} - 1
}}"
            );
        }
        text
    }

    #[test]
    fn two_threads_check_many_bodies_as_one_does() {
        let mistakes = "note \"{unknown_name} {cse.hits}\"\n  hand over to role.leed because \"x\"";
        for (more, sound) in [("note \"x\"", true), (mistakes, false)] {
            let one = checked_alike(&program(more));
            assert_eq!(one.program.is_some(), sound, "{:?}", one.diagnostics.first());
        }
    }
}
