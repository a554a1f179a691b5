//! What may fail or be absent, and how that is handled: `as`, `else`, `?`, `if let`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_syntax::ast::{self, Span};

use super::fit::{fits, from_text};
use super::step::{in_else, is_call};
use super::{BodyCx, Kind, Want, Why};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::{Effects, Expr, ExprKind, Missing, NodeId};
use crate::types::Site;

/// What there is to handle, and the type of what is there when nothing is missing.
pub(super) struct Failing {
    pub(super) missing: Missing,
    pub(super) value: Expr,
    pub(super) ty: Type,
}

impl BodyCx<'_, '_> {
    /// `x as T`
    pub(super) fn conversion(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        (value, ty): (&ast::Expr, &ast::TypeExpr),
        want: &Want,
        handled: bool,
    ) -> Expr {
        let value_expr = self.expr(value, &Want::Any);
        let target = self.context.resolve(ty, Site::Value);
        if is_wrong(&value_expr.ty) || is_wrong(&target) {
            return self.wrong(at);
        }
        if !self.convertible(&value_expr.ty, &target, value, ty.span) {
            return self.wrong(at);
        }
        if !handled {
            self.unhandled_conversion(e, value, &target, want);
            // What its failure is to become is not known, and so neither is the type.
            return self.wrong(at);
        }
        let fx = value_expr.fx;
        Expr { kind: ExprKind::As(Box::new(value_expr), target.clone()), ty: target, at, fx }
    }

    fn convertible(&mut self, from: &Type, to: &Type, value: &ast::Expr, ty: Span) -> bool {
        let types = &self.context.types;
        let ok = match from {
            Type::Json => !matches!(to, Type::Json | Type::Option(_)) && self.is_in_documents(to, 0),
            Type::Int | Type::Ranged(..) => matches!(types.repr(to), Type::Ranged(..)) && !fits(from, to),
            Type::String => {
                from_text(types.repr(to)) || matches!(to, Type::Newtype(_)) && *types.repr(to) == Type::String
            }
            _ => false,
        };
        if ok {
            return true;
        }
        let (is, name) = (self.context.a_type(from), self.context.type_name(to));
        let (what, text) = (self.context.quoted(value.span), self.context.example(value.span));
        let finding = if let Type::Option(inner) = from {
            let help = self.option_help(value, inner);
            Diagnostic::error(
                codes::P4002,
                place(value.span),
                format!("{what} may be absent, and is converted here"),
            )
            .here(format!("this is {is}"))
            .help(help)
        } else if from == to || from.is_int() && to.is_int() {
            Diagnostic::error(codes::P3017, place(value.span), format!("{what} is {is} already"))
                .here("nothing to convert")
                .help(format!("Write `{text}`."))
        } else if self.context.types.repr(to) == from {
            Diagnostic::error(
                codes::P3017,
                place(value.span),
                format!("{what} needs no conversion to become a `{name}`"),
            )
            .here(format!("this is {is}"))
            .help(format!("Write `{name}({text})`."))
        } else {
            let finding = Diagnostic::error(
                codes::P3017,
                place(value.span),
                format!("{is} cannot be converted to `{name}`"),
            )
            .here(format!("this is {is}"))
            .label(place(ty), format!("`{name}` is asked for"));
            match from {
                Type::Json | Type::String => finding,
                _ => finding.note("Only places in a document (`Json`) and text (`String`) are converted."),
            }
        };
        self.report(finding);
        false
    }

    /// Whether a type is one that a place in a document can be converted to.
    fn is_in_documents(&self, to: &Type, depth: u32) -> bool {
        match to {
            Type::List(of) | Type::Option(of) | Type::Map(_, of) => {
                depth < 16 && self.is_in_documents(of, depth + 1)
            }
            Type::Record(id) => {
                let layout = self.context.types.record(*id);
                depth < 16
                    && layout.is_some_and(|r| {
                        !r.is_case && r.fields.iter().all(|f| self.is_in_documents(&f.ty, depth + 1))
                    })
            }
            Type::Union(id) => {
                let held = self.context.types.enumeration(*id).map(|e| e.holds.clone()).unwrap_or_default();
                held.iter().all(|record| self.is_in_documents(&Type::Record(*record), depth + 1))
            }
            Type::Json => depth > 0,
            Type::Newtype(_) if !is_wrong(to) => self.is_in_documents(self.context.types.repr(to), depth + 1),
            other => from_text(other) || *other == Type::String || is_wrong(other),
        }
    }

