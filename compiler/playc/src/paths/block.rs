//! A test as text.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::SignedDuration;
use play_check::typed::Program;
use play_evidence::{J, ParsedLine};
use play_program::Value;
use play_program::action::ActionId;
use play_program::artifact::{Stub, StubAnswer, TestSpec};
use play_program::autonomy::Autonomy;
use play_program::convert;
use play_program::shape::{CASE_FIELDS, CASE_SEVERITY, SEVERITY_MEDIUM};
use play_program::types::Type;
use play_scheduler::RunState;
use play_scheduler::testing::TestResult;

use super::literal::{literal, quoted};
use crate::from_trace::Came;

/// The block for a test that ran like this; `None` when something in it cannot be written, or it did not end.
pub fn block(program: &Program, title: &str, spec: &TestSpec, result: &TestResult) -> Option<String> {
    let lines = Lines::of(result);
    let mut text = head(program, title, spec, |stub| lines.called.contains(&name_of(program, stub)))?;
    for refused in &lines.refused {
        let _ = writeln!(text, "  expect {refused}");
    }
    match &result.state {
        RunState::Closed(class, _) => {
            let _ = writeln!(text, "  expect closed {class}");
        }
        RunState::HandedOver(to, _) => {
            let _ = writeln!(text, "  expect handed over to {to}");
        }
        RunState::InDoubt => {
            let _ = writeln!(text, "  expect in doubt {}", lines.in_doubt?);
        }
        RunState::Running | RunState::Faulted(_) | RunState::ShadowEnded(_) => return None,
    }
    text.push_str("}\n");
    Some(text)
}

/// The block for a run that was recorded; `None` when something in it cannot be written.
pub fn of_record(program: &Program, title: &str, spec: &TestSpec, came: &[Came]) -> Option<String> {
    let mut text = head(program, title, spec, |_| true)?;
    let mut said = BTreeSet::new();
    let name = |action: &ActionId| program.actions.get(action.0 as usize).map(|a| a.full_name());
    for one in came {
        let line = match one {
            Came::Did(action, args) => format!("did {}", call(program, *action, Some(args))?),
            Came::Would(action, args) => format!("would {}", call(program, *action, Some(args))?),
            Came::Refused(action, Some(guard)) => format!("refused {} by guard {guard}", name(action)?),
            Came::Refused(action, None) => format!("refused {}", name(action)?),
            Came::Undone(action) => format!("undone {}", name(action)?),
            Came::Closed(class) => format!("closed {class}"),
            Came::HandedOver(to) => format!("handed over to {to}"),
            Came::Needs(needs) => format!("because contains {}", quoted(needs)),
        };
        if said.insert(line.clone()) {
            let _ = writeln!(text, "  expect {line}");
        }
    }
    text.push_str("}\n");
    Some(text)
}

/// What is given, and what is run.
fn head(program: &Program, title: &str, spec: &TestSpec, needed: impl Fn(&Stub) -> bool) -> Option<String> {
    let mut text = format!("test {} {{\n", quoted(title));
    // Writing into a string does not fail.
    let _ = writeln!(text, "  given {}", given(program, spec)?);
    if let Some(config) = &program.config {
        let fields = program.types.record(config.record).map(|r| r.fields.as_slice()).unwrap_or_default();
        let read = program.playbooks.get(spec.playbook).map(|p| p.config.as_slice()).unwrap_or_default();
        for at in read {
            let (field, value) = (fields.get(*at)?, spec.config.get(*at)?);
            let _ = writeln!(
                text,
                "  given config.{} = {}",
                field.name,
                literal(value, &field.ty, &program.types)?
            );
        }
    }
    for stub in spec.stubs.iter().filter(|stub| needed(stub)) {
        let _ = writeln!(text, "  {}", stubbed(program, stub)?);
    }
    for person in &spec.persons {
        let said = match (person.approval, person.choice.as_str()) {
            (true, "approve") => "approves".to_string(),
            (true, _) => "denies".to_string(),
            (false, choice) => format!("answers {choice}"),
        };
        let act = match &person.act {
            Some((action, args)) => format!(" {}", call(program, *action, args.as_deref())?),
            None => String::new(),
        };
        let to = person.question.as_ref().map_or_else(String::new, |q| format!(" to {}", quoted(q)));
        let because = if person.because.is_empty() {
            String::new()
        } else {
            format!(" because {}", quoted(&person.because))
        };
        let who = person.person.as_ref().map_or_else(String::new, |name| format!(" {}", quoted(name)));
        let _ =
            writeln!(text, "  given {}{who} {said}{act}{to}{because}{}", person.role, after(person.after));
    }
    for arrival in &spec.arrivals {
        let event = &program.events.get(arrival.event as usize)?.spec;
        let name = format!("{}.{}", event.connector, event.name);
        let head = called_with(program, name, &event.params, arrival.args.as_deref())?;
        let value = match event.result {
            Type::Unit => String::new(),
            _ => format!(" {}", literal(&arrival.value, &event.result, &program.types)?),
        };
        let _ = writeln!(text, "  given {head} arrives{value}{}", after(arrival.after));
    }
    for other in &spec.others {
        let head = call(program, other.action, other.args.as_deref())?;
        let until = other.until.map(|until| format!(" until {}", span(until))).unwrap_or_default();
        let _ = writeln!(text, "  given another run holds {head}{until}");
    }
    for (guard, count) in spec.counted.iter().filter(|(_, count)| *count > 0) {
        let _ = writeln!(text, "  given guard {} counted {count}", program.guards.get(*guard)?.spec.name);
    }
    let driven = match &spec.autonomy {
        Autonomy::Automatic => String::new(),
        Autonomy::Shadow => " as shadow".to_string(),
        Autonomy::Supervised { from, within } => format!(" as supervised by {from} within {}", span(*within)),
    };
    let _ = writeln!(text, "  run {}{driven}", program.playbooks.get(spec.playbook)?.name);
    Some(text)
}

