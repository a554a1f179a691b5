//! What a test expects of acts, reads and changes: how often, in which order.

use jiff::SignedDuration;
use play_evidence::{J, Line, ParsedLine};
use play_program::action::{Action, ActionId};
use play_program::convert;
use play_program::types::{FieldType, Type, TypeTable};
use play_program::value::Value;

use crate::encode;
use crate::event::Asked;
use crate::run::{Decided, WouldBe};
use crate::testing::{Seen, args_fit, call_text, is_call};

/// An action with arguments; `None` fits any.
type Call = (ActionId, Option<Vec<Option<Value>>>);

impl Seen<'_> {
    /// Calls as a person writes them.
    pub(crate) fn calls(&self, calls: &[(ActionId, Vec<Value>)]) -> String {
        let one = |(action, args): &(ActionId, Vec<Value>)| {
            Some(call_text(self.manifest.action(*action)?, args, &self.manifest.types))
        };
        let all: Vec<String> = calls.iter().filter_map(one).collect();
        if all.is_empty() { "nothing".to_string() } else { all.join(", ") }
    }

    pub(crate) fn times(
        &self,
        action: ActionId,
        args: Option<&[Option<Value>]>,
        wanted: u64,
    ) -> Option<String> {
        let spec = self.manifest.action(action)?;
        let (calls, what) = if spec.write { (self.acts, "done") } else { (self.reads, "asked") };
        let found = calls.iter().filter(|call| is_call(call, action, args)).count();
        if u64::try_from(found) == Ok(wanted) {
            return None;
        }
        let (name, all) = (spec.full_name(), self.calls(calls));
        Some(format!(
            "expected `{name}` {what} {wanted} times, but it was {what} {found} times; what was {what} is: {all}"
        ))
    }

    pub(crate) fn undone(
        &self,
        action: ActionId,
        args: Option<&[Option<Value>]>,
        after: Option<SignedDuration>,
    ) -> Option<String> {
        let undone: Vec<_> = self.run.undone().map(|(a, given, t)| ((a, given.to_vec()), t)).collect();
        self.took(action, args, after, &undone, ("taken back", "after"))
    }

    pub(crate) fn held(
        &self,
        action: ActionId,
        args: Option<&[Option<Value>]>,
        length: Option<SignedDuration>,
    ) -> Option<String> {
        let held: Vec<_> = self.run.held().map(|(a, given, t)| ((a, given.to_vec()), t)).collect();
        self.took(action, args, length, &held, ("held", "for"))
    }

    /// What another run held when it was to be taken back.
    pub(crate) fn kept(&self, action: ActionId, args: Option<&[Option<Value>]>) -> Option<String> {
        let kept: Vec<_> = self.run.kept().map(|(a, given)| (a, given.to_vec())).collect();
        if kept.iter().any(|call| is_call(call, action, args)) {
            return None;
        }
        let (name, all) = (self.manifest.action(action)?.full_name(), self.calls(&kept));
        Some(format!(
            "expected `{name}` to be kept because another run holds the same, but what was kept is: {all}"
        ))
    }

    /// What a shadow run would have done.
    pub(crate) fn would(
        &self,
        never: bool,
        action: ActionId,
        args: Option<&[Option<Value>]>,
    ) -> Option<String> {
        let done = |(_, would): &(u64, WouldBe)| match would {
            WouldBe::Done { action, args, .. } => Some((*action, args.clone())),
            _ => None,
        };
        let would: Vec<_> = self.run.would().iter().filter_map(done).collect();
        if would.iter().any(|call| is_call(call, action, args)) != never {
            return None;
        }
        let (name, all) = (self.manifest.action(action)?.full_name(), self.calls(&would));
        let shadow = match self.run.autonomy().is_shadow() {
            true => "",
            false => "; this is no shadow run: write `run … as shadow`",
        };
        let not = if never { "not " } else { "" };
        Some(format!("expected that `{name}` would {not}be done, but what would be is: {all}{shadow}"))
    }

    /// What was taken back or held, and after or for how long.
    fn took(
        &self,
        action: ActionId,
        args: Option<&[Option<Value>]>,
        wanted: Option<SignedDuration>,
        seen: &[((ActionId, Vec<Value>), SignedDuration)],
        (what, word): (&str, &str),
    ) -> Option<String> {
        let fits = |(call, t): &((ActionId, Vec<Value>), SignedDuration)| {
            is_call(call, action, args) && wanted.is_none_or(|wanted| *t == wanted)
        };
        if seen.iter().any(fits) {
            return None;
        }
        let name = self.manifest.action(action)?.full_name();
        let one = |(call, t): &((ActionId, Vec<Value>), SignedDuration)| {
            format!("{} {word} {t:#}", self.calls(std::slice::from_ref(call)))
        };
        let all: Vec<String> = seen.iter().map(one).collect();
        let all = if all.is_empty() { "nothing".to_string() } else { all.join(", ") };
        let wanted = wanted.map(|wanted| format!(" {word} {wanted:#}")).unwrap_or_default();
        Some(format!("expected `{name}` to be {what}{wanted}, but what was {what} is: {all}"))
    }

    pub(crate) fn asked(&self, action: ActionId, args: Option<&[Option<Value>]>) -> Option<String> {
        if self.reads.iter().any(|call| is_call(call, action, args)) {
            return None;
        }
        let name = self.manifest.action(action)?.full_name();
        Some(format!("expected `{name}` to be asked, but what was asked is: {}", self.calls(self.reads)))
    }

    pub(crate) fn before(&self, first: &Call, second: &Call) -> Option<String> {
        let at =
            |(action, args): &Call| self.acts.iter().position(|call| is_call(call, *action, args.as_deref()));
        if let (Some(first), Some(second)) = (at(first), at(second))
            && first < second
        {
            return None;
        }
        let name = |call: &Call| self.manifest.action(call.0).map(|a| a.full_name());
        let (first, second, all) = (name(first)?, name(second)?, self.calls(self.acts));
        Some(format!(
            "expected `do {first}` before `do {second}`, but what was done is, in this order: {all}"
        ))
    }

    /// The field of the case in a slot.
    pub(crate) fn field(&self, slot: usize) -> Option<&FieldType> {
        let playbook = self.manifest.playbooks.get(self.run.playbook())?;
        self.manifest.types.record(playbook.case)?.fields.get(slot)
    }

    pub(crate) fn set_to(&self, slot: usize, value: &Value) -> Option<String> {
        let field = self.field(slot)?;
        let wanted = encode::value(value, &field.ty, &self.manifest.types);
        let lines = self.kind("case.set");
        let of_field = |line: &&ParsedLine| line.field("field") == Some(&J::Str(field.name.clone()));
        let set: Vec<&J> = lines.iter().filter(of_field).filter_map(|line| line.field("to")).collect();
        if set.contains(&&wanted) {
            return None;
        }
        let shown = |j: &J| match j {
            J::Obj(position) => text(position.get("val").unwrap_or(j)),
            other => text(other),
        };
        let all: Vec<String> = set.iter().map(|j| shown(j)).collect();
        let all = if all.is_empty() { "never set".to_string() } else { format!("set to {}", all.join(", ")) };
        Some(format!("expected `{}` to be set to {}, but it was {all}", field.name, shown(&wanted)))
    }

    pub(crate) fn routed(&self, wanted: Option<&str>) -> Option<String> {
        let lines = self.kind("case.routed");
        let to: Vec<&str> = lines
            .iter()
            .filter_map(|line| match line.field("to") {
                Some(J::Str(to)) => Some(to.as_str()),
                _ => None,
            })
            .collect();
        if to.iter().any(|to| wanted.is_none_or(|wanted| *to == wanted)) {
            return None;
        }
        let wanted = wanted.map_or_else(String::new, |to| format!(" to {to}"));
        let seen =
            if to.is_empty() { "it was not".to_string() } else { format!("it went to {}", to.join(", ")) };
        Some(format!("expected it routed{wanted}, but {seen}"))
    }

    /// Who was asked what.
    pub(crate) fn person_asked(
        &self,
        never: bool,
        to: &str,
        question: Option<&str>,
        times: Option<u64>,
    ) -> Option<String> {
        let fits = |a: &&Asked| a.last() == to && question.is_none_or(|q| a.question.contains(q));
        let found = u64::try_from(self.asked.iter().filter(fits).count()).unwrap_or(u64::MAX);
        let holds = match times {
            _ if never => found == 0,
            Some(times) => found == times,
            None => found > 0,
        };
        if holds {
            return None;
        }
        let all: Vec<String> =
            self.asked.iter().map(|a| format!("{} \"{}\"", a.last(), a.question)).collect();
        let all = if all.is_empty() { "nobody was asked anything".into() } else { all.join(", ") };
        let what = question.map(|q| format!(" \"{q}\"")).unwrap_or_default();
        let often = match times {
            _ if never => "never to be asked".to_string(),
            Some(times) => format!("to be asked {times} times"),
            None => "to be asked".to_string(),
        };
        Some(format!("expected {to} {often}{what}, but who was asked what is: {all}"))
    }

    /// What was approved, and by whom.
    pub(crate) fn approved(
        &self,
        never: bool,
        action: ActionId,
        args: Option<&[Option<Value>]>,
        by: Option<&str>,
    ) -> Option<String> {
        let approved = || self.run.approvals().iter().filter(|d| d.approved);
        let fits = |d: &Decided| {
            is_call(&(d.action, d.args.clone()), action, args)
                && by.is_none_or(|by| d.to.iter().any(|to| to == by))
        };
        if never != approved().any(fits) {
            return None;
        }
        let name = self.manifest.action(action)?.full_name();
        let one = |d: &Decided| {
            let call = call_text(self.manifest.action(d.action)?, &d.args, &self.manifest.types);
            Some(format!("{call} by {}", d.to.join(" and ")))
        };
        let all: Vec<String> = approved().filter_map(one).collect();
        let all = if all.is_empty() { "nothing".to_string() } else { all.join(", ") };
        let (never, by) =
            (if never { "never " } else { "" }, by.map(|by| format!(" by {by}")).unwrap_or_default());
        Some(format!("expected `do {name}` {never}to be approved{by}, but what was approved is: {all}"))
    }

    /// What guards refused, and which.
    pub(crate) fn refused(
        &self,
        never: bool,
        action: ActionId,
        args: Option<&[Option<Value>]>,
        guard: Option<usize>,
    ) -> Option<String> {
        let types = &self.manifest.types;
        let guard = guard.and_then(|g| self.manifest.guards.get(g)).map(|g| g.name.as_str());
        let refusals = self.run.refusals();
        let fits = |(a, given, g): &(ActionId, Vec<Value>, String)| {
            *a == action && args_fit(args, given) && guard.is_none_or(|wanted| g == wanted)
        };
        if never != refusals.iter().any(fits) {
            return None;
        }
        let wanted = wanted_text(self.manifest.action(action)?, args, types);
        let by = guard.map(|g| format!(" by guard {g}")).unwrap_or_default();
        let one = |(a, given, g): &(ActionId, Vec<Value>, String)| {
            Some(format!("{} by {g}", call_text(self.manifest.action(*a)?, given, types)))
        };
        let all: Vec<String> = refusals.iter().filter_map(one).collect();
        let all = if all.is_empty() { "nothing".to_string() } else { all.join(", ") };
        let never = if never { "never " } else { "" };
        Some(format!("expected `do {wanted}` {never}to be refused{by}, but what was refused is: {all}"))
    }

    /// The reasons that the playbook gave: of changes, rollbacks and the ending, in order.
    pub(crate) fn reasons(&self, wanted: &[String]) -> Option<String> {
        let seen: Vec<(String, String)> =
            self.lines.iter().filter_map(|l| ParsedLine::parse(&l.bytes).ok()).filter_map(reason).collect();
        let fits = wanted.iter().zip(&seen).all(|(part, (_, reason))| reason.contains(part.as_str()));
        if fits && wanted.len() == seen.len() {
            return None;
        }
        let at = wanted.iter().zip(&seen).position(|(part, (_, reason))| !reason.contains(part.as_str()));
        let at = at.unwrap_or(wanted.len().min(seen.len()));
        let expected = match wanted.get(at) {
            Some(part) => format!("one that contains \"{part}\""),
            None => "no more".to_string(),
        };
        let is = match seen.get(at) {
            Some((what, reason)) => format!("that of {what} is \"{reason}\""),
            None => "there is none".to_string(),
        };
        let all: Vec<String> = seen.iter().map(|(what, reason)| format!("{what} \"{reason}\"")).collect();
        let all = if all.is_empty() { "none".to_string() } else { all.join(", ") };
        let n = at.saturating_add(1);
        Some(format!("reason {n}: expected {expected}, but {is}; all reasons, in this order: {all}"))
    }

    /// The lines of a kind.
    pub(crate) fn kind(&self, kind: &str) -> Vec<ParsedLine> {
        let parsed = |line: &Line| ParsedLine::parse(&line.bytes).ok();
        self.lines.iter().filter_map(parsed).filter(|line| line.k == kind).collect()
    }
}

