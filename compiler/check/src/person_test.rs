//! Persons in `test` blocks: what they say, and that they were asked.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_syntax::ast::{Expr, ExprKind as Ast, PersonStub as Says, Span, Target};

use crate::body::Why;
use crate::context::{Context, place};
use crate::names::rename;
use crate::typed::{self, Expect, ExprKind, NodeId, PersonStub, Playbook, Suspend, Test};

/// Who a playbook asks, and what they can answer.
type Asked = BTreeMap<String, Vec<String>>;

impl Context<'_> {
    /// `given role.analyst answers Yes because "…" after 10m`
    pub(crate) fn given_person(&mut self, says: &Says) -> Option<PersonStub> {
        let role = self.asked_role(&says.role);
        let at = self.node(says.role.name.span);
        let choice = (self.node(says.choice.span), says.choice.text.clone());
        let text = Why::Words("part of the question");
        let question = says.question.as_ref().map(|q| self.fixed(q, &Type::String, &text));
        let why = Why::Words("a reason");
        let because = says.because.as_ref().map(|b| self.fixed(b, &Type::String, &why));
        let after = match &says.after {
            Some(after) => self.virtual_time(after)?,
            None => SignedDuration::ZERO,
        };
        Some(PersonStub { at, role: role?, choice, question, because, after })
    }

    /// `expect asked role.analyst "…" times 2`
    pub(crate) fn expected_asked(
        &mut self,
        never: bool,
        to: &Target,
        question: Option<&Expr>,
        times: Option<&Expr>,
    ) -> Option<Expect> {
        let why = Why::Words("part of the question");
        let question = question.map(|q| self.fixed(q, &Type::String, &why));
        let times = match times.map(|t| (&t.kind, t.span)) {
            None => None,
            Some((Ast::Int(n), _)) if !never => u64::try_from(*n).ok(),
            Some((_, span)) => {
                self.report(
                    Diagnostic::error(codes::P8001, place(span), "this says twice how often")
                        .here("a whole number, and no `never` before it")
                        .help("Write `expect asked role.NAME times 2`, or `expect never asked role.NAME`."),
                );
                return None;
            }
        };
        let to = self.asked_role(to)?;
        Some(Expect::Asked { never, to, question, times })
    }

    /// Reports what persons say in a test that its playbook does not ask them: a role or a choice that is misspelt would
    /// otherwise only show as silence.
    pub(crate) fn persons_of_tests(&mut self, tests: &[Test], playbooks: &[Playbook]) {
        if self.errors_since(0) {
            return;
        }
        for test in tests {
            let Some(playbook) = playbooks.get(test.playbook) else { continue };
            let mut asked = Asked::new();
            self.questions(&playbook.body.expr, &mut asked);
            for says in &test.persons {
                self.is_asked(says, &asked, &playbook.name);
            }
        }
    }

    fn questions(&self, e: &typed::Expr, asked: &mut Asked) {
        if let ExprKind::Suspend(Suspend::Ask(question), _) = &e.kind {
            let choices = self.types.enumeration(question.choices).map(|c| c.variants.clone());
            asked.entry(question.to.clone()).or_default().extend(choices.unwrap_or_default());
        }
        for part in e.parts() {
            self.questions(part, asked);
        }
    }

    fn is_asked(&mut self, says: &PersonStub, asked: &Asked, playbook: &str) {
        let Some(choices) = asked.get(&says.role) else {
            let (span, role) = (self.span_of(says.at), &says.role);
            let finding = Diagnostic::error(
                codes::P5017,
                place(span),
                format!("`{playbook}` does not ask {role} anything"),
            )
            .here("never asked");
            let name = role.strip_prefix("role.").unwrap_or(role);
            let roles = asked.keys().map(|r| r.strip_prefix("role.").unwrap_or(r));
            let near = self.closest(name, roles);
            let all: Vec<String> = asked.keys().map(|r| format!("`{r}`")).collect();
            self.report(match near {
                Some(near) => rename(finding, span, near),
                None if all.is_empty() => finding.help("Leave this line out."),
                None => finding.help(format!("It asks {}.", all.join(", "))),
            });
            return;
        };
        let (at, choice) = &says.choice;
        if choices.contains(choice) {
            return;
        }
        let span = self.span_of(*at);
        let finding = Diagnostic::error(
            codes::P5017,
            place(span),
            format!("{} is not asked whether `{choice}`", says.role),
        )
        .here("not one of the choices");
        let all: Vec<String> = choices.iter().map(|c| format!("`{c}`")).collect();
        self.report(match self.closest(choice, choices.iter().map(String::as_str)) {
            Some(near) => rename(finding, span, near),
            None => finding.help(format!("There are {}.", all.join(", "))),
        });
    }

    fn span_of(&self, at: NodeId) -> Span {
        let node = self.nodes.get(at as usize);
        node.map(|n| Span { file: n.file, start: n.start, end: n.end }).unwrap_or_default()
    }
}
