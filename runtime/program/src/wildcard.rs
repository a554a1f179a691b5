//! Wildcard patterns: `*` stands for any text, `?` for one character, anything else for itself. They fit the whole text.

/// Whether a text fits a pattern. Takes at most as many steps as the product of their lengths.
#[must_use]
pub fn like(text: &str, pattern: &str) -> bool {
    let mut text = text.chars();
    let mut pattern = pattern.chars();
    // Behind the last `*`: the rest of the pattern, and of the text what the `*` has not taken yet.
    let mut star: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let here = text.clone();
        match (pattern.next(), text.next()) {
            (Some('*'), _) => {
                text = here.clone();
                star = Some((pattern.clone(), here));
                continue;
            }
            (Some('?'), Some(_)) => continue,
            (Some(p), Some(c)) if p == c => continue,
            (None, None) => return true,
            _ => {}
        }
        // The last `*` takes one character more.
        let Some((behind, taken)) = &mut star else { return false };
        if taken.next().is_none() {
            return false;
        }
        pattern = behind.clone();
        text = taken.clone();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::like;

    #[test]
    fn a_pattern_fits_the_whole_text() {
        for (text, pattern, fits) in [
            ("adm-ada", "adm-*", true),
            ("xadm-ada", "adm-*", false),
            ("adm-", "adm-*", true),
            ("a.exe", "?.exe", true),
            ("ab.exe", "?.exe", false),
            ("é", "?", true),
            ("", "*", true),
            ("", "", true),
            ("a", "", false),
            ("abcabd", "*ab?", true),
            ("mississippi", "*iss*ip*", true),
            ("a*b", "a*b", true),
            ("A", "a", false),
            ("a\nb", "a*b", true),
        ] {
            assert_eq!(like(text, pattern), fits, "{text:?} like {pattern:?}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_regular_expression_that_it_stands_for(text in "[ab]{0,8}", pattern in "[ab*?]{0,6}") {
            let regex = format!("^(?s){}$", pattern.replace('*', ".*").replace('?', "."));
            let regex = regex::Regex::new(&regex).expect("a pattern");
            prop_assert_eq!(like(&text, &pattern), regex.is_match(&text));
        }
    }
}
