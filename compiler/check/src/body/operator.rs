//! Operators: which types go together, and what comes out.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::convert::from_text;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, BinaryOp, ExprKind as Ast, Span, UnaryOp};

use super::fit::{fits, wrap};
use super::literal::adapts;
use super::step::is_call;
use super::{BodyCx, Want, lit, made};
use crate::context::{is_wrong, place};
use crate::interval;
use crate::typed::{Expr, ExprKind, NodeId};

impl BodyCx<'_, '_> {
    pub(super) fn unary(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        op: UnaryOp,
        value: &ast::Expr,
        hint: Option<&Type>,
    ) -> Expr {
        match op {
            UnaryOp::Not => {
                let value = self.condition(value);
                if is_wrong(&value.ty) {
                    return Expr { ty: Type::Bool, ..self.wrong(at) };
                }
                let fx = value.fx;
                Expr { kind: ExprKind::Not(Box::new(value)), ty: Type::Bool, at, fx }
            }
            UnaryOp::Neg => match &value.kind {
                Ast::Int(n) => match n.checked_neg() {
                    Some(n) => self.int(at, n, hint.map(option_core)),
                    None => self.wrong(at),
                },
                Ast::Float(x) => lit(Value::Float(-x), Type::Float, at),
                _ => self.negated(at, e, value),
            },
        }
    }

    fn negated(&mut self, at: NodeId, e: &ast::Expr, value: &ast::Expr) -> Expr {
        let found = self.expr(value, &Want::Any);
        if is_wrong(&found.ty) {
            return self.wrong(at);
        }
        if !found.ty.is_int() && !matches!(found.ty, Type::Float | Type::Duration) {
            let is = self.context.a_type(&found.ty);
            let finding =
                Diagnostic::error(codes::P3002, place(e.span), format!("`-` does not work on {is}"))
                    .here(format!("this is {is}"))
                    .note("It works on `Int`, `Float` and `Duration`.");
            self.report(finding);
            return self.wrong(at);
        }
        let mut fx = found.fx;
        let (ty, fault) = match interval::negated(&found) {
            Some(inside) if matches!(found.ty, Type::Ranged(..)) => (interval::type_of(inside), false),
            Some(_) => (Type::Int, false),
            None => (found.ty.widened(), found.ty != Type::Float),
        };
        fx.fault |= fault;
        Expr { kind: ExprKind::Neg(Box::new(found)), ty, at, fx }
    }

    /// `x == "a" or "b"`: one of several was meant. `x or "a"`: what is taken where there is no `x`. Reports it.
    fn no_condition(&mut self, op_span: Span, left: &ast::Expr, right: &ast::Expr) -> bool {
        let literal =
            |e: &ast::Expr| matches!(e.kind, Ast::Str(_) | Ast::Int(_) | Ast::Ip(_) | Ast::Duration(_));
        let finding = Diagnostic::error(
            codes::P3003,
            place(right.span),
            format!("{} is no condition", self.context.quoted(right.span)),
        )
        .note("`or` joins conditions, and each says all of it.");
        let text = |b: &Self, e: &ast::Expr| b.context.example(e.span);
        match &left.kind {
            Ast::Binary { op: BinaryOp::Eq, left: of, right: one, .. } if literal(one) && literal(right) => {
                let found = self.condition(left);
                let (of, one, other) = (text(self, of), text(self, one), text(self, right));
                let absent =
                    matches!(&found.kind, ExprKind::Binary(_, l, _) if matches!(l.ty, Type::Option(_)));
                let help = match absent {
                    true => format!("Write `{of} == {one} or {of} == {other}`."),
                    false => format!("Write `{of} in [{one}, {other}]`."),
                };
                self.report(finding.here("compared with nothing").help(help));
                true
            }
            Ast::Name(_)
            | Ast::Field { .. }
            | Ast::Index { .. }
            | Ast::Call { .. }
            | Ast::As { .. }
            | Ast::Do(_)
            | Ast::OnTerms { .. }
                if literal(right) || matches!(right.kind, Ast::None) =>
            {
                let Some(found) = self.left_of_or(op_span, left, right, &Want::Any) else { return true };
                let (of, other) = (text(self, left), text(self, right));
                let finding = finding.here("it neither holds nor does not");
                let instead =
                    |b: &str| format!("What is taken where it is absent is written behind `else`: `{b}`.");
                let finding = match &found.ty {
                    ty if is_wrong(ty) => return true,
                    Type::Option(_) => finding.help(instead(&format!("{of} else {other}"))).fix(
                        "Write `else`",
                        false,
                        vec![Edit { place: place(op_span), text: "else".into() }],
                    ),
                    Type::Json => finding.help(instead(&format!("{of} as String else {other}"))),
                    _ => finding,
                };
                self.report(finding);
                true
            }
            _ => false,
        }
    }

