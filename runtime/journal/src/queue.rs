//! What waits for the one who writes.
//!
//! To put something there and to wake the thread that writes are two steps. Whoever appends may hold a lock for the first, so that all
//! is written in one order; were the thread woken under it, it would often take the processor of the one who woke it, and all who want
//! the lock would wait for both.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::commit::Message;

/// Where those who append put it.
pub(crate) struct Entry(Arc<Queue>);

/// Where it is taken from, by one.
pub(crate) struct Exit(Arc<Queue>);

struct Queue {
    waiting: Mutex<Waiting>,
    /// Whether the one who takes waits for something, and nobody has woken it yet.
    asleep: AtomicBool,
    woken: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// Each with its size in bytes.
    messages: VecDeque<(usize, Message)>,
    /// Nobody takes anything any more.
    gone: bool,
}

/// Whoever writes is woken when this is dropped, if it has nothing to do.
#[must_use = "nothing is written before it is dropped"]
pub struct Wake(Arc<Queue>);

/// Both ends.
pub(crate) fn queue() -> (Entry, Exit) {
    let queue = Queue { waiting: Mutex::default(), asleep: AtomicBool::new(false), woken: Condvar::new() };
    let queue = Arc::new(queue);
    (Entry(Arc::clone(&queue)), Exit(queue))
}

impl Queue {
    /// Nothing that holds it can panic half-way.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        // One of those who have put something is enough, and the first that comes here does it.
        if self.0.asleep.swap(false, Ordering::SeqCst) {
            // It says so under the lock, and may not sleep yet: woken before that, it would sleep through all who come after.
            drop(self.0.waiting());
            self.0.woken.notify_one();
        }
    }
}

impl std::fmt::Debug for Wake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wake")
    }
}

impl Entry {
    /// Puts something behind all that waits. Where nobody takes anything any more it is dropped, and so its caller is told.
    pub(crate) fn put(&self, message: Message) -> Wake {
        let size = message.size();
        let mut waiting = self.0.waiting();
        let mut refused = None;
        if waiting.gone {
            refused = Some(message);
        } else {
            waiting.messages.push_back((size, message));
        }
        drop(waiting);
        drop(refused);
        Wake(Arc::clone(&self.0))
    }
}

impl Exit {
    /// Waits until there is something, and takes it: no more once it has so many bytes, and nothing behind a [`Message::Close`].
    pub(crate) fn take(&self, limit: usize) -> Vec<Message> {
        let mut waiting = self.0.waiting();
        while waiting.messages.is_empty() {
            self.0.asleep.store(true, Ordering::SeqCst);
            waiting = self.0.woken.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        self.0.asleep.store(false, Ordering::SeqCst);
        some(&mut waiting, limit)
    }

    /// The same without waiting: it may be nothing.
    pub(crate) fn take_now(&self, limit: usize) -> Vec<Message> {
        some(&mut self.0.waiting(), limit)
    }
}

fn some(waiting: &mut Waiting, limit: usize) -> Vec<Message> {
    let (mut taken, mut bytes) = (Vec::with_capacity(waiting.messages.len()), 0_usize);
    // The first in any case: it may be larger than that by itself.
    while (taken.is_empty() || bytes < limit)
        && let Some((size, message)) = waiting.messages.pop_front()
    {
        bytes = bytes.saturating_add(size);
        let is_last = matches!(message, Message::Close);
        taken.push(message);
        if is_last {
            break;
        }
    }
    taken
}

impl Drop for Exit {
    fn drop(&mut self) {
        let mut waiting = self.0.waiting();
        waiting.gone = true;
        let left = std::mem::take(&mut waiting.messages);
        // Their callers are told by that: not under the lock.
        drop(waiting);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::caller::Caller;
    use crate::journal::{Batch, Ticket};

    fn batch() -> (Ticket, Message) {
        let (ticket, done) = Ticket::pair();
        (ticket, Message::Append(Batch::default(), Caller::new(done)))
    }

    #[test]
    fn nothing_is_taken_behind_the_end_and_who_waits_there_is_told() {
        let (entry, exit) = queue();
        let (first, message) = batch();
        drop(entry.put(message));
        drop(entry.put(Message::Close));
        let (late, message) = batch();
        drop(entry.put(message));
        let taken = exit.take(usize::MAX);
        assert!(matches!(taken.as_slice(), [Message::Append(..), Message::Close]));
        drop((taken, exit));
        let (later, message) = batch();
        drop(entry.put(message));
        for ticket in [first, late, later] {
            assert!(ticket.wait().is_err());
        }
    }

    #[test]
    fn one_is_taken_whatever_the_limit() {
        let (entry, exit) = queue();
        drop((entry.put(batch().1), entry.put(batch().1)));
        assert_eq!((exit.take(0).len(), exit.take_now(0).len(), exit.take_now(0).len()), (1, 1, 0));
    }

    #[test]
    fn who_takes_is_woken_by_whoever_comes_first() {
        let (entry, exit) = queue();
        let (to, from) = mpsc::channel();
        let taking = std::thread::spawn(move || {
            loop {
                let taken = exit.take(usize::MAX);
                let is_last = matches!(taken.last(), Some(Message::Close));
                to.send(taken.len()).unwrap();
                if is_last {
                    return;
                }
            }
        });
        for _ in 0..2_000 {
            let (held, woken) = (entry.put(batch().1), entry.put(batch().1));
            drop(woken);
            let mut taken = 0;
            while taken < 2 {
                taken += from.recv().unwrap();
            }
            drop(held);
        }
        drop(entry.put(Message::Close));
        taking.join().unwrap();
    }

    /// Whose message was taken before they came to wake anybody.
    #[test]
    fn who_comes_late_wakes_nobody_too_early() {
        let (entry, exit) = queue();
        let (to, from) = mpsc::channel();
        let taking = std::thread::spawn(move || {
            while !matches!(exit.take(usize::MAX).last(), Some(Message::Close)) {
                to.send(()).unwrap();
            }
        });
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    drop(Wake(Arc::clone(&entry.0)));
                }
            });
            let all = (0..20_000).all(|_| {
                drop(entry.put(batch().1));
                from.recv_timeout(std::time::Duration::from_secs(20)).is_ok()
            });
            over.store(true, Ordering::SeqCst);
            assert!(all, "what was put there was not taken");
        });
        drop(entry.put(Message::Close));
        taking.join().unwrap();
    }
}
