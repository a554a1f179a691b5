//! Work that is done on two threads at once where it is worth it. What comes out is the same either way.

use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

/// Stack of a thread that walks trees: enough for the deepest one that the language allows, in a development build too. Only
/// what is used is taken.
pub const STACK: usize = 256 << 20;

/// As many bytes of text are looked at sooner by one thread than another is started.
const MANY: usize = 16 << 10;

/// Whether so much text is worth a thread.
#[must_use]
pub fn worth(bytes: usize) -> bool {
    bytes >= MANY && threads() > 1
}

/// How many threads can run at once. Asked once: the system reads files to answer, which takes as long as to read a small text.
#[must_use]
pub fn threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Does both, the second on a thread of its own where that is `worth` it and the system gives one.
pub fn both<A, B: Send>(worth: bool, a: impl FnOnce() -> A, b: impl Fn() -> B + Sync) -> (A, B) {
    if !worth {
        return (a(), b());
    }
    thread::scope(|scope| {
        let other = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &b);
        let a = a();
        let b = match other {
            // What goes wrong in there goes wrong here.
            Ok(other) => other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(_) => b(),
        };
        (a, b)
    })
}

/// Does it to each of them; to the second half on a thread of its own where that is `worth` it.
pub fn each<T: Send>(worth: bool, all: &mut [T], each: impl Fn(&mut T) + Sync) {
    let (first, second) = all.split_at_mut(if worth { all.len() / 2 } else { all.len() });
    let second = Mutex::new(second);
    let here = || first.iter_mut().for_each(&each);
    let there = || second.lock().unwrap_or_else(PoisonError::into_inner).iter_mut().for_each(&each);
    both(worth, here, there);
}

/// What comes of each number below `many`, in order; the second half on a thread of its own where that is `worth` it.
pub fn halves<T: Send>(worth: bool, many: usize, each: impl Fn(usize) -> Vec<T> + Sync) -> Vec<T> {
    let middle = if worth && many > 1 { many / 2 } else { many };
    let some = |range: std::ops::Range<usize>| range.flat_map(&each).collect::<Vec<T>>();
    let (mut all, rest) = both(middle < many, || some(0..middle), || some(middle..many));
    all.extend(rest);
    all
}

#[cfg(test)]
mod tests {
    use super::{both, each, halves};

    #[test]
    fn both_are_done_on_one_thread_or_two() {
        for worth in [true, false] {
            assert_eq!(both(worth, || 1, || "two"), (1, "two"));
            let here = std::thread::current().id();
            let (a, b) = both(worth, || std::thread::current().id(), || std::thread::current().id());
            assert_eq!((a, b == here), (here, !worth));
        }
    }

    #[test]
    fn all_are_done_once() {
        for many in [0, 1, 2, 3, 100] {
            for worth in [true, false] {
                let mut all: Vec<usize> = (0..many).collect();
                each(worth, &mut all, |n| *n += 1);
                assert_eq!(all, (1..=many).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn what_comes_of_halves_is_in_order() {
        for many in [0, 1, 2, 3, 100] {
            let want: Vec<usize> = (0..many).flat_map(|n| vec![n; n % 3]).collect();
            for worth in [true, false] {
                assert_eq!(halves(worth, many, |n| vec![n; n % 3]), want);
            }
        }
    }
}
