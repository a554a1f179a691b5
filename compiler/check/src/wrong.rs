//! Where errors were found: what is wrong already makes no sense to reason about.

use play_diagnostics::{Diagnostic, Place};

/// The places of errors, in the order of the text.
pub(crate) struct Wrong(Vec<Place>);

impl Wrong {
    /// Of these findings.
    pub(crate) fn of(findings: &[Diagnostic]) -> Self {
        let errors = findings.iter().filter(|f| f.is_error());
        let mut places: Vec<Place> = errors.filter_map(|f| f.labels.first()).map(|l| l.place).collect();
        places.sort_by_key(|p| (p.file, p.start));
        Self(places)
    }

    /// Whether one of them stands within a place.
    pub(crate) fn is_in(&self, place: Place) -> bool {
        let first = self.0.partition_point(|p| (p.file, p.start) < (place.file, place.start));
        let from_there = self.0.iter().skip(first);
        from_there.take_while(|p| p.file == place.file && p.start <= place.end).any(|p| place.holds(*p))
    }
}

#[cfg(test)]
mod tests {
    use play_diagnostics::registry::codes;

    use super::{Diagnostic, Place, Wrong};

    #[test]
    fn an_error_is_within_what_is_round_it() {
        let at = |file, start, end| Place { file, start, end };
        let error = |place| Diagnostic::error(codes::P3001, place, "no").here("here");
        let warning = Diagnostic::warning(codes::P9007, at(0, 50, 60), "hm").here("here");
        let wrong = Wrong::of(&[error(at(1, 8, 9)), error(at(0, 10, 20)), warning]);
        assert!(wrong.is_in(at(0, 10, 20)) && wrong.is_in(at(0, 0, 20)) && wrong.is_in(at(1, 0, 100)));
        assert!(!wrong.is_in(at(0, 11, 30)) && !wrong.is_in(at(0, 0, 19)) && !wrong.is_in(at(0, 40, 70)));
        assert!(!wrong.is_in(at(2, 0, 100)));
    }
}
