//! The names of locals that can be seen at a place.

use std::collections::HashMap;

use crate::typed::LocalId;

/// So many are looked through one by one: of fewer, that is the quickest.
const FEW: usize = 32;

/// In the order in which they were defined.
#[derive(Default)]
pub(super) struct Visible {
    all: Vec<(String, LocalId)>,
    /// Of those behind the first few: where each name stands.
    more: HashMap<String, Vec<usize>>,
}

impl Visible {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn push(&mut self, name: &str, id: LocalId) {
        if self.all.len() >= FEW {
            self.more.entry(name.to_string()).or_default().push(self.all.len());
        }
        self.all.push((name.to_string(), id));
    }

    /// Forgets what was defined after the first so many.
    pub(super) fn truncate(&mut self, length: usize) {
        for (name, _) in self.all.drain(length.min(self.all.len())..) {
            if let Some(places) = self.more.get_mut(&name) {
                places.retain(|at| *at < length);
                if places.is_empty() {
                    self.more.remove(&name);
                }
            }
        }
    }

    /// What a name means: the last that is called so.
    pub(super) fn last(&self, name: &str) -> Option<LocalId> {
        let at = match self.more.get(name).and_then(|places| places.last()) {
            Some(at) => *at,
            None => self.all.iter().take(FEW).rposition(|(n, _)| n == name)?,
        };
        self.all.get(at).map(|(_, id)| *id)
    }

    /// The first that is called so, of those behind the first so many.
    pub(super) fn first_since(&self, start: usize, name: &str) -> Option<LocalId> {
        let few = self.all.iter().enumerate().take(FEW).skip(start).find(|(_, (n, _))| n == name);
        let more = || self.more.get(name)?.iter().find(|at| **at >= start).copied();
        self.all.get(few.map(|(at, _)| at).or_else(more)?).map(|(_, id)| *id)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As if all were looked through, whatever comes and goes.
    #[test]
    fn many_are_found_as_few_are() {
        let mut visible = Visible::default();
        let mut plain: Vec<(String, LocalId)> = Vec::new();
        for round in 0..400_u32 {
            let name = format!("n{}", round * 7 % 60);
            visible.push(&name, LocalId(round));
            plain.push((name, LocalId(round)));
            if round % 50 == 49 {
                let length = plain.len() - (round as usize * 3 % 45);
                visible.truncate(length);
                plain.truncate(length);
            }
            for (name, start) in (0..61).map(|n| (format!("n{n}"), n)) {
                let last = plain.iter().rev().find(|(n, _)| *n == name).map(|(_, id)| *id);
                assert_eq!(visible.last(&name), last);
                let first = plain.iter().skip(start).find(|(n, _)| *n == name).map(|(_, id)| *id);
                assert_eq!(visible.first_since(start, &name), first);
            }
        }
        assert_eq!((visible.len(), visible.names().count()), (plain.len(), plain.len()));
    }
}
