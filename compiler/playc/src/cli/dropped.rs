//! `playc trace dropped`

use clap::{Args, ValueEnum};

use super::Format;
use crate::place::Place;

/// Why no case came of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Dropped {
    /// A field of the case could not be filled
    Unmapped,
    /// It is not JSON, or no object
    Unreadable,
    /// No playbook takes such a case
    Unrouted,
    /// A case with the same key was there already
    Duplicate,
    /// No source accepts it
    Rejected,
}

impl Dropped {
    /// The kind of its line of evidence.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Unmapped => "intake.unmapped",
            Self::Unreadable => "intake.unreadable",
            Self::Unrouted => "intake.unrouted",
            Self::Duplicate => "intake.deduplicated",
            Self::Rejected => "intake.rejected",
        }
    }

    /// As it is shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unmapped => "unmapped",
            Self::Unreadable => "unreadable",
            Self::Unrouted => "unrouted",
            Self::Duplicate => "duplicate",
            Self::Rejected => "rejected",
        }
    }
}

/// `playc trace dropped`
#[derive(Args, Debug)]
pub struct TraceDroppedArgs {
    /// Only these
    #[arg(long, value_enum, value_name = "WHY", num_args = 1..)]
    pub only: Vec<Dropped>,
    /// With the records themselves, as they came: of those that are unmapped or unrouted the store keeps them
    #[arg(long)]
    pub bodies: bool,
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