    fn unhandled_conversion(&mut self, e: &ast::Expr, value: &ast::Expr, target: &Type, want: &Want) {
        let (what, name) = (self.context.quoted(value.span), self.context.a_type(target));
        let text = self.context.example(value.span);
        let help = self.conversion_example(&text, &self.context.type_name(target));
        let finding = Diagnostic::error(
            codes::P4001,
            place(e.span),
            format!("{what} may not be {name}, and nothing says what happens then"),
        )
        .here("this conversion can fail");
        // No type ends with a parenthesis: behind one that closes, a `?` would go on with what follows.
        let end = e.span.end.saturating_sub(u32::from(self.context.text(e.span).ends_with(')')));
        let end = Place { file: e.span.file, start: end, end };
        let add = |text: &str| vec![Edit { place: end, text: text.into() }];
        // A field that may be none need not cost the record.
        let may_be_none = self.kind == Kind::Source && matches!(want.hint(), Some(Type::Option(_)));
        self.report(if may_be_none {
            finding
                .note("A `?` gives the whole record up: without the field there is no case.")
                .help(format!("Write `{text} as {} else none`.", self.context.type_name(target)))
                .fix("Go on without it", false, add(" else none"))
        } else if matches!(self.kind, Kind::Source | Kind::Respond) {
            finding.help(format!("Write {help}.")).fix("Add `?`", false, add("?"))
        } else {
            finding.help(format!("Write {help}."))
        });
    }

    /// What an expression may be missing. A place in a document is converted to the type that is wanted.
    pub(super) fn failing(&mut self, value: &ast::Expr, want: Option<&Type>, word: &str) -> Option<Failing> {
        // The node of a conversion that is not written has to come before its operand's.
        let spare = want.map(|_| self.node(value.span));
        let at = self.node(value.span);
        let found = self.expr_at(at, value, &Want::Any, true);
        if is_wrong(&found.ty) {
            return None;
        }
        match (&found.kind, &found.ty) {
            (kind, _) if is_call(kind) => {
                let ty = found.ty.clone();
                return Some(Failing { missing: Missing::Call, value: found, ty });
            }
            (ExprKind::As(..), _) => {
                let ty = found.ty.clone();
                return Some(Failing { missing: Missing::Conversion, value: found, ty });
            }
            (_, Type::Option(inner)) => {
                let ty = (**inner).clone();
                return Some(Failing { missing: Missing::Option, value: found, ty });
            }
            (_, Type::Json) => {
                let target = match want {
                    Some(Type::Option(of)) => Some((**of).clone()),
                    other => other.cloned(),
                };
                if let Some(target) = target.filter(|t| *t != Type::Json && !is_wrong(t))
                    && let Some(at) = spare
                    && self.is_in_documents(&target, 0)
                {
                    let fx = found.fx;
                    let value = Expr {
                        kind: ExprKind::As(Box::new(found), target.clone()),
                        ty: target.clone(),
                        at,
                        fx,
                    };
                    return Some(Failing { missing: Missing::Conversion, value, ty: target });
                }
                let text = self.context.example(value.span);
                self.report(
                    Diagnostic::error(
                        codes::P3016,
                        place(value.span),
                        format!("what {} has to be is not said", self.context.quoted(value.span)),
                    )
                    .here("this is a `Json`, a place in a document")
                    .help(format!(
                        "Name the type: `{text} as String{}`.",
                        if word == "?" { "?" } else { " else …" }
                    )),
                );
            }
            _ => match self.tested_at(&found) {
                Some(tested) => {
                    self.handled_already(value, &found, word, tested);
                    let ty = found.ty.clone();
                    return Some(Failing { missing: Missing::Option, value: found, ty });
                }
                None => self.nothing_to_handle(value, &found, word),
            },
        }
        None
    }

    /// A warning only: what is tested further up does not break what stands below.
    fn handled_already(&mut self, value: &ast::Expr, found: &Expr, word: &str, tested: Span) {
        let (what, is) = (self.context.quoted(value.span), self.context.a_type(&found.ty));
        self.report(
            Diagnostic::warning(
                codes::P4003,
                place(value.span),
                format!("{what} is there already, so `{word}` has nothing to do"),
            )
            .here(format!("this is {is} here"))
            .label(place(tested), "tested here")
            .help("Use the value as it is."),
        );
    }

