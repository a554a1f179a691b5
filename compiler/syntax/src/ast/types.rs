//! Types as written.

use super::{EcoString, Span};

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// What.
    pub kind: TypeExprKind,
    /// Where.
    pub span: Span,
}

/// The forms of types.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeExprKind {
    /// `Ip`, `Verdict`
    Name(EcoString),
    /// `[T]`
    List(Box<TypeExpr>),
    /// `T?`
    Option(Box<TypeExpr>),
    /// `{K: V}`
    Map(Box<TypeExpr>, Box<TypeExpr>),
    /// `Int 0..100`
    Ranged(Box<Ranged>),
    /// Other forms not supported yet, by name.
    NotYet(&'static str),
}

/// `Int 0..100`: what it is a range of, and its bounds where they are whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranged {
    /// `Int`
    pub name: EcoString,
    /// The smallest.
    pub low: Option<i64>,
    /// The largest.
    pub high: Option<i64>,
}
