//! Whether a history could have happened with one operation after the other: each at some moment between when it was asked for and
//! when it was answered. As Wing and Gong search for it, with the places remembered that led nowhere (Lowe; Horn and Kroening).

use std::collections::HashSet;
use std::fmt::Debug;
use std::hash::Hash;

/// What something that is used by many does when it is used by one.
pub trait Model {
    type State: Clone + Eq + Hash;
    type Asked: Debug;
    type Answer: Debug;

    /// What is there once this was done, if it is answered so; `None` for the answer where nobody heard one.
    fn step(state: &Self::State, asked: &Self::Asked, answer: Option<&Self::Answer>) -> Option<Self::State>;
}

/// Something that somebody has asked for. Moments are numbers, each given once.
#[derive(Debug)]
pub struct Op<Q, A> {
    pub asked: Q,
    pub from: u64,
    /// The answer, and when it came. One that never came may have been done, at any time since or not at all.
    pub answered: Option<(A, u64)>,
}

/// Whether all that was answered fits, in some order, what one alone would have seen.
///
/// # Panics
/// With more than 128 operations.
pub fn is_linearizable<M: Model>(start: M::State, ops: &[Op<M::Asked, M::Answer>]) -> bool {
    assert!(ops.len() <= 128, "a history of {} operations is too long", ops.len());
    let bit = |n: usize| 1_u128 << n;
    let answered = (0..ops.len()).filter(|n| ops[*n].answered.is_some()).fold(0, |all, n| all | bit(n));
    let mut seen = HashSet::new();
    let mut open = vec![(0_u128, start)];
    while let Some((done, state)) = open.pop() {
        if done & answered == answered {
            return true;
        }
        // Nothing is done after the answer came to something that is done later still.
        let waits = ops.iter().enumerate().filter(|(n, _)| done & bit(*n) == 0);
        let first = waits.filter_map(|(_, op)| op.answered.as_ref().map(|(_, at)| *at)).min();
        for (n, op) in ops.iter().enumerate().filter(|(n, _)| done & bit(*n) == 0) {
            if first.is_some_and(|first| op.from > first) {
                continue;
            }
            let answer = op.answered.as_ref().map(|(answer, _)| answer);
            if let Some(after) = M::step(&state, &op.asked, answer) {
                let next = (done | bit(n), after);
                if seen.insert(next.clone()) {
                    open.push(next);
                }
            }
        }
    }
    false
}

mod tests {
    use super::*;

    /// A number that is written and read.
    struct Register;

    #[derive(Debug)]
    enum Asked {
        Write(u8),
        Read,
    }
    use Asked::{Read, Write};

    impl Model for Register {
        type State = u8;
        type Asked = Asked;
        type Answer = u8;

        fn step(state: &u8, asked: &Asked, answer: Option<&u8>) -> Option<u8> {
            match asked {
                Write(n) => Some(*n),
                Read => answer.is_none_or(|read| read == state).then_some(*state),
            }
        }
    }

    fn op(asked: Asked, from: u64, answer: u8, to: u64) -> Op<Asked, u8> {
        Op { asked, from, answered: Some((answer, to)) }
    }

    fn unheard(asked: Asked, from: u64) -> Op<Asked, u8> {
        Op { asked, from, answered: None }
    }

    fn holds(ops: &[Op<Asked, u8>]) -> bool {
        is_linearizable::<Register>(0, ops)
    }

    #[test]
    fn what_one_alone_would_have_seen_is_linearizable() {
        assert!(holds(&[]));
        assert!(holds(&[op(Write(1), 0, 0, 1), op(Read, 2, 1, 3)]));
        // While it is written, either may be read; and each by who reads beside the other.
        assert!(holds(&[op(Write(1), 0, 0, 9), op(Read, 1, 0, 2), op(Read, 3, 1, 4)]));
        assert!(holds(&[op(Write(1), 0, 0, 9), op(Write(2), 1, 0, 8), op(Read, 10, 1, 11)]));
        assert!(holds(&[op(Write(1), 0, 0, 9), op(Write(2), 1, 0, 8), op(Read, 10, 2, 11)]));
    }

    #[test]
    fn what_came_too_late_or_went_back_is_not() {
        assert!(!holds(&[op(Write(1), 0, 0, 1), op(Read, 2, 0, 3)]), "an old value");
        assert!(!holds(&[op(Write(1), 0, 0, 9), op(Read, 1, 1, 2), op(Read, 3, 0, 4)]), "there and gone");
        assert!(!holds(&[op(Read, 0, 1, 1), op(Write(1), 2, 0, 3)]), "before it was written");
        let two = [op(Write(1), 0, 0, 1), op(Write(2), 2, 0, 3), op(Read, 4, 1, 5)];
        assert!(!holds(&two), "the first of two");
        let seen_in_two_orders = [
            op(Write(1), 0, 0, 20),
            op(Write(2), 1, 0, 21),
            op(Read, 2, 1, 3),
            op(Read, 4, 2, 5),
            op(Read, 6, 1, 7),
        ];
        assert!(!holds(&seen_in_two_orders));
    }

    #[test]
    fn what_was_not_answered_may_be_done_late_or_never_but_not_twice_or_early() {
        assert!(holds(&[unheard(Write(1), 0), op(Read, 5, 0, 6)]), "never");
        assert!(holds(&[unheard(Write(1), 0), op(Read, 5, 0, 6), op(Read, 7, 1, 8)]), "late");
        assert!(!holds(&[op(Read, 0, 1, 1), unheard(Write(1), 2)]), "early");
        let twice = [unheard(Write(1), 0), op(Read, 1, 1, 2), op(Write(2), 3, 0, 4), op(Read, 5, 1, 6)];
        assert!(!holds(&twice));
    }

    #[test]
    fn long_histories_take_no_long_search() {
        // All at once, and one read that nothing explains: every subset would be tried without remembering.
        let mut ops: Vec<_> = (0..12).map(|n| op(Write(n), 0, 0, 100)).collect();
        ops.push(op(Read, 101, 99, 102));
        assert!(!is_linearizable::<Register>(0, &ops));
    }
}
