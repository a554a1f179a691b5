//! Expressions without effects.

use play_check::typed::{Body, Expr, ExprKind, ListOp, LocalId, Missing, Pattern, Program, Stmt};
use play_program::builtin;
use play_program::config;
use play_program::convert::{self, Misfit};
use play_program::exec::{Fault, TOO_MUCH_WORK};
use play_program::json::{Found, JsonAt, ReadLog};
use play_program::types::Type;
use play_program::value::{Map, Value};

use crate::constants::Constants;
use crate::operators;

/// Why there is no value.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// An operation that no type rules out went wrong.
    Fault(Fault),
    /// A `?` found nothing: what it was is for the body round it.
    Unmet(Misfit),
}

/// What a body stands on.
#[derive(Debug)]
pub(crate) struct Frame {
    /// By [`LocalId`]; those that have no value yet are empty.
    pub locals: Vec<Option<Value>>,
    /// By slot: the case, with the values of the configuration behind it.
    pub case: Vec<Value>,
    /// What was looked at in documents.
    pub log: ReadLog,
    /// How many expressions are being evaluated, one inside the other.
    pub depth: usize,
    /// How much more may be done: an expression is one, and so is each byte of text and each element of a list that it gives.
    pub work: u64,
}

impl Frame {
    /// Of a body, over a case.
    pub fn of(body: &Body, case: Vec<Value>) -> Self {
        Self {
            locals: vec![None; body.locals.len()],
            case,
            log: ReadLog::default(),
            depth: 0,
            work: u64::MAX,
        }
    }

    /// Of a body without a case, with its parameters.
    pub fn with(body: &Body, params: impl IntoIterator<Item = Value>) -> Self {
        let mut frame = Self::of(body, Vec::new());
        for (local, value) in frame.locals.iter_mut().zip(params) {
            *local = Some(value);
        }
        frame
    }

    /// Gives a local its value, or none yet.
    pub fn bind(&mut self, local: LocalId, value: Option<Value>) {
        if let Some(place) = self.locals.get_mut(local.0 as usize) {
            *place = value;
        }
    }
}

/// The fault of a program that is not a checked one.
pub(crate) fn broken(at: u32) -> Fault {
    Fault { what: "the program is damaged".into(), at }
}

fn fault(what: &str, at: u32) -> Stop {
    Stop::Fault(Fault { what: what.into(), at })
}

/// Computes: a program, and the values of its constants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pure<'a> {
    pub program: &'a Program,
    pub constants: &'a Constants,
}

type Given = Result<Value, Stop>;

