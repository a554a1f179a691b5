//! What holds for every value: what is recorded is read back as it was, and what is shown can be read again.

use std::sync::Arc;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use play_program::convert::{
    display, from_json, from_plain, from_recorded, from_text, parse_text, plain_json, to_recorded,
};
use play_program::json::{Doc, Found, JsonAt, ReadLog};
use play_program::types::{FieldType, NewType, NewtypeId, RecordId, RecordType, Type, TypeTable};
use play_program::value::Value;
use proptest::prelude::*;
use serde_json::json;

/// `type HostId = String`, and a record with a field of each kind.
fn table() -> TypeTable {
    let field = |name: &str, ty: Type| FieldType { name: name.into(), ty };
    let mut types = TypeTable::with_builtins();
    types.newtypes.push(NewType { name: "HostId".into(), of: Type::String });
    types.records.push(RecordType {
        name: "Host".into(),
        is_case: false,
        fields: vec![
            field("id", Type::Newtype(NewtypeId(0))),
            field("risk", Type::Option(Box::new(Type::Int))),
            field("seen", Type::List(Box::new(Type::Option(Box::new(Type::Time))))),
        ],
    });
    types
}

fn host() -> Type {
    Type::Record(RecordId(0))
}

/// A type, and a value of it.
fn any_value() -> impl Strategy<Value = (Type, Value)> {
    let time = || {
        (Timestamp::MIN.as_nanosecond()..=Timestamp::MAX.as_nanosecond())
            .prop_map(|n| Timestamp::from_nanosecond(n).unwrap_or_default())
    };
    let simple = prop_oneof![
        any::<bool>().prop_map(|b| (Type::Bool, Value::Bool(b))),
        any::<i64>().prop_map(|n| (Type::Int, Value::Int(n))),
        any::<f64>().prop_map(|x| (Type::Float, Value::Float(x))),
        ".*".prop_map(|t| (Type::String, Value::str(&t))),
        ".*".prop_map(|t| (Type::Newtype(NewtypeId(0)), Value::str(&t))),
        time().prop_map(|t| (Type::Time, Value::Time(t))),
        (any::<i64>(), 0..1_000_000_000_i32).prop_map(|(s, n)| {
            let n = if s < 0 { -n } else { n };
            (Type::Duration, Value::Duration(SignedDuration::new(s, n)))
        }),
        any::<u64>().prop_map(|n| (Type::Size, Value::Size(n))),
        any::<std::net::IpAddr>().prop_map(|ip| (Type::Ip, Value::Ip(ip.to_canonical()))),
        (any::<std::net::Ipv4Addr>(), 0..=32_u8).prop_map(|(ip, len)| {
            (Type::Cidr, Value::Cidr(IpNet::new(ip.into(), len).unwrap_or_default().trunc()))
        }),
        (0..5_u32).prop_map(|tag| (Type::Enum(TypeTable::SEVERITY), Value::Enum(tag))),
        (
            ".*",
            proptest::option::of(any::<i64>()),
            proptest::collection::vec(proptest::option::of(time()), 0..3)
        )
            .prop_map(|(id, risk, seen)| {
                let risk = risk.map_or(Value::None, Value::Int);
                let seen = seen.into_iter().map(|t| t.map_or(Value::None, Value::Time)).collect();
                (host(), Value::Record([Value::str(&id), risk, Value::List(seen)].into()))
            }),
    ];
    simple.prop_flat_map(|(ty, value)| {
        let option = (Type::Option(Box::new(ty.clone())), value.clone());
        let none = (Type::Option(Box::new(ty.clone())), Value::None);
        let list = (Type::List(Box::new(ty.clone())), Value::List([value.clone(), value.clone()].into()));
        prop_oneof![Just((ty, value)), Just(option), Just(none), Just(list)]
    })
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        _ => a.same(b),
    }
}

