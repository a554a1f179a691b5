//! sarif-tools, a reader of SARIF by others, in an environment of Python of its own that stays for the next time.

use std::path::PathBuf;

use crate::environment;
use crate::step::Failed;

/// Where tests find its command.
pub const VARIABLE: &str = "PLAY_SARIF";

/// The version that is asked.
const VERSION: &str = "3.0.5";

/// What is said where it is not here, before the reason.
const LEFT_OUT: &str = "── left out: SARIF as sarif-tools read it";

/// Its command. `quick`: nothing is installed for it. `None` where there is no Python to install it with, which is said; where `PLAY_READERS` is set (.ci/run), that is an error.
///
/// # Errors
/// It could not be installed, and has to be.
pub fn ready(quick: bool) -> Result<Option<PathBuf>, Failed> {
    let package = [format!("sarif-tools=={VERSION}")];
    let says = "import sarif";
    if quick {
        let there = environment::there("sarif", &package, says).map(|python| python.with_file_name("sarif"));
        if there.is_none() {
            eprintln!("{LEFT_OUT}: nothing is installed for a quick run");
        }
        return Ok(there);
    }
    match environment::with("sarif", &package, says) {
        Ok(python) => Ok(Some(python.with_file_name("sarif"))),
        Err(why) if std::env::var_os("PLAY_READERS").is_some() => {
            Err(Failed::usage(format!("sarif-tools could not be installed: {why}")))
        }
        Err(why) => {
            eprintln!("{LEFT_OUT}: {why}");
            Ok(None)
        }
    }
}
