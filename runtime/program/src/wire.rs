//! How waits and guards stand in an artifact, where that is not how they are held in memory. What older compilers could write
//! keeps its bytes; what came later has members of its own behind theirs.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::call::{self, Approval, Happening, Poll, Question, Turn};
use crate::guard;
use crate::types::{EnumId, Type};

/// [`call::Suspend`]
#[derive(Serialize, Deserialize)]
pub(crate) enum Suspend {
    Pause(SignedDuration),
    /// One role is asked.
    Ask(String, EnumId, Vec<(String, Type)>, SignedDuration, Option<u32>),
    /// One person of one role approves.
    Approve(ActionId, String, SignedDuration),
    Poll(Box<Poll>),
    Event(Happening),
    /// An approval that takes several persons, or goes on to others.
    ApproveBy(Box<By>),
    /// Any other question.
    AskThen(Box<Question>),
    /// An approval by others than those who have had a say already.
    ApproveApart(Box<By>),
}

/// [`Approval`], as older compilers know it.
#[derive(Serialize, Deserialize)]
pub(crate) struct By {
    action: ActionId,
    from: String,
    needed: u32,
    within: SignedDuration,
    then: Vec<Turn>,
}

impl From<Approval> for By {
    fn from(wanted: Approval) -> Self {
        let Approval { action, from, needed, within, then, distinct: _ } = wanted;
        Self { action, from, needed, within, then }
    }
}

impl By {
    fn wanted(self, distinct: bool) -> Box<Approval> {
        let Self { action, from, needed, within, then } = self;
        Box::new(Approval { action, from, needed, within, then, distinct })
    }
}

impl From<call::Suspend> for Suspend {
    fn from(suspend: call::Suspend) -> Self {
        match suspend {
            call::Suspend::Pause(time) => Self::Pause(time),
            call::Suspend::Ask(question) if question.then.is_empty() => {
                let Question { to, choices, shown, within, otherwise, .. } = *question;
                Self::Ask(to, choices, shown, within, otherwise)
            }
            call::Suspend::Ask(question) => Self::AskThen(question),
            call::Suspend::Approve(wanted) if wanted.distinct => {
                Self::ApproveApart(Box::new((*wanted).into()))
            }
            call::Suspend::Approve(wanted) if wanted.needed == 1 && wanted.then.is_empty() => {
                Self::Approve(wanted.action, wanted.from, wanted.within)
            }
            call::Suspend::Approve(wanted) => Self::ApproveBy(Box::new((*wanted).into())),
            call::Suspend::Poll(poll) => Self::Poll(poll),
            call::Suspend::Event(wanted) => Self::Event(wanted),
        }
    }
}

impl From<Suspend> for call::Suspend {
    fn from(suspend: Suspend) -> Self {
        match suspend {
            Suspend::Pause(time) => Self::Pause(time),
            Suspend::Ask(to, choices, shown, within, otherwise) => {
                Self::Ask(Box::new(Question { to, choices, shown, within, then: Vec::new(), otherwise }))
            }
            Suspend::AskThen(question) => Self::Ask(question),
            Suspend::Approve(action, from, within) => {
                let one = By { action, from, needed: 1, within, then: Vec::new() };
                Self::Approve(one.wanted(false))
            }
            Suspend::Poll(poll) => Self::Poll(poll),
            Suspend::Event(wanted) => Self::Event(wanted),
            Suspend::ApproveBy(by) => Self::Approve(by.wanted(false)),
            Suspend::ApproveApart(by) => Self::Approve(by.wanted(true)),
        }
    }
}

/// [`guard::Otherwise`]
#[derive(Serialize, Deserialize)]
pub(crate) enum Otherwise {
    Refuse,
    /// One person of one role approves.
    Approval(u32, String, SignedDuration),
    /// An approval that takes several persons, or goes on to others.
    ApprovalBy {
        at: u32,
        from: String,
        needed: u32,
        within: SignedDuration,
        then: Vec<Turn>,
    },
    /// An approval by others than those who have had a say already.
    ApprovalApart {
        at: u32,
        from: String,
        needed: u32,
        within: SignedDuration,
        then: Vec<Turn>,
    },
}

