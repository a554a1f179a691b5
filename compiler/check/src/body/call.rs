//! Calls: of functions, of actions, of built-in functions, of types made of others; and `do`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, elsewhere};
use play_program::action::ActionId;
use play_program::types::{NewtypeId, Type};
use play_syntax::ast::{self, Arg, ExprKind as Ast, LIST_OPS, Name, Span};

use super::{BodyCx, Want, Why};
use crate::context::{Global, WRONG, is_wrong, place};
use crate::names::rename;
use crate::typed::{Effects, Expr, ExprKind, NodeId};

impl BodyCx<'_, '_> {
    pub(super) fn call(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        callee: &ast::Expr,
        args: &[Arg],
        handled: bool,
    ) -> Expr {
        match &callee.kind {
            Ast::Name(name) => self.call_name(at, e, name, callee.span, args),
            Ast::Field { base, name, optional } => {
                if let Ast::Name(word) = &base.kind
                    && let Some(connector) = self.connector_named(word, base.span)
                {
                    return match self.context.action_of(connector, name) {
                        Some(action) => self.call_action(at, e, action, args, false, handled),
                        None => self.wrong_with(at, args),
                    };
                }
                if let Ast::Name(word) = &base.kind
                    && let Some(of) = self.enum_named(word, base.span)
                {
                    return self.make_member(at, e, of, name, args);
                }
                if let Ast::Name(word) = &base.kind
                    && !matches!(word.as_str(), "case" | "payload" | "config")
                    && self.find(word).is_none()
                    && self.context.globals.get(base.span, word).is_none()
                    && !self.context.may_be_broken(word)
                    && self.enum_named(word, base.span).is_none()
                {
                    self.no_such_connector(word, base.span);
                    return self.wrong_with(at, args);
                }
                self.method(at, base, name, *optional, args, e.span)
            }
            Ast::Error => self.wrong_with(at, args),
            _ => {
                self.report(
                    Diagnostic::error(codes::P2011, place(callee.span), "this cannot be called")
                        .here("neither a function nor an action"),
                );
                self.wrong_with(at, args)
            }
        }
    }

    fn no_such_connector(&mut self, word: &str, span: Span) {
        let connectors = self.context.connectors.iter().map(|c| c.name.as_str());
        let near = self.context.closest(word, self.visible_names().chain(connectors)).map(str::to_string);
        let finding = Diagnostic::error(codes::P2001, place(span), format!("`{word}` is not known here"))
            .here("not declared");
        self.report(match near {
            Some(near) => rename(finding, span, &near),
            None => finding.help(format!("If it is a connector, add `use std.connectors.{word}`, or declare `connector {word} {{ … }}`.")),
        });
    }

    /// Arguments of something that is wrong are checked all the same.
    pub(super) fn wrong_with(&mut self, at: NodeId, args: &[Arg]) -> Expr {
        for arg in args {
            match &arg.value.kind {
                // Nothing is known of a lambda's parameter, so its body would only be guessed at.
                Ast::Lambda { .. } => self.blind = true,
                _ => {
                    self.expr(&arg.value, &Want::Any);
                }
            }
        }
        self.wrong(at)
    }

    fn call_name(&mut self, at: NodeId, e: &ast::Expr, name: &str, span: Span, args: &[Arg]) -> Expr {
        if self.find(name).is_some() {
            self.report(
                Diagnostic::error(
                    codes::P2011,
                    place(span),
                    format!("`{name}` is a value, and cannot be called"),
                )
                .here("not a function"),
            );
            return self.wrong_with(at, args);
        }
        match self.context.globals.get(span, name).map(|(global, _)| *global) {
            Some(Global::Fn(index)) => self.call_fn(at, e, index, args),
            Some(Global::Procedure(index)) => self.call_procedure(at, e, index, args),
            Some(Global::Newtype(id)) => self.make_newtype(at, e, name, id, args),
            Some(Global::Broken) => self.wrong_with(at, args),
            Some(other) => {
                let what = self.context.kind_of(other);
                let finding = Diagnostic::error(
                    codes::P2011,
                    place(span),
                    format!("`{name}` is {what}, and cannot be called"),
                )
                .here("not a function");
                self.report(match other {
                    Global::Record(_) => finding.help(format!("Make one with its fields: `{name} {{ … }}`.")),
                    _ => finding,
                });
                self.wrong_with(at, args)
            }
            None if !self.context.enums_with(name, span).is_empty() => {
                let name = Name { text: name.into(), span };
                self.call_member(at, e, &name, args)
            }
            None if matches!(name, "min" | "max") => {
                self.context.not_yet(&format!("{name}(a, b)"), span);
                self.wrong_with(at, args)
            }
            None => {
                if !self.context.may_be_broken(name) {
                    self.unknown_fn(name, span, args);
                }
                self.wrong_with(at, args)
            }
        }
    }

