//! The conformance tests of CEL, as programs of Play.
//!
//! The corpus says what an expression of another language gives. Where Play has a counterpart, the expression is
//! translated, operation by operation, and what both engines compute is compared with what the corpus expects. Nothing
//! is computed by the translation itself: each literal becomes a function of its own, so that the compiler cannot see
//! through it either. What has no counterpart is skipped, for one of the reasons in [`Reason`].

mod compare;
mod functions;
mod literal;
mod macros;
mod parse;
mod textproto;
mod translate;

use std::path::Path;

pub use compare::agrees;
pub use literal::quoted;
pub use parse::parse;
pub use textproto::Message;
pub use translate::translate;

/// What a test of the corpus expects.
#[derive(Clone, Debug)]
pub enum Expected {
    /// A value.
    Value(Message),
    /// An error, of whatever kind.
    Error,
    /// Something that is said of the evaluation and not of a value.
    Other,
}

/// A test of the corpus.
#[derive(Clone, Debug)]
pub struct Case {
    /// `file/section/name`; a name that comes again in its section has ` #2` behind it.
    pub name: String,
    /// The expression.
    pub expr: String,
    /// The variables that it uses: name and value.
    pub bindings: Vec<(String, Message)>,
    /// Whether names are looked up in a container.
    pub container: bool,
    /// What it gives.
    pub expected: Expected,
}

/// Why a case has no counterpart: a feature that Play does not have, by design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A value whose type is known at run time only: lists of several types, keys of several types, `dyn`.
    Dynamic,
    /// Messages, enums and wrappers of protocol buffers.
    Messages,
    /// `null`.
    Null,
    /// Types as values.
    Types,
    /// Numbers of 64 bits without a sign that do not fit an `Int`, or that must not fall below zero.
    Unsigned,
    /// Names with a container.
    Namespaces,
    /// `and`, `or`, `all` and `any` that go on after an error.
    Absorbed,
    /// An order of `Bool`, which has none.
    Order,
    /// An order of bytes, which have none.
    Bytes,
    /// A text that is read as a value by more spellings than one.
    Spellings,
    /// Forms for numbers and values in a text that Play does not have, and forms that come from data.
    Formats,
    /// Networks with bits of a host, and IPv4 addresses in IPv6 form, of which Play has one rule.
    Addresses,
    /// Times before the year 1 or at the end of 9999, and spans and numbers that other systems cut.
    Ranges,
    /// Upper and lower case of ASCII only.
    Case,
    /// Whole numbers and `Float` compared where that is not exact.
    Mixed,
    /// A rounded number that is no number.
    Rounding,
    /// A name that is not declared, looked for at run time.
    Undeclared,
    /// Names of members that are written in quotes.
    Quoted,
    /// A part of the language that only CEL has.
    Syntax,
}

impl Reason {
    /// All.
    pub const ALL: [Reason; 19] = [
        Self::Dynamic,
        Self::Messages,
        Self::Null,
        Self::Types,
        Self::Unsigned,
        Self::Namespaces,
        Self::Absorbed,
        Self::Order,
        Self::Bytes,
        Self::Spellings,
        Self::Formats,
        Self::Addresses,
        Self::Ranges,
        Self::Case,
        Self::Mixed,
        Self::Rounding,
        Self::Undeclared,
        Self::Quoted,
        Self::Syntax,
    ];

    /// As it stands in the list of skipped cases.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Dynamic => "dynamic values",
            Self::Messages => "protobuf messages",
            Self::Null => "null",
            Self::Types => "type values",
            Self::Unsigned => "unsigned integers",
            Self::Namespaces => "namespaces",
            Self::Absorbed => "errors absorbed by logic",
            Self::Order => "an order of Bool",
            Self::Bytes => "an order of bytes",
            Self::Spellings => "several spellings of one value",
            Self::Formats => "formats",
            Self::Addresses => "addresses not in normal form",
            Self::Ranges => "ranges of numbers and times",
            Self::Case => "case of ASCII only",
            Self::Mixed => "inexact comparison of two number types",
            Self::Rounding => "no number, rounded",
            Self::Undeclared => "names that are not declared",
            Self::Quoted => "quoted names of members",
            Self::Syntax => "syntax",
        }
    }

    /// Whether a case may be translated, and then differ, by a decision of Play's: the others are found out by the
    /// translation, which has nothing to translate to.
    #[must_use]
    pub fn differs(self) -> bool {
        matches!(
            self,
            Self::Unsigned
                | Self::Absorbed
                | Self::Spellings
                | Self::Formats
                | Self::Addresses
                | Self::Ranges
                | Self::Case
                | Self::Rounding
                | Self::Undeclared
                | Self::Dynamic
        )
    }

    /// By its words.
    #[must_use]
    pub fn of(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.words() == words)
    }
}

/// All tests of a folder of the corpus, in order.
///
/// # Panics
/// When a file cannot be read.
#[must_use]
pub fn cases(folder: &Path) -> Vec<Case> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "textproto"))
        .collect();
    files.sort();
    let mut cases: Vec<Case> = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let file = textproto::read(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        let mut seen = std::collections::HashMap::new();
        for section in file.messages("section") {
            let title = section.text("name").unwrap_or_default();
            for test in section.messages("test") {
                let name = format!("{stem}/{title}/{}", test.text("name").unwrap_or_default());
                let times = seen.entry(name.clone()).or_insert(0);
                *times += 1;
                let name = if *times > 1 { format!("{name} #{times}") } else { name };
                cases.push(case(name, test));
            }
        }
    }
    cases
}

fn case(name: String, test: &Message) -> Case {
    let bindings = test.messages("bindings").filter_map(|b| {
        let value = b.message("value")?.message("value")?;
        Some((b.text("key")?, value.clone()))
    });
    let expected = if let Some(value) = test.message("value") {
        Expected::Value(value.clone())
    } else if test.message("eval_error").is_some() || test.message("any_eval_errors").is_some() {
        Expected::Error
    } else if test.has("typed_result") || test.has("unknown") || test.has("any_unknowns") {
        Expected::Other
    } else {
        Expected::Value(Message::truth())
    };
    Case {
        name,
        expr: test.text("expr").unwrap_or_default(),
        bindings: bindings.collect(),
        container: test.has("container"),
        expected,
    }
}
