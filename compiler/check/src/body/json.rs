//! Functions of places in documents. The engines know nothing of them: they are conversions, and places further in.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::builtin;
use play_program::types::Type;
use play_syntax::ast::{Arg, Name, Span};

use super::{BodyCx, Why, made};
use crate::context::{is_wrong, place};
use crate::typed::{Expr, ExprKind, Missing, NodeId};

/// Their names.
pub(super) const JSON: &[&str] = &["keys", "items", "has", "len"];

impl BodyCx<'_, '_> {
    /// A call of one of [`JSON`].
    pub(super) fn json_function(
        &mut self,
        at: NodeId,
        base: Expr,
        name: &Name,
        args: &[Arg],
        span: Span,
    ) -> Expr {
        let takes = usize::from(name.text == "has");
        if args.len() != takes || args.iter().any(|a| a.name.is_some()) {
            let example = if takes == 1 { ".has(\"name\")".to_string() } else { format!(".{}()", name.text) };
            self.report(
                Diagnostic::error(
                    codes::P3011,
                    place(span),
                    format!("`.{}` cannot be called like that", name.text),
                )
                .here(format!("it takes {}", super::count(takes)))
                .help(format!("Write `{example}`.")),
            );
            return self.wrong_with(at, args);
        }
        match (name.text.as_str(), args) {
            ("has", [arg]) => {
                let inside = self.node(span);
                let key = self.check(&arg.value, &Type::String, &Why::Words("the name of a member"));
                if is_wrong(&key.ty) {
                    return Expr { ty: Type::Bool, ..self.wrong(at) };
                }
                let fx = base.fx.with(key.fx);
                let kind = ExprKind::JsonIndex(Box::new(base), Box::new(key));
                let member = Expr { kind, ty: Type::Json, at: inside, fx };
                Expr { kind: ExprKind::JsonExists(Box::new(member)), ty: Type::Bool, at, fx }
            }
            ("keys", _) => {
                let members = Type::Map(Box::new(Type::String), Box::new(Type::Json));
                let empty = ExprKind::Map(Vec::new());
                let members = self.or_nothing(base, members, empty, span);
                self.property_of(at, members, "keys")
            }
            ("len", _) => {
                let items = self.or_nothing(base, list(), ExprKind::List(Vec::new()), span);
                self.property_of(at, items, "len")
            }
            _ => {
                let items = self.or_nothing(base, list(), ExprKind::List(Vec::new()), span);
                Expr { at, ..items }
            }
        }
    }

    /// A place as a type, or what is empty where it is something else.
    fn or_nothing(&mut self, base: Expr, ty: Type, empty: ExprKind, span: Span) -> Expr {
        let (whole, as_at, empty_at) = (self.node(span), self.node(span), self.node(span));
        let fx = base.fx;
        let there = Expr { kind: ExprKind::As(Box::new(base), ty.clone()), ty: ty.clone(), at: as_at, fx };
        let empty = made(empty, ty.clone(), empty_at, &[]);
        let kind = ExprKind::Else(Missing::Conversion, Box::new(there), Box::new(empty));
        Expr { kind, ty, at: whole, fx }
    }

    fn property_of(&mut self, at: NodeId, of: Expr, name: &str) -> Expr {
        let Some(found) = builtin::lookup(&of.ty, name, &self.context.types) else { return self.wrong(at) };
        match found.result(&of.ty, &[], &self.context.types) {
            Ok(ty) => {
                let fx = of.fx;
                Expr { kind: ExprKind::Builtin(found.id(), vec![of]), ty, at, fx }
            }
            Err(_) => self.wrong(at),
        }
    }
}

fn list() -> Type {
    Type::List(Box::new(Type::Json))
}
