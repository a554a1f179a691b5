//! How the writes of a program stand to its guards: for each write which guards cover it, what can be said before it runs, the
//! way that leads to it, and how often it can happen.
//!
//! All of it is read off the typed program: `playc check`, its `--report` and `playc caps` say the same.

mod approvals;
mod bound;
mod covering;
mod facts;
mod findings;
mod irreversible;
mod walk;

pub use approvals::Beside;
pub use bound::Bound;
pub(crate) use findings::report;

use jiff::SignedDuration;
use play_program::action::ActionId;
use play_program::guard::{ClauseKind, Otherwise};

use crate::typed::{NodeId, Program};
pub(crate) use covering::Covering;

/// A write of a playbook.
#[derive(Clone, Debug)]
pub struct Write {
    /// Index of the playbook.
    pub playbook: usize,
    /// Its node: the `do`.
    pub at: NodeId,
    /// What it does.
    pub action: ActionId,
    /// The guards that cover it, by index, in order; and how it stands to each.
    pub guards: Vec<(usize, Standing)>,
    /// The decisions that lead to it, in order. There is one way to each place of a playbook, so it is also the shortest.
    pub path: Vec<Decision>,
    /// How often it can happen in one run.
    pub bound: Bound,
    /// The playbook itself asks for an approval of it, on every way to it.
    pub approved: bool,
    /// The approvals of its action on some way to it that do not count for it, and why not.
    pub beside: Vec<(NodeId, Beside)>,
    /// `for 4h`: how long it is done for.
    pub hold: Option<SignedDuration>,
    /// Why it is not taken back, where that is said: of this act, or of its action.
    pub irreversible: Option<String>,
}

/// How a write stands to a guard that covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Whenever the write is reached an `allow` of the guard holds. Its `never` and `limit` are asked at run time all the same.
    Proved {
        /// A `never` of the guard may hold: that is only known when it is reached.
        never: bool,
    },
    /// A person has approved it, on every way to it, or is asked whenever it is reached.
    Approved,
    /// Whether it is let through is only known when it is reached.
    Checked,
    /// This clause, a `never`, holds whenever the write is reached.
    Never(usize),
    /// No `allow` holds when the write is reached, and nobody is asked.
    Refused,
}

/// A decision on the way to a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The node of what was decided over.
    pub at: NodeId,
    /// In words: `case.severity >= High`, `not (seen.score < 50)`.
    pub text: String,
}

/// What can be said of a write before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It needs no guard: it notifies or records.
    NotNeeded,
    /// An `allow` of every guard is sure to hold.
    Proved {
        /// A guard has a `limit`, which may be reached.
        limit: bool,
        /// A guard has a `never` of which it is only known then whether it holds.
        never: bool,
    },
    /// It is never done without a person who approves it.
    Approved,
    /// The guards decide when it is reached.
    Checked,
    /// No guard covers it.
    Unguarded,
    /// A guard is sure to refuse it.
    Refused,
}

impl Status {
    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NotNeeded => "no guard needed",
            Self::Proved { limit: false, never: false } => "proved",
            Self::Proved { limit: true, never: false } => "proved, up to the limit",
            Self::Proved { limit: false, never: true } => "proved, unless a `never` holds",
            Self::Proved { limit: true, never: true } => "proved, up to the limit and unless a `never` holds",
            Self::Approved => "behind approval",
            Self::Checked => "checked at run time",
            Self::Unguarded => "unguarded",
            Self::Refused => "refused",
        }
    }
}

impl Write {
    /// Whether it is never done without a person who approves it.
    #[must_use]
    pub fn asks_a_person(&self) -> bool {
        self.approved || self.guards.iter().any(|(_, standing)| *standing == Standing::Approved)
    }

    /// What can be said of it before it runs.
    #[must_use]
    pub fn status(&self, program: &Program) -> Status {
        if self.guards.is_empty() {
            return if needs_guard(program, self.action) { Status::Unguarded } else { Status::NotNeeded };
        }
        let is = |wanted: fn(&Standing) -> bool| self.guards.iter().any(|(_, s)| wanted(s));
        if is(|s| matches!(s, Standing::Never(_) | Standing::Refused)) {
            Status::Refused
        } else if is(|s| *s == Standing::Checked) {
            Status::Checked
        } else if is(|s| *s == Standing::Approved) {
            Status::Approved
        } else {
            let clauses = self.guards.iter().filter_map(|(guard, _)| program.guards.get(*guard));
            let limit =
                clauses.flat_map(|g| &g.spec.clauses).any(|c| matches!(c.kind, ClauseKind::Limit { .. }));
            Status::Proved { limit, never: is(|s| *s == Standing::Proved { never: true }) }
        }
    }
}

/// All writes of a program, in source order.
#[must_use]
pub fn writes(program: &Program) -> Vec<Write> {
    let covering = Covering::of_guards(&program.guards);
    (0..program.playbooks.len()).flat_map(|at| walk::playbook(program, &covering, at)).collect()
}

/// Whether a write has to be covered by a guard.
#[must_use]
pub fn needs_guard(program: &Program, action: ActionId) -> bool {
    let action = program.actions.get(action.0 as usize);
    let class = action.filter(|a| a.write).and_then(|a| a.class.as_deref());
    matches!(class, Some("contain" | "restore" | "change" | "destroy"))
}

/// The source text of a node, in one line.
#[must_use]
pub fn text(program: &Program, at: NodeId) -> String {
    let node = program.nodes.get(at as usize);
    let file = node.and_then(|n| program.files.get(n.file as usize));
    let text = node.zip(file).and_then(|(n, f)| f.text.get(n.start as usize..n.end as usize));
    text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A guard as it is written, in one line: `never when …; limit 20 per 1h; allow; else refuse`.
#[must_use]
pub fn guard_text(program: &Program, guard: usize) -> String {
    let Some(guard) = program.guards.get(guard) else { return String::new() };
    let mut lines: Vec<String> = Vec::new();
    // In the order in which they are asked.
    for asked in [0, 1, 2] {
        for clause in &guard.spec.clauses {
            let when = match clause.kind {
                ClauseKind::Never => 0,
                ClauseKind::Limit { .. } => 1,
                ClauseKind::Allow { .. } => 2,
            };
            if when == asked {
                lines.push(text(program, clause.at));
            }
        }
    }
    lines.push(match &guard.spec.otherwise {
        Otherwise::Refuse => "else refuse".to_string(),
        Otherwise::Approval { at, .. } => text(program, *at),
    });
    lines.join("; ")
}
