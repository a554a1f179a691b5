//! A damaged artifact is refused, or it runs to some end; it never takes the process with it.

use std::sync::Arc;

use crate::common::{SETTING, case};
use play_check::{Input, check};
use play_program::action::ActionId;
use play_program::artifact::{Artifact, SourceFile};
use play_program::exec::{Emit, Program};
use play_program::json::{Doc, JsonAt, ReadLog};
use play_program::value::Value;
use play_vm::Vm;
use proptest::prelude::*;

const TEXT: &str = r#"
const BAD: [String] = ["x", "y"]
fn rank(s: String) -> Int { if s matches /^a+$/ { 1 } else { BAD.map(b => b.len).sum() else 0 } }
source alerts from feed("f") -> Alert {
  accept payload.kind.exists
  dedup by payload.id as String? within 1h
  map { n = rank(payload.kind as String else "") + 1, user = payload.user as String else none }
}
playbook p for Alert when case.n > 0 {
  let all = for n in [1, 2] { c.a(n) else 0 }
  if let u = case.user { note u }
  if all.len > case.n or (c.b(1) else 0) > 2 {
    set severity = High because "many"
    do c.w(case.n) else { route to queue.tier2 because "failed" }
  }
  match case.severity { High => close TruePositive because "high", _ => hand over to queue.tier2 because "low" }
}
"#;

pub fn artifact() -> Artifact {
    let files = vec![SourceFile { path: "p.play".into(), text: format!("{SETTING}{TEXT}") }];
    let checked = check(&Input { project: "p".into(), files }, &|_| None);
    let program = checked.program.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    play_codegen::compile(&program, "test").expect("compiles")
}

/// Uses everything in an artifact that decodes; true if it did.
fn try_all(bytes: &[u8]) -> bool {
    let Ok(artifact) = Artifact::decode(bytes) else { return false };
    let _ = artifact.code.listing(&artifact.manifest);
    let vm = Vm::new(Arc::new(artifact));
    let whole = serde_json::json!({"kind": "aaa", "id": "1", "user": "ada", "n": 3});
    let record = JsonAt::root(Arc::new(Doc::Whole(whole)));
    let _ = vm.map(0, &record, &[]);
    let _ = vm.applies(0, &case());
    for action in 0..3 {
        let _ = vm.request(ActionId(action), &[Value::Int(1)]);
        let _ = vm.respond(ActionId(action), &[Value::Int(1)], 200, &record, &mut ReadLog::default());
    }
    let mut machine = vm.start(0, case());
    let mut due = machine.step(None);
    for _ in 0..50 {
        let calls = due.iter().filter(|e| matches!(e.what, Emit::Read { .. } | Emit::Act { .. }));
        let Some(key) = calls.map(|e| e.key.clone()).next_back() else { break };
        due = machine.step(Some((&key, Ok(Value::Int(4)))));
    }
    true
}

#[test]
fn each_single_flipped_byte_is_survived() {
    let good = artifact().encode();
    assert!(try_all(&good));
    let mut refused = 0;
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= if at % 2 == 0 { 0x01 } else { 0x80 };
        refused += usize::from(!try_all(&bad));
    }
    assert!(refused > good.len() / 4, "only {refused} of {} were refused", good.len());
}

#[test]
fn each_cut_is_refused() {
    let good = artifact().encode();
    for end in 0..good.len() {
        assert!(Artifact::decode(&good[..end]).is_err(), "cut at {end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_changed_bytes_are_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bad = artifact_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bad.len() - 12) + 12;
            bad[at] = byte;
        }
        try_all(&bad);
    }

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut file = b"PLAYART\0\x01\0\0\0".to_vec();
        file.extend(bytes);
        try_all(&file);
    }
}

fn artifact_bytes() -> &'static [u8] {
    static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    BYTES.get_or_init(|| artifact().encode())
}

#[test]
fn a_machine_for_no_playbook_does_nothing() {
    let vm = Vm::new(Arc::new(artifact()));
    assert!(vm.start(9, case()).step(None).is_empty());
    assert!(vm.applies(9, &case()).is_err());
    assert!(vm.request(ActionId(99), &[]).is_err());
}
