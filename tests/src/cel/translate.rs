//! An expression of CEL as an expression of Play, operation by operation.

use super::literal::{Bound, T, bound, literal, quoted};
use super::parse::{E, parse};
use super::{Case, Reason};

/// A program of Play that computes what an expression of CEL computes.
#[derive(Clone, Debug)]
pub struct Program {
    /// Functions that the expression uses.
    pub declarations: String,
    /// The expression.
    pub expr: String,
    /// Its type.
    pub ty: String,
}

/// A translated expression.
#[derive(Clone, Debug)]
pub(super) struct Tr {
    pub(super) code: String,
    pub(super) ty: T,
    /// Whether `dyn` stands in it: then numbers of two types may meet.
    pub(super) dynamic: bool,
    /// The whole number that is written there.
    pub(super) number: Option<i128>,
}

pub(super) type Done = Result<Tr, Reason>;

pub(super) fn tr(code: impl Into<String>, ty: T) -> Tr {
    Tr { code: code.into(), ty, dynamic: false, number: None }
}

/// What CEL has and Play puts together.
const PRELUDE: &str = r"
fn char_at(s: String, i: Int) -> String? { if i < 0 or i > s.len { none } else { s.slice(i, i + 1) } }
fn substring(s: String, from: Int, to: Int) -> String? {
  if from < 0 or to > s.len or from > to { none } else { s.slice(from, to) }
}
fn index_from(s: String, part: String, from: Int) -> Int? {
  if from < 0 or from > s.len { none } else { if let i = s.drop(from).index_of(part) { i + from } else { -1 } }
}
fn last_index_from(s: String, part: String, from: Int) -> Int? {
  if from < 0 or from > s.len { none } else { s.take(from + part.len).last_index_of(part) else -1 }
}
fn split_most(s: String, at: String, most: Int) -> [String] {
  let parts = s.split(at)
  if most == 0 { parts.take(0) } else {
    if most < 0 or parts.len <= most { parts } else { parts.take(most - 1) + [parts.drop(most - 1).join(at)] }
  }
}
fn replace_most(s: String, from: String, to: String, most: Int) -> String {
  let parts = s.split(from)
  if most < 0 or parts.len - 1 <= most { parts.join(to) } else {
    parts.take(most + 1).join(to) + from + parts.drop(most + 1).join(from)
  }
}
fn not_below_zero(n: Int) -> Int? { if n < 0 { none } else { n } }
fn is_ip(s: String) -> Bool { if let _ = s as Ip { true } else { false } }
fn is_canonical(s: String) -> Bool? {
  let ip = s as Ip?
  ip.text == s
}
fn is_global_unicast(ip: Ip) -> Bool {
  not (ip.is_unspecified or ip.is_loopback or ip.is_multicast or ip.is_link_local or ip == 255.255.255.255)
}
fn is_link_local_multicast(ip: Ip) -> Bool { ip in 224.0.0.0/24 or ip in ff02::/16 }
";

/// Translates a case.
///
/// # Errors
/// Why there is no counterpart.
pub fn translate(case: &Case) -> Result<Program, Reason> {
    if case.container && case.bindings.iter().any(|(name, _)| name.contains('.')) {
        return Err(Reason::Namespaces);
    }
    let e = parse(&case.expr).map_err(|_| Reason::Syntax)?;
    let mut cx = Cx {
        declarations: PRELUDE.into(),
        container: case.container,
        fallible: false,
        names: 0,
        visible: Vec::new(),
    };
    for (name, value) in &case.bindings {
        let value = match bound(value)? {
            Bound::Cel(e) => cx.expr(&e, None)?,
            Bound::Play(code, ty) => {
                cx.fallible = true;
                let call = cx.declare(&format!("{}?", ty.name()), &code);
                tr(format!("{call}?"), ty)
            }
        };
        cx.visible.push((name.clone(), value));
    }
    let done = cx.expr(&e, None)?;
    let ty = match (&done.ty, cx.fallible) {
        (T::Option(_), _) | (_, false) => done.ty.name(),
        _ => format!("{}?", done.ty.name()),
    };
    Ok(Program { declarations: cx.declarations, expr: done.code, ty })
}

/// What is known during a translation.
pub(super) struct Cx {
    declarations: String,
    /// Whether names are looked up in a container.
    container: bool,
    /// Whether a `?` hands on that there is no value.
    pub(super) fallible: bool,
    pub(super) names: usize,
    pub(super) visible: Vec<(String, Tr)>,
}

