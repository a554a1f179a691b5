//! Bodies that know nothing of each other, checked on two threads. What is found is what one thread finds, in the same order.
//!
//! Each thread takes some of them until none is left, and has a copy of the context, which numbers its nodes from nothing; in the end all
//! have the numbers that one thread gives them. What is made for all of the program (the type of an answer, a finding that is told once for
//! all places) or depends on how often it was asked (names that are compared with one that is not known) depends on what came before: that
//! is left, and made in order when the rest is there.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use play_diagnostics::Diagnostic;
use play_program::artifact::Node;
use play_syntax::side_by_side::{both, each as each_of};

use crate::context::Context;
use crate::numbered::Numbered;
use crate::parties::Parties;
use crate::typed::NodeId;

/// Fewer bodies are checked sooner by one thread than another is begun.
const FEW: usize = 16;

/// So many that depend on what came before them a thread leaves; then it takes no more.
const LEAVES: usize = 16;

/// What is shared out: whoever is done takes some more.
pub(crate) struct Shares {
    next: AtomicUsize,
    all: usize,
    /// How many are taken at once: enough for what stands near each other to be made by one thread.
    some: usize,
}

impl Shares {
    pub(crate) fn of(all: usize) -> Self {
        Self { next: AtomicUsize::new(0), all, some: (all / 64).clamp(1, 128) }
    }

    /// The next of them; `None` where all are taken.
    pub(crate) fn take(&self) -> Option<Range<usize>> {
        let from = self.next.fetch_add(self.some, Ordering::Relaxed);
        (from < self.all).then(|| from..from.saturating_add(self.some).min(self.all))
    }
}

/// What was made, by its place in the order.
pub(crate) struct Done<T> {
    pub(crate) place: usize,
    pub(crate) made: T,
    /// The number that its first node has.
    pub(crate) first: usize,
    /// Its nodes, among those that were made with it.
    pub(crate) nodes: Range<usize>,
}

/// What was made in one context, and its nodes.
pub(crate) type Made<T> = (Vec<Node>, Vec<Done<T>>);

/// What a copy has made.
struct Copied<'a, T> {
    made: Made<T>,
    findings: Vec<Diagnostic>,
    parties: Parties<'a>,
    /// What it has left.
    left: Vec<usize>,
}

impl<'a> Context<'a> {
    /// What comes of each of these, in order; on two threads where that is `worth` it.
    pub(crate) fn bodies<I: Sync, T: Numbered + Send>(
        &mut self,
        worth: bool,
        all: &[I],
        each: impl Fn(&mut Self, &I) -> T + Sync,
    ) -> Vec<T> {
        if !worth || all.len() < FEW {
            return all.iter().map(|one| each(self, one)).collect();
        }
        let (context, shares) = (&*self, Shares::of(all.len()));
        let copied = || context.copied(all, &shares, &each);
        let (here, there) = both(true, copied, copied);
        let (mut parts, mut left) = (Vec::with_capacity(3), Vec::new());
        for copied in [here, there] {
            self.findings.extend(copied.findings);
            self.parties.asked_too(copied.parties);
            left.extend(copied.left);
            parts.push(copied.made);
        }
        while let Some(places) = shares.take() {
            left.extend(places);
        }
        left.sort_unstable();
        let (before, mut late) = (self.nodes.len(), Vec::with_capacity(left.len()));
        for place in left {
            let Some(one) = all.get(place) else { continue };
            let first = self.nodes.len();
            let made = each(self, one);
            let behind = |at: usize| at.saturating_sub(before);
            late.push(Done { place, made, first, nodes: behind(first)..behind(self.nodes.len()) });
        }
        parts.push((self.nodes.split_off(before), late));
        in_order(&mut self.nodes, parts, all.len())
    }

    /// What a copy makes of those that it takes.
    fn copied<I, T>(&self, all: &[I], shares: &Shares, each: &impl Fn(&mut Self, &I) -> T) -> Copied<'a, T> {
        let mut own = self.copy();
        let (mut made, mut left) = (Vec::new(), Vec::new());
        let asked = own.left();
        while left.len() < LEAVES
            && let Some(places) = shares.take()
        {
            for place in places {
                let Some(one) = all.get(place) else { continue };
                let (nodes, findings) = (own.nodes.len(), own.findings.len());
                let found = each(&mut own, one);
                if own.left() == asked {
                    made.push(Done { place, made: found, first: nodes, nodes: nodes..own.nodes.len() });
                    continue;
                }
                left.push(place);
                own.nodes.truncate(nodes);
                own.findings.truncate(findings);
                // What it has asked is not to be seen by those behind it.
                let Self { nodes, findings, parties, .. } = own;
                own = Self { nodes, findings, parties, ..self.copy() };
            }
        }
        Copied { made: (own.nodes, made), findings: own.findings, parties: own.parties, left }
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

/// Puts what was made in the order of its places, of which there are so many. The nodes go behind those that are there.
pub(crate) fn in_order<T: Numbered + Send>(
    nodes: &mut Vec<Node>,
    parts: Vec<Made<T>>,
    places: usize,
) -> Vec<T> {
    // How many nodes each has, and then the number of its first.
    let mut firsts = vec![0_usize; places];
    for done in parts.iter().flat_map(|(_, done)| done) {
        if let Some(first) = firsts.get_mut(done.place) {
            *first = done.nodes.len();
        }
    }
    let mut behind = nodes.len();
    for first in &mut firsts {
        let many = std::mem::replace(first, behind);
        behind = behind.saturating_add(many);
    }
    nodes.reserve(behind.saturating_sub(nodes.len()));
    let mut slots: Vec<Option<(T, usize, Range<usize>)>> = Vec::new();
    slots.resize_with(places, || None);
    let mut theirs = Vec::with_capacity(parts.len());
    for (of, (nodes, mut done)) in parts.into_iter().enumerate() {
        renumber(&mut done, &firsts);
        for Done { place, made, nodes, .. } in done {
            if let Some(slot) = slots.get_mut(place) {
                *slot = Some((made, of, nodes));
            }
        }
        theirs.push(nodes);
    }
    let mut all = Vec::with_capacity(places);
    for (made, of, range) in slots.into_iter().flatten() {
        nodes.extend_from_slice(theirs.get(of).and_then(|nodes| nodes.get(range)).unwrap_or_default());
        all.push(made);
    }
    all
}

/// Gives the nodes of each the numbers that they have in order.
fn renumber<T: Numbered + Send>(all: &mut [Done<T>], firsts: &[usize]) {
    each_of(true, all, |done| {
        let number = |at: usize| NodeId::try_from(at).unwrap_or(NodeId::MAX);
        let first = firsts.get(done.place).copied().unwrap_or_default();
        let by = number(first).wrapping_sub(number(done.first));
        if by != 0 {
            done.made.renumber(by);
        }
    });
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
