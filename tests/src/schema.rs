//! The shapes that `playc schema` prints, and whether something has one of them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::playc;

/// All of them, ready to be asked.
struct All {
    schemas: Schemas,
    by_name: BTreeMap<String, SchemaIndex>,
}

/// What `playc schema NAME` prints.
///
/// # Panics
/// When there is no such schema.
#[must_use]
pub fn printed(name: &str) -> Value {
    let ran = playc::run(&["schema", name]);
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("a schema is JSON")
}

/// The names, by `playc schema --list`.
///
/// # Panics
/// When the list cannot be had.
#[must_use]
pub fn names() -> Vec<String> {
    let ran = playc::run(&["schema", "--list"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.lines().filter_map(|l| l.split_whitespace().next()).map(str::to_string).collect()
}

/// Schemas leave room for members that come to be; what is printed today has none that its schema does not know.
fn close(schema: &mut Value, top: bool) {
    match schema {
        Value::Object(members) => {
            members.iter_mut().for_each(|(_, member)| close(member, false));
            let is_whole = members.contains_key("type") && members.contains_key("properties");
            if is_whole && !members.contains_key("additionalProperties") {
                let word = if top { "unevaluatedProperties" } else { "additionalProperties" };
                members.insert(word.into(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, false)),
        _ => {}
    }
}

fn all() -> &'static All {
    static ALL: OnceLock<All> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        let names = names();
        for name in &names {
            let mut schema = printed(name);
            close(&mut schema, true);
            compiler.add_resource(&format!("urn:play:schema:{name}"), schema).expect("a schema");
        }
        let mut schemas = Schemas::new();
        let by_name = names
            .into_iter()
            .map(|name| {
                let index = compiler.compile(&format!("urn:play:schema:{name}"), &mut schemas);
                let index = index.unwrap_or_else(|e| panic!("schema {name}: {e:#}"));
                (name, index)
            })
            .collect();
        All { schemas, by_name }
    })
}

/// Whether it has this shape, and no members besides; why not, if it has not.
///
/// # Errors
/// What is wrong with it, and where.
///
/// # Panics
/// When there is no such schema.
pub fn check(name: &str, value: &Value) -> Result<(), String> {
    let all = all();
    let index = all.by_name.get(name).unwrap_or_else(|| panic!("no schema {name}"));
    all.schemas.validate(value, *index).map_err(|e| format!("{e:#}"))
}

/// Fails the test unless it has this shape.
///
/// # Panics
/// When it has not.
pub fn is(name: &str, value: &Value) {
    if let Err(why) = check(name, value) {
        panic!("it is no {name}: {why}\n{value:#}");
    }
}
