//! Text to values.

use crate::convert::document::Misfit;
use crate::convert::{address, bytes, date, size, time};
use crate::json::Found;
use crate::types::{Type, TypeTable};
use crate::value::{Value, Version};

/// Reads the text of a type that is written as text: `String`, `Ip`, `Cidr`, `Domain`, `Url`, `Email`, `Hash`, `Time`,
/// `Duration`, `Size`, `Bytes`, `Date`, `Version`, `Regex`, an enum by the name of its member, a newtype of one of these. The value is in normal form.
///
/// # Errors
/// The rule that the text breaks, in words; it does not repeat the text.
pub fn parse_text(ty: &Type, text: &str, types: &TypeTable) -> Result<Value, String> {
    match types.repr(ty) {
        Type::String => Ok(Value::str(text)),
        Type::Ip => address::ip(text).map(Value::Ip),
        Type::Cidr => address::cidr(text).map(Value::Cidr),
        Type::Domain => address::domain(text).map(|t| Value::str(&t)),
        Type::Url => address::url(text).map(|t| Value::str(&t)),
        Type::Email => address::email(text).map(|t| Value::str(&t)),
        Type::Hash => address::hash(text).map(|t| Value::str(&t)),
        Type::Time => time::time(text).map(Value::Time),
        Type::Duration => time::duration(text).map(Value::Duration),
        Type::Size => size::size(text).map(Value::Size),
        Type::Bytes => bytes::bytes(text).map(|bytes| Value::Bytes(bytes.into())),
        Type::Date => date::date(text).map(Value::Date),
        Type::Version => Version::parse(text).map(|version| Value::Version(version.into())),
        Type::Regex => crate::pattern::check(text).map(|()| Value::str(text)),
        Type::Enum(id) => {
            let Some(of) = types.enumeration(*id) else { return Err("no such enum".into()) };
            let tag = of.variants.iter().position(|v| v == text).and_then(|tag| u32::try_from(tag).ok());
            // What a vendor has added stays what it is: the text of its name.
            if tag.is_none() && of.open && !text.is_empty() {
                return Ok(Value::str(text));
            }
            tag.map(Value::Enum).ok_or_else(|| format!("it is none of {}", of.variants.join(", ")))
        }
        _ => Err(format!("{} is not written as text", types.name(ty))),
    }
}

/// `text as T` of a `String`: as [`parse_text`], and `Int`, `Float` and `Bool` from text.
///
/// # Errors
/// A misfit without a path.
pub fn from_text(text: &str, ty: &Type, types: &TypeTable) -> Result<Value, Misfit> {
    let value = match types.repr(ty) {
        Type::Int => int(text).map(Value::Int),
        Type::Ranged(low, high) => match int(text) {
            Ok(n) if (*low..=*high).contains(&n) => Ok(Value::Int(n)),
            Ok(_) => Err("it is outside".into()),
            Err(why) => Err(why),
        },
        Type::Float => float(text).map(Value::Float),
        Type::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err("it is neither `true` nor `false`".to_string()),
        },
        Type::Option(of) => return from_text(text, of, types),
        _ => parse_text(ty, text, types),
    };
    value.map_err(|why| Misfit {
        path: String::new(),
        expected: expected(ty, &why, types),
        found: Found::Str(text.to_string()),
    })
}

/// What was expected, for a text of the right kind that breaks a rule.
pub(super) fn expected(ty: &Type, why: &str, types: &TypeTable) -> String {
    format!("{}: {why}", types.name(ty))
}

fn int(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err("it is not a whole number".into());
    }
    text.parse().map_err(|_| "it is too large".into())
}

fn float(text: &str) -> Result<f64, String> {
    // Not what else the standard library takes: `inf`, `nan`, `1.`, `.5`, `+1`.
    let number = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (number, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) || !exponent.is_none_or(digits) {
        return Err("it is not a number".into());
    }
    text.parse().ok().filter(|x: &f64| x.is_finite()).ok_or_else(|| "it is too large".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_truth_values_from_text() {
        let types = TypeTable::with_builtins();
        let read = |ty: &Type, text: &str| from_text(text, ty, &types).ok();
        assert!(read(&Type::Int, "-12").is_some_and(|v| v.same(&Value::Int(-12))));
        assert!(read(&Type::Float, "2.5e3").is_some_and(|v| v.same(&Value::Float(2500.0))));
        assert!(read(&Type::Bool, "true").is_some_and(|v| v.same(&Value::Bool(true))));
        for text in ["", "-", "+1", "1_000", "1.0", " 1", "9223372036854775808", "0x10"] {
            assert!(read(&Type::Int, text).is_none(), "{text}");
        }
        for text in ["", "inf", "NaN", ".5", "1.", "1e", "1e999", "+1.0"] {
            assert!(read(&Type::Float, text).is_none(), "{text}");
        }
        assert!(read(&Type::Bool, "True").is_none());
    }

    #[test]
    fn members_by_their_exact_name() {
        let types = TypeTable::with_builtins();
        let severity = Type::Enum(TypeTable::SEVERITY);
        assert!(parse_text(&severity, "High", &types).is_ok_and(|v| v.same(&Value::Enum(3))));
        assert!(parse_text(&severity, "high", &types).is_err());
    }
}