    fn unknown_fn(&mut self, name: &str, span: Span, args: &[Arg]) {
        let is_fn = |g: &Global| matches!(g, Global::Fn(_) | Global::Procedure(_) | Global::Newtype(_));
        let fns = self.context.globals.names(span, is_fn);
        let near = self.context.closest(name, fns).map(str::to_string);
        let finding = Diagnostic::error(codes::P2001, place(span), format!("there is no function `{name}`"))
            .here("not declared");
        let finding = match (near, args, elsewhere::value(name)) {
            (Some(near), ..) => rename(finding, span, &near),
            (None, ..) if name == "reveal" => finding.help(
                "Write `reveal VALUE because \"…\"`, without parentheses: with them it is read as a call.",
            ),
            (None, _, Some(habit)) => finding.help(habit),
            (None, [first, ..], None)
                if LIST_OPS.contains(&name) || matches!(name, "len" | "lower" | "upper" | "contains") =>
            {
                finding.help(format!(
                    "What is built in comes after a dot: `{}.{name}`.",
                    self.context.example(first.value.span)
                ))
            }
            _ => finding.help(format!("Declare it: `fn {name}(…) -> … {{ … }}`.")),
        };
        self.report(finding);
    }

    fn call_fn(&mut self, at: NodeId, e: &ast::Expr, index: usize, args: &[Arg]) -> Expr {
        let Some(info) = self.context.fns.get(index) else { return self.wrong_with(at, args) };
        let (name, params, result) =
            (info.decl.name.text.as_str().to_string(), info.params.clone(), info.result.clone());
        let made = info.made.get().copied();
        let declared = info.decl.name.span;
        let Some(values) = self.arguments(&name, declared, &params, args, e.span) else {
            return self.wrong_typed(at, result);
        };
        // Without an index it is part of a circle, which is reported.
        let Some((target, fault)) = made else { return self.wrong_typed(at, WRONG) };
        let mut fx = all_fx(&values);
        fx.fault |= fault;
        Expr { kind: ExprKind::Call(target, values), ty: result, at, fx }
    }

    /// A call that is wrong in its arguments still gives what it gives.
    pub(super) fn wrong_typed(&self, at: NodeId, ty: Type) -> Expr {
        Expr { ty, ..self.wrong(at) }
    }

    /// `HostId("x")`: the same value under its own type.
    fn make_newtype(&mut self, at: NodeId, e: &ast::Expr, name: &str, id: NewtypeId, args: &[Arg]) -> Expr {
        let ty = Type::Newtype(id);
        let of = self.context.types.repr(&ty).clone();
        match args {
            [Arg { name: None, value }] => {
                let why = Why::Param { name: "its content".into(), of: name.to_string() };
                let found = self.check(value, &of, &why);
                if is_wrong(&found.ty) { self.wrong_typed(at, ty) } else { Expr { ty, ..found } }
            }
            _ => {
                let of = self.context.a_type(&of);
                self.report(
                    Diagnostic::error(codes::P3011, place(e.span), format!("`{name}` is made of one value"))
                        .here(format!("{of}, and nothing else"))
                        .help(format!("Write `{name}(…)` with one value.")),
                );
                self.wrong_with(at, args);
                self.wrong_typed(at, ty)
            }
        }
    }

    pub(super) fn act(&mut self, at: NodeId, e: &ast::Expr, call: &ast::Expr, handled: bool) -> Expr {
        if let Ast::NotYet { what, inner: Some(inner) } = &call.kind {
            self.context.not_yet(&what.text, what.span);
            return self.act(at, e, inner, handled);
        }
        if let Ast::Call { callee, args } = &call.kind
            && let Ast::Field { base, name, .. } = &callee.kind
            && let Ast::Name(word) = &base.kind
            && self.find(word).is_none()
        {
            let connector = Name { text: word.clone(), span: base.span };
            return match self.context.action(&connector, name) {
                Some(action) => self.call_action(at, e, action, args, true, handled),
                None => self.wrong_with(at, args),
            };
        }
        if matches!(call.kind, Ast::Error) {
            self.blind = true;
            return self.wrong(at);
        }
        self.report(
            Diagnostic::error(codes::P5002, place(call.span), "`do` is followed by the call of a write")
                .here("this is not one")
                .help("Write `do CONNECTOR.ACTION(…)`."),
        );
        self.expr(call, &Want::Any);
        self.wrong(at)
    }

    fn call_action(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        id: ActionId,
        args: &[Arg],
        with_do: bool,
        handled: bool,
    ) -> Expr {
        let whole = self.whole_call.take().unwrap_or(e.span);
        let Some(action) = self.context.actions.get(id.0 as usize) else { return self.wrong_with(at, args) };
        let (name, write, params, result) =
            (action.full_name(), action.write, action.params.clone(), action.result.clone());
        let declared = self.context.action_place(id).unwrap_or(e.span);
        let what = if write { format!("`do {name}`") } else { format!("`{name}`") };
        let allowed = self.may_act(&what, e.span);
        if allowed && write != with_do {
            self.do_or_not(e, whole, &name, write, declared);
        }
        let values = self.arguments(&name, declared, &params, args, e.span);
        if allowed && !handled {
            self.unhandled_call(whole, &name, write, with_do, declared);
            // What its failure is to become is not known, and so neither is the type.
            return self.wrong(at);
        }
        let (Some(values), true, true) = (values, allowed, write == with_do) else {
            // What it would give is known all the same, so that an `else` round it is no second mistake.
            let kind = if write {
                ExprKind::Do(id, Vec::new(), Box::default())
            } else {
                ExprKind::Read(id, Vec::new(), Box::default())
            };
            return Expr {
                kind,
                ty: result,
                at,
                fx: Effects { read: !write, act: write, ..Effects::default() },
            };
        };
        let mut fx = all_fx(&values);
        if write {
            fx.act = true;
            Expr { kind: ExprKind::Do(id, values, Box::default()), ty: result, at, fx }
        } else {
            fx.read = true;
            Expr { kind: ExprKind::Read(id, values, Box::default()), ty: result, at, fx }
        }
    }

