//! The syntax tree: what was written, with the place of every part.
//!
//! Nothing here is resolved or typed. A name is text; a literal is already read (`10.0.0.0/8` is a network), because
//! its form is a matter of the lexer alone.

mod connector;
mod expr;
mod guard;
mod head;
mod item;
mod parts;
mod source;
mod stmt;
mod test;
mod types;

pub use connector::*;
pub use expr::*;
pub use guard::*;
pub use head::Head;
pub use item::*;
pub use source::*;
pub use stmt::*;
pub use test::*;
pub use types::*;

pub(crate) use parts::{Fit, Parts, Way};

use std::sync::Arc;

pub use ecow::EcoString;

/// A place in one source file: byte offsets, end exclusive. `file` is the index of the file in the compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Index of the file in the compilation.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest place that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A name as written, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The text. Most are short, and stand in the tree itself.
    pub text: EcoString,
    /// Where it stands.
    pub span: Span,
}

/// One source file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// `//!` lines at its head, without the marker.
    pub doc: Vec<String>,
    /// What it declares, in source order. An item that could not be parsed is not here; its error is reported.
    /// Shared with who keeps it for the next version of the text.
    pub items: Vec<Arc<Item>>,
}
