//! Signatures: parameters and results of functions and actions, cases of playbooks. Bodies come later, so that they can use
//! each other in any order.

use std::sync::Arc;

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::{Action, ActionId};
use play_program::artifact::Event;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{ConnectorDecl, ItemKind, Name, Param};

use crate::context::{Context, Global, place};
use crate::names::{index, rename};
use crate::types::Site;

/// How long an action may take unless it says otherwise.
const DEFAULT_TIMEOUT: SignedDuration = SignedDuration::from_secs(30);

impl<'a> Context<'a> {
    /// Reads all signatures.
    pub(crate) fn sign(&mut self) {
        for at in 0..self.fns.len() {
            let Some(decl) = self.fns.get(at).map(|f| f.decl) else { continue };
            let params = self.params(&decl.params);
            self.no_labels_of_fn(decl);
            let result = self.resolve(&decl.result, Site::Value);
            if let Some(info) = Arc::make_mut(&mut self.fns).get_mut(at) {
                info.params = params;
                info.result = result;
            }
        }
        let files = self.files;
        let mut connector = 0;
        for item in files.iter().flat_map(|f| &f.tree.items) {
            if let ItemKind::Connector(decl) = &item.kind {
                self.sign_connector(connector, decl);
                connector += 1;
            }
        }
        self.sign_procedures();
        for at in 0..self.playbooks.len() {
            let Some(decl) = self.playbooks.get(at).map(|p| p.decl) else { continue };
            let case = self.case_type(&decl.case);
            if let Some(info) = self.playbooks.get_mut(at) {
                info.case = case;
            }
        }
    }

    pub(crate) fn params(&mut self, params: &[Param]) -> Vec<(String, Type)> {
        params.iter().map(|p| (p.name.text.as_str().to_string(), self.resolve(&p.ty, Site::Value))).collect()
    }

    fn sign_connector(&mut self, connector: usize, decl: &ConnectorDecl) {
        self.sign_events(connector, decl);
        for action in &decl.actions {
            self.no_twins("parameter", action.params.iter().map(|p| &p.name));
            let params = self.params(&action.params);
            let result = self.resolve(&action.result, Site::Result);
            self.label_action(ActionId(index(self.actions.len())), action);
            let fails = self.failure_kinds(&action.fails);
            let id = ActionId(index(self.actions.len()));
            if action.verify.is_some() {
                self.verified.insert(id);
            }
            Arc::make_mut(&mut self.actions).push(Action {
                connector: decl.name.text.as_str().to_string(),
                name: action.name.text.as_str().to_string(),
                write: action.write,
                params,
                result,
                method: action.method.as_ref().map(|m| m.text.as_str().to_string()).unwrap_or_default(),
                timeout: DEFAULT_TIMEOUT,
                class: action.class.as_ref().map(|c| c.text.as_str().to_string()),
                undo: None,
                target: Vec::new(),
                irreversible: None,
                cache: None,
                retry: None,
                idempotent: action.idempotent.is_some(),
                statuses: Vec::new(),
                fails,
            });
            if let Some(info) = Arc::make_mut(&mut self.connectors).get_mut(connector) {
                info.actions.entry(action.name.text.as_str().to_string()).or_insert((id, action.name.span));
            }
        }
    }

    fn sign_events(&mut self, connector: usize, decl: &ConnectorDecl) {
        self.no_twins(
            "action",
            decl.actions.iter().map(|a| &a.name).chain(decl.events.iter().map(|e| &e.name)),
        );
        for event in &decl.events {
            self.no_twins("parameter", event.params.iter().map(|p| &p.name));
            let params = self.params(&event.params);
            let result = self.resolve(&event.result, Site::Result);
            let at = self.node(event.name.span);
            let id = index(self.events.len());
            Arc::make_mut(&mut self.events).push(Event {
                connector: decl.name.text.as_str().to_string(),
                name: event.name.text.as_str().to_string(),
                params,
                result,
                at,
            });
            if let Some(info) = Arc::make_mut(&mut self.connectors).get_mut(connector) {
                info.events.entry(event.name.text.as_str().to_string()).or_insert((id, event.name.span));
            }
        }
    }

    /// The case type of that name. Reports when there is none.
    pub(crate) fn case_type(&mut self, name: &Name) -> Option<RecordId> {
        let text = name.text.as_str();
        let finding = match self.globals.get(name.span, text).map(|(global, _)| *global) {
            Some(Global::Case(id)) => return Some(id),
            Some(Global::Broken) => return None,
            None if self.may_be_broken(text) => return None,
            Some(Global::Record(_)) => {
                Diagnostic::error(codes::P2011, place(name.span), format!("`{text}` is a record, not a case"))
                    .here("a case belongs here")
                    .help(format!("Declare it as `case {text} {{ … }}`."))
            }
            Some(other) => {
                let what = self.kind_of(other);
                Diagnostic::error(codes::P2011, place(name.span), format!("`{text}` is {what}, not a case"))
                    .here("a case belongs here")
            }
            None => {
                let is_case = |g: &Global| matches!(g, Global::Case(_));
                let cases = self.globals.names(name.span, is_case);
                let finding =
                    Diagnostic::error(codes::P2003, place(name.span), format!("there is no case `{text}`"))
                        .here("not declared");
                match self.closest(text, cases) {
                    Some(near) => rename(finding, name.span, near),
                    None => finding.help(format!("Declare it: `case {text} {{ … }}`.")),
                }
            }
        };
        self.report(finding);
        None
    }
}
