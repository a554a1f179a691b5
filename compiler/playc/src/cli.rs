//! The command line. Names and flags are relied on by scripts: they do not change lightly.

mod author;
mod dropped;
mod usage;
mod would;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use author::{
    BuildArgs, CapsArgs, CheckArgs, CheckFormat, CiArgs, CiFile, CiFormat, CompletionsArgs, Deny, DocArgs,
    DocFormat, DoctorArgs, ExplainArgs, FixArg, FmtArgs, GraphArgs, GraphFormat, ManArgs, NewArgs, NewCi,
};

pub use dropped::{Dropped, TraceDroppedArgs};
pub use usage::parse;
pub use would::TraceWouldArgs;

use crate::place::Place;

/// Checks, tests and runs playbooks, and proves what they did.
#[derive(Parser, Debug)]
#[command(name = "playc", version, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a project that checks, tests and runs at once
    New(NewArgs),
    /// Report every mistake in projects or files
    Check(CheckArgs),
    /// All that has to hold before a change is merged: fmt --check, check, caps --check, test
    Ci(CiArgs),
    /// Write down what each playbook may do, to play.caps
    Caps(CapsArgs),
    /// Draw what a playbook does, as SVG, Mermaid or DOT
    Graph(GraphArgs),
    /// Write pages of a project or of the standard library
    Doc(DocArgs),
    /// Lay out files in the one style
    Fmt(FmtArgs),
    /// Explain a code such as P3001, or list all codes
    Explain(ExplainArgs),
    /// Run the test blocks, on stubs and a virtual clock
    Test(TestArgs),
    /// Make the artifact of a project
    Build(BuildArgs),
    /// Take alerts from a file or standard input to closed cases
    Run(RunArgs),
    /// Take records in over HTTP and from files, and answers of persons, until it is told to end
    Serve(ServeArgs),
    /// Let the runs of a store know what has happened elsewhere, so that those that wait for it go on
    Event(EventArgs),
    /// Answer a question that a run asks, so that it goes on
    Answer(AnswerArgs),
    /// Approve an act that a run asks for, so that it goes on
    Approve(DecideArgs),
    /// Deny an act that a run asks for, so that it goes on without
    Deny(DecideArgs),
    /// Say what became of a write that is in doubt, so that its run goes on
    Resolve(ResolveArgs),
    /// Take back what a run did and is still in force
    Undo(UndoArgs),
    /// End a run that is not over: the case is yours then
    Cancel(CancelArgs),
    /// From now on no write leaves, until it is resumed
    Pause(PauseArgs),
    /// Writes leave again, those first that were held
    Resume(ResumeArgs),
    /// What is in force, what runs wait for, and what needs a person
    Status(StatusArgs),
    /// Stores themselves
    #[command(subcommand)]
    Store(StoreCommand),
    /// List, show, verify and export the evidence of runs
    #[command(subcommand)]
    Trace(TraceCommand),
    /// Decide a run again from its record: identical, or the first line that differs
    Replay(ReplayArgs),
    /// Which decisions of recorded runs would be others with the program as it is now
    Backtest(BacktestArgs),
    /// Print the JSON Schema of what commands and the service give as JSON
    Schema(SchemaArgs),
    /// Look whether all is there that a project needs to run here
    Doctor(DoctorArgs),
    /// Print what a shell needs to complete the commands
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
    /// Print the version
    Version,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
}

/// How results of tests are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// One JSON document a line.
    Jsonl,
    /// XML as CI systems read it.
    Junit,
}

/// `playc schema`
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// The shape: of a diagnostic, a line of evidence, the result of a test …
    #[arg(required_unless_present = "list", conflicts_with = "list")]
    pub name: Option<String>,
    /// List all shapes
    #[arg(long)]
    pub list: bool,
}

/// `playc test`
#[derive(Args, Debug)]
pub struct TestArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Only tests whose title contains this
    pub filter: Option<String>,
    /// Show which branches, guards and failure arms the tests reach
    #[arg(long)]
    pub coverage: bool,
    /// Print a test for each branch, guard and failure arm that none reaches
    #[arg(long, conflicts_with = "coverage")]
    pub paths: bool,
    /// Print a test that gives what a recorded run was given, and expects what came of it: a file with its lines, or a run or
    /// case of --store
    #[arg(long, value_name = "TRACE", conflicts_with_all = ["coverage", "paths", "filter"])]
    pub from_trace: Option<String>,
    /// Where the run is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store", requires = "from_trace")]
    pub store: Place,
    /// The least coverage in percent; less exits with 1
    #[arg(long, value_name = "PERCENT", requires = "coverage", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub min: Option<u8>,
    /// How results are printed
    #[arg(long, value_enum, default_value_t)]
    pub format: TestFormat,
}

