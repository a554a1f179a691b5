//! Values to try: those that the program itself speaks of, and their neighbours.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use play_check::typed::{BinaryOp, Expr, ExprKind, Pattern, Program};
use play_program::Value;
use play_program::convert;
use play_program::types::{Type, TypeTable};
use play_scheduler::testing::start;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Of one type, at the most.
const MOST: usize = 48;
/// Elements of a list, at the most.
const LONGEST: usize = 64;
/// How deep records are varied.
const DEEPEST: usize = 3;

/// What a program speaks of.
#[derive(Default)]
pub struct Pool {
    texts: BTreeSet<String>,
    numbers: BTreeSet<i64>,
    durations: BTreeSet<SignedDuration>,
    others: Vec<Value>,
}

impl Pool {
    /// Looks through a program.
    pub fn of(program: &Program) -> Self {
        let mut pool = Self::default();
        program.playbooks.iter().filter_map(|p| p.when.as_ref()).for_each(|b| pool.expr(&b.expr));
        program.playbooks.iter().for_each(|p| pool.expr(&p.body.expr));
        program.procedures.iter().for_each(|body| pool.expr(body));
        program.fns.iter().for_each(|f| pool.expr(&f.body.expr));
        program.consts.iter().for_each(|c| pool.expr(&c.body.expr));
        program.guards.iter().flat_map(|g| g.conditions.iter().flatten()).for_each(|b| pool.expr(&b.expr));
        pool
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Lit(Value::Str(text)) if e.ty == Type::Regex => self.texts.extend(fitting(text)),
            ExprKind::Lit(value) => self.value(value),
            // What is only shown is compared with nothing.
            ExprKind::Interp(parts) => {
                parts.iter().filter(|p| !matches!(p.kind, ExprKind::Lit(_))).for_each(|p| self.expr(p));
                return;
            }
            ExprKind::Note(text) | ExprKind::Revealed { because: text, .. }
                if matches!(text.kind, ExprKind::Lit(_)) =>
            {
                return;
            }
            ExprKind::Route { because, .. }
            | ExprKind::HandOver { because, .. }
            | ExprKind::Close { because, .. }
            | ExprKind::Rollback { because }
                if matches!(because.kind, ExprKind::Lit(_)) =>
            {
                return;
            }
            ExprKind::Set { value, .. } => {
                self.expr(value);
                return;
            }
            ExprKind::Binary(BinaryOp::Like | BinaryOp::ILike, _, pattern) => {
                if let ExprKind::Lit(Value::Str(text)) = &pattern.kind {
                    self.texts.insert(text.replace(['*', '?'], "x"));
                }
            }
            ExprKind::Match { arms, .. } => {
                for pattern in arms.iter().flat_map(|a| &a.patterns) {
                    if let Pattern::Value(value) = pattern {
                        self.value(value);
                    }
                }
            }
            _ => {}
        }
        e.parts().into_iter().for_each(|part| self.expr(part));
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Str(text) => {
                self.texts.insert(text.to_string());
            }
            Value::Int(n) => {
                self.numbers.insert(*n);
            }
            Value::Duration(d) => {
                self.durations.insert(*d);
            }
            Value::List(items) | Value::Record(items) => items.iter().for_each(|item| self.value(item)),
            Value::Cidr(net) => self.others.extend([value.clone(), Value::Ip(net.addr())]),
            Value::None | Value::Bool(_) | Value::Enum(_) | Value::Json(_) | Value::Map(_) => {}
            other => self.others.push(other.clone()),
        }
    }

    /// A value that says nothing in particular; `None` for a type of which none can be written.
    pub fn plain(ty: &Type, types: &TypeTable) -> Option<Value> {
        let text = |text: &str| convert::from_text(text, ty, types).ok();
        Some(match types.repr(ty) {
            Type::Bool => Value::Bool(false),
            Type::Int => Value::Int(1),
            Type::Float => Value::Float(1.0),
            Type::Enum(_) => Value::Enum(0),
            Type::Option(_) | Type::Unit => Value::None,
            Type::List(_) => Value::List(Vec::new().into()),
            Type::Map(..) => Value::Map(std::sync::Arc::default()),
            Type::Time => Value::Time(start()),
            Type::Duration => Value::Duration(SignedDuration::from_mins(5)),
            Type::Size => Value::Size(1_000_000),
            Type::Record(id) => {
                let fields = &types.record(*id)?.fields;
                let fields: Option<Vec<_>> = fields.iter().map(|f| Self::plain(&f.ty, types)).collect();
                Value::Record(fields?.into())
            }
            Type::Json | Type::Regex | Type::Never | Type::Newtype(_) => return None,
            Type::Hash => return text(&"a".repeat(64)),
            _ => TEXTS.iter().find_map(|t| text(t))?,
        })
    }

    /// Values of a type, those first that say the least.
    pub fn values(&self, ty: &Type, types: &TypeTable) -> Vec<Value> {
        self.some(ty, types, 0)
    }

    fn some(&self, ty: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        let mut all: Vec<Value> = Self::plain(ty, types).into_iter().collect();
        match types.repr(ty) {
            Type::Bool => all.push(Value::Bool(true)),
            Type::Int => all.extend(self.whole().map(Value::Int)),
            Type::Size => {
                all.extend(self.whole().filter_map(|n| u64::try_from(n).ok()).map(Value::Size));
                all.extend(self.others.iter().flat_map(sizes));
            }
            Type::Float => all.extend(self.others.iter().flat_map(floats)),
            Type::Duration => all.extend(self.durations.iter().flat_map(|d| near(*d)).map(Value::Duration)),
            Type::Time => {
                all.extend(self.others.iter().filter(|v| matches!(v, Value::Time(_))).cloned());
                for span in self.durations.iter().flat_map(|d| near(*d)) {
                    all.extend(
                        [start().checked_sub(span), start().checked_add(span)]
                            .into_iter()
                            .flatten()
                            .map(Value::Time),
                    );
                }
            }
            Type::Ip => all.extend(self.others.iter().filter(|v| matches!(v, Value::Ip(_))).cloned()),
            Type::Cidr => all.extend(self.others.iter().filter(|v| matches!(v, Value::Cidr(_))).cloned()),
            Type::Enum(id) => {
                let members = types.enumeration(*id).map_or(0, |e| e.variants.len());
                all.extend((0..u32::try_from(members).unwrap_or(0)).map(Value::Enum));
            }
            Type::Option(of) => all.extend(self.some(of, types, depth)),
            Type::List(of) => all.extend(self.lists(of, types, depth)),
            Type::Map(key, of) => {
                for (key, value) in self.some(key, types, depth).into_iter().zip(self.some(of, types, depth))
                {
                    let mut map = play_program::value::Map::default();
                    map.insert(key, value);
                    all.push(Value::Map(std::sync::Arc::new(map)));
                }
            }
            Type::Record(_) if depth < DEEPEST => {
                let plain = all.first().cloned();
                all.extend(plain.iter().flat_map(|p| self.varied(p, ty, types, depth)));
            }
            Type::Json | Type::Regex | Type::Unit | Type::Never | Type::Newtype(_) | Type::Record(_) => {}
            _ => all.extend(self.texts(ty, types)),
        }
        let mut kept: Vec<Value> = Vec::new();
        for value in all {
            if kept.len() < MOST && !kept.iter().any(|k| k.same(&value)) {
                kept.push(value);
            }
        }
        kept
    }

    /// A value with one part of it changed.
    pub fn varied(&self, value: &Value, ty: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        match (types.repr(ty), value) {
            (Type::Option(of), present) if !matches!(present, Value::None) => {
                self.varied(present, of, types, depth)
            }
            (Type::Record(id), Value::Record(slots)) if depth < DEEPEST => {
                let fields = types.record(*id).map(|r| r.fields.clone()).unwrap_or_default();
                let mut all = Vec::new();
                for (slot, field) in fields.iter().enumerate() {
                    for value in self.some(&field.ty, types, depth + 1) {
                        let mut other = slots.to_vec();
                        if let Some(place) = other.get_mut(slot) {
                            *place = value;
                        }
                        all.push(Value::Record(other.into()));
                    }
                }
                all
            }
            (Type::List(of), Value::List(items)) if items.len() < LONGEST => {
                let mut all = Vec::new();
                for value in self.some(of, types, depth + 1) {
                    let mut longer = items.to_vec();
                    longer.push(value);
                    all.push(Value::List(longer.into()));
                }
                for (at, item) in items.iter().enumerate() {
                    for value in self.varied(item, of, types, depth + 1) {
                        let mut other = items.to_vec();
                        if let Some(place) = other.get_mut(at) {
                            *place = value;
                        }
                        all.push(Value::List(other.into()));
                    }
                }
                all
            }
            _ => Vec::new(),
        }
    }

    fn lists(&self, of: &Type, types: &TypeTable, depth: usize) -> Vec<Value> {
        let elements = self.some(of, types, depth + 1);
        let one = elements.iter().map(|e| Value::List(vec![e.clone()].into()));
        let mut all: Vec<Value> = one.take(MOST / 2).collect();
        if let [first, second, ..] = elements.as_slice() {
            all.push(Value::List(vec![first.clone(), second.clone()].into()));
        }
        let lengths =
            self.whole().filter_map(|n| usize::try_from(n).ok()).filter(|n| (2..=LONGEST).contains(n));
        if let Some(first) = elements.first() {
            all.extend(lengths.map(|n| Value::List(vec![first.clone(); n].into())));
        }
        all
    }

    /// Numbers that the program compares with, and those beside them.
    fn whole(&self) -> impl Iterator<Item = i64> + '_ {
        let near = |n: &i64| [n.checked_sub(1), Some(*n), n.checked_add(1)];
        [0, 1].into_iter().chain(self.numbers.iter().flat_map(near).flatten())
    }

    fn texts(&self, ty: &Type, types: &TypeTable) -> Vec<Value> {
        let read = |text: &str| convert::from_text(text, ty, types).ok();
        let mut all = Vec::new();
        for text in &self.texts {
            all.extend(read(text));
            match types.repr(ty) {
                Type::Email => all.extend(read(&format!("someone@{text}"))),
                Type::Url => all.extend(read(&format!("https://{text}/"))),
                Type::Domain => all.extend(text.rsplit('@').next().and_then(|d| read(&format!("sub.{d}")))),
                _ => {}
            }
        }
        all.extend(TEXTS.iter().copied().chain([""]).filter_map(read));
        all
    }
}

