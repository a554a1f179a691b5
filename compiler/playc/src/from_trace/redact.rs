//! Personal data in a test that is made of a run: none.
//!
//! Whatever stands in a field, a parameter or a result that is `pii` is replaced by something made up of the same type, the same
//! for the same, wherever it occurs, also inside other text. Choices (`Bool`, members of enums) stay: they say nothing of who
//! somebody is, and the run was decided by them.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_check::typed::Program;
use play_program::action::ActionId;
use play_program::artifact::StubAnswer;
use play_program::convert;
use play_program::types::{RecordId, Type, TypeTable};
use play_program::value::{Map, Value};

use super::read::{Came, Record};

/// Text that is shorter is not looked for inside other text: it would be found in any.
const SHORT: usize = 3;

/// What is personal, by how it is written, and what stands for it.
struct Made<'a> {
    types: &'a TypeTable,
    program: &'a Program,
    known: BTreeMap<String, String>,
}

/// Replaces personal data in a record.
pub fn redact(program: &Program, record: &mut Record) {
    let mut made = Made { types: &program.types, program, known: BTreeMap::new() };
    let spec = &mut record.spec;
    let case = program.playbooks.get(spec.playbook).map(|p| p.case);
    // First everything is found, then everything is replaced: what is personal in one place is so in all.
    if let Some(case) = case {
        made.find_in(&Value::Record(spec.case.clone().into()), &Type::Record(case), false);
    }
    for stub in &spec.stubs {
        made.find_args(stub.action, stub.args.as_deref());
        let personal = program.personal.results.contains(&stub.action);
        let ty = program.actions.get(stub.action.0 as usize).map_or(Type::Unit, |a| a.result.clone());
        for answer in std::iter::once(&stub.answer).chain(stub.then.iter().map(|(answer, _)| answer)) {
            if let StubAnswer::Returns(value) = answer {
                made.find_in(value, &ty, personal);
            }
        }
    }
    for arrival in &spec.arrivals {
        if let Some(event) = program.events.get(arrival.event as usize) {
            made.find_in(&arrival.value, &event.spec.result, false);
        }
    }
    for came in &record.expect {
        if let Came::Did(action, args) | Came::Would(action, args) = came {
            made.find_args(*action, Some(args));
        }
    }

    if let Some(fields) = case.and_then(|case| program.types.record(case)) {
        for (value, field) in spec.case.iter_mut().zip(&fields.fields) {
            *value = made.replaced(value, &field.ty);
        }
    }
    for stub in &mut spec.stubs {
        made.replace_args(stub.action, stub.args.as_deref_mut());
        let ty = program.actions.get(stub.action.0 as usize).map_or(Type::Unit, |a| a.result.clone());
        for answer in std::iter::once(&mut stub.answer).chain(stub.then.iter_mut().map(|(answer, _)| answer))
        {
            if let StubAnswer::Returns(value) = answer {
                *value = made.replaced(value, &ty);
            }
        }
    }
    for person in &mut spec.persons {
        // Who it was, and their words, are no matter of a test.
        person.person = None;
        person.because = "as it was decided".into();
        person.question = person.question.as_ref().map(|text| made.in_text(text));
        if let Some((action, Some(args))) = &mut person.act {
            made.replace_args(*action, Some(args));
        }
    }
    for arrival in &mut spec.arrivals {
        let Some(event) = program.events.get(arrival.event as usize).map(|e| &e.spec) else { continue };
        arrival.value = made.replaced(&arrival.value, &event.result);
        for (arg, (_, ty)) in arrival.args.iter_mut().flatten().zip(&event.params) {
            *arg = arg.as_ref().map(|value| made.replaced(value, ty));
        }
    }
    for other in &mut spec.others {
        made.replace_args(other.action, other.args.as_deref_mut());
    }
    for came in &mut record.expect {
        if let Came::Did(action, args) | Came::Would(action, args) = came {
            made.replace_args(*action, Some(args));
        }
    }
}

