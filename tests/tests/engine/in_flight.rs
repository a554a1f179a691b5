//! Ten thousand reads under way at once, to a target that answers none of them before all are there.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use play_tests::{playc, store};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

/// As many runs as `playc run` has under way, each with so many reads side by side.
const RUNS: usize = 256;
const EACH: usize = 40;

const PLAYBOOK: &str = r#"
case T { host: String, hosts: [String] }
source src from feed("t") -> T {
  map {
    host = payload.host as String?
    hosts = payload.hosts as [String]?
  }
}
connector x {
  config { base_url: Url }
  read count(host: String) -> Int
    GET "/count/{host}"
    expect 200 -> body
    timeout 5m
}
connector few {
  config { base_url: Url }
  limit 100 per 1s
  read count(host: String) -> Int
    GET "/few/{host}"
    expect 200 -> body
}
playbook p for T {
  let all = (for host in case.hosts { x.count(host) else 0 }).sum() else 0
  let few = few.count(case.host) else 0
  close FalsePositive because "{all} and {few}"
}
"#;

/// What a target sees.
#[derive(Default)]
struct Seen {
    /// Reads of `x`: now, and the most at a time.
    now: AtomicUsize,
    most: AtomicUsize,
    /// Reads of `few`.
    few: AtomicUsize,
}

/// Answers 1 to each, to those of `x` only once so many are under way.
fn target(wanted: usize) -> (String, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let (shared, (address, told)) = (Arc::clone(&seen), std::sync::mpsc::channel());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let listener = socket.listen(16_384).unwrap();
            address.send(listener.local_addr().unwrap().to_string()).unwrap();
            let all = Arc::new(watch::Sender::new(false));
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                tokio::spawn(answer(stream, wanted, Arc::clone(&shared), Arc::clone(&all)));
            }
        });
    });
    (told.recv().unwrap(), seen)
}

async fn answer(mut stream: TcpStream, wanted: usize, seen: Arc<Seen>, all: Arc<watch::Sender<bool>>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    if request.starts_with(b"GET /few/") {
        seen.few.fetch_add(1, SeqCst);
    } else {
        let now = seen.now.fetch_add(1, SeqCst) + 1;
        seen.most.fetch_max(now, SeqCst);
        if now >= wanted {
            all.send_replace(true);
        }
        // If they never come, the test says so; it does not hang.
        let _ = tokio::time::timeout(Duration::from_secs(240), all.subscribe().wait_for(|all| *all)).await;
        seen.now.fetch_sub(1, SeqCst);
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1").await;
}

fn alerts(runs: usize) -> String {
    let mut alerts = String::new();
    for run in 0..runs {
        let hosts: Vec<String> = (0..EACH).map(|n| format!("\"h-{run}-{n}\"")).collect();
        writeln!(alerts, "{{\"host\": \"h-{run}\", \"hosts\": [{}]}}", hosts.join(", ")).unwrap();
    }
    alerts
}

/// The most memory that a process had so far, in KiB, where the system says it.
fn memory(process: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs it; what was printed, and the most memory.
fn run(folder: &Path, address: &str) -> (playc::Ran, usize) {
    std::fs::write(folder.join("p.play"), PLAYBOOK).unwrap();
    let settings = ["x", "few"].map(|name| format!("[connectors.{name}]\nbase_url = \"http://{address}\"\n"));
    std::fs::write(folder.join("config.toml"), settings.concat()).unwrap();
    let words = ["run", "p.play", "--alert", "alerts.jsonl", "--config", "config.toml", "--store", "store"];
    let mut command = playc::command(&words);
    command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let process = child.id();
    let watched = std::thread::spawn(move || {
        let mut most = 0;
        while let Some(now) = memory(process) {
            most = most.max(now);
            std::thread::sleep(Duration::from_millis(20));
        }
        most
    });
    let ran = playc::ran(child.wait_with_output());
    (ran, watched.join().unwrap())
}

#[test]
fn ten_thousand_reads_are_under_way_at_once_and_none_is_lost() {
    // The target is in this process, and needs as many.
    let requests = play_connect::descriptors::requests();
    let runs = RUNS.min(requests.most / EACH - 1);
    let wanted = runs * EACH;
    let (address, seen) = target(wanted);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), alerts(runs)).unwrap();
    let began = Instant::now();
    let (ran, memory) = run(folder.path(), &address);
    let took = began.elapsed();
    let most = seen.most.load(SeqCst);
    println!("{most} reads at once, {memory} KiB at the most, {:.1} s", took.as_secs_f64());
    assert_eq!(ran.code, 0, "{most} at once: {}", ran.err);
    assert_eq!(most, wanted, "{ran:?}");
    assert_eq!(
        ran.err.contains("requests may be under way at once"),
        requests.limited_by.is_some(),
        "{}",
        ran.err
    );
    // A bound on memory that does not grow with what is answered: some ten KiB for each that waits.
    assert!(memory < 700 * 1024, "{memory} KiB");
    // So many, a hundred a second: the last leaves that much later than the first.
    assert_eq!(seen.few.load(SeqCst), runs);
    let least = (runs - 1) / 100;
    assert!(took >= Duration::from_secs(least as u64), "{took:?} for {runs}");

    let kept = folder.path().join("store");
    let all = store::runs(&kept);
    assert_eq!(all.len(), runs);
    let closed = store::durable(&kept);
    let because = format!("{EACH} and 1");
    let right = closed
        .values()
        .filter(|lines| lines.iter().any(|line| String::from_utf8_lossy(line).contains(&because)));
    assert_eq!(right.count(), runs, "each read was answered, and each answer arrived");
    let replayed = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), kept.as_os_str()]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
}

/// What a process may have is told, where it is little; and what does not fit waits.
#[cfg(unix)]
#[test]
fn where_the_system_allows_few_open_files_that_is_said_and_the_others_wait() {
    let (address, seen) = target(1);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), alerts(16)).unwrap();
    std::fs::write(folder.path().join("p.play"), PLAYBOOK).unwrap();
    let settings = ["x", "few"].map(|name| format!("[connectors.{name}]\nbase_url = \"http://{address}\"\n"));
    std::fs::write(folder.path().join("config.toml"), settings.concat()).unwrap();
    let mut command = std::process::Command::new("bash");
    command.args(["-c", "ulimit -n 256; exec \"$@\"", "bash"]).arg(playc::path());
    command.args(["run", "p.play", "--alert", "alerts.jsonl", "--config", "config.toml", "--store", "store"]);
    let ran = playc::ran(command.current_dir(folder.path()).env("NO_COLOR", "1").output());
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = "128 requests may be under way at once, and not 16384: the system lets this process have 256 open files";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(seen.most.load(SeqCst) <= 128, "{}", seen.most.load(SeqCst));
    assert_eq!(seen.few.load(SeqCst), 16);
    assert!(ran.out.contains("16"), "{}", ran.out);
}
