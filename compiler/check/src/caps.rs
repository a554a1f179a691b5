//! What the playbooks of a program may do, as text: one line an action, in an order that does not depend on where it is written.
//! The difference between two such texts is what a review of a change has to look at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use play_program::autonomy::Autonomy;
use play_program::config;
use play_program::convert::{display, to_recorded};
use play_program::guard::Otherwise;
use play_program::types::{Type, TypeTable};
use play_program::value::Value;

use crate::coverage::{self, Bound, Write};
use crate::typed::{Expr, ExprKind, Program, Suspend};

/// The text. It ends with a line end.
#[must_use]
pub fn text(program: &Program) -> String {
    let mut lines: BTreeSet<String> = BTreeSet::new();
    let writes = coverage::writes(program);
    let mut used = Used::default();
    for (index, playbook) in program.playbooks.iter().enumerate() {
        let name = &playbook.name;
        let case = program.types.record(playbook.case).map_or("?", |r| r.name.as_str());
        let when = playbook.when.as_ref().map(|w| format!(" when {}", coverage::text(program, w.expr.at)));
        lines.insert(format!("{name}  takes {case}{}", when.unwrap_or_default()));
        lines.extend(driven(program, index).map(|how| format!("{name}  {how}")));
        if !playbook.controls.is_empty() {
            lines.insert(format!("{name}  controls {}", playbook.controls.join(", ")));
        }
        for behind in playbook.before.iter().filter_map(|at| program.playbooks.get(*at)) {
            lines.insert(format!("{name}  before {}", behind.name));
        }
        if let Some(when) = &playbook.when {
            used.look(program, &when.expr);
        }
        others(program, name, &playbook.body.expr, &mut lines);
        let mut by_action: BTreeMap<u32, Vec<&Write>> = BTreeMap::new();
        for write in writes.iter().filter(|w| w.playbook == index) {
            by_action.entry(write.action.0).or_default().push(write);
        }
        for (action, writes) in by_action {
            lines.extend(act(program, name, action, &writes));
        }
    }
    for guard in &program.guards {
        for condition in guard.conditions.iter().flatten() {
            used.look(program, &condition.expr);
        }
    }
    // What a condition rests on can weaken it as well as the condition itself.
    for at in &used.consts {
        if let Some(constant) = program.consts.get(*at) {
            let value = coverage::text(program, constant.body.expr.at);
            lines.insert(format!("const {} = {value}", constant.name));
        }
    }
    for at in &used.fns {
        if let Some(function) = program.fns.get(*at) {
            let body = coverage::text(program, function.body.expr.at);
            lines.insert(format!("fn {} {body}", function.name));
        }
    }
    for field in &used.config {
        lines.extend(configured(program, *field));
    }
    let mut text = String::from("# What each playbook may do. Written by `playc caps`.\n");
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// How far it may go by itself, where its guards are not all that decides.
fn driven(program: &Program, playbook: usize) -> Option<String> {
    match program.autonomy.get(playbook)? {
        Autonomy::Automatic => None,
        Autonomy::Shadow => Some("shadow: does nothing".into()),
        Autonomy::Supervised { from, within } => {
            let within = display(&Value::Duration(*within), &Type::Duration, &TypeTable::with_builtins());
            Some(format!("supervised: every write asks {from} within {within}"))
        }
    }
}

/// The line of one action in one playbook.
fn act(program: &Program, playbook: &str, action: u32, writes: &[&Write]) -> Option<String> {
    let spec = program.actions.get(action as usize)?;
    let class = spec.class.as_deref().unwrap_or("change");
    let mut line = format!("{playbook}  do {}  class {class}  at most {}", spec.full_name(), often(writes));
    line.push_str(&ends(writes));
    let guards: BTreeSet<usize> = writes.iter().flat_map(|w| w.guards.iter().map(|(g, _)| *g)).collect();
    for guard in guards {
        let spec = &program.guards.get(guard)?.spec;
        line.push_str(&format!("  guard {}: {}", spec.name, coverage::guard_text(program, guard)));
        if let Otherwise::Approval { distinct: is, .. } = &spec.otherwise {
            line.push_str(distinct(*is));
        }
    }
    if writes.iter().all(|w| w.guards.is_empty())
        && coverage::needs_guard(program, play_program::action::ActionId(action))
    {
        line.push_str("  WITHOUT A GUARD");
    }
    Some(line)
}

/// How long what these do stays: `  for 4h`, `  for 4h or irreversible`; nothing where none of them says.
fn ends(writes: &[&Write]) -> String {
    let times: BTreeSet<SignedDuration> = writes.iter().filter_map(|w| w.hold).collect();
    let mut ends: Vec<String> = times
        .iter()
        .map(|time| {
            format!("for {}", display(&Value::Duration(*time), &Type::Duration, &TypeTable::with_builtins()))
        })
        .collect();
    if writes.iter().any(|w| w.irreversible.is_some()) {
        ends.push("irreversible".into());
    }
    if !ends.is_empty() && writes.iter().any(|w| w.hold.is_none() && w.irreversible.is_none()) {
        ends.push("without an end".into());
    }
    if ends.is_empty() { String::new() } else { format!("  {}", ends.join(" or ")) }
}

/// The values that the project has for a part of its configuration.
fn configured(program: &Program, field: usize) -> Vec<String> {
    let Some(config) = &program.config else { return Vec::new() };
    let Some(of) = program.types.record(config.record).and_then(|r| r.fields.get(field)) else {
        return Vec::new();
    };
    let find = |given: &[(usize, Value)]| {
        let value = given.iter().find(|(at, _)| *at == field).map(|(_, value)| value)?;
        Some(to_recorded(value, &of.ty, &program.types).to_string())
    };
    let default = config.defaults.get(field).and_then(Option::as_ref);
    let default = default.map(|body| coverage::text(program, body.expr.at));
    let mut lines: Vec<String> = Vec::new();
    for (environment, given) in &config.environments {
        lines.extend(find(given).map(|value| format!("config {} = {value}  in {environment}", of.name)));
    }
    match find(&config.given).or(default) {
        Some(value) => lines.push(format!("config {} = {value}", of.name)),
        None if lines.is_empty() => lines.push(format!("config {} is not given", of.name)),
        None => {}
    }
    lines
}

/// How often all of these can happen together.
fn often(writes: &[&Write]) -> String {
    let mut times = 0_u64;
    let mut each = BTreeSet::new();
    for write in writes {
        match &write.bound {
            Bound::Times(n) => times = times.saturating_add(*n),
            other => {
                each.insert(other.text());
            }
        }
    }
    let fixed = (times > 0 || each.is_empty()).then(|| times.to_string());
    fixed.into_iter().chain(each).collect::<Vec<_>>().join(" + ")
}

/// What is waited for, and who is asked.
fn suspended(program: &Program, playbook: &str, what: &Suspend, lines: &mut BTreeSet<String>) {
    match what {
        Suspend::Event(wanted) => {
            if let Some(event) = program.events.get(wanted.event as usize) {
                lines.insert(format!("{playbook}  wait for {}", event.spec.full_name()));
            }
        }
        Suspend::Poll(poll) => {
            if let Some(spec) = program.actions.get(poll.action.0 as usize) {
                lines.insert(format!("{playbook}  read {}", spec.full_name()));
            }
        }
        Suspend::Approve(wanted) => {
            if let Some(spec) = program.actions.get(wanted.action.0 as usize) {
                let who = format!("{}{}{}", persons(wanted.needed), wanted.from, later(&wanted.then));
                let who = format!("{who}{}", distinct(wanted.distinct));
                lines.insert(format!("{playbook}  ask {who} to approve {}", spec.full_name()));
            }
        }
        Suspend::Ask(question) => {
            lines.insert(format!("{playbook}  ask {}{}", question.to, later(&question.then)));
        }
        Suspend::Pause(_) => {}
    }
}

/// Reads, and whom the case is given to.
fn others(program: &Program, playbook: &str, e: &Expr, lines: &mut BTreeSet<String>) {
    match &e.kind {
        ExprKind::Read(action, ..) => {
            if let Some(spec) = program.actions.get(action.0 as usize) {
                lines.insert(format!("{playbook}  read {}", spec.full_name()));
            }
        }
        ExprKind::Suspend(what, _) => suspended(program, playbook, what, lines),
        ExprKind::HandOver { to, .. } => {
            lines.insert(format!("{playbook}  hand over to {to}"));
        }
        ExprKind::Route { to, .. } => {
            lines.insert(format!("{playbook}  route to {to}"));
        }
        ExprKind::Rollback { .. } => {
            lines.insert(format!("{playbook}  rollback"));
        }
        _ => {}
    }
    for part in e.parts() {
        others(program, playbook, part, lines);
    }
}

/// How many persons it takes, where it is more than one.
fn persons(needed: u32) -> String {
    if needed == 1 { String::new() } else { format!("{needed} of ") }
}

/// Whether it takes others than those who have had a say already.
fn distinct(is: bool) -> &'static str {
    if is { ", distinct" } else { "" }
}

/// Who is asked when nobody has decided.
fn later(then: &[play_program::call::Turn]) -> String {
    then.iter().map(|t| format!(", then {}", t.to)).collect()
}

/// The constants, functions and configured values that conditions rest on.
#[derive(Default)]
struct Used {
    consts: BTreeSet<usize>,
    fns: BTreeSet<usize>,
    config: BTreeSet<usize>,
}

impl Used {
    fn look(&mut self, program: &Program, e: &Expr) {
        match &e.kind {
            ExprKind::CaseField(slot) => self.config.extend(config::field(*slot)),
            ExprKind::Const(at) if self.consts.insert(*at) => {
                if let Some(constant) = program.consts.get(*at) {
                    self.look(program, &constant.body.expr);
                }
            }
            ExprKind::Call(at, _) if self.fns.insert(*at) => {
                if let Some(function) = program.fns.get(*at) {
                    self.look(program, &function.body.expr);
                }
            }
            _ => {}
        }
        for part in e.parts() {
            self.look(program, part);
        }
    }
}
