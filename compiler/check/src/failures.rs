//! Failures of calls: the record that an `else` sees, and named sets of their kinds.

use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::types::{EnumId, EnumType, FieldType, RecordId, RecordType, Type};
use play_program::value::FailureKind;
use play_syntax::ast::{FailuresDecl, Name};

use crate::context::{Context, Global, place};
use crate::names::{index, rename};

/// What is built in for failures, and what the project declares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failures<'a> {
    /// `Failure { kind: FailureKind, words: String }`
    pub(crate) record: Option<RecordId>,
    /// `FailureKind`, its members as in [`FailureKind::ALL`].
    pub(crate) kind: Option<EnumId>,
    /// `failures NAME = …`
    pub(crate) sets: Vec<&'a FailuresDecl>,
}

/// Slot of `kind` in a `Failure`.
pub(crate) const KIND: usize = 0;

impl<'a> Context<'a> {
    /// Makes `Failure` and `FailureKind` known, after all that is declared: ids of declared types are indices of declarations.
    pub(crate) fn declare_failure(&mut self) {
        let names: Vec<String> = FailureKind::ALL.iter().map(|k| k.name().to_string()).collect();
        let kind = EnumId(index(self.types.enums.len()));
        for name in &names {
            // A member of an enum of the project goes before: it may be called the same.
            Arc::make_mut(&mut self.members).entry(name.clone()).or_insert_with(|| vec![kind]);
        }
        Arc::make_mut(&mut self.types).enums.push(EnumType::of("FailureKind", names));
        let record = RecordId(index(self.types.records.len()));
        Arc::make_mut(&mut self.types).records.push(RecordType {
            name: "Failure".into(),
            is_case: false,
            fields: vec![
                FieldType { name: "kind".into(), ty: Type::Enum(kind) },
                FieldType { name: "words".into(), ty: Type::String },
            ],
        });
        Arc::make_mut(&mut self.globals).insert_everywhere("Failure", Global::Record(record));
        Arc::make_mut(&mut self.globals).insert_everywhere("FailureKind", Global::Enum(kind));
        self.failures.record = Some(record);
        self.failures.kind = Some(kind);
        for decl in self.failures.sets.clone() {
            self.no_twins("failure", decl.kinds.iter());
            self.failure_kinds(&decl.kinds);
        }
    }

    /// The failures of these names; a set stands for those in it. Reports what is neither.
    pub(crate) fn failure_kinds(&mut self, names: &[Name]) -> Vec<FailureKind> {
        let mut kinds = Vec::new();
        for name in names {
            if let Some(kind) = FailureKind::from_name(&name.text) {
                kinds.push(kind);
            } else if let Some(set) = self.failure_set(name) {
                kinds.extend(set);
            } else {
                self.no_failure(name);
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The failures of a set, by its name.
    pub(crate) fn failure_set(&self, name: &Name) -> Option<Vec<FailureKind>> {
        let Some((Global::Failures(at), _)) = self.globals.get(name.span, &name.text) else { return None };
        let decl = self.failures.sets.get(*at)?;
        Some(decl.kinds.iter().filter_map(|k| FailureKind::from_name(&k.text)).collect())
    }

    /// Reports a name that is no failure.
    pub(crate) fn no_failure(&mut self, name: &Name) {
        if self.may_be_broken(&name.text) {
            return;
        }
        let sets = self.failures.sets.iter().map(|s| s.name.text.as_str());
        let kinds = FailureKind::ALL.iter().map(|k| k.name());
        let near = self.closest(&name.text, kinds.chain(sets)).map(str::to_string);
        let finding =
            Diagnostic::error(codes::P2005, place(name.span), format!("there is no failure `{}`", name.text))
                .here("no such failure");
        let all: Vec<&str> = FailureKind::ALL.iter().map(|k| k.name()).collect();
        self.report(match near {
            Some(near) => rename(finding, name.span, &near),
            None => finding.help(format!("There are {}.", all.join(", "))),
        });
    }

    /// The failures that a call of an action can end in, in their order.
    pub(crate) fn failures_of(&self, action: ActionId) -> Vec<FailureKind> {
        let action = self.actions.get(action.0 as usize);
        FailureKind::ALL.into_iter().filter(|k| action.is_none_or(|a| a.may_fail_with(*k))).collect()
    }

    /// The failures that a wait for the answer of a read can end in: those for which it is not asked again, and that there is none
    /// in time.
    pub(crate) fn failures_of_poll(&self, action: ActionId) -> Vec<FailureKind> {
        let of_read = self.failures_of(action);
        let ends = |k: &FailureKind| *k == FailureKind::Timeout || !k.may_come() && of_read.contains(k);
        FailureKind::ALL.into_iter().filter(ends).collect()
    }
}
