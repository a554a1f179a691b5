//! The operators, written down once more and in another way than in `play_program::ops`: arithmetic in numbers so wide
//! that nothing overflows, then a look whether the result fits.

use std::cmp::Ordering;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use play_check::typed::BinaryOp;
use play_program::types::Type;
use play_program::value::Value;
use regex::RegexBuilder;

const OVERFLOW: &str = "overflow";
const BILLION: i128 = 1_000_000_000;

/// Applies a binary operator other than `and` and `or`; the error is the text of the fault.
pub(crate) fn binary(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, &'static str> {
    use BinaryOp as B;
    use Value as V;
    let value = match (op, left, right) {
        (B::Eq, a, b) => V::Bool(a.same(b)),
        (B::Ne, a, b) => V::Bool(!a.same(b)),
        (B::Lt, a, b) => V::Bool(compare(a, b)? == Some(Ordering::Less)),
        (B::Gt, a, b) => V::Bool(compare(a, b)? == Some(Ordering::Greater)),
        (B::Le, a, b) => V::Bool(matches!(compare(a, b)?, Some(Ordering::Less | Ordering::Equal))),
        (B::Ge, a, b) => V::Bool(matches!(compare(a, b)?, Some(Ordering::Greater | Ordering::Equal))),

        (B::In, V::Ip(ip), V::Cidr(network)) => V::Bool(network.contains(ip)),
        (B::In, wanted, V::List(items)) => {
            let mut found = false;
            for item in items.iter() {
                found |= match (wanted, item) {
                    (V::Ip(ip), V::Cidr(network)) => network.contains(ip),
                    (wanted, item) => wanted.same(item),
                };
            }
            V::Bool(found)
        }
        (B::In, key, V::Map(map)) => V::Bool(map.iter().any(|(k, _)| k.same(key))),
        (B::Matches, V::Str(text), V::Str(pattern)) => {
            let regex = RegexBuilder::new(pattern).size_limit(1 << 20).build().map_err(|_| WRONG)?;
            V::Bool(regex.find(text).is_some())
        }
        (B::Like, V::Str(text), V::Str(pattern)) => V::Bool(like(text, pattern)?),
        (B::ILike, V::Str(text), V::Str(pattern)) => {
            V::Bool(like(&text.to_lowercase(), &pattern.to_lowercase())?)
        }

        (B::Add | B::Sub | B::Mul | B::Div | B::Rem, V::Int(a), V::Int(b)) => {
            let (a, b) = (i128::from(*a), i128::from(*b));
            let wide = match op {
                B::Add => a.checked_add(b),
                B::Sub => a.checked_sub(b),
                B::Mul => a.checked_mul(b),
                _ if b == 0 => return Err("division by zero"),
                B::Div => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            V::Int(wide.and_then(|n| i64::try_from(n).ok()).ok_or(OVERFLOW)?)
        }

        (B::Add, V::Float(a), V::Float(b)) => V::Float(a + b),
        (B::Sub, V::Float(a), V::Float(b)) => V::Float(a - b),
        (B::Mul, V::Float(a), V::Float(b)) => V::Float(a * b),
        (B::Div, V::Float(a), V::Float(b)) => V::Float(a / b),

        (B::Add, V::Str(a), V::Str(b)) => V::str(&format!("{a}{b}")),
        (B::Add, V::Bytes(a), V::Bytes(b)) => V::Bytes([a.to_vec(), b.to_vec()].concat().into()),
        (B::Add, V::List(a), V::List(b)) => V::List([a.to_vec(), b.to_vec()].concat().into()),

        (B::Add, V::Time(t), V::Duration(d)) => moment(t.as_nanosecond().checked_add(nanos(*d)))?,
        (B::Sub, V::Time(t), V::Duration(d)) => moment(t.as_nanosecond().checked_sub(nanos(*d)))?,
        (B::Sub, V::Time(a), V::Time(b)) => span(a.as_nanosecond().checked_sub(b.as_nanosecond()))?,

        (B::Add, V::Date(a), V::Duration(d)) => day(number_of(*a).checked_add(whole_days(*d)?))?,
        (B::Sub, V::Date(a), V::Duration(d)) => day(number_of(*a).checked_sub(whole_days(*d)?))?,
        (B::Sub, V::Date(a), V::Date(b)) => {
            span(number_of(*a).checked_sub(number_of(*b)).and_then(|n| n.checked_mul(86_400 * BILLION)))?
        }

        (B::Add, V::Duration(a), V::Duration(b)) => span(nanos(*a).checked_add(nanos(*b)))?,
        (B::Sub, V::Duration(a), V::Duration(b)) => span(nanos(*a).checked_sub(nanos(*b)))?,
        (B::Mul, V::Duration(d), V::Int(n)) => span(nanos(*d).checked_mul(i128::from(*n)))?,

        (B::Add, V::Size(a), V::Size(b)) => bytes(i128::from(*a).checked_add(i128::from(*b)))?,
        (B::Sub, V::Size(a), V::Size(b)) => bytes(i128::from(*a).checked_sub(i128::from(*b)))?,
        (B::Mul, V::Size(a), V::Int(n)) => bytes(i128::from(*a).checked_mul(i128::from(*n)))?,

        _ => return Err(WRONG),
    };
    Ok(value)
}

/// A wildcard pattern as the regular expression that it stands for.
fn like(text: &str, pattern: &str) -> Result<bool, &'static str> {
    let mut regex = String::from("^(?s:");
    for c in pattern.chars() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push_str(")$");
    let regex = RegexBuilder::new(&regex).size_limit(1 << 24).build().map_err(|_| WRONG)?;
    Ok(regex.is_match(text))
}

