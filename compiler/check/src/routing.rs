//! Which playbook takes a case: `before`, and the order that follows from it.

use std::collections::BTreeSet;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Name, PlaybookDecl};

use crate::context::{Context, Global, place};
use crate::names::rename;
use crate::typed::Playbook;

impl Context<'_> {
    /// The playbooks that one comes before. Reports what is none.
    pub(crate) fn before(&mut self, decl: &PlaybookDecl) -> Vec<usize> {
        let mut found = BTreeSet::new();
        for name in &decl.before {
            let Some(other) = self.playbook_named(name) else { continue };
            let Some(behind) = self.playbooks.get(other).map(|p| p.decl) else { continue };
            if std::ptr::eq(behind, decl) {
                self.no_order(name, format!("`{}` comes before itself", name.text), "this playbook", None);
            } else if behind.case.text != decl.case.text {
                let text = format!("`{}` takes no `{}`", name.text, decl.case.text);
                self.no_order(name, text, "takes other cases", Some((&behind.case, "takes these")));
            } else if !found.insert(other) {
                self.no_order(name, format!("`{}` is named twice", name.text), "again here", None);
            }
        }
        found.into_iter().collect()
    }

    fn playbook_named(&mut self, name: &Name) -> Option<usize> {
        match self.globals.get(name.span, &name.text).map(|(global, _)| *global) {
            Some(Global::Playbook(index)) => return Some(index),
            Some(Global::Broken) => return None,
            _ if self.may_be_broken(&name.text) => return None,
            _ => {}
        }
        let near = self.closest(&name.text, self.playbooks.iter().map(|p| p.decl.name.text.as_str()));
        let finding = Diagnostic::error(
            codes::P2001,
            place(name.span),
            format!("there is no playbook `{}`", name.text),
        )
        .here("not declared");
        let finding = match near {
            Some(near) => rename(finding, name.span, near),
            None => finding,
        };
        self.report(finding);
        None
    }

    fn no_order(&mut self, at: &Name, text: String, here: &str, other: Option<(&Name, &str)>) {
        let finding = Diagnostic::error(codes::P5061, place(at.span), text).here(here);
        let finding = match other {
            Some((name, text)) => finding.label(place(name.span), text),
            None => finding,
        };
        self.report(
            finding
                .note("`before` says which of two playbooks for one kind of case is asked first.")
                .help("Leave it out, or name another playbook for the same case."),
        );
    }

    /// Gives each playbook its rank: one that comes before another has the smaller one. Reports playbooks that come before each
    /// other.
    pub(crate) fn ranks(&mut self, playbooks: &mut [Playbook]) {
        // In most projects no playbook comes before another.
        if playbooks.iter().all(|p| p.before.is_empty()) {
            return;
        }
        let before: Vec<Vec<usize>> = playbooks.iter().map(|p| p.before.clone()).collect();
        let mut reported = BTreeSet::new();
        for start in 0..before.len() {
            let circle = circle(&before, start);
            if circle.is_empty() || circle.iter().any(|at| reported.contains(at)) {
                continue;
            }
            reported.extend(circle.iter().copied());
            self.in_a_circle(&circle);
        }
        if !reported.is_empty() {
            return;
        }
        // Each round moves what is behind another one further back; without a circle there are no more rounds than playbooks.
        for _ in 0..playbooks.len() {
            for (at, behind) in before.iter().enumerate() {
                let least = playbooks.get(at).map_or(0, |p| p.rank.saturating_add(1));
                for other in behind {
                    if let Some(playbook) = playbooks.get_mut(*other) {
                        playbook.rank = playbook.rank.max(least);
                    }
                }
            }
        }
    }

    fn in_a_circle(&mut self, circle: &[usize]) {
        let Some(first) = circle.first().and_then(|at| self.playbooks.get(*at)).map(|p| p.decl) else {
            return;
        };
        let text = format!("`{}` comes before itself, by way of others", first.name.text);
        let mut finding = Diagnostic::error(codes::P5061, place(first.name.span), text)
            .here("first of all, and behind others");
        for at in circle {
            if let Some(decl) = self.playbooks.get(*at).map(|p| p.decl)
                && let Some(name) = decl.before.first()
            {
                finding = finding.label(place(name.span), format!("`{}` comes before it", decl.name.text));
            }
        }
        self.report(
            finding.note("Of playbooks in a circle none can be asked first.").help("Leave one `before` out."),
        );
    }
}

/// Whether one playbook comes before another, directly or by way of others.
pub(crate) fn comes_before(playbooks: &[Playbook], one: usize, other: usize) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![one]);
    while let Some(at) = next.pop() {
        for behind in playbooks.get(at).into_iter().flat_map(|p| &p.before) {
            if *behind == other {
                return true;
            }
            if seen.insert(*behind) {
                next.push(*behind);
            }
        }
    }
    false
}

/// The playbooks on a way from one back to itself; none where there is no such way.
fn circle(before: &[Vec<usize>], start: usize) -> Vec<usize> {
    let (mut came, mut next) = (vec![None; before.len()], vec![start]);
    while let Some(at) = next.pop() {
        for behind in before.get(at).into_iter().flatten() {
            if *behind == start {
                let (mut way, mut back) = (vec![at], came.get(at).copied().flatten());
                while let Some(from) = back {
                    way.push(from);
                    back = came.get(from).copied().flatten();
                }
                way.reverse();
                return way;
            }
            if let Some(known) = came.get_mut(*behind)
                && known.is_none()
            {
                *known = Some(at);
                next.push(*behind);
            }
        }
    }
    Vec::new()
}
