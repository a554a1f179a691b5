//! The conditions of guards.

use serde::{Deserialize, Serialize};

use super::Entry;
use crate::types::Type;

/// The conditions of a guard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GuardCode {
    /// One a clause; `None` for a clause without one.
    pub clauses: Vec<Option<Condition>>,
}

/// A condition that says what it rests on. Its block gives a list: its value, then for each part the part's value and, where
/// it has sides, these; `none` for what was not evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// What computes it. Its inputs are fields of the case, and the parameters (of a guard; what a wait has) as slots of no frame.
    pub entry: Entry,
    /// What it rests on.
    pub parts: Vec<ConditionPart>,
}

/// A part of a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionPart {
    /// Its node.
    pub at: u32,
    /// The types of its sides, where it compares.
    pub sides: Option<Box<(Type, Type)>>,
}