/// Unary minus.
pub(crate) fn negated(value: &Value) -> Result<Value, &'static str> {
    match value {
        Value::Int(_) => binary(BinaryOp::Sub, &Value::Int(0), value),
        Value::Float(x) => Ok(Value::Float(-*x)),
        Value::Duration(d) => span(nanos(*d).checked_neg()),
        _ => Err(WRONG),
    }
}

/// Whether an operator can fault on sides of these types.
pub(crate) fn can_fault(op: BinaryOp, left: &Type, right: &Type) -> bool {
    use BinaryOp as B;
    match op {
        // Any two times have a difference that fits.
        B::Sub if matches!(right, Type::Time | Type::Date) => false,
        B::Add | B::Sub | B::Mul | B::Div | B::Rem => {
            left.is_int() || matches!(left, Type::Time | Type::Date | Type::Duration | Type::Size)
        }
        _ => false,
    }
}

/// The program is not a checked one.
const WRONG: &str = "operands of the wrong type";

fn compare(left: &Value, right: &Value) -> Result<Option<Ordering>, &'static str> {
    use Value as V;
    Ok(match (left, right) {
        (V::Float(a), V::Float(b)) => a.partial_cmp(b),
        (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
        (V::Enum(a), V::Enum(b)) => Some(a.cmp(b)),
        (V::Size(a), V::Size(b)) => Some(a.cmp(b)),
        (V::Date(a), V::Date(b)) => Some(number_of(*a).cmp(&number_of(*b))),
        (V::Version(a), V::Version(b)) => Some(a.cmp(b)),
        (V::Time(a), V::Time(b)) => Some(a.as_nanosecond().cmp(&b.as_nanosecond())),
        (V::Duration(a), V::Duration(b)) => Some(nanos(*a).cmp(&nanos(*b))),
        _ => return Err(WRONG),
    })
}

fn nanos(span: SignedDuration) -> i128 {
    // Cannot overflow: 2^63 seconds are fewer than 2^93 nanoseconds.
    i128::from(span.as_secs()).saturating_mul(BILLION).saturating_add(span.subsec_nanos().into())
}

fn span(nanos: Option<i128>) -> Result<Value, &'static str> {
    let nanos = nanos.ok_or(OVERFLOW)?;
    let seconds = i64::try_from(nanos / BILLION).map_err(|_| OVERFLOW)?;
    let rest = i32::try_from(nanos % BILLION).map_err(|_| OVERFLOW)?;
    Ok(Value::Duration(SignedDuration::new(seconds, rest)))
}

fn moment(nanos: Option<i128>) -> Result<Value, &'static str> {
    let fits = nanos.and_then(|n| Timestamp::from_nanosecond(n).ok());
    fits.map(Value::Time).ok_or("time out of range")
}

/// The number of a day, by the civil calendar: 0 is 1970-01-01.
fn number_of(date: Date) -> i128 {
    let (month, day) = (i128::from(date.month()), i128::from(date.day()));
    // Years begin in March here, so that the leap day is the last of one.
    let year = i128::from(date.year()) - i128::from(month <= 2);
    let months = (month + 9) % 12;
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (months * 306 + 5) / 10
        + day
        - 719_469
}

fn whole_days(span: SignedDuration) -> Result<i128, &'static str> {
    let day = 86_400 * BILLION;
    if nanos(span) % day == 0 { Ok(nanos(span) / day) } else { Err("not whole days") }
}

fn day(number: Option<i128>) -> Result<Value, &'static str> {
    // The first days of year 0 and of year 10000.
    let fits = number.filter(|n| (-719_528..2_932_897).contains(n));
    fits.and_then(date_of).map(Value::Date).ok_or("time out of range")
}

/// The day of that number: 0 is the first of 1970. The contrary of [`number_of`].
fn date_of(number: i128) -> Option<Date> {
    // From the first of March of year 0; the calendar is the same again after 400 years.
    let day = number + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let months = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = year + era * 400 + i128::from(month <= 2);
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(of_month).ok()?).ok()
}

