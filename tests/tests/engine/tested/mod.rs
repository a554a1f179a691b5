//! A program with one test, run on both engines, which have to agree.

use std::sync::Arc;

use play_check::{Input, check};
use play_program::artifact::{Artifact, Manifest, SourceFile, TestSpec};
use play_program::exec::Program;
use play_reference::Reference;
use play_scheduler::ids::sha256_hex;
use play_scheduler::testing::{TestResult, run_test};
use play_vm::Vm;

/// A program with one test, compiled.
pub struct Compiled {
    pub program: play_check::typed::Program,
    pub artifact: Arc<Artifact>,
    pub manifest: Arc<Manifest>,
    pub digest: String,
    pub spec: TestSpec,
}

impl Compiled {
    /// What comes of it on the machine, and by the reference.
    pub fn on_both<T>(&self, run: impl Fn(&dyn Program) -> T) -> [T; 2] {
        let vm = Vm::with_tests(Arc::clone(&self.artifact), play_codegen::compile_tests(&self.program));
        [run(&vm), run(&Reference::new(Arc::new(self.program.clone())))]
    }
}

/// Compiles it.
pub fn compiled(text: &str) -> Compiled {
    let files = vec![SourceFile { path: "t.play".into(), text: text.into() }];
    let checked = check(&Input { project: "t".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        panic!("{}", play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
    };
    let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
    let manifest = Arc::new(artifact.manifest.clone());
    let digest = sha256_hex(&artifact.encode());
    let spec = play_reference::tests::compile(&program).unwrap().remove(0);
    Compiled { program, artifact, manifest, digest, spec }
}

/// Runs the test of a program on the machine alone.
pub fn by_machine(text: &str) -> TestResult {
    let c = compiled(text);
    run_test(&Vm::new(c.artifact), &c.manifest, &c.digest, 0, &c.spec)
}

/// Runs the only test of a program on both engines, requires that they agree and that the run replays, and gives it.
pub fn tested(text: &str) -> TestResult {
    let c = compiled(text);
    let [by_vm, by_reference] = c.on_both(|engine| run_test(engine, &c.manifest, &c.digest, 0, &c.spec));
    let lines = |r: &TestResult| {
        r.lines.iter().map(|l| String::from_utf8_lossy(&l.bytes).into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(lines(&by_vm), lines(&by_reference), "the engines disagree");
    assert!(by_vm.passed(), "{:?}", by_vm.failures);
    by_vm
}

/// The kinds of the lines of a run.
pub fn kinds(result: &TestResult) -> Vec<String> {
    result.lines.iter().map(|l| play_evidence::ParsedLine::parse(&l.bytes).unwrap().k).collect()
}
