//! A client: asks for one thing after the other, of one worker or the other, and writes down what it was told, and when.

use std::time::Duration;

use play_journal::{Journal as _, JournalError, Ticket};

use super::member::Outcome;
use super::models::{LogAnswer, LogAsked, QuestionAnswer, QuestionAsked};
use super::{Defect, Op, QUESTIONS, Rng, Seen, WORKERS, World};
use crate::common::lines;
use crate::worker::noted;

const ASKS: u32 = 6;

pub struct Client<'a> {
    world: &'a World,
    rng: Rng,
    number: u32,
    questions: &'a [String; QUESTIONS],
    /// What the shared chain held before.
    before: usize,
    seen: Seen,
}

impl<'a> Client<'a> {
    pub fn new(
        world: &'a World,
        rng: Rng,
        number: u64,
        questions: &'a [String; QUESTIONS],
        before: usize,
    ) -> Self {
        let number = u32::try_from(number).unwrap();
        Self { world, rng, number, questions, before, seen: Seen::default() }
    }

    pub fn asks(mut self) -> Seen {
        for n in 0..ASKS {
            let (slot, which) = (self.rng.index(WORKERS), self.rng.index(QUESTIONS));
            // Nobody else ever says the same.
            let own = self.number * ASKS + n;
            match self.rng.below(10) {
                0..3 => self.append(slot, own),
                3..5 => self.read_log(slot),
                5..8 => self.decide(slot, which, own),
                _ => self.read_question(slot, which),
            }
        }
        self.seen
    }

    /// Whether what failed may have been done. Who failed is replaced.
    fn failed(&mut self, slot: usize, member: &std::sync::Arc<super::Member>, error: &JournalError) -> bool {
        if let Some(claimed) = self.world.replace(slot, member, 60_000) {
            self.seen.tally.joined += 1;
            self.seen.tally.claimed += claimed;
        }
        // What these say they have not done, they have not done.
        let refused = matches!(error, JournalError::Fenced { .. } | JournalError::Refused { .. });
        if refused {
            self.seen.tally.refused += 1;
        } else {
            self.seen.tally.unheard += 1;
        }
        !refused
    }

    fn append(&mut self, slot: usize, own: u32) {
        let member = self.world.member(slot);
        let from = self.world.now();
        let worker = &member.worker;
        let Ok(turn) = worker.turn() else {
            // Nothing was asked for yet.
            let _ = self.world.replace(slot, &member, 60_000);
            return;
        };
        let (at, ticket) = {
            let mut known = worker.known.lock().unwrap();
            let at = known.shared.next_seq();
            let line = noted(&mut known.shared, &own.to_string());
            known.lines += 1;
            let (ticket, done) = Ticket::pair();
            worker.store.append(lines([line]), done);
            (at, ticket)
        };
        let early = (self.world.defect == Defect::AnswersEarly).then(|| {
            let now = self.world.now();
            std::thread::sleep(Duration::from_millis(2));
            now
        });
        drop(turn);
        let answered = match (ticket.wait(), early) {
            (Ok(()), None) => Some(self.world.now()),
            (_, Some(early)) => Some(early),
            (Err(error), None) => {
                if !self.failed(slot, &member, &error) {
                    return;
                }
                None
            }
        };
        let at = usize::try_from(at).unwrap().wrapping_sub(self.before);
        self.seen.tally.answered += usize::from(answered.is_some());
        let answered = answered.map(|when| (LogAnswer::At(at), when));
        self.seen.log.push(Op { asked: LogAsked::Append(own), from, answered });
    }

    fn read_log(&mut self, slot: usize) {
        let member = self.world.member(slot);
        let from = self.world.now();
        let Ok(mut all) = member.read_log() else { return };
        all.drain(..self.before.min(all.len()));
        if self.world.defect == Defect::ReadsWhatItKnew {
            all.clear();
        }
        self.seen.tally.answered += 1;
        let answered = Some((LogAnswer::All(all), self.world.now()));
        self.seen.log.push(Op { asked: LogAsked::Read, from, answered });
    }

    fn decide(&mut self, slot: usize, which: usize, own: u32) {
        let member = self.world.member(slot);
        let looks = self.world.defect != Defect::DecidesBlindly;
        let pause = Duration::from_micros(if self.rng.below(4) == 0 { self.rng.below(15_000) } else { 0 });
        let from = self.world.now();
        let outcome = member.decides(&self.questions[which], own, looks, || std::thread::sleep(pause));
        let now = self.world.now();
        let answer = match outcome {
            Outcome::NotMine => return,
            Outcome::Decided => Some(QuestionAnswer::Decided),
            Outcome::Before(person) => {
                self.seen.tally.lost += 1;
                Some(QuestionAnswer::Before(person))
            }
            Outcome::Failed(error) => {
                if !self.failed(slot, &member, &error) {
                    return;
                }
                None
            }
        };
        self.seen.tally.answered += usize::from(answer.is_some());
        let answered = answer.map(|answer| (answer, now));
        self.seen.questions[which].push(Op { asked: QuestionAsked::Decide(own), from, answered });
    }

    fn read_question(&mut self, slot: usize, which: usize) {
        let member = self.world.member(slot);
        let from = self.world.now();
        let Ok(is) = member.decision(&self.questions[which]) else { return };
        self.seen.tally.answered += 1;
        let answered = Some((QuestionAnswer::Is(is), self.world.now()));
        self.seen.questions[which].push(Op { asked: QuestionAsked::Read, from, answered });
    }
}