    /// What stands before an `or`. `None` where it can fail, and what is done then was meant by what stands behind: reported.
    fn left_of_or(
        &mut self,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        want: &Want,
    ) -> Option<Expr> {
        if let Some(call) = self.or_fail_the_step(left, want) {
            return Some(call);
        }
        let at = self.node(left.span);
        let found = self.expr_at(at, left, want, true);
        if is_call(&found.kind) || matches!(found.kind, ExprKind::As(..)) {
            self.or_for_else(op_span, left, right);
            return None;
        }
        Some(found)
    }

    /// `hr.person(x) or "y"`, `payload.n as Int or 0`: what is done when it fails comes after `else`.
    fn or_for_else(&mut self, op_span: Span, left: &ast::Expr, right: &ast::Expr) {
        let what = self.context.quoted(left.span);
        let (of, other) = (self.context.example(left.span), self.context.example(right.span));
        let edits = vec![Edit { place: place(op_span), text: "else".into() }];
        self.report(
            Diagnostic::error(
                codes::P4001,
                place(left.span),
                format!("{what} can fail, and `or` does not say what happens then"),
            )
            .here("this can fail")
            .note("`or` joins conditions.")
            .help(format!("Write `{of} else {other}`."))
            .fix("Write `else`", false, edits),
        );
    }

