//! `kill -9` at random moments of a run over fifty alerts, against a server that counts: nothing acknowledged is lost,
//! nothing that must not happen twice happens twice, and a restart finishes all.

mod killed;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use play_demo::{Handle, Options, Running, serve};
use play_evidence::{J, ParsedLine};
use play_tests::generate::Rng;
use play_tests::playc;
use play_tests::store::{self, Chains, kept};

const ALERTS: usize = 50;

/// Bytes that a start may write before it is killed, at the most; a whole run writes about ten times as many.
const MOST_WRITTEN: u64 = 40_000;

type Demo = Running<Handle>;

fn demo() -> Demo {
    let options = Options { latency: Duration::from_millis(3), token: None };
    Running::start(|listener| serve(listener, options)).unwrap()
}

/// Fifty findings, each about a principal of its own: what is done to one is told apart from what is done to another.
fn alerts(campaign: u64) -> String {
    let mut text = String::new();
    for i in 0..ALERTS {
        let _ = writeln!(
            text,
            r#"{{"id":"f{campaign}-{i}","accountId":"111122223333","region":"eu-central-1","type":"PrivilegeEscalation:IAMUser/AnomalousBehavior","severity":8,"title":"takeover {campaign}-{i}","resource":{{"accessKeyDetails":{{"principalId":"AIDA{campaign}X{i}"}}}},"service":{{"count":1,"archived":false,"action":{{"awsApiCallAction":{{"remoteIpDetails":{{"ipAddressV4":"203.0.113.{i}"}}}}}}}}}}"#
        );
    }
    text
}

fn config(address: &str) -> String {
    let mut text = String::new();
    for (connector, path) in
        [("aws", "aws"), ("assets", "assets"), ("ipintel", "intel"), ("tickets", "tickets")]
    {
        let _ = writeln!(
            text,
            "[connectors.{connector}]\nbase_url = \"http://{address}/{path}\"\ntoken = {{ env = \"DEMO_TOKEN\" }}"
        );
    }
    text
}

struct Campaign {
    folder: tempfile::TempDir,
    id: u64,
}

impl Campaign {
    fn new(id: u64, demo: &Demo) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("alerts.jsonl"), alerts(id)).unwrap();
        std::fs::write(folder.path().join("config.toml"), config(&demo.address().to_string())).unwrap();
        Self { folder, id }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn command(&self) -> std::process::Command {
        let mut command = playc::command(&[
            "run".as_ref(),
            "examples/aws-guardduty".as_ref(),
            "--alert".as_ref(),
            self.folder.path().join("alerts.jsonl").as_os_str(),
            "--config".as_ref(),
            self.folder.path().join("config.toml").as_os_str(),
            "--store".as_ref(),
            self.store().as_os_str(),
        ]);
        command.env("DEMO_TOKEN", "demo");
        command
    }

    /// Bytes of evidence so far.
    fn written(&self) -> u64 {
        std::fs::metadata(self.store().join("segments/00000001.jsonl")).map_or(0, |m| m.len())
    }

    /// What is durable now: the lines of each chain.
    fn durable(&self) -> Chains {
        store::durable(&self.store())
    }

    fn playc(&self, args: &[&str]) -> playc::Ran {
        let store = self.store();
        let mut all: Vec<&std::ffi::OsStr> = args.iter().map(|a| a.as_ref()).collect();
        all.extend(["--store".as_ref(), store.as_os_str()]);
        playc::ran(playc::command(&all).env("DEMO_TOKEN", "demo").output())
    }
}

