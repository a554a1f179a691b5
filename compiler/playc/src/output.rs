//! Printing. Results go to standard output, everything else to standard error; a closed pipe is no error.

use std::io::{IsTerminal as _, Write as _};

/// How text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Colours on standard output.
    pub color_out: bool,
    /// Colours on standard error.
    pub color_err: bool,
}

impl Style {
    /// Colours only on a terminal, and not under `NO_COLOR`.
    pub fn detect() -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        Self {
            color_out: wanted && std::io::stdout().is_terminal(),
            color_err: wanted && std::io::stderr().is_terminal(),
        }
    }

    /// Bold text on standard output.
    pub fn bold(self, text: &str) -> String {
        if self.color_out { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// Dim text on standard output.
    pub fn dim(self, text: &str) -> String {
        if self.color_out { format!("\u{1b}[2m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// Green, for what is fine, or red.
    pub fn verdict(self, fine: bool, text: &str) -> String {
        let code = if fine { 32 } else { 31 };
        if self.color_out { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

/// A line of result.
pub fn out(line: &str) {
    let mut stdout = std::io::stdout().lock();
    written(writeln!(stdout, "{line}"));
}

/// Bytes of result, as they are.
pub fn out_bytes(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    written(stdout.write_all(bytes).and_then(|()| stdout.flush()));
}

/// When nobody reads any more the rest is not printed, and the command ends as it would have: its exit code still says how
/// it went. Anything else is trouble: a result that is cut short must not look whole.
fn written(done: std::io::Result<()>) {
    match done {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
        Err(e) => {
            err(&format!("playc: the output could not be written: {e}"));
            std::process::exit(2);
        }
    }
}

/// A line for the person at the terminal.
pub fn err(line: &str) {
    // There is nowhere else to complain.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Text from outside, safe to print.
pub fn safe(text: &str) -> String {
    play_evidence::display::escape(text)
}

/// Text as one word of a command.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_./:@%+=,-~…".contains(c);
    if text.chars().all(plain) { text.to_string() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Columns, padded to their widest cell; the last is not padded.
pub fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|s| s.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let mut line = String::new();
            for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
                line.push_str(cell);
                if i.saturating_add(1) < row.len() {
                    let pad = width.saturating_sub(cell.chars().count()).saturating_add(2);
                    line.extend(std::iter::repeat_n(' ', pad));
                }
            }
            line.trim_end().to_string()
        })
        .collect()
}
