//! Syntax trees without their places: what a text means, however it is laid out.

use play_syntax::{format, parse};

/// The tree of a text without the places in it.
#[must_use]
pub fn placeless(text: &str) -> String {
    let tree = format!("{:?}", parse(0, text).file);
    let mut out = String::with_capacity(tree.len());
    let mut rest = tree.as_str();
    while let Some((before, after)) = rest.split_once("Span {") {
        out.push_str(before);
        rest = after.split_once('}').map_or("", |(_, tail)| tail);
    }
    out.push_str(rest);
    out
}

/// What the formatter makes of a text. It has the tree that the text has, and is formatted already.
///
/// # Errors
/// How it is not so.
pub fn formatted(text: &str) -> Result<String, String> {
    let once = format(text).map_err(|e| format!("{e:?}\n{text}"))?;
    if format(&once).as_ref() != Ok(&once) {
        return Err(format!("formatting twice is another style:\n{once}"));
    }
    let (before, after) = (placeless(text), placeless(&once));
    if before != after {
        let at = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        let part = |tree: &str| tree.chars().skip(at.saturating_sub(80)).take(240).collect::<String>();
        return Err(format!(
            "another tree after formatting:\n  {}\n  {}\n{text}",
            part(&before),
            part(&after)
        ));
    }
    Ok(once)
}
