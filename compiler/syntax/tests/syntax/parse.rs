//! Whole files: what is accepted, what it becomes, and what is said of what is not.

use play_diagnostics::FileName;
use play_diagnostics::text::{Style, render};
use play_syntax::ast::{Covers, GuardLineKind, ItemKind, TestStepKind};
use play_syntax::{format, parse};

/// What is said of a text, as it is shown.
fn said(text: &str) -> String {
    let parsed = parse(0, text);
    let files = [FileName { path: "test.play".into(), text: text.into() }];
    render(&parsed.diagnostics, &files, Style::default())
}

/// Where and with which code something is said: `3:7 P1001`.
fn places(text: &str) -> Vec<String> {
    let place = |at: u32| {
        let before = text.get(..at as usize).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        (line, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
    };
    let parsed = parse(0, text);
    let shown = parsed.diagnostics.iter().map(|d| {
        let (line, column) = place(d.place().start);
        format!("{line}:{column} {}", d.code)
    });
    shown.collect()
}

#[test]
fn files_that_are_accepted() {
    insta::glob!("accepted/*.play", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(said(&text), "");
        assert!(parse(0, &text).file.items.len() > 5);
    });
}

#[test]
fn files_that_are_refused() {
    insta::glob!("refused/*.play", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(format(&text).is_err(), "the formatter touched it");
        insta::assert_snapshot!(said(&text));
    });
}

#[test]
fn three_mistakes_give_three_errors_at_their_places() {
    let text = "\
playbook p for A {
  let x = (1 + ) * 2
  note x
  if x > 3 {
    set severity High because \"x\"
  } else {
    note \"y\"
  }
  match x {
    1 => note \"a\"
    2 note \"b\"
    _ => close B because \"c\"
  }
  close B
}
";
    assert_eq!(places(text), ["2:16 P1001", "5:18 P1001", "11:7 P1001"]);
}

#[test]
fn a_mistake_in_one_item_leaves_the_others_whole() {
    let text = "case A { host String }\nfn f() -> Int { 3 + }\ntest \"t\" {\n run\n}\nenum E { X, 3, Y }\n";
    assert_eq!(places(text), ["1:15 P1001", "2:21 P1001", "4:5 P1001", "6:13 P1001"]);
    assert_eq!(parse(0, text).file.items.len(), 4);
}

