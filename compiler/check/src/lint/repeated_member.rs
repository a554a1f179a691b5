//! A value that stands twice in a list that something is looked for in.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_syntax::ast::{BinaryOp, Expr, ExprKind};

use super::text::plain;
use super::walk::{self, Visit};
use crate::context::place;
use crate::project::Loaded;

struct Look<'a>(&'a Loaded, &'a mut Vec<Diagnostic>);

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    walk::items(&file.tree.items, &mut Look(file, findings));
}

impl Visit for Look<'_> {
    fn expr(&mut self, e: &Expr) {
        let ExprKind::Binary { op: BinaryOp::In, right, .. } = &e.kind else { return };
        let ExprKind::List(members) = &right.kind else { return };
        let mut before: Option<&Expr> = None;
        for (i, member) in members.iter().enumerate() {
            let text = plain(self.0, member.span);
            let earlier = members.iter().take(i).find(|other| plain(self.0, other.span) == text);
            if let (Some(earlier), Some(before)) = (earlier, before) {
                let cut = Place { start: before.span.end, ..place(member.span) };
                self.1.push(
                    Diagnostic::warning(codes::P9013, place(member.span), format!("{text} is there already"))
                        .here("a second time")
                        .label(place(earlier.span), "the first time")
                        .note("Often something else was meant to stand here.")
                        .help("Leave it out, or write what was meant.")
                        .fix("Leave it out", false, vec![Edit { place: cut, text: String::new() }]),
                );
            }
            before = Some(member);
        }
    }
}
