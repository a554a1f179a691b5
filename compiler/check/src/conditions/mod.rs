//! Conditions that are always true, or never: by what is written in them, by the types of what they compare, and by the
//! conditions that stand above them.
//!
//! A runbook that asks what is settled already does not do what its author thinks. Only what is certain is said: a place
//! that is compiled more than once is told of when it comes out the same each time.

mod constants;
mod facts;
mod fixed;
mod possible;
mod range;
pub(crate) mod terms;
mod walk;

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

use foldhash::fast::FixedState;
use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_program::guard::ClauseKind;
use play_program::types::TypeTable;

use crate::context::Context;
use crate::typed::{Const, Expr, Fn, Guard, NodeId, Playbook, Source};
use crate::wrong::Wrong;
pub(crate) use constants::looked_through;
use facts::Decided;
pub(crate) use fixed::{Fixed, Plain, Step, fixed};
pub(crate) use possible::possible;
use walk::Walk;

/// What was found at a place, each time it was looked at.
enum Verdict {
    /// The same each time.
    Decided(Decided, Role),
    /// Not decided, or not the same each time.
    Open,
}

/// What a condition is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It decides which way to go.
    If,
    /// It says which cases a playbook takes.
    When,
    /// It says which records a source takes.
    Accept,
    /// It says what is never done.
    Never,
    /// It says what may be done.
    Allow,
    /// It is a value like any other.
    Value,
    /// A part of one of these that does not decide the whole: it is only too much.
    Part,
}

/// What is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'e> {
    pub(crate) fns: &'e [Fn],
    pub(crate) consts: &'e [Const],
    pub(crate) sources: &'e [Source],
    pub(crate) playbooks: &'e [Playbook],
    pub(crate) guards: &'e [Guard],
    /// Of what is wrong nothing is said here.
    pub(crate) wrong: &'e Wrong,
}

