//! What is read, what is refused, and how it is laid out.

mod expressions;
mod format;
mod limits;
mod mended;
mod pages;
mod parse;
mod properties;
mod shape;
mod tokens;
