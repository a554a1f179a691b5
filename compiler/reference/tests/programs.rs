//! Whole programs: the tests of the examples, sources, requests and answers, and the examples of the built-in functions.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test may stop"
)]

mod world;

use std::path::Path;
use std::sync::Arc;

use insta::{assert_debug_snapshot, assert_snapshot};
use jiff::SignedDuration;
use play_program::action::ActionId;
use play_program::artifact::Expect;
use play_program::builtin::{ALL, EXAMPLE_CONSTANTS};
use play_program::convert::display;
use play_program::exec::{Emit, Mapping, Program};
use play_program::json::{Doc, JsonAt, ReadLog};
use play_program::value::Value;
use play_reference::constants::Constants;
use play_reference::{Reference, tests};
use world::{program, run_test};

/// The tests of an example's folder, each with what did not hold.
fn run_example(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(folder);
    let mut files: Vec<(String, String)> = std::fs::read_dir(&folder)
        .expect("the example is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|e| e == "play"))
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into(),
                std::fs::read_to_string(&path).expect("text"),
            )
        })
        .collect();
    files.sort();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let program = program(&files);
    let reference = Reference::new(Arc::clone(&program));
    let specs = tests::compile(&program).expect("the constants of the tests do not fault");
    assert!(!specs.is_empty());

    let mut failed = Vec::new();
    for (test, spec) in specs.iter().enumerate() {
        // Guards are asked by the scheduler, which is not here.
        if spec.expect.iter().any(|(_, expect)| matches!(expect, Expect::Refused { .. })) {
            continue;
        }
        let ran = run_test(&program, spec);
        for (at, expect) in &spec.expect {
            let because = match &ran.ending {
                Some(Emit::Close { because, .. } | Emit::HandOver { because, .. }) => because.as_str(),
                _ => "",
            };
            let fits = |wanted: &Option<Vec<Option<Value>>>, args: &[Value]| {
                wanted.as_ref().is_none_or(|wanted| {
                    wanted.iter().zip(args).all(|(w, a)| w.as_ref().is_none_or(|w| w.same(a)))
                })
            };
            let holds = match expect {
                Expect::Closed(wanted) => {
                    matches!(&ran.ending, Some(Emit::Close { class, .. }) if class == wanted)
                }
                Expect::HandedOver(wanted) => {
                    matches!(&ran.ending, Some(Emit::HandOver { to, .. }) if wanted.as_ref().is_none_or(|w| w == to))
                }
                Expect::Act { did, action, args } => {
                    *did == ran.acts.iter().any(|(a, given)| a == action && fits(args, given))
                }
                Expect::Refused { .. } | Expect::Reasons(_) | Expect::Reason(..) => {
                    panic!("not in these tests")
                }
                Expect::InDoubt(action) => ran.in_doubt.contains(action),
                Expect::Undone { .. } | Expect::Held { .. } | Expect::Kept { .. } => {
                    panic!("nothing is taken back here: that is the scheduler's")
                }
                Expect::Because(text) => because.contains(text),
                Expect::Noted(text) => ran.notes.iter().any(|note| note.contains(text)),
                Expect::Elapsed(time) => ran.elapsed == *time,
                Expect::Times { .. } | Expect::Read { .. } | Expect::Before { .. } | Expect::Would { .. } => {
                    panic!("not in these tests")
                }
                Expect::Set(..) | Expect::Routed(_) | Expect::Asked { .. } | Expect::Approved { .. } => {
                    panic!("not in these tests")
                }
                Expect::That(condition) => {
                    reference.expectation(test, *condition, &ran.case).expect("no fault")
                }
            };
            if !holds {
                failed.push(format!("{}: {}\n{}", spec.title, world::text_of(&program, *at), ran.log));
            }
        }
    }
    failed
}

#[test]
fn the_tests_of_impossible_travel_hold() {
    assert_eq!(run_example("impossible-travel"), [""; 0]);
}

#[test]
fn the_tests_of_aws_guardduty_hold() {
    assert_eq!(run_example("aws-guardduty"), [""; 0]);
}

