//! Several processes at one database, of which some are stopped, killed or cut off. They are the built `playc`, and so are the
//! requests that leave: a target keeps account of what it was told to do.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use play_demo::{Running, Target};
use play_tests::{playc, postgres};

const PLAYBOOK: &str = r#"
case T { q: String }
source src from feed("t") -> T { map { q = payload.q as String? } }
connector x {
  config { base_url: Url }
  limit 1 per 5s
  write first(q: String) -> String
    POST "/act/first" json { q: q, to: "first" }
    expect 200 -> body
    class notify
  write second(q: String) -> String
    POST "/act/second" json { q: q, to: "second" }
    expect 200 -> body
    class notify
}
playbook p for T {
  do x.first(case.q) else none
  do x.second(case.q) else none
  close TruePositive because "both"
}
"#;

fn signal(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

fn within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn kinds(place: &str, kind: &str) -> usize {
    if postgres::sql(place, "SELECT to_regclass('play_lines')") == [[""]] {
        return 0;
    }
    let sql = format!("SELECT 1 FROM play_lines WHERE convert_from(line, 'UTF8')::jsonb ->> 'k' = '{kind}'");
    postgres::sql(place, &sql).len()
}

/// An intent is durable, and the process is stopped before the write leaves: when it comes back, another has taken over, and
/// has said that nobody knows whether the write was done. It is not sent after that.
#[test]
fn a_process_that_was_stopped_sends_nothing_after_another_has_taken_over() {
    let target = Running::start(Target::serve).unwrap();
    let (folder, place) = (tempfile::tempdir().unwrap(), postgres::place());
    std::fs::write(folder.path().join("p.play"), PLAYBOOK).unwrap();
    let config = format!("[connectors.x]\nbase_url = \"{}\"\n", target.url("i"));
    std::fs::write(folder.path().join("play.toml"), config).unwrap();
    let path = folder.path().display().to_string();
    let words = ["run", &path, "--alert", "-", "--store", &place];
    let mut first = playc::command(&words).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut input = first.stdin.take().unwrap();
    writeln!(input, "{{\"q\": \"a\"}}").unwrap();
    // The second waits for the limit of its connector.
    within(30, "the second write is intended", || (kinds(&place, "act.intended") == 2).then_some(()));
    signal(&first, "-STOP");
    let stopped = Instant::now();
    let second = playc::run(&words);
    assert!(stopped.elapsed() > Duration::from_secs(8), "the lease was to be over first: {second:?}");
    assert!(second.err.contains("1 run of an earlier start taken up again"), "{second:?}");
    assert!(second.out.contains("x.second"), "{second:?}");
    signal(&first, "-CONT");
    drop(input);
    let first = playc::ran(first.wait_with_output());
    assert_eq!(first.code, 2, "{first:?}");
    assert!(first.err.contains("has taken the store over"), "{first:?}");
    let received: Vec<String> = target.account("i").received.into_iter().map(|r| r.path).collect();
    assert_eq!(received, ["act/first"]);
    assert_eq!(kinds(&place, "act.in_doubt"), 1);
    let verified = playc::run(&["trace", "verify", "--store", &place]);
    assert_eq!(verified.code, 0, "{verified:?}");
}
