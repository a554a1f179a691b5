//! Strings: escapes resolved, interpolations as expressions.

use super::{Build, Node, unescape};
use crate::ast::{Expr, ExprKind, StrPart};
use crate::grammar::Rule;
use crate::token::TokenKind;

impl Build<'_> {
    pub(super) fn string(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(&node);
        Expr { kind: ExprKind::Str(self.string_parts(node)), span }
    }

    /// The parts, neighbouring texts joined. Its pieces leave no nodes, so its tokens are read.
    pub(super) fn string_parts(&mut self, node: Node<'_>) -> Vec<StrPart> {
        let range = node.start()..node.end();
        let mut interpolations = node.into_inner().filter(|n| n.as_rule() == Rule::interpolation);
        let (mut parts, mut text, mut depth) = (Vec::new(), String::new(), 0u32);
        let symbols = self.symbols;
        for (i, symbol) in symbols.get(range).unwrap_or(&[]).iter().enumerate() {
            let token = self.tokens.get(symbol.first).map_or("", |t| t.text(self.text));
            match symbol.kind {
                TokenKind::InterpOpen => {
                    depth += 1;
                    if depth == 1 {
                        if !text.is_empty() {
                            parts.push(StrPart::Text(std::mem::take(&mut text)));
                        }
                        let expr = interpolations.next().and_then(|n| n.into_inner().next());
                        parts.extend(expr.map(|e| StrPart::Expr(Box::new(self.nested(e)))));
                    }
                }
                TokenKind::InterpClose => depth = depth.saturating_sub(1),
                _ if depth > 0 || i == 0 => {}
                TokenKind::StrEscape => text.extend(unescape(token)),
                TokenKind::StrText | TokenKind::StrBadBrace | TokenKind::StrBadEscape => text.push_str(token),
                _ => {}
            }
        }
        if !text.is_empty() {
            // Most are this and nothing else.
            parts.reserve_exact(1);
            parts.push(StrPart::Text(text));
        }
        parts
    }
}
