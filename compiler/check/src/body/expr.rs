//! Expressions: which check belongs to which form.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, ExprKind as Ast};

use super::map::wants_map;
use super::{BodyCx, Want, Why, lit, made};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::{Expr, ExprKind, NodeId};

impl BodyCx<'_, '_> {
    /// An expression that must have a type.
    pub(crate) fn check(&mut self, e: &ast::Expr, ty: &Type, why: &Why) -> Expr {
        if is_wrong(ty) {
            return self.expr(e, &Want::Any);
        }
        let found = self.expr(e, &Want::Type(ty.clone(), why.clone()));
        self.fit(found, e, ty, why)
    }

    /// An expression.
    pub(crate) fn expr(&mut self, e: &ast::Expr, want: &Want) -> Expr {
        if let Some(call) = self.or_fail_the_step(e, want) {
            return call;
        }
        let at = self.node(e.span);
        self.expr_at(at, e, want, false)
    }

    /// An expression whose node exists already. `handled`: an `else`, `?` or `if let` stands directly round it, so it may
    /// fail.
    pub(crate) fn expr_at(&mut self, at: NodeId, e: &ast::Expr, want: &Want, handled: bool) -> Expr {
        let found = self.form(at, e, want, handled);
        if matches!(want, Want::Discard) {
            self.warn_of_nothing(&found, e);
        }
        found
    }

    fn form(&mut self, at: NodeId, e: &ast::Expr, want: &Want, handled: bool) -> Expr {
        match &e.kind {
            Ast::Int(_)
            | Ast::Float(_)
            | Ast::Bool(_)
            | Ast::None
            | Ast::Str(_)
            | Ast::Ip(_)
            | Ast::Cidr { .. }
            | Ast::Duration(_)
            | Ast::Size(_)
            | Ast::Time(_)
            | Ast::Date(_)
            | Ast::Regex(_) => self.literal(at, e, want.hint()),
            Ast::List(items) => self.list(at, items, want),
            Ast::Record { name, fields } => self.record(at, name, fields, e.span),
            Ast::Object(members) => self.object(at, e, members, want),
            Ast::Map(pairs) => self.map(at, pairs, want),
            Ast::Name(name) => self.name(at, name, e.span, want.hint()),
            Ast::Field { base, name, optional } => self.field(at, base, name, *optional),
            Ast::Index { base, index } => self.index(at, base, index),
            Ast::Call { callee, args } => self.call(at, e, callee, args, handled),
            Ast::Lambda { .. } => self.stray_lambda(at, e),
            Ast::As { value, ty } => self.conversion(at, e, (value, ty), want, handled),
            Ast::Try(value) => self.attempt(at, e, value, want),
            Ast::Else { value, arm } => self.otherwise(at, e, value, arm, want),
            Ast::Unary { op, value } => self.unary(at, e, *op, value, want.hint()),
            Ast::Binary { op, op_span, left, right } => {
                self.binary(at, *op, *op_span, left, right, want.hint())
            }
            Ast::Block(block) if block.stmts.is_empty() && wants_map(want) => self.map(at, &[], want),
            Ast::Block(block) => self.block(at, block, want),
            Ast::If { cond, then, other } => self.if_expr(at, e, cond, then, other.as_deref(), want),
            Ast::Match { value, arms } => self.match_expr(at, e, value, arms, want),
            Ast::For { var, list, body } => self.for_expr(at, var, list, body, want),
            Ast::Do(call) => self.act(at, e, call, handled),
            Ast::Set { field, value, because } => self.set(at, e, field, value, because.as_deref()),
            Ast::Note(text) => self.note(at, e, text),
            Ast::Reveal { value, because } => self.reveal(at, e, value, because.as_deref(), want),
            Ast::Route { to, because } => self.route(at, e, to, because.as_deref()),
            Ast::HandOver { to, because } => self.hand_over(at, e, to, because.as_deref()),
            Ast::Close { class, because } => self.close(at, e, class, because.as_deref()),
            Ast::Step { name, body, other } => self.step_expr(at, e, name, body, other.as_deref()),
            Ast::Rollback { because } => self.rollback(at, e, because.as_deref(), handled),
            Ast::OnTerms { call, word, term } => self.on_terms(at, e, call, (word, term), want, handled),
            Ast::Wait(wait) => self.wait(at, e, wait, handled),
            Ast::Ask(ask) => self.ask(at, e, ask, handled),
            Ast::Approve(approve) => self.approve(at, e, approve, handled),
            Ast::NotYet { what, inner } => {
                self.context.not_yet(&what.text, what.span);
                match inner {
                    Some(inner) => self.expr_at(at, inner, want, handled),
                    None => {
                        self.blind = true;
                        self.wrong(at)
                    }
                }
            }
            Ast::Error => {
                self.blind = true;
                self.wrong(at)
            }
        }
    }