/// Whether there is a number in it that readers of JSON may round.
fn rounds(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::Number(n) => n.as_i64().is_none_or(|n| n.unsigned_abs() >= 1 << 53),
        serde_json::Value::Array(items) => items.iter().any(rounds),
        serde_json::Value::Object(members) => members.values().any(rounds),
        _ => false,
    }
}

proptest! {
    #[test]
    fn what_is_recorded_is_read_back((ty, value) in any_value()) {
        let types = table();
        let recorded = to_recorded(&value, &ty, &types);
        prop_assert!(!rounds(&recorded), "{recorded}");
        let back = from_recorded(&recorded, &ty, &types).map_err(TestCaseError::fail)?;
        prop_assert!(same(&value, &back), "{value:?} came back as {back:?}");
    }

    #[test]
    fn what_a_request_carries_can_be_read((ty, value) in any_value()) {
        let types = table();
        let plain = plain_json(&value, &ty, &types);
        // JSON has no NaN and no infinity; and our own reading of times is that of four-digit years.
        prop_assume!(!format!("{value:?}").contains("NaN") && !format!("{value:?}").contains("inf"));
        prop_assume!(!plain.to_string().contains("\"-"));
        let back = from_plain(&plain, &ty, &types).map_err(TestCaseError::fail)?;
        prop_assert!(same(&value, &back), "{value:?} came back as {back:?}");
    }

    #[test]
    fn what_is_shown_can_be_read(seconds in -60_000_000_000_i64..250_000_000_000, bytes: u64, nanos in -999_999_999..=999_999_999_i32) {
        let types = table();
        let time = Value::Time(Timestamp::from_second(seconds).expect("in range"));
        let span = Value::Duration(SignedDuration::new(0, nanos) + SignedDuration::from_secs(seconds));
        for (ty, value) in [(Type::Time, time), (Type::Duration, span), (Type::Size, Value::Size(bytes))] {
            let text = display(&value, &ty, &types);
            let back = parse_text(&ty, &text, &types).map_err(TestCaseError::fail)?;
            prop_assert!(back.same(&value), "{text}");
        }
    }

    #[test]
    fn no_text_stops_the_reader(text in ".*", pick in 0..14_usize) {
        let types = table();
        let all = [Type::Bool, Type::Int, Type::Float, Type::String, Type::Time, Type::Duration, Type::Size, Type::Ip,
            Type::Cidr, Type::Domain, Type::Url, Type::Email, Type::Hash, Type::Enum(TypeTable::SEVERITY)];
        if let Ok(value) = from_text(&text, &all[pick], &types) {
            // The normal form is stable.
            let again = from_text(&display(&value, &all[pick], &types), &all[pick], &types);
            prop_assert!(again.is_ok_and(|again| same(&again, &value)), "{text:?}");
        }
    }
}

fn at(json: serde_json::Value) -> JsonAt {
    JsonAt::root(Arc::new(Doc::Whole(json)))
}

#[test]
fn a_record_is_read_by_the_names_of_its_fields() {
    let types = table();
    let mut log = ReadLog::default();
    let place = at(
        json!({ "hosts": [{ "id": "h1", "risk": 8.0, "seen": [null, "2026-11-20T12:00:00Z"], "more": 1 }] }),
    );
    let value =
        from_json(&place.key("hosts"), &Type::List(Box::new(host())), &types, &mut log).expect("fits");
    assert_eq!(
        display(&value, &Type::List(Box::new(host())), &types),
        "[Host { id: h1, risk: 8, seen: [none, 2026-11-20T12:00:00Z] }]"
    );
    // Every leaf that the value rests on was noted; what was not looked at was not.
    let looked: Vec<_> = log.leaves().keys().map(String::as_str).collect();
    assert_eq!(
        looked,
        [
            "/hosts",
            "/hosts/0",
            "/hosts/0/id",
            "/hosts/0/risk",
            "/hosts/0/seen",
            "/hosts/0/seen/0",
            "/hosts/0/seen/1"
        ]
    );
}

