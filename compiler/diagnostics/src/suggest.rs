//! Did you mean.

use strsim::damerau_levenshtein;

/// The candidate that was most likely meant by `name`, or `None` when none is near.
///
/// Equality but for case wins. Else at most one edit is allowed for up to four characters, two for up to eight, three
/// beyond. Of equally near candidates the first in alphabetical order is taken, so the answer does not depend on the
/// order in which they come. A candidate equal to `name` is never the answer.
pub fn closest<'a, I>(name: &str, candidates: I) -> Option<&'a str>
where
    I: IntoIterator<Item = &'a str>,
{
    let length = name.chars().count();
    let cap = match length {
        0..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .filter(|c| *c != name && !c.is_empty())
        // A length that differs by more than the cap cannot be near, and need not be measured.
        .filter(|c| c.chars().count().abs_diff(length) <= cap)
        .filter_map(|c| {
            let distance = if c.to_lowercase() == lower { 0 } else { damerau_levenshtein(name, c).max(1) };
            // Replacing every character is not a misspelling.
            (distance <= cap && distance < length.max(1)).then_some((distance, c))
        })
        .min()
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_slip_of_the_fingers_is_found() {
        assert_eq!(closest("contry", ["country", "city", "ip"]), Some("country"));
        assert_eq!(closest("suspned", ["suspend", "unsuspend"]), Some("suspend"));
    }

    #[test]
    fn another_case_is_the_same_word() {
        assert_eq!(closest("HIGH", ["High", "HIGHS"]), Some("High"));
        assert_eq!(closest("userid", ["userId", "usrid"]), Some("userId"));
    }

    #[test]
    fn a_short_name_has_few_neighbours() {
        assert_eq!(closest("ip", ["id", "user"]), Some("id"));
        assert_eq!(closest("ip", ["user", "dns", "abc"]), None);
        assert_eq!(closest("x", ["y"]), None);
        assert_eq!(closest("user", ["uesr"]), Some("uesr"));
        assert_eq!(closest("user", ["host"]), None);
    }

    #[test]
    fn the_order_of_candidates_does_not_matter() {
        assert_eq!(closest("host", ["hosts", "hose"]), closest("host", ["hose", "hosts"]));
        assert_eq!(closest("host", ["host"]), None);
    }
}
