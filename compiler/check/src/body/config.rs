//! `config.own_domains`: what is set from outside of the program.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::config;
use play_syntax::ast::{Name, Span};

use super::{BodyCx, Kind};
use crate::config::no_config;
use crate::context::place;
use crate::typed::{Effects, Expr, ExprKind, NodeId};

impl BodyCx<'_, '_> {
    pub(super) fn config_field(&mut self, at: NodeId, span: Span, name: &Name, optional: bool) -> Expr {
        let Some(info) = self.context.config.filter(|_| self.may_read_config()) else {
            let finding = self.no_config_here(span, Some(&name.text));
            self.report(finding);
            return self.wrong(at);
        };
        if optional {
            self.needless_question_mark(span, "`config` is", None);
        }
        match self.context.slot_named(info.record, name) {
            Some((field, ty)) => {
                let kind = ExprKind::CaseField(config::slot(field));
                self.narrowed(Expr { kind, ty, at, fx: Effects::default() })
            }
            None => {
                self.context.unknown_field(info.record, name);
                self.wrong(at)
            }
        }
    }

    fn may_read_config(&self) -> bool {
        matches!(self.kind, Kind::Playbook | Kind::When | Kind::Guard | Kind::Source | Kind::Expectation)
    }

    /// `config` where it says nothing.
    pub(super) fn no_config_here(&self, span: Span, field: Option<&str>) -> Diagnostic {
        let setting = |field: &str| self.context.has_setting(field);
        match (&self.kind, field) {
            (Kind::Request | Kind::Respond, _) => settings_only(span),
            (_, Some(field)) if self.context.config.is_none() && setting(field) => settings_only(span),
            (Kind::Fn(_) | Kind::Const, _) if self.context.config.is_some() || field.is_none() => {
                Diagnostic::error(codes::P2013, place(span), "there is no `config` here")
                    .here("known only in playbooks, guards, sources and expectations")
                    .note("A function gives the same for the same arguments, wherever it is called.")
                    .help("Take what is needed as a parameter.")
            }
            (_, Some(field)) => no_config(span, field),
            (_, None) => {
                Diagnostic::error(codes::P2013, place(span), "the configuration as a whole is not a value")
                    .here("one of its values is")
                    .help("Name one: `config.NAME`.")
            }
        }
    }
}

fn settings_only(span: Span) -> Diagnostic {
    Diagnostic::error(codes::P6002, place(span), "`config` can only be used in `auth`")
        .here("not here")
        .note("Settings hold secrets, and are read by the transport when a request is sent; a program never sees them.")
        .help("Take the value as a parameter.")
}
