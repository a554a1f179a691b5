//! Text form of diagnostics, for terminals, logs and screen readers.

use std::fmt::Write as _;
use std::ops::Range;

use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind, Source};

use crate::diagnostic::{Diagnostic, FileName, Place, Severity};
use crate::place::{Lines, floor, path};
use crate::{escape, excerpt, hidden};

/// How diagnostics are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// ANSI colours.
    pub color: bool,
    /// Columns at which notes and help are wrapped; 0 for never.
    pub width: usize,
    /// No drawings, no colours: one line for the finding and one for each thing said of it. For logs and screen readers.
    pub plain: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, width: 100, plain: false }
    }
}

/// The diagnostics in the order in which they are shown: by file, place and code.
#[must_use]
pub fn in_order(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| (d.place().file, d.place().start, d.code));
    sorted
}

/// The diagnostics as text, each followed by an empty line. Hostile characters of the source are shown as escapes. Of a
/// long line only what is round the place is shown; of a file at most 1,000 findings, errors before warnings, and then
/// how many more there are.
#[must_use]
pub fn render(diagnostics: &[Diagnostic], files: &[FileName], style: Style) -> String {
    let files = &*hidden::without(diagnostics, files);
    let lines: Vec<Lines<'_>> = files.iter().map(|f| Lines::new(&f.text)).collect();
    let mut sources = Sources { shown: files.iter().map(|_| None).collect(), files };
    let mut out = String::new();
    let ordered = in_order(diagnostics);
    for of_file in ordered.chunk_by(|a, b| a.place().file == b.place().file) {
        let mut errors = Room::new(of_file, Severity::Error, MOST);
        let mut warnings = Room::new(of_file, Severity::Warning, MOST.saturating_sub(errors.all));
        for d in of_file {
            let room = if d.is_error() { &mut errors } else { &mut warnings };
            if !room.take() {
                continue;
            }
            if style.plain {
                plain(&mut out, d, files, &lines);
            } else {
                drawn(&mut out, d, &mut sources, &lines, style);
            }
        }
        if let (Some(first), true) = (of_file.first(), errors.left() + warnings.left() > 0) {
            let name = escape::one_line(path(files, first.place().file));
            let more =
                [(errors.left(), "error"), (warnings.left(), "warning")].into_iter().filter(|(n, _)| *n > 0);
            let more: Vec<String> =
                more.map(|(n, what)| format!("{n} more {what}{}", if n == 1 { "" } else { "s" })).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{name}: {}, not shown\n", more.join(" and "));
        }
    }
    out
}

/// Findings of one file that are shown.
const MOST: usize = 1_000;

/// How many findings of one severity there are, and how many are shown.
struct Room {
    all: usize,
    shown: usize,
    most: usize,
}

impl Room {
    fn new(findings: &[&Diagnostic], severity: Severity, most: usize) -> Self {
        Self { all: findings.iter().filter(|d| d.severity == severity).count(), shown: 0, most }
    }

    /// Whether one more is shown.
    fn take(&mut self) -> bool {
        let room = self.shown < self.most;
        self.shown += usize::from(room);
        room
    }

