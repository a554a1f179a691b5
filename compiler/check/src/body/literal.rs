//! Literals, and how they adapt to the type of their place.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::convert::{from_text, parse_text};
use play_program::types::{EnumId, Type};
use play_program::value::Value;
use play_syntax::ast::{self, ExprKind as Ast, Span, StrPart};

use super::fit::shown;
use super::{BodyCx, Kind, Want, lit};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::{Effects, Expr, ExprKind, NodeId};

/// Whether an expression is a literal (or a name that may be a member of an enum) whose type may follow from the other side
/// of an operator. All of these are one node.
pub(crate) fn adapts(e: &ast::Expr) -> bool {
    match &e.kind {
        Ast::Int(_) | Ast::None => true,
        Ast::Str(parts) => !parts.iter().any(|p| matches!(p, StrPart::Expr(_))),
        Ast::List(items) => items.is_empty(),
        Ast::Name(name) => name.starts_with(char::is_uppercase),
        _ => false,
    }
}

impl BodyCx<'_, '_> {
    pub(super) fn literal(&mut self, at: NodeId, e: &ast::Expr, hint: Option<&Type>) -> Expr {
        let hint = match hint {
            Some(Type::Option(of)) => Some(&**of),
            other => other,
        };
        match &e.kind {
            Ast::Int(n) => self.int(at, *n, hint),
            Ast::Float(x) => {
                let ty = self.newtype_hint(hint, &Type::Float).unwrap_or(Type::Float);
                lit(Value::Float(*x), ty, at)
            }
            Ast::Bool(b) => lit(Value::Bool(*b), Type::Bool, at),
            Ast::None => lit(Value::None, Type::Option(Box::new(Type::Never)), at),
            Ast::Str(parts) => self.string(at, e.span, parts, hint),
            Ast::Ip(ip) => lit(Value::Ip(ip.to_canonical()), Type::Ip, at),
            Ast::Cidr { net } => self.network(at, e.span, *net),
            Ast::Duration(d) => lit(Value::Duration(*d), Type::Duration, at),
            Ast::Size(n) => lit(Value::Size(*n), Type::Size, at),
            Ast::Time(t) => lit(Value::Time(*t), Type::Time, at),
            Ast::Date(d) => lit(Value::Date(*d), Type::Date, at),
            Ast::Regex(pattern) => self.regex(at, e.span, pattern),
            _ => self.wrong(at),
        }
    }

    /// A whole number adapts to `Float` and to types made of numbers.
    pub(super) fn int(&self, at: NodeId, n: i64, hint: Option<&Type>) -> Expr {
        let target = hint.map(|ty| self.context.types.repr(ty));
        match (hint, target) {
            #[expect(clippy::cast_precision_loss, reason = "a whole number written where a Float is wanted")]
            (Some(ty), Some(Type::Float)) => lit(Value::Float(n as f64), ty.clone(), at),
            (Some(ty), Some(Type::Ranged(low, high))) if (*low..=*high).contains(&n) => {
                lit(Value::Int(n), ty.clone(), at)
            }
            (Some(ty), Some(Type::Int)) => lit(Value::Int(n), ty.clone(), at),
            _ => lit(Value::Int(n), Type::Int, at),
        }
    }

    fn newtype_hint(&self, hint: Option<&Type>, of: &Type) -> Option<Type> {
        hint.filter(|ty| self.context.types.repr(ty) == of).cloned()
    }

    fn string(&mut self, at: NodeId, span: Span, parts: &[StrPart], hint: Option<&Type>) -> Expr {
        let mut plain = String::new();
        for part in parts {
            match part {
                StrPart::Text(text) => plain.push_str(text),
                StrPart::Expr(_) => return self.interpolated(at, span, parts),
            }
        }
        self.plain_text(at, span, &plain, hint)
    }

