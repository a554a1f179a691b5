//! On what somebody has the role in which they decide. Who has which role is not in the program: it is an input of a run, and
//! its evidence says where it was known from.

use play_evidence::J;

/// From where it is known that somebody has a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The settings with this digest list them.
    Listed(String),
    /// The settings with this digest say of nobody that they have it, so it is anybody's.
    Anyone(String),
    /// No settings were at hand.
    Unknown,
    /// A test says so.
    Test,
}

impl Basis {
    /// How a line says it.
    pub(crate) fn fields(&self) -> Vec<(&'static str, J)> {
        let (word, settings) = match self {
            Self::Listed(settings) => ("listed", Some(settings)),
            Self::Anyone(settings) => ("anyone", Some(settings)),
            Self::Unknown => ("unknown", None),
            Self::Test => ("test", None),
        };
        let settings = settings.map(|digest| ("settings", J::Str(digest.clone())));
        std::iter::once(("basis", J::Str(word.into()))).chain(settings).collect()
    }

    /// What a line says.
    pub(crate) fn read<'l>(field: impl Fn(&str) -> Option<&'l J>) -> Option<Self> {
        let text = |name: &str| match field(name) {
            Some(J::Str(text)) => Some(text.as_str()),
            _ => None,
        };
        match (text("basis")?, text("settings")) {
            ("listed", Some(settings)) => Some(Self::Listed(settings.into())),
            ("anyone", Some(settings)) => Some(Self::Anyone(settings.into())),
            ("unknown", None) => Some(Self::Unknown),
            ("test", None) => Some(Self::Test),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let digest = "ab".repeat(32);
        let read = |all: &[(&'static str, J)]| {
            Basis::read(|name| all.iter().find(|(n, _)| *n == name).map(|(_, value)| value))
        };
        for basis in [Basis::Listed(digest.clone()), Basis::Anyone(digest), Basis::Unknown, Basis::Test] {
            assert_eq!(read(&basis.fields()), Some(basis));
        }
        let text = |s: &str| J::Str(s.into());
        for bad in [
            vec![("basis", text("listed"))],
            vec![("basis", text("unknown")), ("settings", text("ab"))],
            vec![("basis", text("sure")), ("settings", text("ab"))],
            vec![("settings", text("ab"))],
        ] {
            assert_eq!(read(&bad), None);
        }
    }
}