impl Context<'_> {
    /// The conditions of a program that are decided before it runs; and of each function and each constant whether it was seen that none is in it.
    pub(crate) fn conditions(&self, looked: Looked<'_>) -> (Vec<Diagnostic>, [Vec<bool>; 2]) {
        // Mostly there is none, and nothing is kept of all the others.
        let mut somewhere: HashSet<Place, FixedState> = HashSet::default();
        let plain = self.look(looked, &mut |place, found, _| {
            if found.is_some() {
                somewhere.insert(place);
            }
        });
        if somewhere.is_empty() {
            return (Vec::new(), plain);
        }
        let mut verdicts: BTreeMap<Place, Verdict> = BTreeMap::new();
        self.look(looked, &mut |place, found, role| {
            if !somewhere.contains(&place) {
                return;
            }
            let now = match (verdicts.get(&place), found) {
                (None, Some(now)) => Verdict::Decided(now, role),
                (Some(Verdict::Decided(before, _)), Some(now)) if before.holds == now.holds => {
                    Verdict::Decided(now, role)
                }
                _ => Verdict::Open,
            };
            verdicts.insert(place, now);
        });
        let decided = verdicts.iter().filter_map(|(place, verdict)| match verdict {
            Verdict::Decided(found, role) => Some(self.decided(*place, found, *role)),
            Verdict::Open => None,
        });
        (decided.collect(), plain)
    }

    /// Looks at all conditions, and tells what it finds of each.
    fn look(&self, looked: Looked<'_>, take: &mut dyn FnMut(Place, Option<Decided>, Role)) -> [Vec<bool>; 2] {
        let Looked { fns, consts, sources, playbooks, guards, wrong } = looked;
        let sound = |e: &Expr| !self.is_wrong_in(e.at, wrong);
        let types: &TypeTable = &self.types;
        let any = Cell::new(false);
        let mut decided = |at: NodeId, found: Option<Decided>, role: Role| {
            let Some(node) = self.nodes.get(at as usize) else { return };
            any.set(any.get() || found.is_some());
            take(Place { file: node.file, start: node.start, end: node.end }, found, role);
        };
        let mut walk = Walk::new(types, &mut decided);
        // What stands in one is nowhere else: where nothing is decided, it need not be looked at again.
        let mut plain = |body, known: bool| {
            if known {
                return true;
            }
            let looked = sound(body);
            any.set(false);
            if looked {
                walk.body(body);
            }
            looked && !any.get()
        };
        let memory = self.memory.as_ref();
        let of_fns = fns.iter().enumerate().map(|(at, f)| {
            let known = memory.and_then(|m| m.fns.get(at)).is_some_and(|k| k.again && k.plain);
            plain(&f.body.expr, known)
        });
        let of_fns = of_fns.collect();
        let of_consts = consts.iter().enumerate().map(|(at, c)| {
            let known = memory.and_then(|m| m.consts.get(at)).is_some_and(|k| k.again && k.plain);
            plain(&c.body.expr, known)
        });
        let of_consts = of_consts.collect();
        for source in sources {
            if source.accept.iter().all(|body| sound(&body.expr)) {
                walk.accepts(&source.accept);
            }
            source
                .map
                .iter()
                .filter(|(_, value)| sound(&value.expr))
                .for_each(|(_, value)| walk.body(&value.expr));
        }
        // A procedure's condition is decided when it is wherever it is called, and also where nothing is known.
        self.procedures
            .iter()
            .filter_map(|p| p.body.as_ref())
            .filter(|body| sound(body))
            .for_each(|body| walk.body(body));
        for playbook in playbooks {
            let when = playbook.when.as_ref().map(|when| &when.expr);
            if !when.into_iter().chain([&playbook.body.expr]).all(sound) {
                continue;
            }
            walk.playbook(when, &playbook.body.expr);
        }
        for guard in guards {
            if !guard.conditions.iter().flatten().all(|body| sound(&body.expr)) {
                continue;
            }
            let clauses = guard.spec.clauses.iter().zip(&guard.conditions);
            let of = |never: bool| {
                let wanted = clauses.clone().filter(move |(c, _)| (c.kind == ClauseKind::Never) == never);
                wanted.filter_map(|(_, condition)| condition.as_ref()).map(|body| &body.expr)
            };
            walk.guard(of(true), of(false));
        }
        [of_fns, of_consts]
    }

    fn decided(&self, place: Place, found: &Decided, role: Role) -> Diagnostic {
        let what =
            self.quoted(play_syntax::ast::Span { file: place.file, start: place.start, end: place.end });
        let what = if what == "this value" { "this condition".to_string() } else { what };
        let (code, word) = if found.holds { (codes::P9007, "always") } else { (codes::P9008, "never") };
        let message = match (role, found.holds) {
            (Role::When, false) => format!("no case is ever taken: {what} is never true"),
            (Role::Never, true) => format!("nothing is ever done: {what} is always true"),
            (Role::Accept, false) => format!("no record is ever taken: {what} is never true"),
            _ => format!("{what} is {word} true"),
        };
        let new = if role == Role::Part { Diagnostic::warning } else { Diagnostic::error };
        let mut finding = new(code, place, message).here(match found.plain {
            Some(facts::Plain::SameSides) => "both sides are the same".to_string(),
            Some(facts::Plain::Literals) => "nothing in it comes from the case".to_string(),
            Some(facts::Plain::EveryValue) => format!("{word} so, for every value that can stand here"),
            None => format!("{word} so at this place"),
        });
        for (at, held) in found.since.iter().take(3) {
            if let Some(node) = self.nodes.get(*at as usize) {
                let text = if *held { "this holds" } else { "this does not hold" };
                let since = Place { file: node.file, start: node.start, end: node.end };
                finding = finding.label(since, text);
            }
        }
        let help = match (role, found.holds) {
            (Role::If, true) => "Leave the `if` out, or ask what was meant.",
            (Role::If, false) => "What it guards never runs: leave it out, or ask what was meant.",
            (Role::When, true) => "Leave the `when` out, or ask what was meant.",
            (Role::Accept, true) => "Leave the `accept` out, or ask what was meant.",
            (Role::Never, _) => "Leave the line out, or ask what was meant.",
            (Role::Allow, true) => "Write `allow` without a condition, or ask what was meant.",
            (Role::Allow, false) => "It lets nothing through: leave the line out, or ask what was meant.",
            (_, true) => "Leave it out, or ask what was meant.",
            (_, false) => "Ask what was meant.",
        };
        finding.help(help)
    }
}
