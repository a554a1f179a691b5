//! Persons in `test` blocks: what they say, and that they were asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::autonomy::Autonomy;
use play_program::guard::Otherwise;
use play_program::types::Type;
use play_syntax::ast::{self, Expr, ExprKind as Ast, Name, Says, Span, Target};

use crate::body::Why;
use crate::context::{Context, place};
use crate::coverage::Covering;
use crate::names::rename;
use crate::typed::{self, Expect, ExprKind, Guard, NodeId, PersonStub, Playbook, Suspend, Test};
use crate::wrong::Wrong;

/// What a playbook asks a role.
#[derive(Default)]
struct Asked {
    /// The choices of its questions.
    choices: Vec<String>,
    /// The acts that it is asked to approve.
    acts: BTreeSet<u32>,
}

impl Context<'_> {
    /// `given role.analyst answers Yes because "…" after 10m` · `given role.soc_lead approves okta.suspend(_)`
    pub(crate) fn given_person(&mut self, given: &ast::PersonStub) -> Option<PersonStub> {
        let role = self.asked_role(&given.role);
        let at = self.node(given.role.name.span);
        let (mut question, mut act) = (None, None);
        let (choice, approval) = match &given.says {
            Says::Answers { choice, question: about } => {
                let text = Why::Words("part of the question");
                question = about.as_ref().map(|q| self.fixed(q, &Type::String, &text));
                ((self.node(choice.span), choice.text.as_str().to_string()), false)
            }
            Says::Decides { word, approves, act: of, args } => {
                if let Some((connector, name)) = of {
                    let action = self.action(connector, name)?;
                    self.must_write(action, name.span)?;
                    act = Some((action, self.matching(action, name.span, args.as_deref())));
                }
                let choice = if *approves { "approve" } else { "deny" };
                ((self.node(word.span), choice.to_string()), true)
            }
        };
        let name = Why::Words("who it is");
        let person = given.person.as_ref().map(|p| self.fixed(p, &Type::String, &name));
        let why = Why::Words("a reason");
        let because = given.because.as_ref().map(|b| self.fixed(b, &Type::String, &why));
        let after = match &given.after {
            Some(after) => self.virtual_time(after)?,
            None => SignedDuration::ZERO,
        };
        Some(PersonStub { at, role: role?, person, choice, approval, act, question, because, after })
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

    /// `expect approved okta.suspend("x") by role.soc_lead`
    pub(crate) fn expected_approval(
        &mut self,
        never: bool,
        (connector, name): &(Name, Name),
        args: Option<&[Option<Expr>]>,
        by: Option<&Target>,
    ) -> Option<Expect> {
        let action = self.action(connector, name)?;
        self.must_write(action, name.span)?;
        let args = self.matching(action, name.span, args);
        let by = match by {
            Some(by) => Some(self.asked_role(by)?),
            None => None,
        };
        Some(Expect::Approved { never, action, args, by })
    }

    /// Reports what persons say in a test that its playbook does not ask them: a role or a choice that is misspelt would
    /// otherwise only show as silence.
    pub(crate) fn persons_of_tests(
        &mut self,
        tests: &[Test],
        playbooks: &[Playbook],
        guards: &[Guard],
        wrong: &Wrong,
    ) {
        // Guards ask persons, too; one that could not be read may be the one that does.
        let unread = self.files.iter().any(|f| !f.broken.is_empty());
        let wrong = |at: NodeId| self.is_wrong_in(at, wrong);
        if unread || guards.iter().any(|guard| wrong(guard.spec.at)) {
            return;
        }
        let covering = Covering::of_guards(guards);
        let sound: Vec<bool> = playbooks.iter().map(|p| !wrong(p.body.expr.at)).collect();
        for test in tests {
            if test.persons.is_empty() || !sound.get(test.playbook).is_some_and(|sound| *sound) {
                continue;
            }
            let Some(playbook) = playbooks.get(test.playbook) else { continue };
            let mut asked = BTreeMap::new();
            self.questions(&playbook.body.expr, playbook, (guards, &covering), &mut asked);
            if let Autonomy::Supervised { from, .. } = &test.autonomy {
                acts(&playbook.body.expr, &mut asked.entry(from.clone()).or_default().acts);
            }
            for says in &test.persons {
                self.is_asked(says, &asked, &playbook.name);
            }
        }
    }

    fn questions(
        &self,
        e: &typed::Expr,
        playbook: &Playbook,
        (guards, covering): (&[Guard], &Covering),
        asked: &mut BTreeMap<String, Asked>,
    ) {
        match &e.kind {
            ExprKind::Suspend(what, _) => match &**what {
                Suspend::Ask(question) => {
                    let choices = self.types.enumeration(question.choices).map(|c| c.variants.clone());
                    for to in std::iter::once(&question.to).chain(question.then.iter().map(|t| &t.to)) {
                        asked
                            .entry(to.clone())
                            .or_default()
                            .choices
                            .extend(choices.iter().flatten().cloned());
                    }
                }
                Suspend::Approve(wanted) => {
                    for to in std::iter::once(&wanted.from).chain(wanted.then.iter().map(|t| &t.to)) {
                        asked.entry(to.clone()).or_default().acts.insert(wanted.action.0);
                    }
                }
                _ => {}
            },
            ExprKind::Do(action, ..) => {
                for guard in covering.of(*action, playbook.case).filter_map(|at| guards.get(at)) {
                    let Otherwise::Approval { from, then, .. } = &guard.spec.otherwise else { continue };
                    for to in std::iter::once(from).chain(then.iter().map(|t| &t.to)) {
                        asked.entry(to.clone()).or_default().acts.insert(action.0);
                    }
                }
            }
            _ => {}
        }
        for part in e.parts() {
            self.questions(part, playbook, (guards, covering), asked);
        }
    }

    fn is_asked(&mut self, says: &PersonStub, asked: &BTreeMap<String, Asked>, playbook: &str) {
        let Some(role) = asked.get(&says.role) else {
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
        if says.approval {
            self.is_asked_to_approve(says, role, playbook, *at);
            return;
        }
        if role.choices.contains(choice) {
            return;
        }
        let span = self.span_of(*at);
        let finding = Diagnostic::error(
            codes::P5017,
            place(span),
            format!("{} is not asked whether `{choice}`", says.role),
        )
        .here("not one of the choices");
        let all: Vec<String> = role.choices.iter().map(|c| format!("`{c}`")).collect();
        self.report(match self.closest(choice, role.choices.iter().map(String::as_str)) {
            Some(near) => rename(finding, span, near),
            None if all.is_empty() => {
                finding.help("It is only asked to approve: write `approves` or `denies`.")
            }
            None => finding.help(format!("There are {}.", all.join(", "))),
        });
    }

    fn is_asked_to_approve(&mut self, says: &PersonStub, role: &Asked, playbook: &str, at: NodeId) {
        let asked = match &says.act {
            Some((action, _)) => role.acts.contains(&action.0),
            None => !role.acts.is_empty(),
        };
        if asked {
            return;
        }
        let name = |id: u32| self.actions.get(id as usize).map(|a| format!("`{}`", a.full_name()));
        let what = match &says.act {
            Some((ActionId(id), _)) => name(*id).unwrap_or_default(),
            None => "anything".into(),
        };
        let acts: Vec<String> = role.acts.iter().filter_map(|id| name(*id)).collect();
        let finding = Diagnostic::error(
            codes::P5017,
            place(self.span_of(at)),
            format!("`{playbook}` does not ask {} to approve {what}", says.role),
        )
        .here("never asked");
        self.report(if acts.is_empty() {
            finding.help("It is only asked questions: write `answers CHOICE`.")
        } else {
            finding.help(format!("It is asked for {}.", acts.join(", ")))
        });
    }

    fn span_of(&self, at: NodeId) -> Span {
        let node = self.nodes.get(at as usize);
        node.map(|n| Span { file: n.file, start: n.start, end: n.end }).unwrap_or_default()
    }
}

/// The writes of a playbook: a supervised run asks for each.
fn acts(e: &typed::Expr, all: &mut BTreeSet<u32>) {
    if let ExprKind::Do(action, ..) = &e.kind {
        all.insert(action.0);
    }
    e.parts().into_iter().for_each(|part| acts(part, all));
}
