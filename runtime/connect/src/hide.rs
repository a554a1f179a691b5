//! Finds secrets in words that are about to be kept: as they are, escaped as in JSON, and percent-encoded.

/// What stands where a secret stood.
const HIDDEN: &str = "***";

/// How a secret can be written.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Json,
    Percent,
}

/// The text with `***` for every secret in it. Empty secrets are passed over.
pub(crate) fn hide(text: &str, secrets: &[&str]) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = secrets.iter().filter_map(|s| behind(rest, s)).min_by_key(|r| r.len()) {
            shown.push_str(HIDDEN);
            rest = after;
        } else {
            shown.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    shown
}

/// The most bytes that a secret takes in any of its forms. Nobody escapes the letters and digits of ASCII.
pub(crate) fn longest(secrets: &[&str]) -> usize {
    let written = |c: char| match c {
        c if c.is_ascii_alphanumeric() => 1,
        c => 6_usize.saturating_mul(c.len_utf16()).max(3_usize.saturating_mul(c.len_utf8())),
    };
    secrets.iter().map(|s| s.chars().map(written).sum()).max().unwrap_or(0)
}

/// What follows the secret that the text begins with; of several forms that fit, the longest one.
fn behind<'t>(text: &'t str, secret: &str) -> Option<&'t str> {
    if secret.is_empty() {
        return None;
    }
    [Form::Plain, Form::Json, Form::Percent]
        .into_iter()
        .filter_map(|form| secret.chars().try_fold(text, |rest, c| strip(rest, c, form)))
        .min_by_key(|rest| rest.len())
}

/// What follows one character of a secret.
fn strip(rest: &str, c: char, form: Form) -> Option<&str> {
    match form {
        Form::Json if rest.starts_with('\\') => strip_escaped(rest, c),
        Form::Percent if rest.starts_with('%') => c
            .encode_utf8(&mut [0; 4])
            .bytes()
            .try_fold(rest, |rest, byte| strip_hex(rest.strip_prefix('%')?, 2, byte.into())),
        // A form of the web writes a blank so.
        Form::Percent if c == ' ' && rest.starts_with('+') => rest.strip_prefix('+'),
        Form::Plain | Form::Json | Form::Percent => rest.strip_prefix(c),
    }
}

/// `\"`, `\\`, `\/`, or one or two of `\uXXXX`. Control characters never are in a secret.
fn strip_escaped(rest: &str, c: char) -> Option<&str> {
    if matches!(c, '"' | '\\' | '/')
        && let Some(after) = rest.strip_prefix('\\').and_then(|r| r.strip_prefix(c))
    {
        return Some(after);
    }
    c.encode_utf16(&mut [0; 2])
        .iter()
        .try_fold(rest, |rest, unit| strip_hex(rest.strip_prefix("\\u")?, 4, *unit))
}

/// What follows a number of so many hexadecimal digits, if it is this one.
fn strip_hex(rest: &str, digits: usize, number: u16) -> Option<&str> {
    let (hex, after) = rest.split_at_checked(digits)?;
    (u16::from_str_radix(hex, 16) == Ok(number)).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_secret_is_found_as_it_is() {
        assert_eq!(hide("token s3cret, s3cre", &["s3cret", ""]), "token ***, s3cre");
        assert_eq!(hide("abcd", &["ab", "abc"]), "***d");
    }

    #[test]
    fn a_secret_is_found_escaped_as_in_json() {
        let secret = "a\"b\\c/d<ü😀";
        assert_eq!(hide(&serde_json::json!({ "t": secret }).to_string(), &[secret]), r#"{"t":"***"}"#);
        assert_eq!(hide(r#""a\"b\\c\/d\u003cü\uD83D\ude00!""#, &[secret]), r#""***!""#);
    }

    #[test]
    fn a_secret_is_found_percent_encoded() {
        assert_eq!(hide("?t=a%2fb%2Bc%20d%C3%BC%25&x", &["a/b+c dü%"]), "?t=***&x");
        assert_eq!(hide("t=a%2Fb%2Bc+d%c3%bc%25", &["a/b+c dü%"]), "t=***");
    }

    #[test]
    fn the_longest_form_is_counted() {
        assert_eq!(longest(&[]), 0);
        assert_eq!(longest(&["abc", "a/"]), 7);
        assert_eq!(longest(&["€😀"]), 9 + 12);
    }

    proptest! {
        #[test]
        fn no_form_is_longer_than_the_longest(secret in "\\PC{1,8}") {
            let units = |text: &str| text.encode_utf16().map(|u| format!("\\u{u:04x}")).collect::<String>();
            let escape = |each: &dyn Fn(&str) -> String| -> String {
                secret.chars().map(|c| if c.is_ascii_alphanumeric() { c.into() } else { each(&c.to_string()) }).collect()
            };
            let percent = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
            for form in [secret.clone(), escape(&units), escape(&percent)] {
                prop_assert!(form.len() <= longest(&[&secret]));
                prop_assert_eq!(hide(&form, &[&secret]), "***", "{}", form);
            }
        }
    }
}
