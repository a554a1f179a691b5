//! Well-typed programs out of a seed: they mix reads, decisions, loops, changes, writes and endings in every way.
//!
//! A subject of the language is one file below `features`: what it declares, which actions it has, and the ways of
//! writing an expression of a type or a statement. What is listed in [`features::ALWAYS`] is in each program, what is in
//! [`features::SOMETIMES`] by chance; all of it is mixed with all else.

mod comments;
mod features;
mod frame;
mod rng;
mod scope;
pub mod values;

pub use comments::commented;
pub use rng::Rng;

use scope::Gen;

/// What every generated program declares.
#[must_use]
pub fn head() -> String {
    head_of(features::ALWAYS)
}

fn head_of(features: &[&features::Feature]) -> String {
    let declared = features.iter().map(|f| f.head.trim_start_matches('\n'));
    let more: String = features.iter().map(|f| f.fields).collect();
    declared.collect::<String>() + &format!("{CASE}{more} }}\n")
}

const CASE: &str = "case T { a: Int, f: Bool, s: String, o: Int?, p: String?";

/// Where the part of a program begins that is different in each.
#[must_use]
pub fn body_at(program: &str) -> usize {
    program.find(CASE).unwrap_or(0)
}

/// The text of a program: functions, a source and a playbook `p` for the case `T`, with a test of it.
#[must_use]
pub fn program(seed: u64) -> String {
    let mut rng = Rng::new(seed);
    let some = features::SOMETIMES.iter().filter(|(chance, _)| rng.chance(*chance)).map(|(_, f)| *f);
    let features: Vec<_> = features::ALWAYS.iter().copied().chain(some.collect::<Vec<_>>()).collect();
    let statements = rng.below(9).saturating_add(3);
    let fuel = rng.index(48).saturating_add(12);
    let mut g = Gen::new(rng, fuel, features);
    g.declarations();
    g.playbook(statements);
    g.test();
    g.text
}

/// The types that generated programs compute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Int,
    Bool,
    Str,
    Rec,
    OptRec,
    OptInt,
    OptStr,
    Ints,
    Strs,
    Recs,
    Col,
    Float,
    Time,
    Duration,
    Size,
    Ip,
    Id,
    /// Text of somebody's.
    Pii,
    /// Text that becomes a query.
    Query,
    Tags,
    Date,
    Version,
    Bytes,
    Risk,
    Proto,
    Find,
}

impl Ty {
    /// What names are given to, the common ones more often.
    const NAMED: [Ty; 29] = [
        Ty::Int,
        Ty::Int,
        Ty::Int,
        Ty::Bool,
        Ty::Bool,
        Ty::Str,
        Ty::Str,
        Ty::Rec,
        Ty::Rec,
        Ty::Rec,
        Ty::OptRec,
        Ty::OptInt,
        Ty::OptStr,
        Ty::Ints,
        Ty::Strs,
        Ty::Recs,
        Ty::Col,
        Ty::Float,
        Ty::Time,
        Ty::Duration,
        Ty::Size,
        Ty::Ip,
        Ty::Tags,
        Ty::Date,
        Ty::Version,
        Ty::Bytes,
        Ty::Risk,
        Ty::Proto,
        Ty::Find,
    ];

    /// As it is written.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Int => "Int",
            Self::Bool => "Bool",
            Self::Str | Self::Pii | Self::Query => "String",
            Self::Rec => "Rec",
            Self::OptRec => "Rec?",
            Self::OptInt => "Int?",
            Self::OptStr => "String?",
            Self::Ints => "[Int]",
            Self::Strs => "[String]",
            Self::Recs => "[Rec]",
            Self::Col => "Col",
            Self::Float => "Float",
            Self::Time => "Time",
            Self::Duration => "Duration",
            Self::Size => "Size",
            Self::Ip => "Ip",
            Self::Id => "Id",
            Self::Tags => "{String: Int}",
            Self::Date => "Date",
            Self::Version => "Version",
            Self::Bytes => "Bytes",
            Self::Risk => "Int 0..100",
            Self::Proto => "Proto",
            Self::Find => "Find",
        }
    }

    /// The option of it, where programs have that.
    pub(crate) fn option(self) -> Option<Ty> {
        match self {
            Self::Int => Some(Self::OptInt),
            Self::Str => Some(Self::OptStr),
            Self::Rec => Some(Self::OptRec),
            _ => None,
        }
    }

    /// What an option may hold.
    pub(crate) fn content(self) -> Option<Ty> {
        match self {
            Self::OptInt => Some(Self::Int),
            Self::OptStr => Some(Self::Str),
            Self::OptRec => Some(Self::Rec),
            _ => None,
        }
    }

    /// What a list holds.
    pub(crate) fn element(self) -> Option<Ty> {
        match self {
            Self::Ints => Some(Self::Int),
            Self::Strs => Some(Self::Str),
            Self::Recs => Some(Self::Rec),
            _ => None,
        }
    }
}
