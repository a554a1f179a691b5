//! Calls of what is built in: `text.lower()`, `list.any(x => …)`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::builtin;
use play_program::types::Type;
use play_syntax::ast::{self, Arg, ExprKind as Ast, Name, Span};

use super::call::all_fx;
use super::fit::holds_never;
use super::json::JSON;
use super::keyed::KEYED;
use super::{BodyCx, Role, Want, Why};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::{Expr, ExprKind, ListOp, NodeId};

impl BodyCx<'_, '_> {
    pub(super) fn method(
        &mut self,
        at: NodeId,
        base: &ast::Expr,
        name: &Name,
        optional: bool,
        args: &[Arg],
        span: Span,
    ) -> Expr {
        let base_expr = self.expr(base, &Want::Any);
        if is_wrong(&base_expr.ty) {
            return self.wrong_with(at, args);
        }
        match (base_expr.ty.clone(), optional) {
            (Type::Option(inner), true) => {
                self.when_there(at, base_expr, *inner, base.span, |b, at, there| {
                    b.method_of(at, there, base, name, args, span)
                })
            }
            (_, true) => {
                let what = self.context.quoted(base.span);
                let tested = self.tested_at(&base_expr);
                self.needless_question_mark(base.span, &format!("{what} is"), tested);
                self.method_of(at, base_expr, base, name, args, span)
            }
            _ => self.method_of(at, base_expr, base, name, args, span),
        }
    }

    pub(super) fn method_of(
        &mut self,
        at: NodeId,
        base: Expr,
        base_ast: &ast::Expr,
        name: &Name,
        args: &[Arg],
        span: Span,
    ) -> Expr {
        if matches!(base.ty, Type::List(_))
            && let Some(op) = list_op(&name.text)
        {
            return self.list_op(at, op, base, name, args, span);
        }
        if matches!(base.ty, Type::List(_)) && KEYED.contains(&name.text.as_str()) {
            return self.keyed(at, base, name, args, span);
        }
        if base.ty == Type::Json {
            if JSON.contains(&name.text.as_str()) {
                return self.json_function(at, base, name, args, span);
            }
            let text = self.context.example(base_ast.span);
            let finding = Diagnostic::error(
                codes::P2012,
                place(name.span),
                format!("a `Json` has no function `{}`", name.text),
            )
            .here("no such function")
            .note("What stands in a document is not known before it is looked at.");
            self.report(match args {
                [key, ..] if name.text == "get" => finding.help(format!(
                    "What stands under a name is `{text}[{}]`.",
                    self.context.example(key.value.span)
                )),
                _ => finding.help(format!("Convert it first: {}.", self.conversion_example(&text, "String"))),
            });
            return self.wrong_with(at, args);
        }
        let Some(found) = builtin::lookup(&base.ty, &name.text, &self.context.types) else {
            if let (Type::String, "join", [arg]) = (&base.ty, name.text.as_str(), args) {
                return self.join_of_text(at, base_ast, name, arg, span);
            }
            self.no_member(&base.ty, base_ast, name, Some(span));
            return self.wrong_with(at, args);
        };
        if found.property {
            let parens = Place { file: span.file, start: name.span.end, end: span.end };
            self.report(
                Diagnostic::error(
                    codes::P2012,
                    parens,
                    format!("`.{}` is a property and is not called", name.text),
                )
                .here("no parentheses")
                .help(format!("Write `.{}`.", name.text))
                .fix(
                    "Leave the parentheses out",
                    false,
                    vec![Edit { place: parens, text: String::new() }],
                ),
            );
            return self.wrong_with(at, args);
        }
        // Literals adapt to what the function takes.
        let mut hints = found.param_types(&base.ty, &self.context.types).into_iter();
        let mut values = vec![base];
        for arg in args {
            if let Some(named) = &arg.name {
                self.report(
                    Diagnostic::error(
                        codes::P3011,
                        place(named.span),
                        "arguments of built-in functions have no names",
                    )
                    .here("leave the name out"),
                );
            }
            values.push(match hints.next() {
                Some(ty) if !holds_never(&ty) && ty != Type::Never => {
                    let why = Why::Words("what the function takes");
                    self.check(&arg.value, &ty, &why)
                }
                _ => self.expr(&arg.value, &Want::Any),
            });
        }
        if values.iter().any(|v| is_wrong(&v.ty)) {
            return self.wrong(at);
        }
        let types: Vec<Type> = values.iter().skip(1).map(|v| v.ty.clone()).collect();
        let receiver = values.first().map_or(WRONG, |v| v.ty.clone());
        match found.result(&receiver, &types, &self.context.types) {
            Ok(ty) => {
                let fx = all_fx(&values);
                Expr { kind: ExprKind::Builtin(found.id(), values), ty, at, fx }
            }
            Err(why) => {
                let place_of = args.first().map_or(name.span, |a| a.value.span);
                self.report(
                    Diagnostic::error(
                        codes::P3011,
                        place(place_of),
                        format!("`.{}` cannot be called like that", name.text),
                    )
                    .here(why),
                );
                self.wrong(at)
            }
        }
    }

    pub(super) fn list_op(
        &mut self,
        at: NodeId,
        op: ListOp,
        list: Expr,
        name: &Name,
        args: &[Arg],
        span: Span,
    ) -> Expr {
        let Type::List(element) = list.ty.clone() else { return self.wrong_with(at, args) };
        let [Arg { name: None, value: ast::Expr { kind: Ast::Lambda { param, body }, .. } }] = args else {
            self.report(
                Diagnostic::error(
                    codes::P3018,
                    place(span),
                    format!("`.{}` takes what to do with each element", name.text),
                )
                .here("one `x => …` is wanted")
                .help(format!("Write `.{}(x => …)`.", name.text)),
            );
            return self.wrong_with(at, args);
        };
        let role = if param.text == "_" { Role::Given } else { Role::Lambda };
        let (var, body) = self.scoped(|b| {
            b.quietly("a lambda", |b| {
                let var = b.define(&param.text, (*element).clone(), param.span, role);
                let body = if op == ListOp::Map { b.expr(body, &Want::Any) } else { b.condition(body) };
                (var, body)
            })
        });
        let ty = match op {
            ListOp::Any | ListOp::All => Type::Bool,
            ListOp::Filter => list.ty.clone(),
            ListOp::Count => Type::Int,
            ListOp::Find => match &*element {
                option @ Type::Option(_) => option.clone(),
                other => Type::Option(Box::new(other.clone())),
            },
            ListOp::Map if is_wrong(&body.ty) => WRONG,
            ListOp::Map => Type::List(Box::new(body.ty.clone())),
        };
        let fx = list.fx.with(body.fx);
        Expr { kind: ExprKind::ListOp { op, list: Box::new(list), var, body: Box::new(body) }, ty, at, fx }
    }

    pub(super) fn stray_lambda(&mut self, at: NodeId, e: &ast::Expr) -> Expr {
        self.blind = true;
        self.report(
            Diagnostic::error(codes::P3018, place(e.span), "a `x => …` can only be an argument")
                .here("not a value")
                .note("It says what to do with each element of a list.")
                .help("Write it in `.any( )`, `.map( )`, `.sort_by( )` or another function of a list, or declare a `fn`."),
        );
        self.wrong(at)
    }
}

fn list_op(name: &str) -> Option<ListOp> {
    Some(match name {
        "any" => ListOp::Any,
        "all" => ListOp::All,
        "filter" => ListOp::Filter,
        "map" => ListOp::Map,
        "count" => ListOp::Count,
        "find" => ListOp::Find,
        _ => return None,
    })
}