#[test]
fn what_was_named_before_the_mistake_stays_known() {
    let text = "fn f() -> Int {\n  let x = )\n  x\n}\n";
    let parsed = parse(0, text);
    assert!(crate::shape::placeless(&parsed.file).contains("text: \"x\""));
    assert_eq!(places(text).len(), 1);
    let text = "source s from feed(\"x\") -> A {\n  map {\n    a = 3 3\n    b = 4\n  }\n}\n";
    let parsed = parse(0, text);
    let Some(ItemKind::Source(s)) = parsed.file.items.first().map(|i| &i.kind) else { panic!("no source") };
    let names: Vec<_> = s.maps[0].fields.iter().map(|(n, _)| n.text.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn a_bracket_that_is_never_closed_is_one_error_at_the_likely_one() {
    assert_eq!(
        places("playbook p for A {\n  if a {\n    note \"x\"\n  close B\n}\nfn g() -> Int { 3 }\n"),
        ["2:8 P1006"]
    );
    assert_eq!(
        places("playbook p for A {\n  let x = f(a, [b\n  note \"x\"\n  close 5\n}\n"),
        ["2:12 P1006", "4:9 P1001"]
    );
    assert_eq!(places("fn f( -> Int { 3 }\nfn g() -> Int { 3 }\n"), ["1:5 P1006"]);
    assert_eq!(places("case A {\n  a: Int\n"), ["1:8 P1006"]);
}

#[test]
fn a_bracket_too_many_is_one_error() {
    assert_eq!(
        places("playbook p for A {\n  if a { b }\n  }\n  close B\n}\nfn g() -> Int { 3 }\n"),
        ["3:3 P1007"]
    );
    assert_eq!(places("fn g() -> Int { 3) }\n"), ["1:18 P1007"]);
}

#[test]
fn a_forgotten_quote_spoils_its_line_only() {
    assert_eq!(places("playbook p for A {\n  note \"a {b\n  close 3\n}\n"), ["2:8 P1002", "3:9 P1001"]);
}

#[test]
fn documentation_goes_to_what_it_stands_above() {
    let text = "//! File.\n//! More.\n\n/// A case.\ncase A {\n  // not this\n  /// A field.\n  a: Int\n}\n";
    let parsed = parse(0, text);
    assert_eq!(parsed.file.doc, ["File.", "More."]);
    let item = &parsed.file.items[0];
    assert_eq!(item.doc, ["A case."]);
    let ItemKind::Case(case) = &item.kind else { panic!("no case") };
    assert_eq!(case.fields[0].doc, ["A field."]);
}

#[test]
fn clauses_go_to_the_action_above_them() {
    let text = "\
connector c {
  config { base_url: Url, token: secret String }
  auth header \"X-Key\" config.token
  limit 100 per 1m
  read a(id: String) -> Json
    GET \"/a/{id}\" query { ids: id }
    expect 200 -> body.x[0]?
    expect 404 -> none
    cache 5m
  /// Writes.
  write b(id: String pii) -> Json
    POST \"/b\" header { \"X-A\": \"b\" } json { a: { b: [1, { c: 2 }] }, d: {} }
    expect 204
    undo a(id)
    idempotent by id
    class contain
    timeout 10s
}
";
    let parsed = parse(0, text);
    assert_eq!(said(text), "");
    let ItemKind::Connector(c) = &parsed.file.items[0].kind else { panic!("no connector") };
    assert_eq!(c.config.len(), 2);
    assert_eq!(c.config[1].labels[0].text, "secret");
    assert_eq!(c.auth.as_ref().unwrap().args.len(), 2);
    assert!(c.limit.is_some());
    let [a, b] = c.actions.as_slice() else { panic!("not two actions") };
    assert!(!a.write && b.write);
    assert_eq!((a.expect.len(), a.query.len()), (2, 1));
    assert!(a.cache.is_some());
    assert_eq!(b.doc, ["Writes."]);
    assert!(b.undo.is_some() && b.idempotent.is_some() && b.class.is_some() && b.timeout.is_some());
    assert!(b.expect[0].value.is_none());
    let json = crate::shape::expr(b.json.as_ref().unwrap());
    assert_eq!(json, "{a:{b:[1 {c:2}]} d:{}}");
}

#[test]
fn whole_items_that_are_not_there_yet_are_skipped() {
    let text = "taxonomy s { y }\ntaxonomy t { x }\ntype T = {String: Int}\ntype R = Int 0..100\n\
                playbook p for A controls x.y, x.z before q limit 3 {\n  close B\n}\nenum E { A(n: Int), B }\n";
    assert_eq!(said(text), "");
    let items = parse(0, text).file.items;
    let not_yet = items.iter().filter(|i| matches!(i.kind, ItemKind::NotYet { .. })).count();
    assert_eq!((items.len(), not_yet), (6, 2));
    let ItemKind::Playbook(p) = &items[4].kind else { panic!("no playbook") };
    assert_eq!(p.not_yet.iter().map(|n| n.text.as_str()).collect::<Vec<_>>(), ["limit"]);
    assert_eq!((p.controls.len(), p.before.len()), (2, 1));
}

#[test]
fn controls_roles_and_queues() {
    let text = "controls acme {\n  /// When in doubt, ask.\n  IR_1\n  IR_2, IR_3\n}\n/// Decides.\nrole soc_lead\nqueue tier2\nconst a = 1\n";
    assert_eq!(said(text), "");
    let items = parse(0, text).file.items;
    let ItemKind::Controls(c) = &items[0].kind else { panic!("no controls") };
    assert_eq!(c.controls.iter().map(|n| n.text.as_str()).collect::<Vec<_>>(), ["IR_1", "IR_2", "IR_3"]);
    assert!(matches!(&items[1].kind, ItemKind::Role(n) if n.text == "soc_lead"));
    assert_eq!(items[1].doc, ["Decides."]);
    assert!(matches!(&items[2].kind, ItemKind::Queue(n) if n.text == "tier2"));
}

#[test]
fn every_line_of_a_guard() {
    let text = "\
guard g for A covers a.b, a.c {
  never   when x in y
  limit   20 per 1h
  allow   when (x else false)
    and z else w
  else    approval from role.lead within 2h else refuse
}
guard h covers class contain { limit 1 per 1m  allow  else refuse }
guard i covers class.act { allow when x else y else refuse }
";
    assert_eq!(said(text), "");
    let items = parse(0, text).file.items;
    let ItemKind::Guard(g) = &items[0].kind else { panic!("no guard") };
    assert_eq!((g.name.text.as_str(), g.case.as_ref().unwrap().text.as_str()), ("g", "A"));
    assert!(matches!(&g.covers, Covers::Actions(all) if all.len() == 2));
    let [never, limit, allow, approval] = g.lines.as_slice() else { panic!("not four lines") };
    assert!(matches!(&never.kind, GuardLineKind::Never(_)));
    assert!(matches!(&limit.kind, GuardLineKind::Limit { .. }));
    let GuardLineKind::Allow(Some(when)) = &allow.kind else { panic!("no condition") };
    assert_eq!(crate::shape::expr(when), "(else (and (else x false) z) w)");
    assert!(matches!(&approval.kind, GuardLineKind::Approval { from, .. } if from.name.text == "lead"));
    let ItemKind::Guard(h) = &items[1].kind else { panic!("no guard") };
    assert!(matches!(&h.covers, Covers::Class(c) if c.text == "contain"));
    let kinds: Vec<_> = h.lines.iter().map(|l| &l.kind).collect();
    assert!(matches!(
        kinds.as_slice(),
        [GuardLineKind::Limit { .. }, GuardLineKind::Allow(None), GuardLineKind::Refuse]
    ));
    let ItemKind::Guard(i) = &items[2].kind else { panic!("no guard") };
    assert!(matches!(&i.covers, Covers::Actions(all) if all.len() == 1));
    assert_eq!(i.lines.len(), 2);
}

