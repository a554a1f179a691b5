//! The manual is true: each block of Play in it is checked, each command is run and its output compared, each link leads
//! somewhere.
//!
//! Blocks are marked by what follows the fence:
//!
//! - `play check`: a whole file that must check without a word;
//! - `play check mine/mine.play`: the same, and it is written there for the commands of the page that follow;
//! - `play raises P3004`: must raise that code;
//! - `play fragment`: not checked;
//! - `console`: lines after `$` are run, and what follows each is its output on stdout. `…` in it stands for anything; a line of
//!   `…` alone for any number of lines. All such blocks of a page run one after the other in one folder that holds a copy of
//!   the examples. A command must exit with 0, in a block marked `console fails` with 1. `cargo run --` means `playc`;
//!   other `cargo` commands are not run. `cd FOLDER` holds for all commands of the page that follow.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use play_check::check_workspace;
use play_check::workspace::of_text;
use play_tests::playc;
use play_tests::playc::root;
use play_tests::tree;

/// The database of the manual. For the tests, another stands in for it.
const DATABASE: &str = "postgres://play@db.example/evidence";

/// The one that stands in: a place on the tests' own server.
fn database() -> &'static str {
    static PLACE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PLACE.get_or_init(play_tests::postgres::place)
}

/// A fenced block of a page.
struct Block {
    /// What follows the fence.
    mark: String,
    text: String,
    /// Where it begins: `docs/tour.md:12`
    at: String,
}

/// Path below the root and text of every page of the manual.
fn pages() -> Vec<(String, String)> {
    let mut paths = vec!["README.md".to_string(), "CONTRIBUTING.md".to_string()];
    paths.extend(below("docs"));
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        paths.push(format!("examples/{name}/README.md"));
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| (path.clone(), std::fs::read_to_string(root().join(path)).unwrap()))
        .collect()
}

/// The paths of all pages in a folder and below.
fn below(folder: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            paths.extend(below(&path));
        } else if path.ends_with(".md") {
            paths.push(path);
        }
    }
    paths
}

/// The fenced blocks of a page.
fn blocks(path: &str, page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, Some(mark)) => {
                let at = format!("{path}:{}", index + 1);
                open = Some(Block { mark: mark.trim().to_string(), text: String::new(), at });
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{path}: a block is not closed");
    found
}

fn all_blocks() -> Vec<Block> {
    pages().iter().flat_map(|(path, page)| blocks(path, page)).collect()
}

/// The codes that a block of Play raises, and all that is said of it.
fn findings(text: &str) -> (Vec<String>, String) {
    let workspace = of_text("manual", text).unwrap();
    let mut checked = check_workspace(&workspace, &play_stdlib::module);
    checked.diagnostics.extend(checked.program.iter().flat_map(play_reference::constants::findings));
    let style = play_diagnostics::text::Style { plain: true, ..Default::default() };
    let said = play_diagnostics::text::render(&checked.diagnostics, &checked.files, style);
    (checked.diagnostics.iter().map(|d| d.code.to_string()).collect(), said)
}

