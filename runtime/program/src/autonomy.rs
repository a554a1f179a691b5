//! How far a playbook may go by itself. It is no part of a program: whoever opens a run says it, and the run keeps it for life.

use jiff::SignedDuration;

/// How a run is driven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Autonomy {
    /// Its guards decide.
    #[default]
    Automatic,
    /// Nothing is done, and nobody is asked: what would be is written down.
    Shadow,
    /// Somebody is asked for every write.
    Supervised {
        /// Who: `role.soc_lead`
        from: String,
        /// How long they have.
        within: SignedDuration,
    },
}

impl Autonomy {
    /// The words for them, in `play.toml` and in the evidence.
    pub const WORDS: [&'static str; 3] = ["automatic", "supervised", "shadow"];

    /// In a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::Shadow => "shadow",
            Self::Supervised { .. } => "supervised",
        }
    }

    /// Whether nothing is done.
    #[must_use]
    pub fn is_shadow(&self) -> bool {
        *self == Self::Shadow
    }
}
