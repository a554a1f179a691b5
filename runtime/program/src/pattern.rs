//! Patterns: whether a text is one.

use regex_syntax::hir::{Class, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;

/// The most that a pattern may take when it is compiled, in bytes.
pub(crate) const MOST: usize = 1 << 20;

/// What a byte or a range of a pattern takes at most when it is compiled: in a list of texts two states of 32 bytes, one with a
/// transition.
const STATE: usize = 96;

/// Whether [`crate::ops::pattern`] takes a text. To compile it takes a hundred times as long as to read it, so one that
/// can be seen to stay small is only read.
///
/// # Errors
/// What is wrong with it, in several lines.
pub fn check(text: &str) -> Result<(), String> {
    match regex_syntax::parse(text) {
        Ok(read) if size(&read).saturating_add(64 * STATE) <= MOST => Ok(()),
        // What is wrong is said in one place.
        _ => crate::ops::pattern(text).map(|_| ()),
    }
}

/// Bytes that a pattern takes at most when it is compiled.
fn size(pattern: &Hir) -> usize {
    let own = match pattern.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        // A range of bytes is a transition of 8 bytes, and leads to a state of 32.
        HirKind::Class(class) => return ranges(class).saturating_mul(40).saturating_add(STATE),
        HirKind::Repetition(of) => {
            let times = of.max.unwrap_or_else(|| of.min.saturating_add(1)).max(1);
            let once = size(&of.sub).saturating_add(2 * STATE);
            return once.saturating_mul(usize::try_from(times).unwrap_or(usize::MAX)).saturating_add(STATE);
        }
        HirKind::Capture(of) => {
            let name = of.name.as_ref().map_or(0, |name| name.len());
            return size(&of.sub).saturating_add(name.saturating_mul(4)).saturating_add(8 * STATE);
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            let each = parts.iter().map(|part| size(part).saturating_add(STATE));
            return each.fold(STATE, usize::saturating_add);
        }
    };
    own.saturating_add(1).saturating_mul(STATE)
}

/// Ranges of bytes that a class is made of: each of its own ranges is some sequences of them.
fn ranges(class: &Class) -> usize {
    match class {
        Class::Bytes(class) => class.ranges().len(),
        Class::Unicode(class) => {
            let sequences = class.iter().flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
            sequences.fold(0, |sum: usize, sequence| sum.saturating_add(sequence.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use proptest::prelude::*;

    use super::{MOST, check, size};
    use crate::ops::pattern;

    #[test]
    fn what_is_taken_unseen_compiles() {
        for text in
            [r"^(adm|svc)\d+[-_]\w{3,6}$", r"(?i)invoice.*\.(?:exe|scr)", r"\p{L}+", "", r"(?<who>\w+)@x"]
        {
            assert!(size(&regex_syntax::parse(text).unwrap()) < MOST, "{text} is only read");
            pattern(text).unwrap();
            check(text).unwrap();
        }
    }

    #[test]
    fn what_is_too_large_or_wrong_is_said_as_by_the_compiler() {
        for text in [r"(\w{100}){100}", "a{1000}{1000}", "(", r"a\1", "(?=a)", "[z-a]"] {
            assert_eq!(check(text).unwrap_err(), pattern(text).unwrap_err());
        }
    }

    proptest! {
        // Each compiles a pattern that is near the limit.
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Parts put together at random, so that some are near the limit.
        #[test]
        fn a_pattern_is_taken_where_it_compiles(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just(r"\w"), Just("."), Just(r"\d"), Just("[a-f]"), Just("x"), Just("é|ü"), Just("(?i)straße"),
                    Just("(?:ab|cd)"), Just(r"\b"), Just("(a(b(c)))"), Just(r"\P{Greek}"),
                    Just("(?-u:[acegikmoqsuwy024680BDFHJLNPRTVXZ%&+/<=])"),
                ],
                1..6,
            ),
            times in 0_u32..3_000,
        ) {
            let text: String = parts.iter().map(|part| format!("(?:{part}){{{times}}}")).collect();
            prop_assert_eq!(check(&text).is_ok(), pattern(&text).is_ok(), "{}", text);
        }

        /// A list of texts is put together by what they share.
        #[test]
        fn a_list_of_texts_is_taken_where_it_compiles(many in 1_usize..40, long in 1_usize..20_000, kind in "[a-z]{4}") {
            let each = long / many + 1;
            let texts: Vec<String> = (0..many).map(|i| format!("{i}{}", kind.repeat(each / 4 + 1))).collect();
            let text = format!("^(?:{})", texts.join("|"));
            prop_assert!(check(&text).is_err() || pattern(&text).is_ok(), "{many} of {each}");
        }
    }
}
