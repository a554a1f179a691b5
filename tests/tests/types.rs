//! What programs compute, type by type: each note is what both engines say.

use std::sync::Arc;

use play_check::{Input, check};
use play_program::Value;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::{Emit, Program};
use play_reference::Reference;
use play_vm::Vm;

/// Runs the only playbook of a program over a case of which nothing is known, on both engines: its notes, and how it ended
/// when that was by a fault.
fn notes(source: &str) -> String {
    let files = vec![SourceFile { path: "test.play".into(), text: source.into() }];
    let checked = check(&Input { project: "test".into(), files }, &|_| None);
    let Some(program) = checked.program else {
        let style = play_diagnostics::text::Style::default();
        panic!("{}", play_diagnostics::text::render(&checked.diagnostics, &checked.files, style));
    };
    let artifact = Arc::new(play_codegen::compile(&program, "test").unwrap());
    let artifact = Arc::new(Artifact::decode(&artifact.encode()).unwrap());
    let record = artifact.manifest.types.record(program.playbooks[0].case).unwrap();
    let mut case = vec![Value::None; record.fields.len()];
    case[0] = Value::str("C-1");
    case[2] = Value::Time(jiff::Timestamp::UNIX_EPOCH);
    case[3] = Value::Enum(2);
    case[4] = Value::str("title");
    let vm = Vm::new(Arc::clone(&artifact)).start(0, case.clone()).step(None);
    let reference = Reference::new(Arc::new(program)).start(0, case).step(None);
    assert_eq!(format!("{vm:#?}"), format!("{reference:#?}"), "{source}");
    let said = vm.iter().filter_map(|emission| match &emission.what {
        Emit::Note { text } => Some(text.clone()),
        Emit::Fault(fault) => Some(format!("fault: {}", fault.what)),
        _ => None,
    });
    said.collect::<Vec<_>>().join("\n")
}

/// A playbook that notes what stands in the lines.
fn noting(declarations: &str, lines: &[&str]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| format!("  note {line}\n")).collect();
    notes(&format!(
        "case T {{ a: Int?, b: String? }}\n{declarations}\nplaybook p for T {{\n{}  close Duplicate because \"done\"\n}}\n",
        lines.concat()
    ))
}

#[test]
fn what_is_narrowed_is_its_content() {
    let declarations = r#"
fn more(n: Int?) -> Int { if n != none { n + 1 } else { 0 } }
fn longer(a: String?, b: String?) -> Bool { a != none and b != none and a.len > b.len }
fn third(n: Int?) -> Int { match n { none => 0, 1 | 2 => n + 10, _ => n } }
"#;
    let lines = [
        r#""{more(4)} {more(none)}""#,
        r#""{longer("ab", "a")} {longer("ab", none)}""#,
        r#""{third(none)} {third(2)} {third(7)}""#,
    ];
    assert_eq!(noting(declarations, &lines), "5 0\ntrue false\n0 12 7");
    let early = r#"
case T { a: Int?, b: String? }
playbook p for T {
  set a = 3 because "known"
  note "{case.a + 1}"
  if case.b == none { close Duplicate because "there is no {case.a}" }
  note case.b
  close Duplicate because "done"
}
"#;
    assert_eq!(notes(early), "4");
}
