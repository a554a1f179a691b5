//! Blocks, `if`, `if let`, `for`, and conditions.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_program::value::FailureKind;
use play_syntax::ast::{self, Block, Cond, Name, Span, StmtKind};

use super::Why;
use super::fit::{fits, holds_never, wrap};
use super::narrow::Spot;
use super::{BodyCx, Role, Want};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::{Effects, Expr, ExprKind, LocalId, Missing, NodeId, Stmt};
use crate::types::Site;

/// What the head of an `if` tells its branches.
enum Told<'e> {
    /// A condition, that it holds or does not.
    By(&'e Expr),
    /// An `if let`.
    There {
        /// What it looked at, that it is there.
        spot: Option<(Spot, Span)>,
        /// The failures that there may be instead, of a call.
        fails: Option<Vec<FailureKind>>,
    },
}

impl BodyCx<'_, '_> {
    pub(crate) fn block(&mut self, at: NodeId, block: &Block, want: &Want) -> Expr {
        self.scoped(|b| b.block_inner(at, block, want))
    }

    fn block_inner(&mut self, at: NodeId, block: &Block, want: &Want) -> Expr {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        let mut value = None;
        let mut fx = Effects::default();
        let mut ended = None;
        let mut told = false;
        let last = block.stmts.len().saturating_sub(1);
        for (i, stmt) in block.stmts.iter().enumerate() {
            if let Some(end) = ended.filter(|_| !told) {
                told = true;
                self.report(
                    Diagnostic::error(codes::P9003, place(stmt.span), "this is never reached")
                        .here("comes after the end")
                        .label(place(end), "every path has ended here")
                        .help("Move it in front of that, or leave it out."),
                );
            }
            let sets = self.sets();
            let found = match &stmt.kind {
                StmtKind::Let { name, ty, value } => {
                    let (var, value) = self.let_stmt(name, ty.as_deref(), value);
                    let never = value.ty == Type::Never;
                    fx = fx.with(value.fx);
                    stmts.push(Stmt::Let(var, value));
                    never
                }
                StmtKind::Expr(e) if i == last && !matches!(want, Want::Discard) => {
                    let found = match want {
                        Want::Type(ty, why) => self.check(e, ty, why),
                        other => self.expr(e, other),
                    };
                    fx = fx.with(found.fx);
                    let never = found.ty == Type::Never;
                    value = Some(found);
                    never
                }
                StmtKind::Expr(e) => {
                    let found = match self.rollback_for_a_person(block, e) {
                        Some(found) => found,
                        None => self.expr(e, &Want::Discard),
                    };
                    fx = fx.with(found.fx);
                    let never = found.ty == Type::Never;
                    stmts.push(Stmt::Expr(found));
                    never
                }
            };
            if found {
                ended = ended.or(Some(stmt.span));
            } else if let Some(last) = stmts.last() {
                self.learn_from(last, sets);
            }
        }
        let mut ty = match &value {
            _ if ended.is_some() => Type::Never,
            Some(value) => value.ty.clone(),
            None => Type::Unit,
        };
        if let Want::Type(wanted, why) = want
            && value.is_none()
            && !fits(&ty, wanted)
        {
            let must = self.context.a_type(wanted);
            let end =
                Place { file: block.span.file, start: block.span.end.saturating_sub(1), end: block.span.end };
            if !self.blind {
                let finding = Diagnostic::error(
                    codes::P3001,
                    end,
                    format!("this block gives nothing, and {must} is wanted"),
                )
                .here("ends without a value")
                .help("End the block with the value that it is to give.");
                let finding = self.with_why(finding, why, wanted);
                self.report(finding);
            }
            ty = WRONG;
        }
        Expr { kind: ExprKind::Block(stmts, value.map(Box::new)), ty, at, fx }
    }

