//! `wait`: for a time, for the answer of a read that is asked again and again, or for an event.

use jiff::SignedDuration;
use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::action::ActionId;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, Arg, ExprKind as Ast, Name, Wait};

use super::{BodyCx, Role, Want, lit};
use crate::context::{Context, Global, is_wrong, place};
use crate::names::index;
use crate::typed::{Effects, Expr, ExprKind, Happening, LocalId, Missing, NodeId, Poll, Suspend, Until};

pub(super) const WAITS: Effects = Effects {
    read: false,
    act: true,
    change: false,
    end: false,
    end_in_else: false,
    fault: false,
    passes: false,
};

/// What a wait is for.
enum Awaited {
    Read(ActionId),
    Event(u32),
}

/// The name of what a read says, in the condition of a wait for it.
const ANSWER: &str = "answer";

/// The longest wait, of whatever sort.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 90);

/// The shortest time after which a read is asked again.
const SHORTEST_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// How often one wait asks at the most.
const MOST_POLLS: i128 = 1000;

impl BodyCx<'_, '_> {
    pub(super) fn wait(&mut self, at: NodeId, e: &ast::Expr, wait: &Wait, handled: bool) -> Expr {
        let allowed = self.may_act("`wait`", e.span);
        match &wait.what.kind {
            Ast::Name(name)
                if self.find(name).is_none() && self.context.named_length(name, wait.what.span).is_some() =>
            {
                self.wait_for_time(at, e, wait, allowed)
            }
            Ast::Duration(_) => self.wait_for_time(at, e, wait, allowed),
            Ast::Call { callee, args } => match self.waited_for(callee) {
                Some(Awaited::Read(action)) => self.poll(at, e, wait, (action, args), allowed && !handled),
                Some(Awaited::Event(event)) => self.event(at, e, wait, (event, args), allowed && !handled),
                None => self.wrong_with(at, args),
            },
            Ast::Error => {
                self.blind = true;
                self.wrong(at)
            }
            Ast::Name(name) if self.find(name).is_none() && self.context.is_no_name(name, wait.what.span) => {
                self.wrong(at)
            }
            _ => {
                self.not_waited_for(&wait.what, "neither a length of time, nor a read, nor an event");
                self.expr(&wait.what, &Want::Any);
                self.wrong(at)
            }
        }
    }

    /// `wait 5m`
    fn wait_for_time(&mut self, at: NodeId, e: &ast::Expr, wait: &Wait, allowed: bool) -> Expr {
        self.nothing_more(wait);
        match self.wait_length(&wait.what, "a `wait`") {
            Some(length) if allowed => self.pause(at, e, length),
            _ => Expr { ty: Type::Unit, ..self.wrong(at) },
        }
    }

    fn pause(&mut self, at: NodeId, e: &ast::Expr, length: SignedDuration) -> Expr {
        // A pause cannot fail; that nothing comes of a failure is said all the same, as of every call.
        let inner = Expr {
            kind: ExprKind::Suspend(Box::new(Suspend::Pause(length)), Vec::new()),
            ty: Type::Unit,
            at: self.node(e.span),
            fx: WAITS,
        };
        let nothing = lit(Value::None, Type::Unit, self.node(e.span));
        let kind = ExprKind::Else(Missing::Call, Box::new(inner), Box::new(nothing));
        Expr { kind, ty: Type::Unit, at, fx: WAITS }
    }

