//! What the fields of lines hold, and whether they do.

use std::collections::BTreeMap;

use crate::json::J;
use crate::kinds::FieldError;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Text of our own making: names, fixed words, digests, times. Never text from outside.
    Text,
    /// A number from 0.
    Number,
    /// A list of numbers from 0.
    Numbers,
    /// A value position: `{"val":…}`, `{"com":"…"}` or `{"blob":"…","len":n}`.
    Value,
    /// A value position that is a blob: a body is never in the line.
    Blob,
    /// An object whose members are value positions.
    Values,
    /// What a program read, by JSON pointer: value positions, or what was found: `{"is":…}`.
    Found,
    /// A case's fields, by name: value positions that also have the pointers they came `from`.
    Mapped,
    /// The parts of a decision.
    Parts,
}

impl Shape {
    /// Whether a field by this name holds what it should.
    pub(crate) fn check(self, path: &str, value: &J) -> Result<(), FieldError> {
        let wrong = |needs| Err(FieldError::Shape { path: path.to_string(), needs });
        let members = |each: fn(&J) -> bool, needs: &'static str, whole: &'static str| match value {
            J::Obj(members) => match members.iter().find(|(_, j)| !each(j)) {
                None => Ok(()),
                Some((name, _)) => Err(FieldError::Shape { path: format!("{path}/{name}"), needs }),
            },
            _ => wrong(whole),
        };
        match self {
            Self::Text if value.as_str().is_none() => wrong("text"),
            Self::Number if value.as_int().is_none_or(|n| n < 0) => wrong("a number from 0"),
            Self::Text | Self::Number => Ok(()),
            Self::Numbers => match value {
                J::Arr(all) if all.iter().all(|n| n.as_int().is_some_and(|n| n >= 0)) => Ok(()),
                _ => wrong("a list of numbers from 0"),
            },
            Self::Value if is_value(value) => Ok(()),
            Self::Value => wrong(VALUE),
            Self::Blob if is_blob(value) => Ok(()),
            Self::Blob => wrong("a blob: `{\"blob\":…,\"len\":…}`"),
            Self::Values => members(is_value, VALUE, "an object of value positions"),
            Self::Found => {
                members(is_found, "a value position or what was found", "an object by JSON pointers")
            }
            Self::Mapped => members(is_mapped, "a value position with `from`", "an object by field names"),
            Self::Parts => match value {
                J::Arr(parts) => match parts.iter().position(|p| !is_part(p)) {
                    None => Ok(()),
                    Some(i) => {
                        let needs = "a part of a decision: `at`, and `is` with `l` and `r`, or `on`";
                        Err(FieldError::Shape { path: format!("{path}/{i}"), needs })
                    }
                },
                _ => wrong("a list of the parts of a decision"),
            },
        }
    }
}

pub(crate) const VALUE: &str = "a value position: `{\"val\":…}`, `{\"com\":…}` or `{\"blob\":…,\"len\":…}`";

fn is_blob(j: &J) -> bool {
    matches!(j, J::Obj(m) if m.len() == 2 && m.contains_key("blob")) && is_value(j)
}

fn is_value(j: &J) -> bool {
    matches!(j, J::Obj(m) if is_position(m, m.len()))
}

/// Whether so many of the members make a value position.
fn is_position(m: &BTreeMap<String, J>, size: usize) -> bool {
    let text = |name| m.get(name).is_some_and(|j: &J| j.as_str().is_some());
    match size {
        1 => m.contains_key("val") || text("com"),
        2 => text("blob") && m.get("len").and_then(J::as_int).is_some_and(|n| n >= 0),
        _ => false,
    }
}

fn is_found(j: &J) -> bool {
    let J::Obj(m) = j else { return false };
    let Some(is) = m.get("is") else { return is_value(j) };
    match (is.as_str(), m.len()) {
        (Some("absent" | "null" | "object"), 1) => true,
        (Some("list"), 2) => m.get("len").and_then(J::as_int).is_some_and(|n| n >= 0),
        (Some("number" | "int"), 2) => m.get("val").is_some_and(|v| v.as_str().is_some()),
        _ => false,
    }
}

fn is_mapped(j: &J) -> bool {
    let J::Obj(m) = j else { return false };
    let Some(J::Arr(from)) = m.get("from") else { return false };
    from.iter().all(|p| p.as_str().is_some()) && is_position(m, m.len() - 1)
}

