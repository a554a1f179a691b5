//! A run that waits for a person, from the command line: it is parked, says whom it waits for, and goes on when somebody
//! answers, once, in time.

use std::path::{Path, PathBuf};

use play_tests::{playc, store};

const PLAYBOOK: &str = r#"
case T { s: String }
source src from feed("t") -> T { map { s = payload.s as String? } }
connector x {
  config { base_url: Url }
  write cut(q: String) -> String
    POST "/cut" json { q: q }
    expect 200 -> body
    undo join(q)
    class change
  write join(q: String) -> Unit
    POST "/join" json { q: q }
    expect 204
    class restore
}
guard cuts covers x.cut { else approval from role.lead within 2h else refuse }
playbook p for T {
  let known = ask role.analyst "Is {case.s} ours?" { Yes, No } showing case.s within WITHIN else Yes because "nobody looked"
  if known.choice == Yes { close FalsePositive because "{known.by}: {known.reason}" }
  do x.cut(case.s) else hand over to queue.tier2 because failure.words
  close TruePositive because "cut off"
}
"#;

struct World(tempfile::TempDir);

impl World {
    fn new(within: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.play"), PLAYBOOK.replace("WITHIN", within)).unwrap();
        let alert = "{\"s\": \"host-1\\u001b[31m\"}\n";
        std::fs::write(folder.path().join("alerts.jsonl"), alert).unwrap();
        let stubs = r#"[{ "call": "x.cut", "returns": "ok" }]"#;
        std::fs::write(folder.path().join("stubs.json"), stubs).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("store")
    }

    fn run(&self) -> playc::Ran {
        playc::run(&[
            "run".as_ref(),
            self.path("p.play").as_os_str(),
            "--alert".as_ref(),
            self.path("alerts.jsonl").as_os_str(),
            "--stub".as_ref(),
            self.path("stubs.json").as_os_str(),
            "--store".as_ref(),
            self.store().as_os_str(),
        ])
    }

    /// `playc answer CASE Yes`, and the like.
    fn says(&self, words: &[&str], because: &str) -> playc::Ran {
        let mut args: Vec<std::ffi::OsString> = words.iter().map(Into::into).collect();
        args.extend(["--by", "ada", "--because", because, "--stub"].map(Into::into));
        args.push(self.path("stubs.json").into());
        args.push("--store".into());
        args.push(self.store().into());
        playc::run(&args)
    }

    fn case(&self) -> String {
        store::runs(&self.store())[0]["case"].as_str().unwrap().to_string()
    }

    fn lines(&self) -> usize {
        let run = store::runs(&self.store())[0]["run"].as_str().unwrap().to_string();
        store::lines(&self.store(), &run).len()
    }

