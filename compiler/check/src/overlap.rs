//! Playbooks that can both take the same case.

use std::collections::BTreeMap;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::Type;
use play_syntax::ast::{Expr as AstExpr, PlaybookDecl};

use crate::conditions::{looked_through, possible};
use crate::context::{Context, place};
use crate::routing::comes_before;
use crate::typed::{Const, Expr, Playbook};

/// What two playbooks for one kind of case have to do with each other.
enum Pair {
    /// No case is for both.
    Apart,
    /// They exclude each other, and one says that it comes before the other.
    NeedlessOrder,
    /// Both can take one case, and nothing says which does. The first is the narrower of the two, where one is.
    Open { narrower: bool },
    /// The first takes all that the second would.
    Swallowed,
}

impl<'a> Context<'a> {
    /// Reports pairs of playbooks for one kind of case of which nothing says which one takes a case that both would.
    pub(crate) fn overlaps(&mut self, playbooks: &[Playbook], consts: &[Const]) {
        let mut found = Vec::new();
        let whens: Vec<Option<Expr>> = playbooks
            .iter()
            .map(|p| p.when.as_ref().map(|when| looked_through(&when.expr, consts)))
            .collect();
        let mut by_case: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (i, later) in playbooks.iter().enumerate() {
            let before = by_case.entry(later.case.0).or_default();
            for (j, earlier) in before.iter().filter_map(|j| Some((*j, playbooks.get(*j)?))) {
                if !self.broken_when(earlier) && !self.broken_when(later) {
                    let (one, other) = if comes_before(playbooks, i, j) { (i, j) } else { (j, i) };
                    found.push((one, other, self.pair(playbooks, &whens, one, other)));
                }
            }
            before.push(i);
        }
        for (one, other, pair) in found {
            if let (Some(one), Some(other)) = (playbooks.get(one), playbooks.get(other)) {
                self.told(one, other, &pair);
            }
        }
    }

    /// How two playbooks stand to each other; where one comes before the other, it is the first.
    fn pair(&self, playbooks: &[Playbook], whens: &[Option<Expr>], one: usize, other: usize) -> Pair {
        let Some(first) = playbooks.get(one) else { return Pair::Apart };
        let when = |at: usize| whens.get(at).and_then(Option::as_ref);
        let (a, b) = (when(one), when(other));
        let holds = a.into_iter().chain(b).map(|e| (e, true)).collect();
        let both = possible(&self.types, holds);
        if !comes_before(playbooks, one, other) {
            if !both {
                return Pair::Apart;
            }
            // Whatever the first takes, the second would take too.
            let of_both =
                |b| possible(&self.types, a.into_iter().map(|a| (a, true)).chain([(b, false)]).collect());
            return Pair::Open { narrower: a.is_some() && !b.is_some_and(of_both) };
        }
        if !both {
            return if first.before.contains(&other) { Pair::NeedlessOrder } else { Pair::Apart };
        }
        // What is left for the second: its own condition, without that of the first.
        let left = a.is_some_and(|a| {
            possible(&self.types, b.into_iter().map(|b| (b, true)).chain([(a, false)]).collect())
        });
        if left { Pair::Apart } else { Pair::Swallowed }
    }

    fn broken_when(&self, playbook: &Playbook) -> bool {
        let Some(when) = self.declaration(&playbook.name).and_then(|d| d.when.as_ref()) else { return false };
        self.findings.iter().any(|f| f.is_error_in(place(when.span)))
    }

    fn told(&mut self, one: &Playbook, other: &Playbook, pair: &Pair) {
        let (Some(first), Some(second)) = (self.declaration(&one.name), self.declaration(&other.name)) else {
            return;
        };
        let record = Type::Record(other.case);
        let (case, a_case) = (self.type_name(&record), self.a_type(&record));
        let (a, b) = (&one.name, &other.name);
        let (first_at, second_at) = (first.name.span, second.name.span);
        match pair {
            Pair::Apart => {}
            Pair::NeedlessOrder => {
                let at = first.before.iter().find(|n| n.text == *b).map_or(first_at, |n| n.span);
                self.report(
                    Diagnostic::warning(
                        codes::P9004,
                        place(at),
                        format!("no case is for both `{a}` and `{b}`, so none has to come first"),
                    )
                    .here("says nothing")
                    .help("Leave it out."),
                );
            }
            Pair::Swallowed => self.report(
                Diagnostic::error(codes::P5009, place(second_at), format!("`{b}` never takes a case"))
                    .here("nothing is left for it")
                    .label(place(first_at), "comes before it, and takes all that it would take")
                    .note("One playbook takes a case: the first whose condition holds.")
                    .help(format!("Say with `when` which cases `{a}` takes, or let `{b}` come before it.")),
            ),
            Pair::Open { narrower } => {
                let message = match (&first.when, &second.when) {
                    (None, None) => format!("`{a}` and `{b}` both take every `{case}`"),
                    (Some(x), Some(y)) if self.same_text(x, y) => {
                        format!("`{a}` and `{b}` take the same cases")
                    }
                    _ => format!("`{a}` and `{b}` can both take {a_case}"),
                };
                let finding = Diagnostic::error(codes::P5009, place(second_at), message)
                    .here("takes a case that the other takes too")
                    .label(place(first_at), "the other one")
                    .note("One playbook takes a case, and nothing says which of these two where both would.");
                let alike = match (&first.when, &second.when) {
                    (Some(x), Some(y)) => self.same_text(x, y),
                    (x, y) => x.is_none() && y.is_none(),
                };
                self.report(if alike {
                    finding.help("Say with `when` which cases each of them takes.")
                } else {
                    let (narrow, wide) = if *narrower { (first, second) } else { (second, first) };
                    let at = Place {
                        file: narrow.case.span.file,
                        start: narrow.case.span.end,
                        end: narrow.case.span.end,
                    };
                    let text = format!(" before {}", wide.name.text);
                    finding
                        .help(format!(
                            "Say which comes first, as in `playbook {} for {case}{text} when …`; or let their conditions \
                             exclude each other: add `not (…)` with that of the other one.",
                            narrow.name.text
                        ))
                        .fix(
                            format!("Let `{}` come first", narrow.name.text),
                            false,
                            vec![Edit { place: at, text }],
                        )
                });
            }
        }
    }

    fn declaration(&self, name: &str) -> Option<&'a PlaybookDecl> {
        self.playbooks.iter().find(|p| p.decl.name.text == name).map(|p| p.decl)
    }

    /// Whether two conditions are written the same, blanks aside.
    fn same_text(&self, a: &AstExpr, b: &AstExpr) -> bool {
        let (a, b) = (self.text(a.span), self.text(b.span));
        a.split_whitespace().eq(b.split_whitespace())
    }
}
