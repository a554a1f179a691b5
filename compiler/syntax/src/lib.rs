//! Text to tokens to tree to AST, and the formatter.
//!
//! [`lex`] gives every token of a text; [`parse`] gives a tree for any text at all, and says what is wrong with it.
//! The tokens are defined in one place, [`token`]; the grammar (`grammar/play.pest`) is over tokens, not characters.

pub mod ast;
mod build;
mod commas;
mod elsewhere;
mod explain;
mod format;
mod grammar;
mod kept;
mod lengths;
mod lexer;
mod lexical;
mod meant;
mod operators;
mod pairs;
mod parser;
mod part;
mod quotes;
mod repair;
mod reveal;
mod said;
pub mod side_by_side;
mod signs;
mod stream;
pub mod token;
mod two_bars;
mod wanted;

pub use format::format;
pub use kept::{Kept, parse_again};
pub use lexer::lex;
pub use parser::{Parsed, parse, parse_side_by_side};
pub use token::{Token, TokenKind};
