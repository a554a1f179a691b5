//! `ask`: what a person is asked, what they can answer, and what counts when they do not. `approve`: an act that a person is asked
//! for.

use std::sync::Arc;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::action::ActionId;
use play_program::types::{EnumId, EnumType, FieldType, RecordId, RecordType, Type};
use play_program::value::Value;
use play_syntax::ast::{self, Approve, Ask, ExprKind as Ast, Name, Target};

use super::{BodyCx, Want, Why, lit};
use crate::context::{Context, is_wrong, place};
use crate::names::{index, rename};
use crate::typed::{Approval, Effects, Expr, ExprKind, Missing, NodeId, Question, Suspend};

const ASKS: Effects = Effects {
    read: false,
    act: true,
    change: false,
    end: false,
    end_in_else: false,
    fault: false,
    passes: false,
};

impl BodyCx<'_, '_> {
    pub(super) fn ask(&mut self, at: NodeId, e: &ast::Expr, ask: &Ask, handled: bool) -> Expr {
        let allowed = self.may_act("`ask`", e.span);
        // The node of what is made of it has to come before its parts'.
        let call_at = if ask.otherwise.is_some() { self.node(e.span) } else { at };
        let to = self.context.asked_role(&ask.to).unwrap_or_default();
        let why = Why::Words("the question");
        let mut args = vec![self.quietly("a question", |b| b.check(&ask.question, &Type::String, &why))];
        let (choices, record) = self.choices(ask);
        let mut shown = Vec::new();
        for value in &ask.showing {
            let found = self.quietly("what is shown", |b| b.expr(value, &Want::Any));
            if self.can_be_shown(&found, value) {
                let name = self.context.text(value.span);
                let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
                shown.push((name, found.ty.clone()));
                args.push(found);
            }
        }
        let within = match &ask.within {
            Some(within) => self.wait_length(within, "the time for an answer"),
            None => {
                self.without_end(e, ask);
                None
            }
        };
        let what = "the time for an answer";
        let made = ask.then.iter().any(|t| self.is_made_here(&t.within, what));
        let then = if made { &[] } else { ask.then.as_slice() };
        let then = self.context.escalations(&ask.to, then, what, Context::asked_role);
        let mut otherwise = None;
        if let Some((choice, why)) = &ask.otherwise {
            otherwise = self.tag(choices, &choice.text);
            if otherwise.is_none() {
                self.unknown_member(choices, choice);
            }
            args.push(self.because(e, Some(why), "ask"));
        }
        let ty = Type::Record(record);
        if allowed && !handled && ask.otherwise.is_none() {
            // A question without an end has no answer for the end either; that it has none is said.
            if ask.within.is_some() {
                self.unanswered(e, ask);
            }
            return self.wrong_typed(at, ty);
        }
        let fx = args.iter().fold(ASKS, |fx, arg| fx.with(arg.fx));
        let within = within.unwrap_or(jiff::SignedDuration::from_secs(1));
        let question = Question { to, choices, shown, within, then, otherwise };
        let kind = ExprKind::Suspend(Box::new(Suspend::Ask(Box::new(question))), args);
        let call = Expr { kind, ty: ty.clone(), at: call_at, fx };
        let (Some((_, why)), Some(tag)) = (&ask.otherwise, otherwise) else {
            // Where the choice is wrong, that is reported, and what it gives is known all the same.
            return match &ask.otherwise {
                Some(_) => self.wrong_typed(at, ty),
                None => call,
            };
        };
        // The engine answers in the place of somebody who does not. That nothing else comes of a failure is said all the same, as of
        // every call.
        let arm_at = self.node(why.span);
        let fields = vec![
            lit(Value::Enum(tag), Type::Enum(choices), self.node(why.span)),
            lit(Value::str(""), Type::String, self.node(why.span)),
            lit(Value::str(""), Type::String, self.node(why.span)),
        ];
        let arm = Expr {
            kind: ExprKind::Record(record, fields),
            ty: ty.clone(),
            at: arm_at,
            fx: Effects::default(),
        };
        Expr { kind: ExprKind::Else(Missing::Call, Box::new(call), Box::new(arm)), ty, at, fx }
    }

