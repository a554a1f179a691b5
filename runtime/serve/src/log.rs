//! What the service says while it runs: one JSON object a line, on standard error.
//!
//! A log is read by more people than the evidence is. So a field is a name of ours, a number, or an identifier; there is no
//! way to put the text of an alert, an answer or a person in.

use std::io::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    /// A word of this program.
    Word(&'static str),
    /// The identifier of a run or a case, the name of a sender in the settings, an address of a peer.
    Id(&'a str),
    /// A number.
    Count(u64),
}

/// Longest identifier that is written, in characters.
const MAX_ID: usize = 128;

/// The line.
#[must_use]
pub fn line(at: Timestamp, event: &'static str, fields: &[(&'static str, Field<'_>)]) -> String {
    let mut object = Map::new();
    object.insert("t".into(), format!("{at:.3}").into());
    object.insert("event".into(), event.into());
    for (name, field) in fields {
        let value = match field {
            Field::Word(word) => Value::from(*word),
            Field::Id(id) => {
                id.chars().filter(|c| c.is_ascii_graphic()).take(MAX_ID).collect::<String>().into()
            }
            Field::Count(n) => Value::from(*n),
        };
        object.insert((*name).into(), value);
    }
    Value::Object(object).to_string()
}

/// Writes a line. That nobody reads it does not stop the service.
pub fn log(event: &'static str, fields: &[(&'static str, Field<'_>)]) {
    let text = line(Timestamp::now(), event, fields);
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_object_whatever_an_identifier_holds() {
        let fields = [("run", Field::Id("r-1\n{\"event\":\"forged\"}")), ("n", Field::Count(3))];
        let text = line(Timestamp::UNIX_EPOCH, "run_ended", &fields);
        assert_eq!(
            text,
            r#"{"event":"run_ended","n":3,"run":"r-1{\"event\":\"forged\"}","t":"1970-01-01T00:00:00.000Z"}"#
        );
    }
}
