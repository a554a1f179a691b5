//! What is declared round a playbook: what a call means depends on it.

use std::collections::BTreeMap;

use play_syntax::ast::{
    ActionDecl, Covers, Expr, ExprKind, File, GuardDecl, ItemKind, Name, ProcedureDecl, Span,
};

/// The files of a program, and what they declare.
pub struct Facts<'a> {
    files: Vec<(&'a str, &'a str)>,
    /// By their whole name, with the connector: `okta.user`.
    actions: BTreeMap<String, (&'a str, &'a ActionDecl)>,
    events: Vec<(&'a str, &'a str)>,
    procedures: BTreeMap<&'a str, &'a ProcedureDecl>,
    guards: Vec<&'a GuardDecl>,
}

impl<'a> Facts<'a> {
    /// Of the files of a program: path, text and tree of each. The places in a tree name its file by its index here.
    #[must_use]
    pub fn new(files: &[(&'a str, &'a str, &'a File)]) -> Self {
        let mut facts = Self {
            files: files.iter().map(|(path, text, _)| (*path, *text)).collect(),
            actions: BTreeMap::new(),
            events: Vec::new(),
            procedures: BTreeMap::new(),
            guards: Vec::new(),
        };
        for item in files.iter().flat_map(|(.., tree)| &tree.items) {
            match &item.kind {
                ItemKind::Connector(connector) => {
                    let name = connector.name.text.as_str();
                    for action in &connector.actions {
                        let whole = format!("{name}.{}", action.name.text);
                        facts.actions.insert(whole, (name, action));
                    }
                    facts.events.extend(connector.events.iter().map(|e| (name, e.name.text.as_str())));
                }
                ItemKind::Procedure(procedure) => {
                    facts.procedures.insert(&procedure.name.text, procedure);
                }
                ItemKind::Guard(guard) => facts.guards.push(guard),
                _ => {}
            }
        }
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
        let before = self.before(at);
        ((*path).to_string(), before.matches('\n').count().saturating_add(1))
    }

    /// What stands before a place in its file.
    #[must_use]
    pub fn before(&self, at: Span) -> &'a str {
        let text = self.files.get(at.file as usize).map_or("", |(_, text)| *text);
        text.get(..at.start as usize).unwrap_or_default()
    }

    /// The comment of an action, by its whole name: `okta.user`.
    #[must_use]
    pub fn described(&self, name: &str) -> Option<&'a [String]> {
        self.actions.get(name).map(|(_, action)| action.doc.as_slice())
    }

    /// The action that an expression calls, if it is a call of one, and the connector.
    #[must_use]
    pub fn action(&self, e: &Expr) -> Option<(&'a str, &'a ActionDecl)> {
        let (of, name) = dotted(e)?;
        self.actions.get(&format!("{of}.{name}")).copied()
    }

    /// Whether an expression names an event.
    #[must_use]
    pub fn is_event(&self, e: &Expr) -> bool {
        dotted(e).is_some_and(|named| self.events.contains(&named))
    }

    /// The procedure that an expression calls, if it is a call of one.
    #[must_use]
    pub fn procedure(&self, e: &Expr) -> Option<&'a ProcedureDecl> {
        let ExprKind::Call { callee, .. } = &e.kind else { return None };
        let ExprKind::Name(name) = &callee.kind else { return None };
        self.procedures.get(name.as_str()).copied()
    }

    /// The names of the guards that cover an action in playbooks for a case.
    #[must_use]
    pub fn guards(&self, case: &str, connector: &str, action: &ActionDecl) -> Vec<&'a str> {
        let covers = |guard: &&&GuardDecl| {
            let same = |name: &Name, text: &str| name.text == text;
            guard.case.as_ref().is_none_or(|c| c.text == case)
                && match &guard.covers {
                    Covers::Actions(all) => {
                        all.iter().any(|(of, name)| same(of, connector) && name.text == action.name.text)
                    }
                    Covers::Class(class) => action.class.as_ref().is_some_and(|c| c.text == class.text),
                }
        };
        self.guards.iter().filter(covers).map(|guard| guard.name.text.as_str()).collect()
    }
}

/// `okta.user` of `okta.user(x)`.
fn dotted(e: &Expr) -> Option<(&str, &str)> {
    let callee = match &e.kind {
        ExprKind::Call { callee, .. } => callee,
        _ => e,
    };
    let ExprKind::Field { base, name, optional: false } = &callee.kind else { return None };
    let ExprKind::Name(of) = &base.kind else { return None };
    Some((of, &name.text))
}
