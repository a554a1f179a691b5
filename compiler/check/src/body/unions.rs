//! Members of enums: those that hold values are made like a call, and taken apart by patterns.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{EnumId, FieldType, RecordId, Type};
use play_program::value::Value;
use play_syntax::ast::{self, Arg, Capture, Name, PatternKind, Span};

use super::{BodyCx, Role, lit};
use crate::context::place;
use crate::typed::{Effects, Expr, ExprKind, NodeId, Stmt};

/// The slot of the member itself in the layout of what it holds.
const MEMBER: usize = 0;

impl BodyCx<'_, '_> {
    /// A member that is named and holds nothing.
    pub(super) fn plain_member(&mut self, at: NodeId, of: EnumId, tag: u32, span: Span) -> Expr {
        self.context.member_named(of, tag, span);
        let Some((record, layout)) = self.context.types.held(of, tag) else {
            return lit(Value::Enum(tag), Type::Enum(of), at);
        };
        let parts = layout.fields.get(1..).unwrap_or_default().to_vec();
        if !parts.is_empty() {
            self.without_parts(of, tag, span, &parts);
            return Expr { ty: Type::Union(of), ..self.wrong(at) };
        }
        self.member_of(at, of, tag, record, Vec::new(), span)
    }

    fn member_of(
        &mut self,
        at: NodeId,
        of: EnumId,
        tag: u32,
        record: RecordId,
        parts: Vec<Expr>,
        span: Span,
    ) -> Expr {
        let fx = super::call::all_fx(&parts);
        let member = lit(Value::Enum(tag), Type::Enum(of), self.node(span));
        let slots = std::iter::once(member).chain(parts).collect();
        Expr { kind: ExprKind::Record(record, slots), ty: Type::Union(of), at, fx }
    }

    /// How a member that holds values is written.
    fn written(&self, of: EnumId, tag: u32, parts: &[FieldType]) -> String {
        let parts: Vec<String> =
            parts.iter().map(|p| format!("{}: {}", p.name, self.context.sample(&p.ty))).collect();
        format!("{}({})", self.context.types.variant(of, tag).unwrap_or("…"), parts.join(", "))
    }

    fn without_parts(&mut self, of: EnumId, tag: u32, span: Span, parts: &[FieldType]) {
        let names: Vec<String> = parts.iter().map(|p| format!("`{}`", p.name)).collect();
        let what = self.context.quoted(span);
        let example = self.written(of, tag, parts);
        let finding = Diagnostic::error(
            codes::P3025,
            place(span),
            format!("{what} holds {}, and is given nothing here", names.join(", ")),
        )
        .here("without what it holds")
        .help(format!("Write `{example}`."));
        let finding = match self.member_place(of, tag) {
            Some(at) => finding.label(place(at), "declared here"),
            None => finding,
        };
        self.report(finding);
    }

    fn member_place(&self, of: EnumId, tag: u32) -> Option<Span> {
        self.context.enum_decl(of)?.variants.get(tag as usize).map(|v| v.name.span)
    }

    /// `Malicious(family: x)` where several enums may have such a member.
    pub(super) fn call_member(&mut self, at: NodeId, e: &ast::Expr, name: &Name, args: &[Arg]) -> Expr {
        match self.context.enums_with(&name.text, name.span).as_slice() {
            [of] => {
                let of = *of;
                self.make_member(at, e, of, name, args)
            }
            several => {
                let ways: Vec<String> = several
                    .iter()
                    .map(|id| format!("`{}.{}(…)`", self.context.type_name(&Type::Enum(*id)), name.text))
                    .collect();
                self.report(
                    Diagnostic::error(
                        codes::P2009,
                        place(name.span),
                        format!("several enums have a member `{}`", name.text),
                    )
                    .here("which one is not clear here")
                    .help(format!("Write {}.", ways.join(" or "))),
                );
                self.wrong_with(at, args)
            }
        }
    }