    pub(super) fn binary(
        &mut self,
        at: NodeId,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        hint: Option<&Type>,
    ) -> Expr {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                if op == BinaryOp::Or && self.no_condition(op_span, left, right) {
                    return self.wrong(at);
                }
                let left = if op == BinaryOp::Or && is_act(right) {
                    let found = self.left_of_or(op_span, left, right, &Want::Hint(Type::Bool));
                    let Some(found) = found else { return self.wrong(at) };
                    self.as_condition(found, left)
                } else {
                    self.condition(left)
                };
                let right = self.knowing(&left, op == BinaryOp::And, |b| b.condition(right));
                if is_wrong(&left.ty) || is_wrong(&right.ty) {
                    return Expr { ty: Type::Bool, ..self.wrong(at) };
                }
                let fx = left.fx.with(right.fx.later());
                let (left, right) = (Box::new(left), Box::new(right));
                let kind =
                    if op == BinaryOp::And { ExprKind::And(left, right) } else { ExprKind::Or(left, right) };
                Expr { kind, ty: Type::Bool, at, fx }
            }
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                self.comparison(at, op, op_span, left, right)
            }
            BinaryOp::In => self.membership(at, op_span, left, right),
            BinaryOp::Matches => self.matches(at, op_span, left, right),
            BinaryOp::Like | BinaryOp::ILike => self.like(at, op, op_span, left, right),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                self.arithmetic(at, op, op_span, left, right, hint)
            }
        }
    }

    /// Both sides; a literal on one takes the type of the other.
    pub(super) fn sides(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Expr, Expr) {
        self.sides_by(left, right, |_, _, ty| hint_of(ty))
    }

    /// The same of what is computed. A text beside something else is text, unless it reads as what that can be computed with.
    fn computed(&mut self, left: &ast::Expr, right: &ast::Expr) -> (Expr, Expr) {
        self.sides_by(left, right, |b, e, ty| {
            let Ast::Str(_) = &e.kind else { return hint_of(ty) };
            let text = e.literal().unwrap_or_default();
            let types = &b.context.types;
            let with = match types.repr(ty) {
                Type::Time | Type::Date => Type::Duration,
                Type::Duration | Type::Size | Type::Int | Type::Ranged(..) | Type::Float | Type::Bytes => {
                    ty.clone()
                }
                _ => return Want::Any,
            };
            match from_text(text, types.repr(&with), types) {
                Ok(_) => hint_of(&with),
                Err(_) => Want::Any,
            }
        })
    }

    fn sides_by(
        &mut self,
        left: &ast::Expr,
        right: &ast::Expr,
        hint: impl Fn(&Self, &ast::Expr, &Type) -> Want,
    ) -> (Expr, Expr) {
        if adapts(left) && !adapts(right) {
            let at = self.node(left.span);
            let found = self.expr(right, &Want::Any);
            if self.answer_compared(right, &found.ty, left) {
                return (self.wrong(at), found);
            }
            let want = hint(self, left, &found.ty);
            let left = self.expr_at(at, left, &want, false);
            (left, found)
        } else {
            let found = self.expr(left, &Want::Any);
            if self.answer_compared(left, &found.ty, right) {
                let at = self.node(right.span);
                return (found, self.wrong(at));
            }
            let want = hint(self, right, &found.ty);
            let right = self.expr(right, &want);
            (found, right)
        }
    }

    fn arithmetic(
        &mut self,
        at: NodeId,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        hint: Option<&Type>,
    ) -> Expr {
        let (l, r) = if adapts(left) && adapts(right) {
            // Two literals: what is wanted of the whole is wanted of both.
            let want = hint.map_or(Want::Any, |ty| hint_of(option_core(ty)));
            let want = if matches!(want.hint(), Some(Type::Int | Type::Ranged(..) | Type::Float)) {
                want
            } else {
                Want::Any
            };
            (self.expr(left, &want), self.expr(right, &want))
        } else {
            self.computed(left, right)
        };
        if is_wrong(&l.ty) || is_wrong(&r.ty) {
            return self.wrong(at);
        }
        if l.ty.is_int() && r.ty.is_int() {
            let inside = interval::combined(op, &l, &r);
            let ranged = matches!(l.ty, Type::Ranged(..)) || matches!(r.ty, Type::Ranged(..));
            let ty = inside.filter(|_| ranged).map_or(Type::Int, interval::type_of);
            return made_binary(at, op, l, r, ty, inside.is_none());
        }
        match result(op, &l.ty, &r.ty) {
            Some((ty, fault)) => made_binary(at, op, l, r, ty, fault),
            None => {
                self.no_arithmetic(op, op_span, (left, &l), (right, &r));
                self.wrong(at)
            }
        }
    }

    fn no_arithmetic(&mut self, op: BinaryOp, op_span: Span, l: (&ast::Expr, &Expr), r: (&ast::Expr, &Expr)) {
        for side in [l, r] {
            if let Type::Option(of) = &side.1.ty
                && **of != Type::Never
            {
                let what = self.context.quoted(side.0.span);
                let help = self.option_help(side.0, of);
                self.report(
                    Diagnostic::error(
                        codes::P4002,
                        place(side.0.span),
                        format!("{what} may be absent, and is computed with here"),
                    )
                    .here(format!("this is {}", self.context.a_type(&side.1.ty)))
                    .help(help),
                );
                return;
            }
        }
        let (a, b) = (self.context.a_type(&l.1.ty), self.context.a_type(&r.1.ty));
        let finding = Diagnostic::error(
            codes::P3002,
            place(op_span),
            format!("`{}` does not work on {a} and {b}", sign(op)),
        )
        .here("cannot be computed like that")
        .label(place(l.0.span), format!("this is {a}"))
        .label(place(r.0.span), format!("this is {b}"));
        let finding = match (&l.1.ty, &r.1.ty) {
            (Type::List(of), other) if op == BinaryOp::Add && **of == *other => finding
                .help(format!("Put it into a list: `[{}]`.", self.context.example(r.0.span)))
                .fix("Put it into a list", false, wrap(r.0, "[", "]")),
            (Type::String, _) | (_, Type::String) if op == BinaryOp::Add => finding.help(format!(
                "Write it as one string: `\"{}{}\"`.",
                in_text(l.0, &self.context.example(l.0.span)),
                in_text(r.0, &self.context.example(r.0.span))
            )),
            (Type::String, _) if op == BinaryOp::Rem => finding
                .note("Values are put into a string where they belong.")
                .help(format!("Write it into the string: `\"… {{{}}} …\"`.", self.context.example(r.0.span))),
            (Type::Newtype(_), _) | (_, Type::Newtype(_)) => {
                finding.help("Take what it is made of with `.value`.")
            }
            _ => finding,
        };
        self.report(finding);
    }
}

