//! `playc new`: a project that checks, tests and runs at once.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::{NewArgs, NewCi};
use crate::output::{self, safe};
use crate::project::shown;
use crate::{Ended, Result, Trouble};

macro_rules! template {
    ($file:literal) => {
        include_str!(concat!("../../templates/project/", $file))
    };
}

/// Path in the project, and text.
const FILES: &[(&str, &str)] = &[
    ("play.toml", template!("play.toml")),
    ("source.play", template!("source.play")),
    ("triage.play", template!("triage.play")),
    ("tests.play", template!("tests.play")),
    ("play.caps", template!("play.caps")),
    ("alerts.jsonl", template!("alerts.jsonl")),
    ("stubs.json", template!("stubs.json")),
    ("README.md", template!("README.md")),
    (".gitignore", template!("gitignore")),
];

/// What stands for the name in a template.
const NAME: &str = "PROJECT_NAME";

/// More characters a name has not.
const LONGEST: usize = 64;

impl NewCi {
    /// Path in the project, and text.
    fn file(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Github => Some((".github/workflows/play.yml", template!("ci/github.yml"))),
            Self::Gitlab => Some((".gitlab-ci.yml", template!("ci/gitlab.yml"))),
            Self::None => None,
        }
    }
}

/// Runs it. Nothing that is there already is touched.
pub fn run(args: &NewArgs) -> Result {
    let folder = &args.name;
    let name = name(folder)?;
    may_be_made(folder)?;
    let ci = args.ci.file();
    for (path, text) in FILES.iter().copied().chain(ci) {
        write(&folder.join(path), &text.replace(NAME, &name))?;
    }
    tell(folder, &name, ci.map(|(path, _)| path));
    Ok(Ended::Fine)
}

/// The name of the project: the last part of its path.
fn name(folder: &Path) -> Result<String> {
    if folder.as_os_str().is_empty() {
        return Err(Trouble("a project has a name\nwrite, for example: playc new triage".into()));
    }
    let written = match folder.file_name() {
        Some(last) => last.to_os_string(),
        // `.`, `..`, `x/..`: what the folder is called is known to the system alone.
        None => {
            let real = std::fs::canonicalize(folder).map_err(|e| trouble(folder, &e))?;
            let last = real.file_name().map(std::ffi::OsStr::to_os_string);
            last.ok_or_else(|| {
                Trouble("the root of the disk is no place for a project; name a folder".into())
            })?
        }
    };
    let name = written.to_string_lossy().into_owned();
    let wrong = |why: &str| {
        let better = better(&name);
        Err(Trouble(format!(
            "a project cannot be called `{name}`: {why}\nwrite, for example: playc new {better}"
        )))
    };
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(odd) = name.chars().find(|c| !fits(*c)) {
        let odd = if odd == ' ' { "a space".to_string() } else { format!("`{odd}`") };
        return wrong(&format!(
            "it has {odd} in it, and a name is made of letters, digits, `-`, `_` and `.`"
        ));
    }
    if name.starts_with(['.', '-']) {
        return wrong("a name begins with a letter, a digit or `_`");
    }
    if name.chars().count() > LONGEST {
        return wrong(&format!("it has more than {LONGEST} characters"));
    }
    match name.as_str() {
        "std" => wrong("that is the standard library"),
        "target" => wrong("`playc` leaves folders of that name out, as other tools build into them"),
        _ => Ok(name),
    }
}

/// A name near to a wrong one that is right.
fn better(name: &str) -> String {
    let mut near = String::new();
    for c in name.chars().take(LONGEST) {
        let fits = c.is_alphanumeric() || matches!(c, '_' | '.') && !near.is_empty();
        if fits {
            near.push(c);
        } else if !near.is_empty() && !near.ends_with('-') {
            near.push('-');
        }
    }
    let near = near.trim_end_matches(['-', '.']);
    match near {
        "" => "triage".into(),
        "std" | "target" => format!("{near}-playbooks"),
        near => near.into(),
    }
}

