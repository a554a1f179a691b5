//! Fields of records and cases: those that are not there, and those that are missing.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Name, Span};

use crate::context::{Context, Global, is_wrong, place};
use crate::names::rename;

impl Context<'_> {
    /// The record of that name, for `Name { … }`. Reports when there is none.
    pub(crate) fn record_type(&mut self, name: &Name) -> Option<RecordId> {
        let text = name.text.as_str();
        let finding = match self.globals.get(name.span, text).map(|(global, _)| *global) {
            Some(Global::Record(id)) => return Some(id),
            Some(Global::Broken) => return None,
            None if self.may_be_broken(text) => return None,
            Some(Global::Case(_)) => Diagnostic::error(
                codes::P2011,
                place(name.span),
                format!("`{text}` is a case, and a case is not a value"),
            )
            .here("a record belongs here")
            .note("Cases come from sources, and from `given` in tests."),
            Some(other) => {
                let what = self.kind_of(other);
                Diagnostic::error(codes::P2011, place(name.span), format!("`{text}` is {what}, not a record"))
                    .here("a record belongs here")
            }
            None => {
                let is_record = |g: &Global| matches!(g, Global::Record(_));
                let records = self.globals.names(name.span, is_record);
                let finding =
                    Diagnostic::error(codes::P2003, place(name.span), format!("there is no record `{text}`"))
                        .here("not declared");
                match self.closest(text, records) {
                    Some(near) => rename(finding, name.span, near),
                    None => finding.help(format!("Declare it: `type {text} {{ … }}`.")),
                }
            }
        };
        self.report(finding);
        None
    }

    /// Reports a field that a record or case does not have.
    pub(crate) fn unknown_field(&mut self, record: RecordId, field: &Name) {
        self.unknown_field_of(record, field, None);
    }

    /// The same where one field that has to be there is not: it is likely to be the one that is meant.
    pub(crate) fn unknown_field_of(&mut self, record: RecordId, field: &Name, lacks: Option<&str>) {
        let Some(layout) = self.types.record(record) else { return };
        if layout.fields.iter().any(|f| is_wrong(&f.ty) && f.name == field.text) {
            return;
        }
        let name = layout.name.clone();
        let what = if layout.is_case { "case" } else { "record" };
        let names: Vec<&str> = layout.fields.iter().map(|f| f.name.as_str()).collect();
        let near = self.closest(&field.text, names.iter().copied()).or(lacks).map(str::to_string);
        let all: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        let finding = |context: &Self| {
            let finding = Diagnostic::error(
                codes::P2004,
                place(field.span),
                format!("{what} `{name}` has no field `{}`", field.text),
            )
            .here("no such field");
            let finding = match &near {
                Some(near) => rename(finding, field.span, near),
                None if all.is_empty() => finding,
                None => finding.help(format!("It has {}.", all.join(", "))),
            };
            match context.record_place(record) {
                Some(at) => finding.label(place(at), format!("`{name}` is declared here")),
                None => finding,
            }
        };
        self.report_once(format!("field {} {}", record.0, field.text), finding, place(field.span));
    }

    /// Reports fields that have to be written and are not. `is` stands between name and value: `": "`, `" = "`.
    pub(crate) fn missing_fields(&mut self, what: String, at: Span, missing: &[(String, Type)], is: &str) {
        let names: Vec<String> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
        let examples: Vec<String> =
            missing.iter().map(|(name, ty)| format!("`{name}{is}{}`", self.sample(ty))).collect();
        let count = if missing.len() == 1 { "field" } else { "fields" };
        self.report(
            Diagnostic::error(codes::P3012, place(at), format!("{what}: {count} {} missing", is_are(&names)))
                .here(format!("without {}", names.join(", ")))
                .note("Only a field whose type ends in `?` can be left out.")
                .help(format!("Add {}.", examples.join(", "))),
        );
    }

    /// How a value of a type may look.
    pub(crate) fn sample(&self, ty: &Type) -> String {
        match ty {
            Type::Bool => "true".into(),
            Type::Int => "0".into(),
            Type::Ranged(low, _) => low.to_string(),
            Type::Float => "0.0".into(),
            Type::Time => "2026-01-31T12:00Z".into(),
            Type::Duration => "15m".into(),
            Type::Size => "1MB".into(),
            Type::Date => "2026-01-31".into(),
            Type::Version => "\"1.0\"".into(),
            Type::Map(..) => "{}".into(),
            Type::Ip => "192.0.2.1".into(),
            Type::Cidr => "192.0.2.0/24".into(),
            Type::Domain => "\"example.com\"".into(),
            Type::Url => "\"https://example.com/\"".into(),
            Type::Email => "\"someone@example.com\"".into(),
            Type::List(_) => "[]".into(),
            Type::Option(_) => "none".into(),
            Type::Enum(id) => self.types.variant(*id, 0).unwrap_or("…").into(),
            Type::Union(id) => match (self.types.variant(*id, 0), self.types.held(*id, 0)) {
                (Some(name), Some((_, held))) if held.fields.len() > 1 => format!("{name}(…)"),
                (name, _) => name.unwrap_or("…").into(),
            },
            Type::Record(_) => format!("{} {{ … }}", self.type_name(ty)),
            Type::Newtype(_) if *self.types.repr(ty) == Type::String => "\"…\"".into(),
            Type::String => "\"…\"".into(),
            _ => "…".into(),
        }
    }
}

/// `` `a` is `` or `` `a`, `b` are ``.
fn is_are(names: &[String]) -> String {
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}