/// Where answers come from.
#[derive(Args, Debug, Clone)]
pub struct WorldArgs {
    /// Answers of connectors, instead of the outside systems
    #[arg(long, value_name = "FILE")]
    pub stub: Option<PathBuf>,
    /// Settings of connectors and values of the configuration (over those of play.toml)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Where the evidence goes unless something else is said.
pub const DEFAULT_STORE: &str = ".play/store";

/// `playc run`
#[derive(Args, Debug)]
pub struct RunArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Alerts: JSON, a JSON array, or a JSON document a line; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub alert: PathBuf,
    /// JSON pointer to the alert inside each record
    #[arg(long)]
    pub pointer: Option<String>,
    /// The source that takes the records (otherwise the first that accepts each)
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// The environment of play.toml whose values of the configuration are used
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Where the evidence goes: a folder, or postgres://USER@HOST/DATABASE [default: .play/store; of a dry run nowhere]
    #[arg(long, value_name = "STORE")]
    pub store: Option<Place>,
    /// Do nothing, ask nobody: write down what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Stubs and settings
    #[command(flatten)]
    pub world: WorldArgs,
    /// How results are printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc serve`
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// A project (folder) or a single file
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Where it listens (otherwise what [serve] says)
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = play_serve::config::address)]
    pub listen: Option<std::net::SocketAddr>,
    /// The environment of play.toml whose values of the configuration are used
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// Where the evidence goes: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// Stubs and settings
    #[command(flatten)]
    pub world: WorldArgs,
}

/// Where runs are that somebody else opened, and where their answers come from.
#[derive(Args, Debug)]
pub struct PlaceArgs {
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// Stubs and settings
    #[command(flatten)]
    pub world: WorldArgs,
    /// The project, for the settings in its play.toml
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
}

/// Somebody says something to a run: who, why, and where the run is.
#[derive(Args, Debug)]
pub struct SaysArgs {
    /// Who says so
    #[arg(long, value_name = "PERSON")]
    pub by: String,
    /// Why, or how they know
    #[arg(long, value_name = "TEXT")]
    pub because: String,
    /// Where the run is
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The service that has the run, such as http://127.0.0.1:8470; its token is in PLAY_TOKEN
    #[arg(long, value_name = "URL", conflicts_with_all = ["store", "stub", "config", "project"])]
    pub api: Option<String>,
}

/// `playc event`
#[derive(Args, Debug)]
pub struct EventArgs {
    /// A file of records: JSON lines, a JSON list, or documents; `-` is standard input
    pub file: PathBuf,
    /// The part of each record that is the event (a JSON pointer)
    #[arg(long, value_name = "POINTER")]
    pub pointer: Option<String>,
    /// Where the runs are
    #[command(flatten)]
    pub place: PlaceArgs,
    /// The service that has the runs, such as http://127.0.0.1:8470; its token is in PLAY_TOKEN
    #[arg(long, value_name = "URL", conflicts_with_all = ["store", "stub", "config", "project"])]
    pub api: Option<String>,
}

/// `playc answer`
#[derive(Args, Debug)]
pub struct AnswerArgs {
    /// The run, or its case
    pub run: String,
    /// The answer: one of the choices
    pub choice: String,
    /// Line that asks (`seq`); may be left out when one thing is asked
    #[arg(long)]
    pub line: Option<u64>,
    /// Who, why, and where
    #[command(flatten)]
    pub says: SaysArgs,
}

/// `playc approve`, `playc deny`
#[derive(Args, Debug)]
pub struct DecideArgs {
    /// The run, or its case
    pub run: String,
    /// Line that asks (`seq`); may be left out when one thing is asked
    #[arg(long)]
    pub line: Option<u64>,
    /// Who, why, and where
    #[command(flatten)]
    pub says: SaysArgs,
}

/// `playc resolve`
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("became").required(true))]
pub struct ResolveArgs {
    /// The run, or its case
    pub run: String,
    /// Line of the intent (`seq`); may be left out when one write is in doubt
    #[arg(long)]
    pub line: Option<u64>,
    /// It was done; its result as JSON where the action has one (`null` otherwise)
    #[arg(long, value_name = "JSON", num_args = 0..=1, default_missing_value = "null", group = "became")]
    pub done: Option<String>,
    /// It was not done
    #[arg(long, group = "became")]
    pub not_done: bool,
    /// Who, how they know, and where
    #[command(flatten)]
    pub says: SaysArgs,
}

/// `playc cancel`
#[derive(Args, Debug)]
pub struct CancelArgs {
    /// The run, or its case
    pub run: String,
    /// Who, why, and where
    #[command(flatten)]
    pub says: SaysArgs,
}

