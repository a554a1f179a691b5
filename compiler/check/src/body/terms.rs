//! What a call says of itself: `retry 3 backoff 2s`, `timeout 10s`, `for 4h`, `irreversible because "…"`.

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_syntax::ast::{self, ExprKind as Ast, Name, Span, Term};

use super::{BodyCx, Want};
use crate::context::{Context, is_wrong, place};
use crate::typed::{Expr, ExprKind, NodeId, Retry, Terms};

/// How often a call may be tried again.
const MOST_TIMES: i64 = 10;

/// The longest `backoff` and `timeout`.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// The longest `for`.
const LONGEST_HOLD: SignedDuration = SignedDuration::from_hours(24 * 366);

impl BodyCx<'_, '_> {
    /// A call, and one thing that it says of itself.
    pub(super) fn on_terms(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        call: &ast::Expr,
        (word, term): (&Name, &Term),
        want: &Want,
        handled: bool,
    ) -> Expr {
        let outermost = self.whole_call.is_none();
        self.whole_call = self.whole_call.or(Some(e.span));
        let mut found = self.expr_at(at, call, want, handled);
        if outermost {
            self.whole_call = None;
        }
        let said = Span { start: word.span.start, ..e.span };
        match &mut found.kind {
            ExprKind::Read(action, _, terms) | ExprKind::Do(action, _, terms) => {
                let (action, before) = (*action, Terms::clone(terms));
                let after = self.with_term(action, before, (word, term), said);
                if let ExprKind::Read(_, _, terms) | ExprKind::Do(_, _, terms) = &mut found.kind {
                    **terms = after;
                }
            }
            _ if is_wrong(&found.ty) => {}
            _ => {
                let word = &word.text;
                let call = match term {
                    Term::Retry { .. } | Term::Timeout(_) => "okta.user(x)",
                    Term::For(_) | Term::Irreversible(_) => "do okta.suspend(x)",
                };
                self.report(
                    Diagnostic::error(codes::P5014, place(said), format!("`{word}` belongs to a call"))
                        .here("nothing is called here")
                        .note("Only the call of an action can come too late, be tried again, or have an end.")
                        .help(format!(
                            "Write it right behind the call, before its `else`: `{call} {word} … else …`."
                        )),
                );
            }
        }
        found
    }

    fn with_term(
        &mut self,
        action: ActionId,
        mut terms: Terms,
        (word, term): (&Name, &Term),
        said: Span,
    ) -> Terms {
        let twice = match term {
            Term::Retry { .. } => terms.retry.is_some(),
            Term::Timeout(_) => terms.timeout.is_some(),
            Term::For(_) => terms.hold.is_some(),
            Term::Irreversible(_) => terms.irreversible.is_some(),
        };
        if twice {
            let word = &word.text;
            self.report(
                Diagnostic::error(codes::P5014, place(said), format!("this call says `{word}` twice"))
                    .here("said again here")
                    .help("Leave one of them out."),
            );
            return terms;
        }
        match term {
            Term::Timeout(time) => terms.timeout = self.short_time(time, "a `timeout`"),
            Term::Retry { times, backoff } => {
                let backoff = match backoff {
                    Some(backoff) => self.short_time(backoff, "a `backoff`"),
                    None => Some(SignedDuration::from_secs(1)),
                };
                let times = self.context.retry_times(times);
                self.context.may_repeat(action, said);
                terms.retry = times.zip(backoff).map(|(times, backoff)| Retry { times, backoff });
            }
            Term::For(time) => terms.hold = self.hold(action, time, said),
            Term::Irreversible(reason) => terms.irreversible = self.for_good(action, reason, said),
        }
        if let (Some(_), Some(_)) = (terms.hold, &terms.irreversible) {
            self.report(
                Diagnostic::error(codes::P5056, place(said), "what ends by itself is not irreversible")
                    .here("and here it says both")
                    .help("Leave out `for …`, or `irreversible because …`."),
            );
        }
        terms
    }

