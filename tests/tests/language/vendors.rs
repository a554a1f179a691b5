//! The sources of the standard library, over events of each vendor: our own (`tests/vendors`), and those of others where they are at
//! hand (`PLAY_CORPUS`, or beside the repository). Each event is a case, or it is told which place lacks what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_program::artifact::Artifact;
use play_program::exec::{Mapped, Mapping, Program, Unmapped};
use play_program::json::{Doc, JsonAt};
use play_program::shape::CASE_FIELDS;
use play_program::types::Type;
use play_program::{Value, convert};
use play_reference::Reference;
use play_tests::playc;
use play_vm::Vm;

/// Which file or folder of the corpus has events for a source; empty where none has.
const FILES: &[(&str, &str)] = &[
    ("aws_cloudtrail", "AWS.CloudTrail"),
    ("aws_guardduty", "AWS.GuardDuty"),
    ("aws_inspector", "aws_inspector2"),
    ("aws_security_hub", "AWS.SecurityFindingFormat"),
    ("canary_incidents", "ThinkstCanary.Alert"),
    ("carbonblack_alerts", "CarbonBlack.AlertV2"),
    ("crowdstrike_events", "Crowdstrike.EventStreams"),
    ("crowdstrike_fdr", "Crowdstrike.FDREvent"),
    ("duo_authentication", "Duo.Authentication"),
    ("entra_logs", "Azure.Audit"),
    ("github_audit", "GitHub.Audit"),
    ("github_dependabot", ""),
    ("google_workspace", "GSuite.ActivityEvent"),
    ("m365_audit", "Microsoft365.Audit.AzureActiveDirectory"),
    ("misp_events", ""),
    ("okta_system_log", "Okta.SystemLog"),
    ("onepassword_signin", "OnePassword.SignInAttempt"),
    ("osquery_results", "Osquery.Differential"),
    ("proofpoint_messages", "Proofpoint.Event"),
    ("sentinelone_activities", "SentinelOne.Activity"),
    ("snyk_audit", "Snyk.GroupAudit"),
    ("stix_indicators", ""),
    ("sublime_messages", "Sublime.MessageEvent"),
    ("wiz_issues", "Wiz.Issues"),
];

/// A project that uses all sources, on both engines.
struct World {
    artifact: Arc<Artifact>,
    vm: Vm,
    reference: Reference,
}

impl World {
    fn new() -> Self {
        let uses: String = play_stdlib::modules()
            .filter(|m| m.starts_with("sources/"))
            .map(|m| format!("use std.{}\n", m.replace('/', ".")))
            .collect();
        let checked = check_workspace(&of_text("vendors", &uses).unwrap(), &play_stdlib::module);
        assert_eq!(checked.diagnostics, [], "the sources check without a word");
        let program = checked.program.unwrap();
        let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
        let reference = Reference::new(Arc::new(program));
        Self { vm: Vm::new(Arc::clone(&artifact)), artifact, reference }
    }

    fn source(&self, name: &str) -> usize {
        let sources = &self.artifact.manifest.sources;
        sources.iter().position(|s| s.name == name).unwrap_or_else(|| panic!("no source `{name}`"))
    }

    /// What becomes of an event: on both engines the same.
    fn map(&self, source: usize, event: serde_json::Value) -> Result<Mapped, Unmapped> {
        let record = JsonAt::root(Arc::new(Doc::Whole(event)));
        let mapping = self.vm.map(source, &record, &[]);
        assert_eq!(format!("{mapping:?}"), format!("{:?}", self.reference.map(source, &record, &[])));
        match mapping {
            Mapping::Mapped(mapped) => Ok(mapped),
            Mapping::Unmapped(why) => Err(why),
            Mapping::Rejected => panic!("a source of the library takes all that its vendor sends"),
        }
    }

    /// The fields of a case that hold something, but those that the engine gives: name and value.
    fn filled(&self, source: usize, case: &[Value]) -> Vec<(String, String)> {
        let types = &self.artifact.manifest.types;
        let layout = types.record(self.artifact.manifest.sources[source].case).unwrap();
        let fields = layout.fields.iter().zip(case).skip(CASE_FIELDS.len() - 2);
        let there = fields.filter(|(_, value)| !matches!(value, Value::None));
        there.map(|(f, v)| (f.name.clone(), convert::to_recorded(v, &f.ty, types).to_string())).collect()
    }

