//! The walk over a body: the labels of every expression, and what reaches a place that they keep it from.

use play_diagnostics::Place;
use play_program::action::ActionId;
use play_program::builtin;
use play_program::shape::{CASE_FIELDS, CASE_ID, CASE_OPENED, CASE_SEVERITY, CASE_SOURCE};
use play_program::types::{RecordId, Type};

use super::flow::{Flow, Label, Way};
use super::function::Summary;
use crate::context::{Context, place};
use crate::typed::{
    BinaryOp, Body, EcoString, Expr, ExprKind, ListOp, LocalId, Missing, NodeId, Stmt, Suspend,
};
use std::sync::Arc;

/// A value at a place that its label keeps it from.
pub(crate) struct Sink {
    pub(super) at: Place,
    pub(super) label: Label,
    pub(super) way: Arc<Way>,
    pub(super) what: Where,
}

/// The places that labels keep values from.
#[derive(Clone, Debug)]
pub(super) enum Where {
    /// A note, a reason: in words.
    Words(&'static str),
    /// `set` of a field that is not `pii`.
    Field(String),
    /// An argument: the action, its parameter.
    Argument(ActionId, String),
    /// An argument of an action that another one is taken back, looked at or verified with.
    Related(ActionId, String),
    /// The result of an action.
    Result(ActionId),
    /// Text that an action builds.
    Request,
}

/// Walks one body.
pub(super) struct Walk<'w, 'a> {
    pub(super) context: &'w Context<'a>,
    fns: &'w [Arc<Summary>],
    names: &'w [(EcoString, Type)],
    case: Option<RecordId>,
    known: Vec<Flow>,
    pub(super) found: &'w mut Vec<Sink>,
    /// In what an action sends: text that is built there has to be text of the program.
    sending: bool,
    /// The labels of what the call that was looked at last sends.
    sent: Flow,
    /// The words of the calls that can fail the step round this place.
    failing: Flow,
}

impl<'w, 'a> Walk<'w, 'a> {
    pub(super) fn new(
        context: &'w Context<'a>,
        fns: &'w [Arc<Summary>],
        names: &'w [(EcoString, Type)],
        case: Option<RecordId>,
        found: &'w mut Vec<Sink>,
    ) -> Self {
        Self {
            context,
            fns,
            names,
            case,
            known: vec![Flow::default(); names.len()],
            found,
            sending: false,
            sent: Flow::default(),
            failing: Flow::default(),
        }
    }

    /// Gives a local its labels.
    pub(super) fn bind(&mut self, local: usize, flow: Flow) {
        if let Some(known) = self.known.get_mut(local) {
            *known = flow;
        }
    }

    fn name(&mut self, local: LocalId, flow: Flow, at: NodeId) {
        let at = self.place(at);
        let flow = match self.names.get(local.0 as usize) {
            Some((name, _)) if name != "_" && !flow.is_empty() => {
                flow.through(at, &format!("`{name}` holds it"))
            }
            _ => flow,
        };
        self.bind(local.0 as usize, flow);
    }

    pub(super) fn place(&self, at: NodeId) -> Place {
        let node = self.context.nodes.get(at as usize);
        node.map_or(Place { file: 0, start: 0, end: 0 }, |n| Place {
            file: n.file,
            start: n.start,
            end: n.end,
        })
    }

    /// What an action sends: its parameters are text from outside, unless they take none.
    pub(super) fn request(&mut self, action: usize, body: &Body) {
        let id = ActionId(crate::names::index(action));
        self.takes(id, body);
        self.sending = true;
        self.flow(&body.expr);
    }

    /// What a source writes into a field of its case.
    pub(super) fn mapped(&mut self, slot: usize, value: &Expr) {
        let flow = self.flow(value);
        self.set(slot, value, &flow);
    }

    /// The labels of an expression.
    pub(super) fn flow(&mut self, e: &Expr) -> Flow {
        let flow = self.form(e);
        match &e.ty {
            Type::Bool | Type::Unit | Type::Never => Flow::default(),
            ty if self.holds_text(ty) => flow,
            _ => flow.parsed(),
        }
    }

