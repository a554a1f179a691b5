//! Names in expressions: locals, constants, members of enums; and what was meant by one that is none of these.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, elsewhere};
use play_program::types::{EnumId, Type, TypeTable};
use play_syntax::ast::{Name, Span};

use super::{BodyCx, Kind};
use crate::context::{Global, place};
use crate::names::rename;
use crate::typed::{Effects, Expr, ExprKind, LocalId, NodeId};

impl BodyCx<'_, '_> {
    pub(super) fn name(&mut self, at: NodeId, name: &str, span: Span, hint: Option<&Type>) -> Expr {
        if let Some(id) = self.find(name) {
            let local = self.local(at, id);
            return self.narrowed(local);
        }
        if let Some(wrong) = self.special(name, span) {
            self.report(wrong);
            return self.wrong(at);
        }
        let wanted = match hint {
            Some(Type::Option(of)) => enum_of(of),
            Some(ty) => enum_of(ty),
            None => None,
        };
        if let Some(of) = wanted
            && let Some(tag) = self.tag(of, name)
        {
            return self.plain_member(at, of, tag, span);
        }
        match self.context.globals.get(span, name).map(|(global, _)| *global) {
            Some(Global::Const(index)) => return self.constant(at, index),
            Some(Global::Broken) => return self.wrong(at),
            Some(other) => {
                self.not_a_value(name, span, other);
                return self.wrong(at);
            }
            None => {}
        }
        match self.context.enums_with(name, span).as_slice() {
            [of] => {
                let of = *of;
                match self.tag(of, name) {
                    Some(tag) => self.plain_member(at, of, tag, span),
                    None => self.wrong(at),
                }
            }
            several @ [_, _, ..] => {
                self.ambiguous(name, span, several);
                self.wrong(at)
            }
            _ => {
                let alike = |of: EnumId| {
                    let layout = self.context.types.enumeration(of);
                    layout.is_some_and(|e| e.variants.iter().any(|v| v.eq_ignore_ascii_case(name)))
                };
                match wanted {
                    Some(of) if name.starts_with(char::is_uppercase) || alike(of) => {
                        let name = Name { text: name.into(), span };
                        self.unknown_member(of, &name);
                    }
                    _ => self.unknown(name, span),
                }
                self.wrong(at)
            }
        }
    }

    pub(crate) fn local(&mut self, at: NodeId, id: LocalId) -> Expr {
        match self.locals.get_mut(id.0 as usize) {
            Some(local) => {
                local.used = true;
                let ty = local.ty.clone();
                Expr { kind: ExprKind::Local(id), ty, at, fx: Effects::default() }
            }
            None => self.wrong(at),
        }
    }

    fn constant(&self, at: NodeId, index: usize) -> Expr {
        match self.context.consts.get(index).and_then(|info| info.made.get()) {
            Some((index, ty)) => {
                Expr { kind: ExprKind::Const(*index), ty: ty.clone(), at, fx: Effects::default() }
            }
            None => self.wrong(at),
        }
    }

    /// Words that mean something only in some places, or only before a dot.
    fn special(&self, name: &str, span: Span) -> Option<Diagnostic> {
        let finding = |text: String| Diagnostic::error(codes::P2013, place(span), text);
        match name {
            "case" if self.case.is_some() => Some(
                finding("the case as a whole is not a value".into())
                    .here("a field of it is")
                    .help("Name a field: `case.severity`. A function takes the fields that it needs, each as a parameter."),
            ),
            "case" => Some(self.no_case(span)),
            "act" if self.kind == Kind::Guard => Some(
                finding("the act as a whole is not a value".into())
                    .here("a parameter of it is")
                    .help("Name a parameter of the action: `act.PARAMETER`."),
            ),
            "payload" => Some(
                finding("there is no `payload` here".into())
                    .here("known only in `accept`, `dedup` and `map` of a source")
                    .help("Map what is needed into a field of the case, and read `case.FIELD`."),
            ),
            "body" | "status" if matches!(self.kind, Kind::Request) => Some(
                finding(format!("there is no `{name}` before the answer is there"))
                    .here("known only after `expect … ->`")
                    .help("Use the parameters of the action."),
            ),
            "failure" if self.context.globals.get(span, name).is_none() => Some(
                finding("there is no `failure` here".into())
                    .here("known only in the `else` of a call, and in that of a step")
                    .note("It says how the call failed: `failure.kind` and `failure.words`.")
                    .help("Write `CALL else match failure.kind { … }`, or `if let x = CALL { … } else { … }`."),
            ),
            "config" => Some(self.no_config_here(span, None)),
            _ => None,
        }
    }

    /// `case` where there is none.
    pub(super) fn no_case(&self, span: Span) -> Diagnostic {
        let finding = Diagnostic::error(codes::P2013, place(span), "there is no `case` here")
            .here("known only in playbooks and in the expectations of tests");
        if let Some(procedure) = &self.caseless {
            return finding
                .note("A procedure can be called by playbooks for any case, unless it says for which.")
                .help(format!(
                    "Take what is needed as a parameter, or write `procedure {procedure}(…) for CASE`."
                ));
        }
        match self.kind {
            Kind::Source => {
                finding.help("The case is only being made here: read the alert, `payload.FIELD`.")
            }
            Kind::Fn(_) => finding.help("Take what is needed as a parameter."),
            _ => finding,
        }
    }

