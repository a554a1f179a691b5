//! What code scanning, merge requests and reviews read of `playc check`: valid by the schemas of those who read it, and about the same
//! findings at the same places as the text.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use boon::{Compiler, SchemaIndex, Schemas};
use play_diagnostics::registry::ALL;
use play_tests::playc;
use serde_json::Value;

/// A schema, ready to be asked.
struct Schema(Schemas, SchemaIndex);

impl Schema {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("urn:schema", serde_json::from_str(&text).unwrap()).unwrap();
        let index = compiler.compile("urn:schema", &mut schemas).unwrap();
        Self(schemas, index)
    }

    fn holds(&self, value: &Value) {
        if let Err(why) = self.0.validate(value, self.1) {
            panic!("{why:#}\n{value:#}");
        }
    }
}

/// The schema of SARIF 2.1.0 as OASIS gives it out: the crate that reads SARIF here has it with its sources.
fn official() -> Schema {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // What other systems need may not be here.
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let rustc = String::from_utf8(rustc.stdout).unwrap();
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let told = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
        .current_dir(playc::root())
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let all = told["packages"].as_array().unwrap();
    let found = all.iter().find(|p| p["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(found["manifest_path"].as_str().unwrap());
    Schema::read(&manifest.with_file_name("src").join("schema.json"))
}

/// The examples of all pages that raise something, a file each: findings of every code, with notes, fixes and further places.
fn mistakes(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in ALL {
        let block = entry.page.split("```play raises\n").nth(1).unwrap();
        let text = block.split("```\n").next().unwrap();
        // Of examples of several files the first that is one.
        let text = text.split("// file: ").next().unwrap();
        let name = format!("{} ü.play", entry.code);
        std::fs::write(folder.join(&name), text).unwrap();
        names.push(name);
    }
    names
}

fn checked(format: &str, names: &[String], folder: &Path) -> String {
    let mut words = vec!["check", "--format", format];
    words.extend(names.iter().map(String::as_str));
    let ran = playc::ran(playc::command(&words).current_dir(folder).output());
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    ran.out
}

fn json(format: &str, names: &[String], folder: &Path) -> Value {
    let out = checked(format, names, folder);
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{format}: {e}: {out}"))
}

/// The text between two positions, both from 1; `wide` is how much of a column a character takes.
fn between(text: &str, (from, to): ((u64, u64), (u64, u64)), wide: impl Fn(char) -> usize) -> String {
    let (mut line, mut column, mut out) = (1, 1, String::new());
    for c in text.chars() {
        let at = (line, column);
        if at >= from && at < to {
            out.push(c);
        }
        if c == '\n' {
            (line, column) = (line + 1, 1);
        } else {
            column += wide(c) as u64;
        }
    }
    out
}

#[test]
fn sarif_is_valid_and_names_the_same_places() {
    let folder = tempfile::tempdir().unwrap();
    let names = mistakes(folder.path());
    let plain = json("json", &names, folder.path());
    let log = json("sarif", &names, folder.path());
    official().holds(&log);
    // Somebody else's reader, which knows each member.
    let read: serde_sarif::sarif::Sarif = serde_json::from_value(log.clone()).unwrap();
    let run = &read.runs[0];
    let results = run.results.as_ref().unwrap();
    let plain = plain.as_array().unwrap();
    assert_eq!(results.len(), plain.len());
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let mut prints = BTreeSet::new();
    for ((result, raw), one) in results.iter().zip(log["runs"][0]["results"].as_array().unwrap()).zip(plain) {
        assert_eq!(result.rule_id.as_deref(), one["code"].as_str());
        let index = usize::try_from(result.rule_index.unwrap()).unwrap();
        assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
        assert_eq!(raw["level"], one["severity"]);
        let place = &raw["locations"][0]["physicalLocation"];
        let path = one["path"].as_str().unwrap();
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert_eq!(uri.replace("%20", " ").replace("%C3%BC", "ü"), path);
        let text = std::fs::read_to_string(folder.path().join(path)).unwrap_or_default();
        let region = |name: &str| place["region"][name].as_u64().unwrap();
        let at = ((region("startLine"), region("startColumn")), (region("endLine"), region("endColumn")));
        let bytes = |end: &str| usize::try_from(one["span"][end]["byte"].as_u64().unwrap()).unwrap();
        assert_eq!(between(&text, at, |_| 1), text[bytes("start")..bytes("end")], "{one:#}");
        assert_eq!(raw["fixes"].as_array().unwrap().len(), one["fixes"].as_array().unwrap().len());
        assert!(prints.insert(raw["partialFingerprints"].to_string()), "two of one fingerprint: {raw:#}");
    }
    let codes: BTreeSet<&str> = plain.iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(codes.len() > 100, "{codes:?}");
}

#[test]
fn a_merge_request_reads_the_same_findings() {
    let folder = tempfile::tempdir().unwrap();
    let names = mistakes(folder.path());
    let plain = json("json", &names, folder.path());
    let report = json("gitlab", &names, folder.path());
    Schema::read(&playc::root().join("tests/schemas/gitlab-code-quality.json")).holds(&report);
    let (plain, report) = (plain.as_array().unwrap(), report.as_array().unwrap());
    assert_eq!(report.len(), plain.len());
    for (one, other) in plain.iter().zip(report) {
        assert_eq!(other["check_name"], one["code"]);
        assert_eq!(other["location"]["path"], one["path"]);
        assert_eq!(other["location"]["lines"]["begin"], one["span"]["start"]["line"]);
        let severity = if one["severity"] == "error" { "major" } else { "minor" };
        assert_eq!(other["severity"], severity);
    }
    let prints: BTreeSet<&str> = report.iter().map(|r| r["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), report.len(), "two of one fingerprint would be shown as one");
}

#[test]
fn a_review_reads_the_same_findings_with_what_mends_them() {
    let folder = tempfile::tempdir().unwrap();
    let names = mistakes(folder.path());
    let plain = json("json", &names, folder.path());
    let result = json("rdjson", &names, folder.path());
    Schema::read(&playc::root().join("tests/schemas/rdjson.json")).holds(&result);
    let (plain, found) = (plain.as_array().unwrap(), result["diagnostics"].as_array().unwrap());
    assert_eq!(found.len(), plain.len());
    let mut suggested = 0;
    for (one, other) in plain.iter().zip(found) {
        assert_eq!(other["code"]["value"], one["code"]);
        assert_eq!(other["severity"].as_str().unwrap().to_lowercase(), one["severity"].as_str().unwrap());
        let text =
            std::fs::read_to_string(folder.path().join(one["path"].as_str().unwrap())).unwrap_or_default();
        let place =
            |of: &Value, end: &str| (of[end]["line"].as_u64().unwrap(), of[end]["column"].as_u64().unwrap());
        let range = &other["location"]["range"];
        let at = (place(range, "start"), place(range, "end"));
        let bytes = |end: &str| usize::try_from(one["span"][end]["byte"].as_u64().unwrap()).unwrap();
        assert_eq!(between(&text, at, char::len_utf8), text[bytes("start")..bytes("end")], "{one:#}");
        suggested += other["suggestions"].as_array().unwrap().len();
    }
    assert!(suggested > 10, "{suggested}");
}

#[test]
fn a_pull_request_shows_each_finding_in_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let names = mistakes(folder.path());
    let plain = json("json", &names, folder.path());
    let out = checked("github", &names, folder.path());
    let plain = plain.as_array().unwrap();
    assert_eq!(out.lines().count(), plain.len());
    for (line, one) in out.lines().zip(plain) {
        let (command, text) = line.strip_prefix("::").and_then(|l| l.split_once("::")).unwrap();
        let (severity, properties) = command.split_once(' ').unwrap();
        assert_eq!(severity, one["severity"].as_str().unwrap());
        let properties: std::collections::BTreeMap<&str, &str> =
            properties.split(',').map(|p| p.split_once('=').unwrap()).collect();
        assert_eq!(properties["file"], one["path"].as_str().unwrap());
        assert_eq!(properties["title"], one["code"].as_str().unwrap());
        assert_eq!(properties["line"], one["span"]["start"]["line"].to_string());
        assert!(!text.is_empty());
    }
}

#[test]
fn without_findings_there_is_a_document_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("p.play"), "case T { s: String }\n").unwrap();
    let names = ["p.play".to_string()];
    let log = json("sarif", &names, folder.path());
    official().holds(&log);
    assert_eq!(log["runs"][0]["results"], Value::Array(Vec::new()));
    assert_eq!(json("gitlab", &names, folder.path()), Value::Array(Vec::new()));
    assert_eq!(json("rdjson", &names, folder.path())["diagnostics"], Value::Array(Vec::new()));
    assert_eq!(checked("github", &names, folder.path()), "");
}

#[test]
fn a_finding_is_known_again_when_lines_before_it_come_and_go() {
    let prints = |text: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("p.play"), text).unwrap();
        let log = json("sarif", &["p.play".to_string()], folder.path());
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|r| r["partialFingerprints"].to_string()).collect::<Vec<_>>()
    };
    let text = "case T { s: String }\nplaybook p for T {\n  let x = case.zz\n  close Duplicate because \"known\"\n}\n";
    let first = prints(text);
    assert_eq!(first.len(), 1);
    assert_eq!(prints(&format!("// a line\n\n{text}")), first);
    assert_eq!(prints(&text.replace("  let x = ", "      let  x   = ")), first);
    let more = prints(&text.replace("  let x", "  let y = case.yy\n  let x"));
    assert!(more.len() == 2 && more.contains(&first[0]), "{more:?}");
}

#[test]
fn a_report_is_not_printed_as_findings() {
    let ran = playc::run(&["check", "examples/impossible-travel", "--report", "--format", "sarif"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("text, json or jsonl"), "{}", ran.err);
}