#[test]
fn the_examples_of_the_built_in_functions_are_true() {
    let mut source = String::from(EXAMPLE_CONSTANTS);
    let mut pairs = Vec::new();
    for builtin in ALL {
        for (expr, result) in builtin.examples {
            let n = pairs.len();
            source += &format!("const left{n} = {expr}\nconst right{n} = {result}\n");
            pairs.push(format!("{expr} gives {result}"));
        }
    }
    let program = program(&[("examples.play", &source)]);
    let constants = Constants::of(&program);
    let value = |name: String| {
        let constant = program.consts.iter().find(|c| c.name == name).expect("is there");
        constants.evaluate(&program, &constant.body).expect("does not fault")
    };
    for (n, pair) in pairs.iter().enumerate() {
        let (left, right) = (value(format!("left{n}")), value(format!("right{n}")));
        assert!(left.same(&right), "{pair}, but is {left:?}");
    }
}

const MAIL: &str = r#"
type MailId = String
case Mail { from: Email, subject: String?, size: Int, links: [Url] }
source mailbox from feed("mail") -> Mail {
  accept payload.kind as String? == "mail"
  dedup by "{payload.id as MailId?}" within 24h
  map {
    title   = payload.subject as String else "no subject"
    from    = payload.from as Email?
    subject = payload.subject as String else none
    size    = (payload.kilobytes as Int else 0) * 1000
    links   = payload.links as [Url] else []
  }
}
"#;

fn map(json: serde_json::Value) -> String {
    let program = program(&[("mail.play", MAIL)]);
    let reference = Reference::new(Arc::clone(&program));
    match reference.map(0, &JsonAt::root(Arc::new(Doc::Whole(json))), &[]) {
        Mapping::Rejected => "rejected".into(),
        Mapping::Unmapped(u) => {
            format!("unmapped {} at {:?}: expected {}, found {:?}", u.field, u.path, u.expected, u.found)
        }
        Mapping::Mapped(mapped) => {
            let record = program.types.record(program.sources[0].case).expect("the case");
            let field = |slot: usize| {
                let field = &record.fields[slot];
                format!("{} = {}", field.name, display(&mapped.case[slot], &field.ty, &program.types))
            };
            let mut lines: Vec<_> =
                mapped.from.iter().map(|(slot, from)| format!("{} from {from:?}", field(*slot))).collect();
            lines.push(format!("{}, {}", field(0), field(3)));
            lines.push(format!("dedup {:?}", mapped.dedup));
            lines.push(format!("read {:?}", mapped.read.leaves().keys().collect::<Vec<_>>()));
            lines.join("\n")
        }
    }
}

