//! The pages of a project, and of the standard library.
//!
//! Each sort of page is a file here that makes [`Page`]s out of what is declared; what they say of acts, guards and tests is read off
//! the typed program, as `playc check --report` and `playc caps` do.

mod case;
mod connector;
mod decls;
mod guard;
mod index;
mod library;
mod links;
mod playbook;
mod types;

pub use library::library;

use play_check::coverage::{self, Write};
use play_check::typed::{NodeId, Program};
use play_syntax::ast::Name;

use crate::driven;
use crate::graph::{Facts, Graph};
use crate::page::{Block, Page, paragraphs};
use crate::scope::Sort;
use crate::source::Sources;
use crate::text::one_line;
use decls::Decls;
use links::Links;

/// Pages that belong together.
#[derive(Clone, Debug)]
pub struct Book {
    /// What they are about.
    pub title: String,
    /// The index first.
    pub pages: Vec<Page>,
    /// The headings of the index.
    pub sections: Vec<String>,
}

/// What pages are made of.
struct Input<'a> {
    facts: &'a Facts<'a>,
    decls: &'a Decls<'a>,
    program: &'a Program,
    writes: &'a [Write],
    links: &'a Links<'a>,
    /// The pictures of the playbooks, in the order of theirs.
    graphs: &'a [Graph],
}

impl Input<'_> {
    /// The page of a declaration: what its comment says, and then the rest.
    fn page(&self, sort: Sort, name: &Name, doc: &[String], rest: Vec<Block>) -> Page {
        let mut blocks = paragraphs(doc);
        blocks.extend(rest);
        Page {
            file: self.links.file(sort, name),
            title: name.text.as_str().to_string(),
            kind: sort.heading(),
            blocks,
        }
    }

    /// A playbook of the program.
    fn playbook(&self, name: &Name) -> Option<usize> {
        driven::index(self.program, name)
    }

    /// What is written at a node of the program, in one line.
    fn written(&self, at: NodeId) -> String {
        let node = self.program.nodes.get(at as usize);
        let file = node.and_then(|n| self.program.files.get(n.file as usize));
        let text = node.zip(file).and_then(|(n, f)| f.text.get(n.start as usize..n.end as usize));
        one_line(text.unwrap_or_default())
    }
}

/// The pages of a project: of its playbooks, case types, connectors and guards, and of what it uses of packages and the standard
/// library. `sources` are the files of the program.
#[must_use]
pub fn project(name: &str, sources: &Sources, program: &Program) -> Book {
    let facts = sources.facts();
    let decls = Decls::collect(sources);
    let writes = coverage::writes(program);
    let links = Links::new(&decls, &facts, program);
    let graphs: Vec<Graph> = decls.playbooks.iter().map(|d| driven::picture(&facts, program, d.is)).collect();
    let input =
        Input { facts: &facts, decls: &decls, program, writes: &writes, links: &links, graphs: &graphs };
    let mut pages = vec![index::page(&input, name)];
    pages.extend(decls.playbooks.iter().zip(&graphs).map(|(d, graph)| playbook::page(&input, d, graph)));
    pages.extend(decls.cases.iter().map(|d| case::page(&input, d)));
    pages.extend(decls.connectors.iter().map(|d| connector::page(&input, d)));
    pages.extend(decls.guards.iter().map(|d| guard::page(&input, d)));
    pages.extend(types::page(&input));
    let sections = pages.first().map(index::sections).unwrap_or_default();
    Book { title: name.to_string(), pages, sections }
}
