//! Where the letters of a value come from.

use play_program::types::Type;

/// Everybody whose letters a value may have, as they wrote them. Nobody, where it is written in the program or was brought into one case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Origins(u64);

/// So many parameters are told apart.
const PARAMS: usize = 62;

impl Origins {
    /// Another system: a record, an answer.
    pub(super) const VENDOR: Self = Self(1 << 63);
    /// A person, the configuration; or it is not known.
    pub(super) const OTHERS: Self = Self(1 << 62);

    /// What a function is given.
    pub(super) fn param(at: usize) -> Self {
        if at < PARAMS { Self(1 << at) } else { Self::OTHERS }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn is_nobody(self) -> bool {
        self == Self::default()
    }

    pub(super) fn is_vendors(self) -> bool {
        self.0 & Self::VENDOR.0 != 0
    }

    /// The same of a call, whose arguments these are.
    pub(super) fn given(self, args: &[Self]) -> Self {
        let own = Self(self.0 & (Self::VENDOR.0 | Self::OTHERS.0));
        let of = (0..PARAMS).filter(|at| self.0 & (1 << at) != 0);
        of.fold(own, |all, at| all.and(args.get(at).copied().unwrap_or(Self::OTHERS)))
    }

    /// The same of a value of a type: of many it does not matter who wrote it, since there is one form of it.
    pub(super) fn of_type(self, ty: &Type) -> Self {
        let keeps = match ty {
            Type::Option(of) | Type::List(of) => return self.of_type(of),
            Type::String
            | Type::Url
            | Type::Bytes
            | Type::Json
            | Type::Map(..)
            | Type::Record(_)
            | Type::Union(_)
            | Type::Newtype(_) => true,
            Type::Bool
            | Type::Int
            | Type::Ranged(..)
            | Type::Float
            | Type::Time
            | Type::Duration
            | Type::Size
            | Type::Ip
            | Type::Cidr
            | Type::Domain
            | Type::Email
            | Type::Hash
            | Type::Date
            | Type::Version
            | Type::Regex
            | Type::Unit
            | Type::Enum(_)
            | Type::Never => false,
        };
        if keeps { self } else { Self::default() }
    }
}

/// What several are given, each wherever it is called.
pub(super) struct Given(Vec<Vec<Origins>>);

impl Given {
    /// So many, and nothing is given to any of them yet.
    pub(super) fn to(many: usize) -> Self {
        Self(vec![Vec::new(); many])
    }

    /// One that is none of them (an action that is not known) is given nothing.
    pub(super) fn add(&mut self, to: usize, args: &[Origins]) {
        let Some(known) = self.0.get_mut(to) else { return };
        if known.len() < args.len() {
            known.resize(args.len(), Origins::default());
        }
        known.iter_mut().zip(args).for_each(|(known, new)| *known = known.and(*new));
    }

    /// What one of them is given there; nobody knows where nothing calls it.
    pub(super) fn given(&self, to: usize, param: usize) -> Origins {
        self.0.get(to).and_then(|of| of.get(param)).copied().unwrap_or(Origins::OTHERS)
    }
}

#[cfg(test)]
mod tests {
    use play_program::types::Type;

    use super::{Given, Origins};

    #[test]
    fn a_call_has_the_letters_of_what_it_is_given() {
        let result = Origins::param(1).and(Origins::OTHERS);
        assert_eq!(result.given(&[Origins::VENDOR, Origins::default()]), Origins::OTHERS);
        assert!(result.given(&[Origins::default(), Origins::VENDOR]).is_vendors());
        assert!(Origins::param(0).given(&[Origins::default()]).is_nobody());
        // More than are told apart, or fewer than there should be.
        assert_eq!(Origins::param(62), Origins::OTHERS);
        assert_eq!(Origins::param(0).given(&[]), Origins::OTHERS);
    }

    #[test]
    fn what_is_given_is_what_every_call_gives() {
        let mut given = Given::to(3);
        // An action that is not known has a number beyond all of them.
        given.add(u32::MAX as usize, &[Origins::VENDOR]);
        given.add(2, &[Origins::default()]);
        given.add(2, &[Origins::default(), Origins::VENDOR]);
        assert_eq!(given.given(2, 0), Origins::default());
        assert!(given.given(2, 1).is_vendors());
        assert_eq!(
            (given.given(2, 2), given.given(0, 0), given.given(9, 0)),
            (Origins::OTHERS, Origins::OTHERS, Origins::OTHERS)
        );
    }

    #[test]
    fn what_has_one_form_is_nobodys() {
        let list = |of| Type::List(Box::new(of));
        assert!(Origins::VENDOR.of_type(&list(Type::Hash)).is_nobody());
        assert!(Origins::VENDOR.of_type(&Type::Option(Box::new(list(Type::String)))).is_vendors());
    }
}
