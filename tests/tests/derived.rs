//! A replay reads the inputs of a record and computes all else: whatever derived part of a line is altered, with the
//! chain mended after it, the replay differs at that line. So identity cannot be had by copying.

mod tested;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use play_evidence::kinds::{self, Origin};
use play_evidence::{J, Line, ParsedLine};
use play_program::artifact::{Artifact, Manifest};
use play_scheduler::ids::sha256_hex;
use play_scheduler::replay::{Replay, replay};
use play_tests::store;
use play_vm::Vm;

/// Every way to alter one leaf of a value, or to give or take a member.
fn alterations(j: &J) -> Vec<J> {
    match j {
        J::Null => vec![J::Int(1)],
        J::Bool(b) => vec![J::Bool(!b)],
        J::Int(n) => vec![J::Int(n + 1)],
        J::Str(s) => vec![J::Str(format!("{s}x"))],
        J::Arr(items) => {
            let mut all = vec![J::Arr(items.iter().cloned().chain([J::Null]).collect())];
            for (i, item) in items.iter().enumerate() {
                for other in alterations(item) {
                    let mut items = items.clone();
                    items[i] = other;
                    all.push(J::Arr(items));
                }
            }
            all
        }
        J::Obj(members) => {
            let mut all = Vec::new();
            for (name, member) in members {
                for other in alterations(member) {
                    let mut members = members.clone();
                    members.insert(name.clone(), other);
                    all.push(J::Obj(members));
                }
                let mut fewer = members.clone();
                fewer.remove(name);
                all.push(J::Obj(fewer));
            }
            all
        }
    }
}

/// The lines with one replaced, and the chain mended after it.
fn mended(lines: &[Vec<u8>], at: usize, members: BTreeMap<String, J>) -> Vec<Vec<u8>> {
    let mut all = lines[..at].to_vec();
    let mut bytes = J::Obj(members).to_bytes();
    bytes.push(b'\n');
    all.push(bytes);
    for line in &lines[at + 1..] {
        let J::Obj(mut members) = J::parse(line.strip_suffix(b"\n").unwrap()).unwrap() else {
            panic!("not a line")
        };
        members.insert("prev".into(), J::Str(sha256_hex(all.last().unwrap())));
        let mut bytes = J::Obj(members).to_bytes();
        bytes.push(b'\n');
        all.push(bytes);
    }
    all
}

struct Pinned {
    vm: Vm,
    manifest: Arc<Manifest>,
    digest: String,
}

fn replayed(pinned: &Pinned, lines: &[Vec<u8>]) -> Replay {
    let views: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    replay(&pinned.vm, &pinned.manifest, &pinned.digest, &views)
}

/// Alters every derived field of every line of a run. Gives how many alterations there were.
fn alter(pinned: &Pinned, lines: &[Vec<u8>], run: &str, seen: &mut BTreeSet<String>) -> usize {
    let mut tried = 0;
    for (at, bytes) in lines.iter().enumerate() {
        let J::Obj(members) = J::parse(bytes.strip_suffix(b"\n").unwrap()).unwrap() else {
            panic!("not a line")
        };
        let Some(J::Str(k)) = members.get("k") else { panic!("no kind") };
        let kind = kinds::kind(k).unwrap();
        seen.insert(k.clone());
        let derived = |name: &str| {
            matches!(name, "at" | "by") || kind.field(name).is_some_and(|f| f.origin == Origin::Derived)
        };
        for (name, value) in members.iter().filter(|(name, _)| derived(name)) {
            for other in alterations(value) {
                let mut members = members.clone();
                members.insert(name.clone(), other);
                let altered = mended(lines, at, members);
                tried += 1;
                match replayed(pinned, &altered) {
                    Replay::Differs(d) => {
                        assert_eq!(d.line, at, "{run}: `{name}` of line {at} ({k}): {}", d.why)
                    }
                    other => {
                        panic!("{run}: `{name}` of line {at} ({k}) was altered, and the replay is {other:?}")
                    }
                }
            }
        }
    }
    tried
}

