//! For tests: what one thread finds and makes of a text, two do.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use crate::{Checked, checked, workspace};

/// What comes of a text, on one thread and on two.
pub(crate) fn checked_alike(text: &str) -> Checked {
    let workspace = workspace::of_text("alike", text).unwrap();
    let of = |two: bool| checked(&workspace, &play_stdlib::module, true, |_| two, None).0;
    let (one, two) = (of(false), of(true));
    assert_eq!(one.diagnostics, two.diagnostics);
    assert_eq!(format!("{:?}", one.program), format!("{:?}", two.program));
    one
}
