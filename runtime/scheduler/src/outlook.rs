//! What a run that nobody drives has before it, as its lines alone say: for whoever takes up many, most of which only wait.
//!
//! To decide a run again costs far more than to read its lines. An outlook is made of the lines, and errs on one side only: a time
//! may be too early, and a run may seem to have more to do than it has; then it is decided again, and rests again. It is never too
//! late, and never says of a run that it rests when it does not.

use jiff::Timestamp;
use play_evidence::{J, ParsedLine};
use smallvec::SmallVec;

use crate::event::APPROVE;

/// What one run has before it.
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// By the line that says so. A run that rests has one or two of them.
    open: SmallVec<[(u64, Before); 2]>,
}

/// Something that is to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// An answer, a count, or what a person says of a write.
    Call,
    /// The end of a time. Where somebody is asked for as long, how many persons have to say something still (otherwise none), and
    /// the line of the question that the guards were asked, if they want to know.
    Time { at: Timestamp, missing: u8, guard: Option<u64> },
    /// An event, or the end of the time for it.
    Event,
}

impl Outlook {
    /// Takes note of a line. Lines come in the order in which they were written.
    pub fn take(&mut self, line: &ParsedLine) {
        let of = line.number("of");
        let time = |name: &str| line.field(name).and_then(J::as_str).and_then(|t| t.parse().ok());
        match line.k.as_str() {
            "read.asked" | "act.intended" | "guard.asked" => self.add(line.seq, Before::Call),
            // It goes on with the guards once all who are asked have approved.
            "person.answered" => {
                let approves = line.field("choice").and_then(J::as_str) == Some(APPROVE);
                if let (Some(Before::Time { missing: missing @ 2.., .. }), true) = (self.get(of), approves) {
                    *missing = missing.saturating_sub(1);
                } else if let Some(of) = of {
                    let was = self.end(of);
                    if let Some(Before::Time { guard: Some(guard), .. }) = was
                        && !(approves && self.waits_for_others(guard))
                    {
                        self.add(guard, Before::Call);
                    }
                }
            }
            "person.asked" => match time("until") {
                Some(at) => {
                    let missing = line.number("persons").unwrap_or(1);
                    let missing = u8::try_from(missing).unwrap_or(u8::MAX).max(1);
                    self.add(line.seq, Before::Time { at, missing, guard: of });
                }
                None => self.add(line.seq, Before::Call),
            },
            // What follows says whether others are asked.
            "timer.fired" if matches!(self.get(of), Some(Before::Time { missing: 1.., .. })) => {}
            "person.escalated" => match (self.get(of), time("until")) {
                (Some(Before::Time { at, .. }), Some(until)) => *at = until,
                _ => self.add(of.unwrap_or(line.seq), Before::Call),
            },
            "wait.started" if line.field("event").is_some() => self.add(line.seq, Before::Event),
            "wait.started" | "hold.started" => self.timer(line.seq, time("until")),
            "retry.scheduled" => {
                self.ends(of);
                self.timer(line.seq, time("due"));
            }
            // The wait itself goes on; this line is the pause before it is asked again.
            "wait.polled" if line.field("is").and_then(J::as_str) == Some("not yet") => {
                if line.field("due").is_some() {
                    self.timer(line.seq, time("due"));
                }
            }
            // A person says what became of it, or what comes next does. One that is held goes out when nobody holds it any more.
            "act.in_doubt" | "act.released" | "act.held" => self.add(of.unwrap_or(line.seq), Before::Call),
            "hold.checked" => {}
            _ => self.ends(of),
        }
    }

    /// Where nothing but time is before it: when it is to be taken up. A run that has more before it, or nothing, has to be looked
    /// at.
    #[must_use]
    pub fn rests(&self) -> Option<Timestamp> {
        let mut first = None;
        for (_, before) in &self.open {
            let Before::Time { at, .. } = before else { return None };
            first = Some(first.map_or(*at, |first: Timestamp| first.min(*at)));
        }
        first
    }

    /// Whether there is nothing that it knows of.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    fn get(&mut self, of: Option<u64>) -> Option<&mut Before> {
        self.open.iter_mut().find(|(seq, _)| Some(*seq) == of).map(|(_, before)| before)
    }

    /// Whether further persons are asked for what the guards were asked about in this line.
    fn waits_for_others(&self, of: u64) -> bool {
        let asks =
            |before: &Before| matches!(before, Before::Time { guard: Some(guard), .. } if *guard == of);
        self.open.iter().any(|(_, before)| asks(before))
    }

    fn add(&mut self, seq: u64, before: Before) {
        self.end(seq);
        self.open.push((seq, before));
    }

    /// One without a time that can be read has to be looked at.
    fn timer(&mut self, seq: u64, at: Option<Timestamp>) {
        self.add(seq, at.map_or(Before::Call, |at| Before::Time { at, missing: 0, guard: None }));
    }

    fn ends(&mut self, of: Option<u64>) {
        if let Some(of) = of {
            self.end(of);
        }
    }

    fn end(&mut self, of: u64) -> Option<Before> {
        let at = self.open.iter().position(|(seq, _)| *seq == of)?;
        Some(self.open.swap_remove(at).1)
    }
}
