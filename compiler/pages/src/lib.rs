//! What people read of a program who do not read programs: the picture of a playbook, and pages.
//!
//! The way of the data: trees of files → [`graph::Graph`] → [`graph::layout`] → SVG; or [`graph::Graph`] → Mermaid, DOT. Trees and the
//! typed program → [`page::Page`]s ([`doc`]) → HTML, Markdown. All of it is pure, and the same text gives the same bytes.

pub mod doc;
pub mod driven;
pub mod graph;
pub mod html;
mod markdown;
pub mod page;
mod scope;
pub mod source;
mod text;

pub use html::html;
pub use markdown::markdown;
