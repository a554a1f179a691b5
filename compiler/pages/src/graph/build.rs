//! From the tree of a playbook to its picture.

use play_syntax::ast::{
    Arm as MatchArm, BinaryOp, Block, Cond, Expr, ExprKind, Name, PlaybookDecl, Span, Stmt, StmtKind,
};

use super::ends::{asks, only_reads, shows};
use super::facts::Facts;
use super::locals::captures;
use super::names::Names;
use super::parts::{any, condition, expr_of, parts};
use super::words::{self, Called, called, plain, source, told};
use super::{Arm, Graph, Kind, Node, NodeId, Region, Said};
use crate::page::{Inline, Inlines};

/// How deep procedures are shown in each other. The checker allows no more.
const DEEPEST: usize = 16;

/// The picture of a playbook. It is made of what is written, so it is also there for one with mistakes.
#[must_use]
pub fn playbook(facts: &Facts, decl: &PlaybookDecl) -> Graph {
    let mut build =
        Build { facts, case: &decl.case, nodes: Vec::new(), inside: Vec::new(), names: Names::default() };
    let when = decl.when.as_ref();
    let notes = when.map(|e| format!("when {}", source(facts, e.span))).into_iter().collect();
    let start = build.node(Kind::Start, decl.name.span, decl.case.text.as_str().to_string(), notes);
    let mut all = vec![Region::Node(start)];
    all.push(build.block(&decl.body));
    let root = Region::Seq(all);
    let edges = super::wire::edges(&root, &build.nodes);
    let data = build.names.data();
    Graph { name: decl.name.text.as_str().to_string(), nodes: build.nodes, root, edges, data }
}

struct Build<'a> {
    facts: &'a Facts<'a>,
    /// The case type of the playbook: it says which guards cover its acts.
    case: &'a Name,
    nodes: Vec<Node>,
    /// The procedures that are being shown, one in the other: where their names stand.
    inside: Vec<Span>,
    names: Names,
}

