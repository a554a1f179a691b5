//! Code as text, for people: one line an instruction or task.

use std::fmt::Write as _;

use super::{
    Arm, Block, ChangeKind, Code, Computed, Constant, Entry, Guard, Input, Instr, JsonNode, Operand, Outs,
    PathPart, Playbook, TaskId, TaskKind,
};
use crate::action::Action;
use crate::artifact::Manifest;
use crate::builtin;
use crate::call::{Call, Suspend, Terms, Turn};
use crate::convert;
use crate::guard::{ClauseKind, Otherwise};
use crate::types::{Type, TypeTable};

impl Code {
    /// All code as text. Control characters of the source are escaped.
    #[must_use]
    pub fn listing(&self, manifest: &Manifest) -> String {
        let mut list = Listing { code: self, manifest, text: String::new() };
        list.all();
        list.text
    }
}

/// How many persons it takes, where it is more than one.
fn count(needed: u32) -> String {
    if needed == 1 { String::new() } else { format!("{needed} of ") }
}

/// Whether it takes others than those who have had a say already.
fn others(distinct: bool) -> &'static str {
    if distinct { "others of " } else { "" }
}

/// Who is asked when nobody has decided.
fn turns(then: &[Turn]) -> String {
    then.iter().map(|t| format!(" then {} within {:#}", t.to, t.within)).collect()
}

struct Listing<'a> {
    code: &'a Code,
    manifest: &'a Manifest,
    text: String,
}

fn terms(own: &Terms) -> String {
    let retry = own.retry.map(|r| format!(" retry {} backoff {:#}", r.times, r.backoff));
    let timeout = own.timeout.map(|t| format!(" timeout {t:#}"));
    let hold = own.hold.map(|t| format!(" for {t:#}"));
    let for_good = own.irreversible.as_ref().map(|why| format!(" irreversible because {why:?}"));
    [retry, timeout, hold, for_good].into_iter().flatten().collect()
}