    /// `whole`: the call with all that it says of itself.
    fn do_or_not(&mut self, e: &ast::Expr, whole: Span, name: &str, write: bool, declared: Span) {
        let start = Place { file: e.span.file, start: e.span.start, end: e.span.start };
        self.report(if write {
            Diagnostic::error(
                codes::P5001,
                place(e.span),
                format!("`{name}` changes the world, and this does not say `do`"),
            )
            .here("a write without `do`")
            .label(place(declared), "declared as a `write` here")
            .note("Who reads a playbook sees by the word `do` what it may touch.")
            .help(format!("Write `do {}`.", self.context.example(whole)))
            .fix("Add `do`", false, vec![Edit { place: start, text: "do ".into() }])
        } else {
            let word = Place { file: e.span.file, start: e.span.start, end: e.span.start.saturating_add(3) };
            Diagnostic::error(codes::P5002, place(e.span), format!("`{name}` only reads, and needs no `do`"))
                .here("`do` before a read")
                .label(place(declared), "declared as a `read` here")
                .note("`do` is kept for what changes the world, so that it stands out.")
                .help("Leave the `do` out.")
                .fix("Leave the `do` out", true, vec![Edit { place: word, text: String::new() }])
        });
    }

    fn unhandled_call(&mut self, call: Span, name: &str, write: bool, with_do: bool, declared: Span) {
        let text = self.context.example(call);
        let text = if text == "value" { format!("{name}(…)") } else { text };
        let text = if write && !with_do { format!("do {text}") } else { text };
        let end = |text: &str| {
            vec![Edit { place: Place { file: call.file, start: call.end, end: call.end }, text: text.into() }]
        };
        // An `else` takes all that an operator behind it goes on with.
        let operated = self.context.operator_behind(call);
        let finding = Diagnostic::error(
            codes::P4001,
            place(call),
            format!("`{name}` can fail, and nothing says what happens then"),
        )
        .here("this call can fail")
        .label(place(declared), "declared here")
        .note("The other side may not answer, may refuse, or may answer with something else.");
        // What goes on behind the call would go on behind what stands in for its answer.
        let behind = self.context.behind(call);
        if behind.starts_with(['.', '?', '[']) {
            let shown = if with_do { "done" } else { "found" };
            self.report(finding.help(format!(
                "Give the answer a name first: `let {shown} = {text} else hand over to queue.tier2 because \"…\"`, and go on with `{shown}`."
            )));
            return;
        }
        self.report(if write {
            let finding = finding
                .help(format!("Write `{text} else hand over to queue.tier2 because \"…\"`, or `{text} else none` to go on without it."));
            if operated {
                finding
            } else {
                finding.fix("Hand over when it fails", false, end(" else hand over to queue.tier2 because \"TODO\""))
            }
        } else {
            let finding = finding
                .help(format!(
                    "Write `{text} else none`, `{text} else hand over to queue.tier2 because \"…\"`, or `if let x = {text} {{ … }}`."
                ));
            if operated { finding } else { finding.fix("Go on without it", false, end(" else none")) }
        });
    }
}

impl crate::context::Context<'_> {
    /// Whether an operator stands behind this in its line.
    fn operator_behind(&self, of: Span) -> bool {
        const WORDS: [&str; 7] = ["and", "or", "in", "not", "like", "ilike", "matches"];
        let file = self.files.get(of.file as usize);
        let rest = file.and_then(|f| f.text.get(of.end as usize..)).unwrap_or_default();
        let rest = rest.trim_start_matches([' ', '\t']);
        let word = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        let sign =
            rest.starts_with(['=', '!', '<', '>', '+', '-', '*', '%', '|', '&']) && !rest.starts_with("=>");
        sign || WORDS.contains(&word) || rest.starts_with('/') && !rest.starts_with("//")
    }

    /// Where an action is declared.
    pub(crate) fn action_place(&self, id: ActionId) -> Option<Span> {
        self.connectors.iter().flat_map(|c| c.actions.values()).find(|(a, _)| *a == id).map(|(_, at)| *at)
    }
}

/// The effects of all of them.
pub(super) fn all_fx(values: &[Expr]) -> Effects {
    values.iter().fold(Effects::default(), |fx, v| fx.with(v.fx))
}
