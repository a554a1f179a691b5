//! What an editor calls after each character finds what a check of the whole does, whatever was typed, taken out, moved or renamed before.

#![allow(clippy::panic, clippy::indexing_slicing, clippy::string_slice, reason = "a test may stop")]

use play_check::workspace::{Workspace, of_text};
use play_check::{Live, check_workspace};
use play_diagnostics::fixes::{self, Which};
use play_diagnostics::registry::ALL;
use proptest::prelude::*;
use proptest::sample::Index;

/// What one declaration can see of another, in all its forms: signatures, values, whether a call can fault, labels, what is deprecated.
const WIDE: &str = r#"//! A file.

use std.connectors.okta

fn add(of: Int) -> Int { of + 1 }

fn adds(of: Int) -> Int { add(of) }

fn first(a: String, b: String) -> String { a }

fn picks(a: String, b: String) -> String { first(a, b) }

/// Who came in.
case Login { user: OktaUserId, name: String pii, hits: Int, note: String?, seen: [Int] }

type Host = String
type Seen { name: String pii, at: Host, count: Int }
enum Odd { Left, Right(by: Int), Both }

const most = 3
const few: [Int] = [1, 2, most]
const shape = /^[a-z]+$/

/// Deprecated: use `thrice`.
fn twice(of: Int) -> Int { of * 2 }

fn thrice(of: Int) -> Int {
  let unused = 1
  twice(of) + of
}

fn safe(of: Int) -> Bool { of > most and few.contains(of) }

fn who(of: Seen) -> String { of.name }

fn told(of: Seen, more: Int) -> String { if more > 2 { if more > 4 { who(of) } else { "x" } } else { of.at.value } }

fn side(of: Odd) -> Int { match of { Left => 0, Right(by) => by, Both => thrice(1) } }

fn plain(of: String) -> Bool { of matches shape or of == "y" }

fn late(of: Int) -> Int { of }

fn deep(of: [Seen]) -> [String] { of.filter(s => safe(s.count)).map(s => told(s, side(Right(s.count)))) }

procedure look(at: Int) for Login { note "looked {thrice(at)} at {case.hits}" }

guard slow for Login covers okta.suspend { limit 20 per 1h  allow when case.hits > most }

playbook one for Login when safe(case.hits) {
  let user = okta.user(case.user) else hand over to queue.tier1 because "who?"
  look(adds(case.hits))
  note picks("x", case.name)
  if plain(case.note else "") { note "{twice(case.hits)}" }
  do okta.suspend(user.id) for 4h else hand over to queue.tier1 because "no"
  close TruePositive because "done"
}

test "few" {
  given Login { user: "u", name: "n", hits: thrice(1), seen: few }
  run one
  expect closed TruePositive
}
"#;

/// With what is wrong in it, in ways that depend on what stands elsewhere.
const WRONG: &str = r#"
playbook two for Login {
  note who(Seen { name: case.name, at: "", count: 1 })
  close TruePositive because told(Seen { name: "x", at: "", count: 1 }, 3)
}

fn lost(of: Int) -> Int {
  let x = Missing { a: of }
  of
}

fn lost_too(of: Int) -> Int {
  let x = Missing { a: of }
  of
}

fn settled(of: Int) -> Int { if of > 2 { if of > 1 { 1 } else { 2 } } else { 3 } }

fn misspelt(of: Int) -> Int { thirce(of) }
"#;

/// Two that use each other.
const ROUND: &str = r#"
fn round(of: Int) -> Int { and_round(of) }

fn and_round(of: Int) -> Int { round(of) }
"#;

const EXAMPLES: &[&str] = &[
    WIDE,
    include_str!("../../../../examples/impossible-travel/triage.play"),
    include_str!("../../../../examples/impossible-travel/source.play"),
    include_str!("../../../../examples/aws-guardduty/triage.play"),
    include_str!("../../../../stdlib/connectors/okta.play"),
];

/// What is put in: things of which others can see something, and things that break what is round them.
const PARTS: &[&str] = &[
    "",
    " ",
    "\n",
    "x",
    "{",
    "}",
    "(",
    "\"",
    "// ",
    "Int",
    "String",
    "most",
    "of",
    " pii",
    "1 / ",
    "ghost",
    "fn ",
    "-1 + ",
    "use std.deadlines\n",
    "\nfn ghost(of: Int) -> Int { of }\n",
    "\nconst ghost = 1\n",
    "\ntype Ghost = String\n",
    "\n/// Deprecated: use `safe`.\n",
    "\nenum Odd { Left }\n",
    "// allow: unused-name because it is there\n",
    "\n// file: z.play\n",
];

