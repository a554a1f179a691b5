//! The chain in which a store writes about itself, wherever it is kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use play_evidence::{Chain, J, Line, kinds};

use crate::error::JournalError;

/// Its name.
pub const OWN_CHAIN: &str = "store";

/// Why a line of it is not taken.
pub(crate) fn refused(seq: u64, why: String) -> JournalError {
    JournalError::Refused { run: OWN_CHAIN.to_string(), seq, why }
}

/// The next line of it, by somebody: `engine`, `person:ada`.
///
/// # Errors
/// When the kind is not declared, or the fields are not those of it.
pub fn own_line(
    (now, by): (Timestamp, &str),
    chain: &mut Chain,
    kind: &str,
    fields: BTreeMap<String, J>,
) -> Result<Line, JournalError> {
    let seq = chain.next_seq();
    let kind = kinds::kind(kind).ok_or_else(|| refused(seq, format!("the kind `{kind}` is not declared")))?;
    chain.append(now, by, None, kind, fields).map_err(|e| refused(seq, e.to_string()))
}
