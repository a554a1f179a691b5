//! What the code generator and the reference evaluator rely on: order of node ids, effects, where failing expressions
//! stand. Checked over whole programs by a walk of its own.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

use play_check::typed::{Effects, Expr, ExprKind, Program};
use play_check::{Input, check};
use play_program::artifact::SourceFile;

fn program(text: &str) -> Program {
    let file = SourceFile { path: "test.play".into(), text: text.into() };
    let checked = check(&Input { project: "test".into(), files: vec![file] }, &play_stdlib::module);
    let said: Vec<_> = checked.diagnostics.iter().map(|d| &d.message).collect();
    checked.program.unwrap_or_else(|| panic!("{said:?}"))
}

/// Ids ascend in order of evaluation; what encloses comes before what it encloses. Gives the greatest id in it.
fn ids_ascend(e: &Expr) -> u32 {
    let mut last = e.at;
    for part in e.parts() {
        assert!(part.at > last, "node {} comes after {last}: {part:#?}", part.at);
        last = ids_ascend(part);
    }
    last
}

/// What may fail stands directly in what handles it, and nowhere else.
fn failures_are_handled(e: &Expr, handled: bool) {
    let fails = matches!(
        e.kind,
        ExprKind::Read(..)
            | ExprKind::Do(..)
            | ExprKind::Suspend(..)
            | ExprKind::As(..)
            | ExprKind::Rollback { .. }
    );
    assert!(!fails || handled, "{e:#?}");
    for (i, part) in e.parts().into_iter().enumerate() {
        let handles =
            matches!(e.kind, ExprKind::Else(..) | ExprKind::Try(..) | ExprKind::IfLet { .. }) && i == 0;
        failures_are_handled(part, handles);
    }
}

/// Effects, computed anew from the definition.
fn effects(e: &Expr, program: &Program) -> Effects {
    let fx = defined(e, program);
    assert_eq!(fx, e.fx, "{e:#?}");
    fx
}

fn defined(e: &Expr, program: &Program) -> Effects {
    use play_program::types::Type;
    let mut fx = Effects::default();
    for (i, part) in e.parts().into_iter().enumerate() {
        let plain = defined(part, program);
        let mut of_part = plain;
        if matches!(e.kind, ExprKind::Else(..) | ExprKind::Step { .. }) && i == 1 && of_part.end {
            of_part.end = false;
            of_part.end_in_else = true;
        }
        // What is reached only once something else is known.
        let later = match &e.kind {
            ExprKind::If(..) | ExprKind::IfLet { .. } | ExprKind::Match { .. } | ExprKind::For { .. } => {
                i > 0
            }
            ExprKind::Else(..) | ExprKind::Step { .. } | ExprKind::And(..) | ExprKind::Or(..) => i == 1,
            _ => false,
        };
        of_part.fault |= later && of_part.passes;
        // The body of a loop has what it is itself reached with.
        let own = if matches!(e.kind, ExprKind::For { .. }) { of_part } else { plain };
        assert_eq!(own, part.fx, "{part:#?}");
        fx = fx.with(of_part);
    }
    match &e.kind {
        ExprKind::Read(..) => fx.read = true,
        ExprKind::Do(..) | ExprKind::Suspend(..) | ExprKind::Rollback { .. } => fx.act = true,
        ExprKind::Step { .. } => fx.end_in_else = true,
        ExprKind::FailStep => fx.end = true,
        ExprKind::Set { .. } | ExprKind::Note(_) | ExprKind::Revealed { .. } | ExprKind::Route { .. } => {
            fx.change = true
        }
        ExprKind::HandOver { .. } | ExprKind::Close { .. } => fx.end = true,
        ExprKind::For { .. } => fx.passes |= !fx.is_pure(),
        ExprKind::Neg(of) if of.ty.is_int() => fx.fault |= play_check::interval::negated(of).is_none(),
        ExprKind::Neg(_) => fx.fault |= e.ty != Type::Float,
        ExprKind::Call(f, _) => fx.fault |= effects(&program.fns[*f].body.expr, program).fault,
        ExprKind::Binary(op, left, right) if left.ty.is_int() && right.ty.is_int() => {
            fx.fault |= play_check::interval::faults(*op, left, right);
        }
        ExprKind::Binary(op, _, _) => {
            use play_check::typed::BinaryOp::{Add, Div, Mul, Rem, Sub};
            let arithmetic = matches!(op, Add | Sub | Mul | Div | Rem);
            let total = matches!(e.ty, Type::Float | Type::String | Type::List(_));
            fx.fault |= arithmetic && !total;
        }
        _ => {}
    }
    assert!(
        !format!("{:?}", e.ty).contains(&u32::MAX.to_string()),
        "a type that is wrong got through: {e:#?}"
    );
    fx
}

fn sound(program: &Program) {
    let bodies = program
        .playbooks
        .iter()
        .flat_map(|p| [Some(&p.body), p.when.as_ref()])
        .flatten()
        .chain(program.fns.iter().map(|f| &*f.body))
        .chain(program.consts.iter().map(|c| &*c.body))
        .chain(program.sources.iter().flat_map(|s| s.accept.iter().chain(s.map.iter().map(|(_, b)| b))))
        .chain(program.action_code.iter().flat_map(|a| a.respond.iter().flatten()));
    for body in bodies {
        ids_ascend(&body.expr);
        failures_are_handled(&body.expr, false);
        effects(&body.expr, program);
    }
    for (at, f) in program.fns.iter().enumerate() {
        calls(&f.body.expr, &mut |callee| assert!(callee < at, "`{}` is called before it is there", f.name));
    }
}