    /// The read or the event that is waited for. Reports anything else.
    fn waited_for(&mut self, callee: &ast::Expr) -> Option<Awaited> {
        let Ast::Field { base, name, .. } = &callee.kind else {
            self.not_waited_for(callee, "neither a read nor an event");
            return None;
        };
        let Ast::Name(word) = &base.kind else {
            self.not_waited_for(callee, "neither a read nor an event");
            return None;
        };
        if self.find(word).is_some() || matches!(word.as_str(), "case" | "config") {
            self.not_waited_for(callee, "neither a read nor an event");
            return None;
        }
        if let Some((Global::Connector(connector), _)) = self.context.globals.get(base.span, word)
            && let Some(info) = self.context.connectors.get(*connector)
            && let Some((event, declared)) = info.events.get(name.text.as_str())
        {
            self.context.globals.deprecated.named(name.span, *declared, false);
            return Some(Awaited::Event(*event));
        }
        let id = self.context.action(&Name { text: word.clone(), span: base.span }, name)?;
        let action = self.context.actions.get(id.0 as usize)?;
        if action.write {
            let full = action.full_name();
            let declared = self.context.action_place(id).unwrap_or(callee.span);
            self.report(
                Diagnostic::error(
                    codes::P5019,
                    place(callee.span),
                    format!("`{full}` is a write, and cannot be waited for"),
                )
                .here("changes the world")
                .label(place(declared), "declared as a `write` here")
                .note("What is waited for is asked again and again. A write is done once.")
                .help("Do it with `do`, and wait for what a read says of it."),
            );
            return None;
        }
        Some(Awaited::Read(id))
    }

    /// `wait tickets.closed(id) within 5d`
    fn event(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        wait: &Wait,
        (event, args): (u32, &[Arg]),
        unhandled: bool,
    ) -> Expr {
        let Some(spec) = self.context.events.get(event as usize) else { return self.wrong_with(at, args) };
        let (name, params, result) = (spec.full_name(), spec.params.clone(), spec.result.clone());
        let all = self.context.connectors.iter().flat_map(|c| c.events.values());
        let declared = all.into_iter().find(|(id, _)| *id == event).map_or(e.span, |(_, at)| *at);
        let values = self.arguments(&name, declared, &params, args, wait.what.span);
        for (word, clause) in [("every", &wait.every), ("until", &wait.until)] {
            let Some(clause) = clause else { continue };
            self.report(
                Diagnostic::error(
                    codes::P5019,
                    place(clause.span),
                    format!("`{word}` has nothing to do here: `{name}` is an event"),
                )
                .here("nobody asks for it: it comes")
                .label(place(declared), "declared as an `event` here")
                .help("Leave it out."),
            );
        }
        let within = match &wait.within {
            Some(within) => self.wait_length(within, "a `wait`"),
            None => {
                self.wait_without_end(wait, &format!("`{name}`"), "5d");
                None
            }
        };
        if unhandled {
            self.not_there_in_time(e, &format!("`{name}` may not come in time"), declared);
            return self.wrong(at);
        }
        let (Some(values), Some(within)) = (values, within) else { return stand_in(at, result) };
        let fx = values.iter().fold(WAITS, |fx, value| fx.with(value.fx));
        let wanted = Suspend::Event(Happening { event, within });
        Expr { kind: ExprKind::Suspend(Box::new(wanted), values), ty: result, at, fx }
    }

    /// `wait sandbox.report(id) every 30s until answer.done within 10m`
    fn poll(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        wait: &Wait,
        (action, args): (ActionId, &[Arg]),
        unhandled: bool,
    ) -> Expr {
        let Some(spec) = self.context.actions.get(action.0 as usize) else {
            return self.wrong_with(at, args);
        };
        let (name, params, result) = (spec.full_name(), spec.params.clone(), spec.result.clone());
        let declared = self.context.action_place(action).unwrap_or(e.span);
        let values = self.arguments(&name, declared, &params, args, wait.what.span);
        let until = wait.until.as_ref().map(|until| self.until(until, &result));
        let times = self.poll_times(wait, &name);
        if unhandled {
            let what = format!("what `{name}` is to say may not be there in time");
            self.not_there_in_time(e, &what, declared);
            return self.wrong(at);
        }
        let (Some(mut values), Some((every, within))) = (values, times) else {
            return stand_in(at, result);
        };
        let until = match until {
            None => None,
            Some(Some((until, needs))) => {
                let more = u16::try_from(needs.len()).unwrap_or(u16::MAX);
                values.extend(needs);
                self.untils.push(until);
                Some((index(self.untils.len().saturating_sub(1)), more))
            }
            Some(None) => return stand_in(at, result),
        };
        let fx = values.iter().fold(WAITS, |fx, value| fx.with(value.fx));
        let poll = Poll { action, every, within, until };
        let wanted = Suspend::Poll(Box::new(poll));
        Expr { kind: ExprKind::Suspend(Box::new(wanted), values), ty: result, at, fx }
    }

