//! Lengths of time at places that take no computed one: written out, or the name of a value that is.

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, Span};

use crate::body::BodyCx;
use crate::context::{Context, Global, place};
use crate::names::rename;

/// So many names stand for each other at the most.
const DEEPEST: u8 = 16;

/// How one is written.
const WRITTEN: &str = "Write a number with its unit, such as `30s`, `15m`, `24h` or `7d`; or the name of a value that is one: \
                       `const answer_in = 4h`.";

impl Context<'_> {
    /// The duration that stands at a place which takes no computed one.
    pub(crate) fn fixed_duration(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        match &expr.kind {
            ExprKind::Duration(d) if d.is_positive() => return Some(*d),
            ExprKind::Name(name) => match self.named_length(name, expr.span) {
                Some(d) if d.is_positive() => return Some(d),
                None if self.is_no_name(name, expr.span) => return None,
                _ => {}
            },
            ExprKind::Error => return None,
            ExprKind::NotYet { what, .. } => {
                self.not_yet(&what.text, what.span);
                return None;
            }
            _ => {}
        }
        self.not_fixed(expr, what);
        None
    }

    /// The length that a value of the program is, where it is written out there.
    pub(crate) fn named_length(&self, name: &str, at: Span) -> Option<SignedDuration> {
        let (mut name, mut at) = (name, at);
        for _ in 0..DEEPEST {
            let (Global::Const(index), _) = self.globals.get(at, name)? else { return None };
            let value = &self.consts.get(*index)?.decl.value;
            match &value.kind {
                ExprKind::Duration(d) => return Some(*d),
                ExprKind::Name(next) => (name, at) = (next, value.span),
                _ => return None,
            }
        }
        None
    }

    /// Whether nothing has a name that stands for a length. Reports it, with a length of nearly that name.
    pub(crate) fn is_no_name(&mut self, name: &str, at: Span) -> bool {
        if self.may_be_broken(name) {
            return true;
        }
        let known = self.globals.get(at, name).is_some() || self.members.contains_key(name);
        if known || matches!(name, "case" | "config") {
            return false;
        }
        let lengths = self.globals.names(at, |g| matches!(g, Global::Const(_)));
        let lengths = lengths.filter(|name| self.named_length(name, at).is_some_and(|d| d.is_positive()));
        let near = self.closest(name, lengths).map(str::to_string);
        let finding = Diagnostic::error(codes::P2001, place(at), format!("`{name}` is not known here"))
            .here("not declared");
        self.report(match near {
            Some(near) => rename(finding, at, &near),
            None => finding.help(WRITTEN),
        });
        true
    }

    fn not_fixed(&mut self, expr: &Expr, what: &str) {
        self.report(
            Diagnostic::error(codes::P3019, place(expr.span), format!("{what} is a fixed length of time"))
                .here("not a duration above zero that is written out")
                .help(WRITTEN),
        );
    }
}

impl BodyCx<'_, '_> {
    /// Whether a name stands for something that the body has made, which hides a value of the program. Reports it.
    pub(crate) fn is_made_here(&mut self, expr: &Expr, what: &str) -> bool {
        let made = matches!(&expr.kind, ExprKind::Name(name) if self.find(name).is_some());
        if made {
            self.context.not_fixed(expr, what);
        }
        made
    }

    /// [`Context::fixed_duration`] in a body.
    pub(crate) fn fixed_duration(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        if self.is_made_here(expr, what) { None } else { self.context.fixed_duration(expr, what) }
    }

    /// [`Context::wait_length`] in a body.
    pub(crate) fn wait_length(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        if self.is_made_here(expr, what) { None } else { self.context.wait_length(expr, what) }
    }

    /// [`Context::short_time`] in a body.
    pub(crate) fn short_time(&mut self, expr: &Expr, what: &str) -> Option<SignedDuration> {
        if self.is_made_here(expr, what) { None } else { self.context.short_time(expr, what) }
    }
}

#[cfg(test)]
mod tests {
    use play_program::artifact::SourceFile;

    use crate::{Input, check};

    const EACH: &str = r#"
use std.connectors.okta

const four_hours = 4h
const half_a_day = four_hours
const not_long = 3

case Login { user: OktaUserId }

source feed from feed("logins") -> Login {
  dedup by payload.id as String? within WINDOW
  map { user = OktaUserId(payload.user as String?) }
}

guard suspensions covers okta.suspend {
  limit 20 per LIMIT
  allow
}

playbook one for Login {
  wait WAIT
  let seen = okta.user(case.user) timeout TIMEOUT else hand over to queue.tier1 because "who?"
  do okta.suspend(case.user) for HOLD else hand over to queue.tier1 because "no"
  let said = ask role.analyst "Is {seen.id}?" { Yes, No } within ASK else Yes because "nobody"
  close TruePositive because said.reason
}
"#;

    const PLACES: [&str; 6] = ["WINDOW", "LIMIT", "WAIT", "TIMEOUT", "HOLD", "ASK"];

    /// What is found where one place has a name and all others a length.
    fn found(at: &str, name: &str) -> Vec<play_diagnostics::Diagnostic> {
        let length = |place: &str| if place == "TIMEOUT" { "30s" } else { "1h" };
        let others = PLACES.iter().filter(|place| **place != at);
        let text = others.fold(EACH.replace(at, name), |text, place| text.replace(place, length(place)));
        let file = SourceFile { path: "p.play".into(), text };
        check(&Input { project: "p".into(), files: vec![file] }, &play_stdlib::module).diagnostics
    }

    #[test]
    fn a_length_that_is_misspelt_is_told_by_its_name() {
        for at in PLACES {
            for (name, meant) in [("four_hour", "four_hours"), ("half_day", "half_a_day")] {
                let found = found(at, name);
                let said: Vec<_> = found.iter().map(|d| (d.code, d.message.as_str())).collect();
                let message = format!("`{name}` is not known here");
                assert_eq!(said, [(play_diagnostics::registry::codes::P2001, message.as_str())], "{at}");
                let fixes = found.iter().flat_map(|d| &d.fixes).flat_map(|f| &f.edits);
                assert_eq!(fixes.map(|e| e.text.as_str()).collect::<Vec<_>>(), [meant], "{at}");
            }
        }
    }

    #[test]
    fn only_a_length_is_what_was_meant() {
        for at in PLACES {
            let found = found(at, "not_lon");
            let help: Vec<_> = found.iter().flat_map(|d| &d.help).collect();
            assert!(
                matches!(help.as_slice(), [help] if help.starts_with("Write a number with its unit")),
                "{at}: {found:#?}"
            );
            assert!(found.iter().all(|d| d.fixes.is_empty()), "{at}");
        }
    }
}
