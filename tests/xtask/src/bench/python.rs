//! Tools of the same class for another language, on as many files of the same size: ruff, which lints Python, and ty, which checks its
//! types.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Size, measure, repeat, report};
use crate::environment;
use crate::step::{self, Failed};

/// The versions that are measured.
const RUFF: &str = "0.17.6";
const TY: &str = "0.0.108";

/// Measures both beside `ours`, in MB/s. Where they cannot be installed, that is said.
///
/// # Errors
/// The files could not be written, or a tool found something in them.
pub fn measure(files: usize, bytes: usize, ours: f64) -> Result<(), Failed> {
    println!("\non as many files of Python of the same size");
    let packages = [format!("ruff=={RUFF}"), format!("ty=={TY}")];
    let python = match environment::with("python", &packages, "import sys") {
        Ok(python) => python,
        Err(why) => {
            println!("  not measured: {why}");
            return Ok(());
        }
    };
    let folder = step::target().join("bench/python");
    let size = write(&folder, files, bytes)
        .map_err(|error| Failed::usage(format!("{}: {error}", folder.display())))?;
    let tool = |name: &str| python.with_file_name(name);
    let ruff = repeat(|| {
        measure::run(
            Command::new(tool("ruff")).args(["check", "--quiet", "--no-cache", "--isolated"]).arg(&folder),
        )
    })?;
    compared(&format!("ruff {RUFF}, linting"), report(&format!("ruff {RUFF}"), &ruff, &size), ours);
    let ty = repeat(|| {
        let mut command = Command::new(tool("ty"));
        command.args(["check", "--quiet", "--python"]).arg(&python).current_dir(&folder);
        measure::run(&mut command)
    })?;
    compared(&format!("ty {TY}, types"), report(&format!("ty {TY}"), &ty, &size), ours);
    Ok(())
}

fn compared(what: &str, theirs: f64, ours: f64) {
    println!("  `playc check` to {what}: {:.2} times the MB/s", ours / theirs);
}

fn write(folder: &Path, files: usize, bytes: usize) -> std::io::Result<Size> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let each = bytes / files.max(1);
    let mut size = Size { lines: 0, bytes: 0 };
    for file in 0..files {
        let text = text(file, each);
        size.lines += text.lines().count();
        size.bytes += text.len();
        std::fs::write(PathBuf::from(folder).join(format!("f{file:05}.py")), text)?;
    }
    Ok(size)
}

/// A file of at least so many bytes: typed, varied, and nothing is wrong with it. It uses another one, as ours do.
fn text(file: usize, bytes: usize) -> String {
    let (limit, country) = (10 + file % 80, file % 97);
    let mut out =
        format!("\"\"\"File {file} of a generated project.\"\"\"\n\nfrom dataclasses import dataclass\n");
    let earlier = if file == 0 {
        "hits".to_string()
    } else {
        let _ = writeln!(out, "\nfrom f{0:05} import weight_{0}", file / 2);
        format!("weight_{}(hits)", file / 2)
    };
    let _ = write!(
        out,
        r#"

@dataclass(frozen=True)
class Event{file}:
    """What file {file} looks at."""

    user: str
    ip: str
    hits: int
    place: str | None = None


def weight_{file}(hits: int) -> int:
    """How much the hits of file {file} weigh."""
    if hits > {limit}:
        return hits * 2
    return {earlier} + 1


def triage_{file}(event: Event{file}, score: int) -> str:
    """What is done about one."""
    if score + weight_{file}(event.hits) > {limit} or event.place == "Country {country}":
        return f"suspended {{event.user}}"
    return f"score {{score}}"
"#
    );
    let mut part = 0_usize;
    while out.len() < bytes {
        let (name, number) = (format!("{file}_{part}"), (file * 31 + part * 17) % 1_000);
        let _ = match (file + part) % 3 {
            0 => write!(
                out,
                r#"

def score_{name}(hits: int, factor: int) -> int:
    """A score of file {file}."""
    base = hits * factor + {number}
    if base > {number} * 2:
        return base - factor
    return base % 97 + weight_{file}(hits)
"#
            ),
            1 => write!(
                out,
                r#"

@dataclass(frozen=True)
class Host{name}:
    """A host of file {file}."""

    name: str
    address: str
    open: list[int]
    owner: str | None = None


def exposed_{name}(hosts: list[Host{name}]) -> list[str]:
    """The names of those that are open."""
    return [h.name.lower() for h in hosts if {number} in h.open]
"#
            ),
            _ => write!(
                out,
                r#"

def line_{name}(people: dict[str, str | None]) -> str:
    """What is known of a person."""
    first = next((p for p, team in people.items() if team == "team {number}"), None)
    if first is None:
        return "nobody"
    return f"{{first}} of {number}"
"#
            ),
        };
        part += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_as_large_as_asked_for_and_the_same_each_time() {
        assert!((3_300..3_900).contains(&text(7, 3_300).len()));
        assert_eq!(text(7, 3_300), text(7, 3_300));
        assert_ne!(text(7, 3_300), text(8, 3_300));
    }
}
