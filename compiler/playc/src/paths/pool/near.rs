//! A value and its neighbours: on both sides of where a comparison turns.

use jiff::SignedDuration;
use play_program::Value;
use play_program::value::Version;

/// The value that comes just before, the value, and the one just after, as far as there are such.
pub(super) fn near(value: &Value) -> Vec<Value> {
    match value {
        Value::Float(x) => vec![Value::Float(*x), Value::Float(x - 1.0), Value::Float(x + 1.0)],
        Value::Size(n) => some([n.checked_sub(1), Some(*n), n.checked_add(1)], Value::Size),
        Value::Duration(d) => near_duration(*d).map(Value::Duration).collect(),
        Value::Time(t) => {
            let second = SignedDuration::from_secs(1);
            some([t.checked_sub(second).ok(), Some(*t), t.checked_add(second).ok()], Value::Time)
        }
        Value::Date(d) => some([d.yesterday().ok(), Some(*d), d.tomorrow().ok()], Value::Date),
        Value::Version(v) => near_version(v),
        other => vec![other.clone()],
    }
}

fn some<T>(all: [Option<T>; 3], make: fn(T) -> Value) -> Vec<Value> {
    all.into_iter().flatten().map(make).collect()
}

/// A second less, as it is, a second more.
pub(super) fn near_duration(d: SignedDuration) -> impl Iterator<Item = SignedDuration> {
    let second = SignedDuration::from_secs(1);
    [d.checked_sub(second), Some(d), d.checked_add(second)].into_iter().flatten()
}

/// What an older release, the one itself, a patch of it, and what came before it are called.
fn near_version(version: &Version) -> Vec<Value> {
    let text = version.to_string();
    let older = text.rsplit_once('.').and_then(|(most, last)| {
        let last = last.parse::<u64>().ok()?.checked_sub(1)?;
        Some(format!("{most}.{last}"))
    });
    let all = [Some(text.clone()), Some(format!("{text}.1")), older, Some(format!("{text}-rc.1"))];
    let read = |text: String| Version::parse(&text).ok().map(|v| Value::Version(std::sync::Arc::new(v)));
    all.into_iter().flatten().filter_map(read).collect()
}
