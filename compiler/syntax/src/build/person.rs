//! Persons: questions, and what somebody says in a test.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use super::{Build, Node, place};
use crate::ast::{Ask, Expr, ExprKind, Name, PersonStub};
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
        let mut ask =
            Ask { to, question, choices, choices_span, showing: Vec::new(), within: None, otherwise: None };
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

    /// `given role.analyst answers Yes to "…" because "…" after 10m`
    pub(super) fn given_person<'i>(
        &mut self,
        mut inner: impl Iterator<Item = Node<'i>>,
    ) -> Option<PersonStub> {
        let role = self.target(inner.next()?)?;
        let word = self.name(&inner.next()?);
        if word.text != "answers" {
            return self.not_said(
                &word,
                &format!("somebody does not `{}` in a test", word.text),
                "`answers`",
            );
        }
        let (mut choice, mut question, mut because, mut after) = (None, None, None, None);
        for part in inner {
            match part.as_rule() {
                Rule::name => choice = Some(self.name(&part)),
                Rule::string => question = Some(self.expr(part)),
                Rule::after => after = part.into_inner().next().map(|e| self.expr(e)),
                _ => because = Some(self.nested(part)),
            }
        }
        let Some(choice) = choice else {
            return self.not_said(&word, "the answer is missing", "`answers CHOICE because \"…\"`");
        };
        Some(PersonStub { role, choice, question, because, after })
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
