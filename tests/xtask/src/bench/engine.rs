//! `cargo xtask bench engine`: how fast evidence is kept and runs are, in a folder and in PostgreSQL, beside the disk's own syncs,
//! plain rows and a peer; what runs that wait cost; how long a start takes.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::figures::Figures;
use super::{inside, measure, peer};
use crate::postgres;
use crate::step::{self, Failed};

/// What is measured.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    runs: usize,
    parked: usize,
    /// How long each measurement takes that takes a time.
    seconds: u64,
    peer: bool,
}

impl Options {
    /// Reads `--runs N --parked N --seconds N --no-peer`.
    ///
    /// # Errors
    /// An unknown option, or a number that is none.
    pub fn parse(args: &[&str]) -> Result<Self, Failed> {
        let mut options = Self { runs: 5_000, parked: 100_000, seconds: 5, peer: true };
        let mut rest = args;
        while let [name, tail @ ..] = rest {
            if *name == "--no-peer" {
                options.peer = false;
                rest = tail;
                continue;
            }
            let [value, tail @ ..] = tail else {
                return Err(Failed::usage(format!("{name} needs a number")));
            };
            let value =
                value.parse().map_err(|_| Failed::usage(format!("{name} needs a number, not `{value}`")))?;
            match *name {
                "--runs" => options.runs = value,
                "--parked" => options.parked = value,
                "--seconds" => options.seconds = u64::try_from(value).unwrap_or(u64::MAX).max(1),
                other => {
                    let what = format!(
                        "unknown option {other}: there are --runs, --parked, --seconds and --no-peer"
                    );
                    return Err(Failed::usage(what));
                }
            }
            rest = tail;
        }
        Ok(options)
    }
}

/// A playbook with two reads, an act and a decision; and one that waits for a person.
const PLAYBOOKS: &str = r#"
case Alert { host: String, waits: Bool }
source s from feed("bench") -> Alert {
  map {
    host = payload.host as String?
    waits = payload.waits as Bool?
  }
}
connector x {
  config { base_url: Url }
  read who(host: String) -> String
    GET "/who" query { host: host }
    expect 200 -> body.name as String?
  write tell(host: String) -> String
    POST "/tell" json { host: host }
    expect 200 -> body.id as String?
    class notify
}
role analyst
queue tier1
playbook acts for Alert when not case.waits {
  let owner = x.who(case.host) else "nobody"
  let other = x.who("gateway") else "nobody"
  do x.tell(case.host) else hand over to queue.tier1 because "nobody could be told"
  close FalsePositive because "{owner} and {other} know"
}
playbook waits for Alert when case.waits {
  let said = ask role.analyst "Is {case.host} known?" { Yes, No } showing case.host within 30d
    else hand over to queue.tier1 because "nobody answered"
  close FalsePositive because said.reason
}
"#;

const STUBS: &str = r#"[{ "call": "x.who", "returns": "ada" }, { "call": "x.tell", "returns": "m-1" }]"#;

const SETTINGS: &str = r#"
name = "bench"
[serve]
listen = "127.0.0.1:0"
token = { file = "token" }
[serve.file.none]
path = "none.jsonl"
"#;

/// Builds for release, and measures.
///
/// # Errors
/// Something could not be written, built or run.
pub fn run(options: &Options) -> Result<(), Failed> {
    let folder = inside::folder("engine")?;
    let broken = |error: std::io::Error| Failed::usage(format!("{}: {error}", folder.display()));
    for (name, text) in
        [("p.play", PLAYBOOKS), ("stubs.json", STUBS), ("play.toml", SETTINGS), ("token", "t0ken")]
    {
        std::fs::write(folder.join(name), text).map_err(broken)?;
    }

    inside::build(&["--package", "playc", "--bin", "playc"])?;

    // Whoever has none is told so, and gets the rest.
    let server = postgres::server().inspect_err(|e| println!("without PostgreSQL: {}", e.message)).ok();
    let url = server.as_ref().map(|s| s.url.as_str());
    let mut figures = inside::run("engine", &folder, options.seconds, url)?;
    if let Some(url) = url.filter(|_| options.peer) {
        peer::measure(&folder, url, options.seconds, &mut figures)?;
    }
    drop(server);
    whole(options, &folder, &mut figures)?;
    figures.write(&folder.join("figures.json"))
}

