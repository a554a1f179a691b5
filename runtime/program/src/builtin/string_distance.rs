//! How far apart two texts are: look-alike domains and names.

use crate::builtin::{Builtin, Call, Shape};
use crate::value::Value;

/// Longer texts are not compared: the price is the product of both lengths. A domain has at most 253 characters.
const LONGEST: usize = 256;

pub(super) const DISTANCE: Builtin = Builtin {
    name: "distance",
    property: false,
    receiver: Shape::String,
    params: &[Shape::String],
    result: Shape::Option(&Shape::Int),
    doc: "How many characters have to be put in, left out or changed to make the other of it (Levenshtein). `none` when one is longer than 256 characters.",
    examples: &[
        (r#""paypal.example".distance("paypa1.example")"#, "1"),
        (r#""kitten".distance("sitting")"#, "3"),
        (r#""a".repeat(257).distance("a") == none"#, "true"),
    ],
    run: distance,
};

fn distance(call: &Call<'_>) -> Option<Value> {
    let left: Vec<char> = call.text(0)?.chars().take(LONGEST.saturating_add(1)).collect();
    let right: Vec<char> = call.text(1)?.chars().take(LONGEST.saturating_add(1)).collect();
    if left.len() > LONGEST || right.len() > LONGEST {
        return None;
    }
    // The distances from what has been seen of `left` to each start of `right`.
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (seen, a) in left.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut last = seen.saturating_add(1);
        next.push(last);
        for (b, pair) in right.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { return None };
            let changed = diagonal.saturating_add(usize::from(a != b));
            last = changed.min(above.saturating_add(1)).min(last.saturating_add(1));
            next.push(last);
        }
        row = next;
    }
    i64::try_from(*row.last()?).ok().map(Value::Int)
}