    /// How many fields its case type has that a source can fill.
    fn fields(&self, source: usize) -> usize {
        let layout =
            self.artifact.manifest.types.record(self.artifact.manifest.sources[source].case).unwrap();
        let own = layout.fields.iter().skip(CASE_FIELDS.len());
        own.filter(|f| f.name != "incident").inspect(|f| assert_ne!(f.ty, Type::Json)).count()
    }
}

fn events(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The events of others for a source: those of detection rules, a line each, or all findings in the reports of a scanner.
fn of_others(corpus: &Path, file: &str) -> Vec<serde_json::Value> {
    if let Ok(text) = std::fs::read_to_string(corpus.join("alerts").join(format!("{file}.jsonl"))) {
        return events(&text).into_iter().map(|mut record| record["log"].take()).collect();
    }
    let folder = std::fs::read_dir(corpus.join("scanner_reports").join(file)).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let reports = paths.iter().filter_map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).ok());
    let findings = |report: serde_json::Value| report["findings"].as_array().cloned().unwrap_or_default();
    reports.flat_map(findings).collect()
}

/// Why an event is no case, in words: path, expected, found.
fn words(why: &Unmapped) -> String {
    let path = if why.path.is_empty() { "/" } else { &why.path };
    format!(
        "`{}`: `{path}` should be {}, and is {}",
        why.field,
        why.expected,
        play_engine::intake::found_text(why)
    )
}

#[test]
fn every_source_is_known_here() {
    let world = World::new();
    let mut there: Vec<&str> = world.artifact.manifest.sources.iter().map(|s| s.name.as_str()).collect();
    there.sort_unstable();
    assert_eq!(there, FILES.iter().map(|(source, _)| *source).collect::<Vec<_>>());
}

