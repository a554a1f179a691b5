//! `test` blocks: a case, answers in place of connectors, and what is expected.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::autonomy::Autonomy;
use play_program::shape::CASE_FIELDS;
use play_program::types::{RecordId, Type, TypeTable};
use play_program::value::FailureKind;
use play_syntax::ast::{self, Expr, ExprKind, ItemKind, Name, Span, TestDecl, TestStepKind};

use crate::body::{BodyCx, Kind, Want, Why, count};
use crate::context::{Context, Global, is_wrong, place};
use crate::names::rename;
use crate::typed::{Body, Config, Expect, Playbook, Stub, StubAnswer, Test};

impl Context<'_> {
    /// Checks the tests of the project; on two threads where that is `worth` it. Those of the standard library are its own.
    pub(crate) fn tests(
        &mut self,
        config: Option<&Config>,
        playbooks: &[Playbook],
        worth: bool,
    ) -> Vec<Test> {
        let files = self.files;
        let mut all = Vec::new();
        let mut titles = BTreeMap::new();
        for file in files.iter().filter(|f| !f.library) {
            for item in &file.tree.items {
                if let ItemKind::Test(decl) = &item.kind {
                    let title = &decl.title;
                    let first = *titles.entry(title.text.as_str()).or_insert(title.span);
                    if first != title.span {
                        self.one_title(title, first);
                    }
                    let span = item.span.start..item.span.end;
                    all.push((decl, !file.wrong.iter().any(|at| span.contains(at))));
                }
            }
        }
        let config = config.filter(|c| !c.environments.is_empty());
        let tests = self.bodies(worth, &all, |context, (decl, whole)| {
            let test = context.test(decl, *whole);
            if let (Some(test), Some(config)) = (&test, config) {
                context.configured_enough(decl, test, config, playbooks);
            }
            test
        });
        tests.into_iter().flatten().collect()
    }

    /// Of one that is not `whole`, nobody knows what it lacks.
    fn test(&mut self, decl: &TestDecl, whole: bool) -> Option<Test> {
        let at = self.node(decl.title.span);
        let (mut given, mut stubs, mut playbook, mut expect) = (None, Vec::new(), None, Vec::new());
        let (mut counted, mut config, mut persons) = (Vec::new(), Vec::new(), Vec::new());
        let mut others = Vec::new();
        let mut arrivals = Vec::new();
        let mut autonomy = Autonomy::default();
        let (mut has_case, mut has_run) = (false, false);
        // What the case is, is known before the first expectation is looked at, wherever it stands.
        let case = decl
            .steps
            .iter()
            .find_map(|s| if let TestStepKind::GivenCase(e) = &s.kind { self.peek_case(e) } else { None });
        for step in &decl.steps {
            match &step.kind {
                TestStepKind::GivenCase(e) => {
                    if std::mem::replace(&mut has_case, true) {
                        self.once("a test has one case", step.span);
                    }
                    given = self.given(e).or(given);
                }
                TestStepKind::GivenStub { action, args, replies } if self.is_event(action) => {
                    arrivals.extend(self.arrival(action, args.as_deref(), replies));
                }
                TestStepKind::GivenStub { action, args, replies } => {
                    stubs.extend(self.stub(action, args.as_deref(), replies));
                }
                TestStepKind::Run(name, driven) => {
                    if std::mem::replace(&mut has_run, true) {
                        self.once("a test runs one playbook", step.span);
                    }
                    playbook = self.run(name, case).or(playbook);
                    autonomy = driven.as_ref().and_then(|how| self.run_as(how)).unwrap_or_default();
                }
                TestStepKind::GivenCounted { guard, count } => {
                    counted.extend(self.given_counted(guard, count));
                }
                TestStepKind::GivenOther { action, args, until } => {
                    others.extend(self.given_other(action, args.as_deref(), until.as_ref()));
                }
                TestStepKind::GivenConfig(name, value) => config.extend(self.given_config(name, value)),
                TestStepKind::GivenPerson(says) => persons.extend(self.given_person(says)),
                other => {
                    let at = self.node(step.span);
                    if let Some(found) = self.expectation(other, step.span, case) {
                        expect.push((at, found));
                    }
                }
            }
        }
        if whole {
            self.complete(decl, has_case, has_run);
        }
        let (case, given) = given?;
        Some(Test {
            title: decl.title.text.as_str().to_string(),
            at,
            case,
            given,
            config,
            stubs,
            persons,
            arrivals,
            counted,
            others,
            playbook: playbook?,
            autonomy,
            expect,
        })
    }

    /// Reports and reruns name a test by its title.
    fn one_title(&mut self, title: &Name, first: Span) {
        self.report(
            Diagnostic::error(
                codes::P8004,
                place(title.span),
                format!("two tests are called \"{}\"", title.text),
            )
            .here("again here")
            .label(place(first), "first here")
            .note("A report names a test by its title.")
            .help("Say in the title what is different about this one."),
        );
    }

    /// A test gives a case, runs a playbook and expects something.
    fn complete(&mut self, decl: &TestDecl, has_case: bool, has_run: bool) {
        if decl.steps.is_empty() {
            self.lacks(decl, "is empty", "Write `given CASE { … }`, `run PLAYBOOK` and `expect …`.");
            return;
        }
        if !has_case {
            self.lacks(decl, "does not say which case is given", "Write `given CASE { … }`.");
        }
        if !has_run {
            self.lacks(decl, "runs nothing", "Write `run PLAYBOOK`.");
        }
        if !decl.steps.iter().any(|s| is_expectation(&s.kind)) {
            self.lacks(
                decl,
                "expects nothing, so it cannot fail",
                "Write `expect closed …`, `expect did …` or another `expect`.",
            );
        }
    }

    fn lacks(&mut self, decl: &TestDecl, what: &str, help: &str) {
        self.report(
            Diagnostic::error(codes::P8001, place(decl.title.span), format!("this test {what}"))
                .here("not complete")
                .help(help),
        );
    }

    fn once(&mut self, what: &str, span: Span) {
        self.report(
            Diagnostic::error(codes::P8001, place(span), what)
                .here("one too many")
                .help("Write a second test."),
        );
    }

    fn peek_case(&self, e: &Expr) -> Option<RecordId> {
        let ExprKind::Record { name, .. } = &e.kind else { return None };
        match self.globals.get(name.span, &name.text) {
            Some((Global::Case(id), _)) => Some(*id),
            _ => None,
        }
    }

    /// A value of a test: without parameters, case or effects.
    pub(crate) fn fixed(&mut self, e: &Expr, ty: &Type, why: &Why) -> Body {
        let mut body = BodyCx::new(self, Kind::Const);
        let expr = body.check(e, ty, why);
        body.finish(expr)
    }

    fn given(&mut self, e: &Expr) -> Option<(RecordId, Vec<(usize, Body)>)> {
        let ExprKind::Record { name, fields } = &e.kind else {
            if !matches!(e.kind, ExprKind::Error) {
                self.report(
                    Diagnostic::error(codes::P8001, place(e.span), "`given` takes a case")
                        .here("not a case")
                        .help(
                            "Write `given CASE { … }`, or an answer: `given CONNECTOR.ACTION(_) returns …`.",
                        ),
                );
            }
            return None;
        };
        let case = self.case_type(name)?;
        self.no_twins("field", fields.iter().map(|(n, _)| n));
        let layout = self.types.record(case).map(|r| r.fields.clone()).unwrap_or_default();
        let absent: Vec<&str> = layout
            .iter()
            .skip(CASE_FIELDS.len())
            .filter(|l| !matches!(l.ty, Type::Option(_)) && !fields.iter().any(|(f, _)| f.text == l.name))
            .map(|l| l.name.as_str())
            .collect();
        let lacks = if let [one] = absent.as_slice() { Some(*one) } else { None };
        let mut misnamed = false;
        for (field, _) in fields.iter().filter(|(f, _)| !layout.iter().any(|l| l.name == f.text)) {
            self.unknown_field_of(case, field, lacks);
            misnamed = true;
        }
        let (mut given, mut missing) = (Vec::new(), Vec::new());
        for (slot, field) in layout.iter().enumerate() {
            match fields.iter().find(|(n, _)| n.text == field.name) {
                Some((name, value)) => {
                    self.field_given(case, name, &field.ty);
                    given.push((slot, self.fixed(value, &field.ty, &Why::Field(case, field.name.clone()))))
                }
                None if slot < CASE_FIELDS.len()
                    || matches!(field.ty, Type::Option(_))
                    || is_wrong(&field.ty) => {}
                None => missing.push((field.name.clone(), field.ty.clone())),
            }
        }
        // One that is misnamed is likely to be one that is missing.
        if !missing.is_empty() && !misnamed {
            self.missing_fields(
                format!("the case `{}` is not complete", name.text),
                name.span,
                &missing,
                ": ",
            );
        }
        Some((case, given))
    }

    fn stub(
        &mut self,
        (connector, name): &(Name, Name),
        args: Option<&[Option<Expr>]>,
        replies: &[ast::Reply],
    ) -> Option<Stub> {
        let action = self.action(connector, name);
        let args = action.map(|action| self.matching(action, name.span, args));
        let mut answers = Vec::new();
        for reply in replies {
            let after = match &reply.after {
                Some(after) => self.virtual_time(after),
                None => Some(SignedDuration::ZERO),
            };
            answers.push(self.answer(action, &reply.answer).zip(after));
        }
        let answers: Option<Vec<_>> = answers.into_iter().collect();
        let mut answers = answers?.into_iter();
        let (answer, after) = answers.next()?;
        Some(Stub { action: action?, args: args?, answer, after, then: answers.collect() })
    }

    /// A length of virtual time; zero is one.
    pub(crate) fn virtual_time(&mut self, e: &Expr) -> Option<SignedDuration> {
        match &e.kind {
            ExprKind::Duration(d) if d.is_zero() => Some(SignedDuration::ZERO),
            ExprKind::Name(name) if self.named_length(name, e.span).is_some_and(|d| d.is_zero()) => {
                Some(SignedDuration::ZERO)
            }
            _ => self.fixed_duration(e, "virtual time"),
        }
    }

    /// Arguments that a call has to have; `None` fits any.
    pub(crate) fn matching(
        &mut self,
        action: ActionId,
        at: Span,
        args: Option<&[Option<Expr>]>,
    ) -> Option<Vec<Option<Body>>> {
        let args = args?;
        let (name, params) =
            self.actions.get(action.0 as usize).map(|a| (a.full_name(), a.params.clone()))?;
        let declared = self.action_place(action).unwrap_or(at);
        self.matching_of(&name, &params, declared, at, args)
    }

    /// The same of whatever takes these parameters.
    pub(crate) fn matching_of(
        &mut self,
        name: &str,
        params: &[(String, Type)],
        declared: Span,
        at: Span,
        args: &[Option<Expr>],
    ) -> Option<Vec<Option<Body>>> {
        // `(_)` is what one writes for “whatever”, however many there are.
        if matches!(args, [None]) && params.len() != 1 {
            return None;
        }
        if args.len() != params.len() {
            self.report(
                Diagnostic::error(
                    codes::P3011,
                    place(at),
                    format!("`{name}` takes {}, not {}", count(params.len()), args.len()),
                )
                .here("one for each, or `_` for any")
                .label(place(declared), "declared here"),
            );
        }
        let mut made = Vec::new();
        for (arg, (param, ty)) in args.iter().zip(params) {
            let why = Why::Param { name: param.clone(), of: name.to_string() };
            made.push(arg.as_ref().map(|arg| self.fixed(arg, ty, &why)));
        }
        Some(made)
    }

    fn answer(&mut self, action: Option<ActionId>, answer: &ast::StubAnswer) -> Option<StubAnswer> {
        match answer {
            ast::StubAnswer::Returns(e) => {
                let result = action.and_then(|a| self.actions.get(a.0 as usize)).map(|a| a.result.clone());
                match result {
                    Some(Type::Unit) if matches!(e.kind, ExprKind::None) => {
                        let mut body = BodyCx::new(self, Kind::Const);
                        let expr = body.expr(e, &Want::Any);
                        Some(StubAnswer::Returns(body.finish(expr)))
                    }
                    Some(Type::Unit) => {
                        self.report(
                            Diagnostic::error(codes::P3001, place(e.span), "this action gives nothing")
                                .here("and here is a value")
                                .help("Write `returns none`."),
                        );
                        None
                    }
                    Some(ty) => {
                        Some(StubAnswer::Returns(self.fixed(e, &ty, &Why::Words("the result of the action"))))
                    }
                    None => {
                        let mut body = BodyCx::new(self, Kind::Const);
                        let expr = body.expr(e, &Want::Any);
                        body.finish(expr);
                        None
                    }
                }
            }
            ast::StubAnswer::Fails(kind, words) => match FailureKind::from_name(&kind.text) {
                Some(kind) => Some(match words {
                    Some(words) => {
                        let why = Why::Words("what the other side says");
                        StubAnswer::FailsSaying(kind, self.fixed(words, &Type::String, &why))
                    }
                    None => StubAnswer::Fails(kind),
                }),
                None => {
                    let names: Vec<&str> = FailureKind::ALL.iter().map(|k| k.name()).collect();
                    let finding = Diagnostic::error(
                        codes::P2005,
                        place(kind.span),
                        format!("there is no failure `{}`", kind.text),
                    )
                    .here("no such failure");
                    self.report(match self.closest(&kind.text, names.iter().copied()) {
                        Some(near) => rename(finding, kind.span, near),
                        None => finding.help(format!("There are {}.", names.join(", "))),
                    });
                    None
                }
            },
            ast::StubAnswer::Arrives(value, span) => {
                if let Some(name) = action.and_then(|a| self.actions.get(a.0 as usize)).map(|a| a.full_name())
                {
                    self.report(
                        Diagnostic::error(
                            codes::P8003,
                            place(*span),
                            format!("`{name}` is an action, and does not arrive"),
                        )
                        .here("only an event arrives")
                        .help("Write `returns …`."),
                    );
                }
                if let Some(value) = value {
                    let mut body = BodyCx::new(self, Kind::Const);
                    let expr = body.expr(value, &Want::Any);
                    body.finish(expr);
                }
                None
            }
            ast::StubAnswer::Lost(span) => {
                let write =
                    action.and_then(|a| self.actions.get(a.0 as usize)).map(|a| (a.write, a.full_name()));
                if let Some((false, name)) = write {
                    self.report(
                        Diagnostic::error(
                            codes::P8003,
                            place(*span),
                            format!("`{name}` only reads, and no read is in doubt"),
                        )
                        .here("only the answer to a write can be lost")
                        .help("Write `fails Timeout`."),
                    );
                }
                Some(StubAnswer::Lost)
            }
        }
    }

    fn run(&mut self, name: &Name, case: Option<RecordId>) -> Option<usize> {
        let text = name.text.as_str();
        match self.globals.get(name.span, text).map(|(g, _)| *g) {
            Some(Global::Playbook(at)) => {
                let takes = self.playbooks.get(at).and_then(|p| p.case);
                if let (Some(takes), Some(case)) = (takes, case)
                    && takes != case
                {
                    let (takes, case) =
                        (self.type_name(&Type::Record(takes)), self.type_name(&Type::Record(case)));
                    self.report(
                        Diagnostic::error(
                            codes::P8002,
                            place(name.span),
                            format!("`{text}` takes a `{takes}`, and a `{case}` is given"),
                        )
                        .here(format!("does not take a `{case}`"))
                        .help(format!("Give a `{takes}`, or run another playbook.")),
                    );
                }
                Some(at)
            }
            Some(Global::Broken) => None,
            _ => {
                let near = self.closest(text, self.playbooks.iter().map(|p| p.decl.name.text.as_str()));
                let finding = Diagnostic::error(
                    codes::P2001,
                    place(name.span),
                    format!("there is no playbook `{text}`"),
                )
                .here("not declared");
                self.report(match near {
                    Some(near) => rename(finding, name.span, near),
                    None => finding,
                });
                None
            }
        }
    }

    pub(crate) fn expectation(
        &mut self,
        step: &TestStepKind,
        step_span: Span,
        case: Option<RecordId>,
    ) -> Option<Expect> {
        match step {
            TestStepKind::ExpectClosed(class) => {
                let mut body = BodyCx::new(self, Kind::Expectation);
                let tag = body.tag(TypeTable::CLOSURE, &class.text);
                if tag.is_none() {
                    body.unknown_member(TypeTable::CLOSURE, class);
                }
                tag.map(Expect::Closed)
            }
            TestStepKind::ExpectHandedOver(None) => Some(Expect::HandedOver(None)),
            TestStepKind::ExpectHandedOver(Some(to)) => {
                self.target(to).map(|to| Expect::HandedOver(Some(to)))
            }
            TestStepKind::ExpectAct { did, action, args, how } => {
                self.expected_act(*did, action, args.as_deref(), how.as_ref(), step_span)
            }
            TestStepKind::ExpectUndone { action, args, after } => {
                self.expected_undone(action, args.as_deref(), after.as_ref())
            }
            TestStepKind::ExpectHeld { action, args, length } => {
                self.expected_held(action, args.as_deref(), length.as_ref())
            }
            TestStepKind::ExpectKept { action, args } => self.expected_kept(action, args.as_deref()),
            TestStepKind::ExpectWould { never, action, args } => {
                let (action, args) = self.expected_write(action, args.as_deref())?;
                Some(Expect::Would { never: *never, action, args })
            }
            TestStepKind::ExpectRead { action, args, times } => {
                self.expected_read(action, args.as_deref(), times.as_ref())
            }
            TestStepKind::ExpectAsked { never, to, question, times } => {
                self.expected_asked(*never, to, question.as_ref(), times.as_ref())
            }
            TestStepKind::ExpectSet(field, value) => self.expected_set(case, field, value),
            TestStepKind::ExpectRouted(None) => Some(Expect::Routed(None)),
            TestStepKind::ExpectRouted(Some(to)) => self.target(to).map(|to| Expect::Routed(Some(to))),
            TestStepKind::ExpectInDoubt { action: (connector, name) } => {
                let action = self.action(connector, name)?;
                self.must_write(action, name.span)?;
                Some(Expect::InDoubt(action))
            }
            TestStepKind::ExpectApproved { never, action, args, by } => {
                self.expected_approval(*never, action, args.as_deref(), by.as_ref())
            }
            TestStepKind::ExpectRefused { never, action, args, guard } => {
                let (action, args) = self.expected_write(action, args.as_deref())?;
                let guard = match guard {
                    Some(guard) => Some(self.guard_named(guard)?),
                    None => None,
                };
                Some(Expect::Refused { never: *never, action, args, guard })
            }
            TestStepKind::ExpectBecause(e) => {
                Some(Expect::Because(self.fixed(e, &Type::String, &Why::Words("part of a reason"))))
            }
            TestStepKind::ExpectReason { what, because } => self.expected_reason(what, because, case),
            TestStepKind::ExpectReasons(e) => {
                let texts = Type::List(Box::new(Type::String));
                Some(Expect::Reasons(self.fixed(e, &texts, &Why::Words("a part of each reason, in order"))))
            }
            TestStepKind::ExpectNoted(e) => {
                Some(Expect::Noted(self.fixed(e, &Type::String, &Why::Words("part of a note"))))
            }
            TestStepKind::ExpectElapsed(e) => self.virtual_time(e).map(Expect::Elapsed),
            TestStepKind::ExpectThat(e) => {
                if let Some(finding) = self.end_as_a_value(e) {
                    self.report(finding);
                    return None;
                }
                let mut body = BodyCx::new(self, Kind::Expectation).of_case(case);
                let expr = body.condition(e);
                Some(Expect::That(body.finish(expr)))
            }
            // These are seen to where they stand.
            TestStepKind::GivenCase(_)
            | TestStepKind::GivenStub { .. }
            | TestStepKind::GivenCounted { .. }
            | TestStepKind::GivenOther { .. }
            | TestStepKind::GivenPerson(_)
            | TestStepKind::Run(..)
            | TestStepKind::GivenConfig(..) => None,
        }
    }

    pub(crate) fn must_write(&mut self, action: ActionId, at: Span) -> Option<()> {
        let found = self.actions.get(action.0 as usize)?;
        if found.write {
            return Some(());
        }
        let name = found.full_name();
        self.report(
            Diagnostic::error(
                codes::P8003,
                place(at),
                format!("`{name}` only reads, and tests expect writes"),
            )
            .here("a read")
            .note("Which reads are asked is up to the playbook; what it does to the world is what counts.")
            .help("Expect a write, or what came of the read: `expect because contains \"…\"`."),
        );
        None
    }
}

fn is_expectation(step: &TestStepKind) -> bool {
    !matches!(
        step,
        TestStepKind::GivenCase(_)
            | TestStepKind::GivenStub { .. }
            | TestStepKind::GivenCounted { .. }
            | TestStepKind::GivenOther { .. }
            | TestStepKind::GivenConfig(..)
            | TestStepKind::GivenPerson(_)
            | TestStepKind::Run(..)
    )
}