#[test]
fn a_record_becomes_a_case_and_each_field_says_where_it_came_from() {
    let record = serde_json::json!({
        "kind": "mail", "id": "m1", "from": "Ada@EXAMPLE.com", "kilobytes": 2.0, "links": ["https://a.example"], "more": 1
    });
    assert_snapshot!(map(record), @r#"
    title = no subject from ["/subject"]
    from = Ada@example.com from ["/from"]
    subject = none from ["/subject"]
    size = 2000 from ["/kilobytes"]
    links = [https://a.example/] from ["/links", "/links/0"]
    id = none, severity = Medium
    dedup Some(("m1", 24h))
    read ["/from", "/id", "/kilobytes", "/kind", "/links", "/links/0", "/subject"]
    "#);
}

#[test]
fn a_record_that_is_not_accepted_is_rejected() {
    assert_snapshot!(map(serde_json::json!({ "kind": "note" })), @r"rejected");
}

#[test]
fn a_record_that_does_not_fit_says_where_and_why() {
    assert_snapshot!(map(serde_json::json!({})), @r#"unmapped accept at "/kind": expected String, found Absent"#);
}

#[test]
fn a_record_without_its_key_is_not_mapped() {
    assert_snapshot!(map(serde_json::json!({ "kind": "mail", "id": 7 })), @r#"unmapped dedup at "/id": expected MailId, found Int(7)"#);
}

#[test]
fn a_field_that_does_not_fit_is_named() {
    assert_snapshot!(map(serde_json::json!({ "kind": "mail", "id": "m", "from": "Ada" })), @r#"unmapped from at "/from": expected Email: it has no `@`, found Str("Ada")"#);
}

#[test]
fn a_fault_leaves_the_record_unmapped() {
    let record =
        serde_json::json!({ "kind": "mail", "id": "m", "from": "a@b.example", "kilobytes": i64::MAX });
    assert_snapshot!(map(record), @r#"unmapped size at "": expected no overflow, found Absent"#);
}

const TICKETS: &str = r#"
type TicketId = String
type Ticket { id: TicketId, closed: Time? }
connector desk {
  config { base_url: Url, token: secret String }
  auth bearer config.token
  read get(id: TicketId, verbose: Bool, trace: String?) -> Ticket
    GET "/tickets/{id}/full" query { verbose: verbose, trace: trace } header { "X-Trace": trace }
    expect 200 -> body
    expect 404 -> Ticket { id: id }
  write open(title: String, severity: Severity, due: Duration?) -> TicketId
    POST "/tickets" json { title: title, nested: { severity: severity, tags: ["play", title] }, due: due }
    expect 201 -> body.ticket.id as TicketId?
    expect 204 -> TicketId("{status}")
    class record
}
"#;

#[test]
fn a_request_encodes_what_comes_from_outside() {
    let reference = Reference::new(program(&[("desk.play", TICKETS)]));
    let hostile = || Value::str("../a b?c=ü");
    assert_debug_snapshot!(reference.request(ActionId(0), &[hostile(), Value::Bool(true), Value::None]), @r#"
    Ok(
        Request {
            path: "/tickets/..%2Fa%20b%3Fc%3D%C3%BC/full",
            query: [
                (
                    "verbose",
                    "true",
                ),
            ],
            headers: [],
            body: None,
        },
    )
    "#);
    assert_debug_snapshot!(reference.request(ActionId(0), &[Value::str("1"), Value::Bool(true), hostile()]), @r#"
    Ok(
        Request {
            path: "/tickets/1/full",
            query: [
                (
                    "verbose",
                    "true",
                ),
                (
                    "trace",
                    "../a b?c=ü",
                ),
            ],
            headers: [
                (
                    "X-Trace",
                    "../a b?c=ü",
                ),
            ],
            body: None,
        },
    )
    "#);
    assert_debug_snapshot!(reference.request(ActionId(1), &[hostile(), Value::Enum(3), Value::None]), @r#"
    Ok(
        Request {
            path: "/tickets",
            query: [],
            headers: [],
            body: Some(
                Object {
                    "nested": Object {
                        "severity": String("High"),
                        "tags": Array [
                            String("play"),
                            String("../a b?c=ü"),
                        ],
                    },
                    "title": String("../a b?c=ü"),
                },
            ),
        },
    )
    "#);
    let hour = Value::Duration(SignedDuration::from_hours(1));
    assert_debug_snapshot!(reference.request(ActionId(1), &[hostile(), Value::Enum(3), hour]), @r#"
    Ok(
        Request {
            path: "/tickets",
            query: [],
            headers: [],
            body: Some(
                Object {
                    "due": String("PT1H"),
                    "nested": Object {
                        "severity": String("High"),
                        "tags": Array [
                            String("play"),
                            String("../a b?c=ü"),
                        ],
                    },
                    "title": String("../a b?c=ü"),
                },
            ),
        },
    )
    "#);
}

#[test]
fn an_answer_is_read_by_its_status() {
    let reference = Reference::new(program(&[("desk.play", TICKETS)]));
    let read = |action, status, json| {
        let body = JsonAt::root(Arc::new(Doc::Whole(json)));
        let mut log = ReadLog::default();
        let answer = reference.respond(
            ActionId(action),
            &[Value::str("t1"), Value::Bool(true), Value::None],
            status,
            &body,
            &mut log,
        );
        let answer = answer.map_or_else(|f| format!("{:?}: {}", f.kind, f.words), |v| format!("{v:?}"));
        format!("{answer} after a look at {:?}", log.leaves().keys().collect::<Vec<_>>())
    };
    assert_snapshot!(read(0, 200, serde_json::json!({ "id": "t1", "closed": "2026-11-20 12:00" })), @r#"Record([Str("t1"), Time(2026-11-20T12:00:00Z)]) after a look at ["", "/closed", "/id"]"#);
    assert_snapshot!(read(0, 404, serde_json::json!({})), @r#"Record([Str("t1"), None]) after a look at []"#);
    assert_snapshot!(read(0, 200, serde_json::json!({ "id": "t1", "closed": "yesterday" })), @r#"BadResponse: /closed: expected Time: a time looks like `2026-11-20T12:00:00Z`, found text after a look at ["", "/closed", "/id"]"#);
    assert_snapshot!(read(0, 200, serde_json::json!("gone")), @r#"BadResponse: the body: expected Ticket, found text after a look at [""]"#);
    assert_snapshot!(read(1, 201, serde_json::json!({ "ticket": {} })), @r#"BadResponse: /ticket/id: expected TicketId, found nothing after a look at ["/ticket/id"]"#);
    assert_snapshot!(read(1, 204, serde_json::json!(null)), @r#"Str("204") after a look at []"#);
    assert_snapshot!(read(1, 500, serde_json::json!(null)), @r"BadResponse: status 500 is no answer of this action after a look at []");
}

#[test]
fn a_question_mark_in_a_function_gives_none_back() {
    let program = program(&[(
        "fns.play",
        r#"
type Host { name: String, os: String? }
fn os(of: [Host]) -> String? {
  let first = of.first?
  "os {first.os?}"
}
fn port(text: String) -> Int? { text as Int? }
const known = os([Host { name: "a", os: "BSD" }])
const no_os = os([Host { name: "a" }])
const no_host = os([])
const good = port("443")
const bad = port("https")
const sums = for n in [1, 2, 3] { n * n }
const large = [Severity.Low, Severity.High].any(s => s >= Medium)
const word = match large { true => "large", false => "small" }
"#,
    )]);
    let constants = Constants::of(&program);
    let all: Vec<_> = program
        .consts
        .iter()
        .map(|c| {
            let value = constants.evaluate(&program, &c.body).expect("does not fault");
            format!("{} = {}", c.name, display(&value, &c.ty, &program.types))
        })
        .collect();
    assert_snapshot!(all.join("\n"), @r"
    sums = [1, 4, 9]
    large = true
    word = large
    known = os BSD
    no_os = none
    no_host = none
    good = 443
    bad = none
    ");
}

#[test]
fn a_constant_that_faults_says_where() {
    let program = program(&[("c.play", "const zero = 0\nconst wrong = 1 / zero\n")]);
    let wrong = program.consts.iter().find(|c| c.name == "wrong").expect("is there");
    let fault = play_reference::constants::evaluate(&program, &wrong.body).expect_err("faults");
    assert_eq!((fault.what.as_str(), world::text_of(&program, fault.at)), ("division by zero", "1 / zero"));
}

#[test]
fn a_condition_looks_at_the_case() {
    let text = format!(
        "{}playbook p for Alarm when case.n > 3 {{ close Duplicate because \"known\" }}",
        world::SERVICE
    );
    let program = program(&[("p.play", &text)]);
    let reference = Reference::new(Arc::clone(&program));
    let case = |n| {
        let mut case = vec![
            Value::None;
            program.types.record(program.playbooks[0].case).expect("the case").fields.len()
        ];
        case[5] = Value::Int(n);
        case
    };
    assert_eq!((reference.applies(0, &case(4)), reference.applies(0, &case(3))), (Ok(true), Ok(false)));
}

#[test]
fn the_operators_do_what_their_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/values.md");
    let page = std::fs::read_to_string(page).expect("the page is there");
    let (_, table) = page.split_once("| left | | right |").expect("the table of operators");
    let mut source = String::from(EXAMPLE_CONSTANTS);
    let mut rows = Vec::new();
    for row in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`'])).collect();
        let (left, right) = (cells[cells.len() - 2], cells[cells.len() - 1]);
        source += &format!("const left{n} = {left}\nconst right{n} = {right}\n", n = rows.len());
        rows.push(row.to_string());
    }
    assert!(rows.len() > 15);
    let program = program(&[("operators.play", &source)]);
    let value = |name: String| {
        let constant = program.consts.iter().find(|c| c.name == name).expect("is there");
        play_reference::constants::evaluate(&program, &constant.body).expect("does not fault")
    };
    for (n, row) in rows.iter().enumerate() {
        let (left, right) = (value(format!("left{n}")), value(format!("right{n}")));
        assert!(left.same(&right), "{row}\nbut it is {left:?}");
    }
}

#[test]
fn deep_programs_do_not_exhaust_the_stack() {
    let mut source = format!("fn f0(n: Int) -> Int {{ {}n{} }}\n", "(1 + ".repeat(100), ")".repeat(100));
    for n in 1..60 {
        source += &format!(
            "fn f{n}(n: Int) -> Int {{ {}f{}(n){} }}\n",
            "(1 + ".repeat(100),
            n - 1,
            ")".repeat(100)
        );
    }
    source += "const deep = f59(0)\n";
    let program = program(&[("deep.play", &source)]);
    let value =
        play_reference::constants::evaluate(&program, &program.consts[0].body).expect("does not fault");
    assert!(value.same(&Value::Int(6000)), "{value:?}");
}
