//! What follows a dot without parentheses, and what stands in brackets.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::builtin;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, ExprKind as Ast, LIST_OPS, Name, Span};

use super::{BodyCx, Role, Want, elsewhere, lit, made};
use crate::context::{is_wrong, place};
use crate::names::rename;
use crate::typed::{Effects, Expr, ExprKind, Missing, NodeId, Stmt};

impl BodyCx<'_, '_> {
    pub(super) fn field(&mut self, at: NodeId, base: &ast::Expr, name: &Name, optional: bool) -> Expr {
        if let Ast::Name(word) = &base.kind
            && self.find(word).is_none()
        {
            if word == "case" {
                return self.case_field(at, base.span, name, optional);
            }
            if word == "config" {
                return self.config_field(at, base.span, name, optional);
            }
            if word == "act" && self.kind == super::Kind::Guard {
                return self.act_param(at, name);
            }
            if let Some(of) = self.enum_named(word, base.span) {
                return match self.tag(of, &name.text) {
                    Some(tag) => self.plain_member(at, of, tag, name.span),
                    None => {
                        self.unknown_member(of, name);
                        self.wrong(at)
                    }
                };
            }
            if let Some(connector) = self.connector_named(word, base.span) {
                if self.context.action_of(connector, name).is_some() {
                    self.report(
                        Diagnostic::error(
                            codes::P2011,
                            place(name.span),
                            format!("`{word}.{}` is an action, not a value", name.text),
                        )
                        .here("it has to be called")
                        .help(format!("Write `{word}.{}(…)`.", name.text)),
                    );
                }
                return self.wrong(at);
            }
        }
        let base_expr = self.expr(base, &Want::Any);
        self.access(at, base_expr, base, name, optional)
    }

    fn case_field(&mut self, at: NodeId, span: Span, name: &Name, optional: bool) -> Expr {
        let Some(case) = self.case else {
            // A playbook for a case that does not exist: reported where it is named.
            if self.caseless.is_some()
                || !matches!(
                    self.kind,
                    super::Kind::Playbook | super::Kind::When | super::Kind::Guard | super::Kind::Expectation
                )
            {
                let finding = self.no_case(span);
                self.report(finding);
            }
            return self.wrong(at);
        };
        if optional {
            self.needless_question_mark(span, "`case` is", None);
        }
        match self.context.slot_named(case, name) {
            Some((slot, ty)) => {
                self.narrowed(Expr { kind: ExprKind::CaseField(slot), ty, at, fx: Effects::default() })
            }
            None => {
                if self.kind == super::Kind::Guard && self.context.common_case == Some(case) {
                    self.not_every_case(name);
                } else {
                    self.context.unknown_field(case, name);
                }
                self.wrong(at)
            }
        }
    }

    /// `base.name` or `base?.name`, the base checked already.
    fn access(&mut self, at: NodeId, base: Expr, base_ast: &ast::Expr, name: &Name, optional: bool) -> Expr {
        let span = base_ast.span;
        if is_wrong(&base.ty) {
            return self.wrong(at);
        }
        if optional {
            return match base.ty.clone() {
                Type::Option(inner) => match &*inner {
                    Type::Record(id) => match self.context.slot_named(*id, name) {
                        Some((slot, ty)) => {
                            let ty = as_option(ty);
                            let fx = base.fx;
                            Expr { kind: ExprKind::OptField(Box::new(base), slot), ty, at, fx }
                        }
                        None => {
                            self.context.unknown_field(*id, name);
                            self.wrong(at)
                        }
                    },
                    _ => self.when_there(at, base, *inner, span, |b, at, there| {
                        b.member(at, there, base_ast, name)
                    }),
                },
                _ => {
                    let what = self.context.quoted(span);
                    let tested = self.tested_at(&base);
                    self.needless_question_mark(span, &format!("{what} is"), tested);
                    self.member(at, base, base_ast, name)
                }
            };
        }
        self.member(at, base, base_ast, name)
    }

    pub(super) fn needless_question_mark(&mut self, base: Span, what_is: &str, tested: Option<Span>) {
        let mark = Place { file: base.file, start: base.end, end: base.end.saturating_add(2) };
        let finding = match tested {
            Some(tested) => {
                let text = format!("{what_is} there already, so there is nothing to ask");
                Diagnostic::warning(codes::P4003, mark, text).label(place(tested), "tested here")
            }
            None => {
                let text = format!("{what_is} always there, so there is nothing to ask");
                Diagnostic::error(codes::P4003, mark, text)
            }
        };
        let finding = finding.here("the `?` has no use").help("Write `.`.").fix(
            "Write `.`",
            true,
            vec![Edit { place: mark, text: ".".into() }],
        );
        self.report(finding);
    }

