//! Persons: questions, and what somebody says in a test.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use super::{Build, Node, place};
use crate::ast::{Approve, Ask, Escalation, Expr, ExprKind, Name, PersonStub, Quorum, Says, Span};
use crate::grammar::Rule;

impl Build<'_> {
    /// `ask role.analyst "…" { Yes, No } showing urls within 4h else Yes because "…"`
    pub(super) fn ask(&mut self, node: Node<'_>) -> Option<ExprKind> {
        let mut inner = node.into_inner();
        let to = self.target(inner.next()?)?;
        let question = self.nested(inner.next()?);
        let choices = inner.next()?;
        let choices_span = self.span(&choices);
        let choices = choices.into_inner().map(|c| self.name(&c)).collect();
        let mut ask = Ask {
            to,
            question,
            choices,
            choices_span,
            showing: Vec::new(),
            within: None,
            then: Vec::new(),
            otherwise: None,
        };
        for clause in inner {
            let keyword = self.keyword(&clause);
            match clause.as_rule() {
                Rule::showing => {
                    let shown: Vec<Expr> = clause.into_inner().map(|e| self.nested(e)).collect();
                    self.once(&keyword, !ask.showing.is_empty());
                    ask.showing.extend(shown);
                }
                Rule::within => {
                    self.once(&keyword, ask.within.is_some());
                    ask.within = clause.into_inner().next().map(|v| self.operand(v));
                }
                Rule::escalation => ask.then.extend(self.escalation(clause)),
                _ => {
                    let mut parts = clause.into_inner();
                    let (choice, why) = (parts.next()?, parts.next()?);
                    ask.otherwise = Some((self.name(&choice), self.nested(why)));
                }
            }
        }
        Some(ExprKind::Ask(Box::new(ask)))
    }

    /// Reports a clause that is there twice.
    fn once(&mut self, keyword: &Name, again: bool) {
        if again {
            let text = format!("`{}` is written twice", keyword.text);
            self.report(Diagnostic::error(codes::P1018, place(keyword.span), text).here("the second one"));
        }
    }

    /// `approve okta.suspend(user) from role.soc_lead within 2h because "…"`
    pub(super) fn approve(&mut self, node: Node<'_>) -> Option<ExprKind> {
        let mut inner = node.into_inner();
        let act = self.operand(inner.next()?);
        let mut approve =
            Approve { act, from: None, quorum: None, within: None, then: Vec::new(), because: None };
        for clause in inner {
            let keyword = self.keyword(&clause);
            let rule = clause.as_rule();
            if rule == Rule::escalation {
                approve.then.extend(self.escalation(clause));
                continue;
            }
            let mut inner = clause.into_inner();
            let mut value = inner.next();
            match rule {
                Rule::from_whom => {
                    self.once(&keyword, approve.from.is_some());
                    if let Some(quorum) = value.take_if(|v| v.as_rule() == Rule::quorum) {
                        approve.quorum = self.quorum(quorum);
                        value = inner.next();
                    }
                    approve.from = value.and_then(|v| self.target(v));
                }
                Rule::within => {
                    self.once(&keyword, approve.within.is_some());
                    approve.within = value.map(|v| self.operand(v));
                }
                _ => {
                    self.once(&keyword, approve.because.is_some());
                    approve.because = value.map(|v| self.nested(v));
                }
            }
        }
        Some(ExprKind::Approve(Box::new(approve)))
    }

    /// `then role.soc_lead within 1h`
    pub(super) fn escalation(&mut self, node: Node<'_>) -> Option<Escalation> {
        let mut inner = node.into_inner();
        Some(Escalation { to: self.target(inner.next()?)?, within: self.operand(inner.next()?) })
    }

    /// `2 of`; `None` where that was reported.
    pub(super) fn quorum(&mut self, node: Node<'_>) -> Option<Quorum> {
        let span = self.span(&node);
        let of = node.into_inner().next().map(|n| self.name(&n))?;
        if of.text != "of" {
            let finding = Diagnostic::error(codes::P1001, place(of.span), "`of` is missing here")
                .here("not `of`")
                .help("How many persons it takes is written `from 2 of role.NAME`.");
            self.report(finding);
            return None;
        }
        let number = self.source(Span { end: of.span.start, ..span }).replace('_', "");
        Some(Quorum { persons: number.trim().parse().ok(), span })
    }

    /// `given role.analyst "ada" answers Yes to "…" because "…" after 10m` · `given role.soc_lead approves okta.suspend(_)`
    pub(super) fn given_person<'i>(
        &mut self,
        mut inner: impl Iterator<Item = Node<'i>>,
    ) -> Option<PersonStub> {
        let role = self.target(inner.next()?)?;
        let mut word = inner.next()?;
        let mut person = None;
        if word.as_rule() == Rule::string {
            person = Some(self.expr(word));
            word = inner.next()?;
        }
        let word = self.name(&word);
        let (mut choice, mut question, mut because, mut after) = (None, None, None, None);
        let (mut act, mut args) = (None, None);
        for part in inner {
            match part.as_rule() {
                Rule::name => choice = Some(self.name(&part)),
                Rule::act => act = self.act(part),
                Rule::stub_args => args = Some(self.stub_args(part)),
                Rule::string => question = Some(self.expr(part)),
                Rule::after => after = part.into_inner().next().map(|e| self.expr(e)),
                _ => because = Some(self.nested(part)),
            }
        }
        let says = match (word.text.as_str(), choice) {
            ("answers", Some(choice)) => Says::Answers { choice, question },
            ("answers", None) => {
                return self.not_said(&word, "the answer is missing", "`answers CHOICE because \"…\"`");
            }
            (decides @ ("approves" | "denies"), None) => {
                Says::Decides { approves: decides == "approves", word, act, args }
            }
            (decides @ ("approves" | "denies"), Some(_)) => {
                let there_is = format!("`{decides}` and `{decides} CONNECTOR.ACTION(…)`");
                return self.not_said(&word, "what is decided over is an act", &there_is);
            }
            (other, _) => {
                let text = format!("somebody does not `{other}` in a test");
                return self.not_said(&word, &text, "`answers`, `approves` and `denies`");
            }
        };
        Some(PersonStub { role, person, says, because, after })
    }

    fn not_said<T>(&mut self, word: &Name, text: &str, there_is: &str) -> Option<T> {
        self.report(
            Diagnostic::error(codes::P1001, place(word.span), text)
                .here("not known")
                .help(format!("There is {there_is}.")),
        );
        None
    }
}