/// `playc pause`
#[derive(Args, Debug)]
pub struct PauseArgs {
    /// All writes of the store
    #[arg(long, required = true)]
    pub all: bool,
    /// Who, why, and where
    #[command(flatten)]
    pub order: OrderArgs,
}

/// `playc resume`
#[derive(Args, Debug)]
pub struct ResumeArgs {
    /// Who, why, and where
    #[command(flatten)]
    pub order: OrderArgs,
}

/// Somebody wants something of a whole store.
#[derive(Args, Debug)]
pub struct OrderArgs {
    /// Who says so
    #[arg(long, value_name = "PERSON")]
    pub by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub because: String,
    /// The store: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// The service that has the store, such as http://127.0.0.1:8470; its token is in PLAY_TOKEN
    #[arg(long, value_name = "URL", conflicts_with = "store")]
    pub api: Option<String>,
}

/// `playc undo`
#[derive(Args, Debug)]
pub struct UndoArgs {
    /// The run, or its case
    pub run: String,
    /// Only these acts: lines of their intents (`seq`)
    #[arg(long, value_name = "SEQ", num_args = 1..)]
    pub act: Vec<u64>,
    /// Who, why, and where
    #[command(flatten)]
    pub says: SaysArgs,
}

/// `playc status`
#[derive(Args, Debug)]
pub struct StatusArgs {
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// The project that the runs are of: the commands that are printed to be copied name it
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Answers of connectors that these commands name
    #[arg(long, value_name = "FILE")]
    pub stub: Option<PathBuf>,
    /// Settings that these commands name
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc store …`
#[derive(Subcommand, Debug)]
pub enum StoreCommand {
    /// Make a store where there is none, or bring the tables of a database up to date
    Init(StoreInitArgs),
}

/// `playc store init`
#[derive(Args, Debug)]
pub struct StoreInitArgs {
    /// Where the evidence is to go: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
}

/// `playc trace …`
#[derive(Subcommand, Debug)]
pub enum TraceCommand {
    /// The runs of a store
    List(TraceListArgs),
    /// One run, line by line, in sentences
    Show(TraceShowArgs),
    /// The records of which no case came, and why
    Dropped(TraceDroppedArgs),
    /// Check every byte of a store, or of an exported run
    Verify(TraceVerifyArgs),
    /// One run's lines, as they are
    Export(TraceExportArgs),
    /// What the shadow runs of each playbook would have done, and what their guards would have stopped
    Would(TraceWouldArgs),
}

/// `playc trace list`
#[derive(Args, Debug)]
pub struct TraceListArgs {
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc trace show`
#[derive(Args, Debug)]
pub struct TraceShowArgs {
    /// The run, its case, the beginning of either, or an exported file
    pub run: String,
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc trace verify`
#[derive(Args, Debug)]
pub struct TraceVerifyArgs {
    /// An exported run; without it, the whole store
    pub file: Option<PathBuf>,
    /// Digest that the last line of the file must have, when it is known from elsewhere
    #[arg(long, value_name = "SHA256", requires = "file")]
    pub head: Option<String>,
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc trace export`
#[derive(Args, Debug)]
pub struct TraceExportArgs {
    /// The run, its case, or the beginning of either
    pub run: String,
    /// Where it goes; standard output without it
    #[arg(short, long)]
    pub output: Option<PathBuf>,
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
}

/// What can be a JSON pointer to something inside a record.
fn pointer(text: &str) -> Result<String, String> {
    match text.starts_with('/') {
        true => Ok(text.to_string()),
        false => Err("a JSON pointer begins with `/`".into()),
    }
}

/// `playc backtest`
#[derive(Args, Debug)]
pub struct BacktestArgs {
    /// A project (folder) or a single file: the program as it is now
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Where the runs are: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// Exported runs, instead of those of the store
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub trace: Vec<PathBuf>,
    /// Only the runs of this playbook
    #[arg(long, value_name = "NAME", conflicts_with = "trace")]
    pub playbook: Option<String>,
    /// JSON pointer to the alert inside a record, as it was given to `run` or stands in the settings of a service; several where feeds
    /// have several
    #[arg(long, value_name = "POINTER", value_parser = pointer, conflicts_with = "trace")]
    pub pointer: Vec<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// `playc replay`
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// The run, its case, the beginning of either, or an exported file
    #[arg(required_unless_present = "all")]
    pub run: Option<String>,
    /// Every run of the store
    #[arg(long, conflicts_with = "run")]
    pub all: bool,
    /// The only artifact to replay with (otherwise the one that the store holds for each run)
    #[arg(long, value_name = "FILE")]
    pub artifact: Option<PathBuf>,
    /// Where the evidence is: a folder, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", default_value = ".play/store")]
    pub store: Place,
    /// How it is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}
