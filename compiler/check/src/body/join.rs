//! Several expressions of which one becomes the value: branches, arms, elements of a list.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_syntax::ast::{self, Span};

use super::fit::fits;
use super::{BodyCx, Want};
use crate::context::{WRONG, is_wrong, place};
use crate::typed::Expr;

/// The type that several expressions agree on, as they come.
pub(crate) struct Join {
    want: Want,
    /// What one of them is called: `arm`, `branch`, `element of the list`.
    what: &'static str,
    /// The type so far, and the place that gave it.
    found: Option<(Type, Span)>,
    any: bool,
    wrong: bool,
}

impl Join {
    /// The type of the whole.
    pub(crate) fn result(&self) -> Type {
        if self.wrong {
            return WRONG;
        }
        match (&self.want, &self.found) {
            (_, None) if self.any => Type::Never,
            (Want::Discard, _) => Type::Unit,
            (Want::Type(ty, _), _) => ty.clone(),
            (Want::Hint(_) | Want::Any, Some((ty, _))) => ty.clone(),
            (Want::Hint(_) | Want::Any, None) => Type::Never,
        }
    }
}

impl BodyCx<'_, '_> {
    /// A join of what is wanted of the whole.
    pub(crate) fn join(&self, want: &Want, what: &'static str) -> Join {
        Join { want: want.clone(), what, found: None, any: false, wrong: false }
    }

    /// One more of them.
    pub(crate) fn join_expr(&mut self, join: &mut Join, e: &ast::Expr) -> Expr {
        let found = match &join.want {
            Want::Type(ty, why) => {
                let (ty, why) = (ty.clone(), why.clone());
                self.check(e, &ty, &why)
            }
            Want::Discard => self.expr(e, &Want::Discard),
            Want::Any | Want::Hint(_) => {
                let want = self.next_want(join);
                self.expr(e, &want)
            }
        };
        self.agree(join, &found, e.span);
        found
    }

    /// One more of them that is a block.
    pub(crate) fn join_block(&mut self, join: &mut Join, block: &ast::Block) -> Expr {
        let at = self.node(block.span);
        let want = match &join.want {
            Want::Any | Want::Hint(_) => self.next_want(join),
            other => other.clone(),
        };
        let found = self.block(at, block, &want);
        self.agree(join, &found, block.span);
        found
    }

    fn next_want(&self, join: &Join) -> Want {
        match &join.found {
            Some((ty, _)) if !is_wrong(ty) => Want::Hint(ty.clone()),
            _ => join.want.clone(),
        }
    }

    fn agree(&mut self, join: &mut Join, found: &Expr, span: Span) {
        join.any = true;
        if is_wrong(&found.ty) {
            // A branch held to a type was reported and the whole has that type all the same.
            join.wrong |= !matches!(join.want, Want::Type(..) | Want::Discard);
        }
        if found.ty == Type::Never {
            return;
        }
        if !matches!(join.want, Want::Any | Want::Hint(_)) {
            join.found = Some((found.ty.clone(), span));
            return;
        }
        let Some((so_far, first)) = join.found.clone() else {
            join.found = Some((found.ty.clone(), span));
            return;
        };
        match both(&so_far, &found.ty) {
            Some(ty) => join.found = Some((ty, first)),
            None => {
                join.wrong = true;
                let (a, b) = (self.context.a_type(&so_far), self.context.a_type(&found.ty));
                self.report(
                    Diagnostic::error(
                        codes::P3008,
                        place(span),
                        format!("this {} gives {b}, and another gives {a}", join.what),
                    )
                    .here(format!("{b} here"))
                    .label(place(first), format!("{a} here"))
                    .help("Let all of them give the same type."),
                );
            }
        }
    }
}

/// The type that holds the values of both.
fn both(a: &Type, b: &Type) -> Option<Type> {
    if fits(b, a) {
        return Some(if is_wrong(a) { b.clone() } else { a.clone() });
    }
    if fits(a, b) {
        return Some(b.clone());
    }
    if a.widened() == b.widened() {
        return Some(a.widened());
    }
    match (a, b) {
        (Type::Option(of), other) | (other, Type::Option(of)) if **of == Type::Never => {
            (*other != Type::Unit).then(|| Type::Option(Box::new(other.clone())))
        }
        _ => None,
    }
}
