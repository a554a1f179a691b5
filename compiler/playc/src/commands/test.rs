//! `playc test`: the test blocks of a project.

use std::collections::BTreeSet;
use std::sync::Arc;

use play_check::points::Point;
use play_program::artifact::TestSpec;
use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::{TestResult, run_test, start, tell, try_test};
use play_vm::Vm;

use crate::cli::{TestArgs, TestFormat};
use crate::coverage::{self, Coverage, Mark};
use crate::from_trace;
use crate::junit;
use crate::output::{self, Style, safe};
use crate::paths;
use crate::project::{COMPILER, Compiled, Project, count};
use crate::{Ended, Result, Trouble};

/// A program whose tests can be run.
pub struct Tester {
    /// The program.
    pub compiled: Compiled,
    /// Its tests.
    pub specs: Vec<TestSpec>,
    manifest: Arc<play_program::artifact::Manifest>,
    digest: String,
    vm: Vm,
}

impl Tester {
    /// Makes one; `watched`: it is to be known what the tests reach.
    pub fn new(compiled: Compiled, watched: bool) -> Result<Self> {
        let specs = play_reference::tests::compile(&compiled.program)
            .map_err(|f| Trouble(format!("a value in a test cannot be computed: {}", f.what)))?;
        let manifest = Arc::new(compiled.artifact.manifest.clone());
        let digest = sha256_hex(&compiled.artifact.encode());
        let code = play_codegen::compile_tests(&compiled.program);
        let vm = if watched {
            let marked = play_codegen::compile_marked(&compiled.program, COMPILER)
                .map_err(|f| Trouble(format!("the program cannot be compiled with marks: {}", f.what)))?;
            Vm::watched(Arc::new(marked), code)
        } else {
            Vm::with_tests(Arc::clone(&compiled.artifact), code)
        };
        Ok(Self { compiled, specs, manifest, digest, vm })
    }

    /// Runs a test; gives what it reached too, where that is watched.
    pub fn run(&self, index: usize, spec: &TestSpec) -> (TestResult, BTreeSet<Mark>) {
        // What came before belongs to no test.
        drop(self.vm.marks());
        self.reached(run_test(&self.vm, &self.manifest, &self.digest, index, spec))
    }

    /// Runs a case of which nothing is expected.
    pub fn tried(&self, spec: &TestSpec) -> (TestResult, BTreeSet<Mark>) {
        drop(self.vm.marks());
        let (result, mut marks) =
            self.reached(try_test(&self.vm, &self.manifest, &self.digest, spec, start()));
        marks.extend(coverage::of_calls(&result.lines));
        (result, marks)
    }

    fn reached(&self, result: TestResult) -> (TestResult, BTreeSet<Mark>) {
        let mut marks = self.vm.marks();
        marks.extend(coverage::of_lines(&self.manifest, &result.lines));
        (result, marks)
    }

    /// Path, line and column of a node, in one word.
    pub fn place(&self, at: u32) -> String {
        let place = self.compiled.place(at);
        place.map_or_else(String::new, |(path, line, column)| format!("{path}:{line}:{column}"))
    }
}

/// Runs it. No test at all is a finding: a green run that tested nothing would mislead.
pub fn run(args: &TestArgs, style: Style) -> Result {
    if args.from_trace.is_some() && args.format != TestFormat::Text {
        return Err(Trouble("--from-trace prints a test and no results: --format is text".into()));
    }
    if args.paths && args.format == TestFormat::Junit {
        return Err(Trouble("--paths prints tests and no results: --format is text, json or jsonl".into()));
    }
    let project = Project::read(&args.path)?;
    let Some(compiled) = project.compile(style)? else { return Ok(Ended::Findings) };
    let tester = Tester::new(compiled, args.coverage || args.paths)?;
    if let Some(trace) = &args.from_trace {
        return from_trace::run(args, trace, &project, &tester);
    }
    let wanted = |title: &str| args.filter.as_ref().is_none_or(|f| title.contains(f.as_str()));
    let (mut results, mut reached) = (Vec::new(), Vec::new());
    for (index, spec) in tester.specs.iter().enumerate().filter(|(_, s)| wanted(&s.title)) {
        let (result, marks) = tester.run(index, spec);
        results.push(result);
        reached.push(marks);
    }
    if args.paths {
        return look(args, style, &project, &tester, &results, &reached);
    }
    let coverage = args.coverage.then(|| Coverage::of(&tester.compiled.program, &reached));
    print(args, style, &tester, &results, coverage.as_ref())?;
    let failed = results.iter().any(|r| !r.passed()) || results.is_empty();
    let little = args.min.zip(coverage.as_ref()).filter(|(min, c)| c.percent() < usize::from(*min));
    if let Some((min, coverage)) = little {
        output::err(&format!("the tests reach {} %, and {min} % is wanted", coverage.percent()));
    }
    Ok(if failed || little.is_some() { Ended::Findings } else { Ended::Fine })
}