fn calls(e: &Expr, seen: &mut impl FnMut(usize)) {
    if let ExprKind::Call(f, _) = e.kind {
        seen(f);
    }
    for part in e.parts() {
        calls(part, seen);
    }
}

const EVERYTHING: &str = r#"
use std.connectors.{okta, ipintel, tickets}
case Alert { user: OktaUserId, ip: Ip?, owner: Email?, count: Int, hosts: [String] }
enum Verdict { Clean, Malicious }
fn later(n: Int) -> Int { earlier(n) + 1 }
fn earlier(n: Int) -> Int { n * limit }
const limit = least + 1
const least = 2
fn verdict(seen: [IpReport]) -> Verdict { if seen.any(r => r.score > 50) { Malicious } else { Clean } }
fn half(xs: [Int]) -> Int? { xs.first? / 2 }
source edr from feed("edr") -> Alert {
  accept payload.kind as String? == "alert" and not (payload.test as Bool else false)
  map {
    user = payload.user?
    count = (payload.count as Int else 0) + 1
    hosts = payload.hosts as [String] else []
    ip = payload.ip as Ip else payload.address as Ip else none
  }
}
guard suspensions for Alert covers okta.suspend { never when act.id in ["00u1"]  limit 20 per 1h  allow when case.count > 2 }
playbook triage for Alert when case.count > 1 and later(case.count) > 3 {
  let user = okta.user(case.user) else hand over to queue.tier2 because "nobody knows {case.user}"
  let seen = for host in case.hosts { if let ip = host as Ip { ipintel.lookup(ip) else none } else { none } }
  let manager = (okta.user(case.user) else none)?.login?.domain
  if manager == none and -case.count < -3 { note "no manager" }
  match verdict(seen.present()) {
    Clean => {
      let t = do tickets.open(severity: Low, title: "look at {user.status}", text: "{half([later(1)]) else 0}") else none
      if let ticket = t { note "{ticket}" }
    }
    Malicious => {
      set severity = High because "{case.count + 1} times"
      do okta.suspend(case.user) for 4h else { note "could not"  }
      for host in case.hosts { do tickets.open(title: host, text: host, severity: case.severity) else note "no ticket" }
    }
  }
  if case.count > 5 { close TruePositive because "often" }
  hand over to queue.tier2 because "{case.owner?.domain.is_some} {seen.len}"
}
"#;

#[test]
fn a_program_with_everything_is_sound() {
    sound(&program(EVERYTHING));
}

#[test]
fn the_examples_are_sound() {
    for project in ["impossible-travel", "aws-guardduty"] {
        let folder = format!("{}/../../examples/{project}", env!("CARGO_MANIFEST_DIR"));
        let files = ["source.play", "triage.play", "tests.play"].map(|name| SourceFile {
            path: name.into(),
            text: std::fs::read_to_string(format!("{folder}/{name}")).expect("an example"),
        });
        let checked = check(&Input { project: project.into(), files: files.into() }, &play_stdlib::module);
        sound(&checked.program.expect("the examples are right"));
    }
}

#[test]
fn functions_and_constants_come_after_what_they_use() {
    let program = program(EVERYTHING);
    let fns: Vec<_> = program.fns.iter().map(|f| f.name.as_str()).collect();
    let consts: Vec<_> = program.consts.iter().map(|c| c.name.as_str()).collect();
    assert!(fns.iter().position(|f| *f == "earlier") < fns.iter().position(|f| *f == "later"), "{fns:?}");
    assert_eq!(consts, ["least", "limit"]);
}

#[test]
fn arguments_stand_in_the_order_of_the_parameters() {
    let program = program(
        "fn pick(a: Int, b: Int?, c: Int) -> Int { a + c + (b else 0) }\nconst picked = pick(c: 3, a: 1)",
    );
    let ExprKind::Call(_, args) = &program.consts[0].body.expr.kind else { panic!("a call") };
    let values: Vec<_> = args.iter().map(|a| format!("{:?}", a.kind)).collect();
    assert_eq!(values, ["Lit(Int(1))", "Lit(None)", "Lit(Int(3))"]);
}

#[test]
fn as_deep_as_the_parser_allows() {
    let nested = |open: &str, close: &str, n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
    for text in [
        format!("const deep: Int = {}", nested("(", ")", 240)),
        format!("fn deep(n: Int) -> Int {{ {} }}", nested("{ ", " }", 200)),
        format!("fn deep(n: Int) -> Int {{ {} }}", nested("if n > 1 { ", " } else { 2 }", 100)),
        format!("const deep = {}1", "1 + ".repeat(200)),
        format!("const deep = {}1", "-".repeat(200)),
    ] {
        let file = SourceFile { path: "deep.play".into(), text };
        let _ = check(&Input { project: "deep".into(), files: vec![file] }, &|_| None);
    }
}

#[test]
fn a_call_in_a_step_fails_it_unless_its_failure_is_handled() {
    let text = r#"
use std.connectors.{okta, ipintel, tickets}
case Alert { user: OktaUserId, ip: Ip }
guard suspensions covers okta.suspend { allow }
playbook triage for Alert {
  step lock_out {
    let user = okta.user(case.user)
    let seen = ipintel.lookup(case.ip) else none
    for u in [user.id, case.user] { do okta.suspend(u) for 4h }
    step tell {
      do tickets.open(title: user.id.value, text: "x", severity: High)
    } else {
      rollback because "nobody would know of it"
    }
    if let s = seen { note "{s.score}" }
  } else {
    rollback because "not locked out" else note "some of it is still in force"
    hand over to queue.tier2 because "lock {case.user} by hand"
  }
  close TruePositive because "locked out"
}
"#;
    sound(&program(text));
}
