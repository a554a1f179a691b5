//! The commands, a file each.

pub mod answer;
pub mod api;
pub mod backtest;
pub mod beside;
pub mod build;
pub mod cancel;
pub mod caps;
pub mod check;
pub mod ci;
pub mod completions;
pub mod decisions;
pub mod doc;
pub mod doctor;
pub mod dropped;
pub mod event;
pub mod explain;
pub mod fix;
pub mod fmt;
pub mod follow_up;
pub mod graph;
pub mod man;
pub mod new;
pub mod other_project;
pub mod pause;
pub mod replay;
pub mod report;
pub mod resolve;
pub mod run;
pub mod says;
pub mod schema;
pub mod sentence;
pub mod serve;
pub mod status;
pub mod store;
pub mod test;
pub mod trace;
pub mod undo;
pub mod unmapped;
pub mod would;

use crate::output;
use crate::{Ended, Result};

/// `playc version`
pub fn version() -> Result {
    output::out(crate::project::COMPILER);
    Ok(Ended::Fine)
}
