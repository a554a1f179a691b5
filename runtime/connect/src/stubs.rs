//! Answers given in place of connectors, out of a file: what `--stub` takes.

use std::fmt;

use jiff::SignedDuration;
use play_program::action::Action;
use play_program::artifact::{Manifest, Stub, StubAnswer};
use play_program::convert;
use play_program::types::{Type, TypeTable};
use play_program::value::{FailureKind, Value};
use serde_json::{Map, Value as Json};

use crate::body;

/// Something wrong in a file of stubs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StubError {
    /// Which entry, from 0; `None` for the file as a whole.
    pub entry: Option<usize>,
    /// JSON pointer within the entry; empty for the whole entry.
    pub path: String,
    /// What is wrong. May repeat text of the file.
    pub what: String,
}

impl fmt::Display for StubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "/{entry}{}: ", self.path)?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for StubError {}

/// Reads stubs: an array of entries, of which the first that fits answers.
///
/// # Errors
/// All that is wrong, in the order of the file: calls that the program does not have, arguments and results of the wrong
/// type, keys that mean nothing.
pub fn parse(text: &str, manifest: &Manifest) -> Result<Vec<Stub>, Vec<StubError>> {
    let whole = |what: String| vec![StubError { entry: None, path: String::new(), what }];
    let (skipped, json) = body::without_bom(text.as_bytes());
    let json = body::parse(json)
        .map_err(|(why, at)| whole(format!("not JSON at byte {}: {why}", at.saturating_add(skipped))))?;
    let Json::Array(entries) = json else {
        return Err(whole("must be a list: [{\"call\": …, \"returns\": …}, …]".into()));
    };
    let mut stubs = Vec::new();
    let mut errors = Vec::new();
    for (index, json) in entries.iter().enumerate() {
        let mut entry = Entry { index, manifest, errors: &mut errors };
        stubs.extend(entry.read(json));
    }
    if errors.is_empty() { Ok(stubs) } else { Err(errors) }
}

struct Entry<'a> {
    index: usize,
    manifest: &'a Manifest,
    errors: &'a mut Vec<StubError>,
}

impl Entry<'_> {
    fn wrong(&mut self, path: &str, what: impl Into<String>) {
        self.errors.push(StubError { entry: Some(self.index), path: path.into(), what: what.into() });
    }

    fn read(&mut self, json: &Json) -> Option<Stub> {
        let Json::Object(fields) = json else {
            self.wrong("", "must be an object: {\"call\": …, \"returns\": …}");
            return None;
        };
        for key in fields
            .keys()
            .filter(|k| !["call", "args", "returns", "fails", "lost", "after"].contains(&k.as_str()))
        {
            let path = pointer(key);
            self.wrong(
                &path,
                "there is no such key; an entry has call, args, returns or fails or lost, after",
            );
        }
        let Some(call) = fields.get("call").and_then(Json::as_str) else {
            self.wrong("/call", "must be the name of an action: \"okta.user\"");
            return None;
        };
        let id =
            call.split_once('.').and_then(|(connector, name)| self.manifest.find_action(connector, name));
        let Some((id, action)) = id.and_then(|id| Some((id, self.manifest.action(id)?))) else {
            self.wrong("/call", format!("the program has no action {call:?}"));
            return None;
        };
        let args = fields.get("args").map(|args| self.args(action, args));
        let answer = self.answer(action, fields);
        let after = self.after(fields);
        Some(Stub { action: id, args, answer: answer?, after: after?, then: Vec::new() })
    }

    fn args(&mut self, action: &Action, json: &Json) -> Vec<Option<Value>> {
        let types = &self.manifest.types;
        let names = || action.params.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
        match json {
            Json::Object(by_name) => {
                for name in by_name.keys().filter(|name| !action.params.iter().any(|(n, _)| n == *name)) {
                    let what = format!("{} has no such parameter; it has {}", action.full_name(), names());
                    self.wrong(&format!("/args{}", pointer(name)), what);
                }
                let arg = |(name, ty): &(String, Type)| {
                    self.value(&format!("/args{}", pointer(name)), by_name.get(name)?, ty, types)
                };
                action.params.iter().map(arg).collect()
            }
            Json::Array(by_place) => {
                if by_place.len() != action.params.len() {
                    let (wanted, given) = (action.params.len(), by_place.len());
                    let what =
                        format!("{} takes {wanted} ({}), here are {given}", action.full_name(), names());
                    self.wrong("/args", what);
                    return Vec::new();
                }
                let arg = |(i, ((_, ty), json)): (usize, (&(String, Type), &Json))| {
                    self.value(&format!("/args/{i}"), json, ty, types)
                };
                action.params.iter().zip(by_place).enumerate().map(arg).collect()
            }
            _ => {
                self.wrong("/args", "must be an object by the names of parameters, or a list of all");
                Vec::new()
            }
        }
    }

    fn answer(&mut self, action: &Action, fields: &Map<String, Json>) -> Option<StubAnswer> {
        match (fields.get("returns"), fields.get("fails"), fields.get("lost")) {
            (Some(json), None, None) => {
                let value = self.value("/returns", json, &action.result, &self.manifest.types)?;
                Some(StubAnswer::Returns(value))
            }
            (None, Some(name), None) => {
                let kind = name.as_str().and_then(FailureKind::from_name);
                if kind.is_none() {
                    self.wrong(
                        "/fails",
                        format!("must be one of {}", FailureKind::ALL.map(FailureKind::name).join(", ")),
                    );
                }
                kind.map(StubAnswer::Fails)
            }
            (None, None, Some(Json::Bool(true))) => Some(StubAnswer::Lost),
            (None, None, Some(_)) => {
                self.wrong("/lost", "must be true, or be left out");
                None
            }
            _ => {
                self.wrong("", "must have one of returns, fails and lost");
                None
            }
        }
    }

    fn after(&mut self, fields: &Map<String, Json>) -> Option<SignedDuration> {
        let Some(json) = fields.get("after") else { return Some(SignedDuration::ZERO) };
        let parsed =
            json.as_str().map(|text| convert::parse_text(&Type::Duration, text, &self.manifest.types));
        match parsed {
            Some(Ok(Value::Duration(after))) if !after.is_negative() => Some(after),
            _ => {
                self.wrong("/after", "must be a duration, zero or longer: \"100ms\"");
                None
            }
        }
    }

    fn value(&mut self, path: &str, json: &Json, ty: &Type, types: &TypeTable) -> Option<Value> {
        if *ty == Type::Unit {
            if !json.is_null() {
                self.wrong(path, "must be null: the action has no result");
            }
            return Some(Value::None);
        }
        match convert::from_plain(json, ty, types) {
            Ok(value) => Some(value),
            Err(what) => {
                self.wrong(path, what);
                None
            }
        }
    }
}