    /// `Malicious(family: "Emotet", score: 90)`
    pub(super) fn make_member(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        of: EnumId,
        name: &Name,
        args: &[Arg],
    ) -> Expr {
        let Some(tag) = self.tag(of, &name.text) else {
            self.unknown_member(of, name);
            return self.wrong_with(at, args);
        };
        self.context.member_named(of, tag, name.span);
        let held = self.context.types.held(of, tag).map(|(record, layout)| (record, layout.fields.clone()));
        let parts = held.as_ref().and_then(|(_, fields)| fields.get(1..)).unwrap_or_default().to_vec();
        let (Some((record, _)), false) = (held, parts.is_empty()) else {
            self.report(
                Diagnostic::error(codes::P3025, place(e.span), format!("`{}` holds nothing", name.text))
                    .here("no parentheses")
                    .help(format!("Write `{}`.", name.text)),
            );
            self.wrong_with(at, args);
            return Expr { ty: self.context.enum_type(of), ..self.wrong(at) };
        };
        let params: Vec<(String, Type)> = parts.into_iter().map(|p| (p.name, p.ty)).collect();
        let declared = self.member_place(of, tag).unwrap_or(name.span);
        match self.arguments(&name.text, declared, &params, args, e.span) {
            Some(values) => self.member_of(at, of, tag, record, values, name.span),
            None => self.wrong_typed(at, Type::Union(of)),
        }
    }

    /// What a `match` on an enum whose members hold values looks at: the whole, which patterns take apart, and the member
    /// that it is. What is asked of somebody gets a name first.
    pub(super) fn taken_apart(&mut self, value: Expr, span: Span) -> (Option<Stmt>, Option<Expr>, Expr) {
        let (core, option) = match &value.ty {
            Type::Option(of) => ((**of).clone(), true),
            ty => (ty.clone(), false),
        };
        let Type::Union(of) = core else { return (None, None, value) };
        let (ty, at, fx) = (value.ty.clone(), value.at, value.fx);
        let (named, whole) = if fx.is_pure() {
            (None, value)
        } else {
            let local = self.define("_", ty.clone(), span, Role::Given);
            let at = self.node(span);
            let whole = Expr { kind: ExprKind::Local(local), ty, at, fx: Effects::default() };
            (Some(Stmt::Let(local, value)), whole)
        };
        let member = if option {
            let kind = ExprKind::OptField(Box::new(whole.clone()), MEMBER);
            Expr { kind, ty: Type::Option(Box::new(Type::Enum(of))), at, fx: whole.fx }
        } else {
            let kind = ExprKind::Field(Box::new(whole.clone()), MEMBER);
            Expr { kind, ty: Type::Enum(of), at, fx: whole.fx }
        };
        (named, Some(whole), member)
    }

    /// The names that the patterns of an arm give to what a member holds: where each is found.
    pub(super) fn captured(&mut self, patterns: &[ast::Pattern], whole: Option<&Expr>) -> Vec<(Name, Expr)> {
        let with_names = patterns.iter().find_map(|p| match &p.kind {
            PatternKind::Variant { name, captures: Some(captures), .. } => Some((p, name, captures)),
            _ => None,
        });
        let Some((pattern, name, captures)) = with_names else { return Vec::new() };
        if patterns.len() > 1 && captures.iter().any(|c| c.name.text != "_") {
            self.report(
                Diagnostic::error(
                    codes::P3025,
                    place(pattern.span),
                    "an arm for several members gives no names to what they hold",
                )
                .here("names in an arm with `|`")
                .help(format!("Give `{}` an arm of its own, or leave the parentheses out.", name.text)),
            );
            return self.wrong_names(captures);
        }
        let core = whole.map(|w| if let Type::Option(of) = &w.ty { (**of).clone() } else { w.ty.clone() });
        let Some((Type::Union(of), whole)) = core.zip(whole) else {
            self.report(
                Diagnostic::error(
                    codes::P3025,
                    place(pattern.span),
                    format!("`{}` holds nothing", name.text),
                )
                .here("no parentheses")
                .help(format!("Write `{}`.", name.text)),
            );
            return self.wrong_names(captures);
        };
        let Some(layout) = self.tag(of, &name.text).and_then(|tag| self.context.types.held(of, tag)) else {
            return self.wrong_names(captures);
        };
        let fields = layout.1.fields.clone();
        self.parts_of(&fields, name, captures, pattern.span, whole)
    }