    fn let_stmt(&mut self, name: &Name, ty: Option<&ast::TypeExpr>, value: &ast::Expr) -> (LocalId, Expr) {
        let (found, ty) = match ty {
            Some(written) => {
                let ty = self.context.resolve(written, Site::Value);
                (self.check(value, &ty, &Why::Written(written.span)), ty)
            }
            None => {
                let found = self.expr(value, &Want::Any);
                let ty = self.inferred(name, &found, value);
                (found, ty)
            }
        };
        let role = if name.text == "_" { Role::Given } else { Role::Let(found.fx) };
        (self.define_let(name, ty, role), found)
    }

    fn inferred(&mut self, name: &Name, found: &Expr, value: &ast::Expr) -> Type {
        let text = &name.text;
        if holds_never(&found.ty) {
            let (is, example) = match found.ty {
                Type::List(_) => ("an empty list", "[String]"),
                _ => ("`none`", "String?"),
            };
            self.report(
                Diagnostic::error(
                    codes::P3016,
                    place(value.span),
                    format!("of what type `{text}` is cannot be told from {is}"),
                )
                .here("any type would do")
                .help(format!(
                    "Write its type: `let {text}: {example} = {}`.",
                    self.context.example(value.span)
                )),
            );
            return WRONG;
        }
        if found.ty == Type::Regex {
            self.report(
                Diagnostic::error(
                    codes::P3014,
                    place(value.span),
                    "a pattern is written where it is used, or is a constant",
                )
                .here("this is a `Regex`")
                .help(format!(
                    "Outside of the body write `const {text} = {}`.",
                    self.context.example(value.span)
                )),
            );
            return WRONG;
        }
        if found.ty == Type::Unit && text != "_" && !matches!(found.kind, ExprKind::Else(..)) {
            self.report(
                Diagnostic::error(codes::P3014, place(value.span), format!("there is no value for `{text}`"))
                    .here("this gives nothing")
                    .help("Leave out the `let`."),
            );
            return WRONG;
        }
        found.ty.clone()
    }

    /// A condition: `Bool` and nothing else.
    pub(crate) fn condition(&mut self, e: &ast::Expr) -> Expr {
        let found = self.expr(e, &Want::Hint(Type::Bool));
        self.as_condition(found, e)
    }

    /// What was found where a condition stands: reported where it is none.
    pub(super) fn as_condition(&mut self, found: Expr, e: &ast::Expr) -> Expr {
        if found.ty == Type::Bool || found.ty == Type::Never || is_wrong(&found.ty) {
            return found;
        }
        let (what, is) = (self.context.quoted(e.span), self.context.a_type(&found.ty));
        let text = self.context.example(e.span);
        let finding =
            Diagnostic::error(codes::P3003, place(e.span), format!("{what} is {is}, not a condition"))
                .here(format!("this is {is}"))
                .note("A condition is a `Bool`: nothing counts as true or false by itself.");
        let finding = match &found.ty {
            Type::Option(of) if **of == Type::Bool => finding
                .help(format!("Say what an absent one counts as: `({text} else false)`."))
                .fix("Count absent as false", false, wrap(e, "(", " else false)")),
            Type::Option(_) => finding
                .help(format!("Ask whether it is there: `{text}.is_some`, or `if let x = {text} {{ … }}`.")),
            Type::String | Type::Int if matches!(e.kind, ast::ExprKind::Str(_) | ast::ExprKind::Int(_)) => {
                finding.help(format!("Say again what it is compared with: `… == {text}`."))
            }
            Type::List(_) | Type::String => {
                finding.help(format!("Ask whether there is anything in it: `not {text}.is_empty`."))
            }
            Type::Int | Type::Ranged(..) => finding.help(format!("Compare it: `{text} > 0`.")),
            Type::Json => finding.help(format!(
                "Ask whether it is there, `{text}.exists`, or convert it: `({text} as Bool else false)`."
            )),
            Type::Enum(id) => {
                let member = self.context.types.variant(*id, 0).unwrap_or("…");
                finding.help(format!("Compare it: `{text} == {member}`."))
            }
            _ => finding.help("Compare it with something."),
        };
        self.report(finding);
        Expr { ty: WRONG, ..found }
    }