impl Cx {
    /// A function of no parameters; gives the call.
    pub(super) fn declare(&mut self, ty: &str, body: &str) -> String {
        let name = format!("v{}", self.names);
        self.names += 1;
        self.declarations.push_str(&format!("fn {name}() -> {ty} {{ {body} }}\n"));
        format!("{name}()")
    }

    /// A declaration.
    pub(super) fn add(&mut self, text: &str) {
        self.declarations.push_str(text);
    }

    /// What may have no value: handed on with `?`.
    pub(super) fn maybe(&mut self, code: impl std::fmt::Display, ty: T) -> Done {
        self.fallible = true;
        Ok(tr(format!("({code}?)"), ty))
    }

    pub(super) fn expr(&mut self, e: &E, hint: Option<&T>) -> Done {
        if let Some((code, ty)) = literal(e) {
            let number = match e {
                E::Int(n) => Some(*n),
                E::Uint(n) => i128::try_from(*n).ok(),
                _ => None,
            };
            if ty == T::Uint && number.is_none_or(|n| n > i64::MAX.into()) {
                return Err(Reason::Unsigned);
            }
            let code = self.declare(&ty.name(), &code);
            return Ok(Tr { code, ty, dynamic: false, number });
        }
        match e {
            E::Null => Err(Reason::Null),
            E::Bytes(bytes) => {
                let code = self.declare("Bytes", &quoted(&data_encoding::BASE64.encode(bytes)));
                Ok(tr(code, T::Bytes))
            }
            E::Message => Err(Reason::Messages),
            E::Map(entries) => self.map(entries, hint),
            E::Name(name) => self.name(name),
            E::List(items) => self.list(items, hint),
            E::Unary("!", of) => {
                let of = self.expr(of, None)?;
                Ok(tr(format!("(not {})", of.code), T::Bool))
            }
            E::Unary(_, of) => {
                let of = self.expr(of, None)?;
                if of.ty == T::Uint {
                    return Err(Reason::Unsigned);
                }
                Ok(tr(format!("(-{})", of.code), of.ty))
            }
            E::Binary(sign, left, right) => self.binary(sign, left, right),
            E::Cond(c, then, other) => {
                let c = self.expr(c, None)?;
                let then = self.expr(then, hint)?;
                let other = self.expr(other, Some(&then.ty))?;
                if !then.ty.same(&other.ty) {
                    return Err(Reason::Dynamic);
                }
                let ty = if then.ty.is_open() { other.ty } else { then.ty };
                Ok(tr(format!("(if {} {{ {} }} else {{ {} }})", c.code, then.code, other.code), ty))
            }
            E::Index(of, index, optional) => self.index(of, index, *optional),
            E::Select(of, name, true) => self.index(of, &E::Str(name.clone()), true),
            E::Select(of, name, false) => self.select(of, name),
            E::Call(of, name, args) => self.call(of.as_deref(), name, args),
            E::Bool(_) | E::Int(_) | E::Uint(_) | E::Double(_) | E::Str(_) => Err(Reason::Syntax),
        }
    }

    fn name(&mut self, name: &str) -> Done {
        if let Some((_, value)) = self.visible.iter().rev().find(|(n, _)| n == name) {
            return Ok(value.clone());
        }
        const TYPES: &[&str] = &[
            "bool",
            "int",
            "uint",
            "double",
            "string",
            "bytes",
            "list",
            "map",
            "null_type",
            "type",
            "dyn",
            "optional_type",
        ];
        if TYPES.contains(&name) {
            return Err(Reason::Types);
        }
        if name.starts_with('.') || self.container {
            return Err(Reason::Namespaces);
        }
        Ok(tr(format!("undeclared_{name}"), T::Bool))
    }

    fn select(&mut self, of: &E, name: &str) -> Done {
        if name == "`" {
            return Err(Reason::Quoted);
        }
        match of {
            E::Name(n) if self.visible.iter().all(|(v, _)| v != n) => Err(Reason::Namespaces),
            of => {
                let of = self.expr(of, None)?;
                if let T::Map(_, value) | T::Option(value) = &of.ty
                    && let Some(value) = match &**value {
                        T::Map(_, value) if matches!(of.ty, T::Option(_)) => Some(value),
                        _ if matches!(of.ty, T::Map(..)) => Some(value),
                        _ => None,
                    }
                {
                    let key = self.declare("String", &quoted(name));
                    return match &of.ty {
                        T::Map(..) => self.maybe(format!("{}.get({key})", of.code), (**value).clone()),
                        _ => Ok(tr(format!("{}?.get({key})", of.code), T::Option(value.clone()))),
                    };
                }
                Ok(tr(format!("{}.{name}", of.code), T::Bool))
            }
        }
    }