/// Two events of each vendor that we have made up: one that says much, and one that lacks something.
#[test]
fn what_becomes_of_our_own_events() {
    let world = World::new();
    for (name, _) in FILES {
        let path = playc::root().join(format!("tests/vendors/{name}.jsonl"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let source = world.source(name);
        let mut shown = String::new();
        for event in events(&text) {
            match world.map(source, event) {
                Ok(mapped) => {
                    let (key, window) = mapped.dedup.clone().unwrap();
                    let _ = writeln!(shown, "a case; the same within {window:#}: {key}");
                    for (field, value) in world.filled(source, &mapped.case) {
                        let _ = writeln!(shown, "  {field} = {value}");
                    }
                }
                Err(why) => {
                    let _ = writeln!(shown, "no case\n  {}", words(&why));
                }
            }
        }
        assert!(shown.starts_with("a case") && shown.contains("no case"), "{name}:\n{shown}");
        insta::assert_snapshot!(*name, shown);
    }
}

/// A row of the table, what is not mapped, as lines of a list, and how many cases there are.
fn vendor(world: &World, name: &str, file: &str, all: &[serde_json::Value]) -> (String, String, usize) {
    let source = world.source(name);
    let (mut cases, mut filled, mut ever) = (0_usize, 0_usize, BTreeSet::new());
    let mut failures: Vec<(String, usize)> = Vec::new();
    for record in all {
        match world.map(source, record.clone()) {
            Ok(mapped) => {
                cases += 1;
                let own = world.filled(source, &mapped.case).into_iter().skip(2);
                let fields: Vec<String> = own.map(|(field, _)| field).collect();
                filled += fields.len();
                ever.extend(fields);
            }
            Err(why) => {
                assert!(!why.field.is_empty() && !why.path.is_empty() && !why.expected.is_empty());
                let why = words(&why);
                match failures.iter_mut().find(|(known, _)| *known == why) {
                    Some((_, times)) => *times += 1,
                    None => failures.push((why, 1)),
                }
            }
        }
    }
    let failed: usize = failures.iter().map(|(_, times)| times).sum();
    assert_eq!(cases + failed, all.len(), "{file}: every event is accounted for");
    let mean = filled as f64 / cases.max(1) as f64;
    let (ever, fields) = (ever.len(), world.fields(source));
    let row = format!(
        "| `{name}` | {file} | {} | {cases} | {failed} | {mean:.1} | {ever} of {fields} |\n",
        all.len()
    );
    let list = failures.iter().map(|(why, times)| format!("- `{name}`, {times}: {why}\n")).collect();
    (row, list, cases)
}

/// The table of all vendors and the list of what is not mapped stand in the manual.
#[test]
fn every_event_of_others_is_a_case_or_says_what_it_lacks() {
    let Some(corpus) = playc::corpus() else {
        println!("the corpus is not here (PLAY_CORPUS); nothing was tested");
        return;
    };
    let world = World::new();
    let mut table = String::from(
        "| source | events of | events | cases | no case | fields filled, on average | fields ever filled |\n|---|---|---|---|---|---|---|\n",
    );
    let mut lists = String::new();
    let (mut events_of_all, mut cases_of_all) = (0, 0);
    for (name, file) in FILES.iter().filter(|(_, file)| !file.is_empty()) {
        let all = of_others(&corpus, file);
        let (row, list, cases) = vendor(&world, name, file, &all);
        events_of_all += all.len();
        cases_of_all += cases;
        table.push_str(&row);
        lists.push_str(&list);
    }
    let _ = writeln!(
        table,
        "| | all | {events_of_all} | {cases_of_all} | {} | | |",
        events_of_all - cases_of_all
    );
    println!("{table}\n{lists}");
    let path = playc::root().join("docs/sources.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- corpus -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let written =
        format!("{before}<!-- corpus -->\n{table}\nNo case, and why:\n\n{lists}<!-- end -->{after}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).unwrap();
        return;
    }
    assert!(page == written, "docs/sources.md is stale: UPDATE=1 cargo nextest run -p play-tests vendors");
}

/// What ECS calls what events of these products carry, by the source that reads them: as the integrations of Elastic name it in the samples that they
/// document (elastic/integrations), without what these add themselves (their agents, categories of theirs, what is looked up or parsed out of other fields), and
/// with `client` read as `source`.
fn ecs() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(playc::root().join("tests/vendors/ecs.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The names in ECS that the documentation of a case type's fields has.
fn named(case: &str) -> BTreeSet<String> {
    let modules = play_stdlib::modules().filter(|m| m.starts_with("cases/")).filter_map(play_stdlib::module);
    let text = modules.into_iter().find(|text| text.contains(&format!("\ncase {case} {{"))).unwrap();
    let words = text.split("ECS `").skip(1);
    words.filter_map(|rest| rest.split('`').next()).map(str::to_string).collect()
}

/// How much of that the case types have, which of it is missing most often, and that the manual says so.
#[test]
fn the_case_types_have_most_of_what_ecs_names_in_these_events() {
    let world = World::new();
    let (mut rows, mut had_of_all, mut of_all) = (String::new(), 0, 0);
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for (source, names) in ecs() {
        let index = world.source(&source);
        let record =
            world.artifact.manifest.types.record(world.artifact.manifest.sources[index].case).unwrap();
        let known = named(&record.name);
        let had = names.iter().filter(|name| known.contains(*name)).count();
        let _ = writeln!(rows, "| `{source}` | {had} of {} |", names.len());
        (had_of_all, of_all) = (had_of_all + had, of_all + names.len());
        for name in names.iter().filter(|name| !known.contains(*name)) {
            *missing.entry(name.clone()).or_default() += 1;
        }
    }
    let _ = writeln!(rows, "| all | {had_of_all} of {of_all} |");
    let page = std::fs::read_to_string(playc::root().join("docs/sources.md")).unwrap();
    assert!(page.contains(&rows), "docs/sources.md is to have:\n{rows}");
    let share = format!("{} %", had_of_all * 100 / of_all);
    assert!(page.contains(&share), "docs/sources.md is to say {share}");
    let often = missing.iter().filter(|(_, times)| **times > 1);
    for (name, times) in often {
        assert!(
            page.contains(&format!("`{name}` ({times})")),
            "docs/sources.md is to name `{name}` ({times})"
        );
    }
}
