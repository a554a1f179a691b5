//! The lexer and parser alone over a folder of `.play` files, for `cargo xtask bench check`: the share of these in the
//! time of `playc check`.

use std::path::PathBuf;
use std::process::ExitCode;

/// As in `playc`, of which this is a part.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: parse FOLDER");
        return ExitCode::from(2);
    };
    match parse_all(&folder) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(errors) => {
            eprintln!("{errors} syntax errors");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::from(2)
        }
    }
}

/// Parses every file of the folder; gives how many errors there were.
fn parse_all(folder: &PathBuf) -> std::io::Result<usize> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "play"));
    paths.sort();
    let mut errors = 0;
    for (file, path) in (0..).zip(paths) {
        let text = std::fs::read_to_string(path)?;
        errors += play_syntax::parse(file, &text).diagnostics.len();
    }
    Ok(errors)
}
