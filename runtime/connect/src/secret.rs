//! Secrets: where they come from, and how they are kept from being shown.

use std::ffi::OsString;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// A secret larger than this is not one: bytes.
const LARGEST: u64 = 64 * 1024;
/// How long a command may take to print a secret and to end.
const COMMAND_TIME: Duration = Duration::from_secs(30);
/// How often a command that has closed its output is looked after.
const LOOK: Duration = Duration::from_millis(5);

/// A secret's text. It is never displayed or serialised, and is overwritten when dropped, as far as that can be done.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// A secret out of a text.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Its bytes, for signatures and comparisons that tell nothing by the time they take.
    #[must_use]
    pub fn for_signing(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text itself, for a header, and to find it in words that are about to be kept.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Where a value stands that is not written into the configuration.
#[derive(Debug)]
pub(crate) enum Place {
    /// `{ env = "NAME" }`
    Env(String),
    /// `{ file = "path" }`
    File(PathBuf),
    /// `{ command = ["program", "argument"] }`
    Command(Vec<String>),
}

/// Looks up a variable of the environment. A parameter, so that tests need not change the process's own.
pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

impl Place {
    /// Reads the value. One newline at its end is cut off, as editors and `echo` leave one.
    ///
    /// # Errors
    /// In words that never hold the value.
    pub(crate) fn read(&self, env: Env<'_>) -> Result<Zeroizing<String>, String> {
        let bytes = match self {
            Self::Env(name) => from_env(name, env)?,
            Self::File(path) => from_file(path)?,
            Self::Command(words) => from_command(words, COMMAND_TIME)?,
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| format!("{self} does not give UTF-8 text"))?;
        let text = text.strip_suffix('\n').map_or(text, |t| t.strip_suffix('\r').unwrap_or(t));
        if text.is_empty() {
            return Err(format!("{self} is empty"));
        }
        if text.chars().any(char::is_control) {
            return Err(format!("{self} holds a line break or another control character"));
        }
        Ok(Zeroizing::new(text.to_string()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            // Arguments are left out: some people do put secrets there.
            Self::Command(words) => write!(f, "the command `{}`", words.first().map_or("", String::as_str)),
        }
    }
}

fn from_env(name: &str, env: Env<'_>) -> Result<Zeroizing<Vec<u8>>, String> {
    let value = env(name).ok_or_else(|| format!("the environment variable {name} is not set"))?;
    Ok(Zeroizing::new(value.into_encoded_bytes()))
}

fn from_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let shown = path.display();
    let unreadable = |e: std::io::Error| format!("the file {shown} cannot be read: {e}");
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(format!("the file {shown} is not a regular file"));
    }
    read_bounded(std::fs::File::open(path).map_err(unreadable)?).map_err(unreadable)
}

fn read_bounded(from: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(LARGEST.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("larger than 64 KiB"));
    }
    Ok(bytes)
}

fn from_command(words: &[String], limit: Duration) -> Result<Zeroizing<Vec<u8>>, String> {
    let Some((program, arguments)) = words.split_first() else { return Err("the command is empty".into()) };
    let failed = |what: &str| format!("the command `{program}` {what}");
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| failed(&format!("cannot be started: {e}")))?;
    let out = child.stdout.take().ok_or_else(|| failed("has no output"))?;
    let (tell, told) = mpsc::channel();
    // Not joined: something that the command left behind may keep the pipe open for ever.
    std::thread::spawn(move || tell.send(read_bounded(out)));
    let read = told.recv_timeout(limit);
    // When nobody reads what it prints any more, it need not run on; and one may close its output and still not end.
    let patience =
        if matches!(read, Ok(Ok(_))) { limit.saturating_sub(began.elapsed()) } else { Duration::ZERO };
    let status = ended(&mut child, patience).map_err(|e| failed(&format!("cannot be waited for: {e}")))?;
    match (read, status) {
        (Ok(Err(e)), _) => Err(failed(&format!("cannot be read: {e}"))),
        (Err(_), _) | (_, None) => Err(failed(&format!("does not end within {} s", limit.as_secs_f32()))),
        (Ok(Ok(_)), Some(status)) if !status.success() => Err(failed(&format!("failed ({status})"))),
        (Ok(Ok(bytes)), Some(_)) => Ok(bytes),
    }
}

/// How a command ended; `None`: not in time, and it was killed.
fn ended(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() >= patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(place: &Place) -> Result<String, String> {
        place.read(&|name| (name == "TOKEN").then(|| "s3cret\n".into())).map(|t| t.to_string())
    }

    #[test]
    fn a_secret_is_not_shown() {
        let secret = Secret::new(Zeroizing::new("s3cret".into()));
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.expose(), "s3cret");
    }

    #[test]
    fn it_comes_from_the_environment_a_file_or_a_command() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "from a file\r\n").unwrap();
        assert_eq!(read(&Place::Env("TOKEN".into())).unwrap(), "s3cret");
        assert_eq!(read(&Place::File(path)).unwrap(), "from a file");
        assert_eq!(read(&Place::Command(vec!["echo".into(), "printed".into()])).unwrap(), "printed");
    }

    #[test]
    fn what_cannot_be_read_is_named_without_its_content() {
        let command = |words: &[&str]| read(&Place::Command(words.iter().map(ToString::to_string).collect()));
        let dir = tempfile::tempdir().unwrap();
        let two_lines = dir.path().join("two");
        std::fs::write(&two_lines, "s3cret\nmore").unwrap();
        assert_eq!(read(&Place::Env("NONE".into())).unwrap_err(), "the environment variable NONE is not set");
        assert_eq!(command(&[]).unwrap_err(), "the command is empty");
        assert_eq!(command(&["true"]).unwrap_err(), "the command `true` is empty");
        assert!(command(&["false", "s3cret"]).unwrap_err().starts_with("the command `false` failed"));
        assert!(command(&["/nowhere/at/all"]).unwrap_err().contains("cannot be started"));
        assert!(command(&["head", "-c", "70000", "/dev/zero"]).unwrap_err().contains("larger than 64 KiB"));
        assert!(read(&Place::File(dir.path().join("none"))).unwrap_err().contains("cannot be read"));
        let why = read(&Place::File(two_lines)).unwrap_err();
        assert!(
            why.ends_with("holds a line break or another control character") && !why.contains("s3cret"),
            "{why}"
        );
    }

    #[test]
    fn only_a_regular_file_holds_a_secret() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [Path::new("/dev/zero"), dir.path(), pipe.as_path()] {
            let why = read(&Place::File(path.into())).unwrap_err();
            assert_eq!(why, format!("the file {} is not a regular file", path.display()));
        }
        let linked = dir.path().join("linked");
        std::fs::write(dir.path().join("token"), "s3cret").unwrap();
        std::os::unix::fs::symlink(dir.path().join("token"), &linked).unwrap();
        assert_eq!(read(&Place::File(linked)).unwrap(), "s3cret");
    }

    #[test]
    fn a_command_that_does_not_end_is_killed() {
        let shell = |script: &str| {
            let words: Vec<String> = ["sh", "-c", script].map(String::from).into();
            from_command(&words, Duration::from_millis(500)).map_err(|why| why.to_string())
        };
        let late = "the command `sh` does not end within 0.5 s";
        assert_eq!(shell("exec sleep 600").unwrap_err(), late);
        assert_eq!(shell("echo s3cret; exec sleep 600 >&-").unwrap_err(), late);
    }
}