    /// `for 4h`: only what can be taken back ends by itself.
    fn hold(&mut self, id: ActionId, time: &ast::Expr, said: Span) -> Option<SignedDuration> {
        let length = self.fixed_duration(time, "a hold")?;
        if length > LONGEST_HOLD {
            self.report(
                Diagnostic::error(codes::P5056, place(time.span), "nothing is held for more than a year")
                    .here("too long")
                    .help("Write a shorter time. Whoever looks at it then can do it again."),
            );
            return None;
        }
        let action = self.context.actions.get(id.0 as usize)?;
        if action.write && action.undo.is_some() {
            return Some(length);
        }
        let (name, write) = (action.full_name(), action.write);
        let declared = self.context.action_place(id).unwrap_or(said);
        let finding =
            Diagnostic::error(codes::P5056, place(said), format!("`{name}` cannot be done for a time"));
        self.report(if write {
            finding
                .here("nothing could end it")
                .label(place(declared), "has no `undo`")
                .note("When the time is over, the write is taken back by the `undo` of its action.")
                .help("Name the write that takes it back, `undo NAME(…)`, in the connector, or leave the time out.")
        } else {
            finding
                .here("a read changes nothing, and nothing has to be taken back")
                .label(place(declared), "a read")
                .help("Leave the time out. How long an answer is waited for is written `timeout 10s`.")
        });
        None
    }

    /// `irreversible because "…"`: of this act, whatever its action could do.
    fn for_good(&mut self, id: ActionId, reason: &ast::Expr, said: Span) -> Option<String> {
        let action = self.context.actions.get(id.0 as usize)?;
        if !action.write {
            let name = action.full_name();
            self.report(
                Diagnostic::error(codes::P5056, place(said), format!("`{name}` only reads"))
                    .here("a read changes nothing, and nothing has to be taken back")
                    .help("Leave it out."),
            );
            return None;
        }
        if let Some(text) = reason.literal().filter(|text| !text.is_empty()) {
            return Some(text.to_string());
        }
        match &reason.kind {
            Ast::Str(_) => self.report(
                Diagnostic::error(codes::P5004, place(reason.span), "the reason is fixed text")
                    .here("known before the playbook runs")
                    .help("Say why this is never taken back, in quotes and without braces."),
            ),
            Ast::Error => {}
            _ => self.report(
                Diagnostic::error(codes::P5004, place(reason.span), "the reason is text in quotes")
                    .here("not text")
                    .help("Write `irreversible because \"…\"`."),
            ),
        }
        None
    }
}

impl Context<'_> {
    /// A time that a call may take. Reports one that is too long.
    pub(crate) fn short_time(&mut self, e: &ast::Expr, what: &str) -> Option<SignedDuration> {
        let length = self.fixed_duration(e, what)?;
        if length <= LONGEST {
            return Some(length);
        }
        self.report(
            Diagnostic::error(codes::P5013, place(e.span), format!("{what} is an hour at the most"))
                .here("too long")
                .note("While a call is out, all that needs its answer stands still.")
                .help("Write a shorter time. To look again much later, write `wait`."),
        );
        None
    }

    /// How often a call is tried again. Reports what is no such number.
    pub(crate) fn retry_times(&mut self, e: &ast::Expr) -> Option<u32> {
        if let Ast::Int(n @ 1..=MOST_TIMES) = e.kind {
            return u32::try_from(n).ok();
        }
        if !matches!(e.kind, Ast::Error) {
            self.report(
                Diagnostic::error(
                    codes::P5013,
                    place(e.span),
                    format!("a call is tried again from once to {MOST_TIMES} times"),
                )
                .here("not such a number")
                .note("The time between attempts doubles, so more of them would hardly ever help.")
                .help("Write `retry 3`."),
            );
        }
        None
    }

    /// A write is tried again only where its target would notice.
    pub(crate) fn may_repeat(&mut self, id: ActionId, said: Span) {
        let Some(action) = self.actions.get(id.0 as usize) else { return };
        if !action.write || action.idempotent || self.verified.contains(&id) {
            return;
        }
        let name = action.full_name();
        let declared = self.action_place(id).unwrap_or(said);
        self.report(
            Diagnostic::error(codes::P5012, place(said), format!("`{name}` is never sent twice"))
                .here("would send it again")
                .label(place(declared), "neither `idempotent` nor with a `verify`: nothing tells whether it was done already")
                .note("The first request may have done it, even when all we saw was a refusal or no connection.")
                .help("Leave the `retry` out, or declare the write `idempotent by …`, if the target honours a key, or say with `verify READ(…)` how \
                 it is found out whether it was done."),
        );
    }
}
