//! Playbooks that can both take the same case.

mod together;

use std::collections::BTreeMap;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Expr as AstExpr, PlaybookDecl};

use crate::conditions::{Fixed, fixed, looked_through, possible};
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
        let whens: Vec<Option<Expr>> = playbooks
            .iter()
            .map(|p| p.when.as_ref().map(|when| looked_through(&when.expr, consts)))
            .collect();
        let fixed: Vec<Fixed> = whens
            .iter()
            .map(|when| when.as_ref().map(|when| fixed(when, true)).unwrap_or_default())
            .collect();
        let mut by_case: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, playbook) in playbooks.iter().enumerate() {
            by_case.entry(playbook.case.0).or_default().push(at);
        }
        let mut pairs: Vec<(usize, usize)> =
            by_case.values().flat_map(|all| together::together(&fixed, all)).collect();
        // An order that is said is looked at also where no case is for both.
        pairs.extend(playbooks.iter().enumerate().flat_map(|(at, p)| {
            let same =
                p.before.iter().filter(|other| playbooks.get(**other).is_some_and(|o| o.case == p.case));
            same.map(move |other| (at.max(*other), at.min(*other)))
        }));
        pairs.sort_unstable();
        pairs.dedup();
        let mut declared: BTreeMap<&str, &'a PlaybookDecl> = BTreeMap::new();
        for info in &self.playbooks {
            declared.entry(&info.decl.name.text).or_insert(info.decl);
        }
        let of = |playbook: &Playbook| declared.get(playbook.name.as_str()).copied();
        let errors: Vec<Place> =
            self.findings.iter().filter(|f| f.is_error()).map(Diagnostic::place).collect();
        let broken = |playbook: &Playbook| {
            let Some(when) = of(playbook).and_then(|d| d.when.as_ref()) else { return false };
            errors.iter().any(|at| place(when.span).holds(*at))
        };
        let broken: Vec<bool> = playbooks.iter().map(broken).collect();
        let sound = |at: usize| broken.get(at) == Some(&false);
        let mut found = Vec::new();
        for (i, j) in pairs.into_iter().filter(|(i, j)| i != j && sound(*i) && sound(*j)) {
            let (one, other) = if comes_before(playbooks, i, j) { (i, j) } else { (j, i) };
            let pair = self.pair(playbooks, &whens, one, other);
            let declared = playbooks.get(one).and_then(of).zip(playbooks.get(other).and_then(of));
            if let (false, Some(declared)) = (matches!(pair, Pair::Apart), declared) {
                found.push((other, declared, pair));
            }
        }
        for (other, (first, second), pair) in found {
            if let Some(other) = playbooks.get(other) {
                self.told(other.case, first, second, &pair);
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

    fn told(&mut self, case: RecordId, first: &'a PlaybookDecl, second: &'a PlaybookDecl, pair: &Pair) {
        let record = Type::Record(case);
        let (case, a_case) = (self.type_name(&record), self.a_type(&record));
        let (a, b) = (&first.name.text, &second.name.text);
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

    /// Whether two conditions are written the same, blanks aside.
    fn same_text(&self, a: &AstExpr, b: &AstExpr) -> bool {
        let (a, b) = (self.text(a.span), self.text(b.span));
        a.split_whitespace().eq(b.split_whitespace())
    }
}