fn given(program: &Program, spec: &TestSpec) -> Option<String> {
    let case = program.types.record(program.playbooks.get(spec.playbook)?.case)?;
    let mut fields = Vec::new();
    for (slot, (field, value)) in case.fields.iter().zip(&spec.case).enumerate() {
        let plain = match slot {
            CASE_SEVERITY => matches!(value, Value::Enum(SEVERITY_MEDIUM)),
            slot if slot < CASE_FIELDS.len() => matches!(value, Value::None) || value.same(&Value::str("")),
            _ => matches!(field.ty, Type::Option(_)) && matches!(value, Value::None),
        };
        if !plain {
            fields.push(format!("{}: {}", field.name, literal(value, &field.ty, &program.types)?));
        }
    }
    Some(if fields.is_empty() {
        format!("{} {{}}", case.name)
    } else {
        format!("{} {{ {} }}", case.name, fields.join(", "))
    })
}

fn name_of(program: &Program, stub: &Stub) -> String {
    program.actions.get(stub.action.0 as usize).map(|a| a.full_name()).unwrap_or_default()
}

fn stubbed(program: &Program, stub: &Stub) -> Option<String> {
    let action = program.actions.get(stub.action.0 as usize)?;
    let mut text = format!("given {}", call(program, stub.action, stub.args.as_deref())?);
    let replies = std::iter::once((&stub.answer, stub.after)).chain(stub.then.iter().map(|(a, t)| (a, *t)));
    for (n, (answer, time)) in replies.enumerate() {
        let said = match answer {
            StubAnswer::Returns(value) => {
                format!("returns {}", literal(value, &action.result, &program.types)?)
            }
            StubAnswer::Fails(kind) => format!("fails {}", kind.name()),
            StubAnswer::FailsSaying(kind, words) => format!("fails {} {}", kind.name(), quoted(words)),
            StubAnswer::Lost => "is lost".into(),
        };
        let then = if n == 0 { "" } else { " then" };
        let _ = write!(text, "{then} {said}{}", after(time));
    }
    Some(text)
}

/// `a.b(1, _)`: with arguments, if any are given.
fn call(program: &Program, action: ActionId, args: Option<&[Option<Value>]>) -> Option<String> {
    let action = program.actions.get(action.0 as usize)?;
    called_with(program, action.full_name(), &action.params, args)
}

fn called_with(
    program: &Program,
    name: String,
    params: &[(String, Type)],
    args: Option<&[Option<Value>]>,
) -> Option<String> {
    let Some(args) = args else { return Some(name) };
    let arg = |((_, ty), arg): (&(String, Type), &Option<Value>)| match arg {
        Some(value) => literal(value, ty, &program.types),
        None => Some("_".into()),
    };
    let args: Option<Vec<_>> = params.iter().zip(args).map(arg).collect();
    Some(format!("{name}({})", args?.join(", ")))
}

fn after(time: SignedDuration) -> String {
    if time.is_zero() {
        return String::new();
    }
    format!(" after {}", span(time))
}

fn span(time: SignedDuration) -> String {
    convert::display(&Value::Duration(time), &Type::Duration, &play_program::TypeTable::with_builtins())
}

/// The actions that a run called, by name.
pub fn called(result: &TestResult) -> BTreeSet<String> {
    Lines::of(result).called
}

/// What the lines of a run say.
#[derive(Default)]
struct Lines {
    /// The actions that were called.
    called: BTreeSet<String>,
    /// `refused a.b by guard g`
    refused: BTreeSet<String>,
    in_doubt: Option<String>,
}

impl Lines {
    fn of(result: &TestResult) -> Self {
        let mut all = Self::default();
        let parsed: Vec<ParsedLine> =
            result.lines.iter().filter_map(|l| ParsedLine::parse(&l.bytes).ok()).collect();
        let text = |line: &ParsedLine, name: &str| match line.field(name) {
            Some(J::Str(s)) => Some(s.clone()),
            _ => None,
        };
        let action_of = |line: &ParsedLine| {
            let Some(J::Int(of)) = line.field("of") else { return None };
            let asked = parsed.iter().find(|l| i64::try_from(l.seq) == Ok(*of))?;
            text(asked, "action")
        };
        for line in &parsed {
            match line.k.as_str() {
                "read.asked" | "act.intended" => all.called.extend(text(line, "action")),
                "guard.refused" => {
                    if let (Some(action), Some(guard)) = (action_of(line), text(line, "guard")) {
                        all.refused.insert(format!("refused {action} by guard {guard}"));
                    }
                }
                "act.in_doubt" => all.in_doubt = action_of(line).or(all.in_doubt.take()),
                // It was sent again, or looked up.
                "retry.scheduled" | "act.verified" => all.in_doubt = None,
                _ => {}
            }
        }
        all
    }
}
