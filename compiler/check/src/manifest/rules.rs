//! `[rules]`: what a team wants of each of its playbooks.

use super::{Found, Reading};

/// What stands below `[rules]`.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// `lines`: what the documentation of each says in a line of its own, such as `owner`.
    pub lines: Vec<String>,
    /// `controls`: whether each names a control.
    pub controls: bool,
}

const KEYS: &[&str] = &["lines", "controls"];

impl Reading {
    pub(super) fn rules(&mut self, value: &Found<'_>) -> Rules {
        let mut rules = Rules::default();
        for (key, found) in self.table(value, "[rules]").into_iter().flatten() {
            match key.get_ref().as_ref() {
                "controls" => rules.controls = self.yes_or_no(found).unwrap_or_default(),
                "lines" => match found.get_ref().as_array() {
                    Some(all) => rules.lines.extend(all.iter().filter_map(|one| self.text(one, "a word"))),
                    None => self.wrong(
                        found,
                        "a list of words",
                        "Write `lines = [\"owner\", \"runbook\"]`.".into(),
                    ),
                },
                _ => self.unknown(key, "[rules]", KEYS),
            }
        }
        rules
    }
}