#[test]
fn every_line_of_a_test() {
    let text = "\
test \"t\" {
  given A { a: 1 }
  given x.y(_, 1) returns R { b: 2 } after 100ms
  given x.y fails Timeout
  given x.y(_) is lost
  given config.own = [1]
  run p
  expect closed B
  expect handed over
  expect handed over to queue.a
  expect did x.y
  expect never x.y(1, _)
  expect in doubt x.y
  expect because contains \"a\"
  expect noted \"b\"
  expect elapsed == 5s
  expect refused x.y by guard g
  expect case.a == 1
}
";
    assert_eq!(said(text), "");
    let items = parse(0, text).file.items;
    let ItemKind::Test(t) = &items[0].kind else { panic!("no test") };
    let kinds: Vec<String> =
        t.steps.iter().map(|s| format!("{:?}", s.kind).split(['(', ' ']).next().unwrap().into()).collect();
    assert_eq!(
        kinds,
        [
            "GivenCase",
            "GivenStub",
            "GivenStub",
            "GivenStub",
            "GivenConfig",
            "Run",
            "ExpectClosed",
            "ExpectHandedOver",
            "ExpectHandedOver",
            "ExpectAct",
            "ExpectAct",
            "ExpectInDoubt",
            "ExpectBecause",
            "ExpectNoted",
            "ExpectElapsed",
            "ExpectRefused",
            "ExpectThat"
        ]
    );
    let TestStepKind::GivenStub { args: Some(args), .. } = &t.steps[1].kind else { panic!("no stub") };
    assert!(args[0].is_none() && args[1].is_some());
}

/// What a file says of a role or a queue elsewhere is in its tokens: no comment, no text, no longer name.
#[test]
fn a_target_without_its_kind_is_what_the_file_speaks_of() {
    let first = |elsewhere: &str| {
        let text = format!("procedure p() {{ hand over to tier2 because \"x\" }}\n{elsewhere}\n");
        let found = parse(0, &text).diagnostics;
        found[0].fixes[0].title.clone()
    };
    assert_eq!(first("procedure q() { hand over to role.tier2 because \"x\" }"), "Write `role.tier2`");
    for other in [
        "// role.tier2",
        "const a = \"role.tier2\"",
        "procedure q() { hand over to role.tier22 because \"x\" }",
    ] {
        assert_eq!(first(other), "Write `queue.tier2`", "{other}");
    }
}

#[test]
fn what_is_wanted_behind_an_operator_is_a_value() {
    for (text, wanted) in [
        ("const a = 1 +\n", "expected a value"),
        ("const a = x else else 2\n", "expected a value, found `else`"),
        ("const a = f(x, y -)\n", "expected a value, found `)`"),
        ("const a = (1 * )\n", "expected a value, found `)`"),
        ("fn f(n: Int) -> Int { if n == { 1 } else { 2 } }\n", "expected a value, found `{`"),
        ("fn f(n: Int) -> Int { if n == 1 { 1 } else: 2 }\n", "expected a value or `{`, found `:`"),
        ("const a = 1 == or 2\n", "expected a value, found `or`"),
        ("const a = 3 * as Int\n", "expected a value, found `as`"),
        ("const a = R { \"x\": 1 }\n", "expected a field such as `name: value`, found a string"),
        ("const a = logins.filter(else 1 else 2 l => 3)\n", "expected a value"),
    ] {
        let said = said(text);
        assert!(said.contains(wanted), "{text}{said}");
        assert!(!said.contains("P1008"), "{text}{said}");
    }
}