    /// What is told of the decisions in its exported run.
    fn decisions(&self) -> String {
        let (case, file) = (self.case(), self.path("run.jsonl"));
        let ran = playc::run(&[
            "trace".as_ref(),
            "export".as_ref(),
            case.as_ref(),
            "--store".as_ref(),
            self.store().as_os_str(),
            "-o".as_ref(),
            file.as_os_str(),
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let ran = playc::run(&["trace".as_ref(), "verify".as_ref(), file.as_os_str()]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }

    fn shown(&self) -> String {
        let case = self.case();
        let ran = playc::run(&[
            "trace".as_ref(),
            "show".as_ref(),
            case.as_ref(),
            "--store".as_ref(),
            self.store().as_os_str(),
        ]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }
}

fn replays(store: &Path) {
    let ran = playc::run(&["replay".as_ref(), "--all".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_run_is_parked_answered_approved_and_goes_on() {
    let world = World::new("4h");
    let ran = world.run();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("for role.analyst to answer"), "{ran:?}");
    assert!(ran.out.contains("playc answer") && ran.out.contains("Yes|No"), "{ran:?}");
    assert!(!ran.out.contains('\u{1b}'), "what is displayed is escaped: {ran:?}");
    let (case, before) = (world.case(), world.lines());

    let ran = world.says(&["answer", &case, "Perhaps"], "hm");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("`Perhaps` is not an answer") && ran.err.contains("`Yes`, `No`"), "{ran:?}");
    let ran = world.says(&["approve", &case], "hm");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("no approval of this run is asked for"), "{ran:?}");
    assert!(ran.err.contains("waits for an answer of role.analyst"), "{ran:?}");
    let ran = world.says(&["answer", &case, "No", "--line", "77"], "hm");
    assert!(ran.err.contains("line 77 of this run does not wait for anybody"), "{ran:?}");
    let ran = world.says(&["answer", &case, "No"], " ");
    assert!(ran.err.contains("--because is empty"), "{ran:?}");
    assert_eq!(world.lines(), before, "what is no answer writes nothing");

    let ran = world.says(&["answer", &case, "No"], "never seen");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("for role.lead to approve x.cut"), "{ran:?}");
    let ran = world.says(&["answer", &case, "No"], "once more");
    assert_eq!(ran.code, 2, "the first decision counts: {ran:?}");
    assert!(ran.err.contains("was answered by ada") && ran.err.contains("No"), "{ran:?}");

    // Another engine on the same store leaves it waiting.
    let ran = world.run();
    assert!(ran.out.contains("playc approve|deny"), "{ran:?}");
    let ran = world.says(&["approve", &case], "cut it off");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("closed TruePositive"), "{ran:?}");
    replays(&world.store());
    let shown = world.shown();
    assert!(shown.contains("ada answers No because \"never seen\""), "{shown}");
    assert!(shown.contains("asks role.lead to approve x.cut("), "{shown}");
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let ran = world.says(&["deny", &case], "too late");
    assert_eq!(ran.code, 2, "{ran:?}");
}

#[test]
fn what_is_denied_is_not_done() {
    let world = World::new("4h");
    world.run();
    let case = world.case();
    world.says(&["answer", &case, "No"], "never seen");
    let ran = world.says(&["deny", &case], "one of ours");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("handed over queue.tier2"), "{ran:?}");
    assert!(ran.out.contains("denied by ada: one of ours"), "{ran:?}");
    replays(&world.store());
    assert!(!world.shown().contains("intends x.cut"), "{}", world.shown());
}

#[test]
fn whoever_comes_too_late_is_told_when_the_time_was_over() {
    let world = World::new("200ms");
    let ran = world.run();
    assert!(ran.out.contains("nobody: nobody looked"), "{ran:?}");
    let (case, before) = (world.case(), world.lines());
    let ran = world.says(&["answer", &case, "No"], "never seen");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("the time for an answer to line 2 was over at"), "{ran:?}");
    assert_eq!(world.lines(), before);
    replays(&world.store());
}

#[test]
fn who_answers_has_the_role_where_the_project_says_who_has_it() {
    let world = World::new("4h");
    world.run();
    let case = world.case();
    let with = |members: &str| {
        std::fs::write(world.path("play.toml"), format!("name = \"t\"\n[roles]\nanalyst = [{members}]\n"))
            .unwrap();
        let folder = world.0.path().display().to_string();
        world.says(&["answer", &case, "Yes", "--project", &folder], "we know it")
    };
    let ran = with("\"adam\", \"ben\"");
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("`ada` does not have role.analyst (did you mean `adam`?)"), "{ran:?}");
    assert!(ran.err.contains("adam, ben"), "{ran:?}");
    let ran = with("\"ada\"");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("FalsePositive"), "{ran:?}");
    let told = world.decisions();
    assert!(told.contains("ada decided as role.analyst: listed in play.toml ("), "{told}");
    replays(&world.store());
}