    /// The condition of a wait, and what it needs of what is round it. `None` when it is wrong, which is reported.
    fn until(&mut self, e: &ast::Expr, result: &Type) -> Option<(Until, Vec<Expr>)> {
        let (answer, found) = self.quietly("the condition of a `wait`", |b| {
            b.scoped(|b| {
                let answer = b.define(ANSWER, result.clone(), e.span, Role::Given);
                (answer, b.condition(e))
            })
        });
        if is_wrong(&found.ty) {
            return None;
        }
        // What is named in the condition itself comes after the answer.
        let mut needs = Vec::new();
        locals(&found, &mut needs);
        needs.retain(|local| local.0 < answer.0);
        needs.sort_unstable();
        needs.dedup();
        let mut values = Vec::new();
        for local in &needs {
            let ty = self.locals.get(local.0 as usize).map_or(Type::Unit, |l| l.ty.clone());
            let at = self.node(e.span);
            values.push(Expr { kind: ExprKind::Local(*local), ty, at, fx: Effects::default() });
        }
        needs.push(answer);
        Some((Until { needs, expr: found }, values))
    }

    /// How often, and how long.
    fn poll_times(&mut self, wait: &Wait, name: &str) -> Option<(SignedDuration, SignedDuration)> {
        let every = match &wait.every {
            Some(every) => self.fixed_duration(every, "the time between two questions"),
            None => {
                self.asked_once(wait, name);
                None
            }
        };
        let within = match &wait.within {
            Some(within) => self.wait_length(within, "a `wait`"),
            None => {
                self.wait_without_end(wait, &format!("`{name}`"), "10m");
                None
            }
        };
        let (every, within) = (every?, within?);
        let at = wait.every.as_ref().map_or(wait.what.span, |e| e.span);
        let polls = within.as_nanos().checked_div(every.as_nanos()).unwrap_or(0);
        let finding = if every > within {
            Diagnostic::error(codes::P7002, place(at), "this asks again only when the wait is over")
                .here(format!("longer than the {within:#} that it waits"))
                .help("Write a shorter time behind `every`, or a longer one behind `within`.")
        } else if every < SHORTEST_EVERY {
            Diagnostic::error(codes::P7002, place(at), "a wait asks once a second at the most")
                .here("too often")
                .help("Write `every 1s` or more.")
        } else if polls > MOST_POLLS {
            let least = within.as_secs().checked_div(1000).unwrap_or(1).saturating_add(1);
            Diagnostic::error(codes::P7002, place(at), format!("this wait would ask {polls} times"))
                .here("too often for so long a time")
                .note(format!(
                    "One wait asks up to {MOST_POLLS} times: each question and each answer is recorded."
                ))
                .help(format!(
                    "Write `every {}` or more, or wait for a shorter time.",
                    format!("{:#}", SignedDuration::from_secs(least)).replace(' ', "")
                ))
        } else {
            return Some((every, within));
        };
        self.report(finding);
        None
    }

    /// A pause has a length, and nothing else.
    fn nothing_more(&mut self, wait: &Wait) {
        let clauses = [("every", &wait.every), ("until", &wait.until), ("within", &wait.within)];
        for (word, clause) in clauses {
            let Some(clause) = clause else { continue };
            self.report(
                Diagnostic::error(codes::P5019, place(clause.span), format!("`{word}` has nothing to do here"))
                    .here("this waits for a fixed time")
                    .help("Leave it out, or name what is waited for: `wait CONNECTOR.READ(…) every 30s within 10m`."),
            );
        }
    }

