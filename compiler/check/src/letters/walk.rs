//! Every expression once, in the order in which it is evaluated: where its letters come from, and what it is compared with.

use std::collections::{BTreeMap, BTreeSet};

use play_program::builtin::{self, BuiltinId};
use play_program::call::Suspend;
use play_program::config;
use play_program::shape::{CASE_ID, CASE_SOURCE};
use play_program::types::{RecordId, Type};
use play_program::value::Value;
use play_syntax::ast::{BinaryOp, Span};

use super::Field;
use super::kind::Kind;
use super::origins::{Given, Origins};
use super::sites::{Found, How};
use crate::typed::{Arm, Body, Expr, ExprKind, ListOp, LocalId, NodeId, Pattern, Program, Stmt, Until};

/// Functions whose result is in one case, whatever they are given.
const ONE_CASE: &[&str] = &["lower", "upper", "sha256", "hex", "host", "scheme"];

/// Functions of two lists that look for the elements of one in the other.
const OF_LISTS: &[&str] = &["contains_any", "contains_all", "intersect", "without"];

pub(super) struct Walk<'p> {
    pub(super) program: &'p Program,
    /// The case at hand.
    pub(super) case: Option<RecordId>,
    /// The fields that sources give.
    pub(super) mapped: BTreeMap<Field, Origins>,
    /// The fields of the case that were set up to here.
    set: BTreeMap<usize, Origins>,
    locals: Vec<Origins>,
    /// Those that are names for what is written out.
    named: BTreeMap<LocalId, &'p Expr>,
    /// Of each function, where the letters of its result come from, by its parameters.
    pub(super) results: Vec<Origins>,
    /// The same of each action.
    pub(super) answers: Vec<Origins>,
    /// What functions are given.
    pub(super) calls: Given,
    /// What actions are given.
    pub(super) acts: Given,
    pub(super) found: Vec<Found>,
    /// The comparisons that were looked at.
    pub(super) looked_at: BTreeSet<Span>,
    /// Those of which nothing is told any more.
    pub(super) known: BTreeSet<Span>,
}

