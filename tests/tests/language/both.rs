//! A test block, run on both engines.

use std::sync::Arc;

use play_check::{Input, check};
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::Program;
use play_reference::Reference;
use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::{TestResult, run_test};
use play_vm::Vm;

/// A connector and a case that most tests need.
const HEAD: &str = r#"
case T { s: String }
connector x {
  config { base_url: Url }
  read a(q: String) -> String
    GET "/a/{q}"
    expect 200 -> body
  read b(q: String) -> String
    GET "/b/{q}"
    expect 200 -> body
    fails NotFound, Timeout
  write w(q: String) -> String
    POST "/w" json { q: q }
    expect 200 -> body
    class notify
}
"#;

/// Runs the only test of a program on both engines; requires that it passes, and that they agree line by line. A run that
/// does not replay does not pass. Gives the result with its lines as text.
pub(crate) fn tested(text: &str) -> (TestResult, Vec<String>) {
    let files = vec![SourceFile { path: "t.play".into(), text: format!("{HEAD}{text}") }];
    let checked = check(&Input { project: "t".into(), files }, &|_| None);
    let style = play_diagnostics::text::Style::default();
    let said = play_diagnostics::text::render(&checked.diagnostics, &checked.files, style);
    let program = checked.program.unwrap_or_else(|| panic!("{said}"));
    // What an act does to the rest of the run may be all that a test looks at.
    let other = |d: &&play_diagnostics::Diagnostic| d.code != play_diagnostics::registry::codes::P9028;
    assert_eq!(checked.diagnostics.iter().find(other), None, "{said}");
    let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
    // What is run is what comes back from the bytes.
    let artifact = Arc::new(Artifact::decode(&artifact.encode()).unwrap());
    let (manifest, digest) = (Arc::new(artifact.manifest.clone()), sha256_hex(&artifact.encode()));
    let spec = play_reference::tests::compile(&program).unwrap().remove(0);
    let vm = Vm::with_tests(artifact, play_codegen::compile_tests(&program));
    let reference = Reference::new(Arc::new(program));
    let run = |engine: &dyn Program| run_test(engine, &manifest, &digest, 0, &spec);
    let (by_vm, by_reference) = (run(&vm), run(&reference));
    let lines = |r: &TestResult| {
        r.lines.iter().map(|l| String::from_utf8_lossy(&l.bytes).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&by_vm), lines(&by_reference), "the engines disagree");
    assert!(by_vm.passed(), "{:?}", by_vm.failures);
    let all = lines(&by_vm);
    (by_vm, all)
}

/// The lines of a kind.
pub(crate) fn of_kind<'l>(lines: &'l [String], kind: &str) -> Vec<&'l str> {
    let mark = format!("\"k\":\"{kind}\"");
    lines.iter().filter(|l| l.contains(&mark)).map(String::as_str).collect()
}
