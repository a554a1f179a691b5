//! One case of the suite: run undisturbed, and killed at a point of one of its commands; and what is asked of it afterwards.

pub mod suite;

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use play_demo::Target;
use play_evidence::{J, ParsedLine};
use play_tests::playc;
use play_tests::store::{self, Chains, kept};
use serde_json::Value;
use suite::{Case, HEAD, MUCH, Step, TAIL};

/// The files of a case, its store, and its account with the target.
pub struct Place<'a> {
    folder: tempfile::TempDir,
    instance: String,
    target: &'a Target,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.target.forget(&self.instance);
    }
}

/// How a case ends, as far as two runs of it must agree.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Playbook, state, outcome and reason of each run.
    runs: Vec<[String; 4]>,
    /// What is in force, waits or is in doubt.
    standing: Vec<String>,
    /// What was made of each thing.
    modes: BTreeMap<String, String>,
    /// Writes that were looked up and had not been done.
    not_done: usize,
    /// Of each write, by path and what it was done to: how often it was received without a key, and how many keys it had.
    writes: BTreeMap<(String, String, String), (usize, usize)>,
}

/// States in which nothing is left to do.
const OVER: [&str; 3] = ["closed", "handed_over", "shadow_ended"];

/// A case that was run undisturbed.
pub struct Undisturbed<'a> {
    case: &'static Case,
    end: End,
    /// What was there before each step, and the points of it.
    before: Vec<(Place<'a>, Vec<String>)>,
}

/// An engine that is broken on purpose.
#[derive(Clone, Copy, Debug)]
pub enum Broken {
    /// What it wrote last was not durable, though it said so.
    LosesABatch,
    /// It sends what it has not written down before.
    ForgetsIntents,
}

/// Takes the last batch off the end of the last segment.
fn lose_a_batch(store: &Path) {
    let segment = store.join("segments/00000001.jsonl");
    let Ok(bytes) = std::fs::read(&segment) else { return };
    let (mut at, mut ends) = (0, Vec::new());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        at += line.len();
        if line.starts_with(b"{\"bytes\":") {
            ends.push(at);
        }
    }
    if let [.., end, _] = ends[..] {
        std::fs::write(segment, &bytes[..end]).unwrap();
    }
}

/// What came of one kill, or of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// Kills.
    pub kills: usize,
    /// Of them in a start that was to recover from one before.
    pub in_recovery: usize,
    /// Writes that a person had to look up.
    pub doubts: usize,
    /// Starts that passed fewer points this time, and so were not killed.
    pub missed: usize,
}

impl std::ops::AddAssign for Came {
    fn add_assign(&mut self, other: Self) {
        self.kills += other.kills;
        self.in_recovery += other.in_recovery;
        self.doubts += other.doubts;
        self.missed += other.missed;
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The only certificate that the starts trust.
fn certificate() -> &'static Path {
    static FILE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &FILE
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("ca.pem");
            let made = Command::new("openssl")
                .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
                .args(["-days", "2", "-subj", "/CN=nobody", "-keyout", "/dev/null", "-out"])
                .arg(&file)
                .stderr(Stdio::null())
                .status();
            assert!(made.is_ok_and(|s| s.success()), "openssl makes no certificate");
            (folder, file)
        })
        .1
}

impl<'a> Place<'a> {
    fn empty(target: &'a Target) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let instance = format!("i{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Self { folder: tempfile::tempdir().unwrap(), instance, target }
    }

    /// With the files of a case, and no store yet.
    fn new(case: &Case, target: &'a Target) -> Self {
        let place = Self::empty(target);
        let whole = case.text.contains("playbook p ");
        let end = if case.text.starts_with("hand over") { "" } else { TAIL };
        let text = if whole {
            format!("{HEAD}{}\n", case.text)
        } else {
            format!("{HEAD}playbook p for T {{\n{}{end}\n}}\n", case.text)
        };
        std::fs::write(place.path("p.play"), text).unwrap();
        if !case.project.is_empty() {
            std::fs::write(place.path("play.toml"), case.project).unwrap();
        }
        std::fs::write(place.path("setting"), case.setting).unwrap();
        let alerts = case.alerts.replace(MUCH, &".".repeat(9 << 10));
        std::fs::write(place.path("alerts.jsonl"), format!("{alerts}\n")).unwrap();
        place.configure();
        place
    }

