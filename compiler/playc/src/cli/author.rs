//! The commands of those who write playbooks.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{DEFAULT_STORE, Format, WorldArgs};
use crate::place::Place;

/// `playc new`
#[derive(Args, Debug)]
pub struct NewArgs {
    /// The folder to be made; its name is that of the project
    pub name: PathBuf,
    /// Whose file for CI is written
    #[arg(long, value_enum, default_value_t)]
    pub ci: NewCi,
}

/// Whose file for CI a new project has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum NewCi {
    /// A workflow of GitHub Actions: .github/workflows/play.yml
    #[default]
    Github,
    /// .gitlab-ci.yml
    Gitlab,
    /// None
    None,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions, which show them in a pull request.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// The Reviewdog Diagnostic Format.
    Rdjson,
}

/// `playc check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Projects (folders) or single files
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t)]
    pub format: CheckFormat,
    /// What counts as an error besides errors
    #[arg(long, value_enum)]
    pub deny: Option<Deny>,
    /// Mend what can be mended, in the files; `--fix=all` also where it may not be what was meant
    #[arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "safe", value_name = "WHICH")]
    pub fix: Option<FixArg>,
    /// Only what is in files that changed since this git revision, and in those that rest on them
    #[arg(long, value_name = "REV", conflicts_with_all = ["fix", "report"])]
    pub since: Option<String>,
    /// Show how each write stands to its guards
    #[arg(long)]
    pub report: bool,
    /// Draw no boxes (for logs and screen readers)
    #[arg(long)]
    pub plain: bool,
}

/// Which fixes `--fix` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FixArg {
    /// Those that keep what was meant beyond doubt.
    Safe,
    /// All: of each finding the first that it offers.
    All,
}

/// `playc caps`
#[derive(Args, Debug)]
pub struct CapsArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Write nothing; show what has changed, and exit with 1 when something has
    #[arg(long)]
    pub check: bool,
}

/// What `--deny` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings too make the check fail.
    Warnings,
}

/// `playc fmt`
#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Folders or files; `-` reads standard input and writes standard output
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; name the files that are not laid out so, and exit with 1
    #[arg(long)]
    pub check: bool,
}

/// `playc explain`
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The code
    #[arg(required_unless_present = "list")]
    pub code: Option<String>,
    /// List all codes
    #[arg(long)]
    pub list: bool,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc build`
#[derive(Args, Debug)]
pub struct BuildArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Where the artifact goes
    #[arg(short, long)]
    pub output: PathBuf,
    /// Print the code as text too
    #[arg(long)]
    pub listing: bool,
}

/// How the report of `playc ci` is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CiFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// Workflow commands of GitHub Actions, which show what is wrong in a pull request.
    Github,
}

/// A document that `playc ci` writes beside its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CiFile {
    /// The whole report.
    Json,
    /// The findings as SARIF 2.1.0.
    Sarif,
    /// The findings as GitLab's code quality report.
    Gitlab,
    /// The findings in the Reviewdog Diagnostic Format.
    Rdjson,
    /// The tests as XML that CI systems read.
    Junit,
}

/// `playc ci`
#[derive(Args, Debug)]
pub struct CiArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// What counts as an error besides errors
    #[arg(long, value_enum)]
    pub deny: Option<Deny>,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: CiFormat,
    /// Write a document besides: json, sarif, gitlab, rdjson or junit; as often as there are readers
    #[arg(long, value_name = "FORMAT=FILE", value_parser = ci_file)]
    pub write: Vec<(CiFile, PathBuf)>,
    /// Add a summary in Markdown to this file [default: $GITHUB_STEP_SUMMARY with --format github]
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// Draw no boxes (for logs and screen readers)
    #[arg(long)]
    pub plain: bool,
}

/// `junit=tests.xml`
fn ci_file(text: &str) -> Result<(CiFile, PathBuf), String> {
    let known = || {
        let all = CiFile::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        all.map(|v| v.get_name().to_string()).collect::<Vec<_>>().join(", ")
    };
    let (kind, path) =
        text.split_once('=').ok_or_else(|| format!("write FORMAT=FILE, such as junit={text}"))?;
    if path.is_empty() {
        return Err(format!("no file is named; write {kind}=FILE"));
    }
    let kind = CiFile::from_str(kind, false)
        .map_err(|_| format!("there is no format `{kind}`; there are {}", known()))?;
    Ok((kind, path.into()))
}

/// `playc doctor`
#[derive(Args, Debug)]
pub struct DoctorArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The environment of play.toml whose values of the configuration are used
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Where the evidence goes: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = DEFAULT_STORE)]
    pub store: Place,
    /// Stubs and settings
    #[command(flatten)]
    pub world: WorldArgs,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc completions`
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `playc man`
#[derive(Args, Debug)]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
}

/// How a picture is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A picture that needs nothing else.
    #[default]
    Svg,
    /// Text that Mermaid draws.
    Mermaid,
    /// Text that Graphviz draws.
    Dot,
}

/// `playc graph`
#[derive(Args, Debug)]
pub struct GraphArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Which playbook, where there is more than one
    #[arg(long, value_name = "NAME")]
    pub playbook: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    pub format: GraphFormat,
    /// Where it is written; to standard output without it
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How pages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DocFormat {
    /// For a browser: no script, nothing from elsewhere.
    #[default]
    Html,
    /// Markdown, its pictures as Mermaid.
    Md,
}

/// `playc doc`
#[derive(Args, Debug)]
pub struct DocArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The folder that they are written to; `target/doc` of the project without it
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Those of the standard library instead
    #[arg(long, conflicts_with = "path")]
    pub std: bool,
    /// How they are written
    #[arg(long, value_enum, default_value_t)]
    pub format: DocFormat,
}
