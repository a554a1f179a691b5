//! A `;`: what stands for it here depends on the bracket it stands in.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};

use super::{Builder, Sig};
use crate::token::TokenKind as K;

/// What a `;` in a body has behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Nothing of its line.
    End,
    /// What can only go on with the statement before it.
    Rest,
    /// What may.
    Operator,
    /// Another statement.
    Another,
}

impl Builder<'_> {
    /// Where `(` or `[` lacks what closes it, a `;` ends the statement all the same: what is on the next line begins another one.
    pub(super) fn ends_parentheses(&self, rest: &[Sig]) -> bool {
        let next = rest.get(1).filter(|s| s.leads && !s.kind.closes());
        next.is_some_and(|s| self.in_parentheses() && self.begins_statement(*s, rest.get(2).map(|s| s.kind)))
    }

    /// Whether a `;` stands before the rest of its statement, and is read as if it were not there.
    pub(super) fn is_idle(&self, rest: &[Sig]) -> bool {
        self.behind(rest) == Behind::Rest
    }

    fn behind(&self, rest: &[Sig]) -> Behind {
        let Some(next) = rest.get(1).filter(|s| !s.leads && s.kind != K::StmtEnd) else { return Behind::End };
        match next.kind {
            kind if kind.closes() => Behind::End,
            K::LBrace | K::Else | K::Because => Behind::Rest,
            // `do x.lock(a); for 4h`
            K::For if rest.get(2).is_some_and(|s| s.kind.is_literal()) => Behind::Rest,
            K::Dot | K::QuestionDot => Behind::Operator,
            kind if (K::Assign..=K::Percent).contains(&kind) => Behind::Operator,
            _ => Behind::Another,
        }
    }

    /// Whether what is read is the head of an `if`, a `for` or a `match`, whose body has not begun.
    fn in_head(&self) -> bool {
        let symbols = self.current.as_ref().map_or(&[][..], |c| &c.piece.symbols);
        let parts = |k: &K| !matches!(k, K::StmtEnd | K::LBrace | K::RBrace);
        let back = symbols.iter().rev().map(|s| s.kind).skip_while(|k| *k == K::StmtEnd);
        let first = back.take_while(parts).last();
        matches!(first, Some(K::If | K::For | K::Match))
    }

    /// What is said of a `;`, the first of these.
    pub(super) fn semicolon(&mut self, sig: Sig, rest: &[Sig]) {
        let place = self.place(sig.token);
        let finding = Diagnostic::error(codes::P1011, place, "statements end with their line, not with `;`")
            .here("not needed");
        let closed = rest.get(1).is_some_and(|s| s.kind.closes());
        let put = |finding: Diagnostic, title: &str, safe: bool, text: &str| {
            finding.fix(title, safe, vec![Edit { place, text: text.into() }])
        };
        let open = self.open.last();
        // What a string has between its `{` and `}` stands on one line.
        let in_text = open.is_some_and(|o| o.innermost.interp.is_some());
        let in_body = !in_text && open.is_none_or(|o| o.kind == K::LBrace);
        self.diagnostics.push(if in_body {
            match self.behind(rest) {
                Behind::Rest => put(finding.help("Leave it out."), "Remove it", true, ""),
                Behind::Operator => put(finding.help("Leave it out."), "Remove it", false, ""),
                // `if a := b; a > 1 {` of other languages is no two lines.
                Behind::Another if self.in_head() => {
                    finding.help("What is to be decided first goes on a line before.")
                }
                behind => {
                    let finding = finding.help("Leave it out; a second statement goes on a line of its own.");
                    put(finding, "Remove it", true, if behind == Behind::End { "" } else { "\n" })
                }
            }
        } else if closed {
            put(finding.help("Leave it out."), "Remove it", true, "")
        } else if in_text {
            finding.help("What stands in `{ }` in a string is one value.")
        } else {
            // In them the next line goes on: `f(a;` above `-b` is no `f(a - b)`.
            let finding = finding.help("Values in `( )` and `[ ]` are separated by `,`.");
            put(finding, "Write `,`", false, ",")
        });
    }
}
