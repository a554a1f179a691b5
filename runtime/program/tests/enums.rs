//! Enums that somebody else may extend, enums whose members hold values, and ranges: in documents and in the evidence.

use std::sync::Arc;

use play_program::convert::{display, from_json, from_recorded, plain_json, to_recorded};
use play_program::json::{Doc, JsonAt, ReadLog};
use play_program::types::{EnumId, EnumType, FieldType, RecordId, RecordType, Type, TypeTable};
use play_program::value::Value;
use serde_json::json;

const STATUS: Type = Type::Enum(EnumId(2));
const VERDICT: Type = Type::Union(EnumId(3));

/// `open enum Status { Active, Suspended }`, `enum Verdict { Clean, Bad(family: String, score: Int 0..100, since: Time?) }`.
fn table() -> TypeTable {
    let mut types = TypeTable::with_builtins();
    let names = |all: &[&str]| all.iter().map(|n| (*n).to_string()).collect::<Vec<_>>();
    types.enums.push(EnumType { open: true, ..EnumType::of("Status", names(&["Active", "Suspended"])) });
    types.enums.push(EnumType {
        holds: vec![RecordId(0), RecordId(1)],
        ..EnumType::of("Verdict", names(&["Clean", "Bad"]))
    });
    let field = |name: &str, ty: Type| FieldType { name: name.into(), ty };
    let member = || field("member", Type::Enum(EnumId(3)));
    let record = |name: &str, fields| RecordType { name: name.into(), is_case: false, fields };
    types.records.push(record("Verdict.Clean", vec![member()]));
    types.records.push(record(
        "Verdict.Bad",
        vec![
            member(),
            field("family", Type::String),
            field("score", Type::Ranged(0, 100)),
            field("since", Type::Option(Box::new(Type::Time))),
        ],
    ));
    types
}

fn read(json: serde_json::Value, ty: &Type) -> Result<Value, String> {
    let mut log = ReadLog::default();
    let found = from_json(&JsonAt::root(Arc::new(Doc::Whole(json))), ty, &table(), &mut log);
    // A replay has nothing but the leaves that were looked at.
    let leaves = JsonAt::root(Arc::new(Doc::Sparse(log.leaves().clone())));
    let again = from_json(&leaves, ty, &table(), &mut ReadLog::default());
    assert_eq!(format!("{found:?}"), format!("{again:?}"));
    found.map_err(|misfit| misfit.to_string())
}

fn bad(family: &str, score: i64) -> Value {
    Value::Record([Value::Enum(1), Value::str(family), Value::Int(score), Value::None].into())
}

#[test]
fn what_is_read_is_recorded_and_read_again() {
    let types = table();
    let cases = [
        (STATUS, json!("Active"), Value::Enum(0), "Active"),
        (STATUS, json!("LOCKED\u{1b}[2J"), Value::str("LOCKED\u{1b}[2J"), "LOCKED\u{1b}[2J"),
        (VERDICT, json!("Clean"), Value::Record([Value::Enum(0)].into()), "Clean"),
        (VERDICT, json!({"Bad": {"family": "x", "score": 7}}), bad("x", 7), "Bad(family: x, score: 7)"),
        (Type::Ranged(0, 100), json!(100.0), Value::Int(100), "100"),
    ];
    for (ty, written, value, shown) in cases {
        let found = read(written.clone(), &ty).expect("fits");
        assert!(found.same(&value), "{found:?}");
        assert_eq!(display(&found, &ty, &types), shown);
        let recorded = to_recorded(&found, &ty, &types);
        let again = from_recorded(&recorded, &ty, &types).expect("was recorded");
        assert!(again.same(&value), "{recorded}");
        assert!(read(plain_json(&found, &ty, &types), &ty).expect("was sent").same(&value));
    }
}

#[test]
fn a_misfit_says_where_what_and_what_instead() {
    let said = |json, ty: &Type| read(json, ty).expect_err("does not fit");
    let verdicts = Type::List(Box::new(VERDICT));
    insta::assert_snapshot!(said(json!(101), &Type::Ranged(0, 100)), @"expected Int 0..100, found the number 101");
    insta::assert_snapshot!(said(json!("7"), &Type::Ranged(0, 100)), @r#"expected Int 0..100, found the text "7""#);
    insta::assert_snapshot!(said(json!(["Clean", "Bad"]), &verdicts), @r#"at /1: expected Bad with family, score, since, found the text "Bad""#);
    insta::assert_snapshot!(said(json!([{"Bad": {"family": "x", "score": 101}}]), &verdicts), @"at /0/Bad/score: expected Int 0..100, found the number 101");
    insta::assert_snapshot!(said(json!("Ugly"), &VERDICT), @r#"expected Verdict: one of Clean, Bad, found the text "Ugly""#);
    insta::assert_snapshot!(said(json!({"Bad": 1, "Clean": 2}), &VERDICT), @"expected Verdict: one member, found an object");
    insta::assert_snapshot!(said(json!(""), &STATUS), @r#"expected Status: it is none of Active, Suspended, found the text """#);
}

#[test]
fn what_was_tampered_with_is_not_read() {
    let types = table();
    for (ty, json) in [
        (Type::Ranged(0, 100), json!(101)),
        (VERDICT, json!("Bad")),
        (VERDICT, json!("Ugly")),
        (VERDICT, json!({"Bad": {"family": "x", "score": 101}})),
        (VERDICT, json!({"Bad": {"family": "x"}})),
    ] {
        assert!(from_recorded(&json, &ty, &types).is_err(), "{json}");
    }
}
