//! Types as written.

use super::{Build, Node};
use crate::ast::{EcoString, ExprKind, Ranged, Span, TypeExpr, TypeExprKind};
use crate::grammar::Rule;
use crate::stream::MAX_DEPTH;

impl Build<'_> {
    /// A `type_expr`, or one of the forms of `type_base`.
    pub(super) fn type_expr(&mut self, node: Node<'_>) -> TypeExpr {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::type_expr => return self.optional(node, span),
            Rule::list_type => match node.into_inner().next() {
                Some(of) => TypeExprKind::List(Box::new(self.type_expr(of))),
                None => TypeExprKind::NotYet("list type"),
            },
            Rule::map_type => {
                let mut inner = node.into_inner();
                match (inner.next(), inner.next()) {
                    (Some(key), Some(of)) => {
                        TypeExprKind::Map(Box::new(self.type_expr(key)), Box::new(self.type_expr(of)))
                    }
                    _ => TypeExprKind::NotYet("map type"),
                }
            }
            _ => {
                let name = self.name(&node).text;
                match node.into_inner().next() {
                    Some(range) => {
                        let (low, high) = self.range(range);
                        TypeExprKind::Ranged(Box::new(Ranged { name, low, high }))
                    }
                    None => TypeExprKind::Name(name),
                }
            }
        };
        TypeExpr { kind, span }
    }

    /// The bounds of `0..100`; one that was reported is missing.
    pub(super) fn range(&mut self, node: Node<'_>) -> (Option<i64>, Option<i64>) {
        let mut bounds = node.into_inner().map(|bound| {
            let span = self.span(&bound);
            let number = match bound.as_rule() {
                Rule::number => bound.into_inner().next().map(|literal| self.negative(&literal, span)),
                _ => Some(self.literal(&bound)),
            };
            match number.map(|n| n.kind) {
                Some(ExprKind::Int(n)) => Some(n),
                _ => None,
            }
        });
        (bounds.next().flatten(), bounds.next().flatten())
    }

    fn optional(&mut self, node: Node<'_>, span: Span) -> TypeExpr {
        let mut inner = node.into_inner();
        let base = inner.next();
        // Each `?` nests the tree by one. More than one is wrong anyway.
        let marks: Vec<_> = inner.take(MAX_DEPTH.saturating_sub(self.depth)).collect();
        let built = self.deeper(marks.len(), |build| Ok(base.map(|base| build.type_expr(base))));
        let Ok(Some(mut ty)) = built else {
            return TypeExpr { kind: TypeExprKind::Name(EcoString::new()), span };
        };
        for mark in marks {
            let span = ty.span.to(self.span(&mark));
            ty = TypeExpr { kind: TypeExprKind::Option(Box::new(ty)), span };
        }
        ty
    }
}
