//! How many requests may be under way at once: each has a file descriptor, and the system says how many of these a process has.

/// What is wanted. Beyond that a target is hardly served any better, and what waits costs less than what is under way.
pub const MOST: usize = 16_384;

/// For everything else: the store, the API and its senders, what a kept connection holds on to.
const ELSE: u64 = 512;

/// Fewer than these are under way only where the system allows nearly nothing.
const LEAST: usize = 64;

/// How many requests may be under way, and why not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requests {
    /// So many at once.
    pub most: usize,
    /// The descriptors that the process may have, where these are what allows no more.
    pub limited_by: Option<u64>,
}

impl Requests {
    fn within(descriptors: Option<u64>) -> Self {
        let Some(descriptors) = descriptors else { return Self { most: MOST, limited_by: None } };
        // Half of a small number is left to all else.
        let room = descriptors.saturating_sub(ELSE.min(descriptors / 2));
        match usize::try_from(room).unwrap_or(MOST) {
            most if most < MOST => Self { most: most.max(LEAST), limited_by: Some(descriptors) },
            _ => Self { most: MOST, limited_by: None },
        }
    }

    /// In one sentence, where there could be more.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let descriptors = self.limited_by?;
        Some(format!(
            "{} requests may be under way at once, and not {MOST}: the system lets this process have {descriptors} open files \
             (`ulimit -Hn`)",
            self.most
        ))
    }
}

/// Asks the system for as many descriptors as it gives to this process, and says how many requests may be under way with these.
#[must_use]
pub fn requests() -> Requests {
    Requests::within(raised())
}

/// How many there are now; none where that has no bound, or nobody can say.
#[cfg(unix)]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // As many as are of use, and no more: what a process may have, some libraries count through.
    let of_use = (MOST as u64).saturating_add(ELSE);
    let wanted = maximum.unwrap_or(of_use).min(of_use);
    if current.is_some_and(|current| current < wanted) {
        // If it says no, there are as many as before.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    }
    getrlimit(Resource::Nofile).current
}

/// Nobody can say.
#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_requests_as_descriptors_leave_room_for() {
        let most = |descriptors| Requests::within(descriptors).most;
        assert_eq!([most(None), most(Some(1 << 20)), most(Some(16_896))], [MOST; 3]);
        assert_eq!(
            [most(Some(10_512)), most(Some(1_024)), most(Some(256)), most(Some(0))],
            [10_000, 512, 128, 64]
        );
        assert_eq!(Requests::within(None).said(), None);
        let said = Requests::within(Some(1_024)).said().unwrap();
        assert!(said.starts_with("512 requests") && said.contains("1024 open files"), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn it_asks_for_what_it_may_have() {
        use rustix::process::{Resource, getrlimit};
        let allowed = requests();
        let limits = getrlimit(Resource::Nofile);
        let enough = limits.current.is_none_or(|n| n >= 16_896) || limits.current == limits.maximum;
        assert!(enough, "{limits:?}");
        assert_eq!(allowed.limited_by.is_some(), allowed.most < MOST);
    }
}