#[test]
fn the_evidence_says_where_nobody_is_known_to_have_the_role() {
    let world = World::new("4h");
    world.run();
    let case = world.case();
    let ran = world.says(&["answer", &case, "No"], "never seen");
    assert_eq!(ran.code, 0, "{ran:?}");
    std::fs::write(world.path("play.toml"), "name = \"t\"\n[roles]\nanalyst = [\"eve\"]\n").unwrap();
    let folder = world.0.path().display().to_string();
    let ran = world.says(&["approve", &case, "--project", &folder], "cut it off");
    assert_eq!(ran.code, 0, "{ran:?}");
    let told = world.decisions();
    assert!(told.contains("ada decided as role.analyst: who has it was not known"), "{told}");
    assert!(told.contains("ada decided as role.lead: anybody's by play.toml ("), "{told}");
    assert!(world.shown().contains("as role.lead: anybody's"), "{}", world.shown());
    let store = world.store();
    let ran = playc::run(&["trace".as_ref(), "verify".as_ref(), "--store".as_ref(), store.as_os_str()]);
    assert!(ran.out.contains("1 decision as role.lead: anybody's by play.toml ("), "{ran:?}");
    replays(&world.store());
}

/// A project in a folder with a space in its name, and stubs and alerts beside it.
struct Beside(tempfile::TempDir);

impl Beside {
    fn new(playbook: &str, toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("a project")).unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a project/p.play", playbook);
        write("a project/play.toml", toml);
        write("alerts.jsonl", "{\"s\": \"host-1\"}\n");
        write("stubs.json", r#"[{ "call": "x.cut", "returns": "ok" }]"#);
        Self(folder)
    }

    /// Runs the alert; gives the command that is printed for an answer.
    fn asked(&self, more: &[&str]) -> String {
        let words =
            ["run", "a project", "--alert", "alerts.jsonl", "--stub", "stubs.json", "--store", "the store"];
        let ran =
            playc::ran(playc::command(&[&words[..], more].concat()).current_dir(self.0.path()).output());
        let how = ran.out.lines().map(str::trim).find(|line| line.starts_with("playc answer"));
        how.unwrap().to_string()
    }

    /// Copies the command into a shell: somebody says no.
    fn says(&self, how: &str, by: &str) -> playc::Ran {
        let line = how.replace("playc ", "\"$PLAYC\" ").replace("Yes|No", "No");
        let line =
            line.replace("--by …", &format!("--by {by}")).replace("--because …", "--because 'not ours'");
        let bash = playc::command::<&str>(&[]);
        let mut shell = std::process::Command::new("bash");
        shell.env("PLAYC", bash.get_program()).args(["-c", &line]).current_dir(self.0.path());
        playc::ran(shell.output())
    }
}

/// What a run prints for an answer is the whole command: who has the role stands in the project, and the stubs answer on.
#[test]
fn the_command_for_an_answer_knows_the_roles_of_the_project() {
    let roles = "[roles]\nanalyst = [\"ada\"]\nlead = [\"ben\"]\n";
    let beside = Beside::new(&PLAYBOOK.replace("WITHIN", "4h"), roles);
    let how = beside.asked(&[]);
    assert!(how.contains("--project 'a project' --stub stubs.json") && how.contains("'the store'"), "{how}");
    let ran = beside.says(&how, "eve");
    assert!(ran.code == 2 && ran.err.contains("does not have role.analyst"), "{ran:?}");
    let ran = beside.says(&how, "ada");
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// An answer needs no environment: the run has the values that it was opened with, also those that it reads only then.
#[test]
fn a_run_of_an_environment_keeps_its_values_when_it_is_answered() {
    let playbook = PLAYBOOK.replace("WITHIN", "4h").replace(
        "  do x.cut(case.s)",
        "  if config.calm { hand over to queue.tier2 because \"{config.site} is left alone\" }\n  do x.cut(case.s)",
    );
    let playbook = format!("config {{ site: String, calm: Bool = false }}\n{playbook}");
    let toml = "[env.prod.config]\nsite = \"here\"\ncalm = true\n[env.lab.config]\nsite = \"there\"\n";
    let beside = Beside::new(&playbook, toml);
    let how = beside.asked(&["--env", "prod"]);
    let ran = beside.says(&how, "ada");
    assert_eq!(ran.code, 0, "{how}: {ran:?}");
    assert!(ran.out.contains("handed over queue.tier2  here is left alone"), "{ran:?}");
}
