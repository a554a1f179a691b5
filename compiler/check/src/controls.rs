//! Controls: what a framework asks for, and which playbooks carry it out.

use std::collections::BTreeMap;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Name, PlaybookDecl};

use crate::context::{Context, Global, place};
use crate::names::rename;

impl Context<'_> {
    /// The controls that a playbook names: `iso27001.A_5_26`. Reports what no framework has.
    pub(crate) fn controls_of(&mut self, decl: &PlaybookDecl) -> Vec<String> {
        let mut found = Vec::new();
        let mut first = BTreeMap::new();
        for (framework, control) in &decl.controls {
            let Some(full) = self.control(framework, control) else { continue };
            let at = *first.entry(full.clone()).or_insert(control.span);
            if at == control.span {
                found.push(full);
            } else {
                self.report(
                    Diagnostic::error(
                        codes::P2007,
                        place(control.span),
                        format!("control `{full}` is there twice"),
                    )
                    .here("again here")
                    .label(place(at), "first here")
                    .help("Leave one of them out."),
                );
            }
        }
        found
    }

    fn control(&mut self, framework: &Name, control: &Name) -> Option<String> {
        let index = match self.globals.get(framework.span, &framework.text).map(|(global, _)| *global) {
            Some(Global::Controls(index)) => index,
            Some(Global::Broken) => return None,
            Some(other) => {
                let (text, what) = (&framework.text, self.kind_of(other));
                self.report(
                    Diagnostic::error(
                        codes::P2011,
                        place(framework.span),
                        format!("`{text}` is {what}, not a framework of controls"),
                    )
                    .here("a framework is wanted here")
                    .help("A framework is declared by `controls NAME { … }`."),
                );
                return None;
            }
            None => {
                self.no_framework(framework);
                return None;
            }
        };
        let decl = *self.controls.get(index)?;
        if decl.controls.iter().any(|c| c.text == control.text) {
            return Some(format!("{}.{}", framework.text, control.text));
        }
        let text = format!("`{}` has no control `{}`", framework.text, control.text);
        let finding = Diagnostic::error(codes::P2016, place(control.span), text)
            .here("no such control")
            .label(place(decl.name.span), "the framework");
        let near = self.closest(&control.text, decl.controls.iter().map(|c| c.text.as_str()));
        let finding = match near {
            Some(near) => rename(finding, control.span, near),
            None => finding.help("`controls NAME { … }` lists what there is."),
        };
        self.report(finding);
        None
    }

    fn no_framework(&mut self, framework: &Name) {
        let text = &framework.text;
        if self.may_be_broken(text) {
            return;
        }
        let near = self.closest(text, self.controls.iter().map(|c| c.name.text.as_str()));
        let finding = Diagnostic::error(
            codes::P2001,
            place(framework.span),
            format!("there is no framework of controls `{text}`"),
        )
        .here("not declared");
        let finding = match near {
            Some(near) => rename(finding, framework.span, near),
            None => finding
                .help(format!("Add `use std.controls.{text}`, or declare it: `controls {text} {{ … }}`.")),
        };
        self.report(finding);
    }
}