impl<'p> Walk<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        Self {
            program,
            case: None,
            mapped: BTreeMap::new(),
            set: BTreeMap::new(),
            locals: Vec::new(),
            named: BTreeMap::new(),
            results: Vec::new(),
            answers: Vec::new(),
            calls: Given::to(program.fns.len()),
            acts: Given::to(program.actions.len()),
            found: Vec::new(),
            looked_at: BTreeSet::new(),
            known: BTreeSet::new(),
        }
    }

    /// A body whose first locals are given these.
    pub(super) fn body(&mut self, body: &'p Body, given: &[Origins]) -> Origins {
        self.locals.clear();
        self.named.clear();
        self.set.clear();
        for (at, from) in given.iter().enumerate() {
            let ty = body.locals.get(at).map(|(_, ty)| ty);
            self.locals.push(ty.map_or(*from, |ty| self.of_type(*from, ty)));
        }
        self.expr(&body.expr)
    }

    /// A procedure by itself.
    pub(super) fn procedure(&mut self, body: &'p Expr) -> Origins {
        self.locals.clear();
        self.named.clear();
        self.set.clear();
        self.expr(body)
    }

    /// The condition of a wait, over the locals of the body that was walked last.
    pub(super) fn until(&mut self, until: &'p Until) {
        if let Some(answer) = until.needs.last() {
            self.bind(*answer, Origins::VENDOR);
        }
        self.expr(&until.expr);
    }

    /// Whether it matters of a value of a type who wrote it.
    pub(super) fn keeps_letters(&self, ty: &Type) -> bool {
        !self.of_type(Origins::OTHERS, ty).is_nobody()
    }

    fn of_type(&self, from: Origins, ty: &Type) -> Origins {
        from.of_type(self.program.types.repr(ty))
    }

    fn bind(&mut self, local: LocalId, from: Origins) {
        let at = local.0 as usize;
        if self.locals.len() <= at {
            self.locals.resize(at.saturating_add(1), Origins::OTHERS);
        }
        if let Some(local) = self.locals.get_mut(at) {
            *local = from;
        }
    }

    /// A field of the case at hand.
    fn field(&self, slot: usize) -> Origins {
        if let Some(set) = self.set.get(&slot) {
            return *set;
        }
        if config::field(slot).is_some() {
            return Origins::OTHERS;
        }
        // The engine's own.
        if slot == CASE_ID || slot == CASE_SOURCE {
            return Origins::default();
        }
        let of = |case: RecordId| self.mapped.get(&(case, slot)).copied();
        match self.case {
            Some(case) => of(case).unwrap_or(Origins::VENDOR),
            // Of any case.
            None => {
                let all = self.mapped.iter().filter(|((_, at), _)| *at == slot).map(|(_, from)| *from);
                all.reduce(Origins::and).unwrap_or(Origins::OTHERS)
            }
        }
    }

    fn all(&mut self, of: &'p [Expr]) -> Vec<Origins> {
        of.iter().map(|e| self.expr(e)).collect()
    }

    fn joined(&mut self, of: &'p [Expr]) -> Origins {
        self.all(of).into_iter().fold(Origins::default(), Origins::and)
    }

    /// Several ways of which one is gone; or none, where `skipped`.
    fn ways(&mut self, of: &[&'p Expr], skipped: bool) -> Origins {
        let before = self.set.clone();
        let mut after = skipped.then(|| before.clone());
        let mut from = Origins::default();
        for way in of {
            self.set.clone_from(&before);
            from = from.and(self.expr(way));
            if way.ty == Type::Never {
                continue;
            }
            let set = std::mem::take(&mut self.set);
            let Some(others) = after.take() else {
                after = Some(set);
                continue;
            };
            let slots: BTreeSet<usize> = set.keys().chain(others.keys()).copied().collect();
            let either = |slot: &usize| {
                let of = |set: &BTreeMap<usize, Origins>| {
                    set.get(slot).copied().unwrap_or_else(|| self.field(*slot))
                };
                (*slot, of(&set).and(of(&others)))
            };
            after = Some(slots.iter().map(either).collect());
        }
        self.set = after.unwrap_or(before);
        from
    }

    /// Walks an expression, and says where the letters of its value come from.
    pub(super) fn expr(&mut self, e: &'p Expr) -> Origins {
        let from = self.form(e);
        self.of_type(from, &e.ty)
    }

    fn form(&mut self, e: &'p Expr) -> Origins {
        use ExprKind as K;
        match &e.kind {
            // What is written in the program is as its author wants it.
            K::Lit(_) | K::Const(_) | K::FailStep => Origins::default(),
            K::Local(local) => self.locals.get(local.0 as usize).copied().unwrap_or(Origins::OTHERS),
            K::CaseField(slot) => self.field(*slot),
            K::Field(of, slot) => match &of.kind {
                K::Record(_, fields) => {
                    let all = self.all(fields);
                    all.get(*slot).copied().unwrap_or(Origins::OTHERS)
                }
                _ => self.expr(of),
            },
            K::OptField(of, _)
            | K::Neg(of)
            | K::Not(of)
            | K::JsonKey(of, _)
            | K::JsonExists(of)
            | K::As(of, _)
            | K::Try(_, of)
            | K::Note(of) => self.expr(of),
            K::Builtin(id, args) => self.builtin(e, *id, args),
            K::ListOp { op, list, var, body } => {
                let from = self.expr(list);
                self.bind(*var, from);
                let each = self.expr(body);
                if *op == ListOp::Map { each } else { from }
            }
            K::Call(function, args) => {
                let args = self.all(args);
                self.calls.add(*function, &args);
                self.results.get(*function).map_or(Origins::OTHERS, |result| result.given(&args))
            }
            K::Record(_, all) | K::List(all) | K::Map(all) | K::Interp(all) => self.joined(all),
            K::And(a, b) | K::Or(a, b) | K::JsonIndex(a, b) => self.expr(a).and(self.expr(b)),
            K::Binary(op, a, b) => self.binary(*op, a, b),
            K::Else(_, value, arm) => {
                let from = self.expr(value);
                from.and(self.ways(&[arm], true))
            }
            K::Catch(failure, arm) => {
                // What the other side says of it.
                self.bind(*failure, Origins::VENDOR);
                self.expr(arm)
            }
            K::If(test, then, other) => {
                self.expr(test);
                let ways: Vec<&Expr> = std::iter::once(&**then).chain(other.as_deref()).collect();
                self.ways(&ways, other.is_none())
            }
            K::IfLet { value, var, then, other, .. } => {
                let from = self.expr(value);
                self.bind(*var, from);
                let ways: Vec<&Expr> = std::iter::once(&**then).chain(other.as_deref()).collect();
                self.ways(&ways, other.is_none())
            }
            K::Match { value, arms } => {
                let from = self.expr(value);
                self.matched(value, from, arms);
                let ways: Vec<&Expr> = arms.iter().map(|arm| &arm.body).collect();
                self.ways(&ways, false)
            }
            K::For { var, list, body } => {
                let from = self.expr(list);
                self.bind(*var, from);
                self.ways(&[body], true)
            }
            K::Block(stmts, value) => {
                for stmt in stmts {
                    let from = self.expr(stmt.expr());
                    if let Stmt::Let(local, value) = stmt {
                        self.bind(*local, from);
                        if matches!(value.kind, K::Lit(_) | K::Const(_) | K::List(_)) {
                            self.named.insert(*local, value);
                        }
                    }
                }
                value.as_deref().map_or(Origins::default(), |value| self.expr(value))
            }
            K::Step { body, other, .. } => {
                self.ways(&[body], true);
                self.ways(&[other], true);
                Origins::default()
            }
            K::Read(action, args, _) | K::Do(action, args, _) => {
                let args = self.all(args);
                self.acts.add(action.0 as usize, &args);
                self.answers.get(action.0 as usize).map_or(Origins::VENDOR, |answer| answer.given(&args))
            }
            K::Suspend(what, args) => {
                let args = self.all(args);
                match &**what {
                    Suspend::Poll(poll) => self.acts.add(poll.action.0 as usize, &args),
                    Suspend::Approve(act) => self.acts.add(act.action.0 as usize, &args),
                    _ => {}
                }
                // What a person writes of themselves is no vendor's.
                match **what {
                    Suspend::Poll(_) | Suspend::Event(_) => Origins::VENDOR,
                    Suspend::Pause(_) | Suspend::Ask(_) | Suspend::Approve(_) => Origins::OTHERS,
                }
            }
            K::Set { slot, value, because } => {
                let from = self.expr(value);
                self.expr(because);
                self.set.insert(*slot, from);
                Origins::default()
            }
            K::Revealed { value, because } => {
                self.expr(because);
                self.expr(value)
            }
            K::Rollback { because }
            | K::Route { because, .. }
            | K::HandOver { because, .. }
            | K::Close { because, .. } => {
                self.expr(because);
                Origins::default()
            }
        }
    }

    fn builtin(&mut self, e: &'p Expr, id: BuiltinId, args: &'p [Expr]) -> Origins {
        let from = self.all(args);
        let name = builtin::get(id).map_or("", |b| b.name);
        if let ([of, with, ..], [text, ..]) = (args, from.as_slice()) {
            let part = ["contains", "starts_with", "ends_with"].into_iter().find(|part| *part == name);
            let of_list = self.is_texts(&of.ty);
            match part {
                Some(part) if self.is_text(&of.ty) => {
                    self.compared(*text, with, How::Part(part), Some((of, e)))
                }
                Some("contains") if of_list => self.compared(*text, with, How::Among, None),
                _ if of_list && name == "index_of" => self.compared(*text, with, How::Among, None),
                _ if of_list && OF_LISTS.contains(&name) => self.one_of(*text, with),
                _ => {}
            }
        }
        if ONE_CASE.contains(&name) {
            return Origins::default();
        }
        from.into_iter().fold(Origins::default(), Origins::and)
    }

    fn binary(&mut self, op: BinaryOp, a: &'p Expr, b: &'p Expr) -> Origins {
        let (left, right) = (self.expr(a), self.expr(b));
        match op {
            BinaryOp::Eq | BinaryOp::Ne if self.is_text(&a.ty) && self.is_text(&b.ty) => {
                self.compared(left, b, How::Equal, (op == BinaryOp::Eq).then_some((a, b)));
                self.compared(right, a, How::Equal, None);
            }
            BinaryOp::In if self.is_text(&a.ty) && self.is_texts(&b.ty) => {
                self.one_of(left, b);
                self.compared(right, a, How::Among, None);
            }
            BinaryOp::Like => self.compared(left, b, How::Like, Some((a, b))),
            _ => {}
        }
        left.and(right)
    }

    fn is_text(&self, ty: &Type) -> bool {
        let ty = if let Type::Option(of) = ty { of } else { ty };
        *self.program.types.repr(ty) == Type::String
    }

    fn is_texts(&self, ty: &Type) -> bool {
        let ty = if let Type::Option(of) = ty { of } else { ty };
        matches!(ty, Type::List(of) if self.is_text(of))
    }

    /// A text that is written out, here or as a value of the program.
    fn written(&self, e: &'p Expr) -> Option<&'p str> {
        match &e.kind {
            ExprKind::Lit(Value::Str(text)) => Some(text),
            ExprKind::Const(at) => self.written(&self.program.consts.get(*at)?.body.expr),
            ExprKind::Local(local) => self.written(self.named.get(local)?),
            _ => None,
        }
    }

    /// A text of these, compared with one that may be written out.
    fn compared(&mut self, text: Origins, with: &'p Expr, how: How, around: Option<(&Expr, &Expr)>) {
        let Some(written) = self.written(with) else { return };
        let word = match (how, around) {
            (How::Like, Some((left, _))) => self.between(left.at, with.at, "like"),
            (How::Part(name), Some((of, _))) => self.between(of.at, with.at, name),
            (How::Equal, Some((of, _))) if of.ty == Type::String => self.equals(of.at, with.at),
            _ => None,
        };
        self.look(text, written, with.at, how, word);
    }

    /// A text of these, looked for among several that may be written out.
    fn one_of(&mut self, text: Origins, list: &'p Expr) {
        let at = list.at;
        let list = match &list.kind {
            ExprKind::Local(local) => self.named.get(local).copied().unwrap_or(list),
            _ => list,
        };
        let list = match &list.kind {
            ExprKind::Const(of) => self.program.consts.get(*of).map_or(list, |value| &value.body.expr),
            _ => list,
        };
        // What is written elsewhere is told where its name stands.
        let named = (list.at != at).then_some(at);
        let ExprKind::List(members) = &list.kind else { return };
        let known = |m: &'p Expr| self.written(m).filter(|t| Kind::of(t).is_some()).map(|t| (t, m.at));
        // Once is enough for a list.
        if let Some((written, at)) = members.iter().find_map(known) {
            self.look(text, written, named.unwrap_or(at), How::OneOf, None);
        }
    }

    fn matched(&mut self, value: &'p Expr, from: Origins, arms: &'p [Arm]) {
        if !self.is_text(&value.ty) {
            return;
        }
        let texts = arms.iter().flat_map(|arm| &arm.patterns).filter_map(|p| match p {
            Pattern::Value(Value::Str(text)) => Some(&**text),
            _ => None,
        });
        if let Some(text) = texts.into_iter().find(|text| Kind::of(text).is_some()) {
            self.look(from, text, value.at, How::OneOf, None);
        }
    }

    fn look(&mut self, text: Origins, written: &str, at: NodeId, how: How, word: Option<Span>) {
        let Some((kind, at)) = Kind::of(written).zip(self.span(at)) else { return };
        self.looked_at.insert(at);
        if kind.is_told_of(text) && !self.known.contains(&at) {
            self.found.push(Found { at, kind, text: written.to_string(), how, word });
        }
    }

    fn span(&self, at: NodeId) -> Option<Span> {
        let node = self.program.nodes.get(at as usize)?;
        Some(Span { file: node.file, start: node.start, end: node.end })
    }

    /// The place of `==` and what is round it, behind fields that a function can be called of.
    fn equals(&self, before: NodeId, after: NodeId) -> Option<Span> {
        let (before, after) = self.span(before).zip(self.span(after))?;
        let text = &self.program.files.get(before.file as usize)?.text;
        let of = text.get(before.start as usize..before.end as usize)?;
        let gap = text.get(before.end as usize..after.start as usize)?;
        let fields = of.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
        (fields && gap.trim() == "==").then_some(Span { start: before.end, end: after.start, ..before })
    }

    /// The place of a word between two expressions, where it stands there alone.
    fn between(&self, before: NodeId, after: NodeId, word: &str) -> Option<Span> {
        let (before, after) = self.span(before).zip(self.span(after))?;
        let text = &self.program.files.get(before.file as usize)?.text;
        let gap = text.get(before.end as usize..after.start as usize)?;
        let alone = gap.trim_matches(|c: char| c.is_whitespace() || "().?".contains(c)) == word;
        let start = before.end.checked_add(u32::try_from(gap.find(word)?).ok()?)?;
        let end = start.checked_add(u32::try_from(word.len()).ok()?)?;
        alone.then_some(Span { file: before.file, start, end })
    }
}