#[test]
fn every_block_of_play_is_what_its_mark_says() {
    let mut wrong = String::new();
    let mut checked = 0;
    for block in all_blocks() {
        let words: Vec<&str> = block.mark.split_whitespace().collect();
        match words.as_slice() {
            ["play", "check"] | ["play", "check", _] => {
                checked += 1;
                let (codes, said) = findings(&block.text);
                if !codes.is_empty() {
                    let _ = writeln!(wrong, "{} should check without a word:\n{said}", block.at);
                }
            }
            ["play", "raises", code] => {
                checked += 1;
                let (codes, said) = findings(&block.text);
                if codes.iter().any(|c| c != code) || codes.is_empty() {
                    let _ = writeln!(wrong, "{} should raise {code} and nothing else:\n{said}", block.at);
                }
            }
            ["play", "fragment"] => {}
            ["play", ..] => {
                let _ = writeln!(wrong, "{}: mark `{}` is not known", block.at, block.mark);
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(checked >= 20, "only {checked} blocks were found");
}

#[test]
fn every_block_of_play_keeps_its_tree_when_it_is_formatted() {
    let mut formatted = 0;
    for block in all_blocks().iter().filter(|b| b.mark.starts_with("play")) {
        let workspace = of_text("manual", &block.text).unwrap();
        for file in workspace.packages.iter().flat_map(|p| &p.files) {
            // What is wrong in its form is left as it is.
            if !play_syntax::parse(0, &file.text).diagnostics.is_empty() {
                continue;
            }
            formatted += 1;
            if let Err(why) = tree::formatted(&file.text) {
                panic!("{}: {why}", block.at);
            }
        }
    }
    assert!(formatted >= 40, "only {formatted} texts");
}

/// A command and the output that the page shows for it.
struct Shown {
    command: String,
    output: Vec<String>,
    exit: i32,
    at: String,
}

/// What a page has its reader do.
enum Step {
    /// Write a file: path and text.
    Write(String, String),
    /// Run a command.
    Run(Shown),
}

/// What a page has its reader do, in order.
fn steps(path: &str, page: &str) -> Vec<Step> {
    let mut found = Vec::new();
    for block in blocks(path, page) {
        match block.mark.as_str() {
            "console" => found.extend(commands(&block, 0)),
            "console fails" => found.extend(commands(&block, 1)),
            mark => {
                if let Some(file) = mark.strip_prefix("play check ") {
                    found.push(Step::Write(file.to_string(), block.text));
                }
            }
        }
    }
    found
}

/// The commands of a block that are to be run.
fn commands(block: &Block, exit: i32) -> Vec<Step> {
    let mut found: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in block.text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let command = command.replace("cargo run -- ", "playc ");
            let command = match command.contains(DATABASE) {
                true => command.replace(DATABASE, &format!("'{}'", database())),
                false => command,
            };
            inside = !command.starts_with("cargo ");
            if inside {
                found.push(Shown { command, output: Vec::new(), exit, at: block.at.clone() });
            }
        } else if inside {
            found.last_mut().unwrap().output.push(line.to_string());
        }
    }
    found.into_iter().map(Step::Run).collect()
}

/// Whether what was said is what the page shows. A page that shows nothing shows it in short.
fn fits(shown: &[String], said: &[&str]) -> bool {
    match shown {
        [] => said.is_empty(),
        [first, rest @ ..] if first.trim() == "…" => (0..=said.len()).any(|n| fits(rest, &said[n..])),
        [first, rest @ ..] => {
            said.first().is_some_and(|line| fits_line(first, line)) && fits(rest, &said[1..])
        }
    }
}

/// `run …: closed` fits `run 01J9: closed`.
fn fits_line(shown: &str, said: &str) -> bool {
    match shown.split_once('…') {
        None => shown.trim_end() == said.trim_end(),
        Some((before, after)) => said.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(i, _)| i).chain([rest.len()]).any(|i| fits_line(after, &rest[i..]))
        }),
    }
}

