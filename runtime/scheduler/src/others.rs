//! Other runs in a test: what they hold, and what that means for the one that is tested.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use play_evidence::{Line, ParsedLine};
use play_program::action::ActionId;
use play_program::artifact::{Manifest, OtherHold};
use play_program::value::Value;

use crate::event::Event;
use crate::register::{Register, Release};
use crate::run::target;
use crate::testing::{Due, World};

/// What the run of a test and the others of its store have in force.
#[derive(Default)]
pub(crate) struct Others {
    register: Register,
    /// What the run wants to take back: the call, and the last answer.
    asked: BTreeMap<u64, (String, Option<Release>)>,
    /// The holds that the test gives and that have begun.
    begun: BTreeSet<usize>,
}

impl Others {
    /// Takes note of what the run has written.
    pub(crate) fn take(&mut self, lines: &[Line]) {
        for line in lines.iter().filter(|line| Register::concerns(&line.bytes)) {
            if let Ok(line) = ParsedLine::parse(&line.bytes) {
                self.register.take(&line);
            }
        }
    }

    pub(crate) fn forget(&mut self, of: u64) {
        self.asked.remove(&of);
    }
}

impl World<'_> {
    /// The run wants to take an act back.
    pub(crate) fn release(
        &mut self,
        of: u64,
        (action, args): &(ActionId, Vec<Value>),
        call: String,
        known: Option<Release>,
    ) {
        for (n, other) in self.spec.others.iter().enumerate() {
            let until = other.until.map(|until| self.start.checked_add(until).unwrap_or(Timestamp::MAX));
            let is_over = until.is_some_and(|until| until <= self.now);
            if is_over || !is_same(self.manifest, other, *action, args) {
                continue;
            }
            let Some(target) = target(self.manifest, *action, args) else { continue };
            // It was there before the run.
            let since = self.start.checked_sub(SignedDuration::from_secs(1)).unwrap_or_default();
            self.others.register.hold_by(&name(n), &target, since, until);
            if let (Some(until), true) = (until, self.others.begun.insert(n)) {
                self.queue_at(until, Due::LetGo(n));
            }
        }
        self.others.asked.insert(of, (call, known));
    }

    /// Asks for all that the run wants to take back, and brings what is new.
    pub(crate) fn ask_again(&mut self, run: &str) {
        let mut news = Vec::new();
        let Others { register, asked, .. } = &mut self.others;
        for (of, (call, known)) in asked.iter_mut() {
            let answer = register.ask(run, *of, call);
            if answer.is_some() && answer != *known {
                news.extend(answer.clone().map(|answer| (*of, answer)));
                *known = answer;
            }
        }
        for (of, answer) in news {
            if !matches!(answer, Release::Held { .. }) {
                self.others.asked.remove(&of);
            }
            self.bring((SignedDuration::ZERO, Event::Released { of, answer }));
        }
    }

    /// Another run has let go of what it held.
    pub(crate) fn let_go(&mut self, run: &str, other: usize) {
        self.others.register.let_go(&name(other));
        self.ask_again(run);
    }
}

fn name(n: usize) -> String {
    if n == 0 { "another run".into() } else { format!("another run ({})", n.saturating_add(1)) }
}

/// Whether what another run did was done to the same as this act.
fn is_same(manifest: &Manifest, other: &OtherHold, action: ActionId, args: &[Value]) -> bool {
    let (Some(theirs), Some(ours)) = (manifest.action(other.action), manifest.action(action)) else {
        return false;
    };
    let undo = theirs.connector == ours.connector && theirs.undo.is_some() && theirs.undo == ours.undo;
    let Some(wanted) = &other.args else { return undo };
    let fits = |(a, b): (&u16, &u16)| {
        let (wanted, arg) = (wanted.get(usize::from(*a)), args.get(usize::from(*b)));
        match (wanted, arg) {
            (Some(Some(wanted)), Some(arg)) => wanted.same(arg),
            (Some(None), Some(_)) => true,
            _ => false,
        }
    };
    undo && theirs.target.len() == ours.target.len() && theirs.target.iter().zip(&ours.target).all(fits)
}
