//! Whether a value fits where it stands, and what to say when it does not.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_syntax::ast::{self, Span};

use super::{BodyCx, Kind, Why};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::Expr;

/// Whether a value of one type may stand where another is wanted.
pub(crate) fn fits(found: &Type, wanted: &Type) -> bool {
    if found == wanted
        || is_part(found, wanted)
        || *found == Type::Never
        || is_wrong(found)
        || is_wrong(wanted)
    {
        return true;
    }
    match (found, wanted) {
        (Type::List(of), Type::List(_)) if **of == Type::Never => true,
        (Type::Map(key, of), Type::Map(..)) if **key == Type::Never && **of == Type::Never => true,
        (Type::Option(of), Type::Option(wanted)) => **of == Type::Never || fits_exactly(of, wanted),
        (_, Type::Option(wanted)) => fits(found, wanted),
        _ => false,
    }
}

/// Whether all values of a type are of another, since its ranges are narrower.
fn is_part(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Ranged(..), Type::Int) => true,
        (Type::Ranged(low, high), Type::Ranged(least, most)) => least <= low && high <= most,
        (Type::List(a), Type::List(b)) | (Type::Option(a), Type::Option(b)) => a == b || is_part(a, b),
        (Type::Map(k, a), Type::Map(l, b)) => {
            let part = |a: &Type, b: &Type| a == b || is_part(a, b);
            part(k, l) && part(a, b)
        }
        _ => false,
    }
}

fn fits_exactly(found: &Type, wanted: &Type) -> bool {
    found == wanted
        || is_part(found, wanted)
        || matches!((found, wanted), (Type::List(of), Type::List(_)) | (Type::Map(_, of), Type::Map(..)) if **of == Type::Never)
}

impl BodyCx<'_, '_> {
    /// Holds an expression to a type.
    pub(crate) fn fit(&mut self, mut found: Expr, e: &ast::Expr, wanted: &Type, why: &Why) -> Expr {
        if let Some(found) = self.fit_range(&mut found, e, wanted, why) {
            return found;
        }
        if fits(&found.ty, wanted) {
            // `none` and `[]` take the type of their place.
            if holds_never(&found.ty) {
                found.ty = wanted.clone();
            }
            return found;
        }
        let finding = self.misfit(&found.ty, e, wanted);
        let finding = self.with_why(finding, why, wanted);
        self.report(finding);
        found.ty = WRONG;
        found
    }

    /// Says where the wanted type comes from.
    pub(crate) fn with_why(&self, finding: Diagnostic, why: &Why, wanted: &Type) -> Diagnostic {
        let a_type = self.context.a_type(wanted);
        match why {
            Why::Field(record, field) => match self.context.field_place(*record, field) {
                Some(at) => finding.label(place(at), format!("`{field}` is {a_type}")),
                None => finding.note(format!("Every case has `{field}`, and it is {a_type}.")),
            },
            Why::Param { name, of } => finding.note(format!("`{of}` takes {a_type} for `{name}`.")),
            Why::Written(at) => finding.label(place(*at), format!("{a_type} by this")),
            Why::Words(words) => finding.note(format!("It is {words}, which has to be {a_type}.")),
        }
    }

    fn misfit(&self, found: &Type, e: &ast::Expr, wanted: &Type) -> Diagnostic {
        let (is, must) = (self.context.a_type(found), self.context.a_type(wanted));
        let what = self.context.quoted(e.span);
        if let Type::Option(inner) = found
            && **inner != Type::Never
            && fits(inner, wanted)
        {
            return self.unhandled_option(e, &what, inner, wanted);
        }
        let finding = Diagnostic::error(
            codes::P3001,
            place(e.span),
            format!("{what} is {is}, and {must} is wanted here"),
        )
        .here(format!("this is {is}"));
        self.advise(finding, found, e, wanted)
    }

