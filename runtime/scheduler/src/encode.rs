//! Values in lines: every value that comes from outside stands in a value position.

use std::collections::BTreeMap;

use play_evidence::J;
use play_program::artifact::{Manifest, Playbook};
use play_program::convert;
use play_program::exec::Mapped;
use play_program::json::{Doc, Found};
use play_program::types::FieldType;
use play_program::{RecordId, Type, TypeTable, Value};

/// `{"val": …}` of a typed value.
#[must_use]
pub fn value(value: &Value, ty: &Type, types: &TypeTable) -> J {
    play_evidence::json::val(from_serde(&convert::to_recorded(value, ty, types)))
}

/// `{"val": "…"}`
#[must_use]
pub fn text(text: &str) -> J {
    play_evidence::json::val(J::Str(text.to_string()))
}

/// The typed value of a `{"val": …}`.
///
/// # Errors
/// What does not fit, in words.
pub fn read_value(position: &J, ty: &Type, types: &TypeTable) -> Result<Value, String> {
    let J::Obj(members) = position else { return Err("not a value position".into()) };
    let inner = members.get("val").ok_or("the value is not here (committed or kept apart)")?;
    convert::from_recorded(&to_serde(inner), ty, types)
}

/// A JSON value of the line profile. Floats do not occur in recorded values; should one come it is written as text.
#[must_use]
pub fn from_serde(value: &serde_json::Value) -> J {
    use serde_json::Value as V;
    match value {
        V::Null => J::Null,
        V::Bool(b) => J::Bool(*b),
        V::Number(n) => n.as_i64().map_or_else(|| J::Str(n.to_string()), J::int),
        V::String(s) => J::Str(s.clone()),
        V::Array(items) => J::Arr(items.iter().map(from_serde).collect()),
        V::Object(members) => J::Obj(members.iter().map(|(k, v)| (k.clone(), from_serde(v))).collect()),
    }
}

/// The same for a reader.
#[must_use]
pub fn to_serde(value: &J) -> serde_json::Value {
    use serde_json::Value as V;
    match value {
        J::Null => V::Null,
        J::Bool(b) => V::Bool(*b),
        J::Int(n) => V::from(*n),
        J::Str(s) => V::String(s.clone()),
        J::Arr(items) => V::Array(items.iter().map(to_serde).collect()),
        J::Obj(members) => V::Object(members.iter().map(|(k, v)| (k.clone(), to_serde(v))).collect()),
    }
}

/// A given case: each field that has a value, by name.
#[must_use]
pub fn given(case: &[Value], ty: RecordId, types: &TypeTable) -> J {
    let fields = types.record(ty).map(|r| r.fields.as_slice()).unwrap_or_default();
    let there = fields.iter().zip(case).filter(|(_, v)| !matches!(v, Value::None));
    J::Obj(there.map(|(f, v)| (f.name.clone(), value(v, &f.ty, types))).collect())
}

/// The inverse of [`given`].
///
/// # Errors
/// What does not fit, in words.
pub fn read_given(given: &J, ty: RecordId, types: &TypeTable) -> Result<Vec<Value>, String> {
    let J::Obj(members) = given else { return Err("not an object".into()) };
    let fields = types.record(ty).map(|r| r.fields.as_slice()).unwrap_or_default();
    if let Some(unknown) = members.keys().find(|name| !fields.iter().any(|f| f.name == **name)) {
        return Err(format!("the case has no field `{unknown}`"));
    }
    fields
        .iter()
        .map(|f| members.get(&f.name).map_or(Ok(Value::None), |j| read_value(j, &f.ty, types)))
        .collect()
}

/// The fields that a source mapped, each with its value and `from`, the JSON pointers that it was made of.
#[must_use]
pub fn mapped(mapped: &Mapped, case: RecordId, types: &TypeTable) -> J {
    let Some(record) = types.record(case) else { return J::Obj(BTreeMap::new()) };
    let one = |(slot, from): &(usize, Vec<String>)| {
        let (field, of) = (record.fields.get(*slot)?, mapped.case.get(*slot)?);
        let mut position = match value(of, &field.ty, types) {
            J::Obj(members) => members,
            _ => return None,
        };
        position.insert("from".into(), J::Arr(from.iter().map(|p| J::Str(p.clone())).collect()));
        Some((field.name.clone(), J::Obj(position)))
    };
    J::Obj(mapped.from.iter().filter_map(one).collect())
}

/// The values of the configuration that a run of a playbook rests on, by name; `None` where it rests on none.
#[must_use]
pub fn config(values: &[Value], playbook: &Playbook, manifest: &Manifest) -> Option<J> {
    let fields = manifest.types.record(manifest.config?).map(|r| r.fields.as_slice()).unwrap_or_default();
    let one = |at: &u16| {
        let (field, of) = (fields.get(usize::from(*at))?, values.get(usize::from(*at))?);
        Some((field.name.clone(), value(of, &field.ty, &manifest.types)))
    };
    let read: BTreeMap<String, J> = playbook.config.iter().filter_map(one).collect();
    (!read.is_empty()).then_some(J::Obj(read))
}