/// What `playc run` and `playc serve` do as a whole.
fn whole(options: &Options, folder: &Path, figures: &mut Figures) -> Result<(), Failed> {
    println!("\n`playc run` as a whole: two reads, an act, a decision");
    let took = runs(folder, "acts", options.runs, false)?;
    let lines = lines(&folder.join("acts"))?;
    println!("  {:.0} runs/s, {:.0} durable lines/s", per(options.runs, took), per(lines, took));
    figures.put("playc.runs_per_s", per(options.runs, took));
    figures.put("playc.lines_per_s", per(lines, took));

    println!("\nruns that wait for a person");
    let took = runs(folder, "waits", options.parked, true)?;
    println!("  opened: {:.0} runs/s", per(options.parked, took));
    let (none, _) = serve(folder, "none", 0)?;
    let (all, took) = serve(folder, "waits", options.parked)?;
    let each = all.saturating_sub(none).saturating_mul(1024).checked_div(options.parked as u64);
    println!("  a service without any: {none} KiB; with {}: {all} KiB", options.parked);
    let each = each.unwrap_or_default();
    println!("  {each} bytes of memory each; taken up at start in {took:.2} s");
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    figures.put("parked.bytes_each", each as f64);
    figures.put("parked.start_s_per_million_runs", took * 1e6 / per(options.parked, 1.0));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for reading")]
fn per(n: usize, seconds: f64) -> f64 {
    n as f64 / seconds
}

/// So many alerts into a store of this name; gives the seconds that it took.
fn runs(folder: &Path, store: &str, n: usize, waits: bool) -> Result<f64, Failed> {
    let mut alerts = String::new();
    for i in 0..n {
        // Writing into a string does not fail.
        let _ = writeln!(alerts, "{{\"host\":\"host-{i}\",\"waits\":{waits}}}");
    }
    let path = folder.join(format!("{store}.jsonl"));
    std::fs::write(&path, alerts).map_err(|e| Failed::usage(format!("{}: {e}", path.display())))?;
    let mut command = Command::new(playc());
    command.arg("run").arg(folder).arg("--alert").arg(&path).arg("--stub").arg(folder.join("stubs.json"));
    command.arg("--store").arg(folder.join(store)).stderr(Stdio::null());
    Ok(measure::run(&mut command)?.time.as_secs_f64())
}

fn playc() -> PathBuf {
    step::target().join("release/playc")
}

/// How many lines a store has.
fn lines(store: &Path) -> Result<usize, Failed> {
    let broken = |why: String| Failed::usage(format!("{}: {why}", store.display()));
    let out = Command::new(playc()).args(["trace", "verify", "--store"]).arg(store).output();
    let out = out.map_err(|e| broken(e.to_string()))?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.split_whitespace().next().and_then(|n| n.parse().ok()).ok_or_else(|| broken(text))
}

/// A service, ended when it is dropped.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // Either may have happened already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A service over a store: its memory in KiB once it listens and knows of so many runs that wait, and how long that took.
fn serve(folder: &Path, store: &str, parked: usize) -> Result<(u64, f64), Failed> {
    let broken = |why: &str| Failed::usage(format!("the service: {why}"));
    let mut command = Command::new(playc());
    command.arg("serve").arg(folder).arg("--stub").arg(folder.join("stubs.json"));
    command.arg("--store").arg(folder.join(store)).stdout(Stdio::null()).stderr(Stdio::piped());
    let began = Instant::now();
    let mut service = Service(command.spawn().map_err(|e| broken(&e.to_string()))?);
    let log = service.0.stderr.take().ok_or_else(|| broken("no log"))?;
    let (mut listens, mut known) = (false, 0);
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        listens |= line.contains("\"listening\"");
        known += usize::from(line.contains("\"run_parked\""));
        if line.contains("\"recovered\"") {
            known += resting(&line).unwrap_or_default();
        }
        if listens && known >= parked {
            break;
        }
    }
    if !listens || known < parked {
        return Err(broken("it ended before it knew of all"));
    }
    let took = began.elapsed().as_secs_f64();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.0.id()));
    let status = status.map_err(|e| broken(&e.to_string()))?;
    let memory = measure::resident(&status).ok_or_else(|| broken("no memory"))?;
    Ok((memory, took))
}

/// The count that a line of the log has of the runs that rest.
fn resting(line: &str) -> Option<usize> {
    let (_, rest) = line.split_once("\"resting\":")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_how_many_rest() {
        assert_eq!(resting(r#"{"event":"recovered","resting":12,"waiting":0}"#), Some(12));
        assert_eq!(resting(r#"{"event":"listening"}"#), None);
    }

    #[test]
    fn options_have_defaults_and_are_checked() {
        assert_eq!(Options::parse(&[]), Ok(Options { runs: 5_000, parked: 100_000, seconds: 5, peer: true }));
        assert_eq!(Options::parse(&["--parked", "7"]).map(|o| o.parked), Ok(7));
        assert_eq!(
            Options::parse(&["--no-peer", "--seconds", "2"]).map(|o| (o.peer, o.seconds)),
            Ok((false, 2))
        );
        assert!(Options::parse(&["--parked"]).unwrap_err().message.contains("needs a number"));
        assert!(Options::parse(&["--lines", "1"]).unwrap_err().message.contains("unknown option --lines"));
    }
}
