//! The shapes of what is printed as JSON, as JSON Schemas (draft 2020-12): a file each, but for the lines of evidence, whose
//! schema is made from the table of their kinds.
//!
//! They say what is there and leave room for more: members may be added within a version of a shape.

mod line;

use serde_json::Value;

/// What a schema is kept as.
enum Text {
    Written(&'static str),
    Made(fn() -> Value),
}

/// The schema of a shape.
pub struct Schema {
    /// Its name: `playc schema NAME`.
    pub name: &'static str,
    text: Text,
}

macro_rules! written {
    ($name:literal) => {
        Schema { name: $name, text: Text::Written(include_str!(concat!("../../schemas/", $name, ".json"))) }
    };
}

/// All of them.
pub static ALL: &[Schema] = &[
    written!("backtest"),
    written!("ci"),
    written!("code"),
    written!("coverage"),
    written!("decided"),
    written!("decision"),
    written!("diagnostic"),
    written!("doctor"),
    written!("dropped"),
    written!("ended"),
    written!("error"),
    Schema { name: "line", text: Text::Made(line::schema) },
    written!("order"),
    written!("ordered"),
    written!("page"),
    written!("point"),
    written!("records"),
    written!("replay"),
    written!("run"),
    written!("standing"),
    written!("test"),
    written!("verified"),
    written!("would"),
    written!("write"),
];

impl Schema {
    /// As JSON.
    ///
    /// # Errors
    /// Never: that each can be read is tested.
    pub fn json(&self) -> serde_json::Result<Value> {
        match self.text {
            Text::Written(text) => serde_json::from_str(text),
            Text::Made(make) => Ok(make()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_name_and_a_title() {
        for schema in ALL {
            let json = schema.json().unwrap();
            assert_eq!(json["$id"], format!("urn:play:schema:{}", schema.name));
            assert!(json["title"].is_string(), "{}", schema.name);
        }
        assert!(ALL.is_sorted_by_key(|s| s.name));
    }
}
