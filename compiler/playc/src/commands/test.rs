//! `playc test`: the test blocks of a project.

use std::sync::Arc;

use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::{TestResult, run_test, tell};
use play_vm::Vm;

use crate::cli::{TestArgs, TestFormat};
use crate::junit;
use crate::output::{self, Style, safe};
use crate::project::{Project, count};
use crate::{Ended, Result, Trouble};

/// Runs it. No test at all is a finding: a green run that tested nothing would mislead.
pub fn run(args: &TestArgs, style: Style) -> Result {
    let project = Project::read(&args.path)?;
    let Some(compiled) = project.compile(style)? else { return Ok(Ended::Findings) };
    let specs = play_reference::tests::compile(&compiled.program)
        .map_err(|f| Trouble(format!("a value in a test cannot be computed: {}", f.what)))?;
    let manifest = Arc::new(compiled.artifact.manifest.clone());
    let digest = sha256_hex(&compiled.artifact.encode());
    let code = play_codegen::compile_tests(&compiled.program);
    let vm = Vm::with_tests(Arc::clone(&compiled.artifact), code);
    let wanted = |title: &str| args.filter.as_ref().is_none_or(|f| title.contains(f.as_str()));
    let results: Vec<TestResult> = specs
        .iter()
        .enumerate()
        .filter(|(_, s)| wanted(&s.title))
        .map(|(i, spec)| run_test(&vm, &manifest, &digest, i, spec))
        .collect();
    let failed = results.iter().filter(|r| !r.passed()).count();
    let place = |at: u32| {
        compiled.place(at).map_or_else(String::new, |(path, line, column)| format!("{path}:{line}:{column}"))
    };
    match args.format {
        TestFormat::Text => {
            for r in &results {
                let mark = if r.passed() { "ok  " } else { "FAIL" };
                output::out(&format!("{} {}", style.verdict(r.passed(), mark), safe(&r.title)));
                for (at, what) in &r.failures {
                    output::out(&format!("     {}: {}", place(*at), safe(what)));
                }
            }
            let passed = results.len().saturating_sub(failed);
            output::out(&format!(
                "{passed} passed, {failed} failed, {} in all",
                count(results.len(), "test")
            ));
            if results.is_empty() {
                output::err(match &args.filter {
                    Some(_) => "no test has a title that contains this",
                    None => "there are no tests here; write one: test \"…\" { given … run … expect … }",
                });
            }
        }
        TestFormat::Junit => {
            let case = |r: &TestResult| {
                let (file, line, _) = compiled.place(r.at).unwrap_or(("?", 0, 0));
                let failures = r.failures.iter().map(|(at, what)| (place(*at), what.clone())).collect();
                junit::Case { title: r.title.clone(), file: file.into(), line, failures, elapsed: r.elapsed }
            };
            output::out(junit::document(&results.iter().map(case).collect::<Vec<_>>()).trim_end());
        }
        TestFormat::Json | TestFormat::Jsonl => {
            let all: Vec<serde_json::Value> = results
                .iter()
                .map(|r| {
                    let failures: Vec<_> =
                        r.failures.iter().map(|(at, what)| serde_json::json!({ "at": place(*at), "what": what })).collect();
                    serde_json::json!({
                        "version": 1, "test": r.title, "at": place(r.at), "passed": r.passed(), "failures": failures,
                        "ended": tell(&r.state), "elapsed_ms": i64::try_from(r.elapsed.as_millis()).unwrap_or(i64::MAX),
                        "lines": r.lines.len(),
                    })
                })
                .collect();
            if args.format == TestFormat::Json {
                output::out(&serde_json::to_string_pretty(&all)?);
            } else {
                for one in &all {
                    output::out(&one.to_string());
                }
            }
        }
    }
    Ok(if failed > 0 || results.is_empty() { Ended::Findings } else { Ended::Fine })
}
