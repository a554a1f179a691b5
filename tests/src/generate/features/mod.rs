//! The subjects of the language, one a file.

mod addresses;
mod basics;
pub(super) mod changes;
mod decisions;
pub(super) mod documents;
pub(super) mod functions;
mod lists;
mod loops;
mod numbers;
mod options;
mod records;
mod steps;
mod text;
mod time;

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
}

/// Arms of a `match`: on what, and the patterns, which cover everything.
pub(crate) type Choice = (Ty, &'static [&'static str]);

/// A subject.
pub(crate) struct Feature {
    /// What it declares.
    pub(crate) head: &'static str,
    pub(crate) ways: &'static [Way],
    pub(crate) calls: &'static [Call],
    pub(crate) choices: &'static [Choice],
    pub(crate) statements: &'static [fn(&mut Gen)],
}

impl Feature {
    const NONE: Feature = Feature { head: "", ways: &[], calls: &[], choices: &[], statements: &[] };
}

/// All subjects.
pub(crate) const ALL: &[&Feature] = &[
    &basics::FEATURE,
    &records::FEATURE,
    &options::FEATURE,
    &lists::FEATURE,
    &text::FEATURE,
    &numbers::FEATURE,
    &time::FEATURE,
    &addresses::FEATURE,
    &documents::FEATURE,
    &functions::FEATURE,
    &decisions::FEATURE,
    &loops::FEATURE,
    &changes::FEATURE,
    &steps::FEATURE,
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
    Call { gives, name, takes }
}
