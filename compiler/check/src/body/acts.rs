//! What changes the case or ends the run: `set`, `note`, `route`, `hand over`, `close`.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::shape::{CASE_ID, CASE_OPENED, CASE_SOURCE};
use play_program::types::{Type, TypeTable};
use play_syntax::ast::{self, Name, Span, Target};

use super::{BodyCx, Kind, Role, Want, Why};
use crate::context::{is_wrong, place};
use crate::names::rename;
use crate::typed::{Effects, Expr, ExprKind, NodeId, Stmt};

const CHANGES: Effects = Effects {
    read: false,
    act: false,
    change: true,
    end: false,
    end_in_else: false,
    fault: false,
    passes: false,
};
const ENDS: Effects = Effects {
    read: false,
    act: false,
    change: false,
    end: true,
    end_in_else: false,
    fault: false,
    passes: false,
};

/// Whether a field is given by the engine and never written.
pub(crate) fn is_fixed(slot: usize) -> bool {
    matches!(slot, CASE_ID | CASE_SOURCE | CASE_OPENED)
}

impl BodyCx<'_, '_> {
    /// Whether an effect may stand here; reports when not.
    pub(super) fn may_act(&mut self, what: &str, span: Span) -> bool {
        let (here, why) = match (&self.kind, self.quiet) {
            (Kind::Playbook, None) => return true,
            (Kind::Playbook, Some(quiet)) => {
                (quiet, "What has an effect stands by itself, where everybody sees it.")
            }
            (Kind::Fn(_), _) => ("a function", "A function only computes, so that it can be used anywhere."),
            (Kind::When, _) => ("a `when`", "Whether a playbook takes a case is decided by the case alone."),
            (Kind::Guard, _) => ("a guard", "A guard decides by the case and the act alone."),
            (Kind::Source, _) => ("a source", "A source maps an alert to a case, and does nothing else."),
            (Kind::Const, _) => ("a constant", "A constant is computed when the program is built."),
            (Kind::Request | Kind::Respond, _) => {
                ("an action", "An action says what is sent and how the answer is read.")
            }
            (Kind::Expectation, _) => ("an expectation", "An expectation looks at the case at its end."),
        };
        let finding = Diagnostic::error(codes::P5003, place(span), format!("{what} cannot stand in {here}"))
            .here("has an effect")
            .note(why);
        self.report(match (&self.kind, self.quiet) {
            (Kind::Playbook, Some(_)) => {
                finding.help("Write it before, as a statement, with `let` if it gives something.")
            }
            _ => finding.help("Write it in the body of a playbook."),
        });
        false
    }

    pub(super) fn set(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        field: &Name,
        value: &ast::Expr,
        because: Option<&ast::Expr>,
    ) -> Expr {
        let allowed = self.may_act("`set`", e.span);
        if self.case.is_none() && self.caseless.is_some() && allowed {
            let finding = self.no_case(field.span);
            self.report(finding);
        }
        let slot = self.case.and_then(|case| {
            let slot = self.context.slot(case, &field.text);
            match slot {
                None => self.context.unknown_field(case, field),
                Some(_) => self.context.field_named(case, field, false),
            }
            slot.map(|slot| (case, slot))
        });
        let value = match &slot {
            Some((case, (slot, ty))) => {
                if is_fixed(*slot) {
                    self.fixed_field(field, "set");
                }
                let value = self.check(value, ty, &Why::Field(*case, field.text.as_str().to_string()));
                self.fact_of_set(*slot, &value, e.span);
                value
            }
            None => self.expr(value, &Want::Any),
        };
        let because = self.because(e, because, "set");
        let Some((_, (slot, _))) = slot.filter(|_| allowed) else { return unit(self.wrong(at)) };
        let fx = CHANGES.with(value.fx).with(because.fx);
        let kind = ExprKind::Set { slot, value: Box::new(value), because: Box::new(because) };
        Expr { kind, ty: Type::Unit, at, fx }
    }

    fn fixed_field(&mut self, field: &Name, word: &str) {
        let finding = crate::source::fixed_field(field, word);
        self.report(finding);
    }

    pub(super) fn note(&mut self, at: NodeId, e: &ast::Expr, text: &ast::Expr) -> Expr {
        let allowed = self.may_act("`note`", e.span);
        let text =
            self.quietly("a note", |b| b.check(text, &Type::String, &Why::Words("the text of a note")));
        if !allowed {
            return unit(self.wrong(at));
        }
        let fx = CHANGES.with(text.fx);
        Expr { kind: ExprKind::Note(Box::new(text)), ty: Type::Unit, at, fx }
    }