    fn nothing_to_handle(&mut self, value: &ast::Expr, found: &Expr, word: &str) {
        let (what, is) = (self.context.quoted(value.span), self.context.a_type(&found.ty));
        let help = match word {
            "if let" => "Use the value as it is.".to_string(),
            _ => format!("Leave the `{word}` out."),
        };
        self.report(
            Diagnostic::error(
                codes::P4003,
                place(value.span),
                format!("{what} is always there, so `{word}` has nothing to do"),
            )
            .here(format!("this is {is}: it is neither absent nor can it fail"))
            .help(help),
        );
    }

    /// `x?`
    pub(super) fn attempt(&mut self, at: NodeId, e: &ast::Expr, value: &ast::Expr, want: &Want) -> Expr {
        let failing = match self.failing(value, want.hint(), "?") {
            Some(failing) => failing,
            None => return self.wrong(at),
        };
        let allowed = match &self.kind {
            Kind::Source | Kind::Respond => failing.missing != Missing::Call,
            Kind::Fn(Type::Option(_)) => failing.missing != Missing::Call,
            _ => false,
        };
        if !allowed {
            self.question_mark_here(e, value, &failing);
            return self.wrong(at);
        }
        let fx = failing.value.fx;
        Expr { kind: ExprKind::Try(failing.missing, Box::new(failing.value)), ty: failing.ty, at, fx }
    }

    fn question_mark_here(&mut self, e: &ast::Expr, value: &ast::Expr, failing: &Failing) {
        let mark = Place { file: e.span.file, start: e.span.end.saturating_sub(1), end: e.span.end };
        let text = self.context.example(value.span);
        let finding = Diagnostic::error(codes::P4004, mark, "`?` cannot stand here")
            .here("there is nothing to give up");
        let finding = match &self.kind {
            Kind::Playbook => finding
                .note("`?` gives up. A playbook does not give up on a case: it says what happens instead.")
                .help(match failing.missing {
                    Missing::Call | Missing::Conversion => {
                        format!("Write `{text} else none`, `{text} else hand over to queue.tier2 because \"…\"`, or `if let x = {text} {{ … }}`.")
                    }
                    Missing::Option => self.option_help(value, &failing.ty),
                }),
            Kind::Fn(result) => {
                let option = self.context.a_type(&super::access::as_option(result.clone()));
                let result = self.context.a_type(result);
                finding
                    .note(format!("In a function `?` gives `none` back, and this function gives {result}."))
                    .help(format!("Let the function give {option}, or write `{text} else …`."))
            }
            _ => finding
                .note("`?` can stand in sources, after `expect … ->`, and in functions whose result is an option.")
                .help(format!("Write `{text} else …`.")),
        };
        self.report(finding);
    }

    /// `x else y`
    pub(super) fn otherwise(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        value: &ast::Expr,
        arm: &ast::Expr,
        want: &Want,
    ) -> Expr {
        let before = self.context.findings.len();
        let failing = self.failing(value, want.hint(), "else");
        let operand = self.else_of_operand(before, value, arm);
        let failing = match failing.filter(|_| !operand) {
            Some(failing) => failing,
            None => {
                self.expr(arm, &want.softly());
                return self.wrong(at);
            }
        };
        let success = failing.ty.clone();
        let arm_want = match want {
            // A plain value in the arm, `else none`, stands for what is thrown away with the rest.
            Want::Discard if is_control(arm) => Want::Discard,
            Want::Discard => Want::Any,
            // An arm that is an option makes the whole one.
            _ => match want.hint() {
                Some(option @ Type::Option(of)) if fits(&success, of) => Want::Hint(option.clone()),
                _ => Want::Hint(success.clone()),
            },
        };
        let arm_expr =
            self.after_failure(failing.can_fail(self.context), arm.span, |b| b.expr(arm, &arm_want));
        let arm_fx = in_else(arm_expr.fx);
        let ty = match want {
            Want::Discard => {
                self.discarded(e, &failing, arm_expr.fx);
                Type::Unit
            }
            _ => self.agree_with_arm(&success, &arm_expr, value, arm),
        };
        if !is_wrong(&ty) {
            self.else_takes_in(&failing, value, arm);
        }
        let fx: Effects = failing.value.fx.with(arm_fx);
        Expr {
            kind: ExprKind::Else(failing.missing, Box::new(failing.value), Box::new(arm_expr)),
            ty,
            at,
            fx,
        }
    }

