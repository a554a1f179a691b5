//! Tasks of the project, run as `cargo xtask …`.

mod bench;
mod environment;
mod fuzz;
mod postgres;
mod sarif;
mod site;
mod step;
mod test;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <task>

  test [--quick]                      all that must hold before a change is merged: formatting, lints, tests;
                                      --quick: tests only, with fewer generated cases
  fuzz [TARGET…] [--seconds N] [--seed N]
                                      lexer, parser, formatter, checker, artifact, trace: whether anything that comes in
                                      stops them, each for 60 seconds unless given
  fuzz TARGET --input FILE            the same with one input that went wrong
  site                                the manual as a site in target/site/html; it needs mdbook
  bench check [--files N --lines M] [--no-peers]
                                      how fast `playc check` is on a generated project (1,000 files and 100,000 lines unless given) and on
                                      one file, what an editor waits for after a keystroke, and ruff and ty on as many files of Python
  bench engine [--runs N] [--parked N] [--seconds N] [--no-peer]
                                      how fast evidence is kept and steps of runs are, with 1, 16 and 256 at once, in a folder and in
                                      PostgreSQL, beside the disk's own syncs, plain rows, and DBOS on the same server; how fast
                                      `playc run` is, what runs that wait in a service cost, how long a start takes
                                      (5,000 runs, 100,000 that wait, 5 seconds for each measurement unless given)
  bench store [URL]                   how fast evidence is kept, beside the disk's own syncs, in a folder and in PostgreSQL: in the database of the URL,
                                      which has no store yet, or on a server that is started for it";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test"] => test::run(false),
        ["test", "--quick"] => test::run(true),
        ["fuzz", rest @ ..] => fuzz::Options::parse(rest).and_then(|options| fuzz::run(&options)),
        ["site"] => site::run(),
        ["bench", "check", rest @ ..] => {
            bench::Options::parse(rest).and_then(|options| bench::check(&options))
        }
        ["bench", "engine", rest @ ..] => {
            bench::engine::Options::parse(rest).and_then(|options| bench::engine::run(&options))
        }
        ["bench", "store"] => bench::store::run(None),
        ["bench", "store", url] => bench::store::run(Some(url)),
        _ => Err(step::Failed::usage(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("{}", failed.message);
            ExitCode::from(failed.code)
        }
    }
}