#[test]
fn the_leaves_alone_give_the_same_value() {
    let types = table();
    let ty = Type::List(Box::new(host()));
    let mut log = ReadLog::default();
    let value = from_json(&at(json!([{ "id": "h1", "seen": [] }])), &ty, &types, &mut log).expect("fits");
    let sparse = JsonAt::root(Arc::new(Doc::Sparse(log.leaves().clone())));
    let again = from_json(&sparse, &ty, &types, &mut ReadLog::default()).expect("fits");
    assert!(value.same(&again));
}

#[test]
fn a_misfit_says_where_what_and_what_instead() {
    let types = table();
    let of = |json, ty: &Type| from_plain(&json, ty, &types).expect_err("does not fit");
    insta::assert_snapshot!(of(json!({ "id": 7, "seen": [] }), &host()), @"at /id: expected HostId, found the number 7");
    insta::assert_snapshot!(of(json!({ "id": "x", "seen": ["today"] }), &host()), @"at /seen/0: expected Time: a time looks like `2026-11-20T12:00:00Z`, found the text \"today\"");
    insta::assert_snapshot!(of(json!("8"), &Type::Int), @"expected Int, found the text \"8\"");
    insta::assert_snapshot!(of(json!(8.5), &Type::Int), @"expected Int, found the number 8.5");
    insta::assert_snapshot!(of(json!(null), &Type::Ip), @"expected Ip, found null");
    insta::assert_snapshot!(of(json!(""), &Type::Email), @"expected Email: it has no `@`, found the text \"\"");
    insta::assert_snapshot!(of(json!("fatal"), &Type::Enum(TypeTable::SEVERITY)), @"expected Severity: it is none of Informational, Low, Medium, High, Critical, found the text \"fatal\"");
}

#[test]
fn an_absent_field_and_null_are_no_value_of_an_option() {
    let types = table();
    let ty = Type::Option(Box::new(Type::Int));
    for place in [at(json!(null)), at(json!({})).key("risk")] {
        assert!(from_json(&place, &ty, &types, &mut ReadLog::default()).is_ok_and(|v| v.same(&Value::None)));
    }
    let wrong = from_json(&at(json!("x")), &ty, &types, &mut ReadLog::default()).expect_err("does not fit");
    assert_eq!((wrong.expected.as_str(), wrong.found), ("Int", Found::Str("x".into())));
}

#[test]
fn whole_numbers_in_any_form() {
    let types = table();
    for (json, n) in [(json!(8), 8), (json!(8.0), 8), (json!(1e3), 1000), (json!(-0.0), 0)] {
        assert!(from_plain(&json, &Type::Int, &types).is_ok_and(|v| v.same(&Value::Int(n))), "{json}");
    }
    for json in [json!(1e19), json!(u64::MAX), json!(0.5)] {
        assert!(from_plain(&json, &Type::Int, &types).is_err(), "{json}");
    }
    assert!(from_plain(&json!(u64::MAX), &Type::Size, &types).is_ok_and(|v| v.same(&Value::Size(u64::MAX))));
    assert!(from_plain(&json!(8), &Type::Float, &types).is_ok_and(|v| v.same(&Value::Float(8.0))));
}

#[test]
fn a_place_is_recorded_with_what_stands_below_it() {
    let types = table();
    let place = at(json!({ "a": { "b": [1, "x"] } })).key("a");
    let recorded = to_recorded(&Value::Json(place.clone()), &Type::Json, &types);
    assert_eq!(recorded, json!({ "json": r#"{"b":[1,"x"]}"# }));
    assert_eq!(plain_json(&Value::Json(place), &Type::Json, &types), json!({ "b": [1, "x"] }));
    let back = from_recorded(&recorded, &Type::Json, &types).expect("fits");
    assert_eq!(to_recorded(&back, &Type::Json, &types), recorded);
    let nothing = to_recorded(&Value::Json(at(json!({})).key("a")), &Type::Json, &types);
    let back = from_recorded(&nothing, &Type::Json, &types).expect("fits");
    assert_eq!(to_recorded(&back, &Type::Json, &types), nothing);
}