    fn agree_with_arm(&mut self, success: &Type, arm: &Expr, value: &ast::Expr, arm_ast: &ast::Expr) -> Type {
        // What an operator goes on with behind the `else` may have been meant for the whole, and what that is then is not known.
        if is_wrong(&arm.ty)
            && matches!(arm_ast.kind, ast::ExprKind::Else { .. } | ast::ExprKind::Binary { .. })
        {
            return WRONG;
        }
        if arm.ty == Type::Never || is_wrong(&arm.ty) || fits(&arm.ty, success) {
            return success.clone();
        }
        if let (Type::Ranged(low, high), Some(inside)) = (success, crate::interval::of(arm)) {
            let within = i128::from(*low) <= inside.0 && inside.1 <= i128::from(*high);
            return if within { success.clone() } else { Type::Int };
        }
        if *success == Type::Unit {
            // `do x() else none`: nothing or nothing.
            if matches!(&arm.ty, Type::Option(of) if **of == Type::Never) {
                return Type::Unit;
            }
        } else {
            let option = super::access::as_option(success.clone());
            if fits(&arm.ty, &option) {
                return option;
            }
        }
        let (is, must) = (self.context.a_type(&arm.ty), self.context.a_type(success));
        if let Some(finding) = self.else_in_operator(success, arm, value, arm_ast) {
            self.report(finding);
            return WRONG;
        }
        self.report(
            Diagnostic::error(codes::P3008, place(arm_ast.span), format!("the `else` gives {is} in place of {must}"))
                .here(format!("{is} here"))
                .label(place(value.span), format!("{must} when all is well"))
                .help(format!("Let the `else` give {must}, `none`, or end the run: `else hand over to queue.tier2 because \"…\"`.")),
        );
        WRONG
    }

    fn discarded(&mut self, e: &ast::Expr, failing: &Failing, arm: Effects) {
        if !arm.is_pure() {
            return;
        }
        match &failing.value.kind {
            ExprKind::Read(..) => self.report(
                Diagnostic::warning(codes::P9002, place(e.span), "this is fetched, and nobody uses it")
                    .here("asked for nothing")
                    .help("Give it a name with `let`, or leave it out."),
            ),
            _ if failing.value.fx.is_pure() => self.report(
                Diagnostic::warning(codes::P9004, place(e.span), "this does nothing")
                    .here("computed, and then thrown away")
                    .help("Give it a name with `let`, or leave it out."),
            ),
            _ => {}
        }
    }

    /// The head of an `if let`: what may be missing, and the type of what is there.
    pub(super) fn if_let_head(&mut self, value: &ast::Expr) -> Option<Failing> {
        self.failing(value, None, "if let")
    }

    /// A conversion that is not written, where the result of an action is a document's place: it holds the conversion.
    pub(crate) fn respond(&mut self, e: &ast::Expr, result: &Type, at: Span) -> Expr {
        let attempt_at = self.node(e.span);
        let as_at = self.node(e.span);
        let found = self.expr(e, &Want::Type(result.clone(), Why::Written(at)));
        let target = match result {
            Type::Option(of) => (**of).clone(),
            other => other.clone(),
        };
        if found.ty == Type::Json && target != Type::Json && !is_wrong(&target) {
            if !self.is_in_documents(&target, 0) {
                let name = self.context.type_name(&target);
                self.report(
                    Diagnostic::error(
                        codes::P3017,
                        place(e.span),
                        format!("a document cannot be converted to `{name}`"),
                    )
                    .here("this is a `Json`"),
                );
                return self.wrong(attempt_at);
            }
            let fx = found.fx;
            let value = Expr {
                kind: ExprKind::As(Box::new(found), target.clone()),
                ty: target.clone(),
                at: as_at,
                fx,
            };
            return Expr {
                kind: ExprKind::Try(Missing::Conversion, Box::new(value)),
                ty: target,
                at: attempt_at,
                fx,
            };
        }
        self.fit(found, e, result, &Why::Written(at))
    }
}

fn is_control(e: &ast::Expr) -> bool {
    use ast::ExprKind as Ast;
    matches!(
        e.kind,
        Ast::Block(_)
            | Ast::If { .. }
            | Ast::Match { .. }
            | Ast::For { .. }
            | Ast::Else { .. }
            | Ast::NotYet { .. }
    )
}