    /// A map; keys that are no literals, and entries that may not be there, are added one by one.
    fn map(&mut self, entries: &[(bool, E, E)], hint: Option<&T>) -> Done {
        let (mut key_ty, mut value_ty) = match hint {
            Some(T::Map(key, value)) => ((**key).clone(), (**value).clone()),
            _ => (T::Any, T::Any),
        };
        let mut all = Vec::new();
        for (optional, key, value) in entries {
            let key = self.expr(key, None)?;
            let value = self.expr(value, Some(&value_ty))?;
            if !matches!(key.ty, T::Str | T::Int | T::Uint | T::Bool) || key.dynamic {
                return Err(Reason::Dynamic);
            }
            let of = match (optional, &value.ty) {
                (true, T::Option(of)) => (**of).clone(),
                (true, _) => return Err(Reason::Dynamic),
                (false, ty) => ty.clone(),
            };
            if key_ty == T::Any {
                key_ty = key.ty.clone();
            }
            if value_ty.is_open() {
                value_ty = of.clone();
            }
            // Numbers with and without a sign are different keys.
            if key_ty != key.ty || !value_ty.same(&of) {
                return Err(Reason::Dynamic);
            }
            all.push((*optional, key.code, value.code));
        }
        let ty = T::Map(Box::new(key_ty), Box::new(value_ty.clone()));
        let mut code = self.declare(&ty.name(), "{}");
        for (optional, key, value) in all {
            code = if optional {
                let (there, absent) = (format!("x{}", self.names), code);
                self.names += 1;
                format!("(if let {there} = {value} {{ {absent}.with({key}, {there}) }} else {{ {absent} }})")
            } else {
                self.fallible = true;
                let add = self.adding(&ty);
                format!("({add}({code}, {key}, {value})?)")
            };
        }
        Ok(tr(code, ty))
    }

    /// A function that adds a key which is not there yet.
    fn adding(&mut self, ty: &T) -> String {
        let T::Map(key, value) = ty else { return String::new() };
        let name = format!("add{}", self.names);
        self.names += 1;
        let (key, value) = (key.name(), value.name());
        self.add(&format!(
            "fn {name}(m: {ty}, k: {key}, v: {value}) -> {ty}? {{ if k in m {{ none }} else {{ m.with(k, v) }} }}\n",
            ty = ty.name()
        ));
        name
    }

    fn list(&mut self, items: &[(bool, E)], hint: Option<&T>) -> Done {
        if items.iter().any(|(optional, _)| *optional) {
            return self.list_of_options(items);
        }
        let inner = match hint {
            Some(T::List(of)) => Some((**of).clone()),
            _ => None,
        };
        if items.is_empty() {
            let ty = T::List(Box::new(inner.unwrap_or(T::Any)));
            let code = self.declare(&ty.name(), "[]");
            return Ok(tr(code, ty));
        }
        let (mut codes, mut ty) = (Vec::new(), inner.unwrap_or(T::Any));
        for (_, item) in items {
            let item = self.expr(item, Some(&ty))?;
            if ty.is_open() {
                ty = item.ty.clone();
            } else if !ty.same(&item.ty) {
                return Err(Reason::Dynamic);
            }
            codes.push(item.code);
        }
        Ok(tr(format!("[{}]", codes.join(", ")), T::List(Box::new(ty))))
    }

    fn list_of_options(&mut self, items: &[(bool, E)]) -> Done {
        let (mut codes, mut ty) = (Vec::new(), T::Any);
        for (optional, item) in items {
            let item = self.expr(item, None)?;
            let of = match item.ty {
                T::Option(of) if *optional => *of,
                other => other,
            };
            if ty.is_open() {
                ty = of;
            }
            codes.push(item.code);
        }
        Ok(tr(format!("[{}].present()", codes.join(", ")), T::List(Box::new(ty))))
    }

    /// Both sides; an empty list on one takes the type of the other.
    fn sides(&mut self, sign: &str, left: &E, right: &E) -> Result<(Tr, Tr), Reason> {
        let l = self.expr(left, None)?;
        let hint = match (sign, right) {
            ("in", E::Map(_)) => T::Map(Box::new(l.ty.clone()), Box::new(T::Any)),
            ("in", _) => T::List(Box::new(l.ty.clone())),
            _ => l.ty.clone(),
        };
        let r = self.expr(right, Some(&hint))?;
        if sign != "in" && l.ty.is_open() && !r.ty.is_open() {
            let l = self.expr(left, Some(&r.ty))?;
            return Ok((l, r));
        }
        Ok((l, r))
    }