/// One of each kind of text.
const TEXTS: &[&str] = &[
    "x",
    "example.com",
    "someone@example.com",
    "https://example.com/",
    "192.0.2.1",
    "192.0.2.0/24",
    "1.2.3",
    "2026-01-31",
    "eA==",
    "y",
];

fn near(d: SignedDuration) -> impl Iterator<Item = SignedDuration> {
    let second = SignedDuration::from_secs(1);
    [d.checked_sub(second), Some(d), d.checked_add(second)].into_iter().flatten()
}

fn sizes(value: &Value) -> Vec<Value> {
    match value {
        Value::Size(n) => {
            [n.checked_sub(1), Some(*n), n.checked_add(1)].into_iter().flatten().map(Value::Size).collect()
        }
        _ => Vec::new(),
    }
}

fn floats(value: &Value) -> Vec<Value> {
    match value {
        Value::Float(x) => vec![Value::Float(*x), Value::Float(x - 1.0), Value::Float(x + 1.0)],
        _ => Vec::new(),
    }
}

/// A text that a pattern fits, as short as it gets.
fn fitting(pattern: &str) -> Option<String> {
    let hir = regex_syntax::parse(pattern).ok()?;
    let mut text = Vec::new();
    fit(&hir, &mut text)?;
    String::from_utf8(text).ok()
}

fn fit(hir: &Hir, text: &mut Vec<u8>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(()),
        HirKind::Literal(literal) => {
            text.extend_from_slice(&literal.0);
            Some(())
        }
        HirKind::Class(Class::Unicode(class)) => {
            let starts: Vec<char> = class.ranges().iter().map(|r| r.start()).collect();
            let plain = starts.iter().find(|c| c.is_ascii_alphanumeric()).or(starts.first())?;
            text.extend_from_slice(plain.to_string().as_bytes());
            Some(())
        }
        HirKind::Class(Class::Bytes(class)) => {
            text.push(class.ranges().first()?.start());
            Some(())
        }
        HirKind::Repetition(repetition) => {
            (0..repetition.min.min(64)).try_for_each(|_| fit(&repetition.sub, text))
        }
        HirKind::Capture(capture) => fit(&capture.sub, text),
        HirKind::Concat(all) => all.iter().try_for_each(|one| fit(one, text)),
        HirKind::Alternation(all) => fit(all.first()?, text),
    }
}
