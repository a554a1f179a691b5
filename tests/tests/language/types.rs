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

#[test]
fn maps_keep_their_order() {
    let declarations = r#"
const ports: {Int: String} = { 443: "https", 22: "ssh", -1: "none" }
const weight: {Severity: Int} = { High: 3, Severity.Low: 1 }
const nets = { 10.0.0.1: [1], 10.0.0.2: [] }
fn text(m: {String: Int}) -> String { (for k in m.keys { "{k}={m[k] else 0}" }).join(" ") }
fn added(m: {String: Int}, key: String) -> {String: Int} { m.with(key, (m[key] else 0) + 1) }
fn none_of(m: {String: Int}?) -> Int { if m != none { m.len } else { -1 } }
fn nothing() -> {String: Int} { {} }
"#;
    let lines = [
        r#"text({ "b": 1, "a": 2 })"#,
        r#"text(added(added({ "b": 1 }, "a"), "b"))"#,
        r#"text({ "b": 1, "a": 2 }.without("b"))"#,
        r#"ports[22] else "unknown""#,
        r#"ports[80] else "unknown""#,
        r#""{22 in ports} {80 in ports} {Low in weight} {ports.len} {nothing().is_empty} {none_of(none)}""#,
        r#""{weight.values.len} {weight[High] else 0} {nets.keys.len} {(nets[10.0.0.1] else []).len}""#,
        r#""{ { "a": 1, "b": 2 } == { "b": 2, "a": 1 } } { { "a": 1 } == nothing() }""#,
    ];
    assert_eq!(
        noting(declarations, &lines),
        "b=1 a=2\nb=2 a=1\na=2\nssh\nunknown\ntrue false true 3 true -1\n2 3 2 1\ntrue false"
    );
}

#[test]
fn days_versions_and_bytes() {
    let declarations = r#"
const day: Date = 2026-02-28
const agent: Version = "v7.9.2"
const content: Bytes = "aGVsbG8="
fn later(d: Date, by: Duration) -> Date { d + by }
fn is_old(v: Version) -> Bool { v < "7.11.0" }
"#;
    let lines = [
        r#""{later(day, 1d)} {later(day, -59d)} {day - 2026-01-01} {day > 2026-01-31} {(2026-11-20T23:30-02:00).date}""#,
        r#""{agent} {is_old(agent)} {is_old("7.11")} {is_old("7.11.0-rc.1")} {agent == "7.9.2.0"}""#,
        r#""{content} {content.len} {(content + content).len} {content == "aGVsbG8="}""#,
        r#""{later(day, 36h)}""#,
    ];
    assert_eq!(
        noting(declarations, &lines),
        "2026-03-01 2025-12-31 58d true 2026-11-21\n7.9.2 true false true true\naGVsbG8= 5 10 true\nfault: not whole days"
    );
    assert_eq!(
        noting("fn last(d: Date) -> Date { d + 1d }", &[r#""{last(9999-12-31)}""#]),
        "fault: time out of range"
    );
}