    /// `approve okta.suspend(user) from role.soc_lead within 2h because "…"`
    pub(super) fn approve(&mut self, at: NodeId, e: &ast::Expr, approve: &Approve, handled: bool) -> Expr {
        let allowed = self.may_act("`approve`", e.span);
        let (action, mut args) = self.act_to_approve(&approve.act);
        let from = match &approve.from {
            Some(from) => self.context.approver(from),
            None => {
                self.approval_lacks(e, approve, "who is asked", " from role.soc_lead");
                None
            }
        };
        let needed =
            approve.from.as_ref().map(|f| self.context.quorum(approve.quorum.as_ref(), f, &approve.then));
        let within = match &approve.within {
            Some(within) => self.wait_length(within, "the time for an approval"),
            None => {
                self.approval_lacks(e, approve, "how long they have", " within 2h");
                None
            }
        };
        let what = "the time for an approval";
        let made = approve.then.iter().any(|t| self.is_made_here(&t.within, what));
        let then = if made { &[] } else { approve.then.as_slice() };
        let then =
            approve.from.as_ref().map(|from| self.context.escalations(from, then, what, Context::approver));
        args.push(self.because(e, approve.because.as_ref(), "approve"));
        if allowed && !handled {
            self.not_approved(e, approve);
            return self.wrong(at);
        }
        let fx = args.iter().fold(ASKS, |fx, arg| fx.with(arg.fx));
        let wanted = Approval {
            action: action.unwrap_or(ActionId(u32::MAX)),
            from: from.unwrap_or_default(),
            needed: needed.unwrap_or(1),
            within: within.unwrap_or(jiff::SignedDuration::from_secs(1)),
            then: then.unwrap_or_default(),
            distinct: self.context.parties.distinct,
        };
        let ty = Type::Record(self.context.approval_record());
        let wanted = Suspend::Approve(Box::new(wanted));
        Expr { kind: ExprKind::Suspend(Box::new(wanted), args), ty, at, fx }
    }

    /// The write that is to be approved, and its arguments. Reports what is none.
    fn act_to_approve(&mut self, act: &ast::Expr) -> (Option<ActionId>, Vec<Expr>) {
        if let Ast::Call { callee, args } = &act.kind
            && let Ast::Field { base, name, .. } = &callee.kind
            && let Ast::Name(word) = &base.kind
            && self.find(word).is_none()
        {
            let connector = Name { text: word.clone(), span: base.span };
            let Some(id) = self.context.action(&connector, name) else {
                let at = self.node(act.span);
                self.wrong_with(at, args);
                return (None, Vec::new());
            };
            let Some(action) = self.context.actions.get(id.0 as usize) else { return (None, Vec::new()) };
            let (full, write, params) = (action.full_name(), action.write, action.params.clone());
            if !write {
                self.report(
                    Diagnostic::error(
                        codes::P5018,
                        place(act.span),
                        format!("`{full}` only reads, and nobody has to approve it"),
                    )
                    .here("a read")
                    .help("Leave the `approve` out."),
                );
            }
            let declared = self.context.action_place(id).unwrap_or(act.span);
            let values = self.arguments(&full, declared, &params, args, act.span);
            return (Some(id).filter(|_| write), values.unwrap_or_default());
        }
        if matches!(act.kind, Ast::Error) {
            self.blind = true;
            return (None, Vec::new());
        }
        self.report(
            Diagnostic::error(codes::P5018, place(act.span), "what is approved is an act")
                .here("not the call of a write")
                .note("An approval is for an act with its arguments, and for no other.")
                .help("Write `approve CONNECTOR.ACTION(…) from role.NAME within 2h because \"…\"`. Anything else is a question: `ask role.NAME \"…\" { Yes, No } …`."),
        );
        self.expr(act, &Want::Any);
        (None, Vec::new())
    }

    fn approval_lacks(&mut self, e: &ast::Expr, approve: &Approve, what: &str, text: &str) {
        let end = Place { file: e.span.file, start: approve.act.span.end, end: approve.act.span.end };
        self.report(
            Diagnostic::error(
                codes::P5018,
                place(approve.act.span),
                format!("this approval does not say {what}"),
            )
            .here("not complete")
            .help(format!("Add `{}`.", text.trim()))
            .fix(
                format!("Add `{}`", text.trim()),
                false,
                vec![Edit { place: end, text: text.into() }],
            ),
        );
    }

    fn not_approved(&mut self, e: &ast::Expr, approve: &Approve) {
        let end = Place { file: e.span.file, start: e.span.end, end: e.span.end };
        let act = self.context.quoted(approve.act.span);
        self.report(
            Diagnostic::error(
                codes::P4001,
                place(e.span),
                format!("{act} may not be approved, and nothing says what happens then"),
            )
            .here("this can fail")
            .note("Whoever is asked may say no, or nothing at all.")
            .help("Write `else hand over to queue.tier2 because \"…\"` behind it, or another way.")
            .fix(
                "Hand over when it is not approved",
                false,
                vec![Edit { place: end, text: " else hand over to queue.tier2 because \"TODO\"".into() }],
            ),
        );
    }

    /// The enum and the record of the answer.
    fn choices(&mut self, ask: &Ask) -> (EnumId, RecordId) {
        self.context.no_twins("choice", ask.choices.iter());
        let mut names: Vec<String> = Vec::new();
        for choice in &ask.choices {
            if !names.iter().any(|name| choice.text == *name) {
                names.push(choice.text.as_str().to_string());
            }
        }
        if ask.choices.len() < 2 {
            self.report(
                Diagnostic::error(
                    codes::P5015,
                    place(ask.choices_span),
                    "a question has at least two answers",
                )
                .here("nothing to choose between")
                .help("Name them: `{ Yes, No }`. Whom the case is only handed to is `hand over to …`."),
            );
        }
        self.context.answer_of(names)
    }

