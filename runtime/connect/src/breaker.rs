//! Circuit breaking: a target that fails again and again is left alone for a while.
//!
//! Whoever asks a target that is down waits for its time-outs, and is one more that it has to bear when it comes back. So after a
//! number of failures in a row nothing is sent to it for a time; then one request finds out how it is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use play_program::value::FailureKind;
use toml::{Table, Value as Toml};

/// The setting of a connector.
pub(crate) const SETTING: &str = "breaker";

/// How it is written.
const USAGE: &str =
    "write { after = 5, for = \"30s\" }: after so many failures in a row it is left alone for that time";

/// The longest time for which a target is left alone.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// When a target is left alone, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row.
    pub after: u32,
    /// For so long nothing is sent.
    pub rest: SignedDuration,
}

impl Breaker {
    /// Reads `{ after = 5, for = "30s" }`.
    pub(crate) fn read(value: &Toml) -> Result<Self, String> {
        let table = value.as_table().ok_or(USAGE)?;
        if let Some(key) = table.keys().find(|key| !matches!(key.as_str(), "after" | "for")) {
            return Err(format!("there is no `{key}`; {USAGE}"));
        }
        Ok(Self { after: after(table)?, rest: rest(table)? })
    }
}

fn after(table: &Table) -> Result<u32, String> {
    let number = table.get("after").and_then(Toml::as_integer).ok_or(USAGE)?;
    let fits = u32::try_from(number).ok().filter(|n| (1..=1_000).contains(n));
    fits.ok_or_else(|| "`after` is a number from 1 to 1000".to_string())
}

fn rest(table: &Table) -> Result<SignedDuration, String> {
    let text = table.get("for").and_then(Toml::as_str).ok_or(USAGE)?;
    let rest = text.parse::<SignedDuration>().ok();
    let fits = rest.filter(|rest| rest.is_positive() && *rest <= LONGEST);
    fits.ok_or_else(|| "`for` is a time of one hour at the most: \"30s\", \"2m\"".to_string())
}

/// How the targets of connectors were lately, as far as those go that may be left alone.
#[derive(Debug, Default)]
pub struct Circuits(Mutex<BTreeMap<String, Circuit>>);

/// One that has failed, and not answered since.
#[derive(Debug)]
struct Circuit {
    /// How often, in a row.
    failures: u32,
    last: FailureKind,
    /// Nothing is sent before this.
    until: Option<Timestamp>,
}

impl Circuits {
    /// Whether a request may leave; the words say why not. One that may find out how the target is keeps the others away for `within`.
    ///
    /// # Errors
    /// The target is left alone.
    pub fn may(
        &self,
        connector: &str,
        rule: Breaker,
        within: SignedDuration,
        now: Timestamp,
    ) -> Result<(), String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(circuit) = all.get_mut(connector) else { return Ok(()) };
        match circuit.until {
            Some(until) if now < until => Err(format!(
                "{connector} is left alone until {until:.0}: {} calls in a row have failed, the last with {}",
                circuit.failures,
                circuit.last.name()
            )),
            Some(_) => {
                // Should nobody ever hear of it again, the next one finds out.
                let wait = within.max(rule.rest);
                circuit.until = Some(now.checked_add(wait).unwrap_or(Timestamp::MAX));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// What came of a request: an answer, or a failure of this kind.
    pub fn came(&self, connector: &str, rule: Breaker, failed: Option<FailureKind>, now: Timestamp) {
        use FailureKind::{RateLimited, Timeout, Unavailable};
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever refuses a request is there.
        let Some(last) = failed.filter(|kind| matches!(kind, Timeout | Unavailable | RateLimited)) else {
            all.remove(connector);
            return;
        };
        let fresh = Circuit { failures: 0, last, until: None };
        let circuit = all.entry(connector.to_string()).or_insert(fresh);
        circuit.failures = circuit.failures.saturating_add(1);
        circuit.last = last;
        if circuit.failures >= rule.after {
            circuit.until = Some(now.checked_add(rule.rest).unwrap_or(Timestamp::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Breaker = Breaker { after: 3, rest: SignedDuration::from_secs(30) };
    const WITHIN: SignedDuration = SignedDuration::from_secs(5);

    fn at(second: i64) -> Timestamp {
        Timestamp::new(second, 0).unwrap()
    }

    fn fails(circuits: &Circuits, second: i64) {
        circuits.came("edr", RULE, Some(FailureKind::Timeout), at(second));
    }

    #[test]
    fn after_failures_in_a_row_nothing_is_sent_until_one_finds_out() {
        let circuits = Circuits::default();
        let may = |second| circuits.may("edr", RULE, WITHIN, at(second));
        fails(&circuits, 0);
        fails(&circuits, 1);
        assert!(may(1).is_ok());
        fails(&circuits, 2);
        let why = may(31).unwrap_err();
        assert_eq!(
            why,
            "edr is left alone until 1970-01-01T00:00:32Z: 3 calls in a row have failed, the last with Timeout"
        );
        assert!(circuits.may("okta", RULE, WITHIN, at(31)).is_ok(), "another is asked");
        assert!(may(32).is_ok(), "one finds out");
        assert!(may(33).is_err(), "the others do not");
        fails(&circuits, 37);
        assert!(may(66).is_err() && may(67).is_ok());
        circuits.came("edr", RULE, None, at(68));
        assert!(may(68).is_ok() && may(68).is_ok(), "it is there again");
    }

    #[test]
    fn a_target_that_refuses_is_there() {
        let circuits = Circuits::default();
        for second in 0..9 {
            let kind = if second % 3 == 2 { FailureKind::Denied } else { FailureKind::Unavailable };
            circuits.came("edr", RULE, Some(kind), at(second));
        }
        assert!(circuits.may("edr", RULE, WITHIN, at(9)).is_ok());
    }

    #[test]
    fn one_of_whom_nobody_hears_keeps_the_others_away_for_a_time() {
        let circuits = Circuits::default();
        (0..3).for_each(|second| fails(&circuits, second));
        assert!(circuits.may("edr", RULE, WITHIN, at(40)).is_ok());
        assert!(circuits.may("edr", RULE, WITHIN, at(69)).is_err());
        assert!(circuits.may("edr", RULE, WITHIN, at(70)).is_ok());
    }

    #[test]
    fn a_setting_says_what_is_wrong_with_it() {
        let read = |text: &str| Breaker::read(&text.parse::<Table>().unwrap()["breaker"]);
        assert_eq!(read("breaker = { after = 3, for = \"30s\" }"), Ok(RULE));
        for (text, what) in [
            ("breaker = 3", "write { after"),
            ("breaker = { after = 3 }", "write { after"),
            ("breaker = { after = 0, for = \"30s\" }", "from 1 to 1000"),
            ("breaker = { after = 3, for = \"2h\" }", "one hour at the most"),
            ("breaker = { after = 3, for = \"soon\" }", "one hour at the most"),
            ("breaker = { after = 3, for = \"30s\", what = 1 }", "there is no `what`"),
        ] {
            let why = read(text).unwrap_err();
            assert!(why.contains(what), "{text}: {why}");
        }
    }
}
