//! The pages of the syntax codes are true: the one example raises the code and no other, the other example parses.

use play_diagnostics::registry::ALL;
use play_syntax::parse;

fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```play {kind}\n");
    page.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn examples_raise_what_they_say() {
    for entry in ALL.iter().filter(|e| e.code.as_str().starts_with("P1")) {
        let raised = |text: &str| -> Vec<_> { parse(0, text).diagnostics.iter().map(|d| d.code).collect() };
        for text in blocks(entry.page, "raises") {
            let mut codes = raised(text);
            codes.dedup();
            assert_eq!(codes, [entry.code], "{text}");
        }
        for text in blocks(entry.page, "fine") {
            assert_eq!(raised(text), [], "{}: {text}", entry.code);
        }
    }
}