    /// What to write instead.
    fn advise(&self, finding: Diagnostic, found: &Type, e: &ast::Expr, wanted: &Type) -> Diagnostic {
        let text = self.context.example(e.span);
        let types = &self.context.types;
        let target = if let Type::Option(of) = wanted { &**of } else { wanted };
        let name = types.name(target);
        let epoch = found.is_int() && *target == Type::Time;
        if let Some((value, ty)) = conversion(e)
            && !epoch
            && (shown(types.repr(target)) || from_text(types.repr(target)))
        {
            let (before, after) = (Span { end: ty.start, ..e.span }, Span { start: ty.end, ..e.span });
            let whole = format!("{}{name}{}", self.context.text(before), self.context.text(after));
            let whole = match whole.contains('\n') || whole.chars().count() > 60 {
                true => self.conversion_example(&self.context.example(value.span), &name),
                false => format!("`{whole}`"),
            };
            return finding.help(format!("Convert it to what is wanted: {whole}.")).fix(
                format!("Convert it to `{name}`"),
                false,
                vec![Edit { place: place(ty), text: name }],
            );
        }
        match (found, target) {
            (Type::Json, _) => {
                let finding = finding
                    .note("What stands in a document is not known before it is looked at.")
                    .help(format!("Say what it has to be: {}.", self.conversion_example(&text, &name)));
                self.converted(finding, e, target, wanted)
            }
            (Type::Newtype(_), _) if types.repr(found) == target => finding
                .help(format!("Take what it is made of: `{text}.value`."))
                .fix("Add `.value`", false, vec![Edit { place: end_of(e), text: ".value".into() }]),
            (_, Type::Newtype(_)) if types.repr(target) == found => finding
                .note(format!(
                    "A `{name}` is its own type, so that it is not taken for something that looks alike."
                ))
                .help(format!("Make one of it: `{name}({text})`."))
                .fix(format!("Wrap in `{name}(…)`"), false, wrap(e, &format!("{name}("), ")")),
            (Type::String, _) if matches!(e.kind, ast::ExprKind::Str(_)) => finding,
            (Type::String, _) if from_text(types.repr(target)) => {
                let finding = finding
                    .note("Text is converted once and openly, because it may not be what it should be.")
                    .help(format!(
                        "Convert it, and say what happens when it is none: {}.",
                        self.conversion_example(&text, &name)
                    ));
                self.converted(finding, e, target, wanted)
            }
            (_, Type::String) if shown(types.repr(found)) && !matches!(found, Type::Option(_)) => {
                let finding = finding.help(format!("Write it into a string: `\"{{{text}}}\"`."));
                let plain = !self.context.text(e.span).contains(['"', '\n', '{', '}']);
                if plain {
                    finding.fix("Write it into a string", false, wrap(e, "\"{", "}\""))
                } else {
                    finding
                }
            }
            (_, Type::List(of)) if **of == *found => finding
                .help(format!("Put it into a list: `[{text}]`."))
                .fix("Put it into a list", false, wrap(e, "[", "]")),
            (Type::Option(inner), _) if **inner == Type::Never => {
                finding.note("Only where the type ends in `?` can a value be absent.")
            }
            (Type::Int | Type::Ranged(..), Type::Time) if !matches!(e.kind, ast::ExprKind::Int(_)) => {
                let text = if conversion(e).is_some() { format!("({text})") } else { text };
                finding.help(format!(
                    "Seconds since 1970 are a time by `{text}.unix_seconds`, milliseconds by `{text}.unix_millis`. Of a number that is no time it is none."
                ))
            }
            (Type::Unit, _) => finding.help("End the block with the value that it is to give."),
            _ => finding,
        }
    }

    /// Adds the conversion, where what its failure is to become is plain from where it stands.
    fn converted(&self, finding: Diagnostic, e: &ast::Expr, target: &Type, wanted: &Type) -> Diagnostic {
        use ast::ExprKind as Ast;
        let plain = matches!(e.kind, Ast::Name(_) | Ast::Field { .. } | Ast::Index { .. } | Ast::Call { .. });
        let known = matches!(target, Type::Newtype(_)) || from_text(target) || *target == Type::String;
        let or_none = matches!(wanted, Type::Option(_));
        let after = match &self.kind {
            Kind::Source | Kind::Respond if !or_none => "?",
            _ if or_none => " else none",
            _ => return finding,
        };
        if !plain || !known {
            return finding;
        }
        let text = format!(" as {}{after}", self.context.types.name(target));
        finding.fix("Convert it", false, vec![Edit { place: end_of(e), text }])
    }