    /// A member of a value that is there.
    fn member(&mut self, at: NodeId, base: Expr, base_ast: &ast::Expr, name: &Name) -> Expr {
        match base.ty.clone() {
            Type::Json if name.text == "exists" => made_of(at, base, Type::Bool, ExprKind::JsonExists),
            Type::Json => {
                let key = name.text.as_str().to_string();
                made_of(at, base, Type::Json, |b| ExprKind::JsonKey(b, key))
            }
            Type::Record(id) => match self.context.slot_named(id, name) {
                Some((slot, ty)) => self.narrowed(made_of(at, base, ty, |b| ExprKind::Field(b, slot))),
                None => {
                    self.context.unknown_field(id, name);
                    self.wrong(at)
                }
            },
            Type::Newtype(_) if name.text == "value" => {
                // The same value, read as what it is made of.
                let ty = self.context.types.repr(&base.ty).clone();
                Expr { ty, ..base }
            }
            _ => self.property(at, base, base_ast, name),
        }
    }

    fn property(&mut self, at: NodeId, mut base: Expr, base_ast: &ast::Expr, name: &Name) -> Expr {
        if matches!(name.text.as_str(), "is_some" | "is_none") && self.tested_at(&base).is_some() {
            // That it always holds is said of conditions as a whole.
            base.ty = as_option(base.ty);
        }
        match builtin::lookup(&base.ty, &name.text, &self.context.types) {
            Some(found) if found.property => match found.result(&base.ty, &[], &self.context.types) {
                Ok(ty) => {
                    let fx = base.fx;
                    Expr { kind: ExprKind::Builtin(found.id(), vec![base]), ty, at, fx }
                }
                Err(why) => {
                    self.report(
                        Diagnostic::error(
                            codes::P2012,
                            place(name.span),
                            format!("`.{}` does not work here", name.text),
                        )
                        .here(why),
                    );
                    self.wrong(at)
                }
            },
            Some(_) => {
                let end = Place { file: name.span.file, start: name.span.end, end: name.span.end };
                self.report(
                    Diagnostic::error(
                        codes::P2012,
                        place(name.span),
                        format!("`.{}` has to be called", name.text),
                    )
                    .here("parentheses are missing")
                    .help(format!("Write `.{}(…)`.", name.text))
                    .fix(
                        "Add parentheses",
                        false,
                        vec![Edit { place: end, text: "()".into() }],
                    ),
                );
                self.wrong(at)
            }
            None => {
                self.no_member(&base.ty, base_ast, name, None);
                self.wrong(at)
            }
        }
    }

    /// Reports a member that a value does not have.
    /// `call`: the whole of the call, where it is one.
    pub(super) fn no_member(&mut self, ty: &Type, base: &ast::Expr, name: &Name, call: Option<Span>) {
        let what = self.context.quoted(base.span);
        let text = self.context.example(base.span);
        let is = self.context.a_type(ty);
        if let Type::Option(inner) = ty {
            let help = self.option_help(base, inner);
            let member = Span { end: call.map_or(name.span.end, |c| c.end), ..name.span };
            let member = self.context.example(member);
            self.report(
                Diagnostic::error(codes::P4002, place(base.span), format!("{what} may be absent"))
                    .here(format!("this is {is}"))
                    .label(place(name.span), "and this asks for what is in it")
                    .help(format!("Write `{text}?.{member}`, which is absent when {what} is. {help}")),
            );
            return;
        }
        let finding =
            Diagnostic::error(codes::P2012, place(name.span), format!("{is} has no `{}`", name.text))
                .here("no such property or function")
                .label(place(base.span), format!("this is {is}"));
        let mut known = builtin::names_for(ty, &self.context.types);
        if matches!(ty, Type::List(_)) {
            known.extend(LIST_OPS);
            known.dedup();
        }
        let near = elsewhere::ours(&name.text, &known).filter(|k| *k != name.text);
        let near = near.or_else(|| self.context.closest(&name.text, known.iter().copied()));
        let finding = match near {
            Some(near) => rename(finding, name.span, near),
            None if matches!(ty, Type::Newtype(_)) => {
                finding.help(format!("Take what it is made of first: `{text}.value`."))
            }
            None if known.is_empty() => finding,
            None => {
                let all: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
                finding.help(format!("It has {}.", all.join(", ")))
            }
        };
        self.report(finding);
    }

