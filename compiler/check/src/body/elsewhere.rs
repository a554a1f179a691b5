//! What other languages call the built-in properties and functions of text and lists.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::types::Type;
use play_syntax::ast::{self, Arg, ExprKind as Ast, Name, Span};

use super::{BodyCx, Want};
use crate::context::{is_wrong, place};
use crate::typed::{Expr, NodeId};

/// What is called so here, and how others call it.
const NAMES: &[(&str, &[&str])] = &[
    ("len", &["length", "lenght", "size", "count"]),
    ("lower", &["toLowerCase", "to_lower", "lowercase", "lower_case", "downcase", "casefold"]),
    ("upper", &["toUpperCase", "to_upper", "uppercase", "upper_case", "upcase"]),
    ("starts_with", &["startswith", "startsWith", "hasPrefix", "has_prefix"]),
    ("ends_with", &["endswith", "endsWith", "hasSuffix", "has_suffix"]),
    ("contains", &["includes", "include", "has"]),
    ("trim", &["strip"]),
    ("strip_prefix", &["removeprefix", "removePrefix", "trim_prefix", "trimPrefix"]),
    ("strip_suffix", &["removesuffix", "removeSuffix", "trim_suffix", "trimSuffix"]),
    ("lines", &["splitlines"]),
    ("replace", &["replaceAll"]),
    ("index_of", &["indexOf", "index"]),
    ("last_index_of", &["lastIndexOf", "rfind", "rindex"]),
    ("slice", &["substring"]),
    ("at", &["charAt", "char_at"]),
    ("is_empty", &["isEmpty", "empty"]),
    ("any", &["some", "exists"]),
    ("all", &["every"]),
    ("filter", &["where", "select"]),
    ("distinct", &["unique", "uniq"]),
    ("first", &["head"]),
];

/// What a name of another language is here, where the type has that.
pub(super) fn ours(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let here = |ours: &str| known.iter().copied().find(|k| *k == ours);
    NAMES.iter().filter(|(_, others)| others.contains(&name)).find_map(|(ours, _)| here(ours))
}

impl BodyCx<'_, '_> {
    /// `", ".join(xs)`: the list is asked here, and the text is what stands between.
    pub(super) fn join_of_text(
        &mut self,
        at: NodeId,
        base: &ast::Expr,
        name: &Name,
        arg: &Arg,
        span: Span,
    ) -> Expr {
        let list = self.expr(&arg.value, &Want::Any);
        if is_wrong(&list.ty) {
            return self.wrong(at);
        }
        let finding =
            Diagnostic::error(codes::P2012, place(name.span), format!("a `String` has no `{}`", name.text))
                .here("no such property or function");
        if list.ty != Type::List(Box::new(Type::String)) {
            self.report(finding.help("A list of texts has it: `[a, b].join(\", \")`."));
            return self.wrong(at);
        }
        let (between, of) = (self.context.example(base.span), self.context.example(arg.value.span));
        let finding = finding
            .label(place(arg.value.span), "the list whose texts are put together")
            .help(format!("Write `{of}.join({between})`: the text is what stands between."));
        // Behind anything else, the call would be one of its last part.
        let one =
            matches!(arg.value.kind, Ast::Name(_) | Ast::Field { .. } | Ast::Call { .. } | Ast::List(_));
        // Nor is a comment lost that stands between the two.
        let all = self.context.text(span);
        let whole = self.context.text(arg.value.span) == of
            && self.context.text(base.span) == between
            && !all.contains('\n');
        self.report(if one && whole {
            let text = format!("{of}.join({between})");
            finding.fix(format!("Write `{text}`"), false, vec![Edit { place: place(span), text }])
        } else {
            finding
        });
        self.wrong(at)
    }
}
