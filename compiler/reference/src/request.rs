//! What an action sends, and how its answer is read.

use std::fmt::Write as _;

use play_check::typed::{ActionCode, Body, JsonTemplate, PathPart};
use play_program::action::{ActionId, Related, Relation, Request};
use play_program::convert;
use play_program::exec::Fault;
use play_program::json::{JsonAt, ReadLog};
use play_program::types::Type;
use play_program::value::{Failure, FailureKind, Value};
use serde_json::Value as Json;

use crate::Reference;
use crate::pure::{Frame, Stop, broken};

impl Reference {
    pub(crate) fn compute_request(&self, action: ActionId, args: &[Value]) -> Result<Request, Fault> {
        let code = self.code(action)?;
        let mut request = Request::default();
        for part in &code.path {
            match part {
                PathPart::Text(text) => request.path.push_str(text),
                PathPart::Value(body) => {
                    let text = self.text(body, args)?.unwrap_or_default();
                    request.path.push_str(&encoded(&text));
                }
            }
        }
        for (name, body) in &code.query {
            request.query.extend(self.text(body, args)?.map(|text| (name.clone(), text)));
        }
        for (name, body) in &code.headers {
            request.headers.extend(self.text(body, args)?.map(|text| (name.clone(), text)));
        }
        if let Some(template) = &code.json {
            request.body = Some(self.json(template, args)?.unwrap_or(Json::Null));
        }
        Ok(request)
    }

    pub(crate) fn read_answer(
        &self,
        action: ActionId,
        args: &[Value],
        status: u16,
        body: &JsonAt,
        log: &mut ReadLog,
    ) -> Result<Value, Failure> {
        let bad = |words: String| Failure { kind: FailureKind::BadResponse, words };
        let code = self.code(action).map_err(|fault| bad(fault.what))?;
        let statuses = self.program.actions.get(action.0 as usize).map(|a| a.statuses.as_slice());
        let index = statuses.and_then(|s| s.iter().position(|s| *s == status));
        let Some(respond) = index.and_then(|index| code.respond.get(index)) else {
            return Err(bad(format!("status {status} is no answer of this action")));
        };
        let Some(respond) = respond else { return Ok(Value::None) };
        let answer = [Value::Json(body.clone()), Value::Int(status.into())];
        let mut frame = Frame::with(respond, args.iter().cloned().chain(answer));
        std::mem::swap(log, &mut frame.log);
        let given = self.pure().eval(&respond.expr, &mut frame);
        std::mem::swap(log, &mut frame.log);
        given.map_err(|stop| match stop {
            Stop::Unmet(misfit) => {
                let place = if misfit.path.is_empty() { "the body" } else { misfit.path.as_str() };
                // What stands there is hostile, and may be long: its kind says enough.
                bad(format!("{place}: expected {}, found {}", misfit.expected, misfit.found.kind()))
            }
            Stop::Fault(fault) => bad(fault.what),
        })
    }

    pub(crate) fn related_action(
        &self,
        action: ActionId,
        to: Relation,
        given: &[Value],
    ) -> Result<Option<Related>, Fault> {
        let code = self.code(action)?;
        let related = match to {
            Relation::Undo => &code.undo,
            Relation::Snapshot => &code.snapshot,
            Relation::Verify => &code.verify,
            Relation::Verified => &code.verified,
        };
        let Some(related) = related else { return Ok(None) };
        if let Some(when) = &related.when
            && !matches!(self.value(when, given)?, Value::Bool(true))
        {
            return Ok(None);
        }
        match self.value(&related.args, given)? {
            Value::List(args) => Ok(Some(Related { action: related.action, args: args.to_vec() })),
            _ => Err(broken(related.args.expr.at)),
        }
    }

    fn code(&self, action: ActionId) -> Result<&ActionCode, Fault> {
        self.program.action_code.get(action.0 as usize).ok_or_else(|| broken(0))
    }

    fn value(&self, body: &Body, args: &[Value]) -> Result<Value, Fault> {
        match self.pure().eval(&body.expr, &mut Frame::with(body, args.iter().cloned())) {
            Ok(value) => Ok(value),
            Err(Stop::Fault(fault)) => Err(fault),
            Err(Stop::Unmet(_)) => Err(broken(body.expr.at)),
        }
    }

    /// A value as text; `None` for an absent option.
    fn text(&self, body: &Body, args: &[Value]) -> Result<Option<String>, Fault> {
        let value = self.value(body, args)?;
        Ok(match (&body.expr.ty, &value) {
            (Type::Option(_), Value::None) => None,
            (ty, value) => Some(convert::display(value, ty, &self.program.types)),
        })
    }

    /// A part of the body; `None` for an absent option.
    fn json(&self, template: &JsonTemplate, args: &[Value]) -> Result<Option<Json>, Fault> {
        Ok(Some(match template {
            JsonTemplate::Object(members) => {
                let mut object = serde_json::Map::new();
                for (name, member) in members {
                    object.extend(self.json(member, args)?.map(|value| (name.clone(), value)));
                }
                Json::Object(object)
            }
            JsonTemplate::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.push(self.json(item, args)?.unwrap_or(Json::Null));
                }
                Json::Array(list)
            }
            JsonTemplate::Value(body) => {
                let value = self.value(body, args)?;
                if matches!((&body.expr.ty, &value), (Type::Option(_), Value::None)) {
                    return Ok(None);
                }
                convert::plain_json(&value, &body.expr.ty, &self.program.types)
            }
        }))
    }
}

/// Percent-encoded as one segment of a path: all but letters, digits and `-._~` (RFC 3986, “unreserved”).
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}
