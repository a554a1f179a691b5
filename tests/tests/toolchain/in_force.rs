//! What is in force in a whole store: holds of several runs on one thing, `playc undo`, `playc status`.

use std::path::Path;

use play_evidence::{J, ParsedLine};
use play_tests::{playc, store};

const PLAYBOOK: &str = r#"
connector x {
  config { base_url: Url }
  read mode(q: String) -> String
    GET "/mode/{q}"
    expect 200 -> body
  write block(q: String) -> String
    POST "/block" json { q: q }
    expect 200 -> body
    undo free(q)
    class change
  write freeze(q: String) -> String
    POST "/freeze" json { q: q }
    expect 200 -> body
    snapshot before = mode(q)
    undo thaw(q, before)
    class change
  write wipe(q: String) -> String
    POST "/wipe" json { q: q }
    expect 200 -> body
    irreversible because "what is wiped is gone"
    class destroy
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    class restore
  write thaw(q: String, to: String) -> String
    POST "/thaw" json { q: q, to: to }
    expect 200 -> body
    class restore
}
case T { q: String, how: String }
source src from feed("t") -> T {
  map {
    q = payload.q as String?
    how = payload.how as String?
  }
}
guard all covers x.block, x.freeze, x.wipe, x.free, x.thaw { allow }
playbook p for T {
  if case.how == "short" { do x.block(case.q) for 1s else none }
  if case.how == "long" { do x.block(case.q) for 3s else none }
  if case.how == "hours" { do x.block(case.q) for 2h else none }
  if case.how == "frozen" { do x.freeze(case.q) for 1s else none }
  if case.how == "frozen longer" { do x.freeze(case.q) for 2s else none }
  if case.how == "wiped" {
    approve x.wipe(case.q) from role.lead within 1h because "it has to go"
      else hand over to queue.q because "not approved"
    do x.block(case.q) else none
    do x.wipe(case.q) else none
  }
  if case.how == "asked" {
    do x.block(case.q) else none
    let a = ask role.lead "Is it bad?" { Yes, No } within 2h else Yes because "nobody"
    if a.choice == Yes { hand over to queue.q because "{case.q} stays blocked" }
  }
  close TruePositive because case.how
}
"#;

const STUBS: &str = r#"[
  {"call": "x.mode", "returns": "open"},
  {"call": "x.block", "returns": "b"}, {"call": "x.freeze", "returns": "f"}, {"call": "x.wipe", "returns": "w"},
  {"call": "x.free", "returns": "f"}, {"call": "x.thaw", "returns": "t"}
]"#;

struct Here(tempfile::TempDir);

impl Here {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.play"), PLAYBOOK).unwrap();
        std::fs::write(folder.path().join("stubs.json"), STUBS).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn store(&self) -> std::path::PathBuf {
        self.path().join("store")
    }

    /// Lets alerts in: what, and how.
    fn run(&self, name: &str, alerts: &[(&str, &str)]) -> playc::Ran {
        let lines: Vec<String> =
            alerts.iter().map(|(q, how)| serde_json::json!({ "q": q, "how": how }).to_string()).collect();
        std::fs::write(self.path().join(name), lines.join("\n") + "\n").unwrap();
        let path = |name: &str| self.path().join(name).into_os_string();
        playc::run(&[
            "run".into(),
            path("p.play"),
            "--alert".into(),
            path(name),
            "--stub".into(),
            path("stubs.json"),
            "--store".into(),
            path("store"),
        ])
    }

    fn says(&self, args: &[&str]) -> playc::Ran {
        let (stubs, store) = (self.path().join("stubs.json"), self.store());
        let mut all: Vec<&std::ffi::OsStr> = args.iter().map(|a| a.as_ref()).collect();
        all.extend(["--by", "ada", "--because", "it was nothing"].map(std::ffi::OsStr::new));
        all.extend(["--stub".as_ref(), stubs.as_os_str(), "--store".as_ref(), store.as_os_str()]);
        playc::run(&all)
    }

    fn playc(&self, args: &[&str]) -> playc::Ran {
        let store = self.store();
        let mut all: Vec<&std::ffi::OsStr> = args.iter().map(|a| a.as_ref()).collect();
        all.extend(["--store".as_ref(), store.as_os_str()]);
        playc::run(&all)
    }

    fn status(&self) -> (i32, Vec<serde_json::Value>) {
        let ran = self.playc(&["status", "--format", "json"]);
        (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}")))
    }

    /// The run of that alert.
    fn named(&self, q: &str, how: &str) -> String {
        let reader = play_journal::Store::read_only(&self.store()).unwrap();
        let runs = reader.runs().into_iter().find(|run| {
            let mapped = String::from_utf8(reader.lines_of(run).unwrap().swap_remove(1)).unwrap();
            [q, how].iter().all(|text| mapped.contains(&format!("\"val\":\"{text}\"")))
        });
        runs.unwrap_or_else(|| panic!("no run with {q} and {how}"))
    }