    /// Whether any text can be in a value of a type, and not only such as has a form of its own.
    pub(super) fn holds_text(&self, ty: &Type) -> bool {
        match self.context.types.repr(ty) {
            Type::List(of) | Type::Option(of) => self.holds_text(of),
            // A member that a vendor has added is text of theirs.
            Type::Enum(id) => self.context.types.enumeration(*id).is_some_and(|e| e.open),
            Type::Bool
            | Type::Int
            | Type::Ranged(..)
            | Type::Date
            | Type::Float
            | Type::Time
            | Type::Duration
            | Type::Size
            | Type::Ip
            | Type::Cidr
            | Type::Domain
            | Type::Hash
            | Type::Unit
            | Type::Never => false,
            _ => true,
        }
    }

    /// A field of a record: what it has of its own, and what its declaration gives it.
    pub(super) fn field(&self, of: &Flow, ty: &Type, slot: usize) -> (Flow, Type) {
        let core = match ty {
            Type::List(of) | Type::Option(of) => of,
            ty => ty,
        };
        // Members of one enum hold different values in one slot: what is known of any of them counts for all.
        if let Type::Union(_) = core {
            return (of.flat(), ty.clone());
        }
        let Type::Record(id) = core else { return (of.clone(), ty.clone()) };
        let Some(field) = self.context.types.record(*id).and_then(|r| r.fields.get(slot)) else {
            return (of.clone(), ty.clone());
        };
        (of.field(slot).join(&self.declared(*id, &field.name)), field.ty.clone())
    }

    fn declared(&self, record: RecordId, field: &str) -> Flow {
        let mut flow = Flow::default();
        for (label, _) in self.context.labels.of_field(record, field) {
            let word = if *label == Label::Pii { "pii" } else { "untrusted" };
            let at = self.context.field_place(record, field).map(place);
            let at = at.unwrap_or(Place { file: 0, start: 0, end: 0 });
            flow = flow.join(&Flow::from(*label, at, format!("`{field}` is `{word}`")));
        }
        flow
    }

    /// All that is in a value, as one: what its fields are declared as as well.
    fn all(&self, flow: &Flow, ty: &Type, depth: u32) -> Flow {
        let core = match ty {
            Type::List(of) | Type::Option(of) => of,
            ty => ty,
        };
        let mut all = flow.flat();
        if let Type::Record(id) = core
            && depth < 16
            && let Some(record) = self.context.types.record(*id)
        {
            for slot in 0..record.fields.len() {
                let (own, ty) = self.field(&Flow::default(), core, slot);
                all = all.join(&self.all(&own, &ty, depth.saturating_add(1)));
            }
        }
        all
    }

    fn case_field(&self, slot: usize, at: NodeId, ty: &Type) -> Flow {
        if let Some(field) = play_program::config::field(slot) {
            return self.configured(field);
        }
        let Some(case) = self.case else { return Flow::default() };
        let name = self.context.types.record(case).and_then(|r| r.fields.get(slot)).map(|f| f.name.as_str());
        let Some(name) = name else { return Flow::default() };
        let flow = self.declared(case, name);
        let own = matches!(slot, CASE_ID | CASE_SOURCE | CASE_OPENED | CASE_SEVERITY);
        if own || !self.holds_text(ty) {
            return flow;
        }
        let declared = if slot < CASE_FIELDS.len() { None } else { self.context.field_place(case, name) };
        let at = declared.map_or_else(|| self.place(at), place);
        flow.join(&Flow::from(Label::Untrusted, at, format!("`{name}` comes from an alert")))
    }

    /// A value of the configuration: whoever runs the program wrote it.
    fn configured(&self, field: usize) -> Flow {
        let Some(record) = self.context.config.map(|c| c.record) else { return Flow::default() };
        let name =
            self.context.types.record(record).and_then(|r| r.fields.get(field)).map(|f| f.name.as_str());
        name.map_or_else(Flow::default, |name| self.declared(record, name))
    }