    pub(super) fn if_expr(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        cond: &Cond,
        then: &Block,
        other: Option<&ast::Expr>,
        want: &Want,
    ) -> Expr {
        match cond {
            Cond::Expr(cond) => {
                let cond = self.condition(cond);
                let told = Told::By(&cond);
                let (then, other, ty) = self.branches_with(e, then, other, want, None, &told);
                let mut fx = cond.fx.with(then.fx.later());
                if let Some(other) = &other {
                    fx = fx.with(other.fx.later());
                }
                Expr { kind: ExprKind::If(Box::new(cond), Box::new(then), other.map(Box::new)), ty, at, fx }
            }
            Cond::Let { name, value } => {
                let head = self.if_let_head(value);
                let (content, fx) = match &head {
                    Some(head) => (head.ty.clone(), head.value.fx),
                    None => (WRONG, Effects::default()),
                };
                // The name is known in the first branch only, but the branches are checked in one go.
                let role = if name.text == "_" { Role::Given } else { Role::IfLet };
                let var = LocalId(crate::names::index(self.locals.len()));
                let there = head.as_ref().filter(|h| h.missing == Missing::Option);
                let told = Told::There {
                    spot: there.and_then(|h| self.spot_of(&h.value)),
                    fails: head.as_ref().and_then(|head| head.can_fail(self.context)),
                };
                let bind = Some((name, content, role));
                let (then, other, ty) = self.branches_with(e, then, other, want, bind, &told);
                let Some(head) = head else { return self.wrong(at) };
                let mut fx = fx.with(then.fx.later());
                if let Some(other) = &other {
                    fx = fx.with(other.fx.later());
                }
                let kind = ExprKind::IfLet {
                    missing: head.missing,
                    value: Box::new(head.value),
                    var,
                    then: Box::new(then),
                    other: other.map(Box::new),
                };
                Expr { kind, ty, at, fx }
            }
        }
    }

    fn branches_with(
        &mut self,
        e: &ast::Expr,
        then: &Block,
        other: Option<&ast::Expr>,
        want: &Want,
        bind: Option<(&Name, Type, Role)>,
        told: &Told<'_>,
    ) -> (Expr, Option<Expr>, Type) {
        // Without an `else` there is no value to hold a branch to.
        let branch_want =
            if other.is_some() || matches!(want, Want::Discard) { want.clone() } else { Want::Any };
        let mut join = self.join(&branch_want, "branch");
        let then_expr = self.scoped(|b| {
            if let Some((name, ty, role)) = bind {
                b.define(&name.text, ty, name.span, role);
            }
            match told {
                Told::By(condition) => b.knowing(condition, true, |b| b.join_block(&mut join, then)),
                Told::There { spot, .. } => b.knowing_there(spot.clone(), |b| b.join_block(&mut join, then)),
            }
        });
        let Some(other) = other else {
            let given = join.result();
            let ty = match given {
                Type::Unit | Type::Never => Type::Unit,
                given if is_wrong(&given) => WRONG,
                given => {
                    let is = self.context.a_type(&given);
                    let head = Place { file: e.span.file, start: e.span.start, end: then.span.start };
                    self.report(
                        Diagnostic::error(
                            codes::P3008,
                            head,
                            format!("without an `else` this `if` has {is} to give only sometimes"),
                        )
                        .here("there is no `else`")
                        .label(place(then.span), format!("gives {is}"))
                        .help("Add `else { … }` with the value for the other case."),
                    );
                    WRONG
                }
            };
            return (then_expr, None, ty);
        };
        let other_expr = match told {
            Told::By(condition) => self.knowing(condition, false, |b| b.join_expr(&mut join, other)),
            Told::There { fails, .. } => {
                self.after_failure(fails.clone(), other.span, |b| b.join_expr(&mut join, other))
            }
        };
        (then_expr, Some(other_expr), join.result())
    }

