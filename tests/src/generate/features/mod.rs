//! The subjects of the language, one a file.

mod addresses;
mod basics;
mod bytes;
pub(super) mod changes;
mod dates;
mod decisions;
pub(super) mod documents;
mod enums;
mod failures;
pub(super) mod functions;
mod guards;
mod labels;
mod lists;
mod loops;
mod maps;
mod numbers;
mod options;
mod persons;
pub(super) mod procedures;
mod ranges;
mod records;
mod steps;
mod text;
mod time;
mod trying;
mod undo;
mod waits;

use super::Ty;
use super::scope::Gen;

/// A way of writing an expression of a type. Its parts come from [`Gen::part`], so that they have effects where those may
/// stand; what never may have any (lambdas, strings) from [`Gen::pure`].
pub(crate) struct Way {
    pub(crate) gives: Ty,
    /// Whether it has parts: not at the end of a depth then.
    pub(crate) deep: bool,
    pub(crate) write: fn(&mut Gen, usize) -> String,
}

/// An action.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    pub(crate) gives: Ty,
    /// As it is called: `w.r0`, `do w.w0`.
    pub(crate) name: &'static str,
    pub(crate) takes: &'static [Ty],
    /// Whether it may be tried again: reads, and writes that are idempotent.
    pub(crate) again: bool,
    /// What it can fail with; empty where it does not say.
    pub(crate) fails: &'static [&'static str],
}

/// Arms of a `match`: on what, and the patterns, which cover everything.
pub(crate) type Choice = (Ty, &'static [&'static str]);

/// A subject.
pub(crate) struct Feature {
    /// What it declares.
    pub(crate) head: &'static str,
    /// What it declares, different in each program: after the functions, before the playbook.
    pub(crate) declare: &'static [fn(&mut Gen)],
    /// Fields of the case.
    pub(crate) fields: &'static str,
    pub(crate) ways: &'static [Way],
    /// Ways that stand only where effects may.
    pub(crate) effects: &'static [Way],
    pub(crate) calls: &'static [Call],
    /// What a call says of itself, with a blank before it.
    pub(crate) terms: Option<fn(&mut Gen, &Call) -> String>,
    /// What may stand behind the `else` of a call.
    pub(crate) arms: &'static [fn(&mut Gen, &Call, Ty) -> String],
    pub(crate) choices: &'static [Choice],
    pub(crate) statements: &'static [fn(&mut Gen)],
    /// Actions, and an answer of each.
    pub(crate) stubs: &'static [(&'static str, &'static str)],
    /// What the test gives besides, if anything.
    pub(crate) given: &'static [fn(&mut Gen) -> Option<String>],
    /// Events, and what each gives.
    pub(crate) events: &'static [(&'static str, &'static str)],
}

impl Feature {
    const NONE: Feature = Feature {
        head: "",
        declare: &[],
        fields: "",
        ways: &[],
        effects: &[],
        calls: &[],
        terms: None,
        arms: &[],
        choices: &[],
        statements: &[],
        stubs: &[],
        given: &[],
        events: &[],
    };
}

/// What is in every program.
pub(crate) const ALWAYS: &[&Feature] = &[
    &basics::FEATURE,
    &records::FEATURE,
    &options::FEATURE,
    &lists::FEATURE,
    &text::FEATURE,
    &numbers::FEATURE,
    &time::FEATURE,
    &addresses::FEATURE,
    &maps::FEATURE,
    &dates::FEATURE,
    &bytes::FEATURE,
    &ranges::FEATURE,
    &enums::FEATURE,
    &documents::FEATURE,
    &functions::FEATURE,
    &decisions::FEATURE,
    &loops::FEATURE,
    &changes::FEATURE,
    &steps::FEATURE,
];

/// What is in some, with its chance of a hundred: all of them in all programs would make these long, and rare what meets what.
pub(crate) const SOMETIMES: &[(u64, &Feature)] = &[
    (35, &trying::FEATURE),
    (35, &waits::FEATURE),
    (35, &undo::FEATURE),
    // After what has writes of its own.
    (35, &guards::FEATURE),
    (30, &persons::FEATURE),
    (35, &failures::FEATURE),
    (30, &labels::FEATURE),
    (30, &procedures::FEATURE),
];

/// Ends at a depth.
const fn atom(gives: Ty, write: fn(&mut Gen, usize) -> String) -> Way {
    Way { gives, deep: false, write }
}

/// Has parts.
const fn deep(gives: Ty, write: fn(&mut Gen, usize) -> String) -> Way {
    Way { gives, deep: true, write }
}

const fn call(gives: Ty, name: &'static str, takes: &'static [Ty]) -> Call {
    let again = !matches!(name.as_bytes(), [b'd', b'o', b' ', ..]);
    Call { gives, name, takes, again, fails: &[] }
}

impl Call {
    /// An idempotent write.
    const fn again(self) -> Self {
        Self { again: true, ..self }
    }

    const fn failing(self, fails: &'static [&'static str]) -> Self {
        Self { fails, ..self }
    }
}
