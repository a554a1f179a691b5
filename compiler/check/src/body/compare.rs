//! Comparison: `==`, `<`, `in`, `matches`.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::types::Type;
use play_syntax::ast::{self, BinaryOp, ExprKind as Ast, Span};

use super::fit::fits;
use super::literal::adapts;
use super::operator::{hint_of, made_binary, sign};
use super::{BodyCx, Want};
use crate::context::{is_wrong, place};
use crate::typed::{Expr, ExprKind, NodeId};

impl BodyCx<'_, '_> {
    pub(super) fn comparison(
        &mut self,
        at: NodeId,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Expr {
        let (l, r) = self.sides(left, right);
        let wrong = Expr { ty: Type::Bool, ..self.wrong(at) };
        if is_wrong(&l.ty) || is_wrong(&r.ty) {
            return wrong;
        }
        let equality = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        let same = if equality { comparable(&l.ty, &r.ty) } else { l.ty.widened() == r.ty.widened() };
        if !same && equality && self.tested_already(&l, &r) {
            return made_binary(at, op, l, r, Type::Bool, false);
        }
        if !same {
            self.different_sides(op, op_span, (left, &l), (right, &r), equality);
            return wrong;
        }
        let ok = if equality {
            self.has_equality(&l.ty) && self.has_equality(&r.ty)
        } else {
            self.is_ordered(&l.ty)
        };
        if !ok {
            self.no_comparison(op, op_span, left, &l.ty, equality);
            return wrong;
        }
        made_binary(at, op, l, r, Type::Bool, false)
    }

    /// Whether `none` is compared with what was tested before. That it always holds is said of conditions as a whole.
    fn tested_already(&self, l: &Expr, r: &Expr) -> bool {
        let none = |e: &Expr| matches!(&e.ty, Type::Option(of) if **of == Type::Never);
        none(l) && self.tested_at(r).is_some() || none(r) && self.tested_at(l).is_some()
    }

    pub(super) fn has_equality(&self, ty: &Type) -> bool {
        match ty {
            Type::List(of) | Type::Option(of) | Type::Map(_, of) => self.has_equality(of),
            Type::Json | Type::Regex | Type::Unit => false,
            _ => true,
        }
    }

    pub(super) fn is_ordered(&self, ty: &Type) -> bool {
        match ty {
            Type::Int
            | Type::Ranged(..)
            | Type::Float
            | Type::Time
            | Type::Duration
            | Type::Size
            | Type::Date
            | Type::Version => true,
            Type::Enum(id) => self.context.types.enumeration(*id).is_some_and(|e| e.ordered),
            _ => false,
        }
    }

    pub(super) fn no_comparison(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        ty: &Type,
        equality: bool,
    ) {
        let (is, text) = (self.context.a_type(ty), self.context.example(left.span));
        let finding =
            Diagnostic::error(codes::P3002, place(op_span), format!("`{}` does not work on {is}", sign(op)))
                .here("cannot be compared like that")
                .label(place(left.span), format!("this is {is}"));
        self.report(match ty {
            Type::Json => finding.help(format!("Convert it first: `{text} as String else \"\"`.")),
            Type::Option(of) if self.is_ordered(of) => {
                let help = self.option_help(left, of);
                finding.help(help)
            }
            Type::String if !equality => finding.note("Text has no order that everybody expects."),
            Type::Newtype(_) if !equality => {
                finding.help(format!("Compare what it is made of: `{text}.value`."))
            }
            Type::Enum(_) => {
                finding.note("Only `Severity` has an order.").help("Compare with `==`, or use `match`.")
            }
            _ => finding,
        });
    }

    pub(super) fn different_sides(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        l: (&ast::Expr, &Expr),
        r: (&ast::Expr, &Expr),
        equality: bool,
    ) {
        let (a, b) = (self.context.a_type(&l.1.ty), self.context.a_type(&r.1.ty));
        // Compared with `none`, a value that is always there.
        for (one, other) in [(l, r), (r, l)] {
            if equality && matches!(&one.1.ty, Type::Option(of) if **of == Type::Never) {
                let what = self.context.quoted(other.0.span);
                let answer = if op == BinaryOp::Eq { "never" } else { "always" };
                self.report(
                    Diagnostic::error(
                        codes::P4003,
                        place(other.0.span),
                        format!("{what} is always there, so this {answer} holds"),
                    )
                    .here(format!("this is {}", self.context.a_type(&other.1.ty)))
                    .help("Leave the comparison out."),
                );
                return;
            }
            // Ordering of an option against a value.
            if !equality
                && let Type::Option(of) = &one.1.ty
                && fits(of, &other.1.ty)
            {
                let what = self.context.quoted(one.0.span);
                let help = self.option_help(one.0, of);
                self.report(
                    Diagnostic::error(
                        codes::P4002,
                        place(one.0.span),
                        format!("{what} may be absent, and is compared here"),
                    )
                    .here(format!("this is {}", self.context.a_type(&one.1.ty)))
                    .help(help),
                );
                return;
            }
        }
        let finding =
            Diagnostic::error(codes::P3002, place(op_span), format!("`{}` compares {a} with {b}", sign(op)))
                .here("the two sides are never of one type")
                .label(place(l.0.span), format!("this is {a}"))
                .label(place(r.0.span), format!("this is {b}"));
        let finding = self.compare_help(finding, l, r);
        self.report(finding);
    }

    pub(super) fn compare_help(
        &self,
        finding: Diagnostic,
        l: (&ast::Expr, &Expr),
        r: (&ast::Expr, &Expr),
    ) -> Diagnostic {
        for (one, other) in [(l, r), (r, l)] {
            let (text, other_text) = (self.context.example(one.0.span), self.context.example(other.0.span));
            let types = &self.context.types;
            match (&one.1.ty, &other.1.ty) {
                (Type::Json, ty) => {
                    let name = types.name(if let Type::Option(of) = ty { of } else { ty });
                    return finding
                        .help(format!("Convert it first: {}.", self.conversion_example(&text, &name)));
                }
                (Type::Newtype(_), ty) if types.repr(&one.1.ty) == ty => {
                    return finding.help(format!("Compare what it is made of: `{text}.value`.")).fix(
                        "Add `.value`",
                        false,
                        self.after(one.0, ".value"),
                    );
                }
                (Type::List(of), ty) if **of == *ty => {
                    return finding.help(format!("Ask whether it is in the list: `{other_text} in {text}`."));
                }
                (Type::String, ty) if let Some(finding) = self.a_member(finding.clone(), one.0, ty) => {
                    return finding;
                }
                (Type::String, ty) if super::fit::shown(types.repr(ty)) && *ty != Type::String => {
                    let name = types.name(ty);
                    return finding
                        .help(format!("Convert the text first: {}.", self.conversion_example(&text, &name)));
                }
                _ => {}
            }
        }
        finding
    }

    /// A text that is written out, and compared with members of an enum.
    fn a_member(&self, finding: Diagnostic, text: &ast::Expr, ty: &Type) -> Option<Diagnostic> {
        let Type::Enum(id) = (if let Type::Option(of) = ty { &**of } else { ty }) else { return None };
        let written = text.literal()?;
        let members = &self.context.types.enumeration(*id)?.variants;
        let same = members.iter().find(|m| m.eq_ignore_ascii_case(written));
        let near = same.map(String::as_str);
        let near = near.or_else(|| self.context.closest(written, members.iter().map(String::as_str)));
        Some(match near {
            Some(near) => finding.help(format!("Write `{near}`, without quotes.")).fix(
                format!("Write `{near}`"),
                false,
                vec![Edit { place: place(text.span), text: near.to_string() }],
            ),
            None => {
                let all: Vec<String> = members.iter().map(|m| format!("`{m}`")).collect();
                finding.help(format!("It is one of {}.", all.join(", ")))
            }
        })
    }

    pub(super) fn membership(
        &mut self,
        at: NodeId,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Expr {
        let wrong = |b: &Self| Expr { ty: Type::Bool, ..b.wrong(at) };
        let (l, r) = if adapts(left) {
            let left_at = self.node(left.span);
            let r = self.expr(right, &Want::Any);
            let hint = match &r.ty {
                Type::List(of) | Type::Map(of, _) => hint_of(of),
                _ => Want::Any,
            };
            (self.expr_at(left_at, left, &hint, false), r)
        } else {
            let l = self.expr(left, &Want::Any);
            // Networks stand in a list for addresses, so addresses are no hint.
            let hint = match &l.ty {
                Type::Ip => Want::Any,
                ty if is_wrong(ty) => Want::Any,
                Type::Option(of) => Want::Hint(Type::List(of.clone())),
                ty => Want::Hint(Type::List(Box::new(ty.clone()))),
            };
            let r = self.expr(right, &hint);
            (l, r)
        };
        if is_wrong(&l.ty) || is_wrong(&r.ty) {
            return wrong(self);
        }
        let ok = match (&l.ty.widened(), &r.ty.widened()) {
            (Type::Ip, Type::Cidr) => true,
            (Type::Ip, Type::List(of)) if **of == Type::Cidr => true,
            (Type::Option(_), _) => false,
            (ty, Type::Map(key, _)) => fits(ty, key) || **key == Type::Never,
            (ty, Type::List(of)) => {
                self.has_equality(ty) && fits(ty, of) && fits(of, ty) || **of == Type::Never
            }
            _ => false,
        };
        if ok {
            return made_binary(at, BinaryOp::In, l, r, Type::Bool, false);
        }
        let (a, b) = (self.context.a_type(&l.ty), self.context.a_type(&r.ty));
        let (left_text, right_text) = (self.context.example(left.span), self.context.example(right.span));
        let finding = match (&l.ty, &r.ty) {
            (Type::Option(of), _) if **of != Type::Never => {
                let what = self.context.quoted(left.span);
                let help = self.option_help(left, of);
                Diagnostic::error(
                    codes::P4002,
                    place(left.span),
                    format!("{what} may be absent, and is looked for here"),
                )
                .here(format!("this is {a}"))
                .help(help)
            }
            (_, Type::Option(of)) => {
                let what = self.context.quoted(right.span);
                let help = self.option_help(right, of);
                Diagnostic::error(
                    codes::P4002,
                    place(right.span),
                    format!("{what} may be absent, and something is looked for in it"),
                )
                .here(format!("this is {b}"))
                .help(help)
            }
            _ => {
                let finding = Diagnostic::error(
                    codes::P3002,
                    place(op_span),
                    format!("`in` cannot look for {a} in {b}"),
                )
                .here("an element in a list, a key in a map, or an address in a network")
                .label(place(left.span), format!("this is {a}"))
                .label(place(right.span), format!("this is {b}"));
                match (&l.ty, &r.ty) {
                    (Type::String, Type::String)
                        if matches!(right.kind, Ast::Str(_)) && !matches!(left.kind, Ast::Str(_)) =>
                    {
                        finding.help(format!("Write `{left_text} in [{right_text}]`."))
                    }
                    (Type::String, Type::String) => {
                        finding.help(format!("Write `{right_text}.contains({left_text})`."))
                    }
                    (Type::String, Type::Cidr) => finding.help(format!(
                        "Convert the text first: {}.",
                        self.conversion_example(&left_text, "Ip")
                    )),
                    (Type::String, Type::List(of)) if **of == Type::Cidr => finding.help(format!(
                        "Convert the text first: {}.",
                        self.conversion_example(&left_text, "Ip")
                    )),
                    (Type::Ip, Type::List(of)) if **of == Type::String => {
                        finding.help("Write addresses and networks without quotes: `[10.0.0.0/8]`.")
                    }
                    (Type::Json, Type::List(of)) => {
                        let name = self.context.type_name(of);
                        finding.help(format!(
                            "Convert it first: {}.",
                            self.conversion_example(&left_text, &name)
                        ))
                    }
                    _ => finding,
                }
            }
        };
        self.report(finding);
        wrong(self)
    }

    pub(super) fn matches(&mut self, at: NodeId, op_span: Span, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let l = self.expr(left, &Want::Any);
        let r = self.expr(right, &Want::Any);
        if is_wrong(&l.ty) || is_wrong(&r.ty) {
            return Expr { ty: Type::Bool, ..self.wrong(at) };
        }
        let fixed = matches!(r.kind, ExprKind::Lit(_) | ExprKind::Const(_));
        if l.ty == Type::String && r.ty == Type::Regex && fixed {
            return made_binary(at, BinaryOp::Matches, l, r, Type::Bool, false);
        }
        let b = self.context.a_type(&r.ty);
        let finding = if r.ty != Type::Regex {
            let finding =
                Diagnostic::error(codes::P3002, place(right.span), "`matches` needs a pattern on its right")
                    .here(format!("this is {b}"))
                    .note("A pattern is part of the program: text from outside never becomes one.");
            match (right.literal().filter(|text| !text.is_empty()), &right.kind) {
                (Some(text), _) => {
                    let pattern = format!("/{}/", text.replace('/', "\\/"));
                    finding.help(format!("Write it between slashes: `{pattern}`.")).fix(
                        "Make it a pattern",
                        false,
                        vec![Edit { place: place(right.span), text: pattern }],
                    )
                }
                (None, Ast::Str(_)) => finding,
                _ => finding.help("Write it between slashes: `/…/`."),
            }
        } else if l.ty != Type::String {
            let here = "text on the left, a pattern on the right";
            self.looks_at_text(("matches", op_span), "matched", here, (left, &l.ty))
        } else {
            Diagnostic::error(
                codes::P3002,
                place(right.span),
                "a pattern is written where it is used, or is a constant",
            )
            .here("computed")
            .help("Write it between slashes here, or as a `const`.")
        };
        self.report(finding);
        Expr { ty: Type::Bool, ..self.wrong(at) }
    }
}

impl BodyCx<'_, '_> {
    /// What stands left of an operator on text, and is none.
    fn looks_at_text(
        &self,
        (word, op_span): (&str, Span),
        done: &str,
        here: &str,
        (left, ty): (&ast::Expr, &Type),
    ) -> Diagnostic {
        let a = self.context.a_type(ty);
        if let Type::Option(of) = ty {
            let what = self.context.quoted(left.span);
            let help = self.option_help(left, of);
            return Diagnostic::error(
                codes::P4002,
                place(left.span),
                format!("{what} may be absent, and is {done} here"),
            )
            .here(format!("this is {a}"))
            .help(help);
        }
        let text = self.context.example(left.span);
        let finding = Diagnostic::error(
            codes::P3002,
            place(op_span),
            format!("`{word}` looks at text, and this is {a}"),
        )
        .here(here)
        .label(place(left.span), format!("this is {a}"));
        match ty {
            Type::Json => {
                finding.help(format!("Convert it first: {}.", self.conversion_example(&text, "String")))
            }
            Type::Newtype(_) => finding.help(format!("Take what it is made of: `{text}.value`.")),
            _ => finding.help(format!("Look at its text: `{text}.text`.")),
        }
    }

    /// `like`, `ilike`: text and a pattern that stands in the program.
    pub(super) fn like(
        &mut self,
        at: NodeId,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Expr {
        let word = if op == BinaryOp::Like { "like" } else { "ilike" };
        let l = self.expr(left, &Want::Any);
        let r = self.expr(right, &Want::Any);
        if is_wrong(&l.ty) || is_wrong(&r.ty) {
            return Expr { ty: Type::Bool, ..self.wrong(at) };
        }
        let b = self.context.a_type(&r.ty);
        let finding = if l.ty != Type::String {
            let here = "text on the left, a wildcard pattern on the right";
            self.looks_at_text((word, op_span), "compared", here, (left, &l.ty))
        } else if r.ty == Type::Regex {
            Diagnostic::error(codes::P3002, place(op_span), format!("`{word}` takes a wildcard pattern"))
                .here("`*` and `?` in a text")
                .label(place(right.span), "this is a regular expression")
                .help("Write `matches` for a regular expression.")
        } else if r.ty == Type::String && matches!(r.kind, ExprKind::Lit(_) | ExprKind::Const(_)) {
            return made_binary(at, op, l, r, Type::Bool, false);
        } else {
            let finding = Diagnostic::error(
                codes::P3051,
                place(right.span),
                format!("`{word}` needs a pattern on its right"),
            )
            .here(if r.ty == Type::String { "computed".to_string() } else { format!("this is {b}") })
            .note("A pattern is part of the program: text from outside never becomes one.");
            finding.help("Write it in quotes here (`\"adm-*\"`), or as a `const`; or compare with `starts_with`, `ends_with` or `contains`.")
        };
        self.report(finding);
        Expr { ty: Type::Bool, ..self.wrong(at) }
    }
}

/// Whether `==` makes sense between two types: the same, or one is the option of the other.
fn comparable(a: &Type, b: &Type) -> bool {
    let (a, b) = (a.widened(), b.widened());
    fits(&a, &b) || fits(&b, &a)
}
