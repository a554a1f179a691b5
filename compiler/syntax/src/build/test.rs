//! Test blocks.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;

use super::{Build, Node, listed, place};
use crate::ast::{
    Expr, ExprKind, How, Name, Reply, RunAs, StrPart, StubAnswer, Target, TestDecl, TestStep, TestStepKind,
};
use crate::grammar::Rule;
use crate::token::TokenKind;

impl Build<'_> {
    pub(super) fn test_item(&mut self, node: Node<'_>) -> Option<TestDecl> {
        let mut inner = node.into_inner();
        let title = inner.next()?;
        let span = self.span(&title);
        let text = self.title(title);
        let steps = listed(inner.filter_map(|s| self.test_step(s)));
        Some(TestDecl { title: Name { text: text.into(), span }, steps })
    }

    /// A title is text; an interpolation in it is shown as it is written.
    fn title(&mut self, node: Node<'_>) -> String {
        let parts = match self.string(node).kind {
            ExprKind::Str(parts) => parts,
            _ => Vec::new(),
        };
        let mut title = String::new();
        for part in parts {
            match part {
                StrPart::Text(text) => title.push_str(&text),
                StrPart::Expr(e) => title.push_str(&format!("{{{}}}", self.source(e.span))),
            }
        }
        title
    }

    /// `expect undone okta.suspend("x")` · `expect asked role.analyst "malicious"`
    fn fate<'i>(&mut self, parts: impl Iterator<Item = Node<'i>>) -> Option<TestStepKind> {
        let (mut fate, mut act, mut args, mut text, mut times) = (None, None, None, None, None);
        let (mut after, mut length, mut never, mut by) = (None, None, false, None);
        for part in parts {
            match part.as_rule() {
                Rule::never_mark => never = true,
                Rule::fate => fate = Some(self.name(&part)),
                Rule::act => act = self.act(part),
                Rule::stub_args => args = Some(self.stub_args(part)),
                Rule::string => text = Some(self.expr(part)),
                Rule::held_for => length = part.into_inner().next().map(|e| self.operand(e)),
                Rule::after => after = part.into_inner().next().map(|e| self.expr(e)),
                Rule::by_role => by = part.into_inner().next().and_then(|t| self.target(t)),
                _ => times = self.times(part),
            }
        }
        let (fate, (kind, name)) = (fate?, act?);
        match fate.text.as_str() {
            "undone" if !never && text.is_none() && times.is_none() && length.is_none() && by.is_none() => {
                Some(TestStepKind::ExpectUndone { action: (kind, name), args, after })
            }
            "held" if !never && text.is_none() && times.is_none() && after.is_none() && by.is_none() => {
                Some(TestStepKind::ExpectHeld { action: (kind, name), args, length })
            }
            "kept"
                if !never && [&text, &times, &after, &length].iter().all(|o| o.is_none()) && by.is_none() =>
            {
                Some(TestStepKind::ExpectKept { action: (kind, name), args })
            }
            "would" if [&text, &times, &after, &length].iter().all(|o| o.is_none()) && by.is_none() => {
                Some(TestStepKind::ExpectWould { never, action: (kind, name), args })
            }
            "approved" if text.is_none() && times.is_none() && after.is_none() && length.is_none() => {
                Some(TestStepKind::ExpectApproved { never, action: (kind, name), args, by })
            }
            "asked" if args.is_none() && after.is_none() && length.is_none() && by.is_none() => {
                let to = Target { kind, name };
                Some(TestStepKind::ExpectAsked { never, to, question: text, times })
            }
            _ => self.no_expectation(&fate),
        }
    }

    fn no_expectation<T>(&mut self, word: &Name) -> Option<T> {
        let text = format!("a test cannot expect `{}` so", word.text);
        self.report(
            Diagnostic::error(codes::P1001, place(word.span), text).here("not known").help(
                "Of an action there are `did`, `never`, `undone … after`, `held … for`, `kept`, `would`, `refused`, `approved` and `in doubt`; of a role there is `asked role.NAME \"…\"`; of what the playbook says there are `because contains`, `reasons [ ]` and `noted`.",
            ),
        );
        None
    }

    /// `None` for a line that was reported.
    fn test_step(&mut self, node: Node<'_>) -> Option<TestStep> {
        let span = self.span(&node);
        let rule = node.as_rule();
        let (reason, mut inner): (Vec<_>, Vec<_>) =
            node.into_inner().partition(|part| part.as_rule() == Rule::reason);
        let mut inner = inner.drain(..);
        let kind = match rule {
            Rule::given_config => {
                let name = self.name(&inner.next()?);
                TestStepKind::GivenConfig(name, self.expr(inner.next()?))
            }
            Rule::given_counted => TestStepKind::GivenCounted {
                guard: self.name(&inner.next()?),
                count: self.operand(inner.next()?),
            },
            Rule::given_other => self.given_other(inner)?,
            Rule::expect_refused => {
                let (mut never, mut action, mut args, mut guard) = (false, None, None, None);
                for part in inner {
                    match part.as_rule() {
                        Rule::never_mark => never = true,
                        Rule::act => action = self.act(part),
                        Rule::stub_args => args = Some(self.stub_args(part)),
                        _ => guard = part.into_inner().next().map(|n| self.name(&n)),
                    }
                }
                TestStepKind::ExpectRefused { never, action: action?, args, guard }
            }
            Rule::expect_all => {
                let word = self.name(&inner.next()?);
                if word.text != "reasons" {
                    return self.no_expectation(&word);
                }
                TestStepKind::ExpectReasons(self.expr(inner.next()?))
            }
            Rule::given_case => TestStepKind::GivenCase(self.given_record(inner.next()?)?),
            Rule::given_stub => self.stub(inner)?,
            Rule::given_person => TestStepKind::GivenPerson(Box::new(self.given_person(inner)?)),
            Rule::run => {
                let name = self.name(&inner.next()?);
                let driven = inner.next().map(|word| {
                    let word = self.name(&word);
                    let to = inner.next().and_then(|t| self.target(t));
                    RunAs { word, asks: to.zip(inner.next().map(|e| self.operand(e))) }
                });
                TestStepKind::Run(name, driven)
            }
            Rule::expect_closed => TestStepKind::ExpectClosed(self.name(&inner.next()?)),
            Rule::expect_handed => TestStepKind::ExpectHandedOver(inner.next().and_then(|t| self.target(t))),
            Rule::expect_act => {
                let did = self.kind(&inner.next()?) == Some(TokenKind::Did);
                let action = self.act(inner.next()?)?;
                let (mut args, mut how) = (None, None);
                for part in inner {
                    match part.as_rule() {
                        Rule::stub_args => args = Some(self.stub_args(part)),
                        Rule::times => how = self.times(part).map(How::Times),
                        _ => how = self.sooner(part),
                    }
                }
                TestStepKind::ExpectAct { did, action, args, how }
            }
            Rule::expect_fate => self.fate(inner)?,
            Rule::expect_read => {
                let action = self.act(inner.next()?)?;
                let (mut args, mut times) = (None, None);
                for part in inner {
                    match part.as_rule() {
                        Rule::stub_args => args = Some(self.stub_args(part)),
                        _ => times = self.times(part),
                    }
                }
                TestStepKind::ExpectRead { action, args, times }
            }
            Rule::expect_set => {
                let field = self.name(&inner.next()?);
                TestStepKind::ExpectSet(field, self.expr(inner.next()?))
            }
            Rule::expect_routed => TestStepKind::ExpectRouted(inner.next().and_then(|t| self.target(t))),
            Rule::expect_doubt => TestStepKind::ExpectInDoubt { action: self.act(inner.next()?)? },
            Rule::expect_because => TestStepKind::ExpectBecause(self.expr(inner.next()?)),
            Rule::expect_noted => TestStepKind::ExpectNoted(self.expr(inner.next()?)),
            Rule::expect_elapsed => TestStepKind::ExpectElapsed(self.expr(inner.next()?)),
            Rule::expect_that => TestStepKind::ExpectThat(self.expr(inner.next()?)),
            _ => return None,
        };
        let because = reason.into_iter().next().and_then(|reason| reason.into_inner().next());
        match because {
            None => Some(TestStep { kind, span }),
            Some(because) => {
                let because = self.expr(because);
                let what = Box::new(TestStep { kind, span });
                Some(TestStep { kind: TestStepKind::ExpectReason { what, because }, span })
            }
        }
    }

    fn given_record(&mut self, node: Node<'_>) -> Option<Expr> {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let fields = self.record_entries(inner.next()?);
        Some(Expr { kind: ExprKind::Record { name: Box::new(name), fields }, span })
    }

    fn stub<'i>(&mut self, parts: impl Iterator<Item = Node<'i>>) -> Option<TestStepKind> {
        let (mut action, mut args, mut replies) = (None, None, Vec::new());
        for part in parts {
            match part.as_rule() {
                Rule::act => action = self.act(part),
                Rule::stub_args => args = Some(self.stub_args(part)),
                _ => replies.push(self.reply(part)?),
            }
        }
        Some(TestStepKind::GivenStub { action: action?, args, replies })
    }

    /// `given another run holds okta.suspend("x") until 1d`
    fn given_other<'i>(&mut self, parts: impl Iterator<Item = Node<'i>>) -> Option<TestStepKind> {
        let (mut words, mut action, mut args, mut until) = (Vec::new(), None, None, None);
        for part in parts {
            match part.as_rule() {
                Rule::other_word => words.push(self.name(&part)),
                Rule::act => action = self.act(part),
                Rule::stub_args => args = Some(self.stub_args(part)),
                _ => until = Some(self.operand(part)),
            }
        }
        let wanted = ["another", "holds"];
        if let Some((word, wanted)) = words.iter().zip(wanted).find(|(word, wanted)| word.text != *wanted) {
            let text = format!("`{}` says nothing here", word.text);
            self.report(
                Diagnostic::error(codes::P1001, place(word.span), text)
                    .here(format!("`{wanted}` stands here"))
                    .help("Write `given another run holds CONNECTOR.ACTION(…) until 1d`, or without `until`: for good."),
            );
            return None;
        }
        Some(TestStepKind::GivenOther { action: action?, args, until })
    }

    fn reply(&mut self, node: Node<'_>) -> Option<Reply> {
        let mut inner = node.into_inner();
        let answer = self.answer(inner.next()?.into_inner().next()?)?;
        let after = inner.next().and_then(|after| after.into_inner().next()).map(|e| self.expr(e));
        Some(Reply { answer, after })
    }

    pub(super) fn times(&mut self, node: Node<'_>) -> Option<Expr> {
        node.into_inner().next().map(|n| self.literal(&n))
    }

    fn sooner(&mut self, node: Node<'_>) -> Option<How> {
        let mut inner = node.into_inner();
        let action = self.act(inner.next()?)?;
        Some(How::Before { action, args: inner.next().map(|a| self.stub_args(a)) })
    }

    fn answer(&mut self, node: Node<'_>) -> Option<StubAnswer> {
        let span = self.span(&node);
        Some(match node.as_rule() {
            Rule::answer_returns => StubAnswer::Returns(self.expr(node.into_inner().next()?)),
            Rule::answer_fails => {
                let mut inner = node.into_inner();
                let kind = self.name(&inner.next()?);
                StubAnswer::Fails(kind, inner.next().map(|words| self.string(words)))
            }
            Rule::answer_arrives => StubAnswer::Arrives(node.into_inner().next().map(|e| self.expr(e)), span),
            _ => StubAnswer::Lost(span),
        })
    }

    pub(super) fn act(&mut self, node: Node<'_>) -> Option<(Name, Name)> {
        let mut inner = node.into_inner();
        Some((self.name(&inner.next()?), self.name(&inner.next()?)))
    }

    pub(super) fn stub_args(&mut self, node: Node<'_>) -> Vec<Option<Expr>> {
        node.into_inner()
            .filter_map(|arg| arg.into_inner().next())
            .map(|arg| (arg.as_rule() != Rule::any_mark).then(|| self.expr(arg)))
            .collect()
    }

    pub(super) fn target(&mut self, node: Node<'_>) -> Option<Target> {
        let mut inner = node.into_inner();
        Some(Target { kind: self.name(&inner.next()?), name: self.name(&inner.next()?) })
    }
}
