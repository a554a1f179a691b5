//! Functions of places in documents. The engines know nothing of them: they are conversions, and places further in.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::builtin;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, Arg, Name, Span};

use super::{BodyCx, Why, made};
use crate::context::{is_wrong, place};
use crate::typed::{Expr, ExprKind, Missing, NodeId};

/// Their names.
pub(super) const JSON: &[&str] = &["keys", "items", "has", "len", "path"];

impl BodyCx<'_, '_> {
    /// A call of one of [`JSON`].
    pub(super) fn json_function(
        &mut self,
        at: NodeId,
        base: Expr,
        name: &Name,
        args: &[Arg],
        span: Span,
    ) -> Expr {
        let takes = usize::from(matches!(name.text.as_str(), "has" | "path"));
        if args.len() != takes || args.iter().any(|a| a.name.is_some()) {
            let example = match name.text.as_str() {
                "has" => ".has(\"name\")".to_string(),
                "path" => ".path(\"user.groups[0]\")".to_string(),
                name => format!(".{name}()"),
            };
            self.report(
                Diagnostic::error(
                    codes::P3011,
                    place(span),
                    format!("`.{}` cannot be called like that", name.text),
                )
                .here(format!("it takes {}", super::count(takes)))
                .help(format!("Write `{example}`.")),
            );
            return self.wrong_with(at, args);
        }
        match (name.text.as_str(), args) {
            ("has", [arg]) => {
                let inside = self.node(span);
                let key = self.check(&arg.value, &Type::String, &Why::Words("the name of a member"));
                if is_wrong(&key.ty) {
                    return Expr { ty: Type::Bool, ..self.wrong(at) };
                }
                let fx = base.fx.with(key.fx);
                let kind = ExprKind::JsonIndex(Box::new(base), Box::new(key));
                let member = Expr { kind, ty: Type::Json, at: inside, fx };
                Expr { kind: ExprKind::JsonExists(Box::new(member)), ty: Type::Bool, at, fx }
            }
            ("path", [arg]) => self.json_path(at, base, &arg.value),
            ("keys", _) => {
                let members = Type::Map(Box::new(Type::String), Box::new(Type::Json));
                let empty = ExprKind::Map(Vec::new());
                let members = self.or_nothing(base, members, empty, span);
                self.property_of(at, members, "keys")
            }
            ("len", _) => {
                let items = self.or_nothing(base, list(), ExprKind::List(Vec::new()), span);
                self.property_of(at, items, "len")
            }
            _ => {
                let items = self.or_nothing(base, list(), ExprKind::List(Vec::new()), span);
                Expr { at, ..items }
            }
        }
    }

    /// `event.path("user.groups[0].name")`, `event.path("/user/odd name/0")`: the place that the text leads to.
    fn json_path(&mut self, at: NodeId, base: Expr, path: &ast::Expr) -> Expr {
        if path.kind == ast::ExprKind::Error {
            return self.wrong(at);
        }
        let steps = match path.literal().filter(|text| !text.is_empty()).map(steps) {
            Some(Ok(steps)) => steps,
            Some(Err(why)) => {
                self.no_path(path, why);
                return self.wrong(at);
            }
            None => {
                self.no_path(path, "it is written out, in quotes and without braces");
                return self.wrong(at);
            }
        };
        let last = steps.len().saturating_sub(1);
        steps.into_iter().enumerate().fold(base, |of, (index, step)| {
            let at = if index == last { at } else { self.node(path.span) };
            let fx = of.fx;
            let kind = match step {
                Step::Key(key) => ExprKind::JsonKey(Box::new(of), key),
                Step::Index(n) => {
                    let n = super::lit(Value::Int(n), Type::Int, self.node(path.span));
                    ExprKind::JsonIndex(Box::new(of), Box::new(n))
                }
            };
            Expr { kind, ty: Type::Json, at, fx }
        })
    }

    fn no_path(&mut self, path: &ast::Expr, why: &str) {
        self.report(
            Diagnostic::error(codes::P3027, place(path.span), format!("this is not a path: {why}"))
                .here("leads nowhere")
                .note("A path is a part of the program: text from outside never becomes one.")
                .help("Write names with dots, and numbers of elements in brackets, `\"user.groups[0].name\"`; or a JSON pointer, `\"/user/odd name/0\"`."),
        );
    }

    /// A place as a type, or what is empty where it is something else.
    fn or_nothing(&mut self, base: Expr, ty: Type, empty: ExprKind, span: Span) -> Expr {
        let (whole, as_at, empty_at) = (self.node(span), self.node(span), self.node(span));
        let fx = base.fx;
        let there = Expr { kind: ExprKind::As(Box::new(base), ty.clone()), ty: ty.clone(), at: as_at, fx };
        let empty = made(empty, ty.clone(), empty_at, &[]);
        let kind = ExprKind::Else(Missing::Conversion, Box::new(there), Box::new(empty));
        Expr { kind, ty, at: whole, fx }
    }

    fn property_of(&mut self, at: NodeId, of: Expr, name: &str) -> Expr {
        let Some(found) = builtin::lookup(&of.ty, name, &self.context.types) else { return self.wrong(at) };
        match found.result(&of.ty, &[], &self.context.types) {
            Ok(ty) => {
                let fx = of.fx;
                Expr { kind: ExprKind::Builtin(found.id(), vec![of]), ty, at, fx }
            }
            Err(_) => self.wrong(at),
        }
    }
}

/// One step further into a document.
enum Step {
    /// A member.
    Key(String),
    /// An element.
    Index(i64),
}

/// The steps of a path; or why it is none. In a pointer a step of digits is the number of an element.
fn steps(text: &str) -> Result<Vec<Step>, &'static str> {
    if text.is_empty() {
        return Err("there is nothing in it");
    }
    if let Some(pointer) = text.strip_prefix('/') {
        return Ok(pointer
            .split('/')
            .map(|step| index(step).unwrap_or_else(|| Step::Key(unescaped(step))))
            .collect());
    }
    let mut all = Vec::new();
    for part in text.split('.') {
        let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() {
            return Err("a name is missing in it");
        }
        all.push(Step::Key(name.to_string()));
        while let Some(inside) = rest.strip_prefix('[') {
            let (number, after) = inside.split_once(']').ok_or("a bracket is not closed in it")?;
            all.push(index(number).ok_or("only the number of an element stands in brackets")?);
            rest = after;
        }
        if !rest.is_empty() {
            return Err("something stands behind a bracket");
        }
    }
    Ok(all)
}

fn index(digits: &str) -> Option<Step> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).map(Step::Index)
}

/// `~1` is a slash in a pointer, `~0` a tilde.
fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

fn list() -> Type {
    Type::List(Box::new(Type::Json))
}
