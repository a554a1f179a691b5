//! Declarations that their documentation calls deprecated, and where the project still names them.
//!
//! `/// Deprecated: …` is a line like any other of a documentation: the grammar has no word for it, whoever reads the page of a package
//! reads it too, and an older compiler takes the file as it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::types::{EnumId, RecordId, Type};
use play_syntax::ast::{ActionDecl, FieldDecl, Item, ItemKind, Name, Span};

use crate::context::{Context, Global, place};
use crate::project::Loaded;

/// What is deprecated, and what was named of it.
#[derive(Default)]
pub(crate) struct Deprecated {
    /// What is said of each, by the place of its name.
    said: BTreeMap<Span, Said>,
    /// Where one of them is named, the place of its name, and whether another name could stand there.
    named: Mutex<BTreeMap<Span, (Span, bool)>>,
    /// How often that was.
    asked: AtomicUsize,
}

/// One that is deprecated.
#[derive(Clone)]
struct Said {
    /// In words: `the field`.
    what: &'static str,
    name: String,
    /// What to do instead, as the documentation says it.
    instead: String,
}

/// What the documentation says behind `Deprecated:`, up to its next empty line.
fn said(doc: &[String]) -> Option<String> {
    let mut lines = doc.iter().map(|line| line.trim()).skip_while(|line| after(line).is_none());
    let first = after(lines.next()?)?;
    let more = lines.take_while(|line| !line.is_empty());
    let text = std::iter::once(first).chain(more).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    Some(text.join(" "))
}

/// The rest of a line that begins with the word.
fn after(line: &str) -> Option<&str> {
    let (word, rest) = line.split_once(':')?;
    word.trim_matches('*').eq_ignore_ascii_case("deprecated").then(|| rest.trim_start_matches('*').trim())
}

/// The name that stands in its place: the first one in backquotes.
fn replacement(instead: &str) -> Option<&str> {
    let name = instead.split('`').nth(1)?;
    let plain = |c: char| c.is_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

impl Clone for Deprecated {
    fn clone(&self) -> Self {
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { said: self.said.clone(), named: Mutex::new(named), asked: AtomicUsize::new(self.asked()) }
    }
}

impl Deprecated {
    /// Of all files.
    pub(crate) fn of(files: &[Loaded]) -> Self {
        let mut all = Self::default();
        files.iter().flat_map(|f| &f.tree.items).for_each(|item| all.item(item));
        all
    }

    fn add(&mut self, what: &'static str, name: &Name, doc: &[String]) {
        if let Some(instead) = said(doc) {
            self.said.insert(name.span, Said { what, name: name.text.as_str().to_string(), instead });
        }
    }

    fn fields(&mut self, of: &[FieldDecl]) {
        of.iter().for_each(|field| self.add("the field", &field.name, &field.doc));
    }

    fn item(&mut self, item: &Item) {
        if let Some((what, name)) = what(&item.kind).zip(item.kind.name()) {
            self.add(what, name, &item.doc);
        }
        match &item.kind {
            ItemKind::Case(d) | ItemKind::Record(d) => self.fields(&d.fields),
            ItemKind::Config(d) => self.fields(&d.record.fields),
            ItemKind::Enum(d) => d.variants.iter().for_each(|v| self.add("the member", &v.name, &v.doc)),
            ItemKind::Connector(d) => {
                d.actions.iter().for_each(|a| self.add("the action", &a.name, &a.doc));
                d.events.iter().for_each(|e| self.add("the event", &e.name, &e.doc));
            }
            _ => {}
        }
    }

    /// Whether something in a file is.
    pub(crate) fn in_file(&self, file: usize) -> bool {
        let Ok(file) = u32::try_from(file) else { return true };
        let from = Span { file, start: 0, end: 0 };
        self.said.range(from..).next().is_some_and(|(at, _)| at.file == file)
    }

    /// How often something was named that is.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Something that is declared somewhere is named at a place.
    pub(crate) fn named(&self, at: Span, declared: Span, may_be_another: bool) {
        if self.said.contains_key(&declared) {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
            named.insert(at, (declared, may_be_another));
        }
    }
}

/// What a declaration is that can be deprecated, in words.
fn what(kind: &ItemKind) -> Option<&'static str> {
    Some(match kind {
        ItemKind::Case(_) => "the case type",
        ItemKind::Record(_) | ItemKind::Newtype(_) | ItemKind::Enum(_) => "the type",
        ItemKind::Const(_) => "the value",
        ItemKind::Failures(_) => "the set of failures",
        ItemKind::Fn(_) => "the function",
        ItemKind::Procedure(_) => "the procedure",
        ItemKind::Connector(_) => "the connector",
        ItemKind::Controls(_) => "the framework",
        _ => return None,
    })
}

