//! A fix that is offered does what it says: the source after it has one finding less.

#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop"
)]

use play_check::{Input, check};
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::artifact::SourceFile;

fn findings(text: &str) -> Vec<Diagnostic> {
    let file = SourceFile { path: "test.play".into(), text: text.into() };
    check(&Input { project: "test".into(), files: vec![file] }, &play_stdlib::module).diagnostics
}

/// The only finding of a source, its first fix applied.
#[track_caller]
fn fixed(text: &str) -> String {
    let found = findings(text);
    let messages: Vec<_> = found.iter().map(|d| &d.message).collect();
    let [only] = found.as_slice() else { panic!("one finding is expected: {messages:?}") };
    let mut edits = only.fixes.first().expect("a fix").edits.clone();
    edits.sort_by_key(|e| std::cmp::Reverse(e.place.start));
    let mut text = text.to_string();
    for edit in edits {
        text.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    // A text that a person is to write is asked for once more.
    let todo = |d: &Diagnostic| d.code == codes::P9019;
    let left: Vec<_> = findings(&text).into_iter().filter(|d| !todo(d)).map(|d| d.message).collect();
    assert!(left.is_empty(), "{left:?} in\n{text}");
    text
}

macro_rules! fixes {
    ($($name:ident $before:literal => $after:literal)*) => {
        $(#[test] fn $name() { assert_eq!(fixed($before), $after); })*
    };
}

fixes! {
    quotes "const a: Ip = \"192.0.2.1\"" => "const a: Ip = 192.0.2.1"
    host_bits "const a = 10.1.2.3/8" => "const a = 10.0.0.0/8"
    a_misspelt_member "const a: Severity = Hihg" => "const a: Severity = High"
    a_misspelt_name "const abcde = 1\nconst b = abcdf" => "const abcde = 1\nconst b = abcde"
    a_newtype "type Host = String\nfn host(s: String) -> Host { s }" => "type Host = String\nfn host(s: String) -> Host { Host(s) }"
    what_a_newtype_is_made_of "type Host = String\nfn text(h: Host) -> String { h }"
        => "type Host = String\nfn text(h: Host) -> String { h.value }"
    a_list "fn one(n: Int) -> [Int] { n }" => "fn one(n: Int) -> [Int] { [n] }"
    parentheses "fn low(s: String) -> String { s.lower }" => "fn low(s: String) -> String { s.lower() }"
    no_parentheses "fn len(s: String) -> Int { s.len() }" => "fn len(s: String) -> Int { s.len }"
    no_question_mark "fn len(s: String) -> Int { s?.len }" => "fn len(s: String) -> Int { s.len }"
    a_pattern "fn web(s: String) -> Bool { s matches \"^web/\" }" => "fn web(s: String) -> Bool { s matches /^web\\// }"
    a_condition "fn yes(b: Bool?) -> Bool { not b }" => "fn yes(b: Bool?) -> Bool { not (b else false) }"
    a_text_that_joins "fn all(xs: [String]) -> String { \", \".join(xs) }" => "fn all(xs: [String]) -> String { xs.join(\", \") }"
    a_name_of_another_language "fn bare(s: String) -> String { s.strip() }" => "fn bare(s: String) -> String { s.trim() }"
    unused "fn one(n: Int) -> Int { 1 }" => "fn one(_n: Int) -> Int { 1 }"
    a_reason "case A { h: Int }\nplaybook p for A { close FalsePositive }"
        => "case A { h: Int }\nplaybook p for A { close FalsePositive because \"TODO\" }"
    a_do "use std.connectors.okta\ncase A { u: OktaUserId }\nguard g covers okta.suspend { allow }\nplaybook p for A {\n  okta.suspend(case.u) for 4h else none\n  close FalsePositive because \"x\"\n}"
        => "use std.connectors.okta\ncase A { u: OktaUserId }\nguard g covers okta.suspend { allow }\nplaybook p for A {\n  do okta.suspend(case.u) for 4h else none\n  close FalsePositive because \"x\"\n}"
    no_do "use std.connectors.okta\ncase A { u: OktaUserId }\nplaybook p for A {\n  let u = do okta.user(case.u) else none\n  close FalsePositive because \"{u.is_some}\"\n}"
        => "use std.connectors.okta\ncase A { u: OktaUserId }\nplaybook p for A {\n  let u = okta.user(case.u) else none\n  close FalsePositive because \"{u.is_some}\"\n}"
    a_failure "use std.connectors.okta\ncase A { u: OktaUserId }\nplaybook p for A {\n  let u = okta.user(case.u)\n  close FalsePositive because \"{u?.status else \"-\"}\"\n}"
        => "use std.connectors.okta\ncase A { u: OktaUserId }\nplaybook p for A {\n  let u = okta.user(case.u) else none\n  close FalsePositive because \"{u?.status else \"-\"}\"\n}"
    an_or_behind_a_call "use std.connectors.okta\ncase A { u: OktaUserId }\nplaybook p for A {\n  let u = okta.user(case.u) or none\n  close FalsePositive because \"{u?.status else \"-\"}\"\n}"
        => "use std.connectors.okta\ncase A { u: OktaUserId }\nplaybook p for A {\n  let u = okta.user(case.u) else none\n  close FalsePositive because \"{u?.status else \"-\"}\"\n}"
    an_or_behind_a_conversion "case A { n: Int }\nsource a from feed(\"a\") -> A { map { n = payload.n as Int or 0 } }\nplaybook p for A { close FalsePositive because \"{case.n}\" }"
        => "case A { n: Int }\nsource a from feed(\"a\") -> A { map { n = payload.n as Int else 0 } }\nplaybook p for A { close FalsePositive because \"{case.n}\" }"
    a_class_by_its_initials "case A { h: Int }\nplaybook p for A { close FP because \"x\" }"
        => "case A { h: Int }\nplaybook p for A { close FalsePositive because \"x\" }"
    a_class_by_its_first_word "case A { h: Int }\nplaybook p for A { close benign because \"x\" }"
        => "case A { h: Int }\nplaybook p for A { close BenignPositive because \"x\" }"
    a_module_nearly "use std.connectors.octa\nfn id(u: OktaUserId) -> String { u.value }"
        => "use std.connectors.okta\nfn id(u: OktaUserId) -> String { u.value }"
    a_number_as_text "fn text(n: Int) -> String { n }" => "fn text(n: Int) -> String { \"{n}\" }"
    an_option_in_text "fn text(s: String?) -> String { \"it is {s}\" }" => "fn text(s: String?) -> String { \"it is {s else \"unknown\"}\" }"
    a_list_in_text "fn text(s: [String]) -> String { \"they are {s}\" }" => "fn text(s: [String]) -> String { \"they are {s.join(\", \")}\" }"
    a_place_in_a_map "case A { h: Int }\nsource a from feed(\"a\") -> A { map { h = payload.h } }\nplaybook p for A { close FalsePositive because \"x\" }"
        => "case A { h: Int }\nsource a from feed(\"a\") -> A { map { h = payload.h as Int? } }\nplaybook p for A { close FalsePositive because \"x\" }"
    a_place_that_may_be_none "case A { h: Int? }\nsource a from feed(\"a\") -> A { map { h = payload.h } }\nplaybook p for A { close FalsePositive because \"x\" }"
        => "case A { h: Int? }\nsource a from feed(\"a\") -> A { map { h = payload.h as Int else none } }\nplaybook p for A { close FalsePositive because \"x\" }"
    a_conversion_that_may_be_none "case A { h: Int? }\nsource a from feed(\"a\") -> A { map { h = payload.h as Int } }\nplaybook p for A { close FalsePositive because \"x\" }"
        => "case A { h: Int? }\nsource a from feed(\"a\") -> A { map { h = payload.h as Int else none } }\nplaybook p for A { close FalsePositive because \"x\" }"
    a_record_given_up_in_parentheses "case A { h: Int? }\nsource a from feed(\"a\") -> A { map { h = (payload.h as Int?) } }\nplaybook p for A { close FalsePositive because \"x\" }"
        => "case A { h: Int? }\nsource a from feed(\"a\") -> A { map { h = (payload.h as Int else none) } }\nplaybook p for A { close FalsePositive because \"x\" }"
    a_record_given_up_before_a_dot "case A { h: Bool }\nsource a from feed(\"a\") -> A { map { h = (payload.h as String).len > 3 } }\nplaybook p for A { close FalsePositive because \"x\" }"
        => "case A { h: Bool }\nsource a from feed(\"a\") -> A { map { h = (payload.h as String?).len > 3 } }\nplaybook p for A { close FalsePositive because \"x\" }"
    fields_of_a_map "case A { h: Int, i: String, j: Ip }\nsource a from feed(\"a\") -> A {\n  map {\n    h = payload.h as Int?\n  }\n}\nplaybook p for A { close FalsePositive because \"x\" }"
        => "case A { h: Int, i: String, j: Ip }\nsource a from feed(\"a\") -> A {\n  map {\n    h = payload.h as Int?\n    i = payload.i as String?\n    j = payload.j as Ip?\n  }\n}\nplaybook p for A { close FalsePositive because \"x\" }"
    an_else_in_a_comparison "fn f(x: Int?) -> Bool { x else 0 > 5 }" => "fn f(x: Int?) -> Bool { (x else 0) > 5 }"
    an_else_of_the_last_operand "fn f(x: Int?) -> Int { 1 + x else 0 }" => "fn f(x: Int?) -> Int { 1 + (x else 0) }"
    an_else_before_a_condition "fn f(x: Int?, y: Bool) -> Bool { x else 0 > 5 and y }" => "fn f(x: Int?, y: Bool) -> Bool { (x else 0) > 5 and y }"
    an_answer_compared "case A { h: Int }\nplaybook p for A {\n  let a = ask role.lead \"?\" { Yes, No } within 1h else No because \"x\"\n  if a == Yes { note \"y\" }\n  close FalsePositive because \"x\"\n}"
        => "case A { h: Int }\nplaybook p for A {\n  let a = ask role.lead \"?\" { Yes, No } within 1h else No because \"x\"\n  if a.choice == Yes { note \"y\" }\n  close FalsePositive because \"x\"\n}"
    an_answer_in_another_case "case A { h: Int }\nplaybook p for A {\n  let a = ask role.lead \"?\" { Yes, No } within 1h else No because \"x\"\n  if a.choice == yes { note \"y\" }\n  close FalsePositive because \"x\"\n}"
        => "case A { h: Int }\nplaybook p for A {\n  let a = ask role.lead \"?\" { Yes, No } within 1h else No because \"x\"\n  if a.choice == Yes { note \"y\" }\n  close FalsePositive because \"x\"\n}"
    arms_in_lines "case A { h: Bool }\nplaybook p for A {\n  match case.h {\n    true => note \"a\"\n  }\n  close FalsePositive because \"x\"\n}"
        => "case A { h: Bool }\nplaybook p for A {\n  match case.h {\n    true => note \"a\"\n    false => { }\n  }\n  close FalsePositive because \"x\"\n}"
    arms_in_a_line "case A { h: Bool }\nplaybook p for A {\n  match case.h { true => note \"a\" }\n  close FalsePositive because \"x\"\n}"
        => "case A { h: Bool }\nplaybook p for A {\n  match case.h { true => note \"a\", false => { } }\n  close FalsePositive because \"x\"\n}"
}

/// Each of them takes thousands of tries to find what was meant, and of so many nobody reads it; of the same one it is known.
#[test]
fn a_few_wrong_modules_are_compared_with_those_that_there_are() {
    let mended = |text: &str| findings(text).iter().filter(|d| !d.fixes.is_empty()).count();
    assert_eq!(mended(&"use std.connectors.octa\n".repeat(200)), 200);
    let wrong =
        |n: usize| format!("use std.connectors.okt{}\n", char::from(b'b' + u8::try_from(n % 25).unwrap()));
    assert_eq!(mended(&(0..25).map(wrong).collect::<String>()), 20);
}

/// An `else` that is put in takes what an operator behind it goes on with.
#[test]
fn no_else_is_put_before_an_operator() {
    for value in ["okta.user(case.u) or case.b", "okta.user(case.u) == \"x\""] {
        let found = findings(&format!(
            "use std.connectors.okta\ncase A {{ u: OktaUserId, b: Bool }}\nplaybook p for A {{\n  if {value} {{ note \"x\" }}\n  close FalsePositive because \"x\"\n}}"
        ));
        let call = found.iter().find(|d| d.code == codes::P4001).expect("the call can fail");
        assert!(call.fixes.is_empty(), "{value}: {:?}", call.fixes);
    }
}