/// One thing that somebody does to a text.
#[derive(Clone, Debug)]
enum Edit {
    /// Characters go, others come.
    Typed(Index, usize, &'static str),
    /// A declaration is taken out.
    Out(Index),
    /// It stands elsewhere.
    Moved(Index, Index),
    /// It is there twice.
    Twice(Index, Index),
    /// A word is another one everywhere.
    Renamed(Index, &'static str),
    /// A word is another one in one place.
    Swapped(Index, Index),
    /// What is offered as a fix is made.
    Mended(Index),
    /// The text is as it was at some time before.
    Undone(Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        6 => (at(), prop_oneof![Just(0_usize), 1..4_usize, 0..40_usize], prop::sample::select(PARTS)).prop_map(|(a, n, p)| Edit::Typed(a, n, p)),
        1 => at().prop_map(Edit::Out),
        1 => (at(), at()).prop_map(|(a, b)| Edit::Moved(a, b)),
        1 => (at(), at()).prop_map(|(a, b)| Edit::Twice(a, b)),
        1 => (at(), prop::sample::select(vec!["renamed", "of", "most", "Int", "Renamed"])).prop_map(|(a, w)| Edit::Renamed(a, w)),
        3 => (at(), at()).prop_map(|(a, b)| Edit::Swapped(a, b)),
        2 => at().prop_map(Edit::Mended),
        1 => at().prop_map(Edit::Undone),
    ]
}

/// The words of a text, by where they begin and end.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric() || *c == '_') {
        match found.last_mut() {
            Some((_, end)) if *end == at => *end = at + c.len_utf8(),
            _ => found.push((at, at + c.len_utf8())),
        }
    }
    found
}

/// The declarations, each with the lines above it.
fn items(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::to_string).collect()
}

struct Editor {
    live: Live,
    text: String,
    before: Vec<String>,
}

impl Editor {
    fn new(text: &str) -> Self {
        let mut editor = Self { live: Live::default(), text: text.to_string(), before: Vec::new() };
        editor.look();
        editor
    }

    /// Checks it both ways.
    fn look(&mut self) {
        self.before.push(self.text.clone());
        let Ok(workspace) = of_text("live", &self.text) else { return };
        same(&mut self.live, &workspace);
    }

    fn edit(&mut self, edit: &Edit) {
        let text = self.text.clone();
        let (words, mut items) = (words(&text), items(&text));
        let word = |at: &Index| words.get(at.index(words.len().max(1))).copied().unwrap_or_default();
        match edit {
            Edit::Typed(at, gone, put) => {
                let near = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
                let from = near(at.index(text.len() + 1)).unwrap_or(0);
                let to = near(from + gone).unwrap_or(from);
                self.text.replace_range(from..to.max(from), put);
            }
            Edit::Out(at) => {
                items.remove(at.index(items.len()));
                self.text = items.join("\n\n");
            }
            Edit::Moved(at, to) => {
                let item = items.remove(at.index(items.len()));
                items.insert(to.index(items.len() + 1), item);
                self.text = items.join("\n\n");
            }
            Edit::Twice(at, to) => {
                let item = items[at.index(items.len())].clone();
                items.insert(to.index(items.len() + 1), item);
                self.text = items.join("\n\n");
            }
            Edit::Renamed(at, to) => {
                let (start, end) = word(at);
                let old = &text[start..end];
                for (start, end) in words.iter().rev().filter(|(s, e)| &text[*s..*e] == old) {
                    self.text.replace_range(*start..*end, to);
                }
            }
            Edit::Swapped(at, other) => {
                let ((start, end), (from, to)) = (word(at), word(other));
                self.text.replace_range(start..end, &text[from..to]);
            }
            Edit::Mended(at) => self.mend(at),
            Edit::Undone(at) => self.text = self.before[at.index(self.before.len())].clone(),
        }
        self.look();
    }

    fn mend(&mut self, at: &Index) {
        let Ok(workspace) = of_text("live", &self.text) else { return };
        let (checked, _) = self.live.check(&workspace, &play_stdlib::module);
        let mendable: Vec<_> = checked.diagnostics.iter().filter(|d| !d.fixes.is_empty()).cloned().collect();
        if mendable.is_empty() {
            return;
        }
        let one = &mendable[at.index(mendable.len())..][..1];
        let fixed = fixes::apply(one, &checked.files, Which::All, |_| true);
        // With one file there is nothing that tells the files apart.
        if let ([(0, text)], false) = (fixed.files.as_slice(), self.text.contains("// file: ")) {
            self.text.clone_from(text);
        }
    }
}