    /// Names for what is not known: that was reported.
    fn wrong_names(&mut self, captures: &[Capture]) -> Vec<(Name, Expr)> {
        let named = captures.iter().filter(|c| c.name.text != "_");
        named
            .map(|c| {
                let at = self.node(c.name.span);
                (c.name.clone(), self.wrong(at))
            })
            .collect()
    }

    fn parts_of(
        &mut self,
        fields: &[FieldType],
        name: &Name,
        captures: &[Capture],
        span: Span,
        whole: &Expr,
    ) -> Vec<(Name, Expr)> {
        let positional = captures.iter().filter(|c| c.field.is_none()).count();
        let held: Vec<String> = fields.iter().skip(1).map(|f| f.name.clone()).collect();
        let all_by_place = positional == captures.len();
        if positional > held.len() || positional > 0 && all_by_place && positional != held.len() {
            self.report(
                Diagnostic::error(
                    codes::P3025,
                    place(span),
                    format!("`{}` holds {}", name.text, count_of(held.len(), "value", "values")),
                )
                .here(format!("and here are {}", count_of(captures.len(), "name", "names")))
                .help(format!(
                    "Give each a name or `_`, `{}({})`; or name those that are needed, `{}({}: x)`.",
                    name.text,
                    held.join(", "),
                    name.text,
                    held.first().map_or("…", String::as_str)
                )),
            );
            return self.wrong_names(captures);
        }
        let mut names = Vec::new();
        for (i, capture) in captures.iter().enumerate() {
            let slot = match &capture.field {
                None => Some(i + 1),
                Some(field) => held.iter().position(|h| *h == field.text).map(|i| i + 1),
            };
            let Some((slot, field)) = slot.and_then(|slot| Some((slot, fields.get(slot)?))) else {
                let field = capture.field.as_ref().unwrap_or(&capture.name);
                let near = self.context.closest(&field.text, held.iter().map(String::as_str));
                let finding = Diagnostic::error(
                    codes::P3025,
                    place(field.span),
                    format!("`{}` holds no `{}`", name.text, field.text),
                )
                .here("no such part");
                let finding = match near {
                    Some(near) => crate::names::rename(finding, field.span, near),
                    None => finding.help(format!("It holds {}.", held.join(", "))),
                };
                self.report(finding);
                names.extend(self.wrong_names(std::slice::from_ref(capture)));
                continue;
            };
            if capture.name.text == "_" {
                continue;
            }
            let at = self.node(capture.name.span);
            let kind = ExprKind::Field(Box::new(whole.clone()), slot);
            names.push((capture.name.clone(), Expr { kind, ty: field.ty.clone(), at, fx: whole.fx }));
        }
        names
    }

    /// The body of an arm, with its names.
    pub(super) fn with_names(
        &mut self,
        names: Vec<(Name, Expr)>,
        run: impl FnOnce(&mut Self) -> Expr,
    ) -> Expr {
        if names.is_empty() {
            return run(self);
        }
        self.scoped(|b| {
            let mut stmts = Vec::new();
            let mut fx = Effects::default();
            for (name, value) in names {
                let local = b.define_let(&name, value.ty.clone(), Role::IfLet);
                fx = fx.with(value.fx);
                stmts.push(Stmt::Let(local, value));
            }
            let body = run(b);
            let (ty, at) = (body.ty.clone(), body.at);
            fx = fx.with(body.fx);
            Expr { kind: ExprKind::Block(stmts, Some(Box::new(body))), ty, at, fx }
        })
    }
}

/// `one name`, `3 names`.
fn count_of(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("one {one}") } else { format!("{n} {many}") }
}
