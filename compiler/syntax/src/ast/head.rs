//! What others can see of a declaration: all of it but its body.

use std::mem::{Discriminant, discriminant};

use super::*;
use crate::ast::parts::{Parts, Way};

/// The head of a declaration, wherever it stands. Where two are the same, nothing outside can tell the declarations apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    kind: Discriminant<ItemKind>,
    /// Without a body, and from the beginning of its file on.
    item: Item,
    /// As it is written.
    text: String,
}

impl Item {
    /// The head of a declaration whose body only it sees. `None` of one that is seen as a whole, such as a type. `text` is that of its file.
    #[must_use]
    pub fn head(&self, text: &str) -> Option<Head> {
        let nothing =
            |block: &Block| Block { stmts: Vec::new(), span: Span { end: block.span.start, ..block.span } };
        let (kind, end) = match &self.kind {
            ItemKind::Fn(d) => {
                let body = nothing(&d.body);
                let (name, params, result) = (d.name.clone(), d.params.clone(), d.result.clone());
                (ItemKind::Fn(FnDecl { name, params, result, body }), d.body.span.start)
            }
            ItemKind::Procedure(d) => {
                let body = nothing(&d.body);
                let (name, params, case) = (d.name.clone(), d.params.clone(), d.case.clone());
                let head = ProcedureDecl { name, params, case, result: d.result.clone(), body };
                (ItemKind::Procedure(Box::new(head)), d.body.span.start)
            }
            ItemKind::Playbook(d) => {
                let head = PlaybookDecl {
                    name: d.name.clone(),
                    case: d.case.clone(),
                    when: d.when.clone(),
                    controls: d.controls.clone(),
                    before: d.before.clone(),
                    not_yet: d.not_yet.clone(),
                    body: nothing(&d.body),
                };
                (ItemKind::Playbook(Box::new(head)), d.body.span.start)
            }
            // Of these only the name is known elsewhere.
            ItemKind::Source(_) | ItemKind::Guard(_) => {
                let name = self.kind.name()?;
                (ItemKind::NotYet { what: name.clone() }, name.span.end)
            }
            // And a test has none.
            ItemKind::Test(_) => {
                let span = Span { end: self.span.start, ..self.span };
                (ItemKind::NotYet { what: Name { text: EcoString::new(), span } }, self.span.start)
            }
            _ => return None,
        };
        let start = self.span.start;
        let text = text.get(start as usize..end as usize).unwrap_or_default().to_string();
        let mut item = Item { doc: self.doc.clone(), span: Span { end: start, ..self.span }, kind };
        item.touch(Way::new(0, start, 0));
        Some(Head { kind: discriminant(&self.kind), item, text })
    }
}