/// Alters every derived field of every line of the example's runs. Gives how many alterations there were.
fn all_of(example: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    store::fill(example, &path);
    let reader = play_journal::Store::read_only(&path).unwrap();
    let mut tried = 0;
    let mut seen = BTreeSet::new();
    for run in reader.runs() {
        let lines = reader.lines_of(&run).unwrap();
        let first = ParsedLine::parse(&lines[0]).unwrap();
        let Some(J::Str(digest)) = first.field("artifact") else { panic!("no artifact") };
        let artifact = Arc::new(Artifact::decode(&reader.artifact(digest).unwrap().unwrap()).unwrap());
        let manifest = Arc::new(artifact.manifest.clone());
        let pinned = Pinned { vm: Vm::new(artifact), manifest, digest: digest.clone() };
        let whole = replayed(&pinned, &lines);
        assert!(matches!(whole, Replay::Identical { lines: n, .. } if n == lines.len()), "{run}: {whole:?}");
        tried += alter(&pinned, &lines, &run, &mut seen);
    }
    for kind in ["run.opened", "case.mapped", "read.asked", "decision.decided", "act.intended", "run.closed"]
    {
        assert!(seen.contains(kind), "the example has no {kind}");
    }
    tried
}

#[test]
fn an_altered_derived_field_never_replays_impossible_travel() {
    let tried = all_of("impossible-travel");
    println!("{tried} alterations, all found");
    assert!(tried > 100);
}

#[test]
fn an_altered_derived_field_never_replays_aws_guardduty() {
    let tried = all_of("aws-guardduty");
    println!("{tried} alterations, all found");
    assert!(tried > 100);
}

/// The run of a test, altered: for what no example does.
fn of_test(text: &str, kinds: &[&str]) {
    let lines: Vec<Vec<u8>> = tested::tested(text).lines.iter().map(|l| l.bytes.to_vec()).collect();
    let compiled = tested::compiled(text);
    let pinned =
        Pinned { vm: Vm::new(compiled.artifact), manifest: compiled.manifest, digest: compiled.digest };
    let mut seen = BTreeSet::new();
    assert!(alter(&pinned, &lines, "the test", &mut seen) > 20);
    for kind in kinds {
        assert!(seen.contains(*kind), "there is no {kind}: {seen:?}");
    }
}

#[test]
fn an_altered_hold_never_replays() {
    of_test(
        r#"
case T { s: String }
connector x {
  config { base_url: Url }
  write block(q: String) -> String
    POST "/block" json { q: q }
    expect 200 -> body
    undo free(q)
    class notify
  write free(q: String) -> String
    POST "/free" json { q: q }
    expect 200 -> body
    class notify
}
playbook p for T {
  do x.block("a") for 1h else none
  do x.block("a") for 2h else none
  step s {
    do x.block("a") for 3h
    do x.free("b")
  } else {
    rollback because "not all"
    do x.block("c") irreversible because "it is known to be bad" else none
    hand over to queue.q because "by hand"
  }
  close TruePositive because case.s
}
test "t" {
  given T { s: "s" }
  given x.free("b") fails Denied
  run p
  expect undone x.block("a") after 2h
}
"#,
        &["hold.started", "hold.ended", "rollback.started", "act.intended"],
    );
}

#[test]
fn a_chain_is_mended_as_the_test_thinks() {
    let mut chain = play_evidence::Chain::new("r");
    let kind = kinds::kind("case.noted").unwrap();
    let mut note = |text: &str| -> Line {
        let fields = BTreeMap::from([("text".to_string(), play_evidence::json::val(J::Str(text.into())))]);
        chain.append(jiff::Timestamp::UNIX_EPOCH, "engine", None, kind, fields).unwrap()
    };
    let lines = vec![note("one").bytes.to_vec(), note("two").bytes.to_vec()];
    let J::Obj(members) = J::parse(lines[0].strip_suffix(b"\n").unwrap()).unwrap() else {
        panic!("not a line")
    };
    assert_eq!(mended(&lines, 0, members), lines);
}