impl Pure<'_> {
    /// The value of an expression.
    pub fn eval(self, expr: &Expr, frame: &mut Frame) -> Given {
        frame.depth = frame.depth.saturating_add(1);
        let given = if deep(frame.depth) {
            on_a_new_stack(|| self.form(expr, frame)).unwrap_or_else(|| Err(Stop::Fault(broken(expr.at))))
        } else {
            self.form(expr, frame)
        };
        frame.depth = frame.depth.saturating_sub(1);
        let size = match &given {
            Ok(Value::Str(text)) => text.len(),
            Ok(Value::List(items)) => items.len(),
            _ => 0,
        };
        let work = u64::try_from(size).unwrap_or(u64::MAX).saturating_add(1);
        match frame.work.checked_sub(work) {
            Some(left) => frame.work = left,
            None => {
                frame.work = 0;
                return Err(fault(TOO_MUCH_WORK, expr.at));
            }
        }
        given
    }

    fn form(self, expr: &Expr, frame: &mut Frame) -> Given {
        use ExprKind as K;
        match &expr.kind {
            K::Lit(value) => Ok(value.clone()),
            K::Local(local) => self.local(*local, expr.at, frame),
            K::CaseField(slot) => {
                config::get(&frame.case, *slot).cloned().ok_or_else(|| Stop::Fault(broken(expr.at)))
            }
            K::Const(index) => self.constants.get(*index, expr.at).map_err(Stop::Fault),
            K::Field(of, slot) | K::OptField(of, slot) => self.field(of, *slot, frame),
            K::Builtin(id, args) => self.builtin(*id, args, frame),
            K::ListOp { op, list, var, body } => self.list_op(*op, list, *var, body, frame),
            K::Call(function, args) => self.call(*function, args, expr.at, frame),
            K::Record(_, fields) => Ok(Value::Record(self.all(fields, frame)?.into())),
            K::List(items) => Ok(Value::List(self.all(items, frame)?.into())),
            K::Map(pairs) => {
                let mut values = self.all(pairs, frame)?.into_iter();
                let mut map = Map::default();
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    map.insert(key, value);
                }
                Ok(Value::Map(map.into()))
            }
            K::Interp(parts) => self.interpolation(parts, frame),
            K::Neg(of) => self.negation(of, expr.at, frame),
            K::Not(of) => Ok(Value::Bool(!self.truth(of, frame)?)),
            K::And(a, b) => Ok(Value::Bool(self.truth(a, frame)? && self.truth(b, frame)?)),
            K::Or(a, b) => Ok(Value::Bool(self.truth(a, frame)? || self.truth(b, frame)?)),
            K::Binary(op, a, b) => {
                let (a, b) = (self.eval(a, frame)?, self.eval(b, frame)?);
                operators::binary(*op, &a, &b).map_err(|what| fault(what, expr.at))
            }
            K::JsonKey(of, key) => Ok(Value::Json(self.place(of, frame)?.key(key))),
            K::JsonIndex(of, index) => self.json_index(of, index, frame),
            K::JsonExists(of) => self.json_exists(of, frame),
            K::As(..) => self.attempt(Missing::Conversion, expr, frame)?.map_err(Stop::Unmet),
            K::Catch(_, of) => self.eval(of, frame),
            K::Try(missing, of) => self.attempt(*missing, of, frame)?.map_err(Stop::Unmet),
            K::Else(missing, value, arm) => match self.attempt(*missing, value, frame)? {
                Ok(value) => Ok(value),
                Err(_) => self.eval(arm, frame),
            },
            K::If(condition, then, other) => match (self.truth(condition, frame)?, other) {
                (true, _) => self.eval(then, frame),
                (false, Some(other)) => self.eval(other, frame),
                (false, None) => Ok(Value::None),
            },
            K::IfLet { missing, value, var, then, other } => {
                match (self.attempt(*missing, value, frame)?, other) {
                    (Ok(value), _) => {
                        frame.bind(*var, Some(value));
                        self.eval(then, frame)
                    }
                    (Err(_), Some(other)) => self.eval(other, frame),
                    (Err(_), None) => Ok(Value::None),
                }
            }
            K::Match { value, arms } => {
                let value = self.eval(value, frame)?;
                let arm = arms.iter().find(|arm| arm.patterns.iter().any(|p| fits(p, &value)));
                arm.map_or_else(|| Err(Stop::Fault(broken(expr.at))), |arm| self.eval(&arm.body, frame))
            }
            K::For { var, list, body } => self.passes(*var, list, body, &expr.ty, frame),
            K::Block(statements, tail) => self.block(statements, tail.as_deref(), frame),
            K::Step { .. } | K::FailStep | K::Rollback { .. } => Err(Stop::Fault(broken(expr.at))),
            K::Read(..) | K::Do(..) | K::Suspend(..) | K::Set { .. } | K::Note(_) | K::Revealed { .. } => {
                Err(Stop::Fault(broken(expr.at)))
            }
            K::Route { .. } | K::HandOver { .. } | K::Close { .. } => Err(Stop::Fault(broken(expr.at))),
        }
    }

    /// The value of what an `else`, `?` or `if let` guards, or why it is missing.
    pub fn attempt(
        self,
        missing: Missing,
        expr: &Expr,
        frame: &mut Frame,
    ) -> Result<Result<Value, Misfit>, Stop> {
        match (missing, &expr.kind) {
            (Missing::Conversion, ExprKind::As(of, ty)) => {
                let value = self.eval(of, frame)?;
                self.convert(&value, ty, expr.at, &mut frame.log)
            }
            _ => Ok(present(self.eval(expr, frame)?, missing)),
        }
    }

    /// `value as ty`.
    pub fn convert(
        self,
        value: &Value,
        ty: &Type,
        at: u32,
        log: &mut ReadLog,
    ) -> Result<Result<Value, Misfit>, Stop> {
        let types = &self.program.types;
        match value {
            Value::Int(n) => Ok(convert::from_int(*n, ty, types)),
            Value::Json(place) => Ok(convert::from_json(place, ty, types, log)),
            Value::Str(text) => Ok(convert::from_text(text, ty, types)),
            _ => Err(Stop::Fault(broken(at))),
        }
    }

    fn local(self, local: LocalId, at: u32, frame: &Frame) -> Given {
        frame.locals.get(local.0 as usize).cloned().flatten().ok_or_else(|| Stop::Fault(broken(at)))
    }

    fn all(self, exprs: &[Expr], frame: &mut Frame) -> Result<Vec<Value>, Stop> {
        exprs.iter().map(|expr| self.eval(expr, frame)).collect()
    }

    fn truth(self, expr: &Expr, frame: &mut Frame) -> Result<bool, Stop> {
        match self.eval(expr, frame)? {
            Value::Bool(b) => Ok(b),
            _ => Err(Stop::Fault(broken(expr.at))),
        }
    }

    /// A field; of no record, no value.
    fn field(self, of: &Expr, slot: usize, frame: &mut Frame) -> Given {
        match self.eval(of, frame)? {
            Value::Record(fields) => fields.get(slot).cloned().ok_or_else(|| Stop::Fault(broken(of.at))),
            Value::None => Ok(Value::None),
            _ => Err(Stop::Fault(broken(of.at))),
        }
    }

    fn builtin(self, id: builtin::BuiltinId, args: &[Expr], frame: &mut Frame) -> Given {
        let values = self.all(args, frame)?;
        match (builtin::get(id), args.first()) {
            (Some(function), Some(receiver)) => Ok(function.eval(&values, &receiver.ty, &self.program.types)),
            _ => Err(Stop::Fault(broken(0))),
        }
    }

    fn call(self, index: usize, args: &[Expr], at: u32, frame: &mut Frame) -> Given {
        let args = self.all(args, frame)?;
        let function = self.program.fns.get(index).ok_or_else(|| Stop::Fault(broken(at)))?;
        let mut inner = Frame::with(&function.body, args);
        inner.depth = frame.depth;
        inner.work = frame.work;
        // What a function looks at is looked at by who calls it.
        inner.log = std::mem::take(&mut frame.log);
        let given = self.eval(&function.body.expr, &mut inner);
        frame.log = inner.log;
        frame.work = inner.work;
        match given {
            // `?` in a function gives `none` back from it.
            Err(Stop::Unmet(_)) => Ok(Value::None),
            given => given,
        }
    }

    fn interpolation(self, parts: &[Expr], frame: &mut Frame) -> Given {
        let mut text = String::new();
        for part in parts {
            let value = self.eval(part, frame)?;
            text.push_str(&convert::display(&value, &part.ty, &self.program.types));
        }
        Ok(Value::str(&text))
    }

    fn negation(self, of: &Expr, at: u32, frame: &mut Frame) -> Given {
        operators::negated(&self.eval(of, frame)?).map_err(|what| fault(what, at))
    }

    fn place(self, expr: &Expr, frame: &mut Frame) -> Result<JsonAt, Stop> {
        match self.eval(expr, frame)? {
            Value::Json(place) => Ok(place),
            _ => Err(Stop::Fault(broken(expr.at))),
        }
    }

    fn json_index(self, of: &Expr, index: &Expr, frame: &mut Frame) -> Given {
        let place = self.place(of, frame)?;
        match self.eval(index, frame)? {
            Value::Str(key) => Ok(Value::Json(place.key(&key))),
            // A negative index is the name of a member that no list has.
            Value::Int(n) => Ok(Value::Json(
                usize::try_from(n).map_or_else(|_| place.key(&n.to_string()), |n| place.index(n)),
            )),
            _ => Err(Stop::Fault(broken(index.at))),
        }
    }

    fn json_exists(self, of: &Expr, frame: &mut Frame) -> Given {
        let found = self.place(of, frame)?.look(&mut frame.log);
        Ok(Value::Bool(!matches!(found, Found::Absent | Found::Null)))
    }

    fn list(self, expr: &Expr, frame: &mut Frame) -> Result<std::sync::Arc<[Value]>, Stop> {
        match self.eval(expr, frame)? {
            Value::List(items) => Ok(items),
            _ => Err(Stop::Fault(broken(expr.at))),
        }
    }

    fn list_op(self, op: ListOp, list: &Expr, var: LocalId, body: &Expr, frame: &mut Frame) -> Given {
        let items = self.list(list, frame)?;
        let mut kept = Vec::new();
        for item in items.iter() {
            frame.bind(var, Some(item.clone()));
            let given = self.eval(body, frame)?;
            match (op, matches!(given, Value::Bool(true))) {
                (ListOp::Map, _) => kept.push(given),
                (ListOp::Any, true) => return Ok(Value::Bool(true)),
                (ListOp::All, false) => return Ok(Value::Bool(false)),
                (ListOp::Find, true) => return Ok(item.clone()),
                (ListOp::Filter | ListOp::Count, true) => kept.push(item.clone()),
                _ => {}
            }
        }
        Ok(match op {
            ListOp::Any => Value::Bool(false),
            ListOp::All => Value::Bool(true),
            ListOp::Find => Value::None,
            ListOp::Count => Value::Int(i64::try_from(kept.len()).unwrap_or(i64::MAX)),
            ListOp::Filter | ListOp::Map => Value::List(kept.into()),
        })
    }

    fn passes(self, var: LocalId, list: &Expr, body: &Expr, ty: &Type, frame: &mut Frame) -> Given {
        let items = self.list(list, frame)?;
        let mut given = Vec::new();
        for item in items.iter() {
            frame.bind(var, Some(item.clone()));
            given.push(self.eval(body, frame)?);
        }
        Ok(if *ty == Type::Unit { Value::None } else { Value::List(given.into()) })
    }

    fn block(self, statements: &[Stmt], tail: Option<&Expr>, frame: &mut Frame) -> Given {
        for statement in statements {
            match statement {
                Stmt::Let(local, expr) => {
                    let value = self.eval(expr, frame)?;
                    frame.bind(*local, Some(value));
                }
                Stmt::Expr(expr) => {
                    self.eval(expr, frame)?;
                }
            }
        }
        tail.map_or(Ok(Value::None), |tail| self.eval(tail, frame))
    }
}

/// Whether so deep a place begins a new stack.
pub(crate) fn deep(depth: usize) -> bool {
    depth.is_multiple_of(48)
}

/// Runs on a stack of its own: functions that call functions nest as deep as a program has functions, which is deeper than
/// one stack. `None` when there is no more memory for stacks.
pub(crate) fn on_a_new_stack<T: Send>(run: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, run).ok()?;
        thread.join().ok()
    })
}

/// Whether a value is there, as an `else`, `?` or `if let` over an option asks.
pub(crate) fn present(value: Value, missing: Missing) -> Result<Value, Misfit> {
    match (missing, value) {
        (Missing::Option, Value::None) => {
            Err(Misfit { path: String::new(), expected: "a value".into(), found: Found::Absent })
        }
        (_, value) => Ok(value),
    }
}

/// Whether a pattern fits.
pub(crate) fn fits(pattern: &Pattern, value: &Value) -> bool {
    match pattern {
        Pattern::Any => true,
        Pattern::Value(wanted) => wanted.same(value),
        Pattern::Range(low, high) => matches!(value, Value::Int(n) if (*low..=*high).contains(n)),
    }
}
