//! Actions that belong to another: what takes a write back, and what is read before it is done.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::action::ActionId;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{ActionDecl, Arg, ConnectorDecl, Expr, ExprKind, Name, Span};

use crate::body::{BodyCx, Kind, Role, Why};
use crate::context::{Context, place};
use crate::typed::{self, Body, Effects, Related};

/// A parameter of the expressions that the action does not have: its result, the snapshot. `_` when it has no name.
type More = (String, Type, Span);

/// What is known of a snapshot: its name and its type.
pub(crate) type Kept = (String, Type);

/// The call of an action of the same connector.
struct Named<'e> {
    action: ActionId,
    name: Name,
    /// `None`: without parentheses.
    args: Option<&'e [Arg]>,
}

impl Context<'_> {
    /// `undo lift(id)`: another write of the same connector. Its arguments may be made of the act's, of its `result` and of
    /// the snapshot. Gives its name, and its expressions where they are in order.
    pub(crate) fn undo(
        &mut self,
        connector: &ConnectorDecl,
        decl: &ActionDecl,
        id: ActionId,
        snapshot: Option<&Kept>,
        used: &mut [bool],
    ) -> Option<(String, Option<Related>)> {
        let undo = decl.undo.as_ref()?;
        let to = self.call_of_own(undo, connector, "undo")?;
        let action = self.actions.get(to.action.0 as usize)?;
        let (write, full) = (action.write, action.full_name());
        let declared = self.action_place(to.action).unwrap_or(undo.span);
        let what = if !write {
            Some(format!("`{full}` only reads, and takes nothing back"))
        } else if to.action == id {
            Some(format!("`{full}` cannot take itself back"))
        } else {
            None
        };
        if let Some(what) = what {
            let finding = Diagnostic::error(codes::P5007, place(undo.span), what);
            self.report(if write {
                finding.here("the same write").help("Name another write of this connector.")
            } else {
                finding
                    .here("a read")
                    .label(place(declared), "declared here")
                    .help("Name a write of this connector.")
            });
            return Some((to.name.text.into(), None));
        }
        let result = self.actions.get(id.0 as usize).map_or(Type::Unit, |a| a.result.clone());
        let known = |name: &str, ty: &Type| match ty {
            Type::Unit => ("_".to_string(), ty.clone(), undo.span),
            ty => (name.to_string(), ty.clone(), undo.span),
        };
        let more = [
            known("result", &result),
            snapshot.map_or(("_".into(), Type::Unit, undo.span), |(name, ty)| known(name, ty)),
        ];
        let args = self.related_args(undo, &to, decl, id, &more, used);
        let when = decl
            .undo_when
            .as_ref()
            .map(|when| self.of_related(when, decl, id, &more, used, |b, e| Some(b.condition(e))));
        let related = match (args, when) {
            (Some(args), None) => Some(Related { action: to.action, args, when: None }),
            (Some(args), Some(Some(when))) => Some(Related { action: to.action, args, when: Some(when) }),
            _ => None,
        };
        Some((to.name.text.into(), related))
    }

    /// `irreversible because "…"`: what a `contain`, `change` or `destroy` without `undo` has to say.
    pub(crate) fn irreversible(&mut self, decl: &ActionDecl) -> Option<String> {
        let name = &decl.name.text;
        let Some(reason) = &decl.irreversible else {
            let lasts =
                decl.class.as_ref().filter(|c| matches!(c.text.as_str(), "contain" | "change" | "destroy"));
            if let (Some(class), true, None) = (lasts, decl.write, &decl.undo) {
                let end = Place { file: class.span.file, start: class.span.end, end: class.span.end };
                self.report(
                    Diagnostic::error(
                        codes::P5054,
                        place(decl.name.span),
                        format!("nothing takes `{name}` back, and that is not said"),
                    )
                    .here("without an `undo`")
                    .label(place(class.span), "what such a write did stays")
                    .note("A rollback leaves it as it is, and it cannot be done for a time.")
                    .help("Name the write that takes it back, `undo NAME(…)`, or write `irreversible because \"…\"`.")
                    .fix(
                        "Say that it is irreversible",
                        false,
                        vec![Edit { place: end, text: "\n    irreversible because \"TODO\"".into() }],
                    ),
                );
            }
            return None;
        };
        if let Some(undo) = &decl.undo {
            self.report(
                Diagnostic::error(
                    codes::P5054,
                    place(reason.span),
                    format!("`{name}` is irreversible, and has an `undo`"),
                )
                .here("nothing takes it back")
                .label(place(undo.span), "and this does")
                .help("Leave out one of the two."),
            );
        }
        if let Some(text) = reason.literal().filter(|text| !text.is_empty()) {
            return Some(text.to_string());
        }
        match &reason.kind {
            ExprKind::Str(_) => self.report(
                Diagnostic::error(codes::P5004, place(reason.span), "the reason is fixed text")
                    .here("one for all acts")
                    .help("Say what makes it irreversible, in quotes and without braces."),
            ),
            ExprKind::Error => {}
            _ => self.report(
                Diagnostic::error(codes::P5004, place(reason.span), "the reason is text in quotes")
                    .here("not text")
                    .help("Write `irreversible because \"…\"`."),
            ),
        }
        None
    }

    /// `snapshot before = policy(id)`: a read of the same connector, asked before the write is done.
    pub(crate) fn snapshot(
        &mut self,
        connector: &ConnectorDecl,
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
    ) -> Option<(Option<Related>, Kept)> {
        let (name, call) = decl.snapshot.as_ref()?;
        let to = self.call_of_own(call, connector, "snapshot")?;
        let action = self.actions.get(to.action.0 as usize)?;
        let (write, full, result) = (action.write, action.full_name(), action.result.clone());
        let twin = decl.params.iter().any(|p| p.name.text == name.text) || name.text == "result";
        let what = if write {
            Some((call.span, format!("`{full}` changes the world, and a snapshot only reads")))
        } else if result == Type::Unit {
            Some((call.span, format!("`{full}` has no result that could be kept")))
        } else if twin {
            Some((name.span, format!("`{}` has a meaning here already", name.text)))
        } else if decl.undo.is_none() {
            Some((call.span, "nothing needs this snapshot: there is no `undo`".to_string()))
        } else {
            None
        };
        if let Some((at, what)) = what {
            self.report(
                Diagnostic::error(codes::P5053, place(at), what)
                    .here("cannot be kept")
                    .note("A snapshot is what a read says right before the write is done. It is kept for the `undo`.")
                    .help("Write `snapshot NAME = READ(…)` and give NAME to the `undo`."),
            );
            return Some((None, (name.text.as_str().to_string(), result)));
        }
        let args = self.related_args(call, &to, decl, id, &[], used);
        let related = args.map(|args| Related { action: to.action, args, when: None });
        Some((related, (name.text.as_str().to_string(), result)))
    }

    /// `verify user(id) is answer.locked -> answer.id`: a read of the same connector that finds out whether a write in doubt was
    /// done. Gives the read, and what becomes of its answer.
    pub(crate) fn verify(
        &mut self,
        connector: &ConnectorDecl,
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
    ) -> Option<(Related, Related)> {
        let verify = decl.verify.as_ref()?;
        let to = self.call_of_own(&verify.call, connector, "verify")?;
        let action = self.actions.get(to.action.0 as usize)?;
        let (write, full, answer) = (action.write, action.full_name(), action.result.clone());
        let result = self.actions.get(id.0 as usize).map_or(Type::Unit, |a| a.result.clone());
        let name = &decl.name.text;
        let nothing = matches!(result, Type::Unit | Type::Option(_));
        let what = if write {
            Some((verify.call.span, format!("`{full}` changes the world, and finds nothing out")))
        } else if decl.params.iter().any(|p| p.name.text == "answer") {
            Some((verify.call.span, "`answer` is the answer here, and a parameter of the action".to_string()))
        } else if verify.gives.is_none() && !nothing {
            let is = self.a_type(&result);
            Some((
                verify.call.span,
                format!("`{name}` gives {is}, and nothing says which when the read finds it done"),
            ))
        } else {
            None
        };
        if let Some((at, what)) = what {
            self.report(
                Diagnostic::error(codes::P5055, place(at), what)
                    .here("cannot verify it")
                    .note("When nobody knows whether a write was done, this read is asked, and the run goes on as if the write had answered.")
                    .help("Write `verify READ(…) is CONDITION -> RESULT`, where `answer` is what the read says."),
            );
            return None;
        }
        let args = self.related_args(&verify.call, &to, decl, id, &[], used)?;
        let more = [match answer {
            Type::Unit => ("_".to_string(), Type::Unit, verify.call.span),
            answer => ("answer".to_string(), answer, verify.call.span),
        }];
        let when = match &verify.is {
            Some(is) => Some(self.of_related(is, decl, id, &more, used, |b, e| Some(b.condition(e)))?),
            None => None,
        };
        let given = verify.gives.as_ref().unwrap_or(&verify.call);
        let gives = self.of_related(given, decl, id, &more, used, |b, e| {
            let at = b.node(e.span);
            let values = match &verify.gives {
                Some(gives) => vec![b.check(gives, &result, &Why::Words("the result of the write"))],
                None => Vec::new(),
            };
            let ty = Type::List(Box::new(Type::Unit));
            Some(typed::Expr { kind: typed::ExprKind::List(values), ty, at, fx: Effects::default() })
        })?;
        let read = Related { action: to.action, args, when: None };
        Some((read, Related { action: to.action, args: gives, when }))
    }

    /// The action of this connector that is called, and its arguments.
    fn call_of_own<'e>(&mut self, e: &'e Expr, connector: &ConnectorDecl, clause: &str) -> Option<Named<'e>> {
        let (name, span, args) = match &e.kind {
            ExprKind::Call { callee, args } => match &callee.kind {
                ExprKind::Name(name) => (name, callee.span, Some(args.as_slice())),
                _ => return self.no_action_of_own(e, &connector.name.text, clause),
            },
            ExprKind::Name(name) => (name, e.span, None),
            ExprKind::Error => return None,
            ExprKind::NotYet { what, .. } => {
                self.not_yet(&what.text, what.span);
                return None;
            }
            _ => return self.no_action_of_own(e, &connector.name.text, clause),
        };
        let name = Name { text: name.clone(), span };
        let at = self.connectors.iter().position(|c| c.name == connector.name.text)?;
        let action = self.action_of(at, &name)?;
        Some(Named { action, name, args })
    }

    fn no_action_of_own<T>(&mut self, e: &Expr, connector: &str, clause: &str) -> Option<T> {
        let (sort, code) = match clause {
            "undo" => ("write", codes::P5007),
            "verify" => ("read", codes::P5055),
            _ => ("read", codes::P5053),
        };
        self.report(
            Diagnostic::error(code, place(e.span), format!("`{clause}` names a {sort} of `{connector}`"))
                .here(format!("not a {sort} of this connector"))
                .help(match clause {
                    "undo" => "Write `undo NAME(…)`.",
                    "verify" => "Write `verify READ(…) is CONDITION`.",
                    _ => "Write `snapshot NAME = READ(…)`.",
                }),
        );
        None
    }

    /// The arguments of such a call, as a list. Without parentheses each parameter gets what the act has under its name.
    fn related_args(
        &mut self,
        e: &Expr,
        to: &Named<'_>,
        decl: &ActionDecl,
        id: ActionId,
        more: &[More],
        used: &mut [bool],
    ) -> Option<Body> {
        let target = self.actions.get(to.action.0 as usize)?;
        let (full, params) = (target.full_name(), target.params.clone());
        let declared = self.action_place(to.action).unwrap_or(e.span);
        let by_name: Vec<Arg>;
        let args = match to.args {
            Some(args) => args,
            None => {
                by_name = params
                    .iter()
                    .filter(|(name, _)| decl.params.iter().any(|p| p.name.text == *name))
                    .map(|(name, _)| {
                        let name = Name { text: name.as_str().into(), span: e.span };
                        let value = Expr { kind: ExprKind::Name(name.text.clone()), span: e.span };
                        Arg { name: Some(name), value }
                    })
                    .collect();
                by_name.as_slice()
            }
        };
        self.of_related(e, decl, id, more, used, |b, e| {
            let at = b.node(e.span);
            let values = b.arguments(&full, declared, &params, args, e.span)?;
            let ty = Type::List(Box::new(Type::Unit));
            Some(typed::Expr { kind: typed::ExprKind::List(values), ty, at, fx: Effects::default() })
        })
    }

    /// An expression over the action's parameters and a few more. `None` when it is wrong, which is reported.
    fn of_related(
        &mut self,
        e: &Expr,
        decl: &ActionDecl,
        id: ActionId,
        more: &[More],
        used: &mut [bool],
        check: impl FnOnce(&mut BodyCx<'_, '_>, &Expr) -> Option<typed::Expr>,
    ) -> Option<Body> {
        let params = self.actions.get(id.0 as usize).map(|a| a.params.clone()).unwrap_or_default();
        let before = self.findings.len();
        let mut body = BodyCx::new(self, Kind::Request);
        // Whether a parameter is used is a matter of the whole action.
        for (param, (_, ty)) in decl.params.iter().zip(params) {
            body.param(&param.name.text, ty, param.name.span, Role::Given);
        }
        for (name, ty, span) in more {
            body.param(name, ty.clone(), *span, Role::Given);
        }
        let found = check(&mut body, e);
        let blind = body.blind;
        for (used, local) in used.iter_mut().zip(&body.locals) {
            *used |= local.used || blind;
        }
        let nothing = typed::Expr {
            kind: typed::ExprKind::Lit(Value::None),
            ty: Type::Unit,
            at: 0,
            fx: Effects::default(),
        };
        let sound = found.is_some();
        let body = body.finish(found.unwrap_or(nothing));
        (sound && !self.errors_since(before)).then_some(body)
    }
}

/// The parameters of an act that say what it is done to: what its undo is given of them, not looking at results and snapshots.
pub(crate) fn target_of(undo: Option<&Related>, params: usize) -> Vec<u16> {
    let of_params = |e: &typed::Expr| {
        let mut all = Vec::new();
        locals(e, &mut all);
        let own = all.iter().all(|local| (*local as usize) < params);
        if own { all } else { Vec::new() }
    };
    let values = match undo.map(|u| &u.args.expr.kind) {
        Some(typed::ExprKind::List(values)) => values.as_slice(),
        _ => &[],
    };
    let mut target: Vec<u16> =
        values.iter().flat_map(of_params).filter_map(|local| u16::try_from(local).ok()).collect();
    target.sort_unstable();
    target.dedup();
    if target.is_empty() {
        target = (0..params).filter_map(|n| u16::try_from(n).ok()).collect();
    }
    target
}

fn locals(e: &typed::Expr, all: &mut Vec<u32>) {
    if let typed::ExprKind::Local(local) = &e.kind {
        all.push(local.0);
    }
    e.parts().into_iter().for_each(|part| locals(part, all));
}