    /// How a conversion is written where we are.
    pub(crate) fn conversion_example(&self, text: &str, name: &str) -> String {
        match &self.kind {
            Kind::Source | Kind::Respond => format!("`{text} as {name}?`"),
            Kind::Playbook => {
                format!(
                    "`{text} as {name} else hand over to queue.tier2 because \"…\"` or `if let x = {text} as {name} {{ … }}`"
                )
            }
            Kind::Fn(Type::Option(_)) => {
                format!("`{text} as {name}?`, or with a default, `{text} as {name} else …`")
            }
            _ => format!("`{text} as {name} else …`"),
        }
    }

    fn unhandled_option(&self, e: &ast::Expr, what: &str, inner: &Type, wanted: &Type) -> Diagnostic {
        let name = self.context.a_type(wanted);
        let is = self.context.a_type(&Type::Option(Box::new(inner.clone())));
        Diagnostic::error(
            codes::P4002,
            place(e.span),
            format!("{what} may be absent, and {name} is wanted here"),
        )
        .here(format!("this is {is}"))
        .help(self.option_help(e, inner))
    }

    /// What to do about an option.
    pub(crate) fn option_help(&self, e: &ast::Expr, inner: &Type) -> String {
        let text = self.context.example(e.span);
        if let Some(why) = self.why_not_narrowed(e.span) {
            return why.to_string();
        }
        let default = match self.context.types.repr(inner) {
            Type::String => "\"unknown\"",
            Type::Int | Type::Ranged(..) => "0",
            Type::Bool => "false",
            Type::List(_) => "[]",
            _ => "…",
        };
        match &self.kind {
            Kind::Source | Kind::Respond => {
                format!(
                    "Say what happens when it is absent: `{text} else {default}`, or `{text}?` to give up."
                )
            }
            Kind::Playbook => format!(
                "Say what happens when it is absent: `({text} else {default})`, `({text} else hand over to queue.tier2 \
                 because \"…\")`, or `if let x = {text} {{ … }}`."
            ),
            _ => format!(
                "Say what happens when it is absent: `({text} else {default})` or `if let x = {text} {{ … }}`."
            ),
        }
    }
}

/// What is converted by `x as T?`, `x as T else …`, and where the type stands.
fn conversion(e: &ast::Expr) -> Option<(&ast::Expr, Span)> {
    match &e.kind {
        ast::ExprKind::Try(value) | ast::ExprKind::Else { value, .. } => conversion(value),
        ast::ExprKind::As { value, ty } => Some((value, ty.span)),
        _ => None,
    }
}

/// Whether a type has `never` in it: that of `none` and of `[]`.
pub(crate) fn holds_never(ty: &Type) -> bool {
    match ty {
        Type::List(of) | Type::Option(of) | Type::Map(_, of) => **of == Type::Never || holds_never(of),
        _ => false,
    }
}

/// Whether text can be converted to the type.
pub(crate) fn from_text(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Bool
            | Type::Int
            | Type::Ranged(..)
            | Type::Float
            | Type::Time
            | Type::Duration
            | Type::Size
            | Type::Ip
            | Type::Cidr
            | Type::Domain
            | Type::Url
            | Type::Email
            | Type::Hash
            | Type::Bytes
            | Type::Date
            | Type::Version
            | Type::Enum(_)
    )
}

/// Whether a value of the type can be shown in text. Newtypes are looked through before.
pub(crate) fn shown(ty: &Type) -> bool {
    from_text(ty) || *ty == Type::String
}

fn end_of(e: &ast::Expr) -> Place {
    Place { file: e.span.file, start: e.span.end, end: e.span.end }
}

/// Edits that put something round an expression.
pub(crate) fn wrap(e: &ast::Expr, before: &str, after: &str) -> Vec<Edit> {
    let start = Place { file: e.span.file, start: e.span.start, end: e.span.start };
    vec![Edit { place: start, text: before.into() }, Edit { place: end_of(e), text: after.into() }]
}
