//! What an action sends, and how its answer is read.

use play_program::action::{ActionId, Related, Relation, Request};
use play_program::code::{ActionCode, Computed, JsonNode, PathPart};
use play_program::convert;
use play_program::exec::Fault;
use play_program::json::{JsonAt, ReadLog};
use play_program::value::Value;
use serde_json::Value as Json;

use crate::interpreter::{self, Scratch, Stop, with_scratch};
use crate::load::{Loaded, Ready, ReadyAction};

struct Sender<'a> {
    program: &'a Loaded,
    code: &'a ActionCode,
    ready: &'a ReadyAction,
    args: &'a [Value],
    scratch: &'a mut Scratch,
}

pub(crate) fn request(program: &Loaded, action: ActionId, args: &[Value]) -> Result<Request, Fault> {
    with_scratch(|scratch| send(program, action, args, scratch))
}

fn send(program: &Loaded, action: ActionId, args: &[Value], scratch: &mut Scratch) -> Result<Request, Fault> {
    let index = action.0 as usize;
    let (Some(code), Some(ready)) = (program.artifact.code.actions.get(index), program.actions.get(index))
    else {
        return Err(interpreter::damaged(0));
    };
    let mut sender = Sender { program, code, ready, args, scratch };
    let mut request = Request::default();
    for (part, block) in code.path.iter().zip(&ready.path) {
        match (part, block) {
            (PathPart::Text(text), _) => request.path.push_str(text),
            (PathPart::Value(value), Some(block)) => {
                let value = sender.text(value, block)?.unwrap_or_default();
                encode_segment(&value, &mut request.path);
            }
            (PathPart::Value(_), None) => {}
        }
    }
    request.query = sender.named(&code.query, &ready.query)?;
    request.headers = sender.named(&code.headers, &ready.headers)?;
    if !code.json.is_empty() {
        request.body = Some(sender.json(0)?.unwrap_or(Json::Null));
    }
    Ok(request)
}

/// An action that belongs to another.
pub(crate) fn related(
    program: &Loaded,
    action: ActionId,
    to: Relation,
    given: &[Value],
) -> Result<Option<Related>, Fault> {
    let index = action.0 as usize;
    let (Some(code), Some(ready)) = (program.artifact.code.actions.get(index), program.actions.get(index))
    else {
        return Err(interpreter::damaged(0));
    };
    let of = match to {
        Relation::Undo => &ready.undo,
        Relation::Snapshot => &ready.snapshot,
        Relation::Verify => &ready.verify,
        Relation::Verified => &ready.verified,
    };
    let (Some(code), Some(ready)) = (code.related(to), of) else { return Ok(None) };
    let value = |block: &Ready| {
        let ran = with_scratch(|scratch| {
            program.run(block, given.iter().cloned(), &mut ReadLog::default(), scratch)
        });
        ran.map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Misfit(_) => interpreter::damaged(block.at),
        })
    };
    if let Some(when) = &ready.when
        && !matches!(value(when)?, Value::Bool(true))
    {
        return Ok(None);
    }
    match value(&ready.args)? {
        Value::List(args) => Ok(Some(Related { action: code.action, args: args.to_vec() })),
        _ => Err(interpreter::damaged(ready.args.at)),
    }
}

impl Sender<'_> {
    fn value(&mut self, block: &Ready) -> Result<Value, Fault> {
        let args = self.args.iter().cloned();
        self.program.run(block, args, &mut ReadLog::default(), self.scratch).map_err(|stop| match stop {
            Stop::Fault(fault) => fault,
            Stop::Misfit(_) => interpreter::damaged(block.at),
        })
    }

    /// The value as text; `None` when it is an absent option.
    fn text(&mut self, computed: &Computed, block: &Ready) -> Result<Option<String>, Fault> {
        let value = self.value(block)?;
        let types = &self.program.artifact.manifest.types;
        Ok((!matches!(value, Value::None)).then(|| convert::display(&value, &computed.ty, types)))
    }

    fn named(
        &mut self,
        code: &[(String, Computed)],
        ready: &[Ready],
    ) -> Result<Vec<(String, String)>, Fault> {
        let mut all = Vec::new();
        for ((name, computed), block) in code.iter().zip(ready) {
            if let Some(text) = self.text(computed, block)? {
                all.push((name.clone(), text));
            }
        }
        Ok(all)
    }

    /// The JSON of a node; `None` when it is an absent option. Nodes stand after their parents, so this ends.
    fn json(&mut self, node: usize) -> Result<Option<Json>, Fault> {
        match (self.code.json.get(node), self.ready.json.get(node)) {
            (Some(JsonNode::Object(members)), _) => {
                let mut object = serde_json::Map::new();
                for (name, member) in members {
                    if let Some(value) = self.json(*member as usize)? {
                        object.insert(name.clone(), value);
                    }
                }
                Ok(Some(Json::Object(object)))
            }
            (Some(JsonNode::List(items)), _) => {
                let mut list = Vec::new();
                for item in items {
                    list.push(self.json(*item as usize)?.unwrap_or(Json::Null));
                }
                Ok(Some(Json::Array(list)))
            }
            (Some(JsonNode::Value(computed)), Some(Some(block))) => {
                let value = self.value(block)?;
                if matches!(value, Value::None) {
                    return Ok(None);
                }
                Ok(Some(convert::plain_json(&value, &computed.ty, &self.program.artifact.manifest.types)))
            }
            _ => Err(interpreter::damaged(0)),
        }
    }
}

/// Percent-encodes a text so that it is one segment of a path, whatever it holds.
fn encode_segment(text: &str, path: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                path.push(char::from(byte))
            }
            other => {
                path.push('%');
                for digit in [other >> 4, other & 15] {
                    path.extend(char::from_digit(u32::from(digit), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
        }
    }
}

/// The result of an action; in words what is wrong when the answer is not what the action promises.
pub(crate) fn respond(
    program: &Loaded,
    action: ActionId,
    args: &[Value],
    status: u16,
    body: &JsonAt,
    log: &mut ReadLog,
) -> Result<Value, String> {
    let declared = program.artifact.manifest.action(action);
    let index = declared.and_then(|a| a.statuses.iter().position(|s| *s == status));
    let block = index.zip(program.actions.get(action.0 as usize)).and_then(|(i, a)| a.respond.get(i));
    match block {
        None => Err(format!("the status {status} is not one that the action expects")),
        Some(None) => Ok(Value::None),
        Some(Some(block)) => {
            let own = [Value::Json(body.clone()), Value::Int(i64::from(status))];
            let args = args.iter().cloned().chain(own);
            with_scratch(|scratch| program.run(block, args, log, scratch)).map_err(|stop| match stop {
                Stop::Misfit(misfit) => misfit.to_string(),
                Stop::Fault(fault) => fault.what,
            })
        }
    }
}