fn is_part(j: &J) -> bool {
    let J::Obj(m) = j else { return false };
    let mut names = m.keys().map(String::as_str);
    let known = match (m.get("is"), m.get("on")) {
        (Some(J::Str(is)), None) => {
            matches!(is.as_str(), "true" | "false" | "skipped")
                && names.all(|n| matches!(n, "at" | "is" | "l" | "r"))
                && ["l", "r"].iter().all(|side| m.get(*side).is_none_or(is_value))
        }
        (None, Some(on)) => names.all(|n| matches!(n, "at" | "on")) && is_value(on),
        _ => false,
    };
    known && m.get("at").and_then(J::as_int).is_some_and(|n| n >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{blob, com, val};

    fn takes(shape: Shape, json: &str) -> bool {
        shape.check("f", &J::parse(json.as_bytes()).unwrap()).is_ok()
    }

    #[test]
    fn a_value_position_is_one_of_three_forms() {
        for position in [val(J::Null), val(J::Arr(vec![])), com("c"), blob("d", 3)] {
            assert!(Shape::Value.check("f", &position).is_ok(), "{position:?}");
        }
        for bare in [
            r#""text""#,
            "1",
            "null",
            "[]",
            "{}",
            r#"{"com":1}"#,
            r#"{"com":"c","val":1}"#,
            r#"{"blob":"d"}"#,
            r#"{"blob":"d","len":-1}"#,
            r#"{"blob":"d","len":1,"val":1}"#,
            r#"{"is":"null"}"#,
        ] {
            assert!(!takes(Shape::Value, bare), "{bare}");
        }
    }

    #[test]
    fn a_body_is_never_in_the_line() {
        assert!(takes(Shape::Blob, r#"{"blob":"d","len":3}"#));
        assert!(!takes(Shape::Blob, r#"{"val":"the body"}"#) && !takes(Shape::Blob, r#"{"com":"c"}"#));
    }

    #[test]
    fn what_was_read_is_a_value_or_what_was_found() {
        for good in [
            "{}",
            r#"{"/a":{"val":1}}"#,
            r#"{"/a":{"is":"absent"}}"#,
            r#"{"/a":{"is":"null"},"/b":{"is":"object"}}"#,
            r#"{"/a":{"is":"list","len":2}}"#,
            r#"{"/a":{"is":"number","val":"1.5"}}"#,
            r#"{"/a":{"is":"int","val":"9007199254740993"}}"#,
            r#"{"/a":{"com":"c"}}"#,
        ] {
            assert!(takes(Shape::Found, good), "{good}");
        }
        for bad in [
            r#"{"/a":1}"#,
            r#"{"/a":{"is":"list"}}"#,
            r#"{"/a":{"is":"absent","val":1}}"#,
            r#"{"/a":{"is":"number","val":1}}"#,
            r#"{"/a":{"is":"odd"}}"#,
            "[]",
        ] {
            assert!(!takes(Shape::Found, bad), "{bad}");
        }
    }

    #[test]
    fn a_mapped_field_says_where_it_came_from() {
        assert!(takes(Shape::Mapped, r#"{"host":{"from":["/a","/b"],"val":"h"}}"#));
        assert!(takes(Shape::Mapped, r#"{"host":{"blob":"d","from":[],"len":1}}"#));
        for bad in [
            r#"{"host":{"val":1}}"#,
            r#"{"host":{"from":[1],"val":1}}"#,
            r#"{"host":{"from":[]}}"#,
            r#"{"host":1}"#,
        ] {
            assert!(!takes(Shape::Mapped, bad), "{bad}");
        }
    }

    #[test]
    fn a_decision_has_parts() {
        for good in [
            "[]",
            r#"[{"at":1,"is":"true","l":{"val":1},"r":{"val":1}}]"#,
            r#"[{"at":1,"is":"skipped"},{"at":2,"on":{"val":"x"}}]"#,
        ] {
            assert!(takes(Shape::Parts, good), "{good}");
        }
        for bad in [
            r#"[{"at":1}]"#,
            r#"[{"is":"true"}]"#,
            r#"[{"at":1,"is":"maybe"}]"#,
            r#"[{"at":1,"is":"true","l":1}]"#,
            r#"[{"at":1,"is":"true","x":{"val":1}}]"#,
            r#"[{"at":1,"on":"bare"}]"#,
            r#"[{"at":1,"is":"true","on":{"val":1}}]"#,
            "{}",
        ] {
            assert!(!takes(Shape::Parts, bad), "{bad}");
        }
    }
}
