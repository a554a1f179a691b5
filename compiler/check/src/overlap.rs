//! Playbooks that can both take the same case.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{BinaryOp, Expr as AstExpr};

use crate::conditions::same;
use crate::context::{Context, place};
use crate::typed::{Expr, ExprKind, Playbook};

/// A condition that must hold: a value compared with a constant, or any other.
enum Fact<'e> {
    Is(&'e Expr, &'e Value),
    IsNot(&'e Expr, &'e Value),
    True(&'e Expr),
    False(&'e Expr),
}

impl Context<'_> {
    /// Reports pairs of playbooks for one case type of which nothing says which one takes a case that both would.
    pub(crate) fn overlaps(&mut self, playbooks: &[Playbook]) {
        for (i, later) in playbooks.iter().enumerate() {
            for earlier in playbooks.iter().take(i) {
                if earlier.case == later.case {
                    self.overlap(earlier, later);
                }
            }
        }
    }

    fn overlap(&mut self, earlier: &Playbook, later: &Playbook) {
        let (Some(first), Some(second)) = (self.declaration(&earlier.name), self.declaration(&later.name))
        else {
            return;
        };
        let record = Type::Record(later.case);
        let (case, a_case) = (self.type_name(&record), self.a_type(&record));
        let (a, b) = (&earlier.name, &later.name);
        let (first_at, second_at) = (first.0, second.0);
        match (first.1, second.1) {
            (None, None) => self.report(
                Diagnostic::error(
                    codes::P5009,
                    place(second_at),
                    format!("`{a}` and `{b}` both take every `{case}`"),
                )
                .here("takes every case too")
                .label(place(first_at), "takes every case")
                .note("One playbook takes a case, and nothing says which of these two.")
                .help("Say with `when` which cases each of them takes."),
            ),
            (Some(x), Some(y)) if self.same_text(x, y) => self.report(
                Diagnostic::error(
                    codes::P5009,
                    place(y.span),
                    format!("`{a}` and `{b}` take the same cases"),
                )
                .here("the same condition again")
                .label(place(x.span), "the same condition")
                .note("One playbook takes a case, and nothing says which of these two.")
                .help("Say with `when` which cases each of them takes."),
            ),
            _ => {
                if let (Some(x), Some(y)) = (&earlier.when, &later.when)
                    && exclude(&x.expr, &y.expr)
                {
                    return;
                }
                self.report(
                    Diagnostic::warning(codes::P9006, place(second_at), format!("`{a}` and `{b}` may both take {a_case}"))
                        .here("may take a case that the other takes too")
                        .label(place(first_at), "the other one")
                        .note("One playbook takes a case, and nothing says which of the two where both conditions hold.")
                        .help("Let their conditions exclude each other: add `not (…)` with the condition of the other one."),
                );
            }
        }
    }

    fn declaration(&self, name: &str) -> Option<(play_syntax::ast::Span, Option<&AstExpr>)> {
        let decl = self.playbooks.iter().find(|p| p.decl.name.text == name)?.decl;
        Some((decl.name.span, decl.when.as_ref()))
    }

    /// Whether two conditions are written the same, blanks aside.
    fn same_text(&self, a: &AstExpr, b: &AstExpr) -> bool {
        let (a, b) = (self.text(a.span), self.text(b.span));
        a.split_whitespace().eq(b.split_whitespace())
    }
}

/// Whether two conditions can be seen to exclude each other.
fn exclude(a: &Expr, b: &Expr) -> bool {
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    facts(a, &mut of_a);
    facts(b, &mut of_b);
    of_a.iter().any(|x| of_b.iter().any(|y| contradict(x, y)))
}

fn facts<'e>(e: &'e Expr, found: &mut Vec<Fact<'e>>) {
    match &e.kind {
        ExprKind::And(a, b) => {
            facts(a, found);
            facts(b, found);
        }
        ExprKind::Not(inner) => found.push(Fact::False(inner)),
        ExprKind::Binary(op @ (BinaryOp::Eq | BinaryOp::Ne), a, b) => {
            let pair = match (&a.kind, &b.kind) {
                (_, ExprKind::Lit(value)) => Some((&**a, value)),
                (ExprKind::Lit(value), _) => Some((&**b, value)),
                _ => None,
            };
            found.push(match pair {
                Some((of, value)) if *op == BinaryOp::Eq => Fact::Is(of, value),
                Some((of, value)) => Fact::IsNot(of, value),
                None => Fact::True(e),
            });
        }
        _ => found.push(Fact::True(e)),
    }
}

fn contradict(a: &Fact<'_>, b: &Fact<'_>) -> bool {
    match (a, b) {
        (Fact::Is(x, v), Fact::Is(y, w)) => same(x, y) && !v.same(w),
        (Fact::Is(x, v), Fact::IsNot(y, w)) | (Fact::IsNot(y, w), Fact::Is(x, v)) => same(x, y) && v.same(w),
        (Fact::True(x), Fact::False(y)) | (Fact::False(y), Fact::True(x)) => same(x, y),
        (Fact::False(y), Fact::Is(x, v)) | (Fact::Is(x, v), Fact::False(y)) => negates(y, x, v),
        _ => false,
    }
}

/// Whether `not (y)` rules out that `x` is `v`: `y` says just that.
fn negates(y: &Expr, x: &Expr, v: &Value) -> bool {
    let mut of_y = Vec::new();
    facts(y, &mut of_y);
    matches!(of_y.as_slice(), [Fact::Is(z, w)] if same(z, x) && w.same(v))
}