    fn plain_text(&mut self, at: NodeId, span: Span, text: &str, hint: Option<&Type>) -> Expr {
        let string = lit(Value::str(text), Type::String, at);
        let Some(hint) = hint.filter(|ty| !is_wrong(ty)) else { return string };
        let target = self.context.types.repr(hint).clone();
        match &target {
            Type::String => lit(Value::str(text), hint.clone(), at),
            Type::Email | Type::Url | Type::Domain | Type::Hash | Type::Bytes | Type::Version => {
                match parse_text(&target, text, &self.context.types) {
                    Ok(value) => lit(value, hint.clone(), at),
                    Err(why) => {
                        let name = self.context.a_type(hint);
                        self.report(
                            Diagnostic::error(codes::P3005, place(span), format!("this is not {name}"))
                                .here(why)
                                .note("Text that is written in a playbook is checked when the playbook is."),
                        );
                        self.wrong(at)
                    }
                }
            }
            Type::Int | Type::Ranged(..) | Type::Float | Type::Bool
                if from_text(text, &target, &self.context.types).is_err() =>
            {
                string
            }
            Type::Ip
            | Type::Cidr
            | Type::Time
            | Type::Date
            | Type::Duration
            | Type::Size
            | Type::Int
            | Type::Ranged(..)
            | Type::Float
            | Type::Bool => {
                self.quotes(span, text, &target, hint);
                self.wrong(at)
            }
            Type::Enum(id)
                if self.context.types.enumeration(*id).is_some_and(|e| e.open)
                    && self.context.types.tag(*id, text).is_none()
                    && !text.is_empty() =>
            {
                lit(Value::str(text), hint.clone(), at)
            }
            Type::Enum(id) => match self
                .context
                .types
                .enumeration(*id)
                .and_then(|e| e.variants.iter().position(|v| v == text))
            {
                Some(_) => {
                    self.quotes(span, text, &target, hint);
                    self.wrong(at)
                }
                None => string,
            },
            _ => string,
        }
    }

    /// A string literal where a literal without quotes belongs.
    fn quotes(&mut self, span: Span, text: &str, target: &Type, wanted: &Type) {
        let a_type = self.context.a_type(wanted);
        let valid = matches!(target, Type::Enum(_)) || from_text(text, target, &self.context.types).is_ok();
        let newtype = target != wanted;
        let finding =
            Diagnostic::error(codes::P3004, place(span), format!("{a_type} is written without quotes"))
                .here("this is a `String`");
        let finding = if valid && !newtype {
            finding.help(format!("Drop the quotes: `{text}`.")).fix(
                "Drop the quotes",
                true,
                vec![Edit { place: place(span), text: text.to_string() }],
            )
        } else if newtype {
            let name = self.context.type_name(wanted);
            finding.help(format!("Write `{name}({})`.", self.context.sample(target)))
        } else {
            finding.help(format!("Write it like `{}`.", self.context.sample(target)))
        };
        self.report(finding);
    }

    fn interpolated(&mut self, at: NodeId, span: Span, parts: &[StrPart]) -> Expr {
        let mut fx = Effects::default();
        let mut made = Vec::with_capacity(parts.len());
        let mut wrong = false;
        for part in parts {
            let part = match part {
                StrPart::Text(text) => {
                    let at = self.node(span);
                    lit(Value::Str(Arc::from(text.as_str())), Type::String, at)
                }
                StrPart::Expr(e) => self.quietly("a string", |b| b.shown(e)),
            };
            wrong |= is_wrong(&part.ty);
            fx = fx.with(part.fx);
            made.push(part);
        }
        if wrong {
            // What is in it is wrong; that it is a string is not.
            return Expr { kind: ExprKind::Lit(Value::None), ty: Type::String, at, fx };
        }
        Expr { kind: ExprKind::Interp(made), ty: Type::String, at, fx }
    }

    /// A value that is shown in text.
    pub(crate) fn shown(&mut self, e: &ast::Expr) -> Expr {
        let found = self.expr(e, &Want::Any);
        self.must_be_shown(e, found)
    }

    /// A value that is shown in text, or absent.
    pub(crate) fn shown_or_absent(&mut self, e: &ast::Expr) -> Expr {
        let found = self.expr(e, &Want::Any);
        match &found.ty {
            Type::Option(of) if **of == Type::Never || shown(self.context.types.repr(of)) => found,
            _ => self.must_be_shown(e, found),
        }
    }

