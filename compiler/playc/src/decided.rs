//! What a run decided, out of its lines: what it did and for how long, whom it asked, what it wrote into the case, how it ended. Not what
//! came from outside, nor when.

use std::collections::BTreeMap;

use play_evidence::{J, ParsedLine};

use crate::commands::sentence::shown;

/// Something that was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// For who reads it: what comes from outside is escaped, and cut where it is long.
    pub text: String,
    /// All of it.
    exact: String,
}

impl Decided {
    /// One that is no line.
    pub fn said(text: String) -> Self {
        Self { exact: text.clone(), text }
    }

    /// Whether it is the same, however long it is.
    pub fn is(&self, other: &Self) -> bool {
        self.exact == other.exact
    }
}

/// The decisions of a run, in order.
pub fn decided<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Vec<Decided> {
    let all: Vec<ParsedLine> = lines.filter_map(|line| ParsedLine::parse(line).ok()).collect();
    // For how long an act is done stands in the line that begins its hold, whichever attempt succeeded.
    let mut key_of: BTreeMap<u64, &str> = BTreeMap::new();
    let mut holds: BTreeMap<&str, String> = BTreeMap::new();
    for line in &all {
        let text = |name: &str| line.field(name).and_then(J::as_str);
        match (line.k.as_str(), line.number("of")) {
            ("act.intended", _) => drop(key_of.insert(line.seq, text("key").unwrap_or_default())),
            ("hold.started", Some(of)) => {
                if let (Some(key), Some(length)) = (key_of.get(&of), length(line)) {
                    holds.insert(key, length);
                }
            }
            _ => {}
        }
    }
    all.iter().filter_map(|line| one(line, &all, &holds)).collect()
}

/// How long a hold lasts: `4h`.
fn length(started: &ParsedLine) -> Option<String> {
    let until: jiff::Timestamp = started.field("until")?.as_str()?.parse().ok()?;
    let since: jiff::Timestamp = started.t.parse().ok()?;
    Some(format!("{:#}", until.duration_since(since)))
}

/// The two texts of a decision, made side by side.
#[derive(Default)]
struct Both(String, String);

impl Both {
    fn word(mut self, word: &str) -> Self {
        self.0.push_str(word);
        self.1.push_str(word);
        self
    }

    fn field(mut self, line: &ParsedLine, name: &str) -> Self {
        if let Some(j) = line.field(name) {
            self.0.push_str(&shown(j));
            self.1.push_str(&String::from_utf8_lossy(&j.to_bytes()));
        }
        self
    }

    /// A text in quotes, where there is one.
    fn quoted(self, before: &str, line: &ParsedLine, name: &str) -> Self {
        if line.field(name).is_none() {
            return self;
        }
        self.word(before).word("\"").field(line, name).word("\"")
    }

    /// `okta.suspend(user: 00u1)`
    fn call(mut self, line: &ParsedLine) -> Self {
        self = self.field(line, "action").word("(");
        if let Some(J::Obj(args)) = line.field("args") {
            for (n, (name, value)) in args.iter().enumerate() {
                let comma = if n > 0 { ", " } else { "" };
                self = self.word(comma).word(name).word(": ");
                self.0.push_str(&shown(value));
                self.1.push_str(&String::from_utf8_lossy(&value.to_bytes()));
            }
        }
        self.word(")")
    }
}

fn one(line: &ParsedLine, all: &[ParsedLine], holds: &BTreeMap<&str, String>) -> Option<Decided> {
    let text = |name: &str| line.field(name).and_then(J::as_str).unwrap_or_default();
    let begin = |word: &str| Both::default().word(word);
    let line_of = |name: &str| line.number(name).and_then(|of| all.iter().find(|l| l.seq == of));
    let Both(text, exact) = match line.k.as_str() {
        // A later attempt is the same act; what takes one back is told where that is decided.
        "act.intended" if line.field("n").is_some() || line.field("undoes").is_some() => return None,
        "act.intended" => {
            let length = holds.get(text("key")).map(|length| format!(" for {length}"));
            begin("does ").call(line).word(length.as_deref().unwrap_or_default())
        }
        "act.would" => {
            let hold = line.field("hold").and_then(J::as_int).map(jiff::SignedDuration::from_millis);
            let length = hold.map(|hold| format!(" for {hold:#}")).unwrap_or_default();
            begin("would do ").call(line).word(&length)
        }
        "guard.refused" => begin("is refused ").call(line_of("of")?).word(" by ").field(line, "guard"),
        "person.asked" => {
            let both = begin("asks ").field(line, "to");
            match line_of("of").filter(|of| of.field("action").is_some()) {
                Some(of) => both.word(" to approve ").call(of),
                None => both.quoted(": ", line, "question"),
            }
        }
        // What a person wants taken back is no decision of the program.
        "rollback.started" if line.field("asked").is_some() => return None,
        "rollback.started" => {
            let Some(J::Arr(acts)) = line.field("acts") else { return None };
            let seqs = acts.iter().filter_map(|n| u64::try_from(n.as_int()?).ok());
            let mut both = begin("takes back");
            for act in seqs.filter_map(|seq| all.iter().find(|l| l.seq == seq)) {
                both = both.word(" ").call(act);
            }
            both.quoted(" because ", line, "because")
        }
        "case.set" => begin("sets ").field(line, "field").word(" to ").field(line, "to"),
        "case.noted" => begin("notes ").field(line, "text"),
        "case.routed" => begin("routes it to ").field(line, "to").quoted(" because ", line, "because"),
        "privacy.revealed" => begin("reveals what is personal").quoted(" because ", line, "because"),
        "run.closed" => begin("closes it as ").field(line, "class").quoted(" because ", line, "because"),
        "run.handed_over" => begin("hands over to ").field(line, "to").quoted(" because ", line, "because"),
        "run.faulted" => begin("ends with a fault: ").field(line, "what"),
        "run.shadow_ended" => begin("would need ").field(line, "needs"),
        _ => return None,
    };
    Some(Decided { text, exact })
}

