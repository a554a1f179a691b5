//! The order that `sort` puts values in: total, so that every list has one sorted form.

use std::cmp::Ordering;

use crate::ops::order;
use crate::value::Value;

/// Values of one type that sorts. A `Float` that is no number comes last.
pub(super) fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        // IPv4 before IPv6.
        (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan())),
        _ => order(left, right).unwrap_or(Ordering::Equal),
    }
}
