//! `[playbooks.NAME]`: how far a playbook may go by itself.

use jiff::SignedDuration;
use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, suggest};
use play_program::autonomy::Autonomy;
use play_program::convert::parse_text;
use play_program::{Type, TypeTable, Value};

use super::{Found, Key, Reading};

/// What stands below `[playbooks.NAME]`.
#[derive(Clone, Debug)]
pub struct Driven {
    /// Which playbook.
    pub name: String,
    /// Where that stands.
    pub at: Place,
    /// How its runs are driven.
    pub autonomy: Autonomy,
    /// Where the role stands that is asked.
    pub role_at: Option<Place>,
}

const KEYS: &[&str] = &["autonomy", "approval", "within"];

impl Reading {
    pub(super) fn driven(&mut self, name: &Key<'_>, value: &Found<'_>) -> Option<Driven> {
        let table = self.table(value, &format!("[playbooks.{}]", name.get_ref()))?;
        let (mut word, mut approval, mut within) = (None, None, None);
        for (key, found) in table {
            match key.get_ref().as_ref() {
                "autonomy" => word = Some(self.autonomy(found)?),
                "approval" => approval = Some((key, found)),
                "within" => within = Some((key, found)),
                _ => self.unknown(key, "a playbook", KEYS),
            }
        }
        let at = self.place(name.span());
        let word = word.unwrap_or(Autonomy::WORDS[0]);
        if word == "supervised" {
            return self.supervised(name, approval.map(|(_, v)| v), within.map(|(_, v)| v));
        }
        for (key, _) in [approval, within].into_iter().flatten() {
            let (text, place) = (key.get_ref(), self.place(key.span()));
            self.findings.push(
                Diagnostic::error(codes::P2020, place, format!("`{text}` belongs to `supervised`"))
                    .here("nobody is asked here")
                    .help(format!("Leave it out, or write `autonomy = \"supervised\"`; this is {word}.")),
            );
        }
        let autonomy = if word == "shadow" { Autonomy::Shadow } else { Autonomy::Automatic };
        Some(Driven { name: name.get_ref().to_string(), at, autonomy, role_at: None })
    }

    /// One of the words; `None` where it is none.
    fn autonomy(&mut self, value: &Found<'_>) -> Option<&'static str> {
        let text = self.text(value, "an autonomy")?;
        let known = Autonomy::WORDS.into_iter().find(|word| *word == text);
        if known.is_none() {
            let at = self.place(value.span());
            let finding = Diagnostic::error(codes::P2020, at, format!("autonomy `{text}` is not known"))
                .here("not known");
            self.findings.push(match suggest::closest(&text, Autonomy::WORDS) {
                Some(near) => finding.help(format!("Did you mean `{near}`?")).fix(
                    format!("Write `{near}`"),
                    false,
                    vec![Edit { place: at, text: format!("\"{near}\"") }],
                ),
                None => finding.help(
                    "There are `automatic` (guards decide), `supervised` (every write asks) and `shadow` (nothing is done).",
                ),
            });
        }
        known
    }

    /// Who is asked for every write, and how long they have.
    fn supervised(
        &mut self,
        name: &Key<'_>,
        approval: Option<&Found<'_>>,
        within: Option<&Found<'_>>,
    ) -> Option<Driven> {
        let at = self.place(name.span());
        for (there, key, example) in [
            (approval.is_some(), "approval", "approval = \"role.soc_lead\""),
            (within.is_some(), "within", "within = \"4h\""),
        ] {
            if !there {
                let text = format!("playbook `{}` is supervised and says no `{key}`", name.get_ref());
                let help = format!("Write `{example}`: who is asked for each write, and how long they have.");
                self.findings
                    .push(Diagnostic::error(codes::P2020, at, text).here(format!("no `{key}`")).help(help));
            }
        }
        let from = approval.and_then(|value| self.role_name(value));
        let within = within.and_then(|value| self.length(value));
        let (Some((from, role_at)), Some(within)) = (from, within) else { return None };
        let autonomy = Autonomy::Supervised { from, within };
        Some(Driven { name: name.get_ref().to_string(), at, autonomy, role_at: Some(role_at) })
    }

    fn role_name(&mut self, value: &Found<'_>) -> Option<(String, Place)> {
        let text = self.text(value, "a role")?;
        let is_name = |name: &str| {
            let mut chars = name.chars();
            let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
            first && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let at = self.place(value.span());
        if text.strip_prefix("role.").is_some_and(is_name) {
            return Some((text, at));
        }
        let wanted = if is_name(&text) { format!("role.{text}") } else { "role.soc_lead".into() };
        self.findings.push(
            Diagnostic::error(codes::P2020, at, "a role is wanted here")
                .here("this is none")
                .help(format!("Write `\"{wanted}\"`.")),
        );
        None
    }

    fn length(&mut self, value: &Found<'_>) -> Option<SignedDuration> {
        let text = self.text(value, "a duration")?;
        let why = match parse_text(&Type::Duration, &text, &TypeTable::with_builtins()) {
            Ok(Value::Duration(time)) if time > SignedDuration::ZERO => return Some(time),
            Ok(_) => "nobody can answer in no time".to_string(),
            Err(why) => why,
        };
        self.findings.push(
            Diagnostic::error(codes::P2020, self.place(value.span()), "a duration is wanted here")
                .here(why)
                .help("Write it like `\"4h\"` or `\"1h30m\"`."),
        );
        None
    }
}
