//! Runs that hold things for a time, on accounts that they share, and that ask somebody: killed while the holds last, when they end,
//! and while what takes them back is out.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use play_evidence::ParsedLine;
use play_scheduler::register::Register;
use play_tests::generate::Rng;
use play_tests::playc;
use play_tests::store::{self, Chains, durable, kept};

use super::{demo, wanted};

const PLAYBOOK: &str = r#"
connector desk {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/messages" json { channel: q, text: "block" }
    expect 201 -> "done"
    undo free(q)
    idempotent by q
    class change
  write free(q: String) -> String
    POST "/messages" json { channel: q, text: "free" }
    expect 201 -> "done"
    idempotent by q
    class restore
}
case T { q: String, how: String }
source src from feed("t") -> T {
  map {
    q = payload.q as String?
    how = payload.how as String?
  }
}
guard all covers desk.block, desk.free { allow }
playbook p for T {
  if case.how == "long" {
    do desk.block(case.q) for 1500ms else none
    close TruePositive because "long"
  }
  do desk.block(case.q) for 400ms else none
  if case.how == "asked" {
    let bad = ask role.lead "Is it bad?" { Yes, No } within 2h else Yes because "nobody"
    close TruePositive because bad.reason
  }
  step all {
    do desk.block("{case.q} too")
  } else {
    rollback because "not all"
    hand over to queue.q because "by hand"
  }
  rollback because "it was nothing" else none
  close FalsePositive because "short"
}
"#;

const HOWS: [&str; 3] = ["short", "long", "asked"];

fn command(folder: &Path) -> std::process::Command {
    let path = |name: &str| folder.join(name).into_os_string();
    let all = [
        "run".into(),
        path("p.play"),
        "--alert".into(),
        path("alerts.jsonl"),
        "--config".into(),
        path("config.toml"),
        "--store".into(),
        path("store"),
    ];
    playc::command(&all)
}

/// What each call that takes something back found: nobody else held the same, as far as the evidence goes.
fn nothing_was_taken_away(store: &Path) {
    let reader = play_journal::Store::read_only(store).unwrap();
    let mut register = Register::default();
    reader
        .for_each_line(|_, bytes| {
            let Ok(line) = ParsedLine::parse(bytes) else { panic!("a line cannot be read") };
            let undoes = line.field("undoes").and_then(play_evidence::J::as_int);
            if let (Some(act), "act.intended") = (undoes, line.k.as_str()) {
                let others = register.others(&line.run, u64::try_from(act).unwrap());
                let others: Vec<_> = others.filter(|(run, ..)| *run != line.run).collect();
                if let Some((other, ..)) = others.first() {
                    let all: Vec<String> = [&line.run[..], *other]
                        .iter()
                        .flat_map(|run| reader.lines_of(run).unwrap())
                        .map(|l| String::from_utf8(l).unwrap())
                        .collect();
                    panic!("line {} of {} takes away from {other}:\n{}", line.seq, line.run, all.concat());
                }
            }
            register.take(&line);
        })
        .unwrap();
    assert_eq!(register.all().count(), 0, "nothing is in force any more");
}

fn campaign(id: u64, address: &str, rng: &mut Rng, most: usize) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let alerts: String = (0..12)
        .map(|n| {
            let (q, how) = (format!("{id}-{}", n % 4), HOWS[n % HOWS.len()]);
            format!("{}\n", serde_json::json!({ "q": q, "how": how, "n": n }))
        })
        .collect();
    std::fs::write(folder.join("alerts.jsonl"), alerts).unwrap();
    std::fs::write(folder.join("p.play"), PLAYBOOK).unwrap();
    let config = format!("[connectors.desk]\nbase_url = \"http://{address}/chat\"\n");
    std::fs::write(folder.join("config.toml"), config).unwrap();
    let store = folder.join("store");
    let (mut kills, mut before) = (0, Chains::new());
    loop {
        let mut child = command(folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // Nothing is written while holds last: the moment is one of time.
        let moment = Duration::from_millis(rng.below(1_800));
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if kills < most && begun.elapsed() > moment {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        if let Some(status) = status {
            assert_eq!(status.code(), Some(0), "{:?}", child.wait_with_output());
            break;
        }
        kills += 1;
        let now = durable(&store);
        kept(&before, &now);
        before = now;
    }
    kept(&before, &durable(&store));
    let says = |args: &[&str]| {
        let mut all: Vec<std::ffi::OsString> = args.iter().map(Into::into).collect();
        all.extend(["--store".into(), store.clone().into_os_string()]);
        playc::run(&all)
    };
    let config = folder.join("config.toml");
    let runs = store::runs(&store);
    assert_eq!(runs.len(), 12, "every alert has one run");
    for run in &runs {
        let name = run["run"].as_str().unwrap();
        if run["state"] == "waiting" {
            let ran = says(&[
                "answer",
                name,
                "No",
                "--by",
                "ada",
                "--because",
                "known",
                "--config",
                config.to_str().unwrap(),
            ]);
            assert_eq!(ran.code, 0, "{ran:?}");
        } else {
            assert_eq!(run["state"], "closed", "{run}");
        }
    }
    nothing_was_taken_away(&store);
    for args in [&["trace", "verify"][..], &["replay", "--all"], &["status"]] {
        let ran = says(args);
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
    }
    assert!(says(&["status"]).out.contains("nothing is in force"));
    kills
}

#[test]
fn killed_while_holds_last_each_ends_once_and_none_takes_another_away() {
    let demo = demo();
    let address = demo.address().to_string();
    let mut rng = Rng::new(std::env::var("PLAY_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(11));
    let wanted = wanted() / 10;
    let (mut kills, mut campaigns) = (0, 0);
    while kills < wanted {
        kills += campaign(campaigns, &address, &mut rng, wanted - kills);
        campaigns += 1;
        assert!(campaigns < 200, "the starts finish before they can be killed");
    }
    println!("{kills} kills in {campaigns} campaigns");
    // Of each account the last that was received is that it is free, and what was sent twice had one key.
    let mut last = BTreeMap::new();
    for write in demo.counts().writes {
        let text = |name: &str| write.body[name].as_str().unwrap_or_default().to_string();
        last.insert(text("channel"), text("text"));
    }
    assert!(!last.is_empty());
    assert!(last.values().all(|what| what == "free"), "{last:?}");
}
