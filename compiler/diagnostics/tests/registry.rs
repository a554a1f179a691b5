//! The registry and its pages.

use play_diagnostics::explain;
use play_diagnostics::registry::ALL;

#[test]
fn every_page_shows_an_example_that_raises_the_code_and_one_that_does_not() {
    for entry in ALL {
        for block in ["```play raises\n", "```play fine\n"] {
            assert!(entry.page.contains(block), "{} has no {block}", entry.code);
        }
        let fences = entry.page.lines().filter(|l| l.starts_with("```")).count();
        assert_eq!(fences % 2, 0, "{}: a code block is not closed", entry.code);
        let why = entry.page.split("```").next().unwrap_or("").trim();
        assert!(!why.is_empty(), "{} does not say why", entry.code);
    }
}

#[test]
fn codes_are_in_order_and_each_is_there_once() {
    for pair in ALL.windows(2) {
        assert!(pair[0].code < pair[1].code, "{} comes before {}", pair[0].code, pair[1].code);
    }
}

#[test]
fn every_page_on_disk_is_in_the_registry() {
    for page in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/codes")).unwrap() {
        let path = page.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap();
        assert!(explain(code).is_some(), "{} is in no registry line", path.display());
    }
}

#[test]
fn explain_takes_a_code_in_either_case() {
    assert_eq!(explain("p0001").map(|e| e.code.as_str()), Some("P0001"));
    assert!(explain("P9998").is_none());
}
