//! `{ name: value }`: records, the JSON of a request, and maps.

use super::{Build, Node, listed};
use crate::ast::{EcoString, Expr, ExprKind, Name, StrPart};
use crate::grammar::Rule;
use crate::token::TokenKind;

impl Build<'_> {
    /// `id: x` of a record; those that were reported are left out.
    pub(super) fn record_entries(&mut self, node: Node<'_>) -> Vec<(Name, Expr)> {
        listed(node.into_inner().filter_map(|e| self.entry(e)))
    }

    /// The JSON of a request or a map; a map where a key is neither a word nor a text.
    pub(super) fn object(&mut self, node: Node<'_>) -> ExprKind {
        let is_plain = |b: &Self, entry: &Node<'_>| {
            let key = entry.into_inner().next();
            key.is_none_or(|key| {
                b.kind(&key) == Some(TokenKind::StrStart)
                    || key.into_inner().count() == 1 && key.into_inner().all(|k| k.as_rule() == Rule::word)
            })
        };
        if node.into_inner().all(|entry| is_plain(self, &entry)) {
            return ExprKind::Object(self.object_entries(node));
        }
        ExprKind::Map(listed(node.into_inner().filter_map(|entry| self.map_pair(entry))))
    }

    fn map_pair(&mut self, node: Node<'_>) -> Option<(Expr, Expr)> {
        let mut inner = node.into_inner();
        let key = inner.next()?;
        let span = self.span(&key);
        let kind = if self.kind(&key) == Some(TokenKind::StrStart) {
            let text = self.text_key(&key).text;
            ExprKind::Str(if text.is_empty() { Vec::new() } else { vec![StrPart::Text(text.into())] })
        } else {
            let mut parts = key.into_inner();
            match (parts.next(), parts.next()) {
                (Some(number), _) if number.as_rule() == Rule::number => {
                    self.negative(&number.into_inner().next()?, span).kind
                }
                (Some(literal), _) if literal.as_rule() == Rule::literal => self.literal(&literal).kind,
                (Some(of), Some(name)) => ExprKind::Field {
                    base: Box::new(Expr { kind: ExprKind::Name(self.name(&of).text), span: self.span(&of) }),
                    name: self.name(&name),
                    optional: false,
                },
                (Some(word), None) => word_key(self.name(&word).text),
                (None, _) => ExprKind::Error,
            }
        };
        Some((Expr { kind, span }, self.nested(inner.next()?)))
    }

    /// `a: x` or `"b": y` of a JSON object.
    pub(super) fn object_entries(&mut self, node: Node<'_>) -> Vec<(Name, Expr)> {
        listed(node.into_inner().filter_map(|e| self.entry(e)))
    }

    fn entry(&mut self, node: Node<'_>) -> Option<(Name, Expr)> {
        let mut inner = node.into_inner();
        let key = inner.next()?;
        let name =
            if self.kind(&key) == Some(TokenKind::StrStart) { self.text_key(&key) } else { self.name(&key) };
        Some((name, self.nested(inner.next()?)))
    }

    fn text_key(&mut self, key: &Node<'_>) -> Name {
        let span = self.span(key);
        let parts = self.string_parts(*key);
        let text: String =
            parts.into_iter().filter_map(|p| if let StrPart::Text(t) = p { Some(t) } else { None }).collect();
        Name { text: text.into(), span }
    }
}

fn word_key(word: EcoString) -> ExprKind {
    match word.as_str() {
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        _ => ExprKind::Name(word),
    }
}
