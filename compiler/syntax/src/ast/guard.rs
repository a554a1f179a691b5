//! Guards: what may be done, how often, and who else decides.

use super::{Escalation, Expr, Name, Quorum, Span, Target};

/// `guard mailbox_cleanup for Phishing covers mailbox.purge { never … limit … allow … else … }`
#[derive(Clone, Debug, PartialEq)]
pub struct GuardDecl {
    /// Its name.
    pub name: Name,
    /// The case type whose playbooks it covers; `None` for all.
    pub case: Option<Name>,
    /// What it covers.
    pub covers: Covers,
    /// In source order.
    pub lines: Vec<GuardLine>,
}

/// What a guard covers.
#[derive(Clone, Debug, PartialEq)]
pub enum Covers {
    /// `okta.suspend, entra.revoke_sessions`
    Actions(Vec<(Name, Name)>),
    /// `class contain`
    Class(Name),
}

/// One line of a guard.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardLine {
    /// What it says.
    pub kind: GuardLineKind,
    /// Where.
    pub span: Span,
}

/// The lines that a guard may have.
#[derive(Clone, Debug, PartialEq)]
pub enum GuardLineKind {
    /// `never when case.sender.domain in own_domains`
    Never(Expr),
    /// `limit 20 per 1h`
    Limit {
        /// An integer literal.
        count: Expr,
        /// A duration literal.
        per: Expr,
    },
    /// `allow` · `allow when case.recipients.len <= 50`
    Allow(Option<Expr>),
    /// `else refuse`
    Refuse,
    /// `else approval from role.soc_lead within 2h else refuse`
    Approval {
        /// Who is asked.
        from: Target,
        /// How many of them; one when it is left out.
        quorum: Option<Quorum>,
        /// How long they have: a duration literal.
        within: Expr,
        /// Who is asked after that, one after the other.
        then: Vec<Escalation>,
    },
}