impl Build<'_> {
    fn node(&mut self, kind: Kind, at: Span, title: String, notes: Vec<String>) -> NodeId {
        let place = self.facts.place(at);
        let id = self.nodes.len();
        let said = Said { title: words_of(&title), notes: notes.iter().map(|n| words_of(n)).collect() };
        self.nodes.push(Node { kind, title, notes, gives: Vec::new(), place, calls: None, said });
        id
    }

    /// The same, of an expression that speaks of names.
    fn speaks(&mut self, kind: Kind, of: &Expr, title: String, notes: Vec<String>) -> NodeId {
        let id = self.node(kind, of.span, title, notes);
        self.names.needs(id, of);
        id
    }

    fn gives(&mut self, id: NodeId, name: Option<&Name>) {
        if let (Some(node), Some(name)) = (self.nodes.get_mut(id), name) {
            node.gives.push(name.text.as_str().to_string());
            self.names.gives(id, name);
        }
    }

    fn notes(&mut self, id: NodeId, notes: impl IntoIterator<Item = String>) {
        if let Some(node) = self.nodes.get_mut(id) {
            for note in notes {
                node.said.notes.push(words_of(&note));
                node.notes.push(note);
            }
        }
    }

    fn block(&mut self, block: &Block) -> Region {
        let outside = self.names.enter();
        let mut out = Vec::new();
        let mut group: Vec<&Stmt> = Vec::new();
        for stmt in &block.stmts {
            let e = expr_of(&stmt.kind);
            let reads = asks(self.facts, e) && only_reads(self.facts, e);
            if !reads || speaks_of(e, &group) {
                self.group(&mut group, &mut out);
            }
            if reads {
                group.push(stmt);
            } else {
                self.stmt(stmt, &mut out);
            }
        }
        self.group(&mut group, &mut out);
        self.names.leave(outside);
        Region::Seq(out)
    }

    /// Reads that stand one after the other and do not need each other are asked at once.
    fn group(&mut self, group: &mut Vec<&Stmt>, out: &mut Vec<Region>) {
        let all = std::mem::take(group);
        let (Some(first), true) = (all.first(), all.len() > 1) else {
            for stmt in all {
                self.stmt(stmt, out);
            }
            return;
        };
        let head = self.node(Kind::AtOnce, first.span, format!("{} questions", all.len()), Vec::new());
        let mut members = Vec::new();
        for stmt in &all {
            let mut member = Vec::new();
            self.stmt(stmt, &mut member);
            members.push(Region::Seq(member));
        }
        let tail = self.node(Kind::Answered, first.span, String::new(), Vec::new());
        out.push(Region::AtOnce { head, members, tail });
    }

    fn stmt(&mut self, stmt: &Stmt, out: &mut Vec<Region>) {
        let e = expr_of(&stmt.kind);
        let name = match &stmt.kind {
            StmtKind::Let { name, .. } => Some(name).filter(|n| n.text != "_"),
            StmtKind::Expr(_) => None,
        };
        if shows(self.facts, e) {
            self.expr(e, name, out);
        } else if let Some(name) = name {
            self.compute(e, name, out);
        }
        name.into_iter().for_each(|name| self.names.knows(name));
        // What a block gives is read off its last line, and has no box.
    }

    /// Names that are computed one after the other share a box.
    fn compute(&mut self, e: &Expr, name: &Name, out: &mut Vec<Region>) {
        let title = format!("{} = {}", name.text, source(self.facts, e.span));
        if let Some(Region::Node(last)) = out.last() {
            let last = *last;
            if self.kind(last) == Kind::Compute {
                self.notes(last, [title]);
                self.names.needs(last, e);
                self.gives(last, Some(name));
                return;
            }
        }
        let id = self.speaks(Kind::Compute, e, title, Vec::new());
        self.gives(id, Some(name));
        out.push(Region::Node(id));
    }

    fn region(&mut self, e: &Expr) -> Region {
        let mut out = Vec::new();
        if shows(self.facts, e) {
            self.expr(e, None, &mut out);
        }
        Region::Seq(out)
    }

    /// What is inside of something that has a box, and has boxes of its own.
    fn inside<'e>(&mut self, all: impl IntoIterator<Item = &'e Expr>, out: &mut Vec<Region>) {
        for e in all {
            if shows(self.facts, e) {
                self.expr(e, None, out);
            }
        }
    }

    /// An expression in which something has a box.
    fn expr(&mut self, e: &Expr, gives: Option<&Name>, out: &mut Vec<Region>) {
        use ExprKind as K;
        if let Some(id) = self.call(e, gives, out) {
            out.push(Region::Node(id));
            return;
        }
        match &e.kind {
            K::Else { value, arm } => self.handled(value, arm, gives, out),
            K::Try(value) => self.expr(value, gives, out),
            K::Block(block) => {
                let region = self.block(block);
                out.push(region);
            }
            K::If { cond, then, other } => self.decision(cond, then, other.as_deref(), gives, out),
            K::Match { value, arms } => self.choice(e, value, arms, gives, out),
            K::For { var, list, body } => {
                self.inside([&**list], out);
                let title = format!("{} in {}", var.text, source(self.facts, list.span));
                let head = self.speaks(Kind::Each, list, title, Vec::new());
                self.gives(head, Some(var));
                let outside = self.names.enter();
                self.names.knows(var);
                let body = Box::new(self.block(body));
                self.names.leave(outside);
                let tail = self.node(Kind::Next, e.span, var.text.as_str().to_string(), Vec::new());
                self.gives(tail, gives);
                out.push(Region::Frame { head, body, tail: Some(tail), fails: None });
            }
            K::Step { name, body, other } => {
                let head = self.node(Kind::Step, e.span, name.text.as_str().to_string(), Vec::new());
                let body = Box::new(self.block(body));
                let other = other.as_ref().map(|block| self.block(block)).unwrap_or_else(Region::empty);
                let fails = Some(Box::new(Arm { label: "fails".into(), region: other }));
                out.push(Region::Frame { head, body, tail: None, fails });
            }
            K::Call { args, .. } if self.facts.procedure(e).is_some() => {
                self.inside(args.iter().map(|arg| &arg.value), out);
                self.procedure(e, gives, out);
            }
            K::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
                self.inside([&**left], out);
                let before = self.nodes.len();
                self.inside([&**right], out);
                (before..self.nodes.len()).for_each(|id| self.perhaps(id));
                if let Some(name) = gives {
                    self.compute(e, name, out);
                }
            }
            _ => match self.line(e) {
                Some(id) => out.push(Region::Node(id)),
                None => {
                    self.inside(parts(e), out);
                    if let Some(name) = gives {
                        self.compute(e, name, out);
                    }
                }
            },
        }
    }

    /// What is one box in any case: changes of the case, and its ends.
    fn line(&mut self, e: &Expr) -> Option<NodeId> {
        use ExprKind as K;
        let facts = self.facts;
        let why = |because: &Option<Box<Expr>>| because.iter().map(|e| told(facts, e)).collect::<Vec<_>>();
        let (kind, title, notes) = match &e.kind {
            K::Set { field, value, because } => {
                let title = format!("set {} = {}", field.text, source(facts, value.span));
                (Kind::Change, title, why(because))
            }
            K::Note(text) => (Kind::Change, "note".to_string(), vec![told(facts, text)]),
            K::Reveal { value, because } => {
                (Kind::Change, format!("reveal {}", source(facts, value.span)), why(because))
            }
            K::Route { to, because } => {
                (Kind::Change, format!("route to {}", words::target(to)), why(because))
            }
            K::HandOver { to, because } => (Kind::HandOver, words::target(to), why(because)),
            K::Close { class, because } => (Kind::Close, class.text.as_str().to_string(), why(because)),
            _ => return None,
        };
        let title = words_of(&title);
        Some(self.says(kind, e, Said { title, notes }))
    }

    /// The same, of which it is known what is said in it and what is computed.
    fn says(&mut self, kind: Kind, of: &Expr, said: Said) -> NodeId {
        let id = self.speaks(kind, of, plain(&said.title), said.notes.iter().map(plain).collect());
        if let Some(node) = self.nodes.get_mut(id) {
            node.said = said;
        }
        id
    }

    /// A box of its own for what can fail: a call, a wait, a question, a rollback.
    fn call(&mut self, e: &Expr, gives: Option<&Name>, out: &mut Vec<Region>) -> Option<NodeId> {
        use ExprKind as K;
        let facts = self.facts;
        let lines = |all: Vec<String>| all.iter().map(|line| words_of(line)).collect::<Vec<_>>();
        let (kind, said, about) = match &e.kind {
            K::Wait(wait) => {
                let (title, notes) = words::wait(facts, wait);
                (Kind::Wait, Said { title: words_of(&title), notes: lines(notes) }, Some(&wait.what))
            }
            K::Ask(ask) => (Kind::Ask, words::ask(facts, ask), None),
            K::Approve(approve) => {
                let (title, notes) = words::approve(facts, approve);
                (Kind::Approve, Said { title: words_of(&title), notes }, Some(&approve.act))
            }
            K::Rollback { because } => {
                let notes = because.iter().map(|e| told(facts, e)).collect();
                (Kind::Rollback, Said { title: words_of("what was done is taken back"), notes }, None)
            }
            _ => {
                let called @ Called { write, call, .. } = &called(facts, e)?;
                let notes = words::terms(facts, self.case, called);
                self.inside(parts(call).into_iter().skip(1), out);
                let title = words_of(&source(facts, call.span));
                let kind = if *write { Kind::Act } else { Kind::Read };
                (kind, Said { title, notes: lines(notes) }, Some(*call))
            }
        };
        let id = self.says(kind, e, said);
        let calls =
            about.and_then(|about| facts.called(called(facts, about).map_or(about, |called| called.call)));
        if let Some(node) = self.nodes.get_mut(id) {
            node.calls = calls;
        }
        self.gives(id, gives);
        Some(id)
    }

    /// Says of a box on the right of an `and` or `or` that it does not always come to it.
    fn perhaps(&mut self, id: NodeId) {
        const WORDS: &str = "only if needed";
        let asked = [Kind::Read, Kind::Act, Kind::Ask, Kind::Approve, Kind::Wait, Kind::Procedure];
        let node = self.nodes.get(id).filter(|n| asked.contains(&n.kind));
        // One within the other says it once.
        if node.is_some_and(|n| n.notes.last().is_none_or(|last| last != WORDS)) {
            self.notes(id, [WORDS.to_string()]);
        }
    }

    /// `value else arm`
    fn handled(&mut self, value: &Expr, arm: &Expr, gives: Option<&Name>, out: &mut Vec<Region>) {
        let facts = self.facts;
        let (head, label) = match self.call(value, gives, out) {
            Some(id) => (id, missing(self.kind(id))),
            None => {
                self.inside([value], out);
                let id = self.speaks(Kind::Decide, value, source(facts, value.span), Vec::new());
                self.gives(id, gives);
                (id, "missing")
            }
        };
        if shows(facts, arm) {
            let region = self.region(arm);
            let arms = vec![arm_of(label, region), arm_of("", Region::empty())];
            self.branch(head, arms, out);
        } else {
            let otherwise = source(facts, arm.span);
            self.notes(head, [format!("else {otherwise}")]);
            out.push(Region::Node(head));
        }
    }

    fn kind(&self, id: NodeId) -> Kind {
        self.nodes.get(id).map_or(Kind::Compute, |n| n.kind)
    }

    /// `if c { … } else { … }`, `if let x = y { … } else { … }`
    fn decision(
        &mut self,
        cond: &Cond,
        then: &Block,
        other: Option<&Expr>,
        gives: Option<&Name>,
        out: &mut Vec<Region>,
    ) {
        let facts = self.facts;
        let value = condition(cond);
        let name = match cond {
            Cond::Let { name, .. } => Some(name),
            Cond::Expr(_) => None,
        };
        let called = if name.is_some() { self.call(value, name, out) } else { None };
        let (head, yes, no) = match called {
            Some(id) => (id, found(self.kind(id)), missing(self.kind(id))),
            None => {
                self.inside([value], out);
                let id = self.speaks(Kind::Decide, value, source(facts, value.span), Vec::new());
                self.gives(id, name);
                if name.is_some() { (id, "given", "missing") } else { (id, "yes", "no") }
            }
        };
        self.gives(head, gives);
        // The name is that of this arm alone.
        let outside = self.names.enter();
        name.into_iter().for_each(|name| self.names.knows(name));
        let then = self.block(then);
        self.names.leave(outside);
        let other = other.map(|e| self.region(e)).unwrap_or_else(Region::empty);
        self.branch(head, vec![arm_of(yes, then), arm_of(no, other)], out);
    }

    /// `match value { … }`
    fn choice(
        &mut self,
        e: &Expr,
        value: &Expr,
        arms: &[MatchArm],
        gives: Option<&Name>,
        out: &mut Vec<Region>,
    ) {
        let facts = self.facts;
        self.inside([value], out);
        let head = self.speaks(Kind::Decide, value, source(facts, value.span), Vec::new());
        if let Some(node) = self.nodes.get_mut(head) {
            node.place = facts.place(e.span);
        }
        self.gives(head, gives);
        let mut all: Vec<Arm> = Vec::new();
        for arm in arms {
            let outside = self.names.enter();
            arm.patterns.iter().flat_map(captures).for_each(|c| self.names.hides(&c.name));
            let region = self.region(&arm.body);
            self.names.leave(outside);
            all.push(Arm { label: words::patterns(facts, arm), region });
        }
        self.branch(head, all, out);
    }

    /// What ends the run, or is done only in between, stands beside the way; the way itself goes straight on.
    fn branch(&mut self, head: NodeId, arms: Vec<Arm>, out: &mut Vec<Region>) {
        let (mut down, mut aside): (Vec<Arm>, Vec<Arm>) =
            arms.into_iter().partition(|arm| arm.region.flows(&self.nodes));
        // Several that do nothing are one way on.
        let mut idle: Option<usize> = None;
        let mut kept: Vec<Arm> = Vec::new();
        for arm in down {
            match idle.and_then(|at| kept.get_mut(at)).filter(|_| arm.region.is_empty()) {
                Some(first) => first.label = format!("{} or {}", first.label, arm.label),
                None => {
                    if arm.region.is_empty() {
                        idle = Some(kept.len());
                    }
                    kept.push(arm);
                }
            }
        }
        down = kept;
        if down.is_empty() {
            down.extend(aside.pop());
        }
        if let (2, Some(at)) = (down.len(), idle) {
            let straight = down.remove(at);
            aside.append(&mut down);
            down.push(straight);
        }
        if aside.is_empty() && down.len() == 1 && idle.is_some() {
            // Whatever is decided, nothing is done for it.
            out.push(Region::Node(head));
            return;
        }
        // One way on is the rest of the sequence.
        let rest = match down.as_mut_slice() {
            [only] => Some(std::mem::replace(&mut only.region, Region::empty())),
            _ => None,
        };
        out.push(Region::Branch { head, aside, down });
        out.extend(rest.filter(|r| !r.is_empty()));
    }

    /// A call of a procedure: what it does is shown where it is called.
    fn procedure(&mut self, e: &Expr, gives: Option<&Name>, out: &mut Vec<Region>) {
        let Some(decl) = self.facts.procedure(e) else { return };
        let head = self.speaks(Kind::Procedure, e, source(self.facts, e.span), Vec::new());
        self.gives(head, gives);
        let name = decl.name.span;
        if self.inside.len() >= DEEPEST || self.inside.contains(&name) {
            out.push(Region::Node(head));
            return;
        }
        self.inside.push(name);
        let outside = self.names.none();
        let body = Box::new(self.block(&decl.body));
        self.names.again(outside);
        self.inside.pop();
        out.push(Region::Frame { head, body, tail: None, fails: None });
    }
}

fn words_of(text: &str) -> Inlines {
    vec![Inline::Text(text.to_string())]
}

fn arm_of(label: &str, region: Region) -> Arm {
    Arm { label: label.to_string(), region }
}

/// In which case there is no result.
fn missing(kind: Kind) -> &'static str {
    match kind {
        Kind::Approve => "not approved",
        Kind::Ask => "no answer",
        Kind::Wait => "not in time",
        _ => "fails",
    }
}

/// In which case there is one.
fn found(kind: Kind) -> &'static str {
    match kind {
        Kind::Act | Kind::Rollback => "done",
        Kind::Approve => "approved",
        _ => "answered",
    }
}

/// Whether an expression speaks of a name that one of these statements gives.
fn speaks_of(e: &Expr, stmts: &[&Stmt]) -> bool {
    let given = |name: &str| {
        stmts.iter().any(|stmt| matches!(&stmt.kind, StmtKind::Let { name: given, .. } if given.text == name))
    };
    any(e, &mut |e| matches!(&e.kind, ExprKind::Name(name) if given(name)))
}
