//! What is offered as a fix mends: of the examples of every page, those that are safe leave nothing behind, and those that are not
//! leave at least a text that can be read, without that finding.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may stop")]

use play_check::workspace::{Workspace, of_text};
use play_check::{Checked, check_workspace};
use play_diagnostics::fixes::{self, Which};
use play_diagnostics::registry::ALL;

fn check(workspace: &Workspace) -> Checked {
    let mut checked = check_workspace(workspace, &play_stdlib::module);
    checked.diagnostics.extend(checked.program.iter().flat_map(play_reference::constants::findings));
    checked
}

/// Makes fixes until there are none any more.
fn mended(mut workspace: Workspace, which: Which) -> (Workspace, Checked, usize) {
    let (mut made, mut checked) = (0, check(&workspace));
    for _ in 0..20 {
        let fixed = fixes::apply(&checked.diagnostics, &checked.files, which, |_| true);
        if fixed.files.is_empty() {
            return (workspace, checked, made);
        }
        made += fixed.of.len();
        for (index, text) in fixed.files {
            let path = checked.files[index].path.clone();
            for package in &mut workspace.packages {
                if let Some(manifest) = package.manifest.as_mut().filter(|m| m.path == path) {
                    manifest.text.clone_from(&text);
                }
                for file in package.files.iter_mut().filter(|f| f.shown == path) {
                    file.text = text.as_str().into();
                }
            }
        }
        checked = check(&workspace);
    }
    panic!("there is no end to the fixes");
}

fn examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().flat_map(|entry| {
        let blocks = entry.page.split("```play raises\n").skip(1);
        blocks.map(|block| (entry.code.as_str(), block.split("```\n").next().unwrap()))
    })
}

fn shown(workspace: &Workspace) -> String {
    workspace.packages.iter().flat_map(|p| &p.files).map(|f| &*f.text).collect::<Vec<_>>().join("\n---\n")
}

#[test]
fn where_a_safe_fix_exists_the_fixed_file_is_clean() {
    let (mut wrong, mut codes) = (Vec::new(), Vec::new());
    for (code, example) in examples() {
        let workspace = of_text("page", example).unwrap_or_default();
        let (workspace, checked, made) = mended(workspace, Which::Safe);
        if made == 0 {
            continue;
        }
        codes.push(code);
        if !checked.diagnostics.is_empty() {
            wrong.push(format!("{code}: {:#?}\n{}", checked.diagnostics, shown(&workspace)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(codes.join(" "));
}

#[test]
fn no_fix_makes_a_text_that_cannot_be_read() {
    let (mut wrong, mut codes) = (Vec::new(), Vec::new());
    for (code, example) in examples() {
        let workspace = of_text("page", example).unwrap_or_default();
        let was_readable = !check(&workspace).diagnostics.iter().any(|d| d.code.as_str().starts_with("P1"));
        let (workspace, checked, made) = mended(workspace, Which::All);
        if made == 0 {
            continue;
        }
        codes.push(code);
        let unreadable =
            checked.diagnostics.iter().any(|d| d.is_error() && d.code.as_str().starts_with("P1"));
        let same = checked.diagnostics.iter().any(|d| d.code.as_str() == code);
        if was_readable && unreadable || same {
            wrong.push(format!("{code}: {:#?}\n{}", checked.diagnostics, shown(&workspace)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(codes.join(" "));
}