fn text(j: &J) -> String {
    String::from_utf8_lossy(&j.to_bytes()).into_owned()
}

/// What a line gives a reason for, and the reason.
pub(crate) fn reason(line: ParsedLine) -> Option<(String, String)> {
    let part = |name: &str| match line.field(name) {
        Some(J::Str(text)) => text.as_str(),
        _ => "",
    };
    let what = match line.k.as_str() {
        "case.set" => format!("set {}", part("field")),
        "case.routed" => format!("route to {}", part("to")),
        "rollback.started" => "rollback".to_string(),
        "run.closed" => format!("close {}", part("class")),
        "run.handed_over" => format!("hand over to {}", part("to")),
        _ => return None,
    };
    let J::Obj(because) = line.field("because")? else { return None };
    let text = match because.get("val") {
        Some(J::Str(text)) => text.clone(),
        _ => String::new(),
    };
    Some((what, text))
}

/// A call that is expected, as a person writes it.
fn wanted_text(action: &Action, args: Option<&[Option<Value>]>, types: &TypeTable) -> String {
    let Some(args) = args else { return action.full_name() };
    let arg = |((_, ty), v): (&(String, Type), &Option<Value>)| match v {
        Some(v) => convert::to_recorded(v, ty, types).to_string(),
        None => "_".to_string(),
    };
    let args: Vec<String> = action.params.iter().zip(args).map(arg).collect();
    format!("{}({})", action.full_name(), args.join(", "))
}
