//! What an editor waits for: a file is checked after each character that is typed into it, for `cargo xtask bench check`.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use play_check::{Live, check_workspace, workspace};

/// How many characters are typed, and what.
const TYPED: usize = 600;
/// After how many of them the whole is checked anew, to compare.
const ANEW: usize = 5;
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
        Ok(Taken { live, anew }) => {
            say("a keystroke in a file of 2,000 lines", live);
            say("the same, and nothing kept of the check before", anew);
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn say(what: &str, mut taken: Vec<Duration>) {
    taken.sort();
    let at = |percent: usize| taken.get(taken.len() * percent / 100).map_or(f64::NAN, ms);
    let most = taken.last().map_or(f64::NAN, ms);
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms, most {most:.2} ms", at(50), at(99));
}

/// How long each check took.
#[derive(Default)]
struct Taken {
    /// What an editor calls, which keeps what it has read.
    live: Vec<Duration>,
    /// What a command calls.
    anew: Vec<Duration>,
}

fn ms(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Types statements into the playbook, one character after the other: most of what is checked is not whole.
fn typed(mut text: String) -> Result<Taken, String> {
    let place = text.find("  close FalsePositive").ok_or("it has no playbook as it is generated")?;
    let (mut at, mut taken, mut whole) = (place, Taken::default(), 0_usize);
    let mut live = Live::default();
    for (nth, typed) in WORDS.chars().cycle().take(TYPED).enumerate() {
        text.insert(at, typed);
        at += typed.len_utf8();
        let workspace = workspace::of_text("long", &text)?;
        let began = Instant::now();
        let (checked, _) = live.check(&workspace, &play_stdlib::module);
        taken.live.push(began.elapsed());
        whole += usize::from(checked.program.is_some());
        if nth.is_multiple_of(ANEW) {
            let began = Instant::now();
            let again = check_workspace(&workspace, &play_stdlib::module);
            taken.anew.push(began.elapsed());
            if again.diagnostics != checked.diagnostics {
                return Err(format!("after {nth} characters what was kept leads to other findings"));
            }
        }
    }
    if whole == 0 || whole == TYPED {
        return Err(format!("{whole} of {TYPED} were whole: this is not what somebody types"));
    }
    Ok(taken)
}