impl Listing<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.text, "{:1$}{text}", "", depth.saturating_mul(2));
    }

    fn all(&mut self) {
        let code = self.code;
        for (n, function) in code.fns.iter().enumerate() {
            self.line(0, &format!("fn {n} {}", function.name));
            self.block(1, &function.block);
        }
        for (n, global) in code.globals.iter().enumerate() {
            self.line(0, &format!("const {n} {}", global.name));
            self.block(1, &global.block);
        }
        for (action, code) in self.manifest.actions.iter().zip(&code.actions) {
            self.line(0, &format!("action {}", action.full_name()));
            for part in &code.path {
                match part {
                    PathPart::Text(text) => self.line(1, &format!("path {text:?}")),
                    PathPart::Value(value) => self.computed(1, "path", value),
                }
            }
            for (name, value) in &code.query {
                self.computed(1, &format!("query {name:?}"), value);
            }
            for (name, value) in &code.headers {
                self.computed(1, &format!("header {name:?}"), value);
            }
            for (n, node) in code.json.iter().enumerate() {
                match node {
                    JsonNode::Object(members) => self.line(1, &format!("json {n} object {members:?}")),
                    JsonNode::List(items) => self.line(1, &format!("json {n} list {items:?}")),
                    JsonNode::Value(value) => self.computed(1, &format!("json {n}"), value),
                }
            }
            for (status, block) in action.statuses.iter().zip(&code.respond) {
                self.line(1, &format!("expect {status}"));
                match block {
                    Some(block) => self.block(2, block),
                    None => self.line(2, "nothing"),
                }
            }
        }
        for (source, code) in self.manifest.sources.iter().zip(&code.sources) {
            self.line(0, &format!("source {}", source.name));
            for block in &code.accept {
                self.line(1, "accept");
                self.block(2, block);
            }
            if let Some(key) = &code.dedup {
                self.computed(1, "dedup", key);
            }
            for (slot, block) in &code.map {
                let name = self.field(source.case.0, *slot);
                self.line(1, &format!("map {name}"));
                self.block(2, block);
            }
        }
        for (playbook, code) in self.manifest.playbooks.iter().zip(&code.playbooks) {
            self.line(0, &format!("playbook {}", playbook.name));
            if let Some(when) = &code.when {
                self.line(1, &format!("when{}", inputs(when)));
                self.block(2, &when.block);
            }
            self.region(1, code, 0, playbook.case.0);
            for (n, until) in code.untils.iter().enumerate() {
                self.line(1, &format!("until u{n}{}", inputs(&until.entry)));
                self.block(2, &until.entry.block);
            }
        }
        for (event, code) in self.manifest.events.iter().zip(&code.events) {
            self.line(0, &format!("event {}", event.full_name()));
            self.line(1, "accept");
            self.block(2, &code.accept);
            for ((name, _), key) in event.params.iter().zip(&code.keys) {
                self.line(1, &format!("match {name}"));
                self.block(2, key);
            }
            if let Some(gives) = &code.gives {
                self.line(1, "gives");
                self.block(2, gives);
            }
        }
        for (guard, code) in self.manifest.guards.iter().zip(&code.guards) {
            self.line(0, &format!("guard {}", guard.name));
            for (clause, condition) in guard.clauses.iter().zip(&code.clauses) {
                let said = match &clause.kind {
                    ClauseKind::Never => "never".to_string(),
                    ClauseKind::Limit { most, window } => format!("limit {most} per {window:#}"),
                    ClauseKind::Allow { .. } => "allow".to_string(),
                };
                let from = condition.as_ref().map(|c| inputs(&c.entry)).unwrap_or_default();
                self.line(1, &format!("{said}{from}"));
                if let Some(condition) = condition {
                    self.block(2, &condition.entry.block);
                }
            }
            let otherwise = match &guard.otherwise {
                Otherwise::Refuse => "else refuse".to_string(),
                Otherwise::Approval { from, needed, within, then, distinct, .. } => {
                    let from = format!("{}{}{from}", others(*distinct), count(*needed));
                    format!("else approval {from} within {within:#}{}", turns(then))
                }
            };
            self.line(1, &otherwise);
        }
    }

    /// What stands before and behind the arguments of a call.
    fn call(&self, call: &Call) -> (String, String) {
        let name = |id| self.manifest.action(id).map_or_else(|| "?".into(), Action::full_name);
        match call {
            Call::Read(id, own) => (format!("read {}", name(*id)), terms(own)),
            Call::Act(id, own) => (format!("do {}", name(*id)), terms(own)),
            Call::Suspend(Suspend::Pause(time)) => (format!("wait {time:#}"), String::new()),
            Call::Suspend(Suspend::Approve(wanted)) => {
                let from = format!("{}{}", others(wanted.distinct), count(wanted.needed));
                let from =
                    format!(" from {from}{} within {:#}{}", wanted.from, wanted.within, turns(&wanted.then));
                (format!("approve {}", name(wanted.action)), from)
            }
            Call::Suspend(Suspend::Poll(poll)) => {
                let until = poll.until.map(|(n, _)| format!(" until u{n}")).unwrap_or_default();
                let said = format!(" every {:#}{until} within {:#}", poll.every, poll.within);
                (format!("wait {}", name(poll.action)), said)
            }
            Call::Suspend(Suspend::Event(wanted)) => {
                let event = self.manifest.events.get(wanted.event as usize);
                let name = event.map_or_else(|| "?".into(), crate::artifact::Event::full_name);
                (format!("wait {name}"), format!(" within {:#}", wanted.within))
            }
            Call::Suspend(Suspend::Ask(question)) => {
                let choices = self.manifest.types.enumeration(question.choices);
                let choices = choices.map(|c| c.variants.join(" ")).unwrap_or_default();
                let within =
                    format!(" {{ {choices} }} within {:#}{}", question.within, turns(&question.then));
                (format!("ask {}", question.to), within)
            }
        }
    }

    fn field(&self, record: u32, slot: u16) -> String {
        let field =
            self.manifest.types.records.get(record as usize).and_then(|r| r.fields.get(usize::from(slot)));
        field.map_or_else(|| format!("field {slot}"), |f| f.name.clone())
    }

    fn computed(&mut self, depth: usize, head: &str, value: &Computed) {
        self.line(depth, &format!("{head}: {}", self.manifest.types.name(&value.ty)));
        self.block(depth.saturating_add(1), &value.block);
    }

    fn block(&mut self, depth: usize, block: &Block) {
        for (pc, instr) in block.code.iter().enumerate() {
            let text = self.instr(block, *instr);
            self.line(depth, &format!("{pc:>3} {text}"));
        }
    }

    fn ty(&self, block: &Block, index: u16) -> String {
        block.types.get(usize::from(index)).map_or_else(|| "?".into(), |t: &Type| self.manifest.types.name(t))
    }

    fn instr(&self, block: &Block, instr: Instr) -> String {
        let constant = |index: u16| block.consts.get(usize::from(index)).map_or_else(|| "?".into(), constant);
        let run = |first: u16, count: u16| {
            let regs: Vec<String> = (0..count).map(|n| format!("r{}", first.saturating_add(n))).collect();
            regs.join(" ")
        };
        match instr {
            Instr::Const { dst, index } => format!("r{dst} = {}", constant(index)),
            Instr::Global { dst, index } => {
                let name = self.code.globals.get(index as usize).map_or("?", |g| g.name.as_str());
                format!("r{dst} = const {name}")
            }
            Instr::Move { dst, src } => format!("r{dst} = r{src}"),
            Instr::Field { dst, src, slot } => format!("r{dst} = r{src}.{slot}"),
            Instr::OptField { dst, src, slot } => format!("r{dst} = r{src}?.{slot}"),
            Instr::Builtin { dst, id, first, count, receiver } => {
                let name = builtin::get(id).map_or("?", |b| b.name);
                format!("r{dst} = {}.{name} {}", self.ty(block, receiver), run(first, count))
            }
            Instr::Op { op, dst, left, right } => {
                format!("r{dst} = {} r{left} r{right}", format!("{op:?}").to_lowercase())
            }
            Instr::Matches { dst, text, pattern } => {
                format!("r{dst} = matches r{text} {}", constant(pattern))
            }
            Instr::Is { dst, src, index } => format!("r{dst} = is r{src} {}", constant(index)),
            Instr::Within { dst, src, low, high } => {
                format!("r{dst} = within r{src} {} {}", constant(low), constant(high))
            }
            Instr::Neg { dst, src } => format!("r{dst} = neg r{src}"),
            Instr::Not { dst, src } => format!("r{dst} = not r{src}"),
            Instr::Call { dst, function, first, count } => {
                let name = self.code.fns.get(function as usize).map_or("?", |f| f.name.as_str());
                format!("r{dst} = call {name} {}", run(first, count))
            }
            Instr::Record { dst, first, count } => format!("r{dst} = record {}", run(first, count)),
            Instr::List { dst, first, count } => format!("r{dst} = list {}", run(first, count)),
            Instr::Map { dst, first, count } => format!("r{dst} = map {}", run(first, count)),
            Instr::Text { dst, src, ty } => format!("r{dst} = text r{src}: {}", self.ty(block, ty)),
            Instr::Concat { dst, first, count } => format!("r{dst} = concat {}", run(first, count)),
            Instr::Key { dst, src, key } => format!("r{dst} = key r{src} {}", constant(key)),
            Instr::Index { dst, src, index } => format!("r{dst} = index r{src} r{index}"),
            Instr::Exists { dst, src } => format!("r{dst} = exists r{src}"),
            Instr::Convert { dst, src, ty, or } => {
                format!("r{dst} = convert r{src}: {} or {or}", self.ty(block, ty))
            }
            Instr::Jump { to } => format!("jump {to}"),
            Instr::JumpIf { cond, is, to } => format!("jump {to} if {}r{cond}", if is { "" } else { "not " }),
            Instr::JumpIfNone { src, is, to } => {
                format!("jump {to} if r{src} is {}", if is { "none" } else { "there" })
            }
            Instr::Begin { list } => format!("begin l{list}"),
            Instr::Push { list, src } => format!("push l{list} r{src}"),
            Instr::Finish { dst, list } => format!("r{dst} = finish l{list}"),
            Instr::Start { counter } => format!("start c{counter}"),
            Instr::Next { item, list, counter, end } => format!("r{item} = next r{list} c{counter} or {end}"),
            Instr::Again { to } => format!("again {to}"),
            Instr::Fail => "fail".into(),
            Instr::Mark { at, arm } => format!("mark {at}.{arm}"),
            Instr::FailAbsent => "fail absent".into(),
            Instr::Return { src } => format!("return r{src}"),
        }
    }

    fn region(&mut self, depth: usize, playbook: &Playbook, region: u32, case: u32) {
        if playbook.regions.get(region as usize).is_some_and(|r| !r.tasks.is_empty()) {
            self.task(depth, playbook, region, 0, case);
        }
    }

    fn task(&mut self, depth: usize, playbook: &Playbook, region: u32, id: TaskId, case: u32) {
        let Some(task) = playbook.regions.get(region as usize).and_then(|r| r.tasks.get(id as usize)) else {
            return;
        };
        let deeper = depth.saturating_add(1);
        let (head, labels) = self.head(playbook, task, case);
        let mut marks = String::new();
        if task.ordered {
            marks.push_str(" ordered");
        }
        if task.barrier {
            marks.push_str(" barrier");
        }
        if !task.sets.is_empty() {
            let fields: Vec<String> = task.sets.iter().map(|s| self.field(case, *s)).collect();
            let _ = write!(marks, " sets {}", fields.join(", "));
        }
        let marks = if marks.is_empty() { marks } else { format!("  --{marks}") };
        self.line(depth, &format!("{head}{marks}"));
        if let TaskKind::Eval { entry, .. } = &task.kind {
            self.block(deeper, &entry.block);
        }
        // Children stand after their parents, so this ends, in a damaged artifact too.
        for (n, child) in task.kind.children().into_iter().enumerate() {
            if child <= id {
                continue;
            }
            match labels.get(n) {
                Some(label) => {
                    self.line(deeper, label);
                    self.task(deeper.saturating_add(1), playbook, region, child, case);
                }
                None => self.task(deeper, playbook, region, child, case),
            }
        }
        if let TaskKind::For { region: inner, .. } = &task.kind
            && *inner > region
        {
            self.region(deeper, playbook, *inner, case);
        }
    }

    /// A task's first line, and the labels of its children where they need one.
    fn head(&self, playbook: &Playbook, task: &super::Task, case: u32) -> (String, Vec<String>) {
        let to = |out: &Option<u16>| out.map_or_else(String::new, |s| format!(" -> s{s}"));
        let words = |w: &[&str]| w.iter().map(|w| (*w).to_string()).collect::<Vec<_>>();
        match &task.kind {
            TaskKind::Eval { entry, outs } => {
                let outs = match outs {
                    Outs::None => String::new(),
                    Outs::One(slot) => format!(" -> s{slot}"),
                    Outs::Spread(slots) => {
                        let slots: Vec<String> = slots.iter().map(|s| format!("s{s}")).collect();
                        format!(" -> [{}]", slots.join(" "))
                    }
                };
                (format!("eval{}{outs}", inputs(entry)), Vec::new())
            }
            TaskKind::All { .. } => ("all".into(), Vec::new()),
            TaskKind::Seq { .. } => ("seq".into(), Vec::new()),
            TaskKind::Short { and, left_slot, right_slot, out, .. } => {
                let name = if *and { "and" } else { "or" };
                (format!("{name} s{left_slot} s{right_slot} -> s{out}"), words(&["left", "right"]))
            }
            TaskKind::Else { guard, from, out, .. } => {
                (format!("else s{from} {}{}", missing(*guard), to(out)), words(&["value", "arm"]))
            }
            TaskKind::If { is, parts, .. } => {
                let parts: Vec<String> = parts.iter().map(|p| format!("s{}", p.is)).collect();
                (format!("if s{is} parts [{}]", parts.join(" ")), words(&["test", "then", "else"]))
            }
            TaskKind::IfLet { guard, from, var, .. } => {
                (format!("if let s{var} = s{from} {}", missing(*guard)), words(&["value", "then", "else"]))
            }
            TaskKind::Match { from, arms, .. } => {
                let label = |a: &Arm| {
                    let label: String = a.label.chars().flat_map(char::escape_debug).collect();
                    format!("arm {label}")
                };
                let labels = std::iter::once("value".to_string()).chain(arms.iter().map(label)).collect();
                (format!("match s{from}"), labels)
            }
            TaskKind::For { from, region, var, gives, out, .. } => {
                let gives = gives.map_or_else(String::new, |s| format!(" gives s{s}"));
                (format!("for s{var} in s{from} region {region}{gives}{}", to(out)), words(&["list"]))
            }
            TaskKind::Effect { site, args, out, .. } => {
                let args: Vec<String> = args.iter().map(operand).collect();
                let call = playbook.sites.get(*site as usize).map(|s| self.call(&s.call));
                let (head, tail) = call.unwrap_or_else(|| ("?".into(), String::new()));
                (format!("{head}({}){tail} -> s{out}", args.join(", ")), Vec::new())
            }
            TaskKind::Step { name, failure, .. } => {
                let failure = failure.map_or_else(String::new, |s| format!(" failure s{s}"));
                (format!("step {}{failure}", name.escape_debug()), words(&["body", "else"]))
            }
            TaskKind::FailStep { from } => (format!("fail the step with s{from}"), Vec::new()),
            TaskKind::Rollback { because, out, .. } => {
                (format!("rollback because {} -> s{out}", operand(because)), Vec::new())
            }
            TaskKind::Change { change, .. } => {
                let text = operand(&change.text);
                let head = match &change.kind {
                    ChangeKind::Set { slot, value } => {
                        format!("set {} = {} because {text}", self.field(case, *slot), operand(value))
                    }
                    ChangeKind::Note => format!("note {text}"),
                    ChangeKind::Revealed => format!("revealed because {text}"),
                    ChangeKind::Route { to } => format!("route to {} because {text}", to.escape_debug()),
                    ChangeKind::HandOver { to } => {
                        format!("hand over to {} because {text}", to.escape_debug())
                    }
                    ChangeKind::Close { class } => {
                        let class = self.manifest.types.variant(TypeTable::CLOSURE, *class).unwrap_or("?");
                        format!("close {class} because {text}")
                    }
                };
                (head, Vec::new())
            }
        }
    }
}

