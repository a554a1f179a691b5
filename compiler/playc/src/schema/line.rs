//! The schema of a line of evidence: what every line has, and what each kind has besides.

use play_evidence::kinds::{self, Kind, Shape};
use serde_json::{Map, Value, json};

/// Made from the table that writers and verifiers go by.
pub fn schema() -> Value {
    let kinds: Vec<&'static Kind> = kinds::all().collect();
    let names: Vec<&str> = kinds.iter().map(|k| k.name()).collect();
    // By kind, so that what is wrong is told of the kind that the line says it is.
    let each: Vec<Value> = kinds
        .iter()
        .map(|kind| {
            json!({
                "if": { "properties": { "k": { "const": kind.name() } } },
                "then": { "$ref": format!("#/$defs/{}", kind.name()) },
            })
        })
        .collect();
    let mut defs = positions();
    defs.extend(kinds.iter().map(|kind| (kind.name().to_string(), of(kind))));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:play:schema:line",
        "title": "A line of evidence, as `playc trace show --format json` and `playc trace export` give it",
        "type": "object",
        "properties": {
            "v": { "const": play_evidence::line::VERSION, "description": "The version of the shape of lines." },
            "k": { "enum": names, "description": "Its kind." },
            "run": { "type": "string", "description": "Its chain: a run, `intake` or `store`." },
            "seq": { "type": "integer", "minimum": 0, "description": "Its place in the chain." },
            "t": {
                "type": "string", "format": "date-time", "pattern": "\\.[0-9]{9}Z$",
                "description": "When it was made, by the engine's clock.",
            },
            "by": { "type": "string", "description": "Who made it." },
            "prev": {
                "type": "string", "pattern": "^[0-9a-f]{64}$",
                "description": "SHA-256 of the chain's previous line, its newline included.",
            },
            "at": {
                "type": "integer", "minimum": 0,
                "description": "The node of the program; not where a line belongs to none.",
            },
        },
        "required": ["v", "k", "run", "seq", "t", "by", "prev"],
        "allOf": each,
        "$defs": defs,
    })
}

fn of(kind: &Kind) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in kind.fields() {
        let origin = match field.origin {
            kinds::Origin::Input => "From outside: a replay reads it.",
            kinds::Origin::Derived => "From the program: a replay computes it again and compares.",
        };
        let mut shape = shape(field.shape);
        if let Some(shape) = shape.as_object_mut() {
            shape.insert("description".into(), origin.into());
        }
        properties.insert(field.name.to_string(), shape);
        if field.required {
            required.push(field.name);
        }
    }
    json!({ "properties": properties, "required": required })
}

/// The forms in which a value may stand, and what is made of them.
fn positions() -> Map<String, Value> {
    let number = json!({ "type": "integer", "minimum": 0 });
    let whole = |properties: Value, required: &[&str]| {
        json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        })
    };
    let blob = json!({ "blob": { "type": "string" }, "len": number });
    let from = json!({ "type": "array", "items": { "type": "string" } });
    let with = |mut of: Value, name: &str, value: &Value| {
        if let Some(members) = of.as_object_mut() {
            members.insert(name.into(), value.clone());
        }
        of
    };
    let position = json!({ "$ref": "#/$defs/value" });
    let all = json!({
        "value": {
            "description": "A value, its commitment, or the digest of a body.",
            "oneOf": [
                whole(json!({ "val": {} }), &["val"]),
                whole(json!({ "com": { "type": "string" } }), &["com"]),
                { "$ref": "#/$defs/blob" },
            ],
        },
        "blob": whole(blob.clone(), &["blob", "len"]),
        "found": {
            "description": "A value, or what else was found there.",
            "oneOf": [
                position,
                whole(json!({ "is": { "enum": ["absent", "null", "object"] } }), &["is"]),
                whole(json!({ "is": { "const": "list" }, "len": number }), &["is", "len"]),
                whole(json!({ "is": { "enum": ["number", "int"] }, "val": { "type": "string" } }), &["is", "val"]),
            ],
        },
        "mapped": {
            "description": "A value, and the JSON pointers of what it was made from.",
            "oneOf": [
                whole(json!({ "from": from, "val": {} }), &["from", "val"]),
                whole(json!({ "from": from, "com": { "type": "string" } }), &["from", "com"]),
                whole(with(blob, "from", &from), &["blob", "from", "len"]),
            ],
        },
        "part": {
            "description": "A part of a condition, with what it compared; or the value that was looked at.",
            "oneOf": [
                whole(
                    json!({
                        "at": number, "is": { "enum": ["true", "false", "skipped"] }, "l": position, "r": position,
                    }),
                    &["at", "is"],
                ),
                whole(json!({ "at": number, "on": position }), &["at", "on"]),
            ],
        },
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}

fn shape(shape: Shape) -> Value {
    let of = |name: &str| json!({ "$ref": format!("#/$defs/{name}") });
    let members = |name: &str| json!({ "type": "object", "additionalProperties": of(name) });
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Number => json!({ "type": "integer", "minimum": 0 }),
        Shape::Numbers => json!({ "type": "array", "items": { "type": "integer", "minimum": 0 } }),
        Shape::Value => of("value"),
        Shape::Blob => of("blob"),
        Shape::Values => members("value"),
        Shape::Found => members("found"),
        Shape::Mapped => members("mapped"),
        Shape::Parts => json!({ "type": "array", "items": of("part") }),
    }
}