fn bytes(wide: Option<i128>) -> Result<Value, &'static str> {
    match wide {
        Some(n) if n < 0 => Err("size below zero"),
        Some(n) => u64::try_from(n).map(Value::Size).map_err(|_| OVERFLOW),
        None => Err(OVERFLOW),
    }
}

#[cfg(test)]
mod tests {
    use play_program::ops::{self, Op};
    use play_program::value::Version;
    use proptest::prelude::*;

    use super::*;

    const ALL: [(BinaryOp, Op); 15] = [
        (BinaryOp::Add, Op::Add),
        (BinaryOp::Sub, Op::Sub),
        (BinaryOp::Mul, Op::Mul),
        (BinaryOp::Div, Op::Div),
        (BinaryOp::Rem, Op::Rem),
        (BinaryOp::Eq, Op::Eq),
        (BinaryOp::Ne, Op::Ne),
        (BinaryOp::Lt, Op::Lt),
        (BinaryOp::Le, Op::Le),
        (BinaryOp::Gt, Op::Gt),
        (BinaryOp::Ge, Op::Ge),
        (BinaryOp::In, Op::In),
        (BinaryOp::Matches, Op::Matches),
        (BinaryOp::Like, Op::Like),
        (BinaryOp::ILike, Op::ILike),
    ];

    /// Values of all types, with many at the edges.
    fn value() -> impl Strategy<Value = Value> {
        let int = || prop_oneof![any::<i64>(), -3..4_i64, Just(i64::MIN), Just(i64::MAX)];
        let scalar = prop_oneof![
            int().prop_map(Value::Int),
            any::<f64>().prop_map(Value::Float),
            prop_oneof![any::<u64>(), 0..4_u64].prop_map(Value::Size),
            (int(), 0..1_000_000_000_i32)
                .prop_map(|(s, n)| { Value::Duration(SignedDuration::new(s, if s < 0 { -n } else { n })) }),
            prop_oneof![-377_705_023_201..253_402_207_200_i64, -3..4_i64]
                .prop_map(|s| Value::Time(Timestamp::from_second(s).unwrap_or_default())),
            "[aAb.?*]{0,3}".prop_map(|t| Value::str(&t)),
            (0..3_u32).prop_map(Value::Enum),
            any::<bool>().prop_map(Value::Bool),
            any::<[u8; 4]>().prop_map(|ip| Value::Ip(ip.into())),
            Just(Value::Cidr("128.0.0.0/1".parse().unwrap_or_default())),
            Just(Value::None),
            (-1_i16..=9999, 1_i8..13, 1_i8..29)
                .prop_map(|(y, m, d)| Value::Date(Date::new(y.max(0), m, d).unwrap_or_default())),
            (-2_i64..3, prop_oneof![Just(0), Just(1)])
                .prop_map(|(days, rest)| Value::Duration(SignedDuration::from_secs(days * 86_400 + rest))),
            prop_oneof!["[01]\\.[012](-rc\\.[12])?", "[01]\\.0[kp]?"]
                .prop_map(|t| Version::parse(&t).map_or(Value::None, |v| Value::Version(v.into()))),
            "[ab]{0,2}".prop_map(|t| Value::Bytes(t.into_bytes().into())),
        ];
        prop_oneof![
            4 => scalar.clone(),
            1 => proptest::collection::vec(scalar, 0..3).prop_map(|items| Value::List(items.into())),
            1 => proptest::collection::vec(("[ab]", -1..2_i64), 0..3).prop_map(|pairs| {
                let pairs = pairs.into_iter().map(|(k, n)| (Value::str(&k), Value::Int(n)));
                Value::Map(std::sync::Arc::new(pairs.collect()))
            }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn both_ways_of_computing_agree(a in value(), b in value(), c in value()) {
            for (plain, op) in ALL {
                for right in [&a, &b, &c] {
                    prop_assert_eq!(
                        format!("{:?}", binary(plain, &a, right)), format!("{:?}", ops::binary(op, &a, right)),
                        "{:?} {:?} {:?}", a, op, right
                    );
                }
            }
            prop_assert_eq!(format!("{:?}", negated(&a)), format!("{:?}", ops::neg(&a)));
        }
    }

    #[test]
    fn what_can_fault_is_what_does() {
        for (op, kind) in [(BinaryOp::Add, Op::Add), (BinaryOp::Div, Op::Div), (BinaryOp::Rem, Op::Rem)] {
            assert!(can_fault(op, &Type::Int, &Type::Int));
            assert!(
                ops::binary(kind, &Value::Int(i64::MAX), &Value::Int(i64::from(kind == Op::Add))).is_err()
            );
            assert!(!can_fault(op, &Type::Float, &Type::Float));
        }
        assert!(!can_fault(BinaryOp::Add, &Type::String, &Type::String));
        assert!(!can_fault(BinaryOp::Eq, &Type::Int, &Type::Int));
    }
}
