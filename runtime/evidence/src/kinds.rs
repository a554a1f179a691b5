//! The kinds of lines, and what each of them has to have: one table.

use std::collections::BTreeMap;
use std::fmt;

use crate::json::J;
use crate::line::COMMON;
pub use crate::shape::Shape;

/// The sort of chain that a kind belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainOf {
    /// The chain `store`: the store itself.
    Store,
    /// The chain `intake`: what arrived.
    Intake,
    /// A run's chain, which has the run's name.
    Run,
}

impl ChainOf {
    /// What sort of chain has this name.
    #[must_use]
    pub fn named(chain: &str) -> Self {
        match chain {
            "store" => Self::Store,
            "intake" => Self::Intake,
            _ => Self::Run,
        }
    }
}

/// Where a field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From outside: a replay reads it.
    Input,
    /// From the program: a replay computes it again and compares.
    Derived,
}

/// A field of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Read or computed by a replay.
    pub origin: Origin,
    /// Whether every line of the kind has it.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

/// A kind of line.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    name: &'static str,
    chain: ChainOf,
    fields: &'static [Field],
}

/// How the fields of a line are not what its kind declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// It has one that the kind does not declare.
    Undeclared(String),
    /// It does not have one that it has to.
    Missing(&'static str),
    /// One does not hold what it should.
    Shape {
        /// Which, as a path of names.
        path: String,
        /// What should stand there.
        needs: &'static str,
    },
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared(name) => write!(f, "the field {name:?} is not declared"),
            Self::Missing(name) => write!(f, "the field `{name}` is missing"),
            Self::Shape { path, needs } => write!(f, "the field {path:?} has to be {needs}"),
        }
    }
}

impl std::error::Error for FieldError {}

/// A kind by its name.
#[must_use]
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.name == name)
}

/// Whether a line of this kind ends its run: the case is closed, somebody else's, or nobody's.
#[must_use]
pub fn ends_run(name: &str) -> bool {
    matches!(name, "run.closed" | "run.handed_over" | "run.faulted" | "run.shadow_ended")
}

/// All kinds: those of the store, of the intake, of runs.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter()
}

impl Kind {
    /// Its name: `k` of its lines.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The sort of chain that it belongs to.
    #[must_use]
    pub fn chain(&self) -> ChainOf {
        self.chain
    }

    /// Its fields, without those that every line has.
    #[must_use]
    pub fn fields(&self) -> &'static [Field] {
        self.fields
    }

    /// One of its fields.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.name == name)
    }

    /// Whether these are the fields of a line of this kind. Those that every line has are not among them.
    ///
    /// # Errors
    /// The first field that is undeclared, missing, or not what it should be; a value from outside that stands bare is
    /// among the last.
    pub fn check(&self, fields: &BTreeMap<String, J>) -> Result<(), FieldError> {
        self.check_members(fields, |_| false)
    }

    /// The same for all members of a line.
    ///
    /// # Errors
    /// As [`Kind::check`].
    pub fn check_line(&self, members: &BTreeMap<String, J>) -> Result<(), FieldError> {
        self.check_members(members, |name| COMMON.contains(&name))
    }

    fn check_members(&self, members: &BTreeMap<String, J>, skip: fn(&str) -> bool) -> Result<(), FieldError> {
        for (name, value) in members.iter().filter(|(name, _)| !skip(name)) {
            let field = self.field(name).ok_or_else(|| FieldError::Undeclared(name.clone()))?;
            field.shape.check(name, value)?;
        }
        match self.fields.iter().find(|f| f.required && !members.contains_key(f.name)) {
            Some(missing) => Err(FieldError::Missing(missing.name)),
            None => Ok(()),
        }
    }
}

use ChainOf::{Intake, Run, Store};
use Shape::{Blob, Found, Mapped, Number, Numbers, Parts, Text, Value, Values};

const fn input(name: &'static str, shape: Shape) -> Field {
    Field { name, origin: Origin::Input, required: true, shape }
}

const fn derived(name: &'static str, shape: Shape) -> Field {
    Field { name, origin: Origin::Derived, required: true, shape }
}

const fn optional(field: Field) -> Field {
    Field { name: field.name, origin: field.origin, required: false, shape: field.shape }
}

const fn of(chain: ChainOf, name: &'static str, fields: &'static [Field]) -> Kind {
    Kind { name, chain, fields }
}

