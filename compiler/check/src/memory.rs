//! What is known of functions and constants from the check before, where somebody checks after each change.
//!
//! A body is checked again unless it is sure that the same would be found: its own text is the same, and so is all that it can see, which
//! are the heads of all declarations and the whole of types, constants and connectors. What asked for more than that (a name that is not
//! known, what a file that cannot be read may declare) is always checked again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::FixedState;
use play_diagnostics::{Diagnostic, Place};
use play_program::artifact::Node;
use play_program::types::Type;
use play_syntax::ast::{Head, Span};

use crate::context::Context;
use crate::labels::Summary;
use crate::numbered::Numbered;
use crate::order::Unit;
use crate::project::Loaded;
use crate::typed::{Const, Fn, NodeId};
use crate::workspace::Workspace;

/// All that is kept.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    packages: Vec<SeenPackage>,
    files: Vec<SeenFile>,
    /// Names that only stand in what cannot be read.
    ghosts: Vec<(u32, String)>,
    /// Nothing that a body can see has changed.
    same: bool,
    /// Who uses whom: of constants, then of functions.
    uses: Vec<(u64, BTreeSet<Unit>)>,
    /// The order that follows from it.
    order: Vec<Unit>,
    /// By index in the program.
    pub(crate) fns: Vec<Known<Fn>>,
    pub(crate) consts: Vec<Known<Const>>,
}

#[derive(Debug, PartialEq)]
struct SeenPackage {
    name: String,
    manifest: Option<String>,
    uses: BTreeMap<String, Result<usize, String>>,
}

/// What bodies can see of a file.
#[derive(Debug)]
struct SeenFile {
    path: String,
    shown: String,
    package: usize,
    library: bool,
    uses: Vec<usize>,
    doc: Vec<String>,
    /// Of each declaration its number, and its head where it has one.
    items: Vec<(u64, Option<Head>)>,
}

/// A function or a constant.
#[derive(Debug)]
pub(crate) struct Known<T> {
    stamp: u64,
    /// Where it stood.
    at: Span,
    made: T,
    /// `None`: it has to be checked again in any case.
    alone: Option<Alone>,
    /// It was not checked again this time.
    pub(crate) again: bool,
    /// None of its conditions is decided.
    pub(crate) plain: bool,
    /// What it does to labels.
    pub(crate) summary: Option<Arc<Summary>>,
}

/// What a check of it alone has left.
#[derive(Debug)]
struct Alone {
    /// Its first node.
    first: NodeId,
    nodes: Vec<Node>,
    findings: Vec<Diagnostic>,
}

/// What the body of another can notice of what became of one, besides its head.
pub(crate) trait Made: Clone + Numbered {
    /// Whether those that use it come out the same.
    fn looks_like(&self, other: &Self) -> bool;
}

impl Made for Fn {
    fn looks_like(&self, other: &Self) -> bool {
        self.body.expr.fx.fault == other.body.expr.fx.fault
    }
}

impl Made for Const {
    fn looks_like(&self, other: &Self) -> bool {
        let Const { name: _, body: _, ty } = other;
        Type::eq(&self.ty, ty)
    }
}

impl Memory {
    /// The same for the next check, in which these are the packages.
    pub(crate) fn next(mut self, workspace: &Workspace) -> Self {
        let seen = |p: &crate::workspace::Package| SeenPackage {
            name: p.name.clone(),
            manifest: p.manifest.as_ref().map(|m| m.text.clone()),
            uses: p.uses.clone(),
        };
        let packages: Vec<SeenPackage> = workspace.packages.iter().map(seen).collect();
        self.same = packages == self.packages;
        self.packages = packages;
        self
    }

    /// With what was seen of the functions and constants that were made.
    pub(crate) fn keep(mut self, plain: [Vec<bool>; 2], summaries: Vec<Arc<Summary>>) -> Self {
        let [fns, consts] = plain;
        self.fns.iter_mut().zip(fns).for_each(|(known, plain)| known.plain = plain);
        self.consts.iter_mut().zip(consts).for_each(|(known, plain)| known.plain = plain);
        self.fns.iter_mut().zip(summaries).for_each(|(known, summary)| known.summary = Some(summary));
        self
    }

    /// Looks at the files, and whether bodies see the same as before.
    fn look<'g>(&mut self, files: &[Loaded], ghosts: impl Iterator<Item = (u32, &'g str)>) {
        let ghosts: Vec<(u32, String)> = ghosts.map(|(file, name)| (file, name.to_string())).collect();
        self.same &= ghosts == self.ghosts && files.len() == self.files.len();
        self.ghosts = ghosts;
        for (at, file) in files.iter().enumerate() {
            match self.files.get_mut(at) {
                Some(seen) => self.same &= seen.look(file),
                None => self.files.push(SeenFile::of(file, HashMap::default())),
            }
        }
        self.files.truncate(files.len());
        if !self.same {
            self.fns.clear();
            self.consts.clear();
            self.uses.clear();
            self.order.clear();
        }
    }
}

impl SeenFile {
    fn of(file: &Loaded, mut known: HashMap<u64, Option<Head>, FixedState>) -> Self {
        let items = file.tree.items.iter().zip(&file.stamps);
        let mut head = |stamp: &u64| known.remove(stamp);
        Self {
            path: file.path.clone(),
            shown: file.shown.clone(),
            package: file.package,
            library: file.library,
            uses: file.uses.iter().map(|u| u.target).collect(),
            doc: file.tree.doc.clone(),
            items: items
                .map(|(item, stamp)| (*stamp, head(stamp).unwrap_or_else(|| item.head(&file.text))))
                .collect(),
        }
    }

