//! `docs/values.md` says what this crate does: its rows are run, and its table of functions is written out of ours.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may stop")]

use std::fmt::Write as _;
use std::path::PathBuf;

use play_program::builtin::{ALL, EXAMPLE_CONSTANTS};
use play_program::convert::{display, from_plain, from_text, parse_text};
use play_program::types::{Type, TypeTable};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/values.md")
}

fn page() -> String {
    std::fs::read_to_string(path()).unwrap()
}

/// The rows of the tables with this heading, cells without their code marks.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = page();
    let mut rows = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line == heading {
            inside = true;
        } else if !line.starts_with('|') {
            inside = false;
        } else if inside && !line.starts_with("|-") {
            let cells = line.trim_matches('|').split(" | ");
            rows.push(cells.map(|cell| cell.trim_matches(' ').trim_matches('`').to_string()).collect());
        }
    }
    assert!(rows.len() > 5, "no table {heading}");
    rows
}

fn ty(name: &str) -> Type {
    if let Some(of) = name.strip_suffix('?') {
        return Type::Option(Box::new(ty(of)));
    }
    if let Some(of) = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')) {
        return Type::List(Box::new(ty(of)));
    }
    if let Some((key, of)) = name.strip_prefix('{').and_then(|n| n.strip_suffix('}')?.split_once(": ")) {
        return Type::Map(Box::new(ty(key)), Box::new(ty(of)));
    }
    let simple = [
        Type::Bool,
        Type::Int,
        Type::Ranged(0, 100),
        Type::Float,
        Type::String,
        Type::Time,
        Type::Duration,
        Type::Size,
        Type::Ip,
        Type::Cidr,
        Type::Domain,
        Type::Url,
        Type::Email,
        Type::Hash,
        Type::Bytes,
        Type::Date,
        Type::Version,
        Type::Enum(TypeTable::SEVERITY),
    ];
    let types = TypeTable::with_builtins();
    simple.into_iter().find(|ty| types.name(ty) == name).unwrap_or_else(|| panic!("no type {name}"))
}

#[test]
fn text_becomes_what_the_page_says() {
    let types = TypeTable::with_builtins();
    for row in rows("| type | text | becomes |") {
        let ty = ty(&row[0]);
        let shown = from_text(&row[1], &ty, &types).map(|value| display(&value, &ty, &types));
        let number = matches!(ty, Type::Int | Type::Float | Type::Bool);
        assert_eq!(parse_text(&ty, &row[1], &types).is_ok(), shown.is_ok() && !number, "{row:?}");
        match row[2].strip_prefix("refused") {
            Some(_) => assert!(shown.is_err(), "{row:?}"),
            None => assert_eq!(shown.as_ref(), Ok(&row[2]), "{row:?}"),
        }
    }
}

#[test]
fn json_becomes_what_the_page_says() {
    let types = TypeTable::with_builtins();
    for row in rows("| type | JSON | becomes |") {
        let ty = ty(&row[0]);
        let json: serde_json::Value = serde_json::from_str(&row[1]).unwrap();
        let shown = from_plain(&json, &ty, &types).map(|value| display(&value, &ty, &types));
        match row[2].strip_prefix("refused") {
            Some(_) => assert!(shown.is_err(), "{row:?}"),
            None => assert_eq!(shown.as_ref(), Ok(&row[2]), "{row:?}"),
        }
    }
}

#[test]
fn built_in_functions() {
    let mut table = String::from("| function | | for example | |\n|---|---|---|---|\n");
    for builtin in ALL {
        for (n, (expr, result)) in builtin.examples.iter().enumerate() {
            let (signature, doc) = if n == 0 {
                (format!("`{}`", builtin.signature()), builtin.doc)
            } else {
                (String::new(), "")
            };
            let _ = writeln!(table, "| {signature} | {doc} | `{expr}` | `{result}` |");
        }
    }
    let page = page();
    assert!(page.contains(EXAMPLE_CONSTANTS), "the constants of the examples stand on the page");
    let (before, rest) = page.split_once("written by the test of the same name -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let fresh = format!("{before}written by the test of the same name -->\n{table}<!-- end -->{after}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path(), fresh).unwrap();
    } else {
        assert!(page == fresh, "stale: UPDATE=1 cargo nextest run -p play-program --test published");
    }
}