/// How one list became another: what both have, what only the first has, and what only the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side<'d> {
    Both(&'d Decided),
    Before(&'d Decided),
    After(&'d Decided),
}

/// Compares by the longest list that both have.
pub fn compare<'d>(before: &'d [Decided], after: &'d [Decided]) -> Vec<Side<'d>> {
    // What is the same at both ends is most of it.
    let same = |(a, b): &(&Decided, &Decided)| a.is(b);
    let head = before.iter().zip(after).take_while(same).count();
    let (b, a) = (before.get(head..).unwrap_or_default(), after.get(head..).unwrap_or_default());
    let tail = b.iter().rev().zip(a.iter().rev()).take_while(same).count();
    let (b, b_tail) = b.split_at(b.len().saturating_sub(tail));
    let (a, _) = a.split_at(a.len().saturating_sub(tail));
    let mut sides: Vec<Side> = before.iter().take(head).map(Side::Both).collect();
    sides.extend(middle(b, a));
    sides.extend(b_tail.iter().map(Side::Both));
    sides
}

/// More pairs than this are told as all of the one and then all of the other.
const MOST: usize = 1_000_000;

fn middle<'d>(before: &'d [Decided], after: &'d [Decided]) -> Vec<Side<'d>> {
    let width = after.len().saturating_add(1);
    let cells = before.len().saturating_add(1).saturating_mul(width);
    if cells > MOST {
        return before.iter().map(Side::Before).chain(after.iter().map(Side::After)).collect();
    }
    // The longest that what is left of both has, from each pair of places on.
    let mut longest = vec![0_u32; cells];
    let place = |i: usize, j: usize| i.saturating_mul(width).saturating_add(j);
    let at = |longest: &[u32], i: usize, j: usize| longest.get(place(i, j)).copied().unwrap_or(0);
    for (i, b) in before.iter().enumerate().rev() {
        for (j, a) in after.iter().enumerate().rev() {
            let (down, right) = (i.saturating_add(1), j.saturating_add(1));
            let best = match b.is(a) {
                true => at(&longest, down, right).saturating_add(1),
                false => at(&longest, down, j).max(at(&longest, i, right)),
            };
            if let Some(cell) = longest.get_mut(place(i, j)) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut sides) = (0_usize, 0_usize, Vec::new());
    loop {
        match (before.get(i), after.get(j)) {
            (Some(b), Some(a)) if b.is(a) => {
                sides.push(Side::Both(b));
                (i, j) = (i.saturating_add(1), j.saturating_add(1));
            }
            (Some(b), a)
                if a.is_none()
                    || at(&longest, i.saturating_add(1), j) >= at(&longest, i, j.saturating_add(1)) =>
            {
                sides.push(Side::Before(b));
                i = i.saturating_add(1);
            }
            (_, Some(a)) => {
                sides.push(Side::After(a));
                j = j.saturating_add(1);
            }
            (_, None) => return sides,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    fn list(of: &str) -> Vec<Decided> {
        of.chars().map(|c| Decided::said(c.to_string())).collect()
    }

    fn told(before: &str, after: &str) -> String {
        let (before, after) = (list(before), list(after));
        let one = |side: &Side| match side {
            Side::Both(d) => format!(" {}", d.text),
            Side::Before(d) => format!("-{}", d.text),
            Side::After(d) => format!("+{}", d.text),
        };
        compare(&before, &after).iter().map(one).collect()
    }

    #[test]
    fn what_is_the_same_stays_in_its_place() {
        assert_eq!(told("abc", "abc"), " a b c");
        assert_eq!(told("abc", "axc"), " a-b+x c");
        assert_eq!(told("abcd", "bd"), "-a b-c d");
        assert_eq!(told("", "ab"), "+a+b");
        assert_eq!(told("xaby", "abz"), "-x a b-y+z");
    }

    #[test]
    fn both_lists_can_be_read_from_it() {
        let mut all = vec![String::new()];
        for from in 0..31 {
            let longer: Vec<String> =
                all[from..].iter().take(1).flat_map(|s| [format!("{s}a"), format!("{s}b")]).collect();
            all.extend(longer);
        }
        for before in &all {
            for after in &all {
                let (b, a) = (list(before), list(after));
                let sides = compare(&b, &a);
                let of = |keep: &dyn Fn(&Side) -> bool| -> String {
                    let text = |s: &Side| match s {
                        Side::Both(d) | Side::Before(d) | Side::After(d) => d.text.clone(),
                    };
                    sides.iter().filter(|s| keep(s)).map(text).collect()
                };
                assert_eq!(of(&|s| !matches!(s, Side::After(_))), *before);
                assert_eq!(of(&|s| !matches!(s, Side::Before(_))), *after);
            }
        }
    }
}