    /// Whether a body sees the same of the file that it is now.
    fn look(&mut self, file: &Loaded) -> bool {
        let uses = file.uses.iter().map(|u| u.target);
        let same = self.path == file.path
            && self.shown == file.shown
            && self.package == file.package
            && self.library == file.library
            && self.uses.iter().copied().eq(uses)
            && self.doc == file.tree.doc
            && self.items.len() == file.stamps.len();
        let same = same
            && self.items.iter_mut().zip(file.tree.items.iter().zip(&file.stamps)).all(
                |(seen, (item, stamp))| {
                    if seen.0 == *stamp {
                        return true;
                    }
                    let head = item.head(&file.text);
                    let same = head.is_some() && head == seen.1;
                    *seen = (*stamp, head);
                    same
                },
            );
        if !same {
            let known = std::mem::take(&mut self.items).into_iter().collect();
            *self = Self::of(file, known);
        }
        same
    }
}

impl Context<'_> {
    /// Constants and functions in order, and whether what is known of them can be used.
    pub(crate) fn ordered(&mut self, memory: &mut Memory) -> Vec<Unit> {
        memory.look(self.files, self.globals.ghosts());
        let stamps = self.consts.iter().map(|c| c.item.0).chain(self.fns.iter().map(|f| f.item.0));
        let stamps: Vec<u64> = stamps.collect();
        let mut changed = stamps.len() != memory.uses.len();
        for (at, (unit, stamp)) in self.units().zip(&stamps).enumerate() {
            let known = memory.uses.get_mut(at);
            if known.as_ref().is_some_and(|(known, _)| known == stamp && *stamp != 0) {
                continue;
            }
            let before = self.asked();
            let uses = self.uses_of(unit);
            let stamp = if before == self.asked() { *stamp } else { 0 };
            match known {
                Some(known) => {
                    changed |= known.1 != uses;
                    *known = (stamp, uses);
                }
                None => {
                    changed = true;
                    memory.uses.push((stamp, uses));
                }
            }
        }
        if !changed && !memory.order.is_empty() {
            return memory.order.clone();
        }
        let findings = self.findings.len();
        let order =
            self.sorted(&memory.uses.iter().take(stamps.len()).map(|(_, uses)| uses).collect::<Vec<_>>());
        // The same decides where each of them is in the program, and so what a call of it is.
        memory.same &= order == memory.order;
        if !memory.same {
            memory.fns.clear();
            memory.consts.clear();
        }
        // A circle is to be reported each time.
        memory.order = if self.findings.len() == findings { order.clone() } else { Vec::new() };
        order
    }

    /// What `make` makes, or what it made before where that is the same. `same`: all that it can use came out as before.
    pub(crate) fn made<T: Made>(
        &mut self,
        known: &mut Vec<Known<T>>,
        index: usize,
        (stamp, at): (u64, Span),
        same: &mut bool,
        make: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let first = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        if let Some(known) = known.get_mut(index).filter(|k| *same && k.stamp == stamp && stamp != 0)
            && let Some(alone) = &mut known.alone
        {
            alone.place(known.at, at);
            known.at = at;
            if alone.first != first {
                known.made.renumber(first.wrapping_sub(alone.first));
                alone.first = first;
            }
            known.again = true;
            self.nodes.extend_from_slice(&alone.nodes);
            self.findings.extend_from_slice(&alone.findings);
            return Some(known.made.clone());
        }
        let (asked, findings) = (self.asked(), self.findings.len());
        let made = make(self)?;
        let nodes = self.nodes.get(first as usize..).unwrap_or_default();
        let alone = (asked == self.asked())
            .then(|| Alone::of(at, first, nodes, self.findings.get(findings..).unwrap_or_default()))
            .flatten();
        let now = Known { stamp, at, made: made.clone(), alone, again: false, plain: false, summary: None };
        match known.get_mut(index) {
            Some(known) => {
                *same &= made.looks_like(&known.made);
                let summary = known.summary.take();
                *known = Known { summary, ..now };
            }
            None => known.push(now),
        }
        Some(made)
    }
}

impl Alone {
    /// What was left by the declaration there, if all of that is within it.
    fn of(at: Span, first: NodeId, nodes: &[Node], findings: &[Diagnostic]) -> Option<Self> {
        let own = |file: u32, start: u32, end: u32| file == at.file && at.start <= start && end <= at.end;
        let own_place = |p: &Place| own(p.file, p.start, p.end);
        let all_own = |d: &Diagnostic| {
            let edits = d.fixes.iter().flat_map(|f| &f.edits).map(|e| &e.place);
            d.labels.iter().map(|l| &l.place).chain(edits).all(own_place)
        };
        let own = nodes.iter().all(|n| own(n.file, n.start, n.end)) && findings.iter().all(all_own);
        own.then(|| Self { first, nodes: nodes.to_vec(), findings: findings.to_vec() })
    }

    /// The declaration has moved.
    fn place(&mut self, from: Span, to: Span) {
        let by = to.start.wrapping_sub(from.start);
        if by == 0 && from.file == to.file {
            return;
        }
        let place = |file: &mut u32, start: &mut u32, end: &mut u32| {
            *file = to.file;
            *start = start.wrapping_add(by);
            *end = end.wrapping_add(by);
        };
        self.nodes.iter_mut().for_each(|n| place(&mut n.file, &mut n.start, &mut n.end));
        for finding in &mut self.findings {
            let edits = finding.fixes.iter_mut().flat_map(|f| &mut f.edits).map(|e| &mut e.place);
            let labels = finding.labels.iter_mut().map(|l| &mut l.place);
            labels.chain(edits).for_each(|p| place(&mut p.file, &mut p.start, &mut p.end));
        }
    }
}