static KINDS: &[Kind] = &[
    of(Store, "store.created", &[input("id", Text)]),
    of(Store, "store.deployed", &[input("artifact", Text), input("project", Text), input("compiler", Text)]),
    of(Store, "store.paused", &[input("person", Text), input("because", Value)]),
    of(Store, "store.resumed", &[input("person", Text), input("because", Value)]),
    of(Store, "store.recovered", &[input("segment", Text), input("offset", Number), input("bytes", Number)]),
    of(
        Intake,
        "intake.accepted",
        &[
            input("source", Text),
            input("pos", Text),
            input("record", Text),
            input("case", Text),
            input("into", Text),
            optional(derived("key", Value)),
            optional(input("autonomy", Text)),
            input("body", Blob),
        ],
    ),
    of(
        Intake,
        "intake.rejected",
        &[optional(input("source", Text)), input("from", Text), input("to", Text), input("n", Number)],
    ),
    of(
        Intake,
        "intake.deduplicated",
        &[
            input("source", Text),
            input("pos", Text),
            input("record", Text),
            derived("key", Value),
            derived("into", Text),
            optional(input("autonomy", Text)),
        ],
    ),
    of(
        Intake,
        "intake.unmapped",
        &[
            input("source", Text),
            input("pos", Text),
            input("record", Text),
            optional(derived("field", Text)),
            derived("path", Text),
            derived("expected", Text),
            derived("found", Value),
            input("body", Blob),
        ],
    ),
    of(
        Intake,
        "intake.unreadable",
        &[input("pos", Text), input("why", Text), optional(input("offset", Number))],
    ),
    of(
        Intake,
        "intake.unrouted",
        &[
            input("source", Text),
            input("pos", Text),
            input("record", Text),
            derived("type", Text),
            input("body", Blob),
        ],
    ),
    of(
        Intake,
        "intake.event",
        &[
            input("events", Text),
            input("pos", Text),
            input("record", Text),
            optional(input("waited", Number)),
            input("body", Blob),
        ],
    ),
    of(
        Run,
        "run.opened",
        &[
            input("artifact", Text),
            input("case", Text),
            derived("playbook", Text),
            input("source", Text),
            input("record", Text),
            input("pos", Text),
            input("engine", Text),
            input("read", Found),
            optional(input("given", Values)),
            optional(input("config", Values)),
            optional(input("autonomy", Text)),
            optional(input("approval", Text)),
            optional(input("within", Number)),
        ],
    ),
    of(Run, "run.resumed", &[input("engine", Text), input("why", Text)]),
    of(
        Run,
        "run.closed",
        &[derived("class", Text), derived("because", Value), optional(derived("controls", Text))],
    ),
    of(Run, "run.handed_over", &[derived("to", Text), derived("because", Value)]),
    of(Run, "run.faulted", &[derived("what", Text), derived("why", Value)]),
    of(Run, "run.shadow_ended", &[derived("of", Number), derived("needs", Text)]),
    of(Run, "case.mapped", &[derived("fields", Mapped)]),
    of(
        Run,
        "case.set",
        &[derived("field", Text), derived("from", Value), derived("to", Value), derived("because", Value)],
    ),
    of(Run, "case.noted", &[derived("text", Value)]),
    of(Run, "privacy.revealed", &[derived("label", Text), derived("because", Value)]),
    of(Run, "case.routed", &[derived("to", Text), derived("because", Value)]),
    of(Run, "decision.decided", &[derived("took", Text), derived("parts", Parts)]),
    of(Run, "step.failed", &[derived("step", Text)]),
    of(
        Run,
        "rollback.started",
        &[
            derived("because", Value),
            derived("acts", Numbers),
            derived("without", Numbers),
            optional(derived("held", Numbers)),
            optional(derived("asked", Number)),
        ],
    ),
    of(Run, "cancel.asked", &[input("person", Text), input("because", Value)]),
    of(Run, "undo.asked", &[input("person", Text), input("because", Value), input("acts", Numbers)]),
    of(Run, "rollback.done", &[derived("of", Number), derived("failed", Numbers)]),
    of(
        Run,
        "rollback.would",
        &[derived("because", Value), derived("acts", Numbers), derived("without", Numbers)],
    ),
    of(
        Run,
        "read.asked",
        &[
            derived("action", Text),
            derived("args", Values),
            derived("n", Number),
            optional(derived("within", Number)),
        ],
    ),
    of(
        Run,
        "read.answered",
        &[
            input("of", Number),
            input("val", Value),
            optional(input("body", Blob)),
            optional(input("kept", Text)),
            input("ms", Number),
            optional(input("status", Number)),
        ],
    ),
    of(
        Run,
        "read.failed",
        &[
            input("of", Number),
            input("failure", Text),
            input("words", Value),
            optional(input("body", Blob)),
            input("ms", Number),
            optional(input("status", Number)),
        ],
    ),
    of(Run, "read.cancelled", &[derived("of", Number)]),
    of(
        Run,
        "guard.asked",
        &[derived("action", Text), derived("args", Values), derived("digest", Text), derived("guards", Text)],
    ),
    of(Run, "guard.counted", &[input("of", Number), input("counts", Values)]),
    of(
        Run,
        "guard.needs_approval",
        &[
            derived("of", Number),
            derived("guard", Text),
            derived("from", Text),
            optional(derived("persons", Number)),
            optional(derived("then", Text)),
            derived("parts", Parts),
        ],
    ),
    of(
        Run,
        "guard.allowed",
        &[
            derived("of", Number),
            derived("guard", Text),
            derived("clause", Text),
            derived("parts", Parts),
            optional(derived("approval", Number)),
            optional(derived("approvals", Numbers)),
        ],
    ),
    of(
        Run,
        "guard.would_allow",
        &[
            derived("of", Number),
            derived("guard", Text),
            derived("clause", Text),
            derived("parts", Parts),
            optional(derived("approval", Number)),
        ],
    ),
    of(
        Run,
        "guard.refused",
        &[
            derived("of", Number),
            derived("guard", Text),
            derived("clause", Text),
            optional(derived("parts", Parts)),
            optional(derived("count", Number)),
            optional(derived("most", Number)),
            optional(derived("approval", Number)),
        ],
    ),
    of(
        Run,
        "act.intended",
        &[
            derived("action", Text),
            derived("args", Values),
            derived("digest", Text),
            derived("class", Text),
            derived("key", Text),
            optional(derived("n", Number)),
            optional(derived("undo", Text)),
            optional(derived("target", Text)),
            optional(derived("undoes", Number)),
            optional(derived("also", Numbers)),
            optional(derived("irreversible", Value)),
            optional(derived("approvals", Numbers)),
            derived("until", Text),
        ],
    ),
    of(
        Run,
        "act.would",
        &[
            derived("action", Text),
            derived("args", Values),
            derived("digest", Text),
            derived("class", Text),
            optional(derived("guarded", Number)),
            optional(derived("asks", Text)),
            optional(derived("undo", Text)),
            optional(derived("hold", Number)),
            optional(derived("irreversible", Value)),
        ],
    ),
    of(
        Run,
        "act.done",
        &[
            input("of", Number),
            input("val", Value),
            optional(input("body", Blob)),
            input("ms", Number),
            optional(input("status", Number)),
        ],
    ),
    of(
        Run,
        "act.failed",
        &[
            input("of", Number),
            input("how", Text),
            input("failure", Text),
            input("words", Value),
            optional(input("body", Blob)),
            input("ms", Number),
            optional(input("status", Number)),
        ],
    ),
    of(
        Run,
        "act.in_doubt",
        &[
            input("of", Number),
            input("why", Text),
            optional(input("words", Value)),
            optional(input("status", Number)),
            optional(input("body", Blob)),
        ],
    ),
    of(Run, "act.held", &[input("of", Number), input("why", Text), input("sent", Text)]),
    of(Run, "act.released", &[input("of", Number), derived("until", Text)]),
    of(Run, "act.withdrawn", &[derived("of", Number)]),
    of(Run, "act.verified", &[derived("of", Number), derived("how", Text), optional(derived("val", Value))]),
    of(
        Run,
        "act.resolved",
        &[
            input("of", Number),
            input("how", Text),
            optional(input("val", Value)),
            input("person", Text),
            input("because", Value),
        ],
    ),
    of(Run, "hold.started", &[derived("of", Number), derived("until", Text)]),
    of(
        Run,
        "hold.ended",
        &[
            derived("of", Number),
            derived("why", Text),
            derived("acts", Numbers),
            optional(derived("nothing", Numbers)),
            optional(derived("failed", Numbers)),
            optional(derived("held", Number)),
        ],
    ),
    of(
        Run,
        "hold.checked",
        &[
            input("of", Number),
            optional(input("holder", Text)),
            optional(input("until", Text)),
            optional(input("undone", Text)),
            optional(input("overtaken", Text)),
        ],
    ),
    of(Run, "retry.scheduled", &[derived("of", Number), derived("n", Number), derived("due", Text)]),
    of(
        Run,
        "wait.started",
        &[
            derived("for", Text),
            optional(derived("action", Text)),
            optional(derived("event", Text)),
            optional(derived("args", Values)),
            optional(derived("every", Number)),
            derived("until", Text),
        ],
    ),
    of(
        Run,
        "event.arrived",
        &[
            input("of", Number),
            input("val", Value),
            input("arrival", Number),
            input("came", Text),
            input("pos", Text),
            input("record", Text),
        ],
    ),
    of(
        Run,
        "wait.polled",
        &[
            derived("of", Number),
            derived("is", Text),
            optional(derived("parts", Parts)),
            optional(derived("due", Text)),
        ],
    ),
    of(
        Run,
        "person.asked",
        &[
            derived("what", Text),
            derived("to", Text),
            optional(derived("persons", Number)),
            optional(derived("distinct", Text)),
            optional(derived("then", Text)),
            derived("choices", Text),
            derived("question", Value),
            derived("shown", Values),
            optional(derived("otherwise", Text)),
            optional(derived("action", Text)),
            optional(derived("digest", Text)),
            optional(derived("because", Value)),
            optional(derived("of", Number)),
            optional(derived("guards", Text)),
            derived("until", Text),
        ],
    ),
    of(
        Run,
        "person.would_ask",
        &[
            derived("what", Text),
            derived("to", Text),
            derived("question", Value),
            derived("shown", Values),
            optional(derived("choices", Text)),
            optional(derived("persons", Number)),
            optional(derived("action", Text)),
            optional(derived("digest", Text)),
            optional(derived("because", Value)),
        ],
    ),
    of(
        Run,
        "person.answered",
        &[
            input("of", Number),
            input("person", Text),
            derived("role", Text),
            optional(input("turn", Number)),
            input("basis", Text),
            optional(input("settings", Text)),
            input("choice", Text),
            input("because", Value),
        ],
    ),
    of(Run, "person.escalated", &[derived("of", Number), derived("to", Text), derived("until", Text)]),
    of(
        Run,
        "person.expired",
        &[derived("of", Number), optional(derived("choice", Text)), optional(derived("because", Value))],
    ),
    of(Run, "timer.fired", &[input("of", Number)]),
    of(Run, "timer.cancelled", &[derived("of", Number)]),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::json::val;
    use crate::testing::fields;

    #[test]
    fn every_kind_is_named_once_after_its_chain_and_no_field_after_a_common_one() {
        let names: BTreeSet<_> = all().map(Kind::name).collect();
        assert_eq!(names.len(), all().count());
        for k in all() {
            assert_eq!(kind(k.name()), Some(k));
            let group = k.name().split('.').next().unwrap();
            assert_eq!(ChainOf::named(group), k.chain(), "{}", k.name());
            let fields: BTreeSet<_> = k.fields().iter().map(|f| f.name).collect();
            assert_eq!(fields.len(), k.fields().len(), "{}", k.name());
            assert!(COMMON.iter().all(|c| !fields.contains(c)), "{}", k.name());
        }
        assert_eq!(kind("no.such"), None);
    }

    #[test]
    fn an_error_names_the_field_by_its_path() {
        let asked = kind("read.asked").unwrap();
        let args = J::Obj(fields([("host", val(J::Null)), ("user", J::Str("bare".into()))]));
        let all = fields([("action", J::Str("edr.host".into())), ("args", args), ("n", J::Int(1))]);
        let e = asked.check(&all).unwrap_err();
        assert_eq!(e, FieldError::Shape { path: "args/user".into(), needs: crate::shape::VALUE });
        let e = asked.check(&fields([("n", J::Int(-1))])).unwrap_err();
        assert_eq!(e.to_string(), "the field \"n\" has to be a number from 0");
        assert_eq!(asked.check(&fields([])), Err(FieldError::Missing("action")));
    }
}