impl Context<'_> {
    /// A field of a record or case is named.
    pub(crate) fn field_named(&self, record: RecordId, name: &Name, read: bool) {
        if let Some(declared) = self.field_place(record, &name.text) {
            self.globals.deprecated.named(name.span, declared, read);
        }
    }

    /// A field is given a value where a record is made. One that has to be there cannot be left out.
    pub(crate) fn field_given(&self, record: RecordId, name: &Name, ty: &Type) {
        if matches!(ty, Type::Option(_)) {
            self.field_named(record, name, false);
        }
    }

    /// A member of an enum is named.
    pub(crate) fn member_named(&self, of: EnumId, tag: u32, at: Span) {
        if let Some(member) = self.enum_decl(of).and_then(|decl| decl.variants.get(tag as usize)) {
            self.globals.deprecated.named(at, member.name.span, false);
        }
    }

    /// The slot of a field that is read.
    pub(crate) fn slot_named(&self, record: RecordId, name: &Name) -> Option<(usize, Type)> {
        self.field_named(record, name, true);
        self.slot(record, &name.text)
    }

    /// Warns of each place of the project that names what is deprecated.
    pub(crate) fn deprecated_uses(&mut self) {
        let files = self.files;
        let named = self.globals.deprecated.named.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut found = Vec::new();
        for (at, (declared, may_be_another)) in named {
            let Some(said) = self.globals.deprecated.said.get(&declared) else { continue };
            let own = files.get(at.file as usize).is_some_and(|f| f.package == 0 && !f.library);
            // Places are asked about that do not name it: of a member, for its enum.
            if !own || self.text(at) != said.name || self.is_in_deprecated(at) {
                continue;
            }
            let other = replacement(&said.instead);
            let alike = other.filter(|other| may_be_another && self.is_alike(at, declared, other));
            found.push(finding(said, at, declared, other, alike));
        }
        found.extend(self.deprecated_modules());
        found.into_iter().for_each(|finding| self.report(finding));
    }

    /// What is deprecated may go on using what is.
    fn is_in_deprecated(&self, at: Span) -> bool {
        let Some(file) = self.files.get(at.file as usize) else { return false };
        let within = |span: Span| span.start <= at.start && at.end <= span.end;
        let action = |d: &ActionDecl| within(d.span) && said(&d.doc).is_some();
        file.tree.items.iter().filter(|item| within(item.span)).any(|item| {
            let in_it = matches!(&item.kind, ItemKind::Connector(d) if d.actions.iter().any(action));
            in_it || said(&item.doc).is_some()
        })
    }

    /// Whether a name means the same kind of thing, of the same type, where another stands.
    fn is_alike(&self, at: Span, declared: Span, other: &str) -> bool {
        let known = self.globals.get(at, self.text(at)).filter(|(_, place)| *place == declared);
        if let Some((known, _)) = known {
            return match (known, self.globals.get(at, other).map(|(global, _)| global)) {
                (Global::Fn(a), Some(Global::Fn(b))) => self
                    .fns
                    .get(*a)
                    .zip(self.fns.get(*b))
                    .is_some_and(|(a, b)| a.result == b.result && a.params == b.params),
                (Global::Const(a), Some(Global::Const(b))) => {
                    let ty = |at: usize| self.consts.get(at)?.made.get().map(|(_, ty)| ty);
                    ty(*a) == ty(*b)
                }
                _ => false,
            };
        }
        self.is_alike_field(declared, other) || self.is_alike_action(declared, other)
    }

    fn is_alike_field(&self, declared: Span, other: &str) -> bool {
        let mut records = self.record_decls.iter().zip(&self.types.records);
        let of = records.find(|(decl, _)| decl.fields.iter().any(|f| f.name.span == declared));
        let Some((decl, layout)) = of else { return false };
        let one = decl.fields.iter().find(|f| f.name.span == declared);
        let two = decl.fields.iter().find(|f| f.name.text == other);
        let Some((one, two)) = one.zip(two) else { return false };
        let ty = |name: &str| layout.fields.iter().find(|f| f.name == name).map(|f| &f.ty);
        ty(&one.name.text) == ty(&two.name.text) && words(&one.labels) == words(&two.labels)
    }

    fn is_alike_action(&self, declared: Span, other: &str) -> bool {
        let mut decls = self.files.iter().flat_map(|f| &f.tree.items).filter_map(|item| match &item.kind {
            ItemKind::Connector(d) if d.actions.iter().any(|a| a.name.span == declared) => Some(d),
            _ => None,
        });
        let Some(decl) = decls.next() else { return false };
        let one = decl.actions.iter().find(|a| a.name.span == declared);
        let two = decl.actions.iter().find(|a| a.name.text == other);
        let Some((one, two)) = one.zip(two) else { return false };
        let spec = |name: &str| self.actions.iter().find(|a| a.connector == decl.name.text && a.name == name);
        let Some((a, b)) = spec(&one.name.text).zip(spec(&two.name.text)) else { return false };
        let labels = |d: &ActionDecl| -> Vec<Vec<String>> {
            d.params.iter().map(|p| words(&p.labels)).chain([words(&d.labels)]).collect()
        };
        // A write is another act to guards, holds and the evidence, whatever it takes: that is for a person to say.
        !a.write
            && !b.write
            && a.params == b.params
            && a.result == b.result
            && a.fails == b.fails
            && labels(one) == labels(two)
    }

    /// A file of a package or of the standard library whose head says it.
    fn deprecated_modules(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for file in self.files.iter().filter(|f| f.package == 0) {
            // What a module uses itself stands behind it, at the same place.
            let mut seen = BTreeSet::new();
            for used in file.uses.iter().filter(|u| seen.insert(u.at)) {
                let Some(instead) = self.files.get(used.target).and_then(|f| said(&f.tree.doc)) else {
                    continue;
                };
                let name = self.text(used.at).to_string();
                let what = Said { what: "the module", name, instead };
                found.push(finding(&what, used.at, used.at, None, None));
            }
        }
        found
    }
}

