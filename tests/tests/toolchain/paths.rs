//! `playc test --paths`: what is printed can be pasted in, passes, and comes where it says.

use play_tests::playc::{self, Ran};

const PROGRAM: &str = r#"
enum Kind { Mail, Login, Other }

config { ours: [Domain] = [] }

const office: [Cidr] = [198.51.100.0/24]

case T { kind: Kind, ip: Ip, sender: Email, name: String, links: [Url], score: Int?, at: Time }

type Seen { times: Int, last: Time?, tags: [String] }

connector x {
  config { base_url: Url }
  read seen(q: String) -> Seen
    GET "/seen/{q}"
    expect 200 -> body
  write stop(q: String) -> String
    POST "/stop" json { q: q }
    expect 200 -> body
    undo start(q)
    class change
  write start(q: String) -> String
    POST "/start" json { q: q }
    expect 200 -> body
    class restore
}

guard stops covers x.stop, x.start {
  never when act.q == "root"
  limit 3 per 1h
  allow when case.severity >= High
}

procedure known(name: String) -> Bool {
  let seen = x.seen(name) retry 1 else match failure.kind {
    NotFound => hand over to queue.q because "nobody knows {name}"
    _ => hand over to queue.q because "no answer"
  }
  seen.times > 20 and "vip" in seen.tags
}

procedure unused(n: Int) { if n > 3 { note "many" } }

playbook p for T when case.links.len < 5 {
  if case.ip in office { close BenignPositive because "ours" }
  if case.sender.domain in config.ours { note "one of ours" }
  if case.name matches /^adm-\d+$/ { note "an admin" }
  if case.links.len == 3 { note "three" }
  if case.score != none and case.score > 70 and case.score < 75 { set severity = Critical because "odd" }
  if case.opened - case.at > 36h { note "late" }
  match case.kind {
    Mail => {
      let sure = ask role.analyst "Is it bad?" { Yes, No } within 1h else hand over to queue.q because "nobody there"
      if sure.choice == No { close FalsePositive because sure.reason }
    }
    Login => { if known(case.name) { close FalsePositive because "well known" } }
    Other => note "other"
  }
  step hold {
    do x.stop(case.name)
    do x.stop("second")
  } else {
    rollback because "not both" else hand over to queue.q because "not taken back"
    hand over to queue.q because "not stopped"
  }
  close TruePositive because "stopped"
}
"#;

fn playc(file: &std::path::Path, args: &[&str]) -> Ran {
    let args: Vec<&str> = ["test", "main.play"].into_iter().chain(args.iter().copied()).collect();
    playc::ran(playc::command(&args).current_dir(file.parent().unwrap()).output())
}

#[test]
fn what_is_printed_can_be_pasted_in_and_comes_where_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main.play");
    std::fs::write(&file, PROGRAM).unwrap();
    let ran = playc::ran(playc::command(&["fmt", "main.play"]).current_dir(folder.path()).output());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let program = std::fs::read_to_string(&file).unwrap();
    let ran = playc(&file, &["--paths"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let blocks = ran.out;
    std::fs::write(&file, format!("{program}\n{}\n", blocks.trim_end())).unwrap();

    // They pass, and reach all but what was said to be open.
    let ran = playc(&file, &["--coverage", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}\n{blocks}", ran.out);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let missed: Vec<String> = told["coverage"]["points"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["tests"] == 0)
        .map(|p| format!("{}: {}", p["at"].as_str().unwrap(), p["what"].as_str().unwrap()))
        .collect();
    let lines: Vec<&str> = blocks.lines().collect();
    let open: Vec<String> = lines
        .iter()
        .zip(lines.iter().skip(1))
        .filter(|(_, next)| next.starts_with("// No test was found"))
        .map(|(point, _)| point.trim_start_matches("// ").to_string())
        .collect();
    assert_eq!(missed.len(), open.len(), "{missed:#?}\n{open:#?}");
    let why = |what: &str, why: &str| {
        let at = lines.iter().position(|l| l.contains(what)).unwrap_or_else(|| panic!("{what}\n{blocks}"));
        assert!(lines[at + 1].contains(why), "{}\n{}", lines[at], lines[at + 1]);
    };
    why("procedure unused: the condition holds", "no playbook calls this procedure");
    assert_eq!(open.len(), 2, "{open:#?}");

    // They are laid out as everything is.
    let ran =
        playc::ran(playc::command(&["fmt", "--check", "main.play"]).current_dir(folder.path()).output());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn the_same_program_gives_the_same_tests_and_nothing_is_printed_when_all_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main.play");
    let program = "case T { n: Int }\n\nplaybook p for T {\n  if case.n == 77 { close FalsePositive because \"77\" }\n  close TruePositive because \"other\"\n}\n";
    std::fs::write(&file, program).unwrap();
    let first = playc(&file, &["--paths"]);
    insta::assert_snapshot!(first.out);
    assert_eq!(playc(&file, &["--paths"]).out, first.out);
    let json = playc(&file, &["--paths", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(told.as_array().unwrap().len(), 2);
    assert_eq!(told[1]["what"], "the condition holds");
    assert!(first.out.contains(told[0]["test"].as_str().unwrap()), "{}", json.out);
    std::fs::write(&file, format!("{program}\n{}", first.out)).unwrap();
    let ran = playc(&file, &["--paths"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
}

/// What is not found is told, and the command goes on.
#[test]
fn what_cannot_be_reached_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main.play");
    let program = "case T { s: String }\n\nplaybook p for T when not (case.s == \"77\") {\n  let t = \"{case.s}7\"\n  if t == \"7 of clubs7\" { note \"it is {t}\" }\n  close TruePositive because \"other\"\n}\n";
    std::fs::write(&file, program).unwrap();
    let ran = playc(&file, &["--paths"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("// No test was found: none of "), "{}", ran.out);
    assert!(ran.err.contains("1 test for 1 point; nothing was found for 1 point"), "{}", ran.err);
}

#[test]
fn events_that_are_waited_for_come_or_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let program = r#"
type Closed { by: String }
connector tickets {
  config { base_url: Url }
  event closed(id: String) -> Closed
    accept payload.kind as String? == "closed" -> payload.ticket
    match id = payload.ticket.id?
}
case T { s: String }
playbook p for T {
  wait tickets.closed(case.s) within 5d else hand over to queue.q because "never closed"
  let again = wait tickets.closed(case.s) within 5d else hand over to queue.q because "closed once"
  if again.by == "ada" { close FalsePositive because "by ada" }
  close TruePositive because "by another"
}
"#;
    std::fs::write(folder.path().join("p.play"), program).unwrap();
    let paths = |file: &str| {
        let path = folder.path().join(file);
        playc::run(&["test".as_ref(), path.as_os_str(), "--paths".as_ref()])
    };
    let ran = paths("p.play");
    assert!(ran.out.contains("given tickets.closed arrives Closed { by: \"ada\" }"), "{ran:?}");
    let tests: String = ran.out.split("test \"").skip(1).map(|t| format!("test \"{t}")).collect();
    let end = tests.rfind("\n}").map_or(tests.len(), |at| at + 2);
    std::fs::write(folder.path().join("q.play"), format!("{program}\n{}\n", &tests[..end])).unwrap();
    let ran = playc::run(&["test".as_ref(), folder.path().join("q.play").as_os_str()]);
    assert_eq!(ran.code, 0, "{ran:?}");
}
