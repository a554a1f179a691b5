//! How waits and guards stand in an artifact, where that is not how they are held in memory. What older compilers could write
//! keeps its bytes; what came later has members of its own behind theirs.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::action::ActionId;
use crate::call::{self, Approval, Happening, Poll, Question};
use crate::guard;

/// [`call::Suspend`]
#[derive(Serialize, Deserialize)]
pub(crate) enum Suspend {
    Pause(SignedDuration),
    Ask(Box<Question>),
    /// One person of one role approves.
    Approve(ActionId, String, SignedDuration),
    Poll(Box<Poll>),
    Event(Happening),
    /// Any other approval.
    ApproveBy(Box<Approval>),
}

impl From<call::Suspend> for Suspend {
    fn from(suspend: call::Suspend) -> Self {
        match suspend {
            call::Suspend::Pause(time) => Self::Pause(time),
            call::Suspend::Ask(question) => Self::Ask(question),
            call::Suspend::Approve(wanted) => match *wanted {
                Approval { action, from, needed: 1, within } => Self::Approve(action, from, within),
                other => Self::ApproveBy(Box::new(other)),
            },
            call::Suspend::Poll(poll) => Self::Poll(poll),
            call::Suspend::Event(wanted) => Self::Event(wanted),
        }
    }
}

impl From<Suspend> for call::Suspend {
    fn from(suspend: Suspend) -> Self {
        match suspend {
            Suspend::Pause(time) => Self::Pause(time),
            Suspend::Ask(question) => Self::Ask(question),
            Suspend::Approve(action, from, within) => {
                Self::Approve(Box::new(Approval { action, from, needed: 1, within }))
            }
            Suspend::Poll(poll) => Self::Poll(poll),
            Suspend::Event(wanted) => Self::Event(wanted),
            Suspend::ApproveBy(wanted) => Self::Approve(wanted),
        }
    }
}

/// [`guard::Otherwise`]
#[derive(Serialize, Deserialize)]
pub(crate) enum Otherwise {
    Refuse,
    /// One person of one role approves.
    Approval(u32, String, SignedDuration),
    /// Any other approval.
    ApprovalBy {
        at: u32,
        from: String,
        needed: u32,
        within: SignedDuration,
    },
}

impl From<guard::Otherwise> for Otherwise {
    fn from(otherwise: guard::Otherwise) -> Self {
        match otherwise {
            guard::Otherwise::Refuse => Self::Refuse,
            guard::Otherwise::Approval { at, from, needed: 1, within } => Self::Approval(at, from, within),
            guard::Otherwise::Approval { at, from, needed, within } => {
                Self::ApprovalBy { at, from, needed, within }
            }
        }
    }
}

impl From<Otherwise> for guard::Otherwise {
    fn from(otherwise: Otherwise) -> Self {
        match otherwise {
            Otherwise::Refuse => Self::Refuse,
            Otherwise::Approval(at, from, within) => Self::Approval { at, from, needed: 1, within },
            Otherwise::ApprovalBy { at, from, needed, within } => Self::Approval { at, from, needed, within },
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
    fn an_approval_of_one_person_has_the_bytes_that_it_always_had() {
        #[derive(Serialize)]
        struct Old(u32, &'static str, SignedDuration);

        let within = SignedDuration::from_mins(30);
        let plain = |needed| Approval { action: ActionId(3), from: "role.lead".into(), needed, within };
        let mut old = vec![2];
        old.extend(bytes(&Old(3, "role.lead", within)));
        assert_eq!(bytes(&call::Suspend::Approve(Box::new(plain(1)))), old);

        let guarded = guard::Otherwise::Approval { at: 3, from: "role.lead".into(), needed: 1, within };
        *old.first_mut().unwrap() = 1;
        assert_eq!(bytes(&guarded), old);

        for needed in [1, 2, 100] {
            let suspend = call::Suspend::Approve(Box::new(plain(needed)));
            assert_eq!(postcard::from_bytes::<call::Suspend>(&bytes(&suspend)).unwrap(), suspend);
            let guarded = guard::Otherwise::Approval { at: 3, from: "role.lead".into(), needed, within };
            assert_eq!(postcard::from_bytes::<guard::Otherwise>(&bytes(&guarded)).unwrap(), guarded);
        }
    }
}