/// An expression as a part of a string: a string by what is in it, all else in braces.
fn in_text(e: &ast::Expr, text: &str) -> String {
    if matches!(e.kind, Ast::Str(_))
        && let Some(inside) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'))
    {
        return inside.to_string();
    }
    let inner = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).filter(|t| !t.contains(['(', ')']));
    format!("{{{}}}", inner.unwrap_or(text))
}

pub(super) fn made_binary(at: NodeId, op: BinaryOp, l: Expr, r: Expr, ty: Type, fault: bool) -> Expr {
    let mut fx = made(ExprKind::Lit(Value::None), Type::Unit, at, &[&l, &r]).fx;
    fx.fault |= fault;
    Expr { kind: ExprKind::Binary(op, Box::new(l), Box::new(r)), ty, at, fx }
}

pub(super) fn hint_of(ty: &Type) -> Want {
    if is_wrong(ty) { Want::Any } else { Want::Hint(ty.clone()) }
}

fn option_core(ty: &Type) -> &Type {
    if let Type::Option(of) = ty { of } else { ty }
}

/// The type that an operation gives, and whether it may fault.
fn result(op: BinaryOp, l: &Type, r: &Type) -> Option<(Type, bool)> {
    use BinaryOp::{Add, Div, Mul, Sub};
    Some(match (op, l, r) {
        (Add | Sub | Mul | Div, Type::Float, Type::Float) => (Type::Float, false),
        (Add, Type::String, Type::String) => (Type::String, false),
        (Add, Type::Bytes, Type::Bytes) => (Type::Bytes, false),
        (Add | Sub, Type::Date, Type::Duration) => (Type::Date, true),
        (Sub, Type::Date, Type::Date) => (Type::Duration, false),
        (Add, Type::List(a), Type::List(b)) if fits(l, r) || fits(r, l) => {
            let of = if **a == Type::Never || fits(l, r) { b } else { a };
            (Type::List(of.clone()), false)
        }
        (Add | Sub, Type::Time, Type::Duration) => (Type::Time, true),
        (Sub, Type::Time, Type::Time) => (Type::Duration, true),
        (Add | Sub, Type::Duration, Type::Duration) => (Type::Duration, true),
        (Add | Sub, Type::Size, Type::Size) => (Type::Size, true),
        (Mul, Type::Duration, Type::Int | Type::Ranged(..)) => (Type::Duration, true),
        (Mul, Type::Size, Type::Int | Type::Ranged(..)) => (Type::Size, true),
        _ => return None,
    })
}

/// An operator as it is written.
pub(super) fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::In => "in",
        BinaryOp::Matches => "matches",
        BinaryOp::Like => "like",
        BinaryOp::ILike => "ilike",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
    }
}

/// What is done, and is no condition.
fn is_act(e: &ast::Expr) -> bool {
    matches!(
        e.kind,
        Ast::Close { .. } | Ast::Set { .. } | Ast::Note(_) | Ast::Route { .. } | Ast::HandOver { .. }
    )
}
