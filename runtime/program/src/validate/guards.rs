//! What must hold of guards: what they cover is there, and every condition stays within what it may know.

use super::tasks::asked_in_time;
use super::{Bounds, Check, case_width, known_node, known_type, must};
use crate::code::{Condition, GuardCode, Input};
use crate::guard::{ClauseKind, Guard, Otherwise};
use crate::shape::CASE_FIELDS;

impl Check<'_> {
    pub(super) fn guards(&self, code: &[GuardCode]) -> Result<(), String> {
        let guards = &self.manifest.guards;
        must(guards.len() == code.len(), || "guards without code, or the reverse".into())?;
        for (guard, code) in guards.iter().zip(code) {
            self.guard(guard, code).map_err(|e| format!("guard {}: {e}", guard.name))?;
        }
        Ok(())
    }

    fn guard(&self, guard: &Guard, code: &GuardCode) -> Result<(), String> {
        known_node(self.manifest, guard.at)?;
        if let Otherwise::Approval { at, needed, within, then, .. } = &guard.otherwise {
            known_node(self.manifest, *at)?;
            must(*needed > 0, || "nobody has to approve it".into())?;
            asked_in_time(*within, then)?;
        }
        let width = match guard.case {
            Some(case) => case_width(self.manifest, case)?,
            None => CASE_FIELDS.len(),
        };
        for (_, ty) in &guard.params {
            known_type(&self.manifest.types, ty)?;
        }
        for cover in &guard.covers {
            let action = self.manifest.action(cover.action).filter(|a| a.write);
            let action = action.ok_or("it covers what is no write")?;
            let known = cover.args.len() == guard.params.len()
                && cover.args.iter().zip(&guard.params).all(|(arg, (_, ty))| {
                    action.params.get(usize::from(*arg)).is_some_and(|(_, of)| of == ty)
                });
            must(known, || format!("{} has not the parameters that it shares", action.full_name()))?;
        }
        must(guard.clauses.len() == code.clauses.len(), || "clauses without code, or the reverse".into())?;
        for (clause, code) in guard.clauses.iter().zip(&code.clauses) {
            known_node(self.manifest, clause.at)?;
            let asks = matches!(clause.kind, ClauseKind::Never | ClauseKind::Allow { when: true });
            must(asks == code.is_some(), || "a clause lacks its condition, or has one too many".into())?;
            if let Some(condition) = code {
                self.condition(condition, width, guard.params.len())?;
            }
        }
        Ok(())
    }

    pub(super) fn condition(&self, condition: &Condition, width: usize, params: usize) -> Result<(), String> {
        for input in &condition.entry.inputs {
            match input {
                Input::Case(slot) => self.field(*slot, width)?,
                Input::Local { up, slot } => {
                    must(*up == 0 && usize::from(*slot) < params, || format!("it has no parameter {slot}"))?
                }
            }
        }
        for part in &condition.parts {
            known_node(self.manifest, part.at)?;
            if let Some(sides) = &part.sides {
                known_type(&self.manifest.types, &sides.0)?;
                known_type(&self.manifest.types, &sides.1)?;
            }
        }
        let bounds = Bounds { params: condition.entry.inputs.len(), ..self.bounds(0) };
        self.block(&condition.entry.block, bounds)
    }
}
