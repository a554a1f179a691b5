//! A record that is dropped for a field that may be none.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Block, Expr, ExprKind, Name, Span, StmtKind};

use crate::context::{Context, place};
use crate::typed::{self, Missing, Source};

/// A field of a source that may be none, and that the source never leaves out: where it is missing there is no case.
pub(crate) struct Dropped {
    case: RecordId,
    slot: usize,
    /// One for each place that gives the record up.
    findings: Vec<Diagnostic>,
}

/// What a field is, branch by branch.
#[derive(Default)]
struct Branches<'a> {
    /// Those that give the record up.
    give_up: Vec<&'a Expr>,
    /// Whether one leaves the field out.
    leaves_out: bool,
}

impl<'a> Branches<'a> {
    fn take(&mut self, value: &'a Expr, found: &typed::Expr) {
        use typed::ExprKind as Typed;
        match (&value.kind, &found.kind) {
            (ExprKind::Else { arm, .. }, Typed::Else(_, _, found)) => self.take(arm, found),
            (ExprKind::Try(_), Typed::Try(Missing::Conversion, _)) => self.give_up.push(value),
            (ExprKind::Block(block), _) => self.take_block(block, found),
            (ExprKind::If { then, other: Some(other), .. }, Typed::If(_, yes, Some(no))) => {
                self.take_block(then, yes);
                self.take(other, no);
            }
            (
                ExprKind::If { then, other: Some(other), .. },
                Typed::IfLet { then: yes, other: Some(no), .. },
            ) => {
                self.take_block(then, yes);
                self.take(other, no);
            }
            (ExprKind::Match { arms, .. }, Typed::Match { arms: found, .. }) => {
                arms.iter().zip(found).for_each(|(arm, found)| self.take(&arm.body, &found.body));
            }
            _ => self.leaves_out |= matches!(found.ty, Type::Option(_)),
        }
    }

    /// The value of a block is its last expression.
    fn take_block(&mut self, block: &'a Block, found: &typed::Expr) {
        let found = match &found.kind {
            typed::ExprKind::Block(_, Some(value)) => value,
            _ => found,
        };
        if let Some(StmtKind::Expr(last)) = block.stmts.last().map(|stmt| &stmt.kind) {
            self.take(last, found);
        }
    }
}

impl Context<'_> {
    /// Of a field that may be none, and whose `?` gives the whole record up.
    pub(crate) fn dropped(
        &self,
        (case, slot): (RecordId, usize),
        name: &Name,
        value: &Expr,
        found: &typed::Expr,
    ) -> Option<Dropped> {
        let mut branches = Branches::default();
        branches.take(value, found);
        if branches.leaves_out || branches.give_up.is_empty() {
            return None;
        }
        let findings = branches.give_up.into_iter().filter_map(|value| self.gives_up(case, name, value));
        Some(Dropped { case, slot, findings: findings.collect() })
    }

    fn gives_up(&self, case: RecordId, name: &Name, value: &Expr) -> Option<Diagnostic> {
        let at = self.field_place(case, &name.text)?;
        let ExprKind::Try(of) = &value.kind else { return None };
        // In parentheses the `?` is not the last character.
        let rest = self.text(Span { start: of.span.end, ..value.span });
        let blank = rest.len().saturating_sub(rest.trim_start().len());
        let start = of.span.end.saturating_add(u32::try_from(blank).ok()?);
        let mark = Place { start: of.span.end, end: start.saturating_add(1), ..place(value.span) };
        let text = |from: u32, to: u32| self.text(Span { start: from, end: to, ..value.span });
        let (before, after) = (text(value.span.start, mark.start), text(mark.end, value.span.end));
        let whole = format!("{before} else none{after}");
        let short = whole.chars().count() <= 64 && !whole.contains(['\n', '`']);
        let whole = if short { whole } else { "value else none".into() };
        let finding = Diagnostic::warning(
            codes::P9032,
            place(value.span),
            format!("a record without this is dropped, though `{}` may be none", name.text),
        )
        .here("`?` gives the record up: no case comes of it")
        .label(place(at), "may be none")
        .help(format!("Write `{whole}`."));
        let plain = rest.trim_start().starts_with('?');
        let edits = vec![Edit { place: mark, text: " else none".into() }];
        Some(if plain { finding.fix("Go on without it", false, edits) } else { finding })
    }

    /// A field may be none for the sake of another source, and this one may well rest on it: what is told is one that no source leaves
    /// out. The case types of a library are there for the sources of all who use it.
    pub(crate) fn needed_by_all(&mut self, sources: &[Source], dropped: Vec<Dropped>) {
        let of = |case: RecordId| sources.iter().filter(|s| s.case == case).count();
        let same = |one: &Dropped, other: &Dropped| (one.case, one.slot) == (other.case, other.slot);
        let ours = |finding: &Diagnostic| {
            let declared = finding.labels.get(1).and_then(|l| self.files.get(l.place.file as usize));
            let here = self.files.get(finding.place().file as usize);
            declared.zip(here).is_some_and(|(a, b)| !a.library && a.package == b.package)
        };
        let by_all = |d: &&Dropped| dropped.iter().filter(|other| same(d, other)).count() == of(d.case);
        let told = dropped.iter().filter(by_all).flat_map(|d| &d.findings).filter(|finding| ours(finding));
        let told: Vec<Diagnostic> = told.cloned().collect();
        told.into_iter().for_each(|finding| self.report(finding));
    }
}
