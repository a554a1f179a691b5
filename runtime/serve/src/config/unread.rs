//! Settings of a service that nobody reads, for whoever checks a project and does not serve it.

use std::ops::Range;

use toml::de::DeTable;

use super::reading::{KEYS, OF_FILE, OF_WEBHOOK};
use super::written::line;

/// A setting that nobody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The table that it stands in: `serve.webhook.okta`.
    pub table: String,
    /// What it is called.
    pub key: String,
    /// Where it stands, in bytes; where its value is a text, and may be a secret, the name of the table, in another line.
    pub at: Range<usize>,
    /// What is read in that table.
    pub known: &'static [&'static str],
}

/// What nobody reads in the `[serve]` of a file. Of what is no TOML, or not as it has to be, others tell.
#[must_use]
pub fn unread(text: &str) -> Vec<Unread> {
    let mut found = Vec::new();
    let Ok(file) = DeTable::parse(text) else { return found };
    let Some((name, serve)) = file.get_ref().get_key_value("serve") else { return found };
    let Some(serve) = serve.get_ref().as_table() else { return found };
    of_table(text, "serve", &name.span(), (serve, KEYS), &mut found);
    for (what, known) in [("webhook", OF_WEBHOOK), ("file", OF_FILE)] {
        let all = serve.get(what).and_then(|all| all.get_ref().as_table());
        for (name, one) in all.into_iter().flatten() {
            if let Some(table) = one.get_ref().as_table() {
                let called = format!("serve.{what}.{}", name.get_ref());
                of_table(text, &called, &name.span(), (table, known), &mut found);
            }
        }
    }
    found
}

fn of_table(
    text: &str,
    name: &str,
    at: &Range<usize>,
    (table, known): (&DeTable<'_>, &'static [&'static str]),
    found: &mut Vec<Unread>,
) {
    for (key, value) in table.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
        let at = if value.get_ref().is_str() { at.clone() } else { key.span() };
        // In a file of one line there is no place that does not show it; it is told when the service starts.
        if value.get_ref().is_str() && line(text, at.start) == line(text, value.span().start) {
            continue;
        }
        found.push(Unread { table: name.to_string(), key: key.get_ref().to_string(), at, known });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_found_and_no_text_is_shown() {
        let text = "[serve]\nlisen = 's3cret'\n[serve.webhook.w]\nsecrt = { env = 'X' }\nheader = 'x'\n";
        let found = unread(text);
        let shown: Vec<_> = found
            .iter()
            .map(|u| (u.table.as_str(), u.key.as_str(), text.get(u.at.clone()).unwrap_or_default()))
            .collect();
        assert_eq!(shown, [("serve", "lisen", "serve"), ("serve.webhook.w", "secrt", "secrt")]);
        assert_eq!(unread("serve = { lisen = 's3cret' }"), []);
        assert_eq!(unread("serve = 5"), []);
    }
}