    fn left(&self) -> usize {
        self.all - self.shown
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn plain(out: &mut String, d: &Diagnostic, files: &[FileName], lines: &[Lines<'_>]) {
    let at = |place: Place| {
        let position = lines.get(place.file as usize).map(|l| l.position(place.start));
        let (line, column) = position.map_or((1, 1), |p| (p.line, p.column));
        format!("{}:{line}:{column}", escape::one_line(path(files, place.file)))
    };
    let place = at(d.place());
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{place}: {}[{}]: {}", word(d.severity), d.code, escape::one_line(&d.message));
    if let Some(l) = lines.get(d.place().file as usize) {
        let line = l.line(l.number(d.place().start));
        let shown = if excerpt::is_long(line) {
            excerpt::within(l, d.place()).1.text
        } else {
            escape::one_line(line.trim())
        };
        let _ = writeln!(out, "  source: {shown}");
    }
    for (i, label) in d.labels.iter().enumerate().filter(|(_, l)| !l.text.is_empty()) {
        let text = escape::one_line(&label.text);
        let _ = match i {
            0 => writeln!(out, "  here: {text}"),
            _ => writeln!(out, "  {}: {text}", at(label.place)),
        };
    }
    for note in &d.notes {
        let _ = writeln!(out, "  note: {}", lines_of(note));
    }
    if let Some(help) = &d.help {
        let _ = writeln!(out, "  help: {}", lines_of(help));
    }
    out.push('\n');
}

/// Each line of the author (a help may show code) on a line of its own.
fn lines_of(text: &str) -> String {
    text.lines().map(escape::one_line).collect::<Vec<_>>().join("\n        ")
}

fn drawn(text: &mut String, d: &Diagnostic, sources: &mut Sources<'_>, lines: &[Lines<'_>], style: Style) {
    let notes = d.notes.iter().map(|note| wrap(note, style.width, "Note: "));
    let help = d.help.as_ref().map(|help| wrap(help, style.width, "Help: "));
    let long = |l: &crate::Label| {
        lines.get(l.place.file as usize).is_some_and(|f| excerpt::touches_long(f, l.place))
    };
    if d.labels.iter().any(long) {
        let ends: Vec<(&str, String)> =
            help.map(|h| ("Help", h)).into_iter().chain(notes.map(|n| ("Note", n))).collect();
        text.push_str(&excerpt::draw(d, sources.files, lines, style.color, &ends));
        return;
    }
    // A custom kind would be coloured even where colours are not wanted.
    let (kind, color) = match d.severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
    };
    let config = Config::new()
        .with_color(style.color)
        .with_index_type(IndexType::Char)
        .with_char_set(CharSet::Unicode);
    let mut report = Report::build(kind, sources.span(d.place()))
        .with_config(config)
        .with_code(d.code)
        .with_message(escape::one_line(&d.message));
    let order = drawing_order(d);
    for ((i, l), order) in d.labels.iter().enumerate().zip(order) {
        let color = if i == 0 { color } else { Color::Blue };
        // The first label is what it is about; it is drawn first where two stand in one line.
        // Without a text the drawing would not underline the place.
        let text = if l.text.is_empty() { "here".into() } else { escape::one_line(&l.text) };
        let label = Label::new(sources.span(l.place))
            .with_message(text)
            .with_color(color)
            .with_order(order)
            .with_priority(i32::from(i == 0));
        report = report.with_label(label);
    }
    for note in notes {
        report = report.with_note(note);
    }
    if let Some(help) = help {
        report = report.with_help(help);
    }
    let mut out = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = report.finish().write(sources, &mut out);
    for line in String::from_utf8_lossy(&out).lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push('\n');
}

/// The place of each label among those that are drawn: the file of the main place first, and each file from its top to its end. So a file is
/// drawn once; drawn in pieces, each piece would be headed by the main place.
fn drawing_order(d: &Diagnostic) -> Vec<i32> {
    let mut files: Vec<u32> = Vec::new();
    for label in &d.labels {
        if !files.contains(&label.place.file) {
            files.push(label.place.file);
        }
    }
    let file = |place: Place| files.iter().position(|f| *f == place.file);
    let mut sorted: Vec<usize> = (0..d.labels.len()).collect();
    sorted.sort_by_key(|i| d.labels.get(*i).map(|l| (file(l.place), l.place.end)));
    (0..d.labels.len())
        .map(|i| {
            sorted.iter().position(|s| *s == i).and_then(|at| i32::try_from(at).ok()).unwrap_or(i32::MAX)
        })
        .collect()
}

/// Breaks a text between words so that, after the drawing's margin and `title`, no line is longer than `width`. Line
/// breaks of the author (a help may show code) are kept.
fn wrap(text: &str, width: usize, title: &str) -> String {
    const MARGIN: usize = 6;
    let room = width.saturating_sub(MARGIN + title.len()).max(20);
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        let mut used = 0;
        for word in line.split(' ').filter(|w| !w.is_empty()) {
            let word = escape::one_line(word);
            let length = word.chars().count();
            if used == 0 {
                out.push_str(&indent);
                used = indent.len();
            } else if width > 0 && used + 1 + length > room {
                out.push('\n');
                out.push_str(&indent);
                used = indent.len();
            } else {
                out.push(' ');
                used += 1;
            }
            out.push_str(&word);
            used += length;
        }
    }
    out
}

