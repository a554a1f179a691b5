//! What a connector says of itself: how often it may be asked, and how long its answers are good.

use play_tests::playc;

const CONNECTORS: &str = r#"
type Host { id: String, contained: Bool }

connector edr {
  config { base_url: Url, token: secret String }
  auth bearer config.token
  limit 10 per 1m

  read host(id: String) -> Host
    GET "/hosts/{id}"
    expect 200 -> body
    cache 5m

  read risk(id: String) -> Int
    GET "/hosts/{id}/risk"
    expect 200 -> body

  write tag(id: String) -> String
    POST "/hosts/{id}/tag"
    expect 200 -> body.id as String?
    class record
}

case Alert { hosts: [String] }
"#;

/// `playc test` over a playbook's body and what is expected of it.
fn tested(body: &str, given: &str, expect: &str) -> playc::Ran {
    playc::test(&format!(
        "{CONNECTORS}\nplaybook triage for Alert {{\n{body}\n}}\n\ntest \"it\" {{\n{given}\n  run triage\n{expect}\n}}\n"
    ))
}

#[track_caller]
fn holds(body: &str, given: &str, expect: &str) {
    let ran = tested(body, given, expect);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

const EVERY_HOST: &str = r#"  let seen = for h in case.hosts { edr.risk(h) else 0 }
  close FalsePositive because "{seen.len}""#;

fn hosts(n: usize) -> String {
    let names: Vec<String> = (0..n).map(|i| format!("\"h{i}\"")).collect();
    format!("  given Alert {{ hosts: [{}] }}\n  given edr.risk(_) returns 3 after 1s", names.join(", "))
}

#[test]
fn requests_wait_for_their_turn() {
    holds(EVERY_HOST, &hosts(10), "  expect elapsed == 1s\n  expect read edr.risk times 10");
    holds(EVERY_HOST, &hosts(11), "  expect elapsed == 61s");
    holds(EVERY_HOST, &hosts(25), "  expect elapsed == 121s\n  expect read edr.risk times 25");
}

#[test]
fn writes_count_like_reads() {
    let body = r#"  let seen = for h in case.hosts { edr.risk(h) else 0 }
  do edr.tag("h0") else none
  close FalsePositive because "{seen.len}""#;
    holds(body, &hosts(10), "  expect elapsed == 1m\n  expect did edr.tag");
}

const TWICE: &str = r#"  let first = edr.host("h1") else close Duplicate because "no"
  if first.contained { close Duplicate because "is" }
  wait PAUSE
  let again = edr.host("h1") else close Duplicate because "no"
  close FalsePositive because "{again.contained}""#;

const ONE_HOST: &str = r#"  given Alert { hosts: [] }
  given edr.host(_) returns Host { id: "h1", contained: false } after 1s then returns Host { id: "h1", contained: true } after 1s"#;

#[test]
fn an_answer_is_used_again_as_long_as_it_is_good() {
    let short = TWICE.replace("PAUSE", "4m");
    holds(&short, ONE_HOST, "  expect read edr.host times 1\n  expect because contains \"false\"");
    let long = TWICE.replace("PAUSE", "5m");
    holds(&long, ONE_HOST, "  expect read edr.host times 2\n  expect because contains \"true\"");
}

#[test]
fn an_act_through_the_connector_makes_it_forget() {
    let body = TWICE.replace("  wait PAUSE\n", "  do edr.tag(\"h1\") else none\n");
    holds(&body, ONE_HOST, "  expect read edr.host times 2\n  expect because contains \"true\"");
}

#[test]
fn a_failure_is_not_kept() {
    let given = r#"  given Alert { hosts: [] }
  given edr.host(_) fails Timeout then returns Host { id: "h1", contained: true }"#;
    let body = r#"  if let a = edr.host("h1") { note "{a.id}" }
  wait 1s
  let b = edr.host("h1") else close Duplicate because "no"
  close FalsePositive because "{b.contained}""#;
    holds(body, given, "  expect closed FalsePositive\n  expect read edr.host times 2");
}

#[test]
fn the_evidence_says_that_an_answer_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let body = TWICE.replace("PAUSE", "1s");
    let source = "source feed_of_alerts from feed(\"alerts\") -> Alert { map { hosts = [] } }";
    let text = format!("{CONNECTORS}\n{source}\nplaybook triage for Alert {{\n{body}\n}}\n");
    std::fs::write(folder.path().join("main.play"), text).unwrap();
    std::fs::write(folder.path().join("alerts.jsonl"), "{}\n").unwrap();
    let stub = r#"[{"call": "edr.host", "returns": {"id": "h1", "contained": false}}]"#;
    std::fs::write(folder.path().join("stubs.json"), stub).unwrap();
    let run = |args: &[&str]| playc::ran(playc::command(args).current_dir(folder.path()).output());
    let ran = run(&["run", "main.play", "--alert", "alerts.jsonl", "--stub", "stubs.json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let listed = run(&["trace", "list"]).out;
    let name = listed.lines().nth(1).and_then(|line| line.split_whitespace().next()).unwrap();
    let shown = run(&["trace", "show", name, "--format", "jsonl"]);
    let kept = shown.out.lines().filter(|l| l.contains("\"kept\":\"20")).count();
    assert_eq!(kept, 1, "{}{}", shown.out, shown.err);
    let replayed = run(&["replay", "--all"]);
    assert_eq!(replayed.code, 0, "{}{}", replayed.out, replayed.err);
}

#[test]
fn what_is_no_limit_and_no_cache_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let text = CONNECTORS
        .replace("10 per 1m", "0 per 1m")
        .replace("    class record", "    class record\n    cache 5m");
    std::fs::write(folder.path().join("main.play"), text).unwrap();
    let ran = playc::ran(playc::command(&["check", "main.play"]).current_dir(folder.path()).output());
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("P5037") && ran.out.contains("P5008"), "{}", ran.out);
}
