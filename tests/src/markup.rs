//! A look at SVG and HTML of ours: whether they are well formed.

/// Elements of HTML that have no end.
const VOID: [&str; 4] = ["meta", "link", "br", "!DOCTYPE"];

/// Tags close in order, and no `<`, `&` or quote stands bare, as far as what we write goes.
///
/// # Errors
/// What is wrong.
pub fn well_formed(text: &str) -> Result<(), String> {
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        if before.contains('>') {
            return Err(format!("a bare > in {before:?}"));
        }
        for entity in before.split('&').skip(1) {
            let name = entity.split(';').next().unwrap_or_default();
            if !["amp", "lt", "gt", "quot", "#39"].contains(&name) {
                return Err(format!("a bare & in {before:?}"));
            }
        }
        let Some((tag, after)) = after.split_once('>') else { return Err("a tag stays open".into()) };
        if tag.matches('"').count() % 2 == 1 || tag.contains('<') {
            return Err(format!("a bare quote in <{tag}>"));
        }
        let name = tag.split_whitespace().next().unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("</{name}> closes something else"));
            }
        } else if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name.to_string());
        }
        rest = after;
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} stay open")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_out_is_seen() {
        assert_eq!(well_formed("<p a=\"b\">c &lt; d<br></p>"), Ok(()));
        for wrong in ["<p>a & b</p>", "<p><b></p></b>", "<p a=\"b>", "<p>a > b</p>", "<p>", "<p a=\"<\"></p>"]
        {
            assert!(well_formed(wrong).is_err(), "{wrong}");
        }
    }
}
