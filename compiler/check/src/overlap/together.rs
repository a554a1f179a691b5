//! Which playbooks may take one case, without asking it of every two of them: most conditions fix a field that tells them apart.

use std::collections::BTreeMap;

use crate::conditions::{Fixed, Plain, Step};

/// So few are asked two by two.
const FEW: usize = 8;

/// All pairs, the later one first, except those of which one field is fixed to values that are none of the other's.
pub(super) fn together(fixed: &[Fixed], all: &[usize]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    split(fixed, all, &mut Vec::new(), &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

/// By the field that tells the most of them apart, and each part by the next one.
fn split<'a>(fixed: &'a [Fixed], all: &[usize], used: &mut Vec<&'a [Step]>, found: &mut Vec<(usize, usize)>) {
    let best = if all.len() > FEW { telling(fixed, all, used) } else { None };
    let Some(by) = best else {
        for (at, one) in all.iter().enumerate() {
            found.extend(all.iter().take(at).map(|other| pair(*one, *other)));
        }
        return;
    };
    let mut parts: BTreeMap<&Plain, Vec<usize>> = BTreeMap::new();
    let (mut with, mut rest) = (Vec::new(), Vec::new());
    for one in all {
        match fixed.get(*one).and_then(|fixed| fixed.get(by)) {
            Some(values) => {
                with.push(*one);
                values.iter().for_each(|value| parts.entry(value).or_default().push(*one));
            }
            None => rest.push(*one),
        }
    }
    for one in &rest {
        found.extend(with.iter().map(|other| pair(*one, *other)));
    }
    used.push(by);
    parts.values().chain([&rest]).for_each(|part| split(fixed, part, used, found));
    used.pop();
}

fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.max(other), one.min(other))
}

/// The field by which the fewest pairs are left; none where that is no gain.
fn telling<'a>(fixed: &'a [Fixed], all: &[usize], used: &[&[Step]]) -> Option<&'a [Step]> {
    let mut fields: BTreeMap<&[Step], (usize, BTreeMap<&Plain, usize>)> = BTreeMap::new();
    for (place, values) in all.iter().filter_map(|one| fixed.get(*one)).flatten() {
        if used.contains(&place.as_slice()) {
            continue;
        }
        let (with, parts) = fields.entry(place).or_default();
        *with = with.saturating_add(1);
        for value in values {
            let n = parts.entry(value).or_default();
            *n = n.saturating_add(1);
        }
    }
    let square = |n: usize| n.saturating_mul(n);
    let left = |with: usize, parts: &BTreeMap<&Plain, usize>| {
        let rest = all.len().saturating_sub(with).saturating_mul(all.len());
        parts.values().fold(rest, |sum, n| sum.saturating_add(square(*n)))
    };
    let fields = fields.into_iter().map(|(place, (with, parts))| (left(with, &parts), place));
    let (left, place) = fields.min()?;
    (left.saturating_mul(4) < square(all.len()).saturating_mul(3)).then_some(place)
}
