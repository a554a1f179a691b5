//! One finding, as data.

use std::sync::Arc;

use crate::registry::Code;
use crate::suggest;

/// A place: byte offsets in a file of the compilation, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    /// Index of the file in the compilation.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// Whether all of another place is in this one.
    #[must_use]
    pub fn holds(&self, other: Place) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// How much it matters. Only an error stops the compiler from making a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The program is wrong.
    Error,
    /// The program runs, but something is likely not what was meant.
    Warning,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which, out of the registry.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence: what is wrong, with the names of the program in backquotes.
    pub message: String,
    /// The place that it is about, first; then the other places that matter, each with a short text.
    pub labels: Vec<Label>,
    /// Why it is so, where that is not plain. Whole sentences.
    pub notes: Vec<String>,
    /// What to write instead. Whole sentence.
    pub help: Option<String>,
    /// Edits that mend it.
    pub fixes: Vec<Fix>,
    /// What stands beside it may be a secret: of the lines that it marks nothing is shown but what is marked.
    pub secretive: bool,
    /// What else is for nobody to see: a value of several lines.
    pub hidden: Vec<Place>,
}

/// A finding that may be there, since the text says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// What was found.
    pub finding: Diagnostic,
    /// Why it may be there.
    pub reason: String,
}

/// A place and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What to say; may be empty.
    pub text: String,
}

/// A change of the text that mends a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a title in an editor.
    pub title: String,
    /// Whether it keeps the meaning that was intended beyond doubt.
    pub safe: bool,
    /// The edits, not overlapping.
    pub edits: Vec<Edit>,
}

/// Replace what stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an insertion has `start == end`.
    pub place: Place,
    /// The new text.
    pub text: String,
}

/// The name and text of a file, for renderers: index in the slice is `Place::file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// Relative path, as shown.
    pub path: String,
    /// The whole text, shared with the program.
    pub text: Arc<str>,
}

impl Diagnostic {
    /// An error with its main place.
    #[must_use]
    pub fn error(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, place, message)
    }

    /// A warning with its main place.
    #[must_use]
    pub fn warning(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, place, message)
    }

    fn new(code: Code, severity: Severity, place: Place, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: vec![Label { place, text: String::new() }],
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
            secretive: false,
            hidden: Vec::new(),
        }
    }

    /// Says something at the main place.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Adds another place that matters.
    #[must_use]
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place, text: text.into() });
        self
    }

    /// Says why.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says which of some names was likely meant by one that is none of them, with the edit that writes it there; else which there are.
    #[must_use]
    pub fn meant(self, name: &str, known: &[&str]) -> Self {
        let place = self.place();
        match suggest::closest(name, known.iter().copied()) {
            Some(near) => {
                let edit = Edit { place, text: near.to_string() };
                self.help(format!("Did you mean `{near}`?")).fix(format!("Write `{near}`"), false, vec![edit])
            }
            None => {
                let all: Vec<String> = known.iter().map(|k| format!("`{k}`")).collect();
                self.help(format!("There are {}.", all.join(", ")))
            }
        }
    }

    /// Adds an edit that mends it.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safe: bool, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix { title: title.into(), safe, edits });
        self
    }

    /// Keeps a place from being shown, and what stands in the lines that are marked beside what is.
    #[must_use]
    pub fn hides(mut self, place: Option<Place>) -> Self {
        self.secretive = true;
        self.hidden.extend(place);
        self
    }

    /// The same finding where `more` files come before its own.
    #[must_use]
    pub fn after_files(mut self, more: u32) -> Self {
        let edits = self.fixes.iter_mut().flat_map(|fix| fix.edits.iter_mut()).map(|edit| &mut edit.place);
        let labels = self.labels.iter_mut().map(|label| &mut label.place);
        for place in labels.chain(edits).chain(&mut self.hidden) {
            place.file = place.file.saturating_add(more);
        }
        self
    }

    /// The main place.
    #[must_use]
    pub fn place(&self) -> Place {
        self.labels.first().map(|l| l.place).unwrap_or_default()
    }

    /// Whether no program can be made because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Whether it is an error that stands within a place.
    #[must_use]
    pub fn is_error_in(&self, place: Place) -> bool {
        self.is_error() && self.labels.first().is_some_and(|l| place.holds(l.place))
    }
}