    fn list(&mut self, at: NodeId, items: &[ast::Expr], want: &Want) -> Expr {
        let element = match want.hint() {
            Some(Type::List(of)) => Some((**of).clone()),
            Some(Type::Option(inner)) => match &**inner {
                Type::List(of) => Some((**of).clone()),
                _ => None,
            },
            _ => None,
        };
        let element_want = match (element, want) {
            (Some(of), Want::Type(..)) => Want::Type(of, Why::Words("an element of the list")),
            (Some(of), _) => Want::Hint(of),
            (None, _) => Want::Any,
        };
        let mut join = self.join(&element_want, "element of the list");
        let items: Vec<Expr> = items.iter().map(|item| self.join_expr(&mut join, item)).collect();
        let of = join.result();
        let ty = if is_wrong(&of) { WRONG } else { Type::List(Box::new(of)) };
        let parts: Vec<&Expr> = items.iter().collect();
        let fx = made(ExprKind::Lit(Value::None), WRONG, at, &parts).fx;
        Expr { kind: ExprKind::List(items), ty, at, fx }
    }

    /// `Host { id: x }`. Fields are evaluated in the order of the declaration.
    fn record(
        &mut self,
        at: NodeId,
        name: &ast::Name,
        fields: &[(ast::Name, ast::Expr)],
        span: ast::Span,
    ) -> Expr {
        let Some(id) = self.context.record_type(name) else {
            for (_, value) in fields {
                self.expr(value, &Want::Any);
            }
            return self.wrong(at);
        };
        let layout = self.context.types.record(id).map(|r| r.fields.clone()).unwrap_or_default();
        self.context.no_twins("field", fields.iter().map(|(n, _)| n));
        let is_absent = |f: &&play_program::types::FieldType| {
            !matches!(f.ty, Type::Option(_)) && !fields.iter().any(|(n, _)| n.text == f.name)
        };
        let absent: Vec<&str> = layout.iter().filter(is_absent).map(|f| f.name.as_str()).collect();
        let lacks = if let [one] = absent.as_slice() { Some(*one) } else { None };
        let mut misnamed = false;
        for (field, value) in fields {
            if !layout.iter().any(|f| f.name == field.text) {
                self.context.unknown_field_of(id, field, lacks);
                self.expr(value, &Want::Any);
                misnamed = true;
            }
        }
        let mut values = Vec::with_capacity(layout.len());
        let mut missing = Vec::new();
        for slot in &layout {
            let given = fields.iter().find(|(n, _)| n.text == slot.name);
            values.push(match given {
                Some((name, value)) => {
                    self.context.field_given(id, name, &slot.ty);
                    self.check(value, &slot.ty, &Why::Field(id, slot.name.clone()))
                }
                None => {
                    if !matches!(slot.ty, Type::Option(_)) && !is_wrong(&slot.ty) {
                        missing.push((slot.name.clone(), slot.ty.clone()));
                    }
                    let at = self.node(span);
                    lit(Value::None, slot.ty.clone(), at)
                }
            });
        }
        // One that is misnamed is likely to be one that is missing.
        if !missing.is_empty() && !misnamed {
            let what = format!("`{}` is not complete", name.text);
            self.context.missing_fields(what, name.span, &missing, ": ");
        }
        let parts: Vec<&Expr> = values.iter().collect();
        let fx = made(ExprKind::Lit(Value::None), WRONG, at, &parts).fx;
        Expr { kind: ExprKind::Record(id, values), ty: Type::Record(id), at, fx }
    }

    /// Warns of a statement that computes something and does nothing with it.
    fn warn_of_nothing(&mut self, found: &Expr, e: &ast::Expr) {
        let control = matches!(
            e.kind,
            Ast::If { .. }
                | Ast::Match { .. }
                | Ast::For { .. }
                | Ast::Block(_)
                | Ast::Else { .. }
                | Ast::NotYet { .. }
        );
        if control
            || !found.fx.is_pure()
            || is_wrong(&found.ty)
            || matches!(found.ty, Type::Never | Type::Unit)
        {
            return;
        }
        let finding = Diagnostic::warning(codes::P9004, place(e.span), "this does nothing")
            .here("computed, and then thrown away");
        let finding = match &e.kind {
            Ast::Binary { op: ast::BinaryOp::Eq, .. } => finding
                .note("`==` compares.")
                .help("To change a field of the case write `set FIELD = VALUE because \"…\"`."),
            _ => finding.help("Give it a name with `let`, or leave it out."),
        };
        self.report(finding);
    }
}