/// The inverse of [`config`]: all values, those that are not recorded as nothing.
///
/// # Errors
/// What does not fit, in words.
pub fn read_config(recorded: Option<&J>, manifest: &Manifest) -> Result<Vec<Value>, String> {
    let fields = manifest.config.and_then(|id| manifest.types.record(id)).map(|r| r.fields.as_slice());
    let fields = fields.unwrap_or_default();
    let members = match recorded {
        None => return Ok(vec![Value::None; fields.len()]),
        Some(J::Obj(members)) => members,
        Some(_) => return Err("not an object".into()),
    };
    if let Some(unknown) = members.keys().find(|name| !fields.iter().any(|f| f.name == **name)) {
        return Err(format!("the program has no value `{unknown}`"));
    }
    let one = |f: &FieldType| {
        members.get(&f.name).map_or(Ok(Value::None), |j| read_value(j, &f.ty, &manifest.types))
    };
    fields.iter().map(one).collect()
}

const MAX_INT: i64 = 1 << 53;

/// What was found at a place, for the `read` of `run.opened`.
#[must_use]
pub fn found(found: &Found) -> J {
    let is = |what: &str| J::Obj(BTreeMap::from([("is".to_string(), J::Str(what.to_string()))]));
    let with = |what: &str, name: &str, v: J| {
        J::Obj(BTreeMap::from([("is".to_string(), J::Str(what.to_string())), (name.to_string(), v)]))
    };
    match found {
        Found::Absent => is("absent"),
        Found::Null => is("null"),
        Found::Object => is("object"),
        Found::NotRecorded => is("not recorded"),
        Found::List(n) => with("list", "len", J::int(i64::try_from(*n).unwrap_or(i64::MAX))),
        Found::Bool(b) => play_evidence::json::val(J::Bool(*b)),
        Found::Int(n) if *n > -MAX_INT && *n < MAX_INT => play_evidence::json::val(J::Int(*n)),
        Found::Int(n) => with("int", "val", J::Str(n.to_string())),
        Found::Number(n) => with("number", "val", J::Str(n.clone())),
        Found::Str(s) => text(s),
    }
}

/// The inverse of [`found`].
#[must_use]
pub fn read_found(j: &J) -> Option<Found> {
    let J::Obj(members) = j else { return None };
    let is = match members.get("is") {
        Some(J::Str(s)) => Some(s.as_str()),
        Some(_) => return None,
        None => None,
    };
    Some(match (is, members.get("val"), members.get("len")) {
        (Some("absent"), None, None) => Found::Absent,
        (Some("null"), None, None) => Found::Null,
        (Some("object"), None, None) => Found::Object,
        (Some("list"), None, Some(J::Int(n))) => Found::List(usize::try_from(*n).ok()?),
        (Some("int"), Some(J::Str(s)), None) => Found::Int(s.parse().ok()?),
        (Some("number"), Some(J::Str(s)), None) => Found::Number(s.clone()),
        (None, Some(J::Bool(b)), None) => Found::Bool(*b),
        (None, Some(J::Int(n)), None) => Found::Int(*n),
        (None, Some(J::Str(s)), None) => Found::Str(s.clone()),
        _ => return None,
    })
}

/// The leaves of a recorded `read`, as a document for a replay.
#[must_use]
pub fn sparse(read: &J) -> Option<Doc> {
    let J::Obj(members) = read else { return None };
    let leaves =
        members.iter().map(|(p, j)| Some((p.clone(), read_found(j)?))).collect::<Option<BTreeMap<_, _>>>()?;
    Some(Doc::Sparse(leaves))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_read_back_the_same() {
        let all = [
            Found::Absent,
            Found::Null,
            Found::Object,
            Found::List(3),
            Found::Bool(true),
            Found::Int(-7),
            Found::Int(i64::MAX),
            Found::Number("8.5".into()),
            Found::Str("absent".into()),
        ];
        for one in all {
            assert_eq!(read_found(&found(&one)), Some(one));
        }
    }

    #[test]
    fn a_place_that_says_nothing_is_not_read() {
        assert_eq!(read_found(&J::Obj(BTreeMap::new())), None);
        assert_eq!(read_found(&J::Str("x".into())), None);
    }

    #[test]
    fn a_recorded_read_is_a_document_of_its_leaves() {
        let read = J::Obj(BTreeMap::from([
            ("/a".to_string(), text("x")),
            ("/b".to_string(), found(&Found::Absent)),
        ]));
        let Some(Doc::Sparse(leaves)) = sparse(&read) else { panic!("no document") };
        assert_eq!(leaves.get("/a"), Some(&Found::Str("x".into())));
        assert_eq!(leaves.get("/b"), Some(&Found::Absent));
    }
}
