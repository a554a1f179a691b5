//! `cargo xtask bench check`: time and memory of `playc check` on a generated project and on one file, what an editor waits for after a
//! keystroke, and tools of the same class beside them.

pub mod engine;
mod figures;
mod inside;
mod measure;
mod peer;
mod project;
mod python;
pub mod store;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::step::{self, Failed};

/// How often each measurement is taken.
const RUNS: usize = 5;

/// Size of the generated project.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    files: usize,
    lines: usize,
    peers: bool,
}

impl Options {
    /// Reads `--files N --lines M --no-peers`.
    ///
    /// # Errors
    /// An unknown option, a number that is none, or too few lines for so many files.
    pub fn parse(args: &[&str]) -> Result<Self, Failed> {
        let mut options = Self { files: 1_000, lines: 100_000, peers: true };
        let mut rest = args;
        while let [name, tail @ ..] = rest {
            if *name == "--no-peers" {
                options.peers = false;
                rest = tail;
                continue;
            }
            let [value, tail @ ..] = tail else {
                return Err(Failed::usage(format!("{name} needs a number")));
            };
            let number =
                value.parse().map_err(|_| Failed::usage(format!("{name} needs a number, not `{value}`")))?;
            match *name {
                "--files" => options.files = number,
                "--lines" => options.lines = number,
                other => {
                    return Err(Failed::usage(format!(
                        "unknown option {other}: there are --files, --lines and --no-peers"
                    )));
                }
            }
            rest = tail;
        }
        if options.files == 0 || options.lines / options.files < project::MIN_LINES {
            return Err(Failed::usage(format!(
                "a file has at least {} lines, and there is at least one",
                project::MIN_LINES
            )));
        }
        Ok(options)
    }
}

/// Generates the project, builds `playc` for release, and measures.
///
/// # Errors
/// The project could not be written, a build failed, or `playc check` found something in it.
pub fn check(options: &Options) -> Result<(), Failed> {
    let folder = step::target().join("bench/project");
    let size =
        write(options, &folder).map_err(|error| Failed::usage(format!("{}: {error}", folder.display())))?;
    println!("project: {} files, {} lines, {:.2} MB", options.files, size.lines, mega(size.bytes));

    step::run("build", step::cargo().args(["build", "--release", "--package", "playc"]))?;
    let playc = step::target().join("release/playc");
    let whole = repeat(|| measure::run(Command::new(&playc).arg("check").arg(&folder)))?;
    let ours = report("playc check", &whole, &size);

    let parse = ["build", "--release", "--package", "xtask", "--example", "parse"];
    step::run("build", step::cargo().args(parse))?;
    let parser = step::target().join("release/examples/parse");
    let alone = repeat(|| measure::run(Command::new(&parser).arg(&folder)))?;
    report("lexer and parser alone", &alone, &size);
    println!(
        "ratio: {:.2} of the time of `playc check` is reading, lexing and parsing",
        alone.best() / whole.best()
    );
    one_file(&playc)?;
    keystrokes()?;
    if options.peers {
        python::measure(options.files, size.bytes, ours)?;
    }
    Ok(())
}

/// One file, from the start of the process to its end.
fn one_file(playc: &Path) -> Result<(), Failed> {
    let folder = inside::folder("one")?;
    let path = folder.join("one.play");
    let text = project::files(1, 100).map(|(_, text)| text).collect::<String>();
    std::fs::write(&path, text).map_err(|e| Failed::usage(format!("{}: {e}", path.display())))?;
    let mut taken = Taken { times: Vec::new(), peak: None };
    for _ in 0..50 {
        taken.times.push(measure::short(Command::new(playc).arg("check").arg(&path))?);
    }
    println!(
        "`playc check` of one file of 100 lines, process start included: best {:.1} ms, median {:.1} ms",
        taken.best() * 1e3,
        taken.median() * 1e3
    );
    Ok(())
}

/// A file of 2,000 lines that is checked after each character.
fn keystrokes() -> Result<(), Failed> {
    let example = ["build", "--release", "--package", "xtask", "--example", "keystroke"];
    step::run("build", step::cargo().args(example))?;
    let folder = inside::folder("keystroke")?;
    let path = folder.join("long.play");
    let text = project::files(1, 2_000).map(|(_, text)| text).collect::<String>();
    std::fs::write(&path, text).map_err(|e| Failed::usage(format!("{}: {e}", path.display())))?;
    step::run("keystrokes", Command::new(step::target().join("release/examples/keystroke")).arg(&path))
}

struct Size {
    lines: usize,
    bytes: usize,
}

fn write(options: &Options, folder: &Path) -> std::io::Result<Size> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("play.toml"), "name = \"bench\"\nedition = \"2026\"\n")?;
    let mut size = Size { lines: 0, bytes: 0 };
    for (name, text) in project::files(options.files, options.lines) {
        size.lines += text.lines().count();
        size.bytes += text.len();
        std::fs::write(PathBuf::from(folder).join(name), text)?;
    }
    Ok(size)
}

/// What some runs took.
struct Taken {
    times: Vec<Duration>,
    peak: Option<u64>,
}

impl Taken {
    /// The best time, in seconds.
    fn best(&self) -> f64 {
        self.times.iter().min().map_or(f64::NAN, Duration::as_secs_f64)
    }

    /// The time in the middle, in seconds.
    fn median(&self) -> f64 {
        let mut sorted = self.times.clone();
        sorted.sort();
        sorted.get(sorted.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
    }
}

fn repeat(one: impl Fn() -> Result<measure::Run, Failed>) -> Result<Taken, Failed> {
    let mut taken = Taken { times: Vec::new(), peak: None };
    for _ in 0..RUNS {
        let run = one()?;
        taken.times.push(run.time);
        taken.peak = taken.peak.max(run.peak);
    }
    Ok(taken)
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Prints what was measured; gives the MB/s.
#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn report(what: &str, taken: &Taken, size: &Size) -> f64 {
    let (best, median) = (taken.best(), taken.median());
    println!("{what}: best {best:.3} s, median {median:.3} s of {} runs", taken.times.len());
    println!("  {:.1} MB/s, {:.0} lines/s (by the best)", mega(size.bytes) / best, size.lines as f64 / best);
    match taken.peak {
        Some(kib) => println!("  peak memory {:.1} MiB", kib as f64 / 1024.0),
        None => println!("  peak memory not known: no /proc on this system"),
    }
    mega(size.bytes) / best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_defaults_and_are_checked() {
        assert_eq!(Options::parse(&[]), Ok(Options { files: 1_000, lines: 100_000, peers: true }));
        assert_eq!(
            Options::parse(&["--lines", "9000", "--no-peers", "--files", "10"]),
            Ok(Options { files: 10, lines: 9_000, peers: false })
        );
        assert!(Options::parse(&["--files", "ten"]).unwrap_err().message.contains("not `ten`"));
        assert!(Options::parse(&["--files"]).unwrap_err().message.contains("needs a number"));
        assert!(Options::parse(&["--runs", "3"]).unwrap_err().message.contains("unknown option --runs"));
        assert!(Options::parse(&["--files", "100000"]).is_err());
    }

    #[test]
    fn best_and_median() {
        let times = [3, 1, 2].map(Duration::from_secs).to_vec();
        let taken = Taken { times, peak: None };
        assert!((taken.best() - 1.0).abs() < 1e-9 && (taken.median() - 2.0).abs() < 1e-9);
    }
}