/// Makes sure that nothing is where the project goes, and makes its folder.
fn may_be_made(folder: &Path) -> Result<()> {
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            let mut there = Vec::new();
            for entry in entries {
                let name = entry.map_err(|e| trouble(folder, &e))?.file_name().to_string_lossy().into_owned();
                // What `git init` makes is no work of anybody's.
                if name != ".git" {
                    there.push(name);
                }
            }
            there.sort();
            match there.first() {
                None => Ok(()),
                Some(_) if there.iter().any(|n| n == "play.toml" || n.ends_with(".play")) => {
                    Err(Trouble(format!(
                        "there is a project in {0} already, and nothing in it is overwritten\nlook at it with: playc check {0}",
                        word(folder)
                    )))
                }
                Some(first) => Err(Trouble(format!(
                    "{0} is not empty ({first} is in it), and nothing in it is overwritten\nname a folder that is new: playc new {1}",
                    folder.display(),
                    output::word(&shown(&folder.join("playbooks")))
                ))),
            }
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {
            std::fs::create_dir_all(folder).map_err(|e| trouble(folder, &e))
        }
        Err(e) if e.kind() == ErrorKind::NotADirectory => Err(Trouble(format!(
            "{} is a file; a project is a folder: give it another name",
            folder.display()
        ))),
        Err(e) => Err(trouble(folder, &e)),
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| trouble(folder, &e))?;
    }
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).map_err(|e| trouble(path, &e))?;
    file.write_all(text.as_bytes()).map_err(|e| trouble(path, &e))
}

fn tell(folder: &Path, name: &str, ci: Option<&str>) {
    output::out(&format!(
        "made {}: a playbook with its tests, sample alerts, and a README.md that explains them",
        safe(name)
    ));
    if let Some(ci) = ci {
        output::out(&format!("{ci} runs `playc ci` for each change"));
    }
    output::out("");
    if folder != Path::new(".") {
        output::out(&format!("  cd {}", safe(&word(folder))));
    }
    output::out("  playc ci                                               what has to hold, all at once");
    output::out("  playc run . --alert alerts.jsonl --stub stubs.json     sample alerts to closed cases");
    if let (Some(ci), Some(root)) = (ci, repository(folder)) {
        let ci = safe(ci);
        output::err(&format!(
            "note: {} is a repository, and CI reads files at its root alone: move {ci} there, and name this folder in it: `playc ci {}`",
            safe(&root.display().to_string()),
            safe(&below(&root, folder)),
        ));
    }
}

/// The repository that a folder is in, unless it is the root of it.
fn repository(folder: &Path) -> Option<PathBuf> {
    let real = std::fs::canonicalize(folder).ok()?;
    if real.join(".git").exists() {
        return None;
    }
    real.ancestors().skip(1).find(|above| above.join(".git").exists()).map(Path::to_path_buf)
}

/// A folder as it is called from the root of its repository.
fn below(root: &Path, folder: &Path) -> String {
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    word(real.strip_prefix(root).unwrap_or(&real))
}

/// A path as one word of a command.
fn word(path: &Path) -> String {
    output::word(&path.to_string_lossy())
}

fn trouble(path: &Path, why: &std::io::Error) -> Trouble {
    Trouble(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> String {
        match super::name(Path::new(name)) {
            Err(Trouble(why)) => why,
            Ok(name) => panic!("{name} is taken"),
        }
    }

    #[test]
    fn a_name_may_have_what_the_names_of_folders_have() {
        for good in ["phishing", "acme-soc", "acme_soc", "soc.2", "7of9", "Überwachung", "teams/soc", "a"] {
            assert!(super::name(Path::new(good)).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_bad_name_is_told_with_a_better_one() {
        let better: Vec<String> =
            ["my project", "a\u{1b}[31m", ".hidden", "-rf", "std", "target", "*", "a\"b", "--- ."]
                .into_iter()
                .map(|bad| refused(bad).rsplit(' ').next().unwrap_or_default().to_string())
                .collect();
        let shown = [
            "my-project",
            "a-31m",
            "hidden",
            "rf",
            "std-playbooks",
            "target-playbooks",
            "triage",
            "a-b",
            "triage",
        ];
        assert_eq!(better, shown);
        for name in better {
            assert!(super::name(Path::new(&name)).is_ok(), "{name}");
        }
    }
}
