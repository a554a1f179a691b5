//! What the shared chain is, and what a question is, when one alone uses them.

use crate::checker::Model;

/// The chain that all write to: what was written in this history, in order.
pub struct Log;

#[derive(Debug)]
pub enum LogAsked {
    Append(u32),
    Read,
}

#[derive(Debug)]
pub enum LogAnswer {
    /// It is there, at this place.
    At(usize),
    All(Vec<u32>),
}

impl Model for Log {
    type State = Vec<u32>;
    type Asked = LogAsked;
    type Answer = LogAnswer;

    fn step(state: &Vec<u32>, asked: &LogAsked, answer: Option<&LogAnswer>) -> Option<Vec<u32>> {
        match (asked, answer) {
            (LogAsked::Append(_), Some(LogAnswer::At(at))) if *at != state.len() => None,
            (LogAsked::Append(n), Some(LogAnswer::At(_)) | None) => Some([state.as_slice(), &[*n]].concat()),
            (LogAsked::Read, Some(LogAnswer::All(all))) => (all == state).then(|| state.clone()),
            (LogAsked::Read, None) => Some(state.clone()),
            _ => None,
        }
    }
}

/// Something that persons decide about: the first decision counts.
pub struct Question;

#[derive(Debug)]
pub enum QuestionAsked {
    Decide(u32),
    Read,
}

#[derive(Debug)]
pub enum QuestionAnswer {
    Decided,
    /// It was decided before, so.
    Before(u32),
    Is(Option<u32>),
}

impl Model for Question {
    type State = Option<u32>;
    type Asked = QuestionAsked;
    type Answer = QuestionAnswer;

    fn step(
        state: &Option<u32>,
        asked: &QuestionAsked,
        answer: Option<&QuestionAnswer>,
    ) -> Option<Option<u32>> {
        match (asked, answer) {
            (QuestionAsked::Decide(n), Some(QuestionAnswer::Decided)) => state.is_none().then_some(Some(*n)),
            (QuestionAsked::Decide(_), Some(QuestionAnswer::Before(n))) => {
                (*state == Some(*n)).then_some(*state)
            }
            (QuestionAsked::Decide(n), None) => Some(state.or(Some(*n))),
            (QuestionAsked::Read, Some(QuestionAnswer::Is(is))) => (is == state).then_some(*state),
            (QuestionAsked::Read, None) => Some(*state),
            _ => None,
        }
    }
}
