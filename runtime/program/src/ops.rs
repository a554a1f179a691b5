//! The operators, over values of the types that the checker allows them for. Checked: what goes wrong is a fault with a
//! fixed text, never a wrap-around and never a panic.

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::value::Value;
use crate::wildcard::like;

/// A result does not fit its type.
pub const OVERFLOW: &str = "overflow";
/// `/` or `%` of an `Int` by zero.
pub const DIVISION_BY_ZERO: &str = "division by zero";
/// A `Size` cannot be negative.
pub const SIZE_BELOW_ZERO: &str = "size below zero";
/// Before the year -9999 or after 9999.
pub const TIME_OUT_OF_RANGE: &str = "time out of range";
/// A `Date` and a part of a day.
pub const NOT_WHOLE_DAYS: &str = "not whole days";
/// Operands of types that the checker does not let through: the program was not checked, or is damaged.
pub const WRONG_OPERANDS: &str = "operands of the wrong type";

/// A binary operator that evaluates both of its sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `matches`
    Matches,
    /// `like`
    Like,
    /// `ilike`
    ILike,
}

/// Applies an operator.
///
/// # Errors
/// The text of the fault.
pub fn binary(op: Op, left: &Value, right: &Value) -> Result<Value, &'static str> {
    match op {
        Op::Add => add(left, right),
        Op::Sub => sub(left, right),
        Op::Mul => mul(left, right),
        Op::Div => div(left, right),
        Op::Rem => rem(left, right),
        Op::Eq => Ok(Value::Bool(left.same(right))),
        Op::Ne => Ok(Value::Bool(!left.same(right))),
        Op::Lt => ordered(left, right, Ordering::is_lt),
        Op::Le => ordered(left, right, Ordering::is_le),
        Op::Gt => ordered(left, right, Ordering::is_gt),
        Op::Ge => ordered(left, right, Ordering::is_ge),
        Op::In => contained(left, right).map(Value::Bool),
        Op::Matches => match (left, right) {
            (Value::Str(text), Value::Str(of)) => {
                pattern(of).map(|p| Value::Bool(p.is_match(text))).map_err(|_| WRONG_OPERANDS)
            }
            _ => Err(WRONG_OPERANDS),
        },
        Op::Like | Op::ILike => match (left, right) {
            (Value::Str(text), Value::Str(pattern)) if op == Op::Like => Ok(Value::Bool(like(text, pattern))),
            (Value::Str(text), Value::Str(pattern)) => {
                Ok(Value::Bool(like(&text.to_lowercase(), &pattern.to_lowercase())))
            }
            _ => Err(WRONG_OPERANDS),
        },
    }
}

/// Unary minus.
///
/// # Errors
/// The text of the fault.
pub fn neg(value: &Value) -> Result<Value, &'static str> {
    match value {
        Value::Int(n) => n.checked_neg().map(Value::Int).ok_or(OVERFLOW),
        Value::Float(x) => Ok(Value::Float(-x)),
        Value::Duration(d) => d.checked_neg().map(Value::Duration).ok_or(OVERFLOW),
        _ => Err(WRONG_OPERANDS),
    }
}

/// The order of two values of one ordered type; `None` for a NaN, and for types without an order.
#[must_use]
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Size(a), Value::Size(b)) => Some(a.cmp(b)),
        (Value::Enum(a), Value::Enum(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Version(a), Value::Version(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// A compiled pattern. Who matches the same one often should keep it.
///
/// # Errors
/// What is wrong with it, in several lines; also when it compiles to more than a mebibyte.
pub fn pattern(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(crate::pattern::MOST).build().map_err(|e| e.to_string())
}

fn add(left: &Value, right: &Value) -> Result<Value, &'static str> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int).ok_or(OVERFLOW),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(a + b)),
        (Value::Str(a), Value::Str(b)) => {
            let mut text = String::with_capacity(a.len().saturating_add(b.len()));
            text.push_str(a);
            text.push_str(b);
            Ok(Value::Str(text.into()))
        }
        (Value::List(a), Value::List(b)) => Ok(Value::List(a.iter().chain(b.iter()).cloned().collect())),
        (Value::Bytes(a), Value::Bytes(b)) => Ok(Value::Bytes(a.iter().chain(b.iter()).copied().collect())),
        (Value::Date(day), Value::Duration(d)) => days(*day, whole_days(*d)?),
        (Value::Time(t), Value::Duration(d)) => shifted(*t, d.as_nanos()),
        (Value::Duration(a), Value::Duration(b)) => span(a.as_nanos().checked_add(b.as_nanos())),
        (Value::Size(a), Value::Size(b)) => a.checked_add(*b).map(Value::Size).ok_or(OVERFLOW),
        _ => Err(WRONG_OPERANDS),
    }
}

fn sub(left: &Value, right: &Value) -> Result<Value, &'static str> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_sub(*b).map(Value::Int).ok_or(OVERFLOW),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(a - b)),
        (Value::Time(a), Value::Time(b)) => Ok(Value::Duration(a.duration_since(*b))),
        (Value::Date(day), Value::Duration(d)) => {
            days(*day, whole_days(*d)?.checked_neg().ok_or(TIME_OUT_OF_RANGE)?)
        }
        (Value::Date(a), Value::Date(b)) => Ok(Value::Duration(a.duration_since(*b))),
        (Value::Time(t), Value::Duration(d)) => {
            shifted(*t, d.as_nanos().checked_neg().ok_or(TIME_OUT_OF_RANGE)?)
        }
        (Value::Duration(a), Value::Duration(b)) => span(a.as_nanos().checked_sub(b.as_nanos())),
        (Value::Size(a), Value::Size(b)) => a.checked_sub(*b).map(Value::Size).ok_or(SIZE_BELOW_ZERO),
        _ => Err(WRONG_OPERANDS),
    }
}

