//! `playc store`: the place where evidence is kept.

use crate::cli::StoreInitArgs;
use crate::{Ended, Result, output};

/// `playc store init`
pub fn init(args: &StoreInitArgs) -> Result {
    args.store.make()?;
    output::out(&format!("{} is ready", args.store));
    Ok(Ended::Fine)
}