/// Kills and restarts until a start finishes by itself; then looks at everything. Gives kills and writes in doubt.
fn campaign(id: u64, demo: &Demo, rng: &mut Rng, most: usize) -> (usize, usize) {
    let campaign = Campaign::new(id, demo);
    let mut kills = 0;
    let mut durable = BTreeMap::new();
    loop {
        let mut child = campaign.command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // Killed once it has written so much more, and a moment later: anywhere from before its first line to its last,
        // however fast the machine is.
        let enough = campaign.written() + rng.below(MOST_WRITTEN);
        let moment = Duration::from_micros(rng.below(3_000));
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if kills < most && campaign.written() >= enough {
                std::thread::sleep(moment);
                child.kill().unwrap();
                break child.wait().unwrap().code().map(|_| child.wait().unwrap());
            }
            std::thread::sleep(Duration::from_micros(300));
        };
        if let Some(status) = status {
            assert!(matches!(status.code(), Some(0 | 1)), "{status}: {:?}", child.wait_with_output());
            break;
        }
        kills += 1;
        let now = campaign.durable();
        kept(&durable, &now);
        durable = now;
    }
    kept(&durable, &campaign.durable());

    // A person settles what is in doubt, by what the target says.
    let counts = demo.counts();
    let mut doubts = 0;
    for run in store::runs(&campaign.store()).iter().filter(|r| r["state"] == "in_doubt") {
        doubts += 1;
        let name = run["run"].as_str().unwrap();
        let reader = play_journal::Store::read_only(&campaign.store()).unwrap();
        let lines: Vec<ParsedLine> =
            reader.lines_of(name).unwrap().iter().map(|l| ParsedLine::parse(l).unwrap()).collect();
        let intent = lines.iter().rev().find(|l| l.k == "act.intended").unwrap();
        assert_eq!(
            intent.field("action"),
            Some(&J::Str("aws.quarantine".into())),
            "only what is not idempotent is in doubt"
        );
        let J::Obj(args) = intent.field("args").unwrap() else { panic!("no args") };
        let J::Obj(position) = &args["id"] else { panic!("no id") };
        let J::Str(principal) = &position["val"] else { panic!("no value") };
        let done = counts.writes.iter().any(|w| w.performed && w.path.contains(&format!("/{principal}/")));
        let config = campaign.folder.path().join("config.toml");
        let answer: &[&str] = if done { &["--done", "\"PlayDenyAll\""] } else { &["--not-done"] };
        let mut args = vec![
            "resolve",
            name,
            "--by",
            "ada",
            "--because",
            "looked it up",
            "--config",
            config.to_str().unwrap(),
        ];
        args.extend(answer);
        let ran = campaign.playc(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
    }

    // All fifty are there, each once, and every run is over.
    let runs = store::runs(&campaign.store());
    assert_eq!(runs.len(), ALERTS, "every alert has one run");
    for run in &runs {
        assert!(matches!(run["state"].as_str(), Some("closed" | "handed_over")), "{run}");
    }
    // Nothing that is not idempotent was received twice.
    let mut received: BTreeMap<String, usize> = BTreeMap::new();
    for write in demo.counts().writes.iter().filter(|w| w.path.contains(&format!("AIDA{}X", campaign.id))) {
        *received.entry(write.path.clone()).or_default() += 1;
    }
    for (path, times) in &received {
        assert_eq!(*times, 1, "{path}");
    }
    // The evidence holds.
    let verified = campaign.playc(&["trace", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let replayed = campaign.playc(&["replay", "--all"]);
    assert_eq!(replayed.code, 0, "{replayed:?}");
    (kills, doubts)
}

/// How many kills; 60 unless `PLAY_KILLS` says otherwise. `sweep.rs` kills at every point that there is; here many runs are under way at
/// once, and the moments are those that nobody thought of.
fn wanted() -> usize {
    std::env::var("PLAY_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(60)
}

#[test]
fn killed_at_random_moments_nothing_is_lost_and_nothing_is_done_twice() {
    let demo = demo();
    let mut rng = Rng::new(std::env::var("PLAY_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(7));
    let (mut kills, mut doubts, mut campaigns) = (0, 0, 0);
    while kills < wanted() {
        let (more, in_doubt) = campaign(campaigns, &demo, &mut rng, wanted() - kills);
        kills += more;
        doubts += in_doubt;
        campaigns += 1;
        assert!(campaigns < 1_000, "the starts finish before they can be killed");
    }
    println!(
        "{kills} kills in {campaigns} campaigns of {ALERTS} alerts, {doubts} writes in doubt, all finished"
    );
    // Tickets carry our key: the same key twice is one ticket. Nothing else may double.
    let counts = demo.counts();
    assert!(counts.doubles.is_empty(), "{:?}", counts.doubles);
}
