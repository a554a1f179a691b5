//! Where a line ends a statement, and where one begins a declaration.

use super::{Builder, Opener, Sig};
use crate::token::TokenKind as K;

impl Builder<'_> {
    pub(super) fn in_parentheses(&self) -> bool {
        matches!(self.open.last(), Some(Opener { kind: K::LParen | K::LBrack, .. }))
    }

    /// Whether a line within parentheses can only be the next statement, so that a parenthesis is missing before it.
    pub(super) fn begins_statement(&self, sig: Sig, next: Option<K>) -> bool {
        let outermost = self.open.last().and_then(|o| o.outermost);
        let not_inside = outermost.is_some_and(|indent| sig.indent <= indent);
        match sig.kind {
            K::Let => true,
            K::If | K::For | K::Match | K::Do | K::RBrace => not_inside && self.last_kind() != Some(K::Comma),
            K::Close | K::Set | K::Note | K::Route | K::Hand => {
                not_inside && next.is_some_and(|n| n.is_word() || n == K::StrStart)
            }
            _ => false,
        }
    }

    /// Whether the line before ended a statement: what came last can end one, and this cannot go on with it.
    pub(super) fn statement_ends(&self, sig: Sig, rest: &[Sig]) -> bool {
        if sig.kind == K::Let {
            return true;
        }
        let symbols = self.current.as_ref().map_or(&[][..], |c| &c.piece.symbols);
        let mut back = symbols.iter().rev().map(|s| s.kind);
        let (last, before) = (back.next(), back.next());
        // After an operator, too, these begin a statement: what the operator needs is missing.
        let acts = matches!(sig.kind, K::Close | K::Set | K::Note | K::Route | K::Hand)
            && rest.get(1).is_some_and(|n| n.kind.is_word() || n.kind == K::StrStart);
        if acts && last.is_some_and(|k| (K::Assign..=K::Percent).contains(&k)) {
            return true;
        }
        let can_end = match last {
            None | Some(K::StmtEnd) => false,
            Some(K::True | K::False | K::None) => true,
            Some(k) if k.is_reserved() => matches!(before, Some(K::Dot | K::QuestionDot)),
            Some(k) => ends_operand(k) || k == K::Underscore,
        };
        can_end && !self.goes_on(sig, rest)
    }

    pub(super) fn goes_on(&self, sig: Sig, rest: &[Sig]) -> bool {
        let next = rest.get(1).map(|s| s.kind);
        // `within: 4h` and `in = x` give a field of that name.
        if sig.kind.is_word() && matches!(next, Some(K::Colon | K::Assign)) {
            return sig.kind == K::Else && self.colon_closed == Some(self.last_token());
        }
        match sig.kind {
            // `else => x` is an arm, though not one of this language.
            // In a guard it is its last line.
            K::Else if matches!(next, Some(K::Approval | K::Refuse)) && self.in_guard() => false,
            K::Else => next != Some(K::FatArrow),
            K::Because | K::And | K::Or | K::In | K::Matches | K::Like | K::ILike | K::As => true,
            K::Not => next == Some(K::In),
            K::For => next == Some(K::Duration),
            // The next answer of a stub.
            K::Then if self.current.as_ref().is_some_and(|c| c.kind == K::Test) => {
                matches!(next, Some(K::Returns | K::Fails | K::Is))
            }
            // Who is asked when nobody has answered.
            K::Then => matches!(next, Some(K::Role | K::Queue)),
            // In a connector a time limit is a line of its own.
            // `from role.soc_lead`
            K::From => {
                matches!(next, Some(K::Ident | K::Role | K::Queue | K::Int))
                    && self.current.as_ref().is_some_and(|c| c.kind != K::Source)
            }
            // `showing case.urls`, `until answer.done`: any value.
            K::Showing | K::Until => next.is_some_and(|n| {
                n == K::Not
                    || n.is_word() && !n.is_reserved()
                    || n.is_literal()
                    || n == K::StrStart
                    || n == K::LParen
            }),
            K::Within | K::Retry | K::Timeout | K::Every | K::Backoff
                if self.current.as_ref().is_none_or(|c| c.kind != K::Connector) =>
            {
                next.is_some_and(|n| n.is_literal() || n == K::Ident || n == K::LParen)
            }
            K::Dot | K::QuestionDot | K::DotDot | K::Comma | K::Colon | K::FatArrow | K::Arrow | K::Pipe => {
                true
            }
            K::RBrace | K::RParen | K::RBrack | K::InterpClose | K::Question => true,
            K::Minus | K::Slash => false,
            kind => (K::Assign..=K::Percent).contains(&kind),
        }
    }

    /// Whether this is the `config` of the connector round it, however it is laid out.
    pub(super) fn of_connector(&self, sig: Sig) -> bool {
        sig.kind == K::Config && self.current.as_ref().is_some_and(|c| c.kind == K::Connector)
    }

    /// Whether this stands directly in the braces of a guard.
    pub(super) fn in_guard(&self) -> bool {
        self.open.len() == 1 && self.current.as_ref().is_some_and(|c| c.kind == K::Guard)
    }
}

/// Whether an expression can end with this.
pub(super) fn ends_operand(kind: K) -> bool {
    let ends = matches!(kind, K::StrEnd | K::RBrace | K::RParen | K::RBrack | K::Question | K::Underscore);
    ends || kind.is_word() || kind.is_literal()
}

/// Whether a declaration begins here: its keyword, and after it what can only follow such a keyword.
pub(super) fn starts_item(rest: &[Sig]) -> bool {
    let kind = |i: usize| rest.get(i).map(|s| s.kind);
    match (kind(0), kind(1)) {
        (Some(K::Test), Some(K::StrStart | K::LBrace)) => true,
        (Some(K::Open), Some(K::Enum)) => true,
        (Some(K::Config), Some(K::LBrace)) => true,
        (Some(K::Controls), Some(next)) => next.is_word() && kind(2) == Some(K::LBrace),
        (Some(first), Some(next)) if K::DECLARE.contains(&first) || matches!(first, K::Use | K::Taxonomy) => {
            next.is_word()
                && !matches!(
                    next,
                    K::And
                        | K::Or
                        | K::In
                        | K::Matches
                        | K::Like
                        | K::ILike
                        | K::As
                        | K::Else
                        | K::Because
                        | K::Within
                        | K::Is
                )
        }
        _ => false,
    }
}
