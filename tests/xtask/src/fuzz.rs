//! `cargo xtask fuzz`: the loops of tests/tests/language/fuzz.rs for as long as one likes.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::step::{self, Failed};

/// What is fuzzed, each by a test of its name.
const TARGETS: &[&str] = &["lexer", "parser", "formatter", "checker", "artifact", "trace"];

/// How long each target runs unless it is said.
const SECONDS: u64 = 60;

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    targets: Vec<&'static str>,
    seconds: u64,
    seed: Option<u64>,
    input: Option<PathBuf>,
}

impl Options {
    /// From the words after `fuzz`.
    ///
    /// # Errors
    /// A word that means nothing here.
    pub fn parse(words: &[&str]) -> Result<Self, Failed> {
        let mut options = Self { targets: Vec::new(), seconds: SECONDS, seed: None, input: None };
        let mut words = words.iter();
        let number = |word: Option<&&str>, of: &str| {
            word.and_then(|w| w.parse::<u64>().ok())
                .ok_or_else(|| Failed::usage(format!("`{of}` needs a number behind it")))
        };
        while let Some(word) = words.next() {
            match *word {
                "--seconds" => options.seconds = number(words.next(), word)?,
                "--seed" => options.seed = Some(number(words.next(), word)?),
                "--input" => {
                    let path =
                        words.next().ok_or_else(|| Failed::usage("`--input` needs a file behind it"))?;
                    let whole =
                        std::path::absolute(path).map_err(|e| Failed::usage(format!("{path}: {e}")))?;
                    options.input = Some(whole);
                }
                target => match TARGETS.iter().find(|t| **t == target) {
                    Some(target) => options.targets.push(target),
                    None => {
                        let all = TARGETS.join(", ");
                        return Err(Failed::usage(format!("there is no target `{target}`; there are {all}")));
                    }
                },
            }
        }
        match (&options.input, options.targets.len()) {
            (Some(_), 1) | (None, 1..) => {}
            (Some(_), _) => return Err(Failed::usage("an `--input` is for one target: say which")),
            (None, _) => options.targets = TARGETS.to_vec(),
        }
        Ok(options)
    }
}

/// Runs the targets one after the other. All of them run, also when one finds something.
///
/// # Errors
/// One found something; its inputs are in `target/fuzz`.
pub fn run(options: &Options) -> Result<(), Failed> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let mut found = None;
    for target in &options.targets {
        let mut test = step::cargo();
        test.args(["test", "--quiet", "--package", "play-tests", "--test", "language", "--"]);
        test.args(["--exact", &format!("fuzz::{target}"), "--nocapture"]);
        test.env("PLAY_FUZZ_DIR", step::target().join("fuzz"));
        match &options.input {
            Some(input) => test.env("PLAY_FUZZ_INPUT", input),
            None => {
                // Other inputs each time, unless somebody wants the same.
                let seed = options.seed.unwrap_or_else(|| now.saturating_mul(1_000_000));
                test.env("PLAY_SEED", seed.to_string()).env("PLAY_FUZZ_SECONDS", options.seconds.to_string())
            }
        };
        if let Err(failed) = step::run(target, &mut test) {
            eprintln!("{}", failed.message);
            found = Some(failed);
        }
    }
    found.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_targets_unless_some_are_named() {
        assert_eq!(Options::parse(&[]).map(|o| o.targets.len()), Ok(TARGETS.len()));
        let one = Options::parse(&["parser", "--seconds", "5", "--seed", "7"]).unwrap();
        assert_eq!((one.targets, one.seconds, one.seed), (vec!["parser"], 5, Some(7)));
    }

    #[test]
    fn what_means_nothing_is_named() {
        let said = |words: &[&str]| Options::parse(words).unwrap_err().message;
        assert!(said(&["parsers"]).contains("there is no target `parsers`; there are lexer"));
        assert!(said(&["--seconds", "many"]).contains("`--seconds` needs a number"));
        assert!(said(&["--input", "f"]).contains("for one target"));
    }
}
