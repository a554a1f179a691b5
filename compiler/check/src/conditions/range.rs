//! The values that something can still have.

use play_program::value::Value;

/// What a condition says of one value.
#[derive(Clone, Debug)]
pub(crate) enum Limit {
    /// It is one of these.
    OneOf(Vec<Value>),
    /// It is none of these.
    NoneOf(Vec<Value>),
    /// It is a number of at most that.
    AtMost(i128),
    /// It is a number of at least that.
    AtLeast(i128),
}

impl Limit {
    /// What holds when this does not. Numbers are whole, nanoseconds too.
    pub(crate) fn not(self) -> Self {
        match self {
            Self::OneOf(values) => Self::NoneOf(values),
            Self::NoneOf(values) => Self::OneOf(values),
            Self::AtMost(n) => Self::AtLeast(n.saturating_add(1)),
            Self::AtLeast(n) => Self::AtMost(n.saturating_sub(1)),
        }
    }

    fn admits(&self, value: &Value) -> bool {
        match self {
            Self::OneOf(values) => values.iter().any(|v| v.same(value)),
            Self::NoneOf(values) => !values.iter().any(|v| v.same(value)),
            Self::AtMost(most) => number(value).is_none_or(|n| n <= *most),
            Self::AtLeast(least) => number(value).is_none_or(|n| n >= *least),
        }
    }
}

/// The place of a value on the line of its type, where there is one. Not of a `Float`: what is not below is not above then.
pub(crate) fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Int(n) => Some(i128::from(*n)),
        Value::Duration(d) => Some(d.as_nanos()),
        Value::Time(t) => Some(t.as_nanosecond()),
        Value::Size(n) => Some(i128::from(*n)),
        Value::Enum(tag) => Some(i128::from(*tag)),
        _ => None,
    }
}

/// All values that are left after some limits.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    /// These alone, where they can be counted.
    only: Option<Vec<Value>>,
    /// None of these.
    not: Vec<Value>,
    low: i128,
    high: i128,
}

impl Range {
    /// Every value; `all`, where they can be counted.
    pub(crate) fn of(all: Option<Vec<Value>>) -> Self {
        Self { only: all, not: Vec::new(), low: i128::MIN, high: i128::MAX }
    }

    /// Only those that a limit admits.
    pub(crate) fn limit(&mut self, limit: &Limit) {
        if let Limit::OneOf(values) = limit {
            let before = self.clone();
            let kept = self.only.take().unwrap_or_else(|| values.clone());
            self.only = Some(kept.into_iter().filter(|v| before.has(v) && limit.admits(v)).collect());
            return;
        }
        if let Some(only) = &mut self.only {
            only.retain(|v| limit.admits(v));
            return;
        }
        match limit {
            Limit::NoneOf(values) => self.not.extend(values.iter().cloned()),
            Limit::AtMost(n) => self.high = self.high.min(*n),
            Limit::AtLeast(n) => self.low = self.low.max(*n),
            Limit::OneOf(_) => {}
        }
    }

    fn has(&self, value: &Value) -> bool {
        self.only.as_ref().is_none_or(|only| only.iter().any(|v| v.same(value)))
            && !self.not.iter().any(|v| v.same(value))
            && number(value).is_none_or(|n| n >= self.low && n <= self.high)
    }

    /// Whether nothing is left: what was said contradicts itself.
    pub(crate) fn is_empty(&self) -> bool {
        self.low > self.high || self.only.as_ref().is_some_and(|only| !only.iter().any(|v| self.has(v)))
    }

    /// Whether all that is left, or nothing of it, is within a limit.
    pub(crate) fn answer(&self, limit: &Limit) -> Option<bool> {
        if self.is_empty() {
            return None;
        }
        if let Some(only) = &self.only {
            let left: Vec<&Value> = only.iter().filter(|v| self.has(v)).collect();
            return match left.iter().filter(|v| limit.admits(v)).count() {
                0 => Some(false),
                n if n == left.len() => Some(true),
                _ => None,
            };
        }
        let (all, nothing) = match limit {
            Limit::OneOf(values) => (self.is_single_of(values), !values.iter().any(|v| self.has(v))),
            Limit::NoneOf(values) => (!values.iter().any(|v| self.has(v)), self.is_single_of(values)),
            Limit::AtMost(n) => (self.high <= *n, self.low > *n),
            Limit::AtLeast(n) => (self.low >= *n, self.high < *n),
        };
        if all { Some(true) } else { nothing.then_some(false) }
    }

    /// Whether one number is left, and is among these.
    fn is_single_of(&self, values: &[Value]) -> bool {
        self.low == self.high && values.iter().any(|v| number(v) == Some(self.low))
    }
}
