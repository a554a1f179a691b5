//! Maps: their literals, and what stands in brackets behind one.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::builtin;
use play_program::types::Type;
use play_program::value::Map;
use play_syntax::ast::{self, ExprKind as Ast, Name, StrPart};

use super::access::as_option;
use super::{BodyCx, Want, Why, made};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::{Expr, ExprKind, NodeId};

/// Whether a map is wanted: `{}` is one there, and no block that is empty.
pub(super) fn wants_map(want: &Want) -> bool {
    map_of(want).is_some()
}

/// Keys and values of the map that is wanted.
fn map_of(want: &Want) -> Option<(Type, Type)> {
    let ty = match want.hint()? {
        Type::Option(of) => of,
        ty => ty,
    };
    if let Type::Map(key, of) = ty { Some(((**key).clone(), (**of).clone())) } else { None }
}

/// What is wanted of the parts of a whole that is wanted so.
fn part_want(want: &Want, of: Option<Type>, words: &'static str) -> Want {
    match (of, want) {
        (Some(of), Want::Type(..)) => Want::Type(of, Why::Words(words)),
        (Some(of), _) => Want::Hint(of),
        (None, _) => Want::Any,
    }
}

impl BodyCx<'_, '_> {
    /// `{ "a": 1 }`, `{ High: 1 }`, `{}`: keys that are words or texts.
    pub(super) fn object(
        &mut self,
        at: NodeId,
        e: &ast::Expr,
        members: &[(Name, ast::Expr)],
        want: &Want,
    ) -> Expr {
        let quoted = |b: &Self, name: &Name| b.context.text(name.span).starts_with('"');
        let member = |b: &Self, name: &Name| b.context.members.contains_key(name.text.as_str());
        let record = members.iter().all(|(n, _)| !quoted(self, n) && !member(self, n));
        if !wants_map(want) && record {
            self.report(
                Diagnostic::error(
                    codes::P3018,
                    place(e.span),
                    "a record without a name can only be the `json` of a request",
                )
                .here("no type is named")
                .help("Put the name of a record before it, `Name { … }`; the texts that are keys of a map stand in quotes: `{ \"key\": … }`."),
            );
            return self.wrong(at);
        }
        let pairs: Vec<(ast::Expr, ast::Expr)> = members
            .iter()
            .map(|(name, value)| {
                let kind = if !quoted(self, name) {
                    Ast::Name(name.text.clone())
                } else if name.text.is_empty() {
                    Ast::Str(Vec::new())
                } else {
                    Ast::Str(vec![StrPart::Text(name.text.as_str().to_string())])
                };
                (ast::Expr { kind, span: name.span }, value.clone())
            })
            .collect();
        self.map(at, &pairs, want)
    }

    /// A map of these keys and values.
    pub(super) fn map(&mut self, at: NodeId, pairs: &[(ast::Expr, ast::Expr)], want: &Want) -> Expr {
        let (key, of) = map_of(want).unzip();
        let mut keys = self.join(&part_want(want, key, "a key of the map"), "key of the map");
        let mut values = self.join(&part_want(want, of, "a value of the map"), "value of the map");
        let mut all = Vec::new();
        let mut known = Map::default();
        let mut wrong = false;
        for (key, value) in pairs {
            if self.is_bare_text(key, want) {
                self.bare_text(key);
                wrong = true;
            } else {
                let found = self.join_expr(&mut keys, key);
                if let ExprKind::Lit(lit) = &found.kind
                    && !is_wrong(&found.ty)
                {
                    if known.get(lit).is_some() {
                        let what = self.context.quoted(key.span);
                        self.report(
                            Diagnostic::error(
                                codes::P3021,
                                place(key.span),
                                format!("the key {what} is there twice"),
                            )
                            .here("again here")
                            .help("Leave one of them out."),
                        );
                    }
                    known.insert(lit.clone(), lit.clone());
                }
                all.push(found);
            }
            all.push(self.join_expr(&mut values, value));
        }
        let (key, of) = (keys.result(), values.result());
        if wrong || is_wrong(&key) || is_wrong(&of) {
            return self.wrong(at);
        }
        if let Some((first, _)) = pairs.first()
            && !self.context.can_be_key(&key)
        {
            self.context.no_key(&key, first.span);
            return self.wrong(at);
        }
        let ty = match (pairs.is_empty(), map_of(want)) {
            (true, Some((key, of))) => Type::Map(Box::new(key), Box::new(of)),
            _ => Type::Map(Box::new(key), Box::new(of)),
        };
        let parts: Vec<&Expr> = all.iter().collect();
        let fx = made(ExprKind::Map(Vec::new()), WRONG, at, &parts).fx;
        Expr { kind: ExprKind::Map(all), ty, at, fx }
    }

    /// A word that is meant as text: names of variables are no keys, so nothing else can be meant.
    fn is_bare_text(&self, key: &ast::Expr, want: &Want) -> bool {
        let Ast::Name(name) = &key.kind else { return false };
        let of_enum = match map_of(want) {
            Some((key, _)) => matches!(self.context.types.repr(&key), Type::Enum(_)),
            None => self.context.members.contains_key(name.as_str()),
        };
        !of_enum
    }

    fn bare_text(&mut self, key: &ast::Expr) {
        let text = self.context.text(key.span);
        let quoted = format!("\"{text}\"");
        self.report(
            Diagnostic::error(codes::P3021, place(key.span), "a key that is text stands in quotes")
                .here("a word, not a text")
                .note("A value that is computed is no key of a literal: `.with(key, value)` adds it.")
                .help(format!("Write `{quoted}`."))
                .fix("Put it in quotes", false, vec![Edit { place: place(key.span), text: quoted }]),
        );
    }

    /// `map[key]`: the same as `map.get(key)`.
    pub(super) fn map_index(
        &mut self,
        at: NodeId,
        map: Expr,
        index: &ast::Expr,
        key: &Type,
        of: Type,
    ) -> Expr {
        let index = self.check(index, &key.widened(), &Why::Words("the key of a map"));
        let Some(get) = builtin::lookup(&map.ty, "get", &self.context.types) else { return self.wrong(at) };
        let ty = as_option(of);
        if is_wrong(&index.ty) {
            return Expr { ty, ..self.wrong(at) };
        }
        let fx = map.fx.with(index.fx);
        Expr { kind: ExprKind::Builtin(get.id(), vec![map, index]), ty, at, fx }
    }
}