impl Made<'_> {
    fn find_args(&mut self, action: ActionId, args: Option<&[Option<Value>]>) {
        let params =
            self.program.actions.get(action.0 as usize).map(|a| a.params.clone()).unwrap_or_default();
        for (at, (arg, (_, ty))) in args.unwrap_or_default().iter().zip(&params).enumerate() {
            let personal = self.program.personal.params.contains(&(action, at));
            if let Some(value) = arg {
                self.find_in(value, ty, personal);
            }
        }
    }

    fn replace_args(&self, action: ActionId, args: Option<&mut [Option<Value>]>) {
        let params = self.program.actions.get(action.0 as usize).map(|a| a.params.as_slice());
        for (arg, (_, ty)) in args.into_iter().flatten().zip(params.unwrap_or_default()) {
            *arg = arg.as_ref().map(|value| self.replaced(value, ty));
        }
    }

    /// Takes note of what is personal in a value.
    fn find_in(&mut self, value: &Value, ty: &Type, personal: bool) {
        match (self.types.repr(ty).clone(), value) {
            (_, Value::None) => {}
            (Type::Option(of), present) => self.find_in(present, &of, personal),
            (Type::List(of), Value::List(items)) => items.iter().for_each(|v| self.find_in(v, &of, personal)),
            (Type::Map(key, of), Value::Map(map)) => {
                for (k, v) in map.iter() {
                    self.find_in(k, &key, personal);
                    self.find_in(v, &of, personal);
                }
            }
            (Type::Record(id), Value::Record(slots)) => {
                for (name, ty, value) in self.fields(id, slots) {
                    let own = self.program.personal.fields.contains(&(id, name));
                    self.find_in(&value, &ty, personal || own);
                }
            }
            (Type::Union(id), Value::Record(_)) => {
                let parts: Vec<(Type, Value)> = match self.types.parts(id, value) {
                    Some((_, parts)) => parts.map(|(field, v)| (field.ty.clone(), v.clone())).collect(),
                    None => Vec::new(),
                };
                parts.iter().for_each(|(ty, v)| self.find_in(v, ty, personal));
            }
            (ty, leaf) if personal => {
                let text = convert::display(leaf, &ty, self.types);
                let n = self.known.len().saturating_add(1);
                if let Some(made) = made_up(&ty, n).filter(|_| !text.is_empty()) {
                    self.known.entry(text).or_insert(made);
                }
            }
            _ => {}
        }
    }

    fn fields(&self, id: RecordId, slots: &[Value]) -> Vec<(String, Type, Value)> {
        let fields = self.types.record(id).map(|r| r.fields.as_slice()).unwrap_or_default();
        fields.iter().zip(slots).map(|(f, v)| (f.name.clone(), f.ty.clone(), v.clone())).collect()
    }

    /// The value with what stands for what is personal in it.
    fn replaced(&self, value: &Value, ty: &Type) -> Value {
        match (self.types.repr(ty), value) {
            (_, Value::None) => Value::None,
            (Type::Option(of), present) => self.replaced(present, of),
            (Type::List(of), Value::List(items)) => {
                Value::List(items.iter().map(|v| self.replaced(v, of)).collect::<Vec<_>>().into())
            }
            (Type::Map(key, of), Value::Map(map)) => {
                let mut all = Map::default();
                for (k, v) in map.iter() {
                    all.insert(self.replaced(k, key), self.replaced(v, of));
                }
                Value::Map(all.into())
            }
            (Type::Record(id), Value::Record(slots)) => {
                let fields = self.fields(*id, slots);
                let slots: Vec<Value> = fields.iter().map(|(_, ty, v)| self.replaced(v, ty)).collect();
                Value::Record(slots.into())
            }
            (Type::Union(id), Value::Record(slots)) => {
                let Some((_, parts)) = self.types.parts(*id, value) else { return value.clone() };
                // Members share their slots: each value is put where it was.
                let mut slots = slots.to_vec();
                for (field, part) in parts {
                    let new = self.replaced(part, &field.ty);
                    if let Some(slot) =
                        slots.iter_mut().find(|slot| std::ptr::eq(*slot, part) || slot.same(part))
                    {
                        *slot = new;
                    }
                }
                Value::Record(slots.into())
            }
            (Type::String, Value::Str(text)) => Value::Str(Arc::from(self.in_text(text).as_str())),
            (ty, leaf) => {
                let text = convert::display(leaf, ty, self.types);
                let made = self.known.get(&text).and_then(|made| {
                    convert::from_recorded(&serde_json::Value::String(made.clone()), ty, self.types).ok()
                });
                made.unwrap_or_else(|| leaf.clone())
            }
        }
    }

    fn in_text(&self, text: &str) -> String {
        if let Some(made) = self.known.get(text) {
            return made.clone();
        }
        let mut text = text.to_string();
        // The longest first: one may be a part of another.
        let mut known: Vec<(&String, &String)> =
            self.known.iter().filter(|(k, _)| k.len() >= SHORT).collect();
        known.sort_by_key(|(k, _)| std::cmp::Reverse(k.len()));
        for (personal, made) in known {
            text = text.replace(personal.as_str(), made);
        }
        text
    }
}

/// Something of a type that is nobody's, as it is written; the same number gives the same. Nothing for what says nothing of
/// anybody.
fn made_up(ty: &Type, n: usize) -> Option<String> {
    Some(match ty {
        Type::String => format!("redacted {n}"),
        Type::Email => format!("person-{n}@example.com"),
        Type::Domain => format!("host-{n}.example.com"),
        Type::Url => format!("https://example.com/{n}"),
        Type::Ip => format!("192.0.2.{}", n % 256),
        Type::Cidr => format!("192.0.2.{}/32", n % 256),
        Type::Hash => format!("{n:064x}"),
        Type::Version => format!("0.0.{n}"),
        Type::Time => "2000-01-01T00:00:00Z".into(),
        Type::Date => "2000-01-01".into(),
        _ => return None,
    })
}