/// A file as it is drawn: hostile characters replaced, and how far that moved what follows.
struct Shown {
    source: Source<String>,
    /// (offset in the file of the first byte after a replaced character, how many bytes longer the text is from there)
    moved: Vec<(usize, usize)>,
}

impl Shown {
    fn new(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut moved = Vec::new();
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let ends_line = c == '\n' || (c == '\r' && chars.peek().is_some_and(|(_, n)| *n == '\n'));
            if ends_line || c == '\t' {
                out.push(c);
            } else {
                escape::push(&mut out, c);
                let next = at + c.len_utf8();
                let longer = out.len() - next;
                if moved.last().map_or(0, |(_, m)| *m) != longer {
                    moved.push((next, longer));
                }
            }
        }
        Self { source: Source::from(out), moved }
    }

    fn offset(&self, at: usize) -> usize {
        let before = self.moved.partition_point(|(from, _)| *from <= at);
        at + before.checked_sub(1).and_then(|i| self.moved.get(i)).map_or(0, |(_, m)| *m)
    }

    /// The characters of the drawn text before a byte of the file.
    fn chars(&self, at: usize) -> usize {
        let at = self.offset(at);
        let Some((line, _, column)) = self.source.get_byte_line(at) else { return self.source.len() };
        let before = self.source.get_line_text(line).and_then(|text| text.get(..column));
        line.offset() + before.map_or(column, |text| text.chars().count())
    }
}

/// The files, made ready for drawing when first asked for: most files of a project have nothing to show.
struct Sources<'a> {
    files: &'a [FileName],
    shown: Vec<Option<Shown>>,
}

impl Sources<'_> {
    /// The place in the drawn text. An empty place is widened by one character, so that it can be seen; one that lies
    /// outside of its file is moved to its end.
    fn span(&mut self, place: Place) -> (usize, Range<usize>) {
        let file = place.file as usize;
        let Some(text) = self.files.get(file).map(|f| &*f.text) else { return (file, 0..0) };
        let mut start = floor(text, place.start as usize);
        let mut end = floor(text, place.end as usize).max(start);
        if start == end {
            let next = text.get(start..).and_then(|t| t.chars().next());
            let before = text.get(..start).and_then(|t| t.chars().next_back());
            match (next, before) {
                (Some(c), _) if c != '\n' && c != '\r' => end += c.len_utf8(),
                (None, Some('\n')) => start -= 1,
                _ => {}
            }
        }
        self.make(file);
        match self.shown.get(file).and_then(Option::as_ref) {
            Some(shown) => (file, shown.chars(start)..shown.chars(end)),
            None => (file, 0..0),
        }
    }

    fn make(&mut self, file: usize) {
        if let (Some(slot @ None), Some(f)) = (self.shown.get_mut(file), self.files.get(file)) {
            *slot = Some(Shown::new(&f.text));
        }
    }
}

impl Cache<usize> for &mut Sources<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &usize) -> Result<&Source<String>, impl std::fmt::Debug> {
        self.make(*id);
        self.shown.get(*id).and_then(Option::as_ref).map(|s| &s.source).ok_or("no such file")
    }

    fn display<'b>(&self, id: &'b usize) -> Option<impl std::fmt::Display + 'b> {
        self.files.get(*id).map(|f| escape::one_line(&f.path))
    }
}
