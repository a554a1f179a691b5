//! A target that is down: after some failures in a row it is left alone for a while, and then found out about.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use play_tests::{playc, store};

const PLAYBOOK: &str = r#"
case Alert { n: Int }
source feed_of_alerts from feed("alerts") -> Alert { map { n = payload.n as Int? } }
connector x {
  config { base_url: Url }
  write tag(id: String) -> Unit
    POST "/tag/{id}"
    expect 204
    class record
  write cut(id: String) -> Unit
    POST "/cut/{id}"
    expect 204
    undo join(id)
    class change
  write join(id: String) -> Unit
    POST "/join/{id}"
    expect 204
    class restore
}
guard cuts covers x.cut { allow }
playbook p for Alert {
  do x.cut("5") for 1s else none
  do x.tag("1") else none
  do x.tag("2") else none
  do x.tag("3") else none
  do x.tag("4") else none
  wait 3s
  do x.tag("6") else none
  do x.tag("7") else none
  close FalsePositive because "done"
}
"#;

/// A target that answers 204, then 429 as often as it is told to, and 204 again; what it was asked for.
fn target(down: usize) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            answer(stream, down, &seen);
        }
    });
    (address, asked)
}

fn answer(mut stream: TcpStream, down: usize, seen: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut first = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
            break;
        }
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().unwrap();
        }
        if first.is_empty() {
            first = line;
        }
    }
    let _ = reader.read_exact(&mut vec![0; length]);
    let Some(path) = first.split_whitespace().nth(1) else { return };
    let mut seen = seen.lock().unwrap();
    seen.push(path.to_string());
    let status = if (2..2 + down).contains(&seen.len()) { "429 Too Many Requests" } else { "204 No Content" };
    let _ = write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

/// What the target was asked for, and the failures in the evidence.
fn ran(setting: &str, down: usize) -> (Vec<String>, Vec<String>) {
    let (address, asked) = target(down);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), PLAYBOOK).unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), "{\"n\": 1}\n").unwrap();
    let settings = format!("[connectors.x]\nbase_url = \"http://{address}\"\n{setting}\n");
    std::fs::write(folder.path().join("config.toml"), settings).unwrap();
    let words = ["run", "p.play", "--alert", "alerts.jsonl", "--config", "config.toml", "--store", "store"];
    let ran = playc::ran(playc::command(&words).current_dir(folder.path()).output());
    assert_eq!(ran.code, 0, "{ran:?}");
    let kept = folder.path().join("store");
    let runs = store::runs(&kept);
    let run = runs[0]["run"].as_str().unwrap();
    let shown = playc::run(&[
        "trace".as_ref(),
        "show".as_ref(),
        run.as_ref(),
        "--format".as_ref(),
        "jsonl".as_ref(),
        "--store".as_ref(),
        kept.as_os_str(),
    ]);
    let failed = |line: &&str| line.contains("\"act.failed\"");
    let failures = shown.out.lines().filter(failed).map(str::to_string).collect();
    let replayed = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), kept.as_os_str()]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    let asked = asked.lock().unwrap().clone();
    (asked, failures)
}

#[test]
fn after_failures_in_a_row_it_is_left_alone_but_for_what_takes_something_back() {
    let (asked, failures) = ran("breaker = { after = 2, for = \"2s\" }", 2);
    assert_eq!(
        asked,
        ["/cut/5", "/tag/1", "/tag/2", "/join/5", "/tag/6", "/tag/7"],
        "3 and 4 do not leave; what was cut is joined when its time has come: {failures:#?}"
    );
    let left: Vec<_> = failures.iter().filter(|line| line.contains("x is left alone until 20")).collect();
    assert_eq!(left.len(), 2, "{failures:#?}");
    assert!(left.iter().all(|line| line.contains("\"not_sent\"") || line.contains("not sent")), "{left:#?}");
    assert_eq!(failures.len(), 4);
}

#[test]
fn without_the_setting_each_call_leaves() {
    let (asked, failures) = ran("", 2);
    assert_eq!((asked.len(), failures.len()), (8, 2), "{asked:?} {failures:#?}");
}

#[test]
fn a_setting_that_is_not_one_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), PLAYBOOK).unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), "{\"n\": 1}\n").unwrap();
    let settings =
        "[connectors.x]\nbase_url = \"http://127.0.0.1:1\"\nbreaker = { after = 0, for = \"1s\" }\n";
    std::fs::write(folder.path().join("config.toml"), settings).unwrap();
    let words = ["run", "p.play", "--alert", "alerts.jsonl", "--config", "config.toml"];
    let ran = playc::ran(playc::command(&words).current_dir(folder.path()).output());
    let told = "connector x: setting breaker: `after` is a number from 1 to 1000";
    assert!(ran.code == 2 && ran.err.contains(told), "{ran:?}");
}
