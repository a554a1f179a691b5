//! What is declared round a playbook: what a call means depends on it.

use std::collections::{BTreeMap, BTreeSet};

use play_syntax::ast::{
    ActionDecl, Covers, EventDecl, Expr, ExprKind, GuardDecl, ItemKind, Name, ProcedureDecl, Span,
};

use super::locals::locals;
use crate::scope::{Scope, Sort};
use crate::source::Source;

/// The files of a program, and what they declare.
pub struct Facts<'a> {
    files: Vec<(&'a str, &'a str)>,
    /// Where the lines of each file begin, but the first.
    lines: Vec<Vec<usize>>,
    scope: Scope<'a>,
    /// Where a name means no connector, because it is one of a body's own.
    locals: BTreeSet<Span>,
    /// By their whole name, with the connector: `okta.user`.
    actions: BTreeMap<String, (&'a str, &'a ActionDecl)>,
    /// Likewise.
    events: BTreeMap<String, &'a EventDecl>,
    /// By their file and name.
    procedures: BTreeMap<(u32, &'a str), &'a ProcedureDecl>,
    guards: Vec<&'a GuardDecl>,
}

impl<'a> Facts<'a> {
    /// Of the files of a program. The places in a tree name its file by its index here.
    pub(crate) fn new(files: &'a [Source<'a>]) -> Self {
        let lines =
            |text: &str| text.match_indices('\n').map(|(at, _)| at.saturating_add(1)).collect::<Vec<_>>();
        let mut facts = Self {
            files: files.iter().map(|f| (f.path, f.text)).collect(),
            lines: files.iter().map(|f| lines(f.text)).collect(),
            scope: Scope::new(files),
            locals: BTreeSet::new(),
            actions: BTreeMap::new(),
            events: BTreeMap::new(),
            procedures: BTreeMap::new(),
            guards: Vec::new(),
        };
        let mut connectors = BTreeSet::new();
        for item in files.iter().flat_map(|f| &f.tree.items) {
            match &item.kind {
                ItemKind::Connector(connector) => {
                    let name = connector.name.text.as_str();
                    connectors.insert(name);
                    for action in &connector.actions {
                        let whole = format!("{name}.{}", action.name.text);
                        facts.actions.insert(whole, (name, action));
                    }
                    let events = connector.events.iter();
                    facts.events.extend(events.map(|e| (format!("{name}.{}", e.name.text), e)));
                }
                ItemKind::Procedure(procedure) => {
                    let name = &procedure.name;
                    facts.procedures.insert((name.span.file, &name.text), procedure);
                }
                ItemKind::Guard(guard) => facts.guards.push(guard),
                _ => {}
            }
        }
        files.iter().for_each(|f| locals(&f.tree, &connectors, &mut facts.locals));
        facts
    }

    /// The text of a place.
    #[must_use]
    pub fn text(&self, at: Span) -> &'a str {
        let text = self.files.get(at.file as usize).map_or("", |(_, text)| *text);
        text.get(at.start as usize..at.end as usize).unwrap_or_default()
    }

    /// Path and line, counted from 1.
    #[must_use]
    pub fn place(&self, at: Span) -> (String, usize) {
        let Some((path, _)) = self.files.get(at.file as usize) else { return (String::new(), 0) };
        let lines = self.lines.get(at.file as usize).map_or(&[][..], Vec::as_slice);
        let before = lines.partition_point(|start| *start <= at.start as usize);
        ((*path).to_string(), before.saturating_add(1))
    }

    /// The path of a file.
    pub(crate) fn path(&self, file: u32) -> &'a str {
        self.files.get(file as usize).map_or("", |(path, _)| *path)
    }

    /// What stands before a place in its file.
    #[must_use]
    pub fn before(&self, at: Span) -> &'a str {
        let text = self.files.get(at.file as usize).map_or("", |(_, text)| *text);
        text.get(..at.start as usize).unwrap_or_default()
    }

    /// The comment of an action or an event, by its whole name: `okta.user`.
    #[must_use]
    pub fn described(&self, name: &str) -> Option<&'a [String]> {
        let action = self.actions.get(name).map(|(_, action)| action.doc.as_slice());
        action.or_else(|| self.events.get(name).map(|event| event.doc.as_slice()))
    }

    /// The file that declares what a name means where it is written.
    pub(crate) fn file(&self, sort: Sort, name: &Name) -> Option<u32> {
        self.scope.file(sort, name.span, &name.text)
    }

    /// Whether two names mean the same, each where it is written.
    pub(crate) fn same(&self, sort: Sort, one: &Name, other: &Name) -> bool {
        one.text == other.text && self.file(sort, one) == self.file(sort, other)
    }

    /// The action that an expression calls, if it is a call of one, and the connector.
    #[must_use]
    pub fn action(&self, e: &Expr) -> Option<(&'a str, &'a ActionDecl)> {
        self.actions.get(&self.dotted(e)?).copied()
    }

    /// The whole name of the action or the event that an expression calls, if it is a call of one.
    pub(crate) fn called(&self, e: &Expr) -> Option<String> {
        self.dotted(e).filter(|name| self.actions.contains_key(name) || self.events.contains_key(name))
    }

    /// `okta.user` of `okta.user(x)`.
    fn dotted(&self, e: &Expr) -> Option<String> {
        let callee = match &e.kind {
            ExprKind::Call { callee, .. } => callee,
            _ => e,
        };
        let ExprKind::Field { base, name, optional: false } = &callee.kind else { return None };
        let ExprKind::Name(of) = &base.kind else { return None };
        (!self.locals.contains(&base.span)).then(|| format!("{of}.{}", name.text))
    }

    /// The procedure that an expression calls, if it is a call of one.
    #[must_use]
    pub fn procedure(&self, e: &Expr) -> Option<&'a ProcedureDecl> {
        let ExprKind::Call { callee, .. } = &e.kind else { return None };
        let ExprKind::Name(name) = &callee.kind else { return None };
        let file = self.scope.file(Sort::Procedure, callee.span, name)?;
        self.procedures.get(&(file, name.as_str())).copied()
    }

    /// The guards that cover an action in playbooks for a case.
    #[must_use]
    pub fn guards(&self, case: &Name, connector: &str, action: &ActionDecl) -> Vec<&'a GuardDecl> {
        let covers = |guard: &&&GuardDecl| {
            let same = |name: &Name, text: &str| name.text == text;
            guard.case.as_ref().is_none_or(|c| self.same(Sort::Case, c, case))
                && match &guard.covers {
                    Covers::Actions(all) => {
                        all.iter().any(|(of, name)| same(of, connector) && name.text == action.name.text)
                    }
                    Covers::Class(class) => action.class.as_ref().is_some_and(|c| c.text == class.text),
                }
        };
        self.guards.iter().filter(covers).copied().collect()
    }
}