    fn configure(&self) {
        let url = self.target.url(&self.instance);
        let setting = std::fs::read_to_string(self.path("setting")).unwrap_or_default();
        let config: String = ["x", "y"].map(|c| format!("[connectors.{c}]\nbase_url = \"{url}\"\n")).concat();
        let config = config.replacen("[connectors.y]", &format!("{setting}\n[connectors.y]"), 1);
        std::fs::write(self.path("config.toml"), config).unwrap();
    }

    /// Another that begins where this one is.
    fn copied(&self) -> Self {
        let other = Self::empty(self.target);
        copy(self.folder.path(), other.folder.path());
        other.configure();
        self.target.copy(&self.instance, &other.instance);
        other
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `playc` with these arguments, on the store of this place.
    fn playc(&self, args: &[&str]) -> Command {
        let mut command = playc::command(args);
        // Certificates are read at each start, and not needed.
        command.env("SSL_CERT_FILE", certificate()).env("SSL_CERT_DIR", "/nowhere");
        command.args(["--store", "store"]).current_dir(self.folder.path());
        command
    }

    fn step(&self, step: Step) -> Command {
        match step {
            Step::Run => {
                let what = if self.path("play.toml").exists() { "." } else { "p.play" };
                self.playc(&["run", what, "--alert", "alerts.jsonl", "--config", "config.toml"])
            }
            Step::Says(what, args) => {
                let run = play_journal::Store::read_only(&self.path("store")).unwrap().runs().remove(0);
                let mut command = self.playc(&[what, &run, "--config", "config.toml"]);
                command.args(args);
                command
            }
            Step::Event(record) => {
                std::fs::write(self.path("event.json"), record).unwrap();
                self.playc(&["event", "event.json", "--config", "config.toml"])
            }
        }
    }

    /// Runs a step, killed at a point where one is named. Gives its exit code where it came to an end, and the points that it passed.
    fn run(&self, step: Step, kill_at: Option<usize>) -> (Option<i32>, Vec<String>) {
        let log = self.path("points");
        let _ = std::fs::remove_file(&log);
        let mut command = self.step(step);
        command.env("PLAY_CRASH_LOG", &log);
        if let Some(at) = kill_at {
            command.env("PLAY_CRASH_AT", at.to_string());
        }
        let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
        let points = std::fs::read_to_string(&log).unwrap_or_default();
        let points = points.lines().map(String::from).collect();
        if output.status.signal() == Some(9) {
            return (None, points);
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap_or_else(|| panic!("{step:?}: {}: {words}", output.status));
        assert!(
            matches!((step, code), (_, 0 | 1) | (Step::Says(..), 2)),
            "{step:?} ended with {code}: {words}"
        );
        assert!(self.path("store/store.json").exists(), "{step:?} made no store: {words}");
        (Some(code), points)
    }

    fn says(&self, args: &[&str]) -> Value {
        let ran = playc::ran(self.playc(args).args(["--format", "json"]).output());
        assert!(matches!(ran.code, 0 | 1), "{args:?}: {ran:?}");
        serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{args:?}: {e}: {ran:?}"))
    }

    /// What is durable now.
    fn durable(&self) -> Chains {
        store::durable(&self.path("store"))
    }

    /// A person settles what is in doubt, by what the target says. Gives how many there were, how many had not been done, and what
    /// stands then.
    fn settle(&self) -> (usize, usize, Value) {
        let (mut doubts, mut undone) = (0, 0);
        for _ in 0..20 {
            let standing = self.says(&["status"]);
            let in_doubt = standing.as_array().unwrap().iter().find(|s| s["what"] == "in_doubt").cloned();
            let Some(one) = in_doubt else { return (doubts, undone, standing) };
            let (run, line) = (one["run"].as_str().unwrap(), one["line"].as_u64().unwrap());
            let action = one["action"].as_str().unwrap().split('.').nth(1).unwrap();
            let q = self.argument(run, line);
            let account = self.target.account(&self.instance);
            let done = account
                .received
                .iter()
                .any(|r| r.performed && r.q == q && r.path.rsplit('/').next() == Some(action));
            doubts += 1;
            undone += usize::from(!done);
            let line = line.to_string();
            let mut args = vec!["resolve", run, "--line", &line, "--by", "ada", "--because", "looked it up"];
            args.extend(["--config", "config.toml"]);
            args.extend(if done { &["--done", "\"done\""][..] } else { &["--not-done"] });
            let ran = playc::ran(self.playc(&args).output());
            assert!(matches!(ran.code, 0 | 1), "{args:?}: {ran:?}");
        }
        panic!("it stays in doubt");
    }

    /// The argument `q` of an act.
    fn argument(&self, run: &str, line: u64) -> String {
        let lines = play_journal::Store::read_only(&self.path("store")).unwrap().lines_of(run).unwrap();
        let line = ParsedLine::parse(&lines[usize::try_from(line).unwrap()]).unwrap();
        let args = line.field("args").unwrap();
        let J::Obj(args) = args else { panic!("no arguments: {args:?}") };
        let J::Obj(q) = &args["q"] else { panic!("no q") };
        q["val"].as_str().unwrap().to_string()
    }

    /// How it ended.
    fn end(&self, standing: &Value) -> End {
        let text = |v: &Value, name: &str| v[name].as_str().unwrap_or("-").to_string();
        let list = self.says(&["trace", "list"]);
        let names = ["playbook", "state", "outcome", "because"];
        let mut runs: Vec<_> = list.as_array().unwrap().iter().map(|r| names.map(|n| text(r, n))).collect();
        runs.sort();
        let mut standing: Vec<String> = standing
            .as_array()
            .unwrap()
            .iter()
            .map(|s| format!("{} {}", text(s, "what"), text(s, "action")))
            .collect();
        standing.sort();
        let account = self.target.account(&self.instance);
        let mut keys: BTreeMap<_, (usize, BTreeSet<String>)> = BTreeMap::new();
        for write in account.received {
            let entry = keys.entry((write.path, write.q, write.to)).or_default();
            match write.key {
                Some(key) => drop(entry.1.insert(key)),
                None => entry.0 += 1,
            }
        }
        let writes = keys.into_iter().map(|(what, (bare, keys))| (what, (bare, keys.len()))).collect();
        let not_done = self.durable().values().flatten().filter(|l| was_not_done(l)).count();
        End { runs, standing, modes: account.modes, not_done, writes }
    }
}

impl End {
    /// Of an undo: how often what it takes back was done.
    fn taken_back(&self, (path, q, _): &(String, String, String)) -> Option<(usize, usize)> {
        let act = match path.as_str() {
            "act/free" => "act/block",
            "act/join" => "act/cut",
            "act/thaw" => "act/freeze",
            _ => return None,
        };
        self.writes.iter().find(|((path, to, _), _)| path == act && to == q).map(|(_, times)| *times)
    }
}

fn was_not_done(line: &[u8]) -> bool {
    let line = ParsedLine::parse(line).unwrap();
    line.k == "act.verified" && line.field("how").and_then(J::as_str) == Some("not_done")
}

impl<'a> Undisturbed<'a> {
    /// Runs a case to its end.
    pub fn new(case: &'static Case, target: &'a Target) -> Self {
        let place = Place::new(case, target);
        let mut before = Vec::new();
        let mut standing = Value::Null;
        for step in case.steps {
            let copy = place.copied();
            let (code, points) = place.run(*step, None);
            assert!(matches!(code, Some(0 | 1)), "{}: {step:?} ended with {code:?}", case.name);
            before.push((copy, points));
            standing = place.settle().2;
        }
        let end = place.end(&standing);
        for run in &end.runs {
            assert!(OVER.contains(&run[1].as_str()), "{}: {end:?}", case.name);
        }
        let undisturbed = Self { case, end, before };
        undisturbed.holds(&place);
        undisturbed
    }

    /// What it is about.
    pub fn name(&self) -> &str {
        self.case.name
    }

    /// The points of each step.
    pub fn points(&self) -> impl Iterator<Item = &[String]> {
        self.before.iter().map(|(_, points)| points.as_slice())
    }

    /// What must hold whatever happened.
    fn holds(&self, place: &Place<'_>) {
        for args in [&["trace", "verify"][..], &["replay", "--all"]] {
            let ran = playc::ran(place.playc(args).output());
            assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
        }
    }

    /// Kills a step at a point, and the recovering start at some of its own: at these, each taken modulo how many there are.
    pub fn killed(&self, step: usize, at: usize, again: &[u64]) -> Came {
        let mut came = Came::default();
        let place = self.before[step].0.copied();
        let begun = place.durable();
        if let Some(code) = place.run(self.case.steps[step], Some(at)).0 {
            came.missed += 1;
            // What was refused is said again.
            self.finish(&place, step + usize::from(code != 2), &begun, &mut came);
            return came;
        }
        came.kills += 1;
        // What was on its way to the target arrives.
        std::thread::sleep(Duration::from_millis(3));
        let durable = place.durable();
        kept(&begun, &durable);
        let others: Vec<_> = again.iter().map(|n| (n, place.copied())).collect();
        let points = self.finish(&place, step, &durable, &mut came);
        for (n, other) in others {
            let at = 1 + usize::try_from(n % points.max(1) as u64).unwrap();
            if let Some(code) = other.run(self.case.steps[step], Some(at)).0 {
                came.missed += 1;
                self.finish(&other, step + usize::from(code != 2), &durable, &mut came);
                continue;
            }
            came.kills += 1;
            came.in_recovery += 1;
            std::thread::sleep(Duration::from_millis(3));
            let twice = other.durable();
            kept(&durable, &twice);
            self.finish(&other, step, &twice, &mut came);
        }
        came
    }

    /// Kills a step at a point, and then lets happen what must never: what this sweep looks for is there, and it has to see it.
    pub fn broken(&self, step: usize, at: usize, broken: Broken) {
        let place = self.before[step].0.copied();
        let begun = place.durable();
        place.run(self.case.steps[step], Some(at));
        std::thread::sleep(Duration::from_millis(3));
        let store = place.path("store");
        let durable = match broken {
            Broken::LosesABatch => {
                let durable = place.durable();
                lose_a_batch(&store);
                durable
            }
            Broken::ForgetsIntents => {
                let _ = std::fs::remove_dir_all(&store);
                let before = self.before[step].0.path("store");
                if before.exists() {
                    copy(&before, &store);
                }
                // As if nobody had been promised anything.
                begun
            }
        };
        self.finish(&place, step, &durable, &mut Came::default());
    }

    /// Takes it to its end from a step on, and looks at everything. Gives how many points the first start passed.
    fn finish(&self, place: &Place<'_>, from: usize, durable: &Chains, came: &mut Came) -> usize {
        let (mut points, mut undone, mut standing) = (None, 0, Value::Null);
        // Where all steps are done already, whatever they left is taken up.
        let steps = self.case.steps.get(from..).filter(|s| !s.is_empty()).unwrap_or(&[Step::Run]);
        for step in steps {
            let (code, passed) = place.run(*step, None);
            points.get_or_insert(passed.len());
            if code == Some(2) {
                // The run was cut off in the middle of a call: that is taken up first. Or it knows already.
                place.run(Step::Run, None);
                place.run(*step, None);
            }
            let (mut doubts, mut not_done, mut now) = place.settle();
            if now.as_array().unwrap().iter().any(|s| s["what"] == "under_way") {
                // Whoever said it left it at that: the word was there already, and the run is for a `playc run` to take up.
                place.run(Step::Run, None);
                let (more, more_not_done, then) = place.settle();
                (doubts, not_done, now) = (doubts + more, not_done + more_not_done, then);
            }
            came.doubts += doubts;
            undone += not_done;
            standing = now;
        }
        kept(durable, &place.durable());
        self.holds(place);
        let (end, wanted) = (place.end(&standing), &self.end);
        // Looked up by the engine itself, it is the same as if a person had.
        undone += end.not_done.saturating_sub(wanted.not_done);
        // What is not idempotent was received at most once, what is had one key; but for what was done twice undisturbed.
        for (what, (bare, keys)) in &end.writes {
            let (mut most, mut most_keys) = wanted.writes.get(what).copied().unwrap_or_default();
            if let Some(taken_back) = end.taken_back(what) {
                // A hold may have ended before the next one began: then each has its end.
                (most, most_keys) = (most.max(taken_back.0), most_keys.max(taken_back.1));
            }
            let another_way = undone > 0 && most + most_keys == 0;
            assert!(*bare <= most && *keys <= most_keys || another_way, "{what:?} {bare} {keys}: {end:?}");
        }
        for run in &end.runs {
            assert!(OVER.contains(&run[1].as_str()), "{end:?}");
        }
        // A person who says that it was not done lets the playbook go another way.
        if undone == 0 {
            assert_eq!(
                (&end.runs, &end.standing, &end.modes),
                (&wanted.runs, &wanted.standing, &wanted.modes)
            );
        } else {
            assert_eq!(end.runs.len(), wanted.runs.len());
        }
        points.unwrap_or(0)
    }
}