fn words(labels: &[Name]) -> Vec<String> {
    let mut all: Vec<String> = labels.iter().map(|l| l.text.as_str().to_string()).collect();
    all.sort();
    all
}

fn finding(said: &Said, at: Span, declared: Span, other: Option<&str>, alike: Option<&str>) -> Diagnostic {
    let Said { what, name, instead } = said;
    let finding = Diagnostic::warning(codes::P9031, place(at), format!("{what} `{name}` is deprecated"));
    let finding = match other {
        Some(other) => finding.here(format!("use `{other}`")),
        None => finding.here("deprecated"),
    };
    let finding = if declared == at { finding } else { finding.label(place(declared), "declared here") };
    let finding = match (other, instead.is_empty()) {
        // It is named already.
        (Some(other), _) if instead.trim_end_matches('.').eq_ignore_ascii_case(&format!("use `{other}`")) => {
            finding
        }
        (_, true) => finding.note("Its documentation says so, and not what stands in its place."),
        (_, false) => finding.note(format!("Its documentation says: {instead}")),
    };
    match alike {
        // Of the same type is not the same value, and a local of that name would hide it: that is for a person to look at.
        Some(alike) => finding.help(format!("Write `{alike}`, which is of the same type.")).fix(
            format!("Write `{alike}`"),
            false,
            vec![Edit { place: place(at), text: alike.to_string() }],
        ),
        None => match other {
            Some(other) => {
                finding.help(format!("Use `{other}`; its type is another, or it is more than a name."))
            }
            None => finding.help("Use what its documentation names."),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{replacement, said};

    fn doc(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_string()).collect()
    }

    #[test]
    fn what_is_said_goes_to_the_next_empty_line() {
        let lines =
            doc(&["Who it was.", "Deprecated: use `user_name`, which", "all sources fill.", "", "More."]);
        assert_eq!(said(&lines).as_deref(), Some("use `user_name`, which all sources fill."));
        assert_eq!(said(&doc(&["**Deprecated:** no more"])).as_deref(), Some("no more"));
        assert_eq!(said(&doc(&["deprecated:"])).as_deref(), Some(""));
        assert_eq!(said(&doc(&["A deprecated: thing"])), None);
    }

    #[test]
    fn a_replacement_is_one_name() {
        assert_eq!(replacement("use `user_name` or `x`"), Some("user_name"));
        assert_eq!(replacement("use `std.sources.okta`"), None);
        assert_eq!(replacement("use nothing"), None);
    }
}
