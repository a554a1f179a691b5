//! A `;`: what stands for it here depends on the bracket it stands in.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};

use super::{Builder, Sig};
use crate::token::TokenKind as K;

impl Builder<'_> {
    /// What is said of a `;`, the first of these.
    pub(super) fn semicolon(&mut self, sig: Sig, rest: &[Sig]) {
        let place = self.place(sig.token);
        let finding = Diagnostic::error(codes::P1011, place, "statements end with their line, not with `;`")
            .here("not needed");
        let next = rest.get(1);
        let closed = next.is_some_and(|s| s.kind.closes());
        let put = |finding: Diagnostic, title: &str, safe: bool, text: &str| {
            finding.fix(title, safe, vec![Edit { place, text: text.into() }])
        };
        let open = self.open.last();
        // What a string has between its `{` and `}` stands on one line.
        let in_text = open.is_some_and(|o| o.innermost.interp.is_some());
        let in_body = !in_text && open.is_none_or(|o| o.kind == K::LBrace);
        self.diagnostics.push(if in_body {
            // With the end of a line behind it, or another `;`, it separates nothing.
            let ends = closed || next.is_none_or(|s| s.leads || s.kind == K::StmtEnd);
            let finding = finding.help("Leave it out; a second statement goes on a line of its own.");
            put(finding, "Remove it", true, if ends { "" } else { "\n" })
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
