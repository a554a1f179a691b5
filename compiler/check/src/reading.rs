//! Files read into trees: many of them on several threads, each by itself.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::File;
use play_syntax::side_by_side::{STACK, threads, worth};
use play_syntax::{Parsed, Token, TokenKind};

/// How a file is parsed.
type Parse = fn(u32, &str) -> Parsed;

/// What the text of a file says.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    /// Its tree.
    pub(crate) tree: File,
    /// What is wrong with it.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// See [`crate::project::Loaded::broken`].
    pub(crate) broken: Arc<BTreeSet<String>>,
    /// See [`crate::project::Loaded::cut`].
    pub(crate) cut: BTreeSet<u32>,
    /// See [`crate::project::Loaded::wrong`].
    pub(crate) wrong: Vec<u32>,
    /// See [`crate::project::Loaded::depth`].
    pub(crate) depth: usize,
    /// See [`crate::project::Loaded::stamps`].
    pub(crate) stamps: Vec<u64>,
}

/// Reads texts, which are the files from `first` on.
pub(crate) fn read_all(first: usize, texts: &[&str]) -> Vec<Read> {
    let one = |at: usize, parse: Parse| Some(read(first.saturating_add(at), texts.get(at)?, parse));
    if !by_files(texts) {
        return (0..texts.len()).filter_map(|at| one(at, play_syntax::parse_side_by_side)).collect();
    }
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(read) = one(at, play_syntax::parse) else { return done };
            done.push((at, read));
        }
    };
    let mut all = std::thread::scope(|scope| {
        // This thread reads, too; where no other can be started, it alone.
        let others: Vec<_> = (1..threads().min(texts.len()))
            .filter_map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, some).ok())
            .collect();
        let mut all = some();
        for other in others {
            // What goes wrong in there goes wrong here.
            all.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, read)| read).collect()
}

/// Whether each thread takes files, rather than all of them parts of one file after the other: not where one file is longer than
/// all others together, and is still being read when nothing is left to take.
fn by_files(texts: &[&str]) -> bool {
    let bytes: usize = texts.iter().map(|t| t.len()).sum();
    worth(bytes) && texts.iter().all(|t| t.len() <= bytes / 2)
}

fn read(index: usize, text: &str, parse: Parse) -> Read {
    of(text, parse(u32::try_from(index).unwrap_or(u32::MAX), text))
}

/// What is to be known of a parsed text.
pub(crate) fn of(text: &str, parsed: Parsed) -> Read {
    let failed = parsed.diagnostics.iter().any(|d| d.is_error());
    let broken = Arc::new(if failed { declared(text, &parsed.tokens) } else { BTreeSet::new() });
    let stray = parsed.diagnostics.iter().filter(|d| d.code == codes::P1007);
    let cut = stray.filter_map(|d| d.labels.get(1)).map(|l| l.place.end).collect();
    let wrong = parsed.diagnostics.iter().filter(|d| d.is_error());
    let wrong = wrong.filter_map(|d| d.labels.first()).map(|l| l.place.start).collect();
    let Parsed { file: tree, diagnostics, depth, .. } = parsed;
    Read { tree, diagnostics, broken, cut, wrong, depth, stamps: Vec::new() }
}

/// What a file that could not be parsed as a whole declares, by its words alone: so that a broken declaration is
/// reported once, where it is broken, and not again at each use. `{case` that somebody types into a text declares nothing, whatever
/// word the next line begins with.
fn declared(text: &str, tokens: &[Token]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // Whether a declaration can begin here, and whether one has and its name comes next.
    let (mut begins, mut declares) = (true, false);
    for token in tokens {
        match token.kind {
            TokenKind::Newline => (begins, declares) = (true, false),
            kind if kind.is_trivia() => {}
            kind => {
                if declares && kind.is_word() {
                    names.insert(token.text(text).to_string());
                }
                declares = begins && kind.declares();
                begins = BEHIND.contains(&kind);
            }
        }
    }
    names
}

/// Behind these a declaration can begin within a line.
const BEHIND: [TokenKind; 4] = [TokenKind::Open, TokenKind::LBrace, TokenKind::RBrace, TokenKind::Semicolon];

#[cfg(test)]
mod tests {
    use play_syntax::lex;
    use play_syntax::side_by_side::threads;

    use super::{by_files, declared, read_all};

    #[test]
    fn a_broken_file_declares_what_its_keywords_name_and_nothing_in_the_midst_of_a_line() {
        for (text, names) in [
            ("fn f(", "f"),
            ("  /* x */ open enum Odd {", "Odd"),
            ("type A { } case B { fn", "A B"),
            ("connector c { read user(", "c user"),
            ("const a = ; const b", "a b"),
            ("  note \"looked at {case\n  close FalsePositive because \"x\"", ""),
            ("  if case\n  note case", ""),
            ("guard g for case x", "g"),
        ] {
            let found: Vec<String> = declared(text, &lex(text)).into_iter().collect();
            assert_eq!(found.join(" "), names, "{text}");
        }
    }

    #[test]
    fn files_are_shared_out_where_they_are_many_and_of_a_length() {
        let (short, long) = ("x".repeat(10_000), "x".repeat(100_000));
        let several = threads() > 1;
        for (texts, shared) in [
            (vec![], false),
            (vec![&*short], false),
            (vec![&*long], false),
            (vec![&*short; 10], true),
            (vec![&*long, &*short], false),
            (vec![&*long, &*long], true),
            (vec!["x"; 10], false),
        ] {
            assert_eq!(by_files(&texts), shared && several, "{} texts", texts.len());
        }
    }

    #[test]
    fn what_is_read_stands_in_the_order_of_the_texts() {
        let texts: Vec<String> =
            (0..40).map(|at| format!("const a{at} = 1\n{}", "// x\n".repeat(200))).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(by_files(&texts), threads() > 1);
        for (at, read) in read_all(3, &texts).iter().enumerate() {
            let name = read.tree.items.iter().find_map(|item| item.kind.name());
            let said = name.map(|n| (n.text.as_str().to_string(), n.span.file as usize));
            assert_eq!(said, Some((format!("a{at}"), at + 3)));
        }
    }
}