    /// All lines of a kind of all runs.
    fn lines(&self, kind: &str) -> Vec<ParsedLine> {
        let reader = play_journal::Store::read_only(&self.store()).unwrap();
        let mut all = Vec::new();
        reader
            .for_each_line(|_, line| all.extend(ParsedLine::parse(line).ok().filter(|l| l.k == kind)))
            .unwrap();
        all
    }

    fn acts(&self, action: &str) -> Vec<ParsedLine> {
        let of = |line: &ParsedLine| line.field("action") == Some(&J::Str(action.into()));
        self.lines("act.intended").into_iter().filter(of).collect()
    }

    /// The evidence is whole, and decides everything again.
    fn is_proved(&self) {
        for args in [&["trace", "verify"][..], &["replay", "--all"]] {
            let ran = self.playc(args);
            assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
        }
    }

    fn nothing_is_in_force(&self) {
        assert_eq!(self.status(), (0, Vec::new()));
    }
}

#[test]
fn the_end_of_one_case_does_not_lift_what_another_holds() {
    let here = Here::new();
    let ran = here.run("a.jsonl", &[("a", "short"), ("a", "long"), ("b", "short")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (short, long) = (here.named("a", "short"), here.named("a", "long"));
    let kept: Vec<ParsedLine> =
        here.lines("hold.checked").into_iter().filter(|l| l.field("holder").is_some()).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!((&kept[0].run, kept[0].field("holder")), (&short, Some(&J::Str(long.clone()))));
    let until = here.lines("hold.started").into_iter().find(|l| l.run == long).unwrap();
    assert_eq!(kept[0].field("until"), until.field("until"), "and it says until when");
    // One call for the account of both, after the longer of them; one for the other account.
    let freed = here.acts("x.free");
    assert_eq!(freed.len(), 2, "{freed:?}");
    let of_a: Vec<_> = freed.iter().filter(|l| l.run == short || l.run == long).collect();
    let until: jiff::Timestamp = until.field("until").unwrap().as_str().unwrap().parse().unwrap();
    assert!(of_a[0].t.parse::<jiff::Timestamp>().unwrap() >= until);
    here.is_proved();
    here.nothing_is_in_force();
}

#[test]
fn what_the_first_of_them_found_is_what_is_there_in_the_end() {
    let here = Here::new();
    assert_eq!(here.run("a.jsonl", &[("a", "frozen longer")]).code, 0);
    let here = Here::new();
    // The second found it as the first had left it.
    let ran = here.run("a.jsonl", &[("a", "frozen longer"), ("a", "frozen")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let thawed = here.acts("x.thaw");
    // Both were asked beforehand, and both would restore the same: one call does.
    assert_eq!(thawed.len(), 1, "{thawed:?}");
    here.is_proved();
    here.nothing_is_in_force();
}

#[test]
fn another_process_knows_what_is_held_and_a_person_takes_it_back() {
    let here = Here::new();
    assert_eq!(here.run("a.jsonl", &[("a", "hours")]).code, 0);
    let ran = here.run("b.jsonl", &[("a", "short")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("keeps line"), "{ran:?}");
    assert!(here.acts("x.free").is_empty());
    let (hours, short) = (here.named("a", "hours"), here.named("a", "short"));
    let (code, all) = here.status();
    assert_eq!(code, 0);
    let of = |run: &str| all.iter().find(|one| one["run"] == run).unwrap();
    assert_eq!(of(&hours)["state"], "holds");
    assert_eq!(of(&hours)["args"]["q"]["val"], "a");
    assert_eq!(of(&short)["state"], "kept");
    assert_eq!(of(&short)["kept_by"], hours.as_str());
    assert_eq!(of(&short)["others"][0]["until"], of(&hours)["until"]);
    let text = here.playc(&["status"]);
    assert!(text.out.contains("x.block(q: a)") && text.out.contains("its own time is over"), "{text:?}");
    // A start in between changes nothing, and writes nothing.
    let before = store::lines(&here.store(), &short);
    assert_eq!(here.run("b.jsonl", &[("a", "short")]).code, 0);
    assert_eq!(store::lines(&here.store(), &short), before);
    // Undoing the one whose time is over takes nothing away from the other.
    let ran = here.says(&["undo", &short]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("when another run lets go"), "{ran:?}");
    assert!(here.acts("x.free").is_empty());
    let ran = here.says(&["undo", &hours]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("1 of 1 act taken back"), "{ran:?}");
    assert_eq!(here.acts("x.free").len(), 1);
    here.is_proved();
    here.nothing_is_in_force();
    let again = here.says(&["undo", &hours]);
    assert_eq!((again.code, again.out.contains("nothing to take back")), (0, true), "{again:?}");
}

#[test]
fn an_undo_that_fails_is_loud_and_a_person_can_try_again() {
    let here = Here::new();
    std::fs::write(
        here.path().join("stubs.json"),
        STUBS.replace(r#""x.free", "returns": "f""#, r#""x.free", "fails": "Denied""#),
    )
    .unwrap();
    let ran = here.run("a.jsonl", &[("a", "short")]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("NOT TAKEN BACK") && ran.out.contains("playc undo"), "{ran:?}");
    let (code, all) = here.status();
    assert_eq!((code, &all[0]["state"]), (1, &serde_json::json!("not_taken_back")), "{all:?}");
    let run = here.named("a", "short");
    let ran = here.says(&["undo", &run]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("NOT taken back"), "{ran:?}");
    std::fs::write(here.path().join("stubs.json"), STUBS).unwrap();
    let line = all[0]["line"].to_string();
    let ran = here.says(&["undo", &run, "--act", &line]);
    assert_eq!(ran.code, 0, "{ran:?}");
    here.is_proved();
    here.nothing_is_in_force();
    let ran = here.says(&["undo", &run, "--act", &line]);
    assert_eq!((ran.code, ran.out.contains("was taken back at")), (1, true), "{ran:?}");
    let ran = here.says(&["undo", &run, "--act", "1"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}

/// What is printed to be copied is the whole command: as it stands, but for who and why.
#[test]
fn the_command_that_status_prints_works_from_elsewhere() {
    let here = Here::new();
    let fails = STUBS.replace(r#""x.free", "returns": "f""#, r#""x.free", "fails": "Denied""#);
    std::fs::write(here.path().join("stubs.json"), fails).unwrap();
    here.run("a.jsonl", &[("a", "short")]);
    std::fs::write(here.path().join("stubs.json"), STUBS).unwrap();
    let store = here.store().display().to_string();
    let elsewhere = tempfile::tempdir().unwrap();
    let undo = |more: &[&str]| {
        let words = [&["status", "--store", &store][..], more].concat();
        let ran = playc::ran(playc::command(&words).current_dir(elsewhere.path()).output());
        assert_eq!(ran.code, 1, "{ran:?}");
        let line = ran.out.lines().find_map(|line| Some(line.split_once("playc undo")?.1.to_string()));
        format!("undo{}", line.unwrap())
    };
    assert!(undo(&[]).contains("--project … --store"), "{}", undo(&[]));
    let (project, stubs) = (here.path().display().to_string(), here.path().join("stubs.json"));
    let how = undo(&["--project", &project, "--stub", &stubs.display().to_string()]);
    let words: Vec<&str> = how.split(' ').map(|word| if word == "…" { "ada" } else { word }).collect();
    let ran = playc::ran(playc::command(&words).current_dir(elsewhere.path()).output());
    assert_eq!((ran.code, ran.out.contains("1 of 1 act taken back")), (0, true), "{how}: {ran:?}");
    here.nothing_is_in_force();
}

#[test]
fn a_run_that_waits_can_be_undone_and_goes_on_and_what_cannot_be_is_said() {
    let here = Here::new();
    let ran = here.run("a.jsonl", &[("a", "asked"), ("b", "wiped")]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (asked, wiped) = (here.named("a", "asked"), here.named("b", "wiped"));
    let list = store::runs(&here.store());
    assert!(list.iter().all(|run| run["state"] == "waiting"), "{list:?}");
    let (_, all) = here.status();
    assert!(all.iter().any(|one| one["what"] == "waiting" && one["question"] == "Is it bad?"), "{all:?}");
    assert!(all.iter().any(|one| one["what"] == "waiting" && one["for"] == "approval"), "{all:?}");
    let ran = here.says(&["undo", &asked]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = here.says(&["answer", &asked, "No"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed TruePositive"), "{ran:?}");
    assert_eq!(here.says(&["approve", &wiped]).code, 0);
    let ran = here.says(&["undo", &wiped]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("what is wiped is gone") && ran.out.contains("1 of 1 act"), "{ran:?}");
    here.is_proved();
    here.nothing_is_in_force();
}

#[test]
fn without_stubs_the_advice_names_the_project() {
    let here = Here::new();
    here.run("a.jsonl", &[("a", "asked")]);
    let run = here.named("a", "asked");
    for command in [&["answer", &run, "No"][..], &["undo", &run]] {
        let mut args = command.to_vec();
        args.extend(["--by", "ada", "--because", "b"]);
        let ran = here.playc(&args);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("--project"), "{ran:?}");
    }
}
