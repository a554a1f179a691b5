//! Records that somebody has altered who knows how a chain is made.

use std::path::Path;

use play_evidence::J;
use serde_json::Value;

/// Alters lines of an exported run, and mends the chain behind them.
///
/// # Panics
/// When the file is no exported run.
pub fn forged(file: &Path, alter: impl Fn(&str) -> String) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut prev: Option<String> = None;
    let mut all = String::new();
    for line in text.lines() {
        let parsed: Result<Value, _> = serde_json::from_str(line);
        let is_line = parsed.as_ref().is_ok_and(|l| l.get("seq").is_some() && l.get("prev").is_some());
        if !is_line {
            all.push_str(line);
            all.push('\n');
            continue;
        }
        let J::Obj(mut members) = J::parse(alter(line).as_bytes()).unwrap() else { panic!("{line}") };
        if let Some(prev) = &prev {
            members.insert("prev".into(), J::Str(prev.clone()));
        }
        let mut bytes = J::Obj(members).to_bytes();
        bytes.push(b'\n');
        prev = Some(play_scheduler::ids::sha256_hex(&bytes));
        all.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    std::fs::write(file, all).unwrap();
}