    fn must_be_shown(&mut self, e: &ast::Expr, mut found: Expr) -> Expr {
        if is_wrong(&found.ty) || shown(self.context.types.repr(&found.ty)) {
            return found;
        }
        if !found.fx.is_pure() {
            // What has an effect cannot stand in text in any case, and that is said already.
            found.ty = WRONG;
            return found;
        }
        let what = self.context.quoted(e.span);
        let text = self.context.example(e.span);
        let is = self.context.a_type(&found.ty);
        let in_text = |e: String| if self.quiet.is_some() { format!("`{{{e}}}`") } else { format!("`{e}`") };
        let help = match &found.ty {
            Type::Option(of) if shown(self.context.types.repr(of)) => match self.context.types.repr(of) {
                Type::String => {
                    format!(
                        "Say what to write when it is absent: {}.",
                        in_text(format!("{text} else \"unknown\""))
                    )
                }
                _ => format!(
                    "Say what to write when it is absent, or use `if let x = {text} {{ … }}` round the text."
                ),
            },
            Type::List(of) if **of == Type::String => {
                format!("Join it: {}.", in_text(format!("{text}.join(\", \")")))
            }
            Type::List(_) => format!(
                "Show how many there are, {}, or map the elements to text and join them.",
                in_text(format!("{text}.len"))
            ),
            Type::Record(id) => {
                let fields = self.context.types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
                let field = fields
                    .iter()
                    .find(|f| shown(self.context.types.repr(&f.ty)))
                    .map_or("field", |f| f.name.as_str());
                format!("Show a field of it: {}.", in_text(format!("{text}.{field}")))
            }
            Type::Json => match self.kind {
                Kind::Source | Kind::Respond => {
                    format!("Say what it has to be: {}.", in_text(format!("{text} as String?")))
                }
                _ => format!(
                    "Say what it has to be: {}.",
                    in_text(format!("{text} as String else \"unknown\""))
                ),
            },
            _ => "Show something else.".into(),
        };
        let finding = Diagnostic::error(
            codes::P3015,
            place(e.span),
            format!("{what} is {is}, which cannot be shown in text"),
        )
        .here(format!("this is {is}"))
        .help(help);
        let after = match &found.ty {
            Type::Option(of) if *self.context.types.repr(of) == Type::String => " else \"unknown\"",
            Type::List(of) if **of == Type::String => ".join(\", \")",
            Type::Json if matches!(self.kind, Kind::Source | Kind::Respond) => " as String?",
            Type::Json => " as String else \"unknown\"",
            _ => "",
        };
        let plain = matches!(e.kind, Ast::Name(_) | Ast::Field { .. } | Ast::Index { .. } | Ast::Call { .. });
        self.report(if plain && !after.is_empty() {
            let end = Place { start: e.span.end, ..place(e.span) };
            finding.fix(
                format!("Write `{}` behind it", after.trim()),
                false,
                vec![Edit { place: end, text: after.into() }],
            )
        } else {
            finding
        });
        found.ty = WRONG;
        found
    }

    fn network(&mut self, at: NodeId, span: Span, net: IpNet) -> Expr {
        let right = net.trunc();
        if right != net {
            self.report(
                Diagnostic::error(
                    codes::P3006,
                    place(span),
                    format!("`{net}` is an address inside a network, not a network"),
                )
                .here("bits are set that belong to the host")
                .help(format!("The network is `{right}`; a single address is written `{}`.", net.addr()))
                .fix(
                    format!("Write `{right}`"),
                    false,
                    vec![Edit { place: place(span), text: right.to_string() }],
                ),
            );
            return self.wrong(at);
        }
        lit(Value::Cidr(unmapped(net)), Type::Cidr, at)
    }

    fn regex(&mut self, at: NodeId, span: Span, pattern: &str) -> Expr {
        match play_program::pattern::check(pattern) {
            Ok(()) => lit(Value::str(pattern), Type::Regex, at),
            Err(text) => {
                let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
                self.report(
                    Diagnostic::error(codes::P3007, place(span), "this is not a pattern")
                        .here(why)
                        .note("Patterns are matched in linear time, so they have no look-around and no back-references."),
                );
                self.wrong(at)
            }
        }
    }

    /// The tag of a member of an enum.
    pub(crate) fn tag(&self, of: EnumId, member: &str) -> Option<u32> {
        let members = &self.context.types.enumeration(of)?.variants;
        members.iter().position(|v| v == member).map(crate::names::index)
    }
}

/// An IPv4 network that is written as an IPv6 one is that IPv4 network.
fn unmapped(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    match (IpAddr::V6(v6.addr()).to_canonical(), v6.prefix_len().checked_sub(96)) {
        (addr @ IpAddr::V4(_), Some(prefix)) => IpNet::new(addr, prefix).unwrap_or(net),
        _ => net,
    }
}