#[test]
fn output_fits_with_gaps() {
    let own = |lines: &[&str]| lines.iter().map(|l| (*l).to_string()).collect::<Vec<_>>();
    assert!(fits(&own(&["run …: closed", "…", "end"]), &["run 01J9: closed", "a", "b", "end"]));
    assert!(fits(&own(&["…"]), &[]));
    assert!(!fits(&own(&["run …: closed"]), &["run 01J9: handed over"]));
    assert!(!fits(&own(&["a"]), &["a", "b"]));
    assert!(!fits(&own(&["a", "b"]), &["a"]));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            // Evidence of runs by hand is not part of an example.
            if entry.file_name() != ".play" {
                copy(&entry.path(), &target);
            }
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn every_command_says_what_the_page_shows() {
    let folder = playc::path().parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut wrong = String::new();
    let mut run = 0;
    for (name, page) in pages() {
        let steps = steps(&name, &page);
        if steps.is_empty() {
            continue;
        }
        let place = tempfile::tempdir().unwrap();
        let mut at = place.path().to_path_buf();
        copy(&root().join("examples"), &place.path().join("examples"));
        copy(&root().join("tests/playbooks"), &place.path().join("tests/playbooks"));
        for step in steps {
            let shown = match step {
                Step::Write(file, text) => {
                    let target = place.path().join(file);
                    std::fs::create_dir_all(target.parent().unwrap()).unwrap();
                    std::fs::write(target, text).unwrap();
                    continue;
                }
                Step::Run(shown) => shown,
            };
            run += 1;
            if let Some(folder) = shown.command.strip_prefix("cd ") {
                at = at
                    .join(folder)
                    .canonicalize()
                    .unwrap_or_else(|e| panic!("{}: cd {folder}: {e}", shown.at));
                continue;
            }
            let mut shell = Command::new("bash");
            shell
                .current_dir(&at)
                .env("PATH", &path)
                .env("NO_COLOR", "1")
                .env_remove("GITHUB_STEP_SUMMARY")
                .args(["-c", &shown.command]);
            let out = shell.output().unwrap();
            let said = String::from_utf8(out.stdout).unwrap();
            let lines: Vec<&str> = said.lines().collect();
            // A command without output on the page is only run.
            let compared = shown.output.iter().any(|line| !line.trim().is_empty());
            if out.status.code() != Some(shown.exit) || compared && !fits(&shown.output, &lines) {
                let complained = String::from_utf8_lossy(&out.stderr);
                let (at, command, status) = (shown.at, shown.command, out.status);
                let _ = writeln!(wrong, "{at} shows otherwise: $ {command}\n{said}{complained}({status})\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(run >= 8, "only {run} commands were found");
}

/// The relative links of a page: what stands in `](…)`, outside of blocks.
fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in page.lines() {
        in_block ^= line.starts_with("```");
        if in_block {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            if !target.contains("://") {
                found.push(target.to_string());
            }
        }
    }
    found
}

/// The anchors of a page, as the usual viewers make them out of headings.
fn anchors(page: &str) -> Vec<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let text = line.trim_start_matches('#').trim().to_lowercase();
            let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for (name, page) in pages() {
        let folder = root().join(&name).parent().unwrap().to_path_buf();
        for link in links(&page) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { root().join(&name) } else { folder.join(file) };
            let there = match std::fs::read_to_string(&target) {
                Ok(text) => anchor.is_empty() || anchors(&text).iter().any(|a| a == anchor),
                Err(_) => target.is_dir(),
            };
            if !there {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_site_has_every_page_of_the_manual() {
    let summary = std::fs::read_to_string(root().join("docs/SUMMARY.md")).unwrap();
    let mut listed: Vec<String> = links(&summary).iter().map(|link| format!("docs/{link}")).collect();
    listed.sort();
    let mut there: Vec<String> = below("docs").into_iter().filter(|path| path != "docs/SUMMARY.md").collect();
    there.sort();
    assert_eq!(listed, there, "docs/SUMMARY.md lists each page once");
}

#[test]
fn the_first_page_leads_to_every_page_of_the_manual() {
    let first = std::fs::read_to_string(root().join("docs/README.md")).unwrap();
    let led: Vec<String> = links(&first).iter().map(|link| format!("docs/{link}")).collect();
    let lost = |path: &String| {
        !led.contains(path) && !path.ends_with("/README.md") && !path.ends_with("/SUMMARY.md")
    };
    let lost: Vec<String> = below("docs").into_iter().filter(lost).collect();
    assert!(lost.is_empty(), "docs/README.md does not name {lost:?}");
}

/// `docs/errors.md`, out of the registry.
fn error_index() -> String {
    let mut page = String::from(
        "# Error codes\n\nA code is never reused. `playc explain P0001` shows its page: why, an example that raises it, one that does not.\n\n\
         | code | |\n|---|---|\n",
    );
    for entry in play_diagnostics::registry::ALL {
        let code = entry.code;
        let _ = writeln!(
            page,
            "| [{code}](../compiler/diagnostics/codes/{code}.md) | {} |",
            entry.title.replace('|', "\\|")
        );
    }
    page
}

#[test]
fn the_index_of_errors_is_complete() {
    let path = root().join("docs/errors.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, error_index()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == error_index(),
        "docs/errors.md is stale: UPDATE=1 cargo nextest run -p play-tests errors"
    );
}