fn mul(left: &Value, right: &Value) -> Result<Value, &'static str> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => a.checked_mul(*b).map(Value::Int).ok_or(OVERFLOW),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(a * b)),
        (Value::Duration(d), Value::Int(n)) => span(d.as_nanos().checked_mul(i128::from(*n))),
        (Value::Size(0), Value::Int(_)) => Ok(Value::Size(0)),
        (Value::Size(_), Value::Int(n)) if *n < 0 => Err(SIZE_BELOW_ZERO),
        (Value::Size(s), Value::Int(n)) => s.checked_mul(n.unsigned_abs()).map(Value::Size).ok_or(OVERFLOW),
        _ => Err(WRONG_OPERANDS),
    }
}

fn div(left: &Value, right: &Value) -> Result<Value, &'static str> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) => Err(DIVISION_BY_ZERO),
        (Value::Int(a), Value::Int(b)) => a.checked_div(*b).map(Value::Int).ok_or(OVERFLOW),
        (Value::Float(a), Value::Float(b)) => Ok(Value::Float(a / b)),
        _ => Err(WRONG_OPERANDS),
    }
}

fn rem(left: &Value, right: &Value) -> Result<Value, &'static str> {
    match (left, right) {
        (Value::Int(_), Value::Int(0)) => Err(DIVISION_BY_ZERO),
        // Wrapping only for the smallest number by -1, whose remainder is zero.
        (Value::Int(a), Value::Int(b)) => Ok(Value::Int(a.wrapping_rem(*b))),
        _ => Err(WRONG_OPERANDS),
    }
}

fn ordered(left: &Value, right: &Value, holds: fn(Ordering) -> bool) -> Result<Value, &'static str> {
    match (left, right) {
        (Value::Float(_), Value::Float(_)) => Ok(Value::Bool(order(left, right).is_some_and(holds))),
        _ => order(left, right).map(|o| Value::Bool(holds(o))).ok_or(WRONG_OPERANDS),
    }
}

fn contained(left: &Value, right: &Value) -> Result<bool, &'static str> {
    match (left, right) {
        (Value::Ip(ip), Value::Cidr(network)) => Ok(network.contains(ip)),
        (key, Value::Map(map)) => Ok(map.get(key).is_some()),
        (_, Value::List(list)) => Ok(list.iter().any(|item| match (left, item) {
            (Value::Ip(ip), Value::Cidr(network)) => network.contains(ip),
            _ => left.same(item),
        })),
        _ => Err(WRONG_OPERANDS),
    }
}

fn shifted(time: Timestamp, nanos: i128) -> Result<Value, &'static str> {
    let at = time.as_nanosecond().checked_add(nanos).ok_or(TIME_OUT_OF_RANGE)?;
    Timestamp::from_nanosecond(at).map(Value::Time).map_err(|_| TIME_OUT_OF_RANGE)
}

/// The days of a span, when it has no part of one.
fn whole_days(span: SignedDuration) -> Result<i64, &'static str> {
    if span.subsec_nanos() != 0 || span.as_secs() % SECONDS_OF_A_DAY != 0 {
        return Err(NOT_WHOLE_DAYS);
    }
    Ok(span.as_secs() / SECONDS_OF_A_DAY)
}

/// A day so many days later, from year 0 to year 9999, as it can be written.
fn days(day: Date, later: i64) -> Result<Value, &'static str> {
    let span = later.checked_mul(SECONDS_OF_A_DAY).map(SignedDuration::from_secs).ok_or(TIME_OUT_OF_RANGE)?;
    let day = day.checked_add(span).map_err(|_| TIME_OUT_OF_RANGE)?;
    if day.year() < 0 { Err(TIME_OUT_OF_RANGE) } else { Ok(Value::Date(day)) }
}

const SECONDS_OF_A_DAY: i64 = 86_400;