fn missing(guard: Guard) -> &'static str {
    match guard {
        Guard::Absent => "absent",
        Guard::Failed => "failed",
    }
}

fn input(input: &Input) -> String {
    match input {
        Input::Local { up: 0, slot } => format!("s{slot}"),
        Input::Local { up, slot } => format!("s{slot}^{up}"),
        Input::Case(slot) => match crate::config::field(usize::from(*slot)) {
            Some(field) => format!("config.{field}"),
            None => format!("case.{slot}"),
        },
    }
}

fn inputs(entry: &Entry) -> String {
    let all: Vec<String> = entry.inputs.iter().map(input).collect();
    format!("({})", all.join(" "))
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Input(from) => input(from),
        Operand::Const(value) => constant(value),
    }
}

fn constant(value: &Constant) -> String {
    let shown = |ty: Type| convert::display(&value.value(), &ty, &TypeTable::default());
    match value {
        Constant::None => "none".into(),
        Constant::Bool(b) => b.to_string(),
        Constant::Int(n) => n.to_string(),
        Constant::Float(bits) => format!("{:?}", f64::from_bits(*bits)),
        Constant::Str(text) => format!("{text:?}"),
        Constant::Regex(text) => format!("regex {text:?}"),
        Constant::Time(_) => shown(Type::Time),
        Constant::Duration(_) => shown(Type::Duration),
        Constant::Size(_) => shown(Type::Size),
        Constant::Ip(ip) => ip.to_string(),
        Constant::Cidr(net) => net.to_string(),
        Constant::Enum(tag) => format!("member {tag}"),
        Constant::Bytes(_) => shown(Type::Bytes),
        Constant::Date(_) => shown(Type::Date),
        Constant::Version(text) => format!("version {text}"),
    }
}
