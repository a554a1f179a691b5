//! Settings of a service that nobody reads, for whoever checks a project and does not serve it.

use std::ops::Range;

use toml::de::DeTable;

use super::reading::{KEYS, OF_FILE, OF_WEBHOOK};

/// A setting that nobody reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The table that it stands in: `serve.webhook.okta`.
    pub table: String,
    /// What it is called.
    pub key: String,
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// Where its value stands, which may be a secret or hold one.
    pub value: Range<usize>,
    /// What is read in that table.
    pub known: &'static [&'static str],
}

/// What nobody reads in the `[serve]` of a file. Of what is no TOML, or not as it has to be, others tell.
#[must_use]
pub fn unread(text: &str) -> Vec<Unread> {
    let mut found = Vec::new();
    let Ok(file) = DeTable::parse(text) else { return found };
    let Some(serve) = file.get_ref().get("serve").and_then(|serve| serve.get_ref().as_table()) else {
        return found;
    };
    of_table("serve", serve, KEYS, &mut found);
    for (what, known) in [("webhook", OF_WEBHOOK), ("file", OF_FILE)] {
        let all = serve.get(what).and_then(|all| all.get_ref().as_table());
        for (name, one) in all.into_iter().flatten() {
            if let Some(table) = one.get_ref().as_table() {
                let called = format!("serve.{what}.{}", name.get_ref());
                of_table(&called, table, known, &mut found);
            }
        }
    }
    found
}

fn of_table(name: &str, table: &DeTable<'_>, known: &'static [&'static str], found: &mut Vec<Unread>) {
    for (key, value) in table.iter().filter(|(key, _)| !known.contains(&key.get_ref().as_ref())) {
        let (table, key, at) = (name.to_string(), key.get_ref().to_string(), key.span());
        found.push(Unread { table, key, at, value: value.span(), known });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_found_with_what_is_not_to_be_shown() {
        let text = "[serve]\nlisen = 's3cret'\n[serve.webhook.w]\nsecrt = { env = 'X' }\nheader = 'x'\n";
        let found = unread(text);
        let at = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        let shown: Vec<_> = found.iter().map(|u| (u.table.as_str(), at(&u.at), at(&u.value))).collect();
        let wanted = [("serve", "lisen", "'s3cret'"), ("serve.webhook.w", "secrt", "{ env = 'X' }")];
        assert_eq!(shown, wanted);
        assert_eq!(unread("serve = { lisen = 's3cret' }").len(), 1);
        assert_eq!(unread("serve = 5"), []);
    }
}
