//! Parser's pairs to AST. What only the tree can tell (operators that do not chain, literals out of range) is reported here.

mod assign;
mod branches;
mod connector;
mod expr;
mod guard;
mod item;
mod literal;
mod node;
mod object;
mod ops;
mod person;
mod string;
mod test;
mod types;

use pest::iterators::Pair;
use play_diagnostics::{Diagnostic, Place};

use crate::ast::{Item, Name, Span};
use crate::explain::keeping_comments;
use crate::grammar::Rule;
use crate::stream::Symbol;
use crate::token::{Token, TokenKind};

pub(crate) use literal::unescape;

pub(crate) use node::Node;
use node::Tree;

/// Builds the items of one file.
pub(crate) struct Build<'a> {
    pub(crate) file: u32,
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
    /// The symbols that were parsed.
    pub(crate) symbols: &'a [Symbol],
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
    /// How many expressions we are inside of.
    pub(crate) depth: usize,
    /// The most of them so far.
    pub(crate) deepest: usize,
}

impl Build<'_> {
    /// The item, with its documentation; its first symbol is `base` behind the first that was parsed. `None` when the root is no item, which
    /// the grammar excludes.
    pub(crate) fn item(&mut self, root: Pair<'_, Rule>, base: usize) -> Option<Item> {
        let tree = Tree::of(root, base);
        let node = tree.root();
        let span = self.span(&node);
        let doc = self.doc(&node);
        let kind = self.item_kind(node)?;
        Some(Item { doc, span, kind })
    }

    fn first_symbol(&self, node: &Node<'_>) -> Option<Symbol> {
        self.symbols.get(node.start()).copied()
    }

    fn first_token(&self, node: &Node<'_>) -> Option<Token> {
        self.first_symbol(node).and_then(|s| self.tokens.get(s.first)).copied()
    }

    /// The kind of the symbol with which it begins.
    pub(crate) fn kind(&self, node: &Node<'_>) -> Option<TokenKind> {
        self.first_symbol(node).map(|s| s.kind)
    }

    pub(crate) fn span(&self, node: &Node<'_>) -> Span {
        let start = self.symbols.get(node.start()).and_then(|s| self.tokens.get(s.first));
        let last = node.end().checked_sub(1).and_then(|i| self.symbols.get(i));
        let end = last.and_then(|s| self.tokens.get(s.last));
        match (start, end) {
            (Some(s), Some(e)) => Span { file: self.file, start: s.start, end: e.end.max(s.start) },
            _ => Span { file: self.file, start: 0, end: 0 },
        }
    }

    /// The source text of a place.
    pub(crate) fn source(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// A node that is a name, or begins with one, as that name.
    pub(crate) fn name(&self, node: &Node<'_>) -> Name {
        let symbol = self.first_symbol(node);
        let ends = symbol.and_then(|s| self.tokens.get(s.first).zip(self.tokens.get(s.last)));
        let span = ends.map_or_else(Span::default, |(first, last)| Span {
            file: self.file,
            start: first.start,
            end: last.end.max(first.start),
        });
        let text = self.source(span);
        // What was mended stands for several tokens: `odd-login`.
        let whole = symbol.is_none_or(|s| s.first == s.last);
        Name { text: if whole { text.into() } else { name_of(text).into() }, span }
    }

    /// The first token of a node as a name: the keyword of a construct.
    pub(crate) fn keyword(&self, node: &Node<'_>) -> Name {
        match self.first_token(node) {
            Some(t) => Name {
                text: t.text(self.text).into(),
                span: Span { file: self.file, start: t.start, end: t.end },
            },
            None => self.name(node),
        }
    }

    /// The `///` lines directly above a node.
    pub(crate) fn doc(&self, node: &Node<'_>) -> Vec<String> {
        let Some(first) = self.first_symbol(node) else { return Vec::new() };
        let before = self.tokens.get(..first.first).unwrap_or(&[]);
        let mut lines: Vec<String> = before
            .iter()
            .rev()
            .take_while(|t| t.kind.is_trivia())
            .filter(|t| t.kind == TokenKind::Doc)
            .map(|t| comment_text(t.text(self.text), "///"))
            .collect();
        lines.reverse();
        lines
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(keeping_comments(diagnostic, self.tokens));
    }
}

/// These in a list without more room than they need: most are one or two, and `collect` makes room for four.
pub(crate) fn listed<T>(of: impl Iterator<Item = T>) -> Vec<T> {
    let (least, most) = of.size_hint();
    let mut all = Vec::with_capacity(most.unwrap_or(least));
    all.extend(of);
    all
}

/// The name that was meant by `odd-login` or `"odd login"`.
pub(crate) fn name_of(text: &str) -> String {
    let text = text.trim_matches('"');
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

pub(crate) fn place(span: Span) -> Place {
    Place { file: span.file, start: span.start, end: span.end }
}

/// The text of a comment line without its marker, one space after it, and what ends it.
pub(crate) fn comment_text(line: &str, marker: &str) -> String {
    let text = line.strip_prefix(marker).unwrap_or(line);
    text.strip_prefix(' ').unwrap_or(text).trim_end().to_string()
}
