//! Every code has a page, and the page is true: its first example raises the code and no other, its second raises nothing.

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_diagnostics::Severity;
use play_diagnostics::registry::ALL;

/// The blocks of a page that are marked so.
fn blocks(page: &str, mark: &str) -> Vec<String> {
    let (mut found, mut inside) = (Vec::new(), None);
    for line in page.lines() {
        match &mut inside {
            None if line == format!("```play {mark}") => inside = Some(String::new()),
            None => {}
            Some(_) if line == "```" => found.extend(inside.take()),
            Some(text) => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    found
}

fn codes(text: &str) -> Vec<(String, Severity, String)> {
    let workspace = of_text("page", text).unwrap_or_default();
    let mut checked = check_workspace(&workspace, &play_stdlib::module);
    checked.diagnostics.extend(checked.program.iter().flat_map(play_reference::constants::findings));
    checked.diagnostics.iter().map(|d| (d.code.to_string(), d.severity, d.message.clone())).collect()
}

#[test]
fn what_a_page_says_is_true() {
    let mut wrong = Vec::new();
    for entry in ALL {
        let code = entry.code.as_str();
        let (raises, fine) = (blocks(entry.page, "raises"), blocks(entry.page, "fine"));
        assert!(!raises.is_empty() && !fine.is_empty(), "{code} lacks an example");
        for example in raises {
            let found = codes(&example);
            // A parser may have to say more than one thing of a text; what is checked has one thing wrong.
            let alone = code.starts_with("P1") || found.iter().all(|(c, _, _)| c == code);
            if !alone || !found.iter().any(|(c, _, _)| c == code) {
                wrong
                    .push(format!("{code} should be what this raises, but it raises {found:#?}:\n{example}"));
            }
        }
        for example in fine {
            let found = codes(&example);
            if !found.is_empty() {
                wrong.push(format!(
                    "on the page of {code} this should be fine, but it raises {found:#?}:\n{example}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
