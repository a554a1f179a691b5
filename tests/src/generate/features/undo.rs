//! Writes that stay until they are taken back: with a snapshot, with a condition, with what finds out whether they were done;
//! and one that nothing takes back.

use super::guards::{Covered, guard};
use super::{Feature, call};
use crate::generate::Ty;
use crate::generate::scope::Gen;

pub(super) const FEATURE: Feature = Feature {
    head: r#"
connector edge {
  config { base_url: Url }
  read state(x: String) -> Rec
    GET "/state/{x}"
    expect 200 -> body
  read level(n: Int) -> Int
    GET "/level" query { n: n }
    expect 200 -> body
  write block(x: String) -> Int
    POST "/block/{x}"
    expect 200 -> body
    snapshot before = state(x)
    undo unblock(result + before.n, before.s) when before.b
    class change
  write unblock(n: Int, s: String) -> Int
    POST "/unblock" json { n: n, s: s }
    expect 200 -> body
    class restore
  write lock(n: Int) -> String
    POST "/lock" json { n: n }
    expect 200 -> body
    undo unlock
    idempotent by n
    verify level(n) is answer % 2 == 0 -> "level {answer}"
    class change
  write unlock(n: Int) -> String
    POST "/unlock" json { n: n }
    expect 200 -> body
    verify level(n) -> "unlocked"
    class restore
  write wipe(s: String) -> Bool
    POST "/wipe" json { s: s }
    expect 200 -> body
    class destroy
    irreversible because "what is wiped is gone"
}
"#,
    declare: &[edges],
    calls: &[
        call(Ty::Rec, "edge.state", &[Ty::Str]),
        call(Ty::Int, "do edge.block", &[Ty::Str]),
        call(Ty::Int, "do edge.unblock", &[Ty::Int, Ty::Str]),
        call(Ty::Str, "do edge.lock", &[Ty::Int]).again(),
        call(Ty::Bool, "do edge.wipe", &[Ty::Str]),
    ],
    statements: &[block, lock],
    given: &[held_by_another],
    stubs: &[
        ("edge.state", "Rec { n: 1, b: true, s: \"was\" }"),
        ("edge.level", "4"),
        ("edge.block", "70"),
        ("edge.unblock", "71"),
        ("edge.lock", "\"locked\""),
        ("edge.unlock", "\"unlocked\""),
        ("edge.wipe", "true"),
    ],
    ..Feature::NONE
};

/// Each of these writes is covered by a guard.
fn edges(g: &mut Gen) {
    g.line("guard edges covers edge.lock, edge.unblock { allow }");
    g.line("guard wipes covers edge.wipe { else approval from role.lead within 1h else refuse }");
    if g.rng.chance(50) {
        g.line("guard blocks covers edge.block { limit 40 per 1h\n  allow }");
    } else {
        guard(g, "blocks", &Covered { covers: "edge.block", act: &[("act.x", Ty::Str)] });
    }
}

fn block(g: &mut Gen) {
    let hours = g.rng.below(5) + 1;
    held(g, "do edge.block", Ty::Str, &format!(" for {hours}h"));
}

fn lock(g: &mut Gen) {
    if g.rng.chance(50) {
        let minutes = g.rng.below(90) + 1;
        held(g, "do edge.lock", Ty::Int, &format!(" for {minutes}m"));
    } else {
        done(g, "do edge.lock", Ty::Int);
    }
}

/// As a statement: in a step its failure is the step's.
fn done(g: &mut Gen, write: &str, takes: Ty) {
    held(g, write, takes, "");
}

/// The same, for a time.
fn held(g: &mut Gen, write: &str, takes: Ty, time: &str) {
    let arg = g.value(takes);
    if g.steps > 0 && g.rng.chance(70) {
        g.line(&format!("{write}({arg}){time}"));
    } else {
        let arm = g.unit_block(10);
        g.line(&format!("{write}({arg}){time} else {arm}"));
    }
}

/// Another run may hold the same when it is to be taken back, for a time or until further notice.
fn held_by_another(g: &mut Gen) -> Option<String> {
    let action = g.rng.word(&["edge.block(_)", "edge.lock"]);
    let until = g.rng.word(&["", " until 30ms", " until 90m", " until 9h"]);
    g.rng.chance(40).then(|| format!("given another run holds {action}{until}"))
}