impl From<guard::Otherwise> for Otherwise {
    fn from(otherwise: guard::Otherwise) -> Self {
        match otherwise {
            guard::Otherwise::Refuse => Self::Refuse,
            guard::Otherwise::Approval { at, from, needed, within, then, distinct: true } => {
                Self::ApprovalApart { at, from, needed, within, then }
            }
            guard::Otherwise::Approval { at, from, needed: 1, within, then, .. } if then.is_empty() => {
                Self::Approval(at, from, within)
            }
            guard::Otherwise::Approval { at, from, needed, within, then, .. } => {
                Self::ApprovalBy { at, from, needed, within, then }
            }
        }
    }
}

impl From<Otherwise> for guard::Otherwise {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Refuse => Self::Refuse,
            Otherwise::Approval(at, from, within) => {
                Self::Approval { at, from, needed: 1, within, then: Vec::new(), distinct: false }
            }
            Otherwise::ApprovalBy { at, from, needed, within, then } => {
                Self::Approval { at, from, needed, within, then, distinct: false }
            }
            Otherwise::ApprovalApart { at, from, needed, within, then } => {
                Self::Approval { at, from, needed, within, then, distinct: true }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
        postcard::to_allocvec(value).unwrap()
    }

    #[test]
    fn what_older_compilers_could_write_has_the_bytes_that_it_always_had() {
        #[derive(Serialize)]
        struct Old(u32, &'static str, SignedDuration);
        #[derive(Serialize)]
        struct OldQuestion(&'static str, u32, Vec<(String, Type)>, SignedDuration, Option<u32>);

        let within = SignedDuration::from_mins(30);
        let later = || vec![Turn { to: "role.ciso".into(), within: SignedDuration::from_hours(1) }];
        let plain = |needed, then, distinct| {
            let from = "role.lead".into();
            Approval { action: ActionId(3), from, needed, within, then, distinct }
        };
        let mut old = vec![2];
        old.extend(bytes(&Old(3, "role.lead", within)));
        assert_eq!(bytes(&call::Suspend::Approve(Box::new(plain(1, Vec::new(), false)))), old);

        let guarded = |needed, then, distinct| {
            let from = "role.lead".into();
            guard::Otherwise::Approval { at: 3, from, needed, within, then, distinct }
        };
        *old.first_mut().unwrap() = 1;
        assert_eq!(bytes(&guarded(1, Vec::new(), false)), old);

        let mut old = vec![5];
        old.extend(bytes(&(3_u32, "role.lead", 2_u32, within, later())));
        assert_eq!(bytes(&call::Suspend::Approve(Box::new(plain(2, later(), false)))), old);
        *old.first_mut().unwrap() = 2;
        assert_eq!(bytes(&guarded(2, later(), false)), old);

        let question = |then| {
            let shown = vec![("case.s".to_string(), Type::String)];
            let to = "role.lead".into();
            call::Suspend::Ask(Box::new(Question {
                to,
                choices: EnumId(4),
                shown,
                within,
                then,
                otherwise: Some(1),
            }))
        };
        let mut old = vec![1];
        let shown = vec![("case.s".to_string(), Type::String)];
        old.extend(bytes(&OldQuestion("role.lead", 4, shown, within, Some(1))));
        assert_eq!(bytes(&question(Vec::new())), old);

        for then in [Vec::new(), later()] {
            let asked = question(then.clone());
            assert_eq!(postcard::from_bytes::<call::Suspend>(&bytes(&asked)).unwrap(), asked);
            for (needed, distinct) in [1, 2, 100].into_iter().flat_map(|n| [(n, false), (n, true)]) {
                let suspend = call::Suspend::Approve(Box::new(plain(needed, then.clone(), distinct)));
                assert_eq!(postcard::from_bytes::<call::Suspend>(&bytes(&suspend)).unwrap(), suspend);
                let guarded = guarded(needed, then.clone(), distinct);
                assert_eq!(postcard::from_bytes::<guard::Otherwise>(&bytes(&guarded)).unwrap(), guarded);
            }
        }
    }
}
