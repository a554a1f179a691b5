//! What persons say to those who share a store.

/// Something that was said, and that one has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its number.
    pub word: i64,
    /// The run that it was said to; [`crate::OWN_CHAIN`] for the store itself.
    pub run: String,
    /// What.
    pub said: String,
}

/// What whoever speaks hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// An answer.
    Answered(String),
    /// Nobody has taken it, and nobody will.
    ByNobody,
    /// Whoever owns the run hears nothing that is said to it: who. It was not said.
    Deaf(String),
    /// Somebody has taken it and did not answer: whether it counts is in the evidence.
    Unknown,
}
