//! Functions over lists that are made of others: `none`, `one` and `flat_map` of `any`, `count` and `map`; `sort_by`,
//! `min_by`, `max_by`, `group_by` and `count_by` of a `map` and a function over both lists. The engines know nothing of them.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::builtin;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{Arg, BinaryOp, Name, Span};

use super::{BodyCx, Role, lit, made};
use crate::context::{is_wrong, place};
use crate::typed::{Expr, ExprKind, ListOp, NodeId, Stmt};

/// Their names.
pub(super) const KEYED: &[&str] =
    &["none", "one", "flat_map", "sort_by", "min_by", "max_by", "group_by", "count_by"];

impl BodyCx<'_, '_> {
    /// A call of one of [`KEYED`].
    pub(super) fn keyed(&mut self, at: NodeId, list: Expr, name: &Name, args: &[Arg], span: Span) -> Expr {
        match name.text.as_str() {
            "none" => {
                let inner = self.node(span);
                let any = self.list_op(inner, ListOp::Any, list, name, args, span);
                if is_wrong(&any.ty) {
                    return any;
                }
                let fx = any.fx;
                Expr { kind: ExprKind::Not(Box::new(any)), ty: Type::Bool, at, fx }
            }
            "one" => {
                let inner = self.node(span);
                let count = self.list_op(inner, ListOp::Count, list, name, args, span);
                if is_wrong(&count.ty) {
                    return count;
                }
                let (fx, one) = (count.fx, lit(Value::Int(1), Type::Int, self.node(span)));
                let kind = ExprKind::Binary(BinaryOp::Eq, Box::new(count), Box::new(one));
                Expr { kind, ty: Type::Bool, at, fx }
            }
            "flat_map" => self.flat_map(at, list, name, args, span),
            _ => self.by_key(at, list, name, args, span),
        }
    }

    fn flat_map(&mut self, at: NodeId, list: Expr, name: &Name, args: &[Arg], span: Span) -> Expr {
        let inner = self.node(span);
        let lists = self.list_op(inner, ListOp::Map, list, name, args, span);
        if is_wrong(&lists.ty) {
            return lists;
        }
        let flat = builtin::lookup(&lists.ty, "flat", &self.context.types);
        let found = flat.and_then(|f| Some((f.id(), f.result(&lists.ty, &[], &self.context.types).ok()?)));
        let Some((id, ty)) = found else {
            self.report(
                Diagnostic::error(codes::P3050, place(span), "`.flat_map` needs a list for each element")
                    .here(format!("the lambda makes {}", self.made_of_each(&lists.ty)))
                    .help("Write `.map(x => …)` for a list of these."),
            );
            return self.wrong(at);
        };
        made_builtin(id, vec![lists], ty, at)
    }

    /// The list is named, since it is needed twice: `{ let it = list; it.sort_by(it.map(x => …)) }`.
    fn by_key(&mut self, at: NodeId, list: Expr, name: &Name, args: &[Arg], span: Span) -> Expr {
        let ty = list.ty.clone();
        let local = self.define("_", ty.clone(), span, Role::Given);
        let of = |at| Expr {
            kind: ExprKind::Local(local),
            ty: ty.clone(),
            at,
            fx: crate::typed::Effects::default(),
        };
        let outer = self.node(span);
        let items = of(self.node(span));
        let mapped = self.node(span);
        let again = of(self.node(span));
        let keys = self.list_op(mapped, ListOp::Map, again, name, args, span);
        if is_wrong(&keys.ty) {
            return keys;
        }
        let found = builtin::lookup(&ty, &name.text, &self.context.types);
        let found = found.and_then(|f| {
            let result = f.result(&ty, std::slice::from_ref(&keys.ty), &self.context.types).ok()?;
            Some((f.id(), result))
        });
        let Some((id, result)) = found else {
            let is = self.made_of_each(&keys.ty);
            if let Type::List(of) = &keys.ty
                && matches!(name.text.as_str(), "group_by" | "count_by")
            {
                self.context.no_key(of, args.first().map_or(span, |a| a.value.span));
                return self.wrong(at);
            }
            self.report(
                Diagnostic::error(
                    codes::P3050,
                    place(args.first().map_or(span, |a| a.value.span)),
                    format!("`.{}` needs something that can be put in order", name.text),
                )
                .here(format!("the lambda makes {is}"))
                .note("Numbers, times, durations, sizes, ordered enums, texts and addresses can be put in order.")
                .help("Name the part of it that decides, and a default where it may be absent."),
            );
            return self.wrong(at);
        };
        let sorted = made_builtin(id, vec![items, keys], result.clone(), outer);
        let fx = list.fx.with(sorted.fx);
        let kind = ExprKind::Block(vec![Stmt::Let(local, list)], Some(Box::new(sorted)));
        Expr { kind, ty: result, at, fx }
    }

    fn made_of_each(&self, list: &Type) -> String {
        match list {
            Type::List(of) => self.context.a_type(of),
            other => self.context.a_type(other),
        }
    }
}

fn made_builtin(id: builtin::BuiltinId, args: Vec<Expr>, ty: Type, at: NodeId) -> Expr {
    let fx = super::call::all_fx(&args);
    Expr { fx, ..made(ExprKind::Builtin(id, args), ty, at, &[]) }
}
