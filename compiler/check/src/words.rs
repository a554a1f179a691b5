//! The words of a text, as a quick look for names: what a comment or a text says counts as well.

/// Everything in it that could be a name.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}