    /// `reveal x because "…"`: the value, and that it is recorded. The same as `{ let it = x  (recorded: why)  it }`.
    pub(super) fn reveal(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        value: &ast::Expr,
        because: Option<&ast::Expr>,
        want: &Want,
    ) -> Expr {
        let allowed = self.may_act("`reveal`", e.span);
        let value = self.expr(value, &want.softly());
        let record_at = self.node(e.span);
        let named_at = self.node(e.span);
        let because = self.because(e, because, "reveal");
        let ty = value.ty.clone();
        if !allowed || is_wrong(&ty) || self.is_record(&ty, e.span) {
            return self.wrong(at);
        }
        let local = self.define("_", ty.clone(), e.span, Role::Given);
        let it = |at| Expr { kind: ExprKind::Local(local), ty: ty.clone(), at, fx: Effects::default() };
        let (whole, fx) = (it(self.node(e.span)), value.fx.with(CHANGES).with(because.fx));
        let kind = ExprKind::Revealed { value: Box::new(it(named_at)), because: Box::new(because) };
        let record = Expr { kind, ty: Type::Unit, at: record_at, fx: CHANGES };
        let stmts = vec![Stmt::Let(local, value), Stmt::Expr(record)];
        Expr { kind: ExprKind::Block(stmts, Some(Box::new(whole))), ty: ty.clone(), at, fx }
    }

    /// Reports a record that is revealed as a whole: its fields have labels of their own.
    fn is_record(&mut self, ty: &Type, at: Span) -> bool {
        let core = match ty {
            Type::List(of) | Type::Option(of) => of,
            ty => ty,
        };
        if !matches!(core, Type::Record(_)) {
            return false;
        }
        self.report(
            Diagnostic::error(codes::P6006, place(at), "a record is revealed field by field")
                .here("which of its fields is to be shown?")
                .help("Name the field: `reveal user.mail because \"…\"`."),
        );
        true
    }

    pub(super) fn route(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        to: &Target,
        because: Option<&ast::Expr>,
    ) -> Expr {
        let allowed = self.may_act("`route`", e.span);
        let to = self.context.target(to);
        let because = self.because(e, because, "route");
        let Some(to) = to.filter(|_| allowed) else { return unit(self.wrong(at)) };
        let fx = CHANGES.with(because.fx);
        Expr { kind: ExprKind::Route { to, because: Box::new(because) }, ty: Type::Unit, at, fx }
    }

    pub(super) fn hand_over(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        to: &Target,
        because: Option<&ast::Expr>,
    ) -> Expr {
        let allowed = self.may_act("`hand over`", e.span);
        let to = self.context.target(to);
        let because = self.because(e, because, "hand over");
        // Wrong or not, it ends the run: no path is missing an end because of it.
        let Some(to) = to.filter(|_| allowed) else { return never(self.wrong(at)) };
        let fx = ENDS.with(because.fx);
        Expr { kind: ExprKind::HandOver { to, because: Box::new(because) }, ty: Type::Never, at, fx }
    }

    pub(super) fn close(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        class: &Name,
        because: Option<&ast::Expr>,
    ) -> Expr {
        let allowed = self.may_act("`close`", e.span);
        let tag = self.tag(TypeTable::CLOSURE, &class.text);
        if tag.is_none() {
            self.unknown_member(TypeTable::CLOSURE, class);
        }
        let because = self.because(e, because, "close");
        let Some(class) = tag.filter(|_| allowed) else { return never(self.wrong(at)) };
        let fx = ENDS.with(because.fx);
        Expr { kind: ExprKind::Close { class, because: Box::new(because) }, ty: Type::Never, at, fx }
    }
}

impl crate::context::Context<'_> {
    /// The text of a target: `queue.tier2`. Reports a kind that does not exist.
    pub(crate) fn target(&mut self, to: &Target) -> Option<String> {
        let kind = to.kind.text.as_str();
        if matches!(kind, "queue" | "role") {
            self.party(to);
            return Some(format!("{kind}.{}", to.name.text));
        }
        let finding = Diagnostic::error(
            codes::P2001,
            place(to.kind.span),
            format!("`{kind}` is not somebody to hand a case to"),
        )
        .here("neither a queue nor a role");
        let name = &to.name.text;
        self.report(match self.closest(kind, ["queue", "role"]) {
            Some(near) => rename(finding, to.kind.span, near),
            None => finding.help(format!("Write `queue.{name}` or `role.{name}`.")),
        });
        None
    }
}

fn unit(e: Expr) -> Expr {
    Expr { ty: Type::Unit, ..e }
}

fn never(e: Expr) -> Expr {
    Expr { ty: Type::Never, fx: ENDS, ..e }
}