    /// Whether a person can be shown a value, and the evidence can keep it.
    fn can_be_shown(&mut self, found: &Expr, value: &ast::Expr) -> bool {
        if is_wrong(&found.ty) {
            return false;
        }
        let known = !matches!(&found.ty, Type::Unit | Type::Never | Type::Regex);
        let known = known && !super::holds_never(&found.ty);
        if !known {
            let is = self.context.a_type(&found.ty);
            self.report(
                Diagnostic::error(
                    codes::P5015,
                    place(value.span),
                    format!("{is} cannot be shown to a person"),
                )
                .here("not a value that can be shown"),
            );
        }
        known
    }

    fn without_end(&mut self, e: &ast::Expr, ask: &Ask) {
        let after = ask.showing.last().map_or(ask.choices_span, |s| s.span);
        let end = Place { file: e.span.file, start: after.end, end: after.end };
        self.report(
            Diagnostic::error(codes::P5016, place(ask.choices_span), "this question has no end")
                .here("how long an answer is waited for is not said")
                .note("A run always ends. Whoever is asked may be on leave.")
                .help("Add `within 4h`, and what happens then: `else CHOICE because \"…\"`, or `else hand over to …`.")
                .fix("Wait four hours", false, vec![Edit { place: end, text: " within 4h".into() }]),
        );
    }

    fn unanswered(&mut self, e: &ast::Expr, ask: &Ask) {
        let end = Place { file: e.span.file, start: e.span.end, end: e.span.end };
        let choice = ask.choices.last().map_or("CHOICE", |c| c.text.as_str());
        let text = format!(" else {choice} because \"TODO\"");
        self.report(
            Diagnostic::error(
                codes::P4001,
                place(e.span),
                format!("{}.{} may not answer in time, and nothing says what happens then", ask.to.kind.text, ask.to.name.text),
            )
            .here("this can fail")
            .note("Whoever is asked may be asleep, or on leave.")
            .help(format!(
                "Write `else {choice} because \"no answer in time\"`, or `else hand over to queue.tier2 because \"…\"`."
            ))
            .fix(format!("Take `{choice}` then"), false, vec![Edit { place: end, text }]),
        );
    }
}

impl Context<'_> {
    /// The types of an answer: an enum of the choices, and a record `Answer { choice, reason, by }`. The same choices are the
    /// same enum, wherever they are asked.
    pub(crate) fn answer_of(&mut self, choices: Vec<String>) -> (EnumId, RecordId) {
        if let Some(known) = self.answers.get(&choices) {
            return *known;
        }
        let of = EnumId(index(self.types.enums.len()));
        let name = choices.join(" | ");
        Arc::make_mut(&mut self.types).enums.push(EnumType::of(name, choices.clone()));
        let record = RecordId(index(self.types.records.len()));
        let field = |name: &str, ty| FieldType { name: name.to_string(), ty };
        let fields =
            vec![field("choice", Type::Enum(of)), field("reason", Type::String), field("by", Type::String)];
        Arc::make_mut(&mut self.types).records.push(RecordType {
            name: "Answer".into(),
            is_case: false,
            fields,
        });
        self.answers.insert(choices, (of, record));
        (of, record)
    }

    /// The record that an approval is: `Approval { reason, by }`.
    pub(crate) fn approval_record(&mut self) -> RecordId {
        if let Some(known) = self.approval {
            return known;
        }
        let record = RecordId(index(self.types.records.len()));
        let field = |name: &str| FieldType { name: name.to_string(), ty: Type::String };
        let fields = vec![field("reason"), field("by")];
        Arc::make_mut(&mut self.types).records.push(RecordType {
            name: "Approval".into(),
            is_case: false,
            fields,
        });
        self.approval = Some(record);
        record
    }

    /// Who is asked a question: a role. Reports anybody else.
    pub(crate) fn asked_role(&mut self, to: &Target) -> Option<String> {
        let (kind, name) = (to.kind.text.as_str(), &to.name.text);
        if kind == "role" {
            self.party(to);
            return Some(format!("role.{name}"));
        }
        let finding =
            Diagnostic::error(codes::P5015, place(to.span()), format!("`{kind}.{name}` cannot be asked"))
                .here("not a role");
        self.report(match kind {
            "queue" => finding
                .note("A question is put to somebody who has a role; a queue only holds cases.")
                .help(format!("Write `role.{name}`.")),
            _ => rename(finding, to.kind.span, "role"),
        });
        None
    }
}