    /// What `then` makes of an option's content; absent when the option is. A decision must not come of it, so an option
    /// that has effects is named first.
    pub(super) fn when_there(
        &mut self,
        at: NodeId,
        base: Expr,
        inner: Type,
        span: Span,
        then: impl FnOnce(&mut Self, NodeId, Expr) -> Expr,
    ) -> Expr {
        let (option, fx) = (base.ty.clone(), base.fx);
        let mut named = None;
        let (test_at, value) = if base.fx.is_pure() {
            (at, base)
        } else {
            let whole = self.define("_", option.clone(), span, Role::Given);
            named = Some(Stmt::Let(whole, base));
            let test_at = self.node(span);
            let value_at = self.node(span);
            (test_at, Expr { kind: ExprKind::Local(whole), ty: option, at: value_at, fx: Effects::default() })
        };
        let var = self.define("_", inner.clone(), span, Role::Given);
        let then_at = self.node(span);
        let there_at = self.node(span);
        let there = Expr { kind: ExprKind::Local(var), ty: inner, at: there_at, fx: Effects::default() };
        let then = then(self, then_at, there);
        if is_wrong(&then.ty) {
            return self.wrong(at);
        }
        let ty = as_option(then.ty.clone());
        let absent_at = self.node(span);
        let absent = lit(Value::None, ty.clone(), absent_at);
        let test_fx = value.fx.with(then.fx);
        let test = Expr {
            kind: ExprKind::IfLet {
                missing: Missing::Option,
                value: Box::new(value),
                var,
                then: Box::new(then),
                other: Some(Box::new(absent)),
            },
            ty: ty.clone(),
            at: test_at,
            fx: test_fx,
        };
        match named {
            None => test,
            Some(named) => {
                let fx = fx.with(test.fx);
                Expr { kind: ExprKind::Block(vec![named], Some(Box::new(test))), ty, at, fx }
            }
        }
    }

    pub(super) fn index(&mut self, at: NodeId, base: &ast::Expr, index: &ast::Expr) -> Expr {
        let base_expr = self.expr(base, &Want::Any);
        if let Type::Map(key, of) = base_expr.ty.clone() {
            return self.map_index(at, base_expr, index, &key, *of);
        }
        let index_expr = self.expr(index, &Want::Any);
        if is_wrong(&base_expr.ty) || is_wrong(&index_expr.ty) {
            return self.wrong(at);
        }
        if base_expr.ty != Type::Json {
            let is = self.context.a_type(&base_expr.ty);
            let text = self.context.example(base.span);
            let finding =
                Diagnostic::error(codes::P3002, place(base.span), format!("{is} cannot be indexed"))
                    .here(format!("this is {is}"));
            self.report(match base_expr.ty {
                Type::List(_) => finding.note("An element may not be there.").help(format!(
                    "Write `{text}.at(0)`, `{text}.first`, `{text}.last` or `{text}.find(x => …)`, which may be absent."
                )),
                _ => finding
                    .note("Only places in a document (`Json`) and keys of a map are reached with brackets."),
            });
            return self.wrong(at);
        }
        if !index_expr.ty.is_int() && index_expr.ty != Type::String {
            let is = self.context.a_type(&index_expr.ty);
            self.report(
                Diagnostic::error(
                    codes::P3001,
                    place(index.span),
                    format!("a place in a document is named by a number or a string, not by {is}"),
                )
                .here(format!("this is {is}"))
                .help("Write `[0]` for an element of a list, `[\"key\"]` for a field of an object."),
            );
            return self.wrong(at);
        }
        let fx = base_expr.fx.with(index_expr.fx);
        Expr { kind: ExprKind::JsonIndex(Box::new(base_expr), Box::new(index_expr)), ty: Type::Json, at, fx }
    }
}

fn made_of(at: NodeId, base: Expr, ty: Type, kind: impl FnOnce(Box<Expr>) -> ExprKind) -> Expr {
    let fx = made(ExprKind::Lit(Value::None), Type::Unit, at, &[&base]).fx;
    Expr { kind: kind(Box::new(base)), ty, at, fx }
}

/// The option of a type; an option stays as it is.
pub(super) fn as_option(ty: Type) -> Type {
    match ty {
        Type::Option(_) => ty,
        other if is_wrong(&other) => other,
        other => Type::Option(Box::new(other)),
    }
}
