//! Failures on order.

use serde::{Deserialize, Serialize};

/// A failure that the next requests below a path meet with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Beginning of the path: `/okta/api/v1/users`.
    pub path: String,
    /// What happens.
    #[serde(flatten)]
    pub kind: Kind,
    /// To how many requests.
    #[serde(default = "once")]
    pub times: u32,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// It is answered as ever, so much later.
    DelayMs {
        /// Milliseconds.
        value: u64,
    },
    /// It is answered with a status; nothing is done.
    Status {
        /// From 200 to 599.
        value: u16,
    },
    /// It is carried out, and the connection is reset instead of an answer.
    ResetAfterRequest,
    /// It is carried out, and no answer ever comes.
    Hang,
}

fn once() -> u32 {
    1
}

/// The failures that are still to come, in the order in which they were told.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.0.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first that fits, used up by one.
    pub(crate) fn take(&mut self, path: &str) -> Option<Kind> {
        let at = self.0.iter().position(|f| path.starts_with(&f.path))?;
        let fault = self.0.get_mut(at)?;
        fault.times = fault.times.saturating_sub(1);
        let (kind, used_up) = (fault.kind, fault.times == 0);
        if used_up {
            self.0.remove(at);
        }
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fault_is_told_as_json_and_used_up() {
        let mut faults = Faults::default();
        for json in [
            json!({"path": "/a", "kind": "status", "value": 503, "times": 2}),
            json!({"path": "/", "kind": "hang"}),
        ] {
            faults.add(serde_json::from_value(json).unwrap());
        }
        let status = Some(Kind::Status { value: 503 });
        assert_eq!(faults.take("/a/x"), status);
        assert_eq!(faults.take("/b"), Some(Kind::Hang));
        assert_eq!(faults.take("/a"), status);
        assert_eq!(faults.take("/a"), None);
    }
}