    fn binary(&mut self, sign: &str, left: &E, right: &E) -> Done {
        let (l, r) = self.sides(sign, left, right)?;
        let dynamic = l.dynamic || r.dynamic;
        let (l, r) = match sign {
            "==" | "!=" | "<" | "<=" | ">" | ">=" if dynamic => comparable(l, r)?,
            "in" if matches!(r.ty, T::Map(..)) => {
                if let T::Map(key, _) = &r.ty
                    && **key != l.ty
                    && **key != T::Any
                {
                    return Err(Reason::Dynamic);
                }
                (l, r)
            }
            "in" if dynamic && !T::List(Box::new(l.ty.clone())).same(&r.ty) => return Err(Reason::Dynamic),
            _ => (l, r),
        };
        let (a, b) = (l.code.as_str(), r.code.as_str());
        let texts = l.ty == T::Str && r.ty == T::Str;
        Ok(match sign {
            "&&" => tr(format!("({a} and {b})"), T::Bool),
            "||" => tr(format!("({a} or {b})"), T::Bool),
            "<" | "<=" | ">" | ">=" if l.ty == T::Bool && r.ty == T::Bool => return Err(Reason::Order),
            "<" | "<=" | ">" | ">=" if l.ty == T::Bytes && r.ty == T::Bytes => return Err(Reason::Bytes),
            "<" if texts => tr(format!("{a}.sorts_before({b})"), T::Bool),
            ">" if texts => tr(format!("{b}.sorts_before({a})"), T::Bool),
            "<=" if texts => tr(format!("(not {b}.sorts_before({a}))"), T::Bool),
            ">=" if texts => tr(format!("(not {a}.sorts_before({b}))"), T::Bool),
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => tr(format!("({a} {sign} {b})"), T::Bool),
            "+" if l.ty == T::Duration && r.ty == T::Time => tr(format!("({b} + {a})"), T::Time),
            "-" if l.ty == T::Time && r.ty == T::Time => tr(format!("({a} - {b})"), T::Duration),
            "+" if l.ty.is_open() => tr(format!("({a} + {b})"), r.ty),
            _ => tr(format!("({a} {sign} {b})"), l.ty.clone()),
        })
    }

    fn index(&mut self, of: &E, index: &E, optional: bool) -> Done {
        let of = self.expr(of, None)?;
        let index = self.expr(index, None)?;
        let (list, inner) = match &of.ty {
            T::List(inner) => (of.code.clone(), (**inner).clone()),
            T::Option(o) => match &**o {
                T::List(inner) => {
                    let item = format!("{}?.at({})", of.code, index.code);
                    return Ok(tr(item, T::Option(inner.clone())));
                }
                T::Map(_, value) => {
                    let item = format!("{}?.get({})", of.code, index.code);
                    return Ok(tr(item, T::Option(value.clone())));
                }
                _ => return Err(Reason::Dynamic),
            },
            T::Map(key, value) => {
                if **key != index.ty && **key != T::Any || index.dynamic {
                    return Err(Reason::Dynamic);
                }
                let item = format!("{}.get({})", of.code, index.code);
                let value = (**value).clone();
                return if optional {
                    Ok(tr(item, T::Option(Box::new(value))))
                } else {
                    self.maybe(item, value)
                };
            }
            _ => return Err(Reason::Dynamic),
        };
        if index.dynamic && !matches!(index.ty, T::Int | T::Uint) {
            return Err(Reason::Dynamic);
        }
        let item = format!("{list}.at({})", index.code);
        if optional {
            return Ok(tr(item, T::Option(Box::new(inner))));
        }
        self.maybe(item, inner)
    }
}

/// Numbers of two types, as one.
fn comparable(l: Tr, r: Tr) -> Result<(Tr, Tr), Reason> {
    if l.ty.same(&r.ty) {
        return Ok((l, r));
    }
    if !l.ty.is_number() || !r.ty.is_number() {
        return Err(Reason::Dynamic);
    }
    Ok((float(l)?, float(r)?))
}

/// A number as a `Float`, where it is written and so small that nothing is lost.
pub(super) fn float(n: Tr) -> Done {
    if n.ty == T::Double {
        return Ok(n);
    }
    match n.number {
        Some(number) if number.unsigned_abs() <= 1 << 53 => {
            Ok(Tr { dynamic: n.dynamic, ..tr(format!("{}.float", n.code), T::Double) })
        }
        _ => Err(Reason::Mixed),
    }
}
