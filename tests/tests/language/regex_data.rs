//! The test data of the crate `regex`, on `matches`: read from the source of the dependency, wherever cargo keeps it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use play_program::value::Value;
use play_tests::eval::{Outcome, eval};
use play_tests::playc;

/// What `matches` does not do, by design: why a test does not apply.
const REASONS: [&str; 7] = [
    "several patterns at once",
    "a part of the text, or its start only",
    "bytes that are no text",
    "patterns over bytes",
    "another line end",
    "a pattern of more than a mebibyte",
    "another crate, which knows ASCII only",
];

/// The folder of the test data.
fn folder() -> PathBuf {
    let run = |program: std::ffi::OsString, args: &[&str]| {
        let output = Command::new(program).args(args).current_dir(playc::root()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let or = |variable: &str, program: &str| std::env::var_os(variable).unwrap_or_else(|| program.into());
    // What other platforms need may not have been fetched.
    let about = run(or("RUSTC", "rustc"), &["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let shown = run(
        or("CARGO", "cargo"),
        &["metadata", "--format-version", "1", "--offline", "--locked", "--filter-platform", host],
    );
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let packages = shown["packages"].as_array().unwrap();
    let regex = packages.iter().find(|p| p["name"] == "regex").unwrap();
    PathBuf::from(regex["manifest_path"].as_str().unwrap()).with_file_name("testdata")
}

/// A test that applies.
struct Case {
    name: String,
    pattern: String,
    text: String,
    /// `None`: the pattern is none.
    matches: Option<bool>,
    /// Without Unicode: such a pattern may match what is no text, and is refused then.
    ascii: bool,
}

fn case(name: String, test: &toml::Table) -> Result<Case, &'static str> {
    let flag = |name: &str| test.get(name).and_then(toml::Value::as_bool);
    let Some(pattern) = test["regex"].as_str() else { return Err(REASONS[0]) };
    if test.contains_key("bounds") || flag("anchored") == Some(true) {
        return Err(REASONS[1]);
    }
    if flag("utf8") == Some(false) {
        return Err(REASONS[3]);
    }
    if test.contains_key("line-terminator") {
        return Err(REASONS[4]);
    }
    let text = test["haystack"].as_str().unwrap();
    let text = if flag("unescape") == Some(true) { unescaped(text).ok_or(REASONS[2])? } else { text.into() };
    let pattern =
        if flag("case-insensitive") == Some(true) { format!("(?i:{pattern})") } else { pattern.into() };
    let ascii = flag("unicode") == Some(false);
    let pattern = if ascii { format!("(?-u:{pattern})") } else { pattern };
    let matches = match flag("compiles") {
        Some(false) => None,
        _ => Some(!test["matches"].as_array().unwrap().is_empty()),
    };
    Ok(Case { name, pattern, text, matches, ascii })
}

/// `\xFF`, `\n` and the like; `None` when what comes out is no text.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next()? {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            '0' => bytes.push(0),
            'x' => {
                let digits: String = chars.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).ok()?);
            }
            'u' => {
                let code: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                let c = char::from_u32(u32::from_str_radix(&code, 16).ok()?)?;
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    String::from_utf8(bytes).ok()
}

/// A pattern between slashes. An empty one is written as an empty group, a line end as its escape.
fn between_slashes(pattern: &str) -> String {
    let mut written = String::from("/");
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                written.push('\\');
                written.extend(chars.next());
            }
            '/' => written.push_str("\\/"),
            '\n' => written.push_str("\\n"),
            c => written.push(c),
        }
    }
    if pattern.is_empty() {
        written.push_str("(?:)");
    }
    written + "/"
}

#[test]
fn matches_does_what_the_regex_crate_says_of_itself() {
    let mut files: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let (mut ran, mut skipped, mut wrong) = (0, BTreeMap::new(), Vec::new());
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let file: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
        let stem = path.file_stem().unwrap().to_string_lossy();
        for test in file["test"].as_array().unwrap() {
            let test = test.as_table().unwrap();
            if stem == "regex-lite" {
                *skipped.entry(REASONS[6]).or_insert(0) += 1;
                continue;
            }
            let case = match case(format!("{stem}/{}", test["name"]), test) {
                Ok(case) => case,
                Err(reason) => {
                    *skipped.entry(reason).or_insert(0) += 1;
                    continue;
                }
            };
            let text = play_tests::cel::quoted(&case.text);
            let pattern = between_slashes(&case.pattern);
            let outcome = eval(
                &format!("fn text() -> String {{ {text} }}\n"),
                &format!("text() matches {pattern}"),
                "Bool",
            );
            let holds = match (&outcome, case.matches) {
                (Outcome::Value(Value::Bool(found), ..), Some(matches)) => *found == matches,
                (Outcome::Refused(codes, _), None) => codes == &["P3007"],
                (Outcome::Refused(codes, why), Some(_)) if codes == &["P3007"] && why.contains("size") => {
                    *skipped.entry(REASONS[5]).or_insert(0) += 1;
                    continue;
                }
                (Outcome::Refused(codes, _), Some(_)) if codes == &["P3007"] && case.ascii => {
                    *skipped.entry(REASONS[3]).or_insert(0) += 1;
                    continue;
                }
                _ => false,
            };
            ran += 1;
            if !holds {
                wrong.push(format!("{} {pattern} on {text}: {:?}, not {outcome:?}", case.name, case.matches));
            }
        }
    }
    println!("{ran} tests ran; skipped: {skipped:#?}");
    assert!(skipped.keys().all(|reason| REASONS.contains(reason)));
    assert!(wrong.is_empty(), "{} of {ran}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(ran >= 550, "only {ran} tests were there");
}
