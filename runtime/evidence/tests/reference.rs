//! The tables of `docs/evidence.md` and the registry of kinds are the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

use std::collections::BTreeSet;

use play_evidence::kinds::{self, ChainOf, Origin, Shape};
use play_evidence::line;

const PAGE: &str = include_str!("../../../docs/evidence.md");

/// The rows of the tables under a heading, as cells without their backquotes.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let section = PAGE.split(&format!("\n{heading}\n")).nth(1).expect("the page has the heading");
    let section = section.split("\n#").next().unwrap();
    let table = section.lines().filter(|l| l.starts_with('|')).skip(2);
    table
        .map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect())
        .collect()
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Text => "text",
        Shape::Number => "number",
        Shape::Numbers => "numbers",
        Shape::Value => "value",
        Shape::Blob => "blob",
        Shape::Values => "values",
        Shape::Found => "found",
        Shape::Mapped => "mapped",
        Shape::Parts => "parts",
    }
}

#[test]
fn every_kind_and_field_is_on_the_page_and_no_other() {
    for (heading, chain) in
        [("### The store", ChainOf::Store), ("### The intake", ChainOf::Intake), ("### Runs", ChainOf::Run)]
    {
        let mut kind = String::new();
        let mut on_page = Vec::new();
        for row in rows(heading) {
            let [k, field, origin, shape, meaning] = &row[..] else { panic!("five cells: {row:?}") };
            if !k.is_empty() {
                kind.clone_from(k);
            }
            assert!(!meaning.is_empty(), "{kind} {field}: what does it mean?");
            on_page.push(format!("{kind} {field} {origin} {shape}"));
        }
        let mut declared = Vec::new();
        for k in kinds::all().filter(|k| k.chain() == chain) {
            for f in k.fields() {
                let optional = if f.required { "" } else { "?" };
                let origin = match f.origin {
                    Origin::Input => "input",
                    Origin::Derived => "derived",
                };
                declared.push(format!("{} {}{optional} {origin} {}", k.name(), f.name, shape(f.shape)));
            }
        }
        assert_eq!(on_page, declared, "{heading}");
    }
}

#[test]
fn every_shape_is_explained() {
    let explained: BTreeSet<_> = rows("## What fields hold").into_iter().map(|row| row[0].clone()).collect();
    let used: BTreeSet<_> =
        kinds::all().flat_map(|k| k.fields()).map(|f| shape(f.shape).to_string()).collect();
    assert_eq!(explained, used);
}

#[test]
fn the_common_fields_are_on_the_page() {
    let explained: Vec<_> = rows("## A line").into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(explained, line::COMMON);
}

#[test]
fn the_line_on_the_page_is_one() {
    let shown = PAGE.lines().find(|l| l.starts_with("    {\"at\"")).expect("the page shows a line");
    let whole = format!("{}\n", shown.trim()).replace("81b6…", &format!("81b6{}", "0".repeat(60)));
    let parsed = line::ParsedLine::parse(whole.as_bytes()).unwrap();
    kinds::kind(&parsed.k).unwrap().check_line(&parsed.fields).unwrap();
}