    pub(super) fn for_expr(
        &mut self,
        at: NodeId,
        var: &Name,
        list: &ast::Expr,
        body: &Block,
        want: &Want,
    ) -> Expr {
        let list_expr = self.expr(list, &Want::Any);
        let element = match &list_expr.ty {
            Type::List(of) => (**of).clone(),
            ty if is_wrong(ty) => WRONG,
            ty => {
                let (what, is) = (self.context.quoted(list.span), self.context.a_type(ty));
                let text = self.context.example(list.span);
                let absent = matches!(ty, Type::Option(of) if matches!(**of, Type::List(_)));
                let (code, message) = if absent {
                    (codes::P4002, format!("{what} may be absent, and `for` goes through it"))
                } else {
                    (codes::P3001, format!("{what} is {is}, and `for` goes through a list"))
                };
                let finding =
                    Diagnostic::error(code, place(list.span), message).here(format!("this is {is}"));
                let finding = match ty {
                    Type::Option(of) if matches!(**of, Type::List(_)) => finding.help(format!(
                        "Say what an absent one counts as: `for {} in {text} else [] {{ … }}`.",
                        var.text
                    )),
                    Type::Option(_) => finding.help(format!("Write `if let {} = {text} {{ … }}`.", var.text)),
                    Type::Map(..) => finding.help(format!(
                        "Go through its keys, `for {} in {text}.keys {{ … }}`, or its `.values`.",
                        var.text
                    )),
                    Type::Json => {
                        finding.help(format!("Convert it to a list first: `{text} as [Json] else []`."))
                    }
                    _ => finding,
                };
                self.report(finding);
                WRONG
            }
        };
        let body_want = match want {
            Want::Discard => Want::Discard,
            _ => match want.hint() {
                Some(Type::List(of)) => Want::Hint((**of).clone()),
                _ => Want::Any,
            },
        };
        let role = if var.text == "_" { Role::Given } else { Role::Loop };
        let before = self.before_loop(body.span);
        let (var, mut body_expr) = self.scoped(|b| {
            let id = b.define(&var.text, element, var.span, role);
            let at = b.node(body.span);
            (id, b.block(at, body, &body_want))
        });
        self.after_loop(&before);
        let ty = match &body_expr.ty {
            Type::Unit | Type::Never => Type::Unit,
            ty if is_wrong(ty) => WRONG,
            ty => Type::List(Box::new(ty.clone())),
        };
        body_expr.fx = body_expr.fx.later();
        let mut fx = list_expr.fx.with(body_expr.fx);
        fx.passes |= !fx.is_pure();
        let kind = ExprKind::For { var, list: Box::new(list_expr), body: Box::new(body_expr) };
        Expr { kind, ty, at, fx }
    }

    /// Reports a `because` that is missing, and checks one that is there.
    pub(super) fn because(&mut self, e: &ast::Expr, because: Option<&ast::Expr>, what: &str) -> Expr {
        let Some(because) = because else {
            self.context.because_missing(what, e.span);
            let at = self.node(e.span);
            return self.wrong(at);
        };
        if matches!(&because.kind, ast::ExprKind::Str(parts) if parts.is_empty()) {
            let at = self.node(because.span);
            self.report(
                Diagnostic::error(codes::P5004, place(because.span), "this `because` says nothing")
                    .here("empty")
                    .note("The reason lands in the evidence: whoever reads the case later must not have to guess it.")
                    .help("Say what the decision rests on."),
            );
            return self.wrong(at);
        }
        self.quietly("a `because`", |b| {
            b.check(because, &Type::String, &Why::Words("the reason that is recorded"))
        })
    }

    /// An insertion of text right after an expression.
    pub(super) fn after(&self, e: &ast::Expr, text: &str) -> Vec<Edit> {
        vec![Edit {
            place: Place { file: e.span.file, start: e.span.end, end: e.span.end },
            text: text.into(),
        }]
    }
}
