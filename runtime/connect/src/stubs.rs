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

/// The keys of an answer.
const ANSWER: [&str; 5] = ["returns", "fails", "words", "lost", "after"];

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
        self.known("", fields, &["call", "args", "then"], "an entry has call, args, ");
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
        let first = self.reply("", action, fields);
        let then = fields.get("then").map_or(Some(Vec::new()), |then| self.then(action, then));
        let (answer, after) = first?;
        Some(Stub { action: id, args, answer, after, then: then? })
    }

    /// Keys of an answer, and some more, are all that there is.
    fn known(&mut self, at: &str, fields: &Map<String, Json>, more: &[&str], there: &str) {
        for key in fields.keys().filter(|k| !ANSWER.contains(&k.as_str()) && !more.contains(&k.as_str())) {
            let also = if more.contains(&"then") { ", then" } else { "" };
            self.wrong(
                &format!("{at}{}", pointer(key)),
                format!("there is no such key; {there}returns or fails (with words) or lost, after{also}"),
            );
        }
    }

    /// An answer, and after how long it comes.
    fn reply(
        &mut self,
        at: &str,
        action: &Action,
        fields: &Map<String, Json>,
    ) -> Option<(StubAnswer, SignedDuration)> {
        let (answer, after) = (self.answer(at, action, fields), self.after(at, fields));
        answer.zip(after)
    }

    /// The answers of the calls after the first.
    fn then(&mut self, action: &Action, json: &Json) -> Option<Vec<(StubAnswer, SignedDuration)>> {
        let Json::Array(all) = json else {
            self.wrong("/then", "must be a list of answers: [{\"fails\": \"Timeout\"}, {\"returns\": …}]");
            return None;
        };
        if all.is_empty() {
            self.wrong("/then", "must name at least one answer, or be left out");
        }
        let mut replies = Vec::new();
        for (n, json) in all.iter().enumerate() {
            let at = format!("/then/{n}");
            let Json::Object(fields) = json else {
                self.wrong(&at, "must be an object: {\"returns\": …}");
                continue;
            };
            self.known(&at, fields, &[], "an answer has ");
            replies.extend(self.reply(&at, action, fields));
        }
        (replies.len() == all.len()).then_some(replies)
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

    fn answer(&mut self, at: &str, action: &Action, fields: &Map<String, Json>) -> Option<StubAnswer> {
        if fields.contains_key("words") && !fields.contains_key("fails") {
            self.wrong(&format!("{at}/words"), "only a failure has words: write them beside fails");
        }
        match (fields.get("returns"), fields.get("fails"), fields.get("lost")) {
            (Some(json), None, None) => {
                let value =
                    self.value(&format!("{at}/returns"), json, &action.result, &self.manifest.types)?;
                Some(StubAnswer::Returns(value))
            }
            (None, Some(name), None) => {
                let kind = name.as_str().and_then(FailureKind::from_name);
                if kind.is_none() {
                    self.wrong(
                        &format!("{at}/fails"),
                        format!("must be one of {}", FailureKind::ALL.map(FailureKind::name).join(", ")),
                    );
                }
                match fields.get("words") {
                    None => kind.map(StubAnswer::Fails),
                    Some(Json::String(words)) => kind.map(|k| StubAnswer::FailsSaying(k, words.clone())),
                    Some(_) => {
                        self.wrong(&format!("{at}/words"), "must be a text: what the other side says");
                        None
                    }
                }
            }
            (None, None, Some(Json::Bool(true))) if !action.write => {
                self.wrong(
                    &format!("{at}/lost"),
                    format!(
                        "{} only reads, and no read is in doubt; write fails: \"Timeout\"",
                        action.full_name()
                    ),
                );
                None
            }
            (None, None, Some(Json::Bool(true))) => Some(StubAnswer::Lost),
            (None, None, Some(_)) => {
                self.wrong(&format!("{at}/lost"), "must be true, or be left out");
                None
            }
            _ => {
                self.wrong(at, "must have one of returns, fails and lost");
                None
            }
        }
    }

    fn after(&mut self, at: &str, fields: &Map<String, Json>) -> Option<SignedDuration> {
        let Some(json) = fields.get("after") else { return Some(SignedDuration::ZERO) };
        let parsed =
            json.as_str().map(|text| convert::parse_text(&Type::Duration, text, &self.manifest.types));
        match parsed {
            Some(Ok(Value::Duration(after))) if !after.is_negative() => Some(after),
            _ => {
                self.wrong(&format!("{at}/after"), "must be a duration, zero or longer: \"100ms\"");
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
            retry: None,
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
                Action { write: true, ..action("stop", &[("id", Type::String)], Type::Unit) },
            ],
            sources: vec![],
            playbooks: vec![],
            guards: Vec::new(),
            events: Vec::new(),
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
            {"call": "okta.stop", "lost": true},
            {"call": "okta.ping", "returns": null},
            {"call": "okta.stop", "fails": "Denied", "words": "locked", "then": [
                {"lost": true}, {"fails": "Unavailable", "after": "2s"}, {"returns": null}
            ]}
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
            {"call": "okta.stop", "lost": false, "then": 1, "what": 2},
            {"call": "okta.user", "args": {"name": "x", "id": 3}, "fails": "Timeout"},
            {"call": "okta.user", "args": ["x"], "fails": "Timeout"},
            {"call": "okta.ping", "returns": {}},
            {"call": "okta.user", "lost": true, "words": "gone"},
            {"call": "okta.stop", "fails": "Denied", "words": 7, "then": []},
            {"call": "okta.stop", "returns": null, "then": [
                1, {"fails": "Never"}, {"returns": null, "then": []}, {"returns": 3, "after": 4}
            ]}
        ]"#), @r#"
        /0: must be an object: {"call": …, "returns": …}
        /1/call: the program has no action "okta.users"
        /2: must have one of returns, fails and lost
        /3/returns: at /id: expected String, found the number 7
        /4/fails: must be one of Timeout, Denied, NotFound, RateLimited, Unavailable, Rejected, BadResponse, Cancelled
        /4/after: must be a duration, zero or longer: "100ms"
        /5/what: there is no such key; an entry has call, args, returns or fails (with words) or lost, after, then
        /5/lost: must be true, or be left out
        /5/then: must be a list of answers: [{"fails": "Timeout"}, {"returns": …}]
        /6/args/name: okta.user has no such parameter; it has id, limit
        /6/args/id: expected String, found the number 3
        /7/args: okta.user takes 2 (id, limit), here are 1
        /8/returns: must be null: the action has no result
        /9/words: only a failure has words: write them beside fails
        /9/lost: okta.user only reads, and no read is in doubt; write fails: "Timeout"
        /10/words: must be a text: what the other side says
        /10/then: must name at least one answer, or be left out
        /11/then/0: must be an object: {"returns": …}
        /11/then/1/fails: must be one of Timeout, Denied, NotFound, RateLimited, Unavailable, Rejected, BadResponse, Cancelled
        /11/then/2/then: there is no such key; an answer has returns or fails (with words) or lost, after
        /11/then/3/returns: must be null: the action has no result
        /11/then/3/after: must be a duration, zero or longer: "100ms"
        "#);
    }
}