    pub(super) fn answer(&self, action: ActionId, at: NodeId) -> Flow {
        let name = self.context.actions.get(action.0 as usize).map(|a| a.full_name()).unwrap_or_default();
        let here = self.place(at);
        let mut flow =
            Flow::from(Label::Untrusted, here, format!("what `{name}` answers comes from outside"));
        for (label, span) in self.context.labels.of_result(action) {
            let word = if *label == Label::Pii { "pii" } else { "untrusted" };
            flow = flow.join(&Flow::from(*label, place(*span), format!("what `{name}` gives is `{word}`")));
        }
        flow
    }

    fn join<'e>(&mut self, parts: impl IntoIterator<Item = &'e Expr>) -> Flow {
        parts.into_iter().fold(Flow::default(), |flow, part| {
            let own = self.flow(part);
            flow.join(&own)
        })
    }

    fn form(&mut self, e: &Expr) -> Flow {
        use ExprKind as K;
        match &e.kind {
            K::Lit(_) | K::Const(_) => Flow::default(),
            K::Local(id) => self.known.get(id.0 as usize).cloned().unwrap_or_default(),
            K::CaseField(slot) => self.case_field(*slot, e.at, &e.ty),
            K::Field(of, slot) | K::OptField(of, slot) => {
                let flow = self.flow(of);
                self.field(&flow, &of.ty, *slot).0
            }
            K::Builtin(id, args) => {
                let flow = self.join(args);
                // How many there are says nothing of who they are.
                let counts = builtin::get(*id).is_some_and(|b| b.name == "len");
                if counts { Flow::default() } else { flow }
            }
            K::ListOp { op, list, var, body } => {
                let list = self.flow(list);
                self.name(*var, list.clone(), e.at);
                let body = self.flow(body);
                match op {
                    ListOp::Any | ListOp::All | ListOp::Count => Flow::default(),
                    ListOp::Filter | ListOp::Find => list,
                    ListOp::Map => body,
                }
            }
            K::Call(function, args) => {
                let args: Vec<Flow> = args.iter().map(|a| self.flow(a)).collect();
                let summary = self.fns.get(*function);
                summary.map_or_else(Flow::default, |s| s.call(self, &args))
            }
            K::Record(_, fields) => {
                let fields = fields.iter().map(|f| self.flow(f)).collect();
                Flow::record(fields)
            }
            K::Interp(parts) => {
                let flows = self.each(parts.iter());
                if parts.len() > 1 {
                    self.built(e, parts.iter(), &flows);
                }
                flows.iter().fold(Flow::default(), Flow::join)
            }
            K::Binary(BinaryOp::Add, left, right) => {
                let flows = self.each([&**left, &**right].into_iter());
                self.built(e, [&**left, &**right].into_iter(), &flows);
                flows.iter().fold(Flow::default(), Flow::join)
            }
            K::Else(missing, value, arm) => {
                let of = self.flow(value);
                let sent = std::mem::take(&mut self.sent);
                if matches!(arm.kind, K::FailStep) {
                    let said = self.said(value, &sent);
                    self.failing = std::mem::take(&mut self.failing).join(&said);
                    return of;
                }
                let arm = self.arm(*missing, value, &sent, arm);
                of.join(&arm)
            }
            K::Step { body, other, .. } => {
                let outer = std::mem::take(&mut self.failing);
                self.flow(body);
                let said = std::mem::replace(&mut self.failing, outer);
                match &other.kind {
                    K::Catch(local, other) => {
                        self.caught(*local, said);
                        self.flow(other)
                    }
                    _ => self.flow(other),
                }
            }
            K::If(test, then, other) => {
                self.flow(test);
                let flow = self.flow(then);
                match other {
                    Some(other) => flow.join(&self.flow(other)),
                    None => flow,
                }
            }
            K::IfLet { missing, value, var, then, other } => {
                let of = self.flow(value);
                let sent = std::mem::take(&mut self.sent);
                self.name(*var, of, value.at);
                let flow = self.flow(then);
                match other {
                    Some(other) => flow.join(&self.arm(*missing, value, &sent, other)),
                    None => flow,
                }
            }
            K::Match { value, arms } => {
                self.flow(value);
                self.join(arms.iter().map(|a| &a.body))
            }
            K::For { var, list, body } => {
                let of = self.flow(list);
                self.name(*var, of, list.at);
                self.flow(body)
            }
            K::Block(stmts, value) => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Let(local, value) => {
                            let flow = self.flow(value);
                            self.name(*local, flow, value.at);
                        }
                        Stmt::Expr(e) => {
                            self.flow(e);
                        }
                    }
                }
                value.as_deref().map(|v| self.flow(v)).unwrap_or_default()
            }
            K::Read(action, args, _) | K::Do(action, args, _) => {
                self.arguments(*action, args);
                self.answer(*action, e.at)
            }
            K::Set { slot, value, because } => {
                let flow = self.flow(value);
                self.set(*slot, value, &flow);
                self.words(because, "a reason")
            }
            K::Note(text) => self.words(text, "a note"),
            K::Route { because, .. }
            | K::HandOver { because, .. }
            | K::Close { because, .. }
            | K::Rollback { because } => self.words(because, "a reason"),
            K::Revealed { value, because } => {
                self.words(because, "a reason");
                self.flow(value);
                let flow = self.known.get(value_local(value)).cloned().unwrap_or_default();
                self.bind(value_local(value), flow.revealed());
                Flow::default()
            }
            K::Suspend(what, args) => self.suspended(what, args, e.at),
            // Everything else gives what its parts give.
            _ => self.join(e.parts()),
        }
    }

    /// What a wait gives, and what is told by it.
    fn suspended(&mut self, what: &Suspend, args: &[Expr], at: NodeId) -> Flow {
        match what {
            Suspend::Approve(wanted) => {
                let (why, args) = match args.split_last() {
                    Some((why, args)) => (Some(why), args),
                    None => (None, &[][..]),
                };
                self.arguments(wanted.action, args);
                if let Some(why) = why {
                    self.words(why, "a reason");
                }
                let said =
                    Flow::from(Label::Untrusted, self.place(at), "what a person says comes from outside");
                Flow::record(vec![said.clone(), said])
            }
            Suspend::Event(_) => {
                self.join(args);
                Flow::from(Label::Untrusted, self.place(at), "what an event says comes from outside")
            }
            Suspend::Poll(poll) => {
                let own = args.get(..args.len().saturating_sub(poll.more())).unwrap_or(args);
                self.arguments(poll.action, own);
                self.answer(poll.action, at)
            }
            Suspend::Ask(_) => self.asked(args, at),
            Suspend::Pause(_) => self.join(args),
        }
    }

    /// What is done when a value is missing. The words of a failed call may repeat what it was asked; which kind of failure it
    /// was says nothing of that.
    fn arm(&mut self, missing: Missing, value: &Expr, sent: &Flow, arm: &Expr) -> Flow {
        let ExprKind::Catch(local, arm) = &arm.kind else { return self.flow(arm) };
        if missing == Missing::Call {
            let said = self.said(value, sent);
            self.caught(*local, said);
        }
        self.flow(arm)
    }

    /// The words of a call that failed.
    fn said(&self, call: &Expr, sent: &Flow) -> Flow {
        let at = self.place(call.at);
        Flow::from(Label::Untrusted, at, "the words of a failure come from outside").join(sent)
    }

    /// A name for a failure, with its words.
    fn caught(&mut self, local: LocalId, said: Flow) {
        self.bind(local.0 as usize, Flow::record([Flow::default(), said].into()));
    }

    fn each<'e>(&mut self, parts: impl Iterator<Item = &'e Expr>) -> Vec<Flow> {
        parts.map(|part| self.flow(part)).collect()
    }

    fn words(&mut self, text: &Expr, what: &'static str) -> Flow {
        let flow = self.flow(text);
        self.kept_from(text, &flow, Label::Pii, &Where::Words(what));
        Flow::default()
    }

    /// What a person is asked and shown. What they say is text from outside.
    fn asked(&mut self, args: &[Expr], at: NodeId) -> Flow {
        for arg in args {
            let own = self.flow(arg);
            let flow = self.all(&own, &arg.ty, 0);
            self.kept_from(arg, &flow, Label::Pii, &Where::Words("what a person is asked"));
        }
        let said = Flow::from(Label::Untrusted, self.place(at), "what a person answers comes from outside");
        Flow::record(vec![Flow::default(), said.clone(), said])
    }

    fn set(&mut self, slot: usize, value: &Expr, flow: &Flow) {
        let Some(case) = self.case else { return };
        let name = self.context.types.record(case).and_then(|r| r.fields.get(slot)).map(|f| f.name.clone());
        let Some(name) = name else { return };
        let takes = self.context.labels.of_field(case, &name).iter().any(|(l, _)| *l == Label::Pii);
        if takes {
            return;
        }
        if let Some(way) = self.all(flow, &value.ty, 0).here(Label::Pii) {
            let sink = Sink {
                at: self.place(value.at),
                label: Label::Pii,
                way: Arc::clone(way),
                what: Where::Field(name),
            };
            self.found.push(sink);
        }
    }

    fn arguments(&mut self, action: ActionId, args: &[Expr]) {
        self.given(action, args, Where::Argument);
    }

    /// Arguments, at a place of their own sort.
    pub(super) fn given(&mut self, action: ActionId, args: &[Expr], sort: fn(ActionId, String) -> Where) {
        let params =
            self.context.actions.get(action.0 as usize).map(|a| a.params.clone()).unwrap_or_default();
        let mut sent = Flow::default();
        for (at, (arg, (name, _))) in args.iter().zip(params).enumerate() {
            let takes = self.context.labels.of_param(action, at);
            let what = sort(action, name);
            let own = self.flow(arg);
            let flow = self.all(&own, &arg.ty, 0);
            if !takes.pii {
                self.kept_from(arg, &flow, Label::Pii, &what);
            }
            if takes.trusted {
                self.kept_from(arg, &flow, Label::Untrusted, &what);
            }
            sent = sent.join(&flow);
        }
        self.sent = sent;
    }

    /// Keeps what has a label when it has it; of a text with names in it, the part that has it.
    fn kept_from(&mut self, value: &Expr, flow: &Flow, label: Label, what: &Where) {
        let Some(way) = flow.here(label) else { return };
        let mut found = (value.at, Arc::clone(way));
        if let ExprKind::Interp(parts) = &value.kind
            && parts.len() > 1
        {
            for part in parts {
                let own = self.flow(part);
                if let Some(way) = self.all(&own, &part.ty, 0).here(label) {
                    found = (part.at, Arc::clone(way));
                    break;
                }
            }
        }
        let (at, way) = found;
        let at = self.place(at);
        if !self.found.iter().any(|s| s.at == at && s.label == label) {
            self.found.push(Sink { at, label, way, what: what.clone() });
        }
    }

    /// Text that an action builds of what it was given.
    fn built<'e>(&mut self, e: &Expr, parts: impl Iterator<Item = &'e Expr>, flows: &[Flow]) {
        if !self.sending || !self.holds_text(&e.ty) || matches!(e.ty, Type::List(_)) {
            return;
        }
        for (part, flow) in parts.zip(flows) {
            self.kept_from(part, flow, Label::Untrusted, &Where::Request);
        }
    }
}

/// The local that a `reveal` speaks of.
fn value_local(e: &Expr) -> usize {
    match &e.kind {
        ExprKind::Local(id) => id.0 as usize,
        _ => usize::MAX,
    }
}