#[track_caller]
fn same(live: &mut Live, workspace: &Workspace) {
    let (kept, trees) = live.check(workspace, &play_stdlib::module);
    let anew = check_workspace(workspace, &play_stdlib::module);
    let text = || {
        workspace.packages.iter().flat_map(|p| &p.files).map(|f| &*f.text).collect::<Vec<_>>().join("\n---\n")
    };
    assert_eq!(kept.diagnostics, anew.diagnostics, "{}", text());
    assert_eq!(kept.allowed, anew.allowed, "{}", text());
    assert_eq!(format!("{:?}", kept.program), format!("{:?}", anew.program), "{}", text());
    assert_eq!(
        trees.len() + workspace.packages.iter().filter(|p| p.manifest.is_some()).count(),
        kept.files.len()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_done_to_it_the_same_is_found(
        text in prop_oneof![
            2 => Just(WIDE.to_string()),
            1 => Just(format!("{WIDE}{WRONG}")),
            1 => prop::sample::select(EXAMPLES).prop_map(str::to_string),
        ],
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        let mut editor = Editor::new(&text);
        edits.iter().for_each(|edit| editor.edit(edit));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Somebody types a statement into a body, one character after the other, as most edits are.
    #[test]
    fn while_a_statement_is_typed_the_same_is_found(
        at in any::<Index>(),
        typed in prop::sample::select(vec![
            "  let x = twice(of) / 0\n", "  note \"a {case.user}\"\n", "if of > 3 { 1 } else { 2 }", "(of: Int) -> String {", " + deep([]).len",
        ]),
    ) {
        let mut editor = Editor::new(WIDE);
        let lines: Vec<usize> = WIDE.match_indices('\n').map(|(at, _)| at + 1).collect();
        let mut at = lines[at.index(lines.len())];
        for c in typed.chars() {
            editor.text.insert(at, c);
            at += c.len_utf8();
            editor.look();
        }
    }
}

/// One after the other, as if somebody replaced the text each time; and each once more, with something before it.
#[test]
fn the_examples_of_all_pages_are_found_the_same() {
    let mut live = Live::default();
    for entry in ALL {
        for block in entry.page.split("```play ").skip(1).filter_map(|b| b.split("```\n").next()) {
            let text = block.split_once('\n').map_or("", |(_, text)| text);
            for text in [text.to_string(), format!("// One line more.\n{text}\nconst one_more = 1\n")] {
                let Ok(workspace) = of_text("page", &text) else { continue };
                same(&mut live, &workspace);
            }
        }
    }
}

/// What a body can see of each other declaration: where that changes, it comes out otherwise.
#[test]
fn what_a_body_sees_may_change() {
    let program = of_text("live", WIDE).map(|w| check_workspace(&w, &play_stdlib::module).program.is_some());
    assert_eq!(program, Ok(true), "where there is an error, there is no program to compare");
    for (was, is) in [
        // A parameter, a result, a value that a function falls over, another order.
        ("fn twice(of: Int)", "fn twice(of: String)"),
        ("fn twice(of: Int) -> Int { of * 2 }", "fn twice(of: Int) -> String { \"x\" }"),
        ("{ of * 2 }", "{ if of > 3 { 1 } else { 2 } }"),
        ("{ of * 2 }", "{ side(Both) }"),
        ("fn safe(of: Int) -> Bool { of > most", "fn safe(of: Int) -> Bool { thrice(of) > most"),
        ("const most = 3", "const most = \"3\""),
        ("const most = 3", "const most = twice(3)"),
        ("const shape = /^[a-z]+$/", "const shape = \"x\""),
        ("{ of + 1 }", "{ of }"),
        ("{ of + 1 }", "{ of + 100 }"),
        ("{ of + 1 }", "{ late(of) }"),
        ("{ of + 1 }", "{ of + (1 }"),
        ("fn late", "fn thirce"),
        // Labels: of a field, and of what a function hands on.
        ("{ a }", "{ b }"),
        ("type Seen { name: String pii", "type Seen { name: String"),
        ("{ of.name }", "{ of.at }"),
        (
            "note \"looked {thrice(at)}",
            "note \"looked {told(Seen { name: case.name, at: \"\", count: 1 }, 3)}",
        ),
        // Types, members, what is deprecated, what others hold for another.
        ("Right(by: Int)", "Right(by: String)"),
        ("Both }", "Both, More }"),
        ("/// Deprecated: use `thrice`.\n", ""),
        ("/// Deprecated: use `thrice`.\n", "/// Deprecated: use `safe`.\n"),
        ("use std.connectors.okta\n", ""),
        ("case Login { user: OktaUserId", "case Login { user: String"),
        ("type Host = String", "type Host = Int"),
        // Names that are not there, or not any more.
        ("fn thrice", "fn ghost"),
        ("fn thrice(of: Int) -> Int {", "fn thrice(of: Int) -> Int {{{"),
        ("fn twice(of: Int) -> Int {", "fn twice(of: Int -> Int {"),
        ("enum Odd {", "enum Odd"),
        // What stands before it.
        ("//! A file.\n", "//! A file.\n\nconst another = 4\n"),
        ("//! A file.\n", "//! A file.\n\nfn another(of: Int) -> Int { of + most }\n"),
    ] {
        assert!(WIDE.contains(was), "{was}");
        for base in [WIDE.to_string(), format!("{WIDE}{WRONG}"), format!("{WIDE}{WRONG}{ROUND}")] {
            let changed = base.replacen(was, is, 1);
            let mut editor = Editor::new(&base);
            for text in [changed.as_str(), &base, &format!("{changed}\nconst last = 1\n")] {
                editor.text = text.to_string();
                editor.look();
            }
        }
    }
}
