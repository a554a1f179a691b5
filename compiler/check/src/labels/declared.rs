//! Labels as they are written: on fields, on parameters of actions, on results.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::types::RecordId;
use play_syntax::ast::{ActionDecl, FnDecl, Name, Param, Span};

use super::flow::Label;
use crate::context::{Context, place};
use crate::typed::Personal;

/// What is declared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    /// By record and name of the field.
    fields: BTreeMap<(RecordId, String), Vec<(Label, Span)>>,
    /// Of parameters, by action and index: takes `pii`; takes nothing but text of the program.
    params: BTreeMap<(ActionId, usize), Takes>,
    /// Of results, by action.
    results: BTreeMap<ActionId, Vec<(Label, Span)>>,
}

/// What a parameter takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Takes {
    /// Personal data.
    pub(crate) pii: bool,
    /// Only text of the program: the other side runs it.
    pub(crate) trusted: bool,
}

impl Labels {
    /// What is labelled as personal data.
    pub(crate) fn personal(&self) -> Personal {
        let is = |labels: &[(Label, Span)]| labels.iter().any(|(label, _)| *label == Label::Pii);
        Personal {
            fields: self.fields.iter().filter(|(_, l)| is(l)).map(|(field, _)| field.clone()).collect(),
            params: self.params.iter().filter(|(_, takes)| takes.pii).map(|(param, _)| *param).collect(),
            results: self.results.iter().filter(|(_, l)| is(l)).map(|(action, _)| *action).collect(),
        }
    }

    /// The labels of a field, each with where it is declared.
    pub(crate) fn of_field(&self, record: RecordId, field: &str) -> &[(Label, Span)] {
        self.fields.get(&(record, field.to_string())).map(Vec::as_slice).unwrap_or_default()
    }

    /// What a parameter takes.
    pub(crate) fn of_param(&self, action: ActionId, param: usize) -> Takes {
        self.params.get(&(action, param)).copied().unwrap_or_default()
    }

    /// The labels of a result.
    pub(crate) fn of_result(&self, action: ActionId) -> &[(Label, Span)] {
        self.results.get(&action).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Context<'_> {
    /// Reads the labels of a field.
    pub(crate) fn label_field(&mut self, record: RecordId, field: &Name, labels: &[Name]) {
        let read = self.read_labels(labels, &field.text);
        if !read.is_empty() {
            Arc::make_mut(&mut self.labels).fields.insert((record, field.text.as_str().to_string()), read);
        }
    }

    /// Reads the labels of an action.
    pub(crate) fn label_action(&mut self, id: ActionId, decl: &ActionDecl) {
        for (at, param) in decl.params.iter().enumerate() {
            let mut takes = Takes::default();
            for label in &param.labels {
                match label.text.as_str() {
                    "pii" => takes.pii = true,
                    "trusted" => takes.trusted = true,
                    _ => self.no_label_here(label, &format!("the parameter `{}`", param.name.text)),
                }
            }
            Arc::make_mut(&mut self.labels).params.insert((id, at), takes);
        }
        let read = self.read_labels(&decl.labels, &decl.name.text);
        Arc::make_mut(&mut self.labels).results.insert(id, read);
    }

    /// What a function does to labels is seen in its body.
    pub(crate) fn no_labels_of_fn(&mut self, decl: &FnDecl) {
        self.no_labels(&decl.params);
    }

    /// Reports labels of parameters that have none.
    pub(crate) fn no_labels(&mut self, params: &[Param]) {
        for label in params.iter().flat_map(|p| &p.labels) {
            self.report(
                Diagnostic::error(
                    codes::P6007,
                    place(label.span),
                    format!("`{}` is not written here", label.text),
                )
                .here("the labels of the arguments are followed through the body")
                .help("Leave it out."),
            );
        }
    }

    fn read_labels(&mut self, labels: &[Name], of: &str) -> Vec<(Label, Span)> {
        let mut read = Vec::new();
        for label in labels {
            match label.text.as_str() {
                "pii" => read.push((Label::Pii, label.span)),
                "untrusted" => read.push((Label::Untrusted, label.span)),
                "secret" => self.no_secret_here(label, of),
                _ => self.no_label_here(label, &format!("`{of}`")),
            }
        }
        read
    }

    fn no_secret_here(&mut self, label: &Name, of: &str) {
        self.report(
            Diagnostic::error(codes::P6003, place(label.span), format!("`{of}` cannot be `secret`"))
                .here("it would be recorded")
                .note("Fields of a case, arguments and answers stand in the evidence; a secret must not. Only the transport reads one, out of the configuration.")
                .help("Leave the secret where it is, and keep what names it, such as its id. What a connector authenticates with is declared in its `config { … }`."),
        );
    }

    pub(crate) fn no_label_here(&mut self, label: &Name, what: &str) {
        self.report(
            Diagnostic::error(codes::P6007, place(label.span), format!("{what} cannot be `{}`", label.text))
                .here("not a label of this place")
                .help("A field and a result can be `pii` or `untrusted`; a parameter of an action can take `pii`, or nothing but `trusted` text."),
        );
    }
}