    fn not_waited_for(&mut self, e: &ast::Expr, what: &str) {
        let quoted = self.context.quoted(e.span);
        self.report(
            Diagnostic::error(codes::P5019, place(e.span), format!("{quoted} cannot be waited for"))
                .here(what.to_string())
                .help("Write `wait 5m`, or `wait CONNECTOR.READ(…) every 30s within 10m else …`."),
        );
    }

    fn asked_once(&mut self, wait: &Wait, name: &str) {
        let end = Place { file: wait.what.span.file, start: wait.what.span.end, end: wait.what.span.end };
        self.report(
            Diagnostic::error(
                codes::P5019,
                place(wait.what.span),
                format!("how often `{name}` is asked is not said"),
            )
            .here("a read: it is asked again until it has what is waited for")
            .help("Add `every 30s`. To ask once, leave the `wait` out.")
            .fix(
                "Ask every 30 seconds",
                false,
                vec![Edit { place: end, text: " every 30s".into() }],
            ),
        );
    }

    fn wait_without_end(&mut self, wait: &Wait, what: &str, time: &str) {
        let last = [&wait.every, &wait.until].into_iter().flatten().map(|e| e.span.end).max();
        let end = last.unwrap_or(wait.what.span.end).max(wait.what.span.end);
        let end = Place { file: wait.what.span.file, start: end, end };
        self.report(
            Diagnostic::error(codes::P7001, place(wait.what.span), "this wait has no end")
                .here(format!("how long {what} is waited for is not said"))
                .note("A run always ends. What is waited for may never come.")
                .help(format!("Add `within {time}`, and what happens then: `else hand over to …`."))
                .fix(
                    format!("Wait for {time}"),
                    false,
                    vec![Edit { place: end, text: format!(" within {time}") }],
                ),
        );
    }

    fn not_there_in_time(&mut self, e: &ast::Expr, what: &str, declared: ast::Span) {
        let end = Place { file: e.span.file, start: e.span.end, end: e.span.end };
        let text = " else hand over to queue.tier2 because \"TODO\"";
        self.report(
            Diagnostic::error(
                codes::P4001,
                place(e.span),
                format!("{what}, and nothing says what happens then"),
            )
            .here("this can fail")
            .label(place(declared), "declared here")
            .note("When the time is over the wait fails with `Timeout`.")
            .help("Write `else hand over to queue.tier2 because \"…\"` behind it, or what to go on with.")
            .fix("Hand over then", false, vec![Edit { place: end, text: text.into() }]),
        );
    }
}

impl Context<'_> {
    /// The length of a wait. Reports one that is too long.
    pub(crate) fn wait_length(&mut self, e: &ast::Expr, what: &str) -> Option<SignedDuration> {
        let length = self.fixed_duration(e, what)?;
        if length <= LONGEST {
            return Some(length);
        }
        self.report(
            Diagnostic::error(codes::P7003, place(e.span), "a run waits for 90 days at the most")
                .here("too long")
                .note("A run that waits keeps its program and its case; nobody remembers either after so long a time.")
                .help("Write a shorter time, and hand the case over when it is over."),
        );
        None
    }
}

/// A wait that is wrong, which is reported: it can fail all the same, so that its `else` is no second mistake.
fn stand_in(at: NodeId, ty: Type) -> Expr {
    let pause = Suspend::Pause(SHORTEST_EVERY);
    Expr { kind: ExprKind::Suspend(Box::new(pause), Vec::new()), ty, at, fx: WAITS }
}

fn locals(e: &Expr, all: &mut Vec<LocalId>) {
    if let ExprKind::Local(local) = &e.kind {
        all.push(*local);
    }
    e.parts().into_iter().for_each(|part| locals(part, all));
}
