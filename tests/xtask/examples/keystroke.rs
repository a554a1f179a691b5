//! What an editor waits for: a file is checked after each character that is typed into it, for `cargo xtask bench check`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use play_check::{Input, check};
use play_program::artifact::SourceFile;

/// How many characters are typed, and what.
const TYPED: usize = 600;
const WORDS: &str = "  note \"looked at {case.user}\"\n";

/// As in `playc`, of which this is a part.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: keystroke FILE");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return ExitCode::from(2);
        }
    };
    match typed(text) {
        Ok(mut taken) => {
            taken.sort();
            let at = |percent: usize| taken.get(taken.len() * percent / 100).map_or(f64::NAN, ms);
            println!(
                "a keystroke in a file of 2,000 lines: p50 {:.2} ms, p99 {:.2} ms, most {:.2} ms",
                at(50),
                at(99),
                taken.last().map_or(f64::NAN, ms)
            );
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn ms(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Types statements into the playbook, one character after the other: most of what is checked is not whole.
fn typed(mut text: String) -> Result<Vec<Duration>, String> {
    let place = text.find("  close FalsePositive").ok_or("it has no playbook as it is generated")?;
    let (mut at, mut taken, mut whole) = (place, Vec::with_capacity(TYPED), 0_usize);
    for typed in WORDS.chars().cycle().take(TYPED) {
        text.insert(at, typed);
        at += typed.len_utf8();
        let began = Instant::now();
        let files = vec![SourceFile { path: "long.play".into(), text: text.clone() }];
        let checked = check(&Input { project: "bench".into(), files }, &play_stdlib::module);
        taken.push(began.elapsed());
        whole += usize::from(checked.program.is_some());
    }
    if whole == 0 || whole == TYPED {
        return Err(format!("{whole} of {TYPED} were whole: this is not what somebody types"));
    }
    Ok(taken)
}
