//! What pure code costs: records mapped, conditions decided and requests made, in nanoseconds each, one line a kind.
//! `pure [ROUNDS]`, 200,000 unless told.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use play_check::{Input, check};
use play_program::action::ActionId;
use play_program::artifact::SourceFile;
use play_program::exec::{Mapping, Program};
use play_program::json::{Doc, JsonAt};
use play_program::value::Value;
use play_vm::Vm;

const PROGRAM: &str = r#"
case Alert { kind: String, host: String, user: String?, score: Int }
source alerts from feed("f") -> Alert {
  accept payload.kind as String? in ["login", "process", "network", "file", "mail"]
  map {
    title = "{payload.kind as String?} on {payload.host.name as String?}"
    kind  = payload.kind as String?
    host  = payload.host.name as String?
    user  = payload.user.name as String else none
    score = payload.score as Int?
  }
}
fn is_service(name: String) -> Bool { name matches /^(svc|adm)[-_][a-z]+$/ }
fn is_ours(host: String) -> Bool { ["web", "mail", "build"].any(p => host.starts_with(p)) }
connector desk {
  config { base_url: Url }
  write open(title: String, score: Int) -> String
    POST "/tickets" json { title: title, score: score, tags: ["alert", "from-play"] }
    expect 200 -> body.id
    class record
}
playbook p for Alert when is_ours(case.host) and case.score > 40 and not is_service(case.user else "") {
  close Duplicate because "measured"
}
"#;

const RECORD: &str =
    r#"{"kind": "process", "host": {"name": "build-7"}, "user": {"name": "ada"}, "score": 71}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: u32 = std::env::args().nth(1).map_or(Ok(200_000), |n| n.parse())?;
    let files = vec![SourceFile { path: "pure.play".into(), text: PROGRAM.into() }];
    let checked = check(&Input { project: "pure".into(), files }, &|_| None);
    let program = checked.program.ok_or_else(|| format!("{:#?}", checked.diagnostics))?;
    let artifact = play_codegen::compile(&program, "bench").map_err(|fault| fault.what)?;
    let vm = Vm::new(Arc::new(artifact));

    let record = JsonAt::root(Arc::new(Doc::Whole(serde_json::from_str(RECORD)?)));
    let Mapping::Mapped(mapped) = vm.map(0, &record, &[]) else {
        return Err("the record is not mapped".into());
    };
    if !vm.applies(0, &mapped.case).map_err(|fault| fault.what)? {
        return Err("the playbook does not take the case".into());
    }
    let args = [Value::str("process on build-7"), Value::Int(71)];

    measure("map", rounds, || drop(black_box(vm.map(0, black_box(&record), &[]))));
    measure("applies", rounds, || drop(black_box(vm.applies(0, black_box(&mapped.case)))));
    measure("request", rounds, || drop(black_box(vm.request(ActionId(0), black_box(&args)))));
    Ok(())
}

/// The best of five, so that what else the machine does counts little.
fn measure(name: &str, rounds: u32, mut run: impl FnMut()) {
    let once = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..rounds).for_each(|_| run());
        start.elapsed().as_nanos() / u128::from(rounds.max(1))
    };
    let best = (0..5).map(|_| once(&mut run)).min().unwrap_or_default();
    println!("{name} {best} ns");
}
