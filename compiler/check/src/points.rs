//! The points of a program that a test may reach or miss: arms of decisions, what is done when a call fails, and the ways a
//! clause of a guard can go.

use std::collections::{BTreeMap, BTreeSet};

use play_program::artifact::Node;
use play_program::guard::ClauseKind;
use play_syntax::ast::{ItemKind, Name};

use crate::project::Loaded;
use crate::typed::{Expr, ExprKind, Guard, Missing, NodeId, Owner, Program, Suspend};

/// What sort of point it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PointKind {
    /// An arm of an `if`, `if let` or `match`, or what stands in for a value that is not there.
    Branch,
    /// What is done when a call fails, or a step.
    Failure,
    /// A way that a clause of a guard can go.
    Guard,
}

/// A point.
#[derive(Clone, Debug)]
pub struct Point {
    /// Index in [`Program::owners`].
    pub owner: usize,
    /// What sort.
    pub kind: PointKind,
    /// How code with marks says that it is reached: node and arm. A procedure has one for each place where it is called.
    pub marks: Vec<(NodeId, u16)>,
    /// Where it stands.
    pub place: Node,
    /// What it is, in words: `the `if` does not hold`.
    pub text: String,
}

/// The arm of a clause that held, or was taken.
pub const TAKEN: u16 = 1;
/// The arm of a clause that was asked and did not hold, or was passed.
pub const PASSED: u16 = 0;
/// The arm of a question that nobody answered in time.
pub const SILENT: u16 = 2;

/// What the project itself declares that runs.
pub(crate) fn owners(files: &[Loaded]) -> Vec<Owner> {
    let mut all = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(_, f)| !f.library) {
        for item in &file.tree.items {
            let (what, name): (_, &Name) = match &item.kind {
                ItemKind::Playbook(decl) => ("playbook", &decl.name),
                ItemKind::Procedure(decl) => ("procedure", &decl.name),
                ItemKind::Fn(decl) => ("fn", &decl.name),
                ItemKind::Guard(decl) => ("guard", &decl.name),
                _ => continue,
            };
            let place = Node { file: crate::names::index(at), start: item.span.start, end: item.span.end };
            all.push(Owner { what, name: name.text.as_str().to_string(), place });
        }
    }
    all
}

/// All points of the project's own playbooks, procedures, functions and guards, by owner and place.
#[must_use]
pub fn points(program: &Program) -> Vec<Point> {
    let mut found = Found { program, points: BTreeMap::new() };
    program.playbooks.iter().for_each(|p| found.expr(&p.body.expr));
    program.procedures.iter().for_each(|body| found.expr(body));
    program.guards.iter().for_each(|g| found.guard(g));
    let called = called(program);
    program
        .fns
        .iter()
        .enumerate()
        .filter(|(n, _)| called.contains(n))
        .for_each(|(_, f)| found.expr(&f.body.expr));
    found.points.into_values().collect()
}

/// The functions that a run can come to. One that only a source calls runs before there is a case, and a test gives that.
fn called(program: &Program) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let whens = program.playbooks.iter().filter_map(|p| p.when.as_ref()).map(|b| &b.expr);
    let conditions = program.guards.iter().flat_map(|g| g.conditions.iter().flatten()).map(|b| &b.expr);
    let bodies = program.playbooks.iter().map(|p| &p.body.expr).chain(&program.procedures);
    let untils = program.playbooks.iter().flat_map(|p| &p.untils).map(|u| &u.expr);
    bodies.chain(whens).chain(conditions).chain(untils).for_each(|e| calls(e, &mut found));
    // Each calls only functions before it.
    for (n, function) in program.fns.iter().enumerate().rev() {
        if found.contains(&n) {
            calls(&function.body.expr, &mut found);
        }
    }
    found
}

fn calls(e: &Expr, found: &mut BTreeSet<usize>) {
    if let ExprKind::Call(function, _) = &e.kind {
        found.insert(*function);
    }
    e.parts().into_iter().for_each(|part| calls(part, found));
}

/// Points by owner, where they stand, and which arm: what stands in a procedure is there once.
type Points = BTreeMap<(usize, u32, u32, u32, PointKind, u16), Point>;

struct Found<'a> {
    program: &'a Program,
    points: Points,
}

