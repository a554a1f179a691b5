//! How records become cases.

use super::{Expr, Name, Span};

/// `source guardduty from feed("aws.guardduty") -> Finding { accept … dedup by … within … map { … } }`
#[derive(Clone, Debug, PartialEq)]
pub struct SourceDecl {
    /// Its name.
    pub name: Name,
    /// `feed("aws.guardduty")`: the transport and its arguments, as an expression.
    pub from: Expr,
    /// The case type that it makes.
    pub case: Name,
    /// `accept EXPR`, at most one is meaningful; all that were written.
    pub accept: Vec<Expr>,
    /// `dedup by EXPR within DURATION`
    pub dedup: Vec<Dedup>,
    /// `map { field = EXPR }`, the blocks that were written.
    pub maps: Vec<MapBlock>,
}

/// `dedup by payload.id within 24h`
#[derive(Clone, Debug, PartialEq)]
pub struct Dedup {
    /// The key.
    pub by: Expr,
    /// The window.
    pub within: Expr,
    /// Where.
    pub span: Span,
}

/// `map { severity = High }`
#[derive(Clone, Debug, PartialEq)]
pub struct MapBlock {
    /// Where.
    pub span: Span,
    /// In source order.
    pub fields: Vec<(Name, Expr)>,
}
