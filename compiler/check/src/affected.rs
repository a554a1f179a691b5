//! What a change of some files can have an effect on: which files have to be looked at again.
//!
//! Files of a project share one namespace, so a file needs no `use` to rest on another. What rests on what is seen from the
//! words alone, so that it is known of files with errors too, and of files that are gone: a file rests on all that declare a
//! word which it has. That is rather too much than too little.

use std::collections::BTreeSet;

use play_syntax::{TokenKind, lex};

/// A file as it is.
#[derive(Clone, Copy, Debug)]
pub struct Now<'t> {
    /// Its path, with `/`.
    pub path: &'t str,
    /// Its text.
    pub text: &'t str,
}

/// A file that has changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its path, now or as it was.
    pub path: String,
    /// Its index among those that are; `None` when it is gone.
    pub now: Option<usize>,
    /// Its text as it was; `None` when it is new.
    pub before: Option<String>,
}

/// The files, by index, that have changed, that rest on what has changed, or that declare what a changed file uses no
/// more.
#[must_use]
pub fn affected(files: &[Now<'_>], changes: &[Change]) -> BTreeSet<usize> {
    let words: Vec<Words> = files.iter().map(|f| Words::of(f.path, f.text)).collect();
    let nothing = Words::default();
    let mut found: BTreeSet<usize> = changes.iter().filter_map(|c| c.now).collect();
    let mut open: BTreeSet<String> = BTreeSet::new();
    let mut dropped: BTreeSet<String> = BTreeSet::new();
    for change in changes {
        let before = change.before.as_ref().map(|text| Words::of(&change.path, text)).unwrap_or_default();
        let now = change.now.and_then(|index| words.get(index)).unwrap_or(&nothing);
        open.extend(before.declares.iter().chain(&now.declares).cloned());
        dropped.extend(before.has.difference(&now.has).cloned());
    }
    let mut rests = found.clone();
    while !open.is_empty() {
        let mut next = BTreeSet::new();
        for (index, of) in words.iter().enumerate() {
            if !rests.contains(&index) && !of.has.is_disjoint(&open) {
                rests.insert(index);
                next.extend(of.declares.iter().cloned());
            }
        }
        open = next;
    }
    // What is used no more is told where it is declared.
    let declaring = |(index, of): (usize, &Words)| (!of.declares.is_disjoint(&dropped)).then_some(index);
    found.extend(words.iter().enumerate().filter_map(declaring));
    found.extend(rests);
    found
}

/// The words of a file.
#[derive(Clone, Debug, Default)]
struct Words {
    /// Those that it declares; and what else makes others rest on it.
    declares: BTreeSet<String>,
    /// All that it has.
    has: BTreeSet<String>,
}

impl Words {
    fn of(path: &str, text: &str) -> Self {
        if path.ends_with(".toml") {
            let has = crate::words::words(text).map(str::to_string).collect();
            return Self { declares: BTreeSet::new(), has };
        }
        let mut words = Self::default();
        // What a `use` calls this file, apart from all other words.
        let stem = path.rsplit('/').next().and_then(|name| name.strip_suffix(".play"));
        words.declares.extend(stem.map(used));
        let tokens = lex(text);
        let seen = tokens.iter().filter(|t| !t.kind.is_trivia());
        let mut before = None;
        // Of an `enum`: how many braces are open since, once it has begun.
        let mut members: Option<usize> = None;
        let mut in_use = false;
        let mut last_line = 0;
        for token in seen {
            let word = text.get(token.start as usize..token.end as usize).unwrap_or_default();
            let line_ends = text.get(last_line..token.start as usize).is_some_and(|t| t.contains('\n'));
            last_line = token.end as usize;
            in_use = token.kind == TokenKind::Use || in_use && !line_ends;
            match (token.kind, members) {
                (TokenKind::LBrace, Some(depth)) => members = Some(depth.saturating_add(1)),
                (TokenKind::RBrace, Some(depth)) => members = depth.checked_sub(1).filter(|d| *d > 0),
                (TokenKind::Enum, None) => members = Some(0),
                _ => {}
            }
            // Text of a string is none, but what is written into it is.
            let is_word = token.kind != TokenKind::StrText
                && word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if is_word {
                words.has.insert(word.to_string());
                if in_use {
                    words.has.insert(used(word));
                }
                if before.is_some_and(TokenKind::declares) || members.is_some_and(|depth| depth > 0) {
                    words.declares.insert(word.to_string());
                }
            }
            match (before, token.kind) {
                // Every act asks its guards, which it does not name.
                (Some(TokenKind::Guard), _) if is_word => {
                    words.declares.insert("do".into());
                }
                (Some(TokenKind::Config), TokenKind::LBrace) => {
                    words.declares.insert("config".into());
                }
                _ => {}
            }
            before = Some(token.kind);
        }
        words
    }
}

/// A word of a `use`. No other word has a space.
fn used(word: &str) -> String {
    format!("use {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: &str = "enum Kind { Mail, Call }\ncase Report { kind: Kind, from: Email }\n";
    const RULES: &str = "fn is_mail(r: Kind) -> Bool { r == Mail }\n";
    const TRIAGE: &str = "playbook triage for Report { if is_mail(case.kind) { note \"{own}\" } }\n";
    const OTHER: &str = "const own = \"us\"\ncase Other { n: Int }\n";
    const TESTS: &str = "test \"a\" { given Report { kind: Call } run triage }\n";

    /// What is affected of these files when some have changed: path, and its text before.
    fn of(files: &[(&str, &str)], changes: &[(&str, Option<&str>)]) -> Vec<String> {
        let now: Vec<Now<'_>> = files.iter().map(|(path, text)| Now { path, text }).collect();
        let change = |(path, before): &(&str, Option<&str>)| Change {
            path: (*path).into(),
            now: files.iter().position(|(p, _)| p == path),
            before: before.map(Into::into),
        };
        let changes: Vec<Change> = changes.iter().map(change).collect();
        affected(&now, &changes).into_iter().map(|i| files[i].0.to_string()).collect()
    }

    const ALL: &[(&str, &str)] = &[
        ("cases.play", CASES),
        ("rules.play", RULES),
        ("triage.play", TRIAGE),
        ("other.play", OTHER),
        ("tests.play", TESTS),
    ];

    #[test]
    fn what_rests_on_a_change_is_affected_round_corners_too() {
        assert_eq!(
            of(ALL, &[("cases.play", Some(CASES))]),
            ["cases.play", "rules.play", "triage.play", "tests.play"]
        );
        assert_eq!(of(ALL, &[("rules.play", Some(RULES))]), ["rules.play", "triage.play", "tests.play"]);
        assert_eq!(of(ALL, &[("other.play", Some(OTHER))]), ["triage.play", "other.play", "tests.play"]);
        assert_eq!(of(ALL, &[("tests.play", Some(TESTS))]), ["tests.play"]);
        assert_eq!(of(ALL, &[]), Vec::<String>::new());
    }

    #[test]
    fn a_file_that_is_gone_leaves_those_that_rested_on_it() {
        let left = &ALL[1..];
        assert_eq!(of(left, &[("cases.play", Some(CASES))]), ["rules.play", "triage.play", "tests.play"]);
    }

    #[test]
    fn what_is_used_no_more_is_told_where_it_is_declared() {
        let left = &ALL[..4];
        assert_eq!(of(left, &[("tests.play", Some(TESTS))]), ["cases.play", "triage.play"]);
        let before = TESTS.replace("run triage", "run triage expect own");
        assert_eq!(of(ALL, &[("tests.play", Some(&before))]), ["other.play", "tests.play"]);
    }

    #[test]
    fn a_word_in_a_comment_or_in_text_is_none() {
        let files = [("a.play", "const limit = 3\n"), ("b.play", "// the limit\nconst b = \"limit\"\n")];
        assert_eq!(of(&files, &[("a.play", None)]), ["a.play"]);
        let shown = [("a.play", "const limit = 3\n"), ("b.play", "const b = \"{limit}\"\n")];
        assert_eq!(of(&shown, &[("a.play", None)]), ["a.play", "b.play"]);
    }

    #[test]
    fn a_guard_is_asked_by_acts_that_do_not_name_it() {
        let files = [
            ("guard.play", "guard g covers okta.suspend { allow }\n"),
            ("acts.play", "playbook p for T { do okta.suspend(case.u) else none }\n"),
            ("reads.play", "playbook q for T { note \"\" }\n"),
        ];
        assert_eq!(of(&files, &[("guard.play", Some(""))]), ["guard.play", "acts.play"]);
    }

    #[test]
    fn a_module_is_used_by_its_name_and_settings_are_used_by_theirs() {
        let files = [
            ("common/names.play", "const a = 1\n"),
            ("uses.play", "use common.names\nconst b = 1\n"),
            ("not.play", "const names = 1\n"),
            ("config.play", "config { own: Int }\n"),
            ("play.toml", "[config]\nown = 3\n[playbooks.p]\n"),
            ("p.play", "playbook p for T { note \"\" }\n"),
        ];
        assert_eq!(
            of(&files, &[("common/names.play", Some("const a = 1\n"))]),
            ["common/names.play", "uses.play"]
        );
        assert_eq!(of(&files, &[("config.play", Some(""))]), ["config.play", "play.toml"]);
        assert_eq!(of(&files, &[("p.play", Some(""))]), ["play.toml", "p.play"]);
    }
}
