//! What `playc trace verify` tells of the decisions of persons: on what each of them had the role.

use std::collections::BTreeMap;

use play_evidence::ParsedLine;
use play_journal::JournalRead;

use crate::Result;
use crate::commands::sentence::{basis, shown};
use crate::project::count;

/// The kind of line that a decision is.
const KIND: &str = "person.answered";

/// Those in the lines of a run, one by one.
pub fn of_run(lines: &[u8]) -> Vec<String> {
    let parsed = lines.split_inclusive(|b| *b == b'\n').filter_map(|line| ParsedLine::parse(line).ok());
    let one = |line: ParsedLine| {
        let f = |name: &str| line.field(name).map(shown).unwrap_or_default();
        format!("line {}: {} decided as {}: {}", line.seq, f("person"), f("role"), basis(&line))
    };
    parsed.filter(|line| line.k == KIND).map(one).collect()
}

/// Those in a store: how many there are as each role, and on what.
pub fn of_store(reader: &dyn JournalRead) -> Result<Vec<String>> {
    let mut all: BTreeMap<(String, String), usize> = BTreeMap::new();
    reader.for_each_line(&mut |_, bytes| {
        // Most lines are something else, and are not read for this.
        if bytes.windows(KIND.len()).any(|part| part == KIND.as_bytes())
            && let Ok(line) = ParsedLine::parse(bytes)
            && line.k == KIND
        {
            let role = line.field("role").map(shown).unwrap_or_default();
            let n = all.entry((role, basis(&line))).or_default();
            *n = n.saturating_add(1);
        }
    })?;
    let one = |((role, basis), n): ((String, String), usize)| {
        format!("{} as {role}: {basis}", count(n, "decision"))
    };
    Ok(all.into_iter().map(one).collect())
}