    fn not_a_value(&mut self, name: &str, span: Span, global: Global) {
        let what = self.context.kind_of(global);
        let finding =
            Diagnostic::error(codes::P2011, place(span), format!("`{name}` is {what}, not a value"))
                .here("a value belongs here");
        let help = match global {
            Global::Fn(_) | Global::Procedure(_) => Some(format!("Call it: `{name}(…)`.")),
            Global::Enum(id) => {
                let member = self.context.types.variant(id, 0).unwrap_or("…");
                Some(format!("Name one of its members: `{name}.{member}`."))
            }
            Global::Record(_) => Some(format!("Make one: `{name} {{ … }}`.")),
            Global::Newtype(_) => Some(format!("Make one: `{name}(…)`.")),
            Global::Connector(at) => {
                let action = self.context.connectors.get(at).and_then(|c| c.actions.keys().next());
                action.map(|action| format!("Call one of its actions: `{name}.{action}(…)`."))
            }
            _ => None,
        };
        self.report(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    }

    fn ambiguous(&mut self, name: &str, span: Span, of: &[EnumId]) {
        let ways: Vec<String> =
            of.iter().map(|id| format!("`{}.{name}`", self.context.type_name(&Type::Enum(*id)))).collect();
        self.report(
            Diagnostic::error(codes::P2009, place(span), format!("several enums have a member `{name}`"))
                .here("which one is not clear here")
                .help(format!("Write {}.", ways.join(" or "))),
        );
    }

    /// Reports a member that an enum does not have.
    pub(crate) fn unknown_member(&mut self, of: EnumId, name: &Name) {
        let Some(layout) = self.context.types.enumeration(of) else { return };
        let enum_name = layout.name.clone();
        let finding = Diagnostic::error(
            codes::P2005,
            place(name.span),
            format!("`{enum_name}` has no member `{}`", name.text),
        )
        .here("no such member");
        let near = self.context.closest(&name.text, layout.variants.iter().map(String::as_str));
        let finding = match near.or_else(|| short_for(&name.text, &layout.variants)) {
            Some(near) => rename(finding, name.span, near),
            None => {
                let all: Vec<String> = layout.variants.iter().map(|v| format!("`{v}`")).collect();
                finding.help(format!("It has {}.", all.join(", ")))
            }
        };
        self.report(finding);
    }

    /// Reports a name that nothing has.
    pub(super) fn unknown(&mut self, name: &str, span: Span) {
        if self.context.may_be_broken(name) {
            return;
        }
        let is_value = |g: &Global| {
            matches!(g, Global::Const(_) | Global::Fn(_) | Global::Connector(_) | Global::Enum(_))
        };
        let globals = self.context.globals.names(span, is_value);
        let members = self.context.members.keys().map(String::as_str);
        let known = self.visible_names().chain(globals).chain(members).chain(["case"]);
        let near = self.context.closest(name, known).map(str::to_string);
        let finding = Diagnostic::error(codes::P2001, place(span), format!("`{name}` is not known here"))
            .here("not declared");
        let fields = self.case.and_then(|case| self.context.types.record(case));
        let fields = fields.map(|r| r.fields.as_slice()).unwrap_or_default();
        let exact = fields.iter().find(|f| f.name == name).map(|f| f.name.as_str());
        let field = exact.or_else(|| self.context.closest(name, fields.iter().map(|f| f.name.as_str())));
        let finding = match (near, field, elsewhere::value(name)) {
            // `null` is no misspelt `full`.
            (_, None, Some(habit)) => match elsewhere::constant(name) {
                Some(right) => finding.help(habit).fix(
                    format!("Write `{right}`"),
                    true,
                    vec![Edit { place: place(span), text: right.into() }],
                ),
                None => finding.help(habit),
            },
            (_, Some(field), _) if exact.is_some() => rename(finding, span, &format!("case.{field}")),
            (Some(near), _, _) => rename(finding, span, &near),
            (None, Some(field), _) => rename(finding, span, &format!("case.{field}")),
            (None, None, None) => finding,
        };
        self.report(finding);
    }

    /// The enum of that name, unless a local hides it.
    pub(super) fn enum_named(&self, name: &str, at: Span) -> Option<EnumId> {
        if self.find(name).is_some() {
            return None;
        }
        match name {
            "Severity" => return Some(TypeTable::SEVERITY),
            "Closure" => return Some(TypeTable::CLOSURE),
            _ => {}
        }
        match self.context.globals.get(at, name) {
            Some((Global::Enum(id), _)) => Some(*id),
            _ => None,
        }
    }

    /// The connector of that name, unless a local hides it.
    pub(super) fn connector_named(&self, name: &str, at: Span) -> Option<usize> {
        match self.context.globals.get(at, name) {
            Some((Global::Connector(at), _)) if self.find(name).is_none() => Some(*at),
            _ => None,
        }
    }
}

fn enum_of(ty: &Type) -> Option<EnumId> {
    if let Type::Enum(id) | Type::Union(id) = ty { Some(*id) } else { None }
}

/// The only member that a word is short for: `FP` or `False` for `FalsePositive`.
fn short_for<'a>(word: &str, members: &'a [String]) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let is_meant = |member: &&String| {
        let initials: String = member.chars().filter(char::is_ascii_uppercase).collect();
        let begins = lower.len() > 2 && member.to_lowercase().starts_with(&lower);
        begins || initials.len() > 1 && initials.eq_ignore_ascii_case(word)
    };
    let mut meant = members.iter().filter(is_meant);
    meant.next().filter(|_| meant.next().is_none()).map(String::as_str)
}
