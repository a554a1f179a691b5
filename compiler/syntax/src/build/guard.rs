//! Guards.

use super::{Build, Node};
use crate::ast::{Covers, GuardDecl, GuardLine, GuardLineKind};
use crate::grammar::Rule;

impl Build<'_> {
    pub(super) fn guard_item(&mut self, node: Node<'_>) -> Option<GuardDecl> {
        let (mut name, mut case, mut covers, mut lines) = (None, None, None, Vec::new());
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::guarded_case => case = part.into_inner().next().map(|n| self.name(&n)),
                Rule::covers => covers = Some(self.covers(part)),
                _ => lines.extend(self.guard_line(part)),
            }
        }
        Some(GuardDecl { name: name?, case, covers: covers?, lines })
    }

    fn covers(&mut self, node: Node<'_>) -> Covers {
        let mut actions = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::word => return Covers::Class(self.name(&part)),
                _ => actions.extend(self.act(part)),
            }
        }
        Covers::Actions(actions)
    }

    /// `None` for a line that was reported.
    fn guard_line(&mut self, node: Node<'_>) -> Option<GuardLine> {
        let (span, rule) = (self.span(&node), node.as_rule());
        let mut inner = node.into_inner().peekable();
        let kind = match rule {
            Rule::guard_never => GuardLineKind::Never(self.expr(inner.next()?)),
            Rule::guard_limit => {
                GuardLineKind::Limit { count: self.operand(inner.next()?), per: self.operand(inner.next()?) }
            }
            Rule::guard_allow => GuardLineKind::Allow(inner.next().map(|e| self.expr(e))),
            Rule::guard_approval => {
                let quorum = inner.next_if(|n| n.as_rule() == Rule::quorum);
                let quorum = quorum.and_then(|q| self.quorum(q));
                let from = self.target(inner.next()?)?;
                let within = self.operand(inner.next()?);
                let then = inner.filter_map(|n| self.escalation(n)).collect();
                GuardLineKind::Approval { from, quorum, within, then }
            }
            Rule::guard_refuse => GuardLineKind::Refuse,
            _ => return None,
        };
        Some(GuardLine { kind, span })
    }
}
