//! Values of a project's configuration.
//!
//! A program reads them like fields of the case. They stand behind these, from the end: so a place is the same whatever the
//! case, and whoever evaluates has one thing at hand and not two.

use crate::value::Value;

/// The slot of the first value; those of a case are below.
pub const FIRST: usize = 0x8000;

/// The slot of a value, by its index in [`crate::artifact::Manifest::config`].
#[must_use]
pub fn slot(field: usize) -> usize {
    FIRST.saturating_add(field)
}

/// The value that a slot means, by its index; `None` for a slot of the case itself.
#[must_use]
pub fn field(slot: usize) -> Option<usize> {
    slot.checked_sub(FIRST)
}

/// Where a slot is among so many values: those of a case with those of the configuration behind them.
#[must_use]
pub fn place(slot: usize, len: usize) -> Option<usize> {
    match field(slot) {
        None => Some(slot),
        Some(field) => len.checked_sub(field.checked_add(1)?),
    }
}

/// What stands in a slot.
#[must_use]
pub fn get(values: &[Value], slot: usize) -> Option<&Value> {
    values.get(place(slot, values.len())?)
}

/// Puts the values of a configuration behind those of a case.
pub fn append(case: &mut Vec<Value>, config: &[Value]) {
    case.extend(config.iter().rev().cloned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_whatever_the_case() {
        for width in [0, 1, 7] {
            let mut case = vec![Value::Int(0); width];
            append(&mut case, &[Value::Int(10), Value::Int(20)]);
            assert!(get(&case, slot(0)).is_some_and(|v| v.same(&Value::Int(10))));
            assert!(get(&case, slot(1)).is_some_and(|v| v.same(&Value::Int(20))));
            assert!(width == 0 || get(&case, width - 1).is_some_and(|v| v.same(&Value::Int(0))));
        }
        assert!(get(&[], slot(0)).is_none());
    }
}