/// Prints a test for each point that none comes to. How the tests went is no part of it, and goes to stderr.
fn look(
    args: &TestArgs,
    style: Style,
    project: &Project,
    tester: &Tester,
    results: &[TestResult],
    reached: &[BTreeSet<Mark>],
) -> Result {
    let coverage = Coverage::of(&tester.compiled.program, reached);
    let found = paths::find(project, tester, &coverage)?;
    let tell = |p: &Point| {
        let owner = tester.compiled.program.owners.get(p.owner);
        let owner = owner.map_or_else(String::new, |o| format!("{} {}", o.what, o.name));
        format!("{}: {owner}: {}", tester.compiled.place_of(p.place), p.text)
    };
    if args.format == TestFormat::Text {
        for witness in &found.witnesses {
            for point in &witness.reaches {
                output::out(&format!("// {}", tell(point)));
            }
            output::out(&witness.block);
        }
        for (point, why) in &found.open {
            output::out(&format!("// {}\n// No test was found: {why}.\n", tell(point)));
        }
    } else {
        let json = |point: &Point, test: Option<&str>, why: Option<&str>| {
            let owner = tester.compiled.program.owners.get(point.owner);
            serde_json::json!({
                "version": 1, "at": tester.compiled.place_of(point.place), "in": owner.map_or("", |o| o.name.as_str()),
                "what": point.text, "test": test, "why": why,
            })
        };
        let there = found.witnesses.iter().flat_map(|w| w.reaches.iter().map(move |p| (p, w.block.as_str())));
        let mut all: Vec<serde_json::Value> = there.map(|(p, block)| json(p, Some(block), None)).collect();
        all.extend(found.open.iter().map(|(p, why)| json(p, None, Some(why))));
        if args.format == TestFormat::Jsonl {
            all.iter().for_each(|one| output::out(&one.to_string()));
        } else {
            output::out(&serde_json::to_string_pretty(&all)?);
        }
    }
    let failed = results.iter().filter(|r| !r.passed()).count();
    let reaches: usize = found.witnesses.iter().map(|w| w.reaches.len()).sum();
    output::err(&style.bold(&format!(
        "{} for {}; nothing was found for {}",
        count(found.witnesses.len(), "test"),
        count(reaches, "point"),
        count(found.open.len(), "point"),
    )));
    if failed > 0 {
        output::err(&format!("{} of the project failed", count(failed, "test")));
    }
    Ok(if failed > 0 { Ended::Findings } else { Ended::Fine })
}

fn print(
    args: &TestArgs,
    style: Style,
    tester: &Tester,
    results: &[TestResult],
    coverage: Option<&Coverage>,
) -> Result<()> {
    match args.format {
        TestFormat::Text => {
            text(args, style, tester, results);
            for line in coverage.map(|c| c.text(&tester.compiled, style)).into_iter().flatten() {
                output::out(&line);
            }
        }
        TestFormat::Junit => {
            let cases: Vec<junit::Case> = results.iter().map(|r| case(tester, r)).collect();
            output::out(junit::document(&cases).trim_end());
            // The document has no place for it.
            for line in coverage.map(|c| c.text(&tester.compiled, style)).into_iter().flatten() {
                output::err(&line);
            }
        }
        TestFormat::Json | TestFormat::Jsonl => {
            let all: Vec<serde_json::Value> = results.iter().map(|r| json(tester, r)).collect();
            let coverage = coverage.map(|c| c.json(&tester.compiled));
            if args.format == TestFormat::Jsonl {
                for one in &all {
                    output::out(&one.to_string());
                }
                if let Some(coverage) = coverage {
                    output::out(&serde_json::json!({ "version": 1, "coverage": coverage }).to_string());
                }
                return Ok(());
            }
            let whole = match coverage {
                Some(coverage) => serde_json::json!({ "version": 1, "tests": all, "coverage": coverage }),
                None => serde_json::Value::Array(all),
            };
            output::out(&serde_json::to_string_pretty(&whole)?);
        }
    }
    Ok(())
}

/// A result for CI systems.
pub fn case(tester: &Tester, r: &TestResult) -> junit::Case {
    let (file, line, _) = tester.compiled.place(r.at).unwrap_or(("?", 0, 0));
    let failures = r.failures.iter().map(|(at, what)| (tester.place(*at), what.clone())).collect();
    junit::Case { title: r.title.clone(), file: file.into(), line, failures, elapsed: r.elapsed }
}

fn text(args: &TestArgs, style: Style, tester: &Tester, results: &[TestResult]) {
    for r in results {
        let mark = if r.passed() { "ok  " } else { "FAIL" };
        output::out(&format!("{} {}", style.verdict(r.passed(), mark), safe(&r.title)));
        for (at, what) in &r.failures {
            output::out(&format!("     {}: {}", tester.place(*at), safe(what)));
        }
    }
    let failed = results.iter().filter(|r| !r.passed()).count();
    let passed = results.len().saturating_sub(failed);
    output::out(&format!("{passed} passed, {failed} failed, {} in all", count(results.len(), "test")));
    if results.is_empty() {
        output::err(match &args.filter {
            Some(_) => "no test has a title that contains this",
            None => "there are no tests here; write one: test \"…\" { given … run … expect … }",
        });
    }
}

/// A result for programs.
pub fn json(tester: &Tester, r: &TestResult) -> serde_json::Value {
    let failures: Vec<_> = r
        .failures
        .iter()
        .map(|(at, what)| serde_json::json!({ "at": tester.place(*at), "what": what }))
        .collect();
    serde_json::json!({
        "version": 1, "test": r.title, "at": tester.place(r.at), "passed": r.passed(), "failures": failures,
        "ended": tell(&r.state), "elapsed_ms": i64::try_from(r.elapsed.as_millis()).unwrap_or(i64::MAX),
        "lines": r.lines.len(), "made_up": r.made_up,
    })
}
