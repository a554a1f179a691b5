//! Whole numbers where a range is wanted.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast;

use super::{BodyCx, Why};
use crate::context::{WRONG, place};
use crate::interval;
use crate::typed::{Expr, ExprKind};

impl BodyCx<'_, '_> {
    /// Holds a whole number to a range: `None` where none is wanted, or the value is no number.
    pub(super) fn fit_range(
        &mut self,
        found: &mut Expr,
        e: &ast::Expr,
        wanted: &Type,
        why: &Why,
    ) -> Option<Expr> {
        let core = if let Type::Option(of) = wanted { of } else { wanted };
        let (Type::Ranged(least, most), true) = (core, found.ty.is_int()) else { return None };
        let (low, high) = self.known_range(found, interval::of(found)?);
        let mut given = found.clone();
        if i128::from(*least) <= low && high <= i128::from(*most) {
            given.ty = core.clone();
            return Some(given);
        }
        let finding = self.out_of_range(found, e, (*least, *most), (low, high));
        let finding = self.with_why(finding, why, wanted);
        self.report(finding);
        given.ty = WRONG;
        Some(given)
    }

    fn out_of_range(
        &self,
        found: &Expr,
        e: &ast::Expr,
        (least, most): (i64, i64),
        (low, high): interval::Interval,
    ) -> Diagnostic {
        let (what, text) = (self.context.quoted(e.span), self.context.example(e.span));
        if high < i128::from(least) || low > i128::from(most) {
            let finding = Diagnostic::error(
                codes::P3023,
                place(e.span),
                format!("{what} is not within {least}..{most}"),
            );
            return match &found.kind {
                ExprKind::Lit(Value::Int(_)) => finding.here("outside of the range"),
                _ => finding.here(format!("this is within {low}..{high}")),
            };
        }
        let is = match (low, high) {
            interval::ALL => "this is any `Int`".to_string(),
            _ => format!("this is within {low}..{high}"),
        };
        let simple = matches!(
            e.kind,
            ast::ExprKind::Name(_) | ast::ExprKind::Field { .. } | ast::ExprKind::Call { .. }
        );
        let (open, close) = if simple { ("", "") } else { ("(", ")") };
        let clamp = format!("{close}.clamp({least}, {most})");
        let at = |offset: u32| Place { file: e.span.file, start: offset, end: offset };
        Diagnostic::error(
            codes::P3023,
            place(e.span),
            format!("{what} may be outside of {least}..{most}"),
        )
        .here(is)
        .help(format!(
            "Write `{open}{text}{clamp}` for the nearest number that is inside, or say what happens when it is outside: {}.",
            self.conversion_example(&format!("{open}{text}{close}"), &format!("Int {least}..{most}"))
        ))
        .fix(
            format!("Take the nearest number within {least}..{most}"),
            false,
            vec![
                Edit { place: at(e.span.start), text: open.into() },
                Edit { place: at(e.span.end), text: clamp },
            ],
        )
    }
}