fn pointer(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use play_program::action::ActionId;
    use play_program::types::{FieldType, RecordId, RecordType};

    fn manifest() -> Manifest {
        let mut types = TypeTable::with_builtins();
        let field = |name: &str, ty| FieldType { name: name.into(), ty };
        types.records.push(RecordType {
            name: "User".into(),
            is_case: false,
            fields: vec![field("id", Type::String), field("login", Type::Option(Box::new(Type::Email)))],
        });
        let action = |name: &str, params: &[(&str, Type)], result: Type| Action {
            connector: "okta".into(),
            name: name.into(),
            write: false,
            params: params.iter().map(|(n, ty)| (n.to_string(), ty.clone())).collect(),
            result,
            method: "GET".into(),
            timeout: SignedDuration::from_secs(30),
            class: None,
            undo: None,
            target: Vec::new(),
            irreversible: None,
            cache: None,
            idempotent: false,
            statuses: vec![200],
            fails: Vec::new(),
        };
        Manifest {
            project: "test".into(),
            compiler: "test".into(),
            files: vec![],
            nodes: vec![],
            types,
            connectors: vec![],
            actions: vec![
                action("user", &[("id", Type::String), ("limit", Type::Int)], Type::Record(RecordId(0))),
                action("ping", &[], Type::Unit),
            ],
            sources: vec![],
            playbooks: vec![],
            guards: Vec::new(),
            config: None,
        }
    }

    fn errors(text: &str) -> String {
        parse(text, &manifest()).unwrap_err().iter().map(|e| format!("{e}\n")).collect()
    }

    #[test]
    fn stubs_have_the_types_of_the_program() {
        let text = r#"[
            {"call": "okta.user", "args": {"id": "x"}, "returns": {"id": "x", "login": "A@Example.com"}, "after": "100ms"},
            {"call": "okta.user", "args": ["y", 5], "fails": "Timeout"},
            {"call": "okta.user", "lost": true},
            {"call": "okta.ping", "returns": null}
        ]"#;
        let stubs = parse(text, &manifest()).unwrap();
        insta::assert_debug_snapshot!(stubs);
        assert_eq!(stubs[3].action, ActionId(1));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        insta::assert_snapshot!(errors("[1,"), @"not JSON at byte 2: it ends too early");
        insta::assert_snapshot!(errors("{}"), @r#"must be a list: [{"call": …, "returns": …}, …]"#);
        insta::assert_snapshot!(errors(r#"[
            1,
            {"call": "okta.users", "returns": null},
            {"call": "okta.user", "returns": {"id": 7}, "fails": "Timeout"},
            {"call": "okta.user", "returns": {"id": 7}},
            {"call": "okta.user", "fails": "Tired", "after": "-1s"},
            {"call": "okta.user", "lost": false, "then": 1},
            {"call": "okta.user", "args": {"name": "x", "id": 3}, "lost": true},
            {"call": "okta.user", "args": ["x"], "lost": true},
            {"call": "okta.ping", "returns": {}}
        ]"#), @r#"
        /0: must be an object: {"call": …, "returns": …}
        /1/call: the program has no action "okta.users"
        /2: must have one of returns, fails and lost
        /3/returns: at /id: expected String, found the number 7
        /4/fails: must be one of Timeout, Denied, NotFound, RateLimited, Unavailable, Rejected, BadResponse, Cancelled
        /4/after: must be a duration, zero or longer: "100ms"
        /5/then: there is no such key; an entry has call, args, returns or fails or lost, after
        /5/lost: must be true, or be left out
        /6/args/name: okta.user has no such parameter; it has id, limit
        /6/args/id: expected String, found the number 3
        /7/args: okta.user takes 2 (id, limit), here are 1
        /8/returns: must be null: the action has no result
        "#);
    }
}