impl Found<'_> {
    fn node(&self, at: NodeId) -> Option<Node> {
        self.program.nodes.get(at as usize).copied()
    }

    /// The declaration round a place.
    fn owner(&self, place: Node) -> Option<usize> {
        let inside = |o: &Owner| {
            o.place.file == place.file && o.place.start <= place.start && place.end <= o.place.end
        };
        self.program.owners.iter().position(inside)
    }

    fn add(&mut self, kind: PointKind, at: NodeId, arm: usize, shown: NodeId, text: String) {
        let (Some(whole), Some(place)) = (self.node(at), self.node(shown)) else { return };
        let (Some(owner), Ok(arm)) = (self.owner(whole), u16::try_from(arm)) else { return };
        let key = (owner, whole.file, whole.start, whole.end, kind, arm);
        let point =
            self.points.entry(key).or_insert_with(|| Point { owner, kind, marks: Vec::new(), place, text });
        point.marks.push((at, arm));
    }

    fn expr(&mut self, e: &Expr) {
        use PointKind::{Branch, Failure};
        match &e.kind {
            ExprKind::If(test, then, other) => {
                self.add(Branch, e.at, 0, then.at, "the condition holds".into());
                let shown = other.as_ref().map_or(test.at, |o| o.at);
                self.add(Branch, e.at, 1, shown, "the condition does not hold".into());
            }
            ExprKind::IfLet { missing, value, then, other, .. } => {
                self.add(Branch, e.at, 0, then.at, "the value is there".into());
                let shown = other.as_ref().map_or(value.at, |o| o.at);
                match missing {
                    Missing::Call => self.add(Failure, e.at, 1, shown, "the call fails".into()),
                    _ => self.add(Branch, e.at, 1, shown, "the value is not there".into()),
                }
            }
            ExprKind::Match { arms, .. } => {
                for (n, arm) in arms.iter().enumerate() {
                    self.add(Branch, e.at, n, arm.body.at, format!("the arm `{}`", arm.label));
                }
            }
            ExprKind::Else(_, _, arm) if matches!(arm.kind, ExprKind::FailStep) => {}
            // The engine answers for somebody who does not, and a line says so.
            ExprKind::Else(Missing::Call, call, arm) if is_answered(call) => {
                self.add(Failure, call.at, SILENT.into(), arm.at, "nobody answers in time".into());
            }
            ExprKind::Else(Missing::Call, call, _) if cannot_fail(call) => {}
            ExprKind::Else(Missing::Call, call, arm) => {
                let what = match call.kind.suspends() {
                    Some(Suspend::Ask(_)) => "nobody answers in time",
                    Some(Suspend::Approve(_)) => "it is not approved",
                    _ => "the call fails",
                };
                self.add(Failure, e.at, 1, arm.at, what.into());
            }
            ExprKind::Else(_, _, arm) => self.add(Branch, e.at, 1, arm.at, "the value is not there".into()),
            ExprKind::Step { name, other, .. } => {
                self.add(Failure, e.at, 1, other.at, format!("the step `{name}` fails"));
            }
            _ => {}
        }
        e.parts().into_iter().for_each(|part| self.expr(part));
    }

    fn guard(&mut self, guard: &Guard) {
        let mut add = |at: NodeId, taken: bool, what: &str| {
            let arm = if taken { TAKEN } else { PASSED };
            self.add(PointKind::Guard, at, usize::from(arm), at, what.to_string());
        };
        for clause in &guard.spec.clauses {
            match &clause.kind {
                ClauseKind::Never => {
                    add(clause.at, true, "`never` holds");
                    add(clause.at, false, "`never` does not hold");
                }
                ClauseKind::Limit { .. } => {
                    add(clause.at, true, "the limit is reached");
                    add(clause.at, false, "the limit is not reached");
                }
                ClauseKind::Allow { when } => {
                    add(clause.at, true, "`allow` lets it through");
                    if *when {
                        add(clause.at, false, "`allow` does not hold");
                    }
                }
            }
        }
        let always = guard.spec.clauses.iter().any(|c| c.kind == ClauseKind::Allow { when: false });
        if !always {
            add(guard.spec.at, true, "nothing allows it: `else`");
        }
    }
}

/// Whether it is a question that says what counts when nobody answers.
fn is_answered(call: &Expr) -> bool {
    matches!(call.kind.suspends(), Some(Suspend::Ask(question)) if question.otherwise.is_some())
}

/// Whether a call never comes to its `else`, which is then one that nobody wrote.
fn cannot_fail(call: &Expr) -> bool {
    matches!(call.kind.suspends(), Some(Suspend::Pause(_)))
}