fn span(nanos: Option<i128>) -> Result<Value, &'static str> {
    nanos.and_then(SignedDuration::try_from_nanos_i128).map(Value::Duration).ok_or(OVERFLOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(op: Op, left: Value, right: Value) -> &'static str {
        binary(op, &left, &right).expect_err("faults")
    }

    fn is(op: Op, left: Value, right: Value, expected: Value) {
        let found = binary(op, &left, &right).expect("no fault");
        assert!(found.same(&expected), "{left:?} {op:?} {right:?} gave {found:?}, not {expected:?}");
    }

    #[test]
    fn int_arithmetic_is_checked() {
        is(Op::Add, Value::Int(2), Value::Int(3), Value::Int(5));
        is(Op::Div, Value::Int(-7), Value::Int(2), Value::Int(-3));
        is(Op::Rem, Value::Int(-7), Value::Int(2), Value::Int(-1));
        is(Op::Rem, Value::Int(i64::MIN), Value::Int(-1), Value::Int(0));
        assert_eq!(fault(Op::Add, Value::Int(i64::MAX), Value::Int(1)), OVERFLOW);
        assert_eq!(fault(Op::Div, Value::Int(i64::MIN), Value::Int(-1)), OVERFLOW);
        assert_eq!(fault(Op::Div, Value::Int(1), Value::Int(0)), DIVISION_BY_ZERO);
        assert_eq!(fault(Op::Rem, Value::Int(1), Value::Int(0)), DIVISION_BY_ZERO);
        assert_eq!(neg(&Value::Int(i64::MIN)).expect_err("faults"), OVERFLOW);
    }

    #[test]
    fn float_arithmetic_is_ieee() {
        let nan = binary(Op::Div, &Value::Float(0.0), &Value::Float(0.0)).expect("no fault");
        is(Op::Eq, nan.clone(), nan.clone(), Value::Bool(false));
        is(Op::Lt, nan.clone(), Value::Float(1.0), Value::Bool(false));
        is(Op::Ge, nan, Value::Float(1.0), Value::Bool(false));
        is(Op::Div, Value::Float(1.0), Value::Float(0.0), Value::Float(f64::INFINITY));
    }

    #[test]
    fn times_and_durations_stay_in_range() {
        let hour = || Value::Duration(SignedDuration::from_hours(1));
        let t = |n| Value::Time(Timestamp::from_second(n).expect("in range"));
        is(Op::Add, t(0), hour(), t(3600));
        is(Op::Sub, t(0), hour(), t(-3600));
        is(Op::Sub, t(3600), t(0), hour());
        is(Op::Mul, hour(), Value::Int(-2), Value::Duration(SignedDuration::from_hours(-2)));
        assert_eq!(fault(Op::Add, Value::Time(Timestamp::MAX), hour()), TIME_OUT_OF_RANGE);
        assert_eq!(fault(Op::Sub, t(0), Value::Duration(SignedDuration::MIN)), TIME_OUT_OF_RANGE);
        assert_eq!(fault(Op::Mul, Value::Duration(SignedDuration::MAX), Value::Int(i64::MAX)), OVERFLOW);
        assert_eq!(neg(&Value::Duration(SignedDuration::MIN)).expect_err("faults"), OVERFLOW);
    }

    #[test]
    fn a_size_is_never_negative() {
        is(Op::Sub, Value::Size(5), Value::Size(5), Value::Size(0));
        assert_eq!(fault(Op::Sub, Value::Size(5), Value::Size(6)), SIZE_BELOW_ZERO);
        assert_eq!(fault(Op::Mul, Value::Size(5), Value::Int(-1)), SIZE_BELOW_ZERO);
        assert_eq!(fault(Op::Mul, Value::Size(u64::MAX), Value::Int(2)), OVERFLOW);
        is(Op::Mul, Value::Size(0), Value::Int(-1), Value::Size(0));
    }

    #[test]
    fn in_looks_into_lists_and_networks() {
        let ip = || Value::Ip([10, 1, 2, 3].into());
        let ten = || Value::Cidr("10.0.0.0/8".parse().expect("network"));
        is(Op::In, ip(), ten(), Value::Bool(true));
        is(Op::In, ip(), Value::List([ten()].into()), Value::Bool(true));
        is(Op::In, ip(), Value::List([ip()].into()), Value::Bool(true));
        is(Op::In, ip(), Value::List([].into()), Value::Bool(false));
        is(Op::In, Value::Ip("::1".parse().expect("ip")), ten(), Value::Bool(false));
    }

    #[test]
    fn matches_searches_anywhere() {
        is(Op::Matches, Value::str("xxabcxx"), Value::str("a.c"), Value::Bool(true));
        is(Op::Matches, Value::str("xxabcxx"), Value::str("^a.c"), Value::Bool(false));
        assert!(pattern("a{1000}{1000}{1000}").is_err());
    }
}
