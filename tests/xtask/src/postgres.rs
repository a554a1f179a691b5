//! A PostgreSQL server that all tests share, for as long as they run.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::step::{self, Failed};

/// Where tests look for a server.
pub const VARIABLE: &str = "PLAY_TEST_POSTGRES";

/// A server in a folder of its own. It ends, with its data, when this is gone.
pub struct Server {
    /// Where it is.
    pub url: String,
    stdin: Option<ChildStdin>,
    child: Child,
}

/// Starts one, unless the environment names one: then tests find that themselves.
///
/// # Errors
/// It could not be started; what it says of that went to standard error.
pub fn start() -> Result<Option<Server>, Failed> {
    if std::env::var_os(VARIABLE).is_some() { Ok(None) } else { server().map(Some) }
}

/// Starts one.
///
/// # Errors
/// It could not be started; what it says of that went to standard error.
pub fn server() -> Result<Server, Failed> {
    let mut command = Command::new("bash");
    command.arg("tests/postgres.sh").current_dir(step::root()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let failed = |why: String| Failed::usage(format!("no PostgreSQL server could be started: {why}"));
    let mut child = command.spawn().map_err(|e| failed(e.to_string()))?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let mut server = Server { url: String::new(), stdin, child };
    if let Some(stdout) = stdout {
        BufReader::new(stdout).read_line(&mut server.url).map_err(|e| failed(e.to_string()))?;
    }
    server.url.truncate(server.url.trim_end().len());
    if server.url.is_empty() {
        return Err(failed("see above".into()));
    }
    eprintln!("── a PostgreSQL server for the tests: {}", server.url);
    Ok(server)
}

impl Drop for Server {
    fn drop(&mut self) {
        // That is how it is told.
        drop(self.stdin.take());
        if let Err(error) = self.child.wait() {
            eprintln!("── the PostgreSQL server: {error}");
        }
    }
}
