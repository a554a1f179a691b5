//! `playc`: argument parsing, files, printing. All else is a library.

mod ci;
mod cli;
mod commands;
mod configured;
mod coverage;
mod decided;
mod from_trace;
mod junit;
mod output;
mod paths;
mod place;
mod project;
mod rewrite;
mod runs;
mod schema;
mod served;
mod since;
mod standing;

use std::process::ExitCode;

use crate::cli::{Command, StoreCommand, TraceCommand};

/// A check makes millions of small values and drops them, on two threads, and so does the engine: the allocator of glibc takes a
/// sixth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a command ended.
pub enum Ended {
    /// Nothing to complain of: exit 0.
    Fine,
    /// Findings: exit 1.
    Findings,
}

/// Why a command could not do its work: exit 2.
pub struct Trouble(pub String);

impl<E: std::fmt::Display> From<E> for Trouble {
    fn from(e: E) -> Self {
        Self(e.to_string())
    }
}

/// What a command gives back.
pub type Result<T = Ended> = std::result::Result<T, Trouble>;

/// Stack of the thread that does the work. The deepest nesting that the language allows needs far less; a development
/// build needs more than the system gives.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    let work = std::thread::Builder::new().name("playc".into()).stack_size(STACK).spawn(command);
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        // The panic has been printed.
        Ok(Err(_)) => ExitCode::from(2),
        Err(e) => {
            output::err(&format!("playc: no thread could be started: {e}"));
            ExitCode::from(2)
        }
    }
}

fn command() -> ExitCode {
    let cli = cli::parse();
    let style = output::Style::detect();
    let done = match cli.command {
        Command::New(args) => commands::new::run(&args),
        Command::Check(args) => commands::check::run(&args, style),
        Command::Ci(args) => commands::ci::run(&args, style),
        Command::Caps(args) => commands::caps::run(&args, style),
        Command::Doc(args) => commands::doc::run(&args, style),
        Command::Graph(args) => commands::graph::run(&args, style),
        Command::Fmt(args) => commands::fmt::run(&args, style),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Test(args) => commands::test::run(&args, style),
        Command::Build(args) => commands::build::run(&args, style),
        Command::Run(args) => commands::run::run(&args, style),
        Command::Serve(args) => commands::serve::run(&args, style),
        Command::Event(args) => commands::event::run(&args),
        Command::Answer(args) => commands::answer::answer(&args, style),
        Command::Approve(args) => commands::answer::approve(&args, style),
        Command::Deny(args) => commands::answer::deny(&args, style),
        Command::Resolve(args) => commands::resolve::run(&args, style),
        Command::Undo(args) => commands::undo::run(&args),
        Command::Cancel(args) => commands::cancel::run(&args),
        Command::Pause(args) => commands::pause::pause(&args),
        Command::Resume(args) => commands::pause::resume(&args),
        Command::Store(StoreCommand::Init(args)) => commands::store::init(&args),
        Command::Status(args) => commands::status::run(&args, style),
        Command::Trace(TraceCommand::List(args)) => commands::trace::list(&args, style),
        Command::Trace(TraceCommand::Show(args)) => commands::trace::show(&args, style),
        Command::Trace(TraceCommand::Dropped(args)) => commands::dropped::run(&args, style),
        Command::Trace(TraceCommand::Verify(args)) => commands::trace::verify(&args),
        Command::Trace(TraceCommand::Export(args)) => commands::trace::export(&args),
        Command::Trace(TraceCommand::Would(args)) => commands::would::run(&args, style),
        Command::Replay(args) => commands::replay::run(&args, style),
        Command::Backtest(args) => commands::backtest::run(&args, style),
        Command::Schema(args) => commands::schema::run(&args),
        Command::Doctor(args) => commands::doctor::run(&args, style),
        Command::Completions(args) => commands::completions::run(&args),
        Command::Man(args) => commands::man::run(&args),
        Command::Version => commands::version(),
    };
    match done {
        Ok(Ended::Fine) => ExitCode::SUCCESS,
        Ok(Ended::Findings) => ExitCode::from(1),
        Err(Trouble(what)) => {
            // It may quote what came from outside; its line breaks are ours.
            for (i, line) in what.lines().enumerate() {
                let head = if i == 0 { "playc: " } else { "       " };
                output::err(&format!("{head}{}", output::safe(line)));
            }
            ExitCode::from(2)
        }
    }
}
