//! Guards: what may never be done, how often, what without asking, and who else decides.
//!
//! This is their data; their conditions are pure code of the program ([`crate::exec::Program::guard`]). The order in which a
//! guard is asked, and what follows from it, is a matter of the scheduler.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::call::Turn;
use crate::types::{RecordId, Type};
use crate::value::Value;
use crate::wire;

/// A guard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guard {
    /// `mailbox_cleanup`
    pub name: String,
    /// Its node.
    pub at: u32,
    /// The case type whose playbooks it covers; `None` for all. Without one its conditions read only the fields that every
    /// case has.
    pub case: Option<RecordId>,
    /// What it covers, each action once.
    pub covers: Vec<Cover>,
    /// The parameters that all covered actions share, by name: what its conditions know of the act.
    pub params: Vec<(String, Type)>,
    /// In source order.
    pub clauses: Vec<Clause>,
    /// What happens when no `allow` holds.
    pub otherwise: Otherwise,
}

/// An action that a guard covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Which.
    pub action: ActionId,
    /// For each parameter of the guard, the argument of the action.
    pub args: Vec<u16>,
}

/// A `never`, `limit` or `allow`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Its node.
    pub at: u32,
    /// What it says.
    pub kind: ClauseKind,
}

/// What a clause says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClauseKind {
    /// `never when …`
    Never,
    /// `limit 20 per 1h`
    Limit {
        /// How many acts of this guard.
        most: u32,
        /// In which time.
        window: SignedDuration,
    },
    /// `allow`, `allow when …`
    Allow {
        /// Whether it has a condition.
        when: bool,
    },
}

/// What happens when no `allow` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "wire::Otherwise", into = "wire::Otherwise")]
pub enum Otherwise {
    /// It is refused.
    Refuse,
    /// A person is asked.
    Approval {
        /// The node of the line.
        at: u32,
        /// `role.soc_lead`
        from: String,
        /// How many different persons have to approve it.
        needed: u32,
        /// How long they have; when all have had their time it is refused.
        within: SignedDuration,
        /// Who is asked before it is.
        then: Vec<Turn>,
        /// Whether nobody decides in it who has had a say in the run already: [`crate::call::Approval::distinct`].
        distinct: bool,
    },
}

impl Guard {
    /// Whether it is asked for an action in a playbook for this case type.
    #[must_use]
    pub fn covers(&self, action: ActionId, case: RecordId) -> bool {
        self.case.is_none_or(|c| c == case) && self.cover(action).is_some()
    }

    fn cover(&self, action: ActionId) -> Option<&Cover> {
        self.covers.iter().find(|c| c.action == action)
    }

    /// What its conditions know of an act: of its arguments those that the covered actions share.
    #[must_use]
    pub fn shared(&self, action: ActionId, args: &[Value]) -> Vec<Value> {
        let indices = self.cover(action).map(|c| c.args.as_slice()).unwrap_or_default();
        indices.iter().map(|i| args.get(usize::from(*i)).cloned().unwrap_or(Value::None)).collect()
    }
}
