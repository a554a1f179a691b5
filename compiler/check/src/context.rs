//! What is known of the whole program while it is checked: declarations, types, nodes, findings.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};
use play_program::action::{Action, ActionId};
use play_program::artifact::Node;
use play_program::types::{EnumId, NewtypeId, RecordId, Type, TypeTable};
use play_syntax::ast::{
    ConstDecl, ControlsDecl, EnumDecl, FnDecl, GuardDecl, Name, PlaybookDecl, RecordDecl, Span,
};

use crate::config::ConfigInfo;
use crate::failures::Failures;
use crate::labels::Labels;
use crate::memory::Memory;
use crate::parties::Parties;
use crate::procedure::ProcedureInfo;
use crate::project::Loaded;
use crate::scope::Scopes;
use crate::typed::NodeId;
use crate::wrong::Wrong;

/// The place of a span.
pub(crate) fn place(span: Span) -> Place {
    Place { file: span.file, start: span.start, end: span.end }
}

/// The type of what is wrong already: it fits everywhere, and nothing more is said about it. No program holds it, since
/// there is no program where there is an error.
pub(crate) const WRONG: Type = Type::Newtype(NewtypeId(u32::MAX));

/// Names that are compared with unknown ones, all in all.
pub(crate) const COMPARISONS: usize = 200_000;

/// Whether a type is, or is made of, [`WRONG`].
pub(crate) fn is_wrong(ty: &Type) -> bool {
    match ty {
        Type::List(of) | Type::Option(of) => is_wrong(of),
        other => *other == WRONG,
    }
}

/// What a name stands for. Numbers are indices of declarations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Global {
    Record(RecordId),
    Case(RecordId),
    Enum(EnumId),
    Newtype(NewtypeId),
    Fn(usize),
    Const(usize),
    Source,
    Connector(usize),
    Playbook(usize),
    Procedure(usize),
    /// A named set of failures.
    Failures(usize),
    Guard(usize),
    /// A framework of controls.
    Controls(usize),
    /// Declared, but what could not be parsed.
    Broken,
}

/// A function's signature, and what became of its body.
#[derive(Clone)]
pub(crate) struct FnInfo<'a> {
    pub(crate) decl: &'a FnDecl,
    /// The declaration, and its number where somebody keeps it.
    pub(crate) item: (u64, Span),
    pub(crate) params: Vec<(String, Type)>,
    pub(crate) result: Type,
    /// Once its body is checked: its index in the program, and whether a call can fault.
    pub(crate) made: OnceLock<(usize, bool)>,
}

/// A constant.
#[derive(Clone)]
pub(crate) struct ConstInfo<'a> {
    pub(crate) decl: &'a ConstDecl,
    /// The declaration, and its number where somebody keeps it.
    pub(crate) item: (u64, Span),
    /// Once it is checked: its index in the program, and its type.
    pub(crate) made: OnceLock<(usize, Type)>,
}

/// A connector's actions by name, with the place of each name.
#[derive(Clone)]
pub(crate) struct ConnectorInfo {
    pub(crate) name: String,
    pub(crate) actions: BTreeMap<String, (ActionId, Span)>,
    pub(crate) events: BTreeMap<String, (u32, Span)>,
}

/// A playbook and the case it takes.
#[derive(Clone, Copy)]
pub(crate) struct PlaybookInfo<'a> {
    pub(crate) decl: &'a PlaybookDecl,
    pub(crate) case: Option<RecordId>,
}

/// The whole of it.
pub(crate) struct Context<'a> {
    pub(crate) files: &'a [Loaded],
    pub(crate) findings: Vec<Diagnostic>,
    /// Findings that are told once for all places, by what they are about: their indices.
    pub(crate) told: BTreeMap<String, usize>,
    /// How many names were compared with unknown ones.
    pub(crate) compared: AtomicUsize,
    /// How often something was asked that not only depends on what is declared.
    pub(crate) asked: AtomicUsize,
    /// What is known from the check before, where somebody checks after each change.
    pub(crate) memory: Option<Memory>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) types: Arc<TypeTable>,
    /// The declaration of each record, by id.
    pub(crate) record_decls: Vec<&'a RecordDecl>,
    /// The declared enums, in the order of their ids.
    pub(crate) enum_decls: Vec<(EnumId, &'a EnumDecl)>,
    /// What each package can name.
    pub(crate) globals: Arc<Scopes<'a>>,
    /// What others than the program know by name, and where it is declared first.
    pub(crate) deployed: BTreeMap<String, Span>,
    /// The enums that have a member of that name.
    pub(crate) members: Arc<BTreeMap<String, Vec<EnumId>>>,
    pub(crate) fns: Arc<Vec<FnInfo<'a>>>,
    pub(crate) consts: Arc<Vec<ConstInfo<'a>>>,
    pub(crate) connectors: Arc<Vec<ConnectorInfo>>,
    /// The events of all connectors.
    pub(crate) events: Arc<Vec<play_program::artifact::Event>>,
    pub(crate) actions: Arc<Vec<Action>>,
    /// The writes that say how it is found out whether they were done.
    pub(crate) verified: std::collections::BTreeSet<ActionId>,
    pub(crate) playbooks: Vec<PlaybookInfo<'a>>,
    pub(crate) failures: Failures<'a>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) procedures: Arc<Vec<ProcedureInfo<'a>>>,
    /// The procedures that are being checked, each called by the one before.
    pub(crate) calling: Vec<usize>,
    pub(crate) guards: Vec<&'a GuardDecl>,
    pub(crate) controls: Vec<&'a ControlsDecl>,
    pub(crate) parties: Parties<'a>,
    /// The layout of a case of which only the common fields are known, once somebody asked for it.
    pub(crate) common_case: Option<RecordId>,
    /// What the project's configuration declares.
    pub(crate) config: Option<ConfigInfo<'a>>,
    /// The enums and records that answers are made of, by their choices.
    pub(crate) answers: BTreeMap<Vec<String>, (EnumId, RecordId)>,
    /// The record that an approval is, once somebody asked for it.
    pub(crate) approval: Option<RecordId>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(files: &'a [Loaded], memory: Option<Memory>) -> Self {
        // A text has fewer nodes than that; what is not used is never touched.
        let nodes = files.iter().map(|f| f.text.len()).sum::<usize>() / 8;
        let nodes = Vec::with_capacity(nodes);
        Self { memory, nodes, ..Self::empty(files, Arc::new(Scopes::of(files))) }
    }

    /// One that knows what can be named, and nothing else.
    pub(crate) fn empty(files: &'a [Loaded], globals: Arc<Scopes<'a>>) -> Self {
        Self {
            files,
            findings: Vec::new(),
            told: BTreeMap::new(),
            compared: AtomicUsize::new(0),
            asked: AtomicUsize::new(0),
            memory: None,
            nodes: Vec::new(),
            types: Arc::new(TypeTable::with_builtins()),
            record_decls: Vec::new(),
            enum_decls: Vec::new(),
            globals,
            deployed: BTreeMap::new(),
            members: Arc::default(),
            fns: Arc::default(),
            consts: Arc::default(),
            connectors: Arc::default(),
            events: Arc::default(),
            actions: Arc::default(),
            verified: std::collections::BTreeSet::new(),
            playbooks: Vec::new(),
            failures: Failures::default(),
            labels: Arc::default(),
            procedures: Arc::default(),
            calling: Vec::new(),
            guards: Vec::new(),
            controls: Vec::new(),
            parties: Parties::default(),
            common_case: None,
            config: None,
            answers: BTreeMap::new(),
            approval: None,
        }
    }

    /// The declaration of an enum; one that is built in has none.
    pub(crate) fn enum_decl(&self, of: EnumId) -> Option<&'a EnumDecl> {
        let at = self.enum_decls.binary_search_by_key(&of, |(id, _)| *id).ok()?;
        self.enum_decls.get(at).map(|(_, decl)| *decl)
    }

    /// Keeps a finding.
    pub(crate) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// What was likely meant by a name that is not known. Comparing it with all others takes a while, so after so many
    /// comparisons no more is looked for: beyond that many findings nobody reads it.
    pub(crate) fn closest<'n>(
        &self,
        name: &str,
        candidates: impl IntoIterator<Item = &'n str>,
    ) -> Option<&'n str> {
        self.ask();
        if self.compared.load(Ordering::Relaxed) >= COMPARISONS {
            return None;
        }
        let count = |_: &&str| {
            self.compared.fetch_add(1, Ordering::Relaxed);
        };
        play_diagnostics::suggest::closest(name, candidates.into_iter().inspect(count))
    }

    /// Something is asked that not only depends on what is declared: what was checked with it has to be checked again each time.
    pub(crate) fn ask(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was so, or something was left behind that all see: where it is the same after a check as before, there was none of it.
    pub(crate) fn asked(&self) -> ([usize; 5], usize) {
        (self.left(), self.globals.deprecated.asked())
    }

    /// The same without what was deprecated and named: who names it, in whatever order, is kept by its place.
    pub(crate) fn left(&self) -> [usize; 5] {
        let (asked, types) = (self.asked.load(Ordering::Relaxed), &self.types);
        [asked, types.records.len(), types.enums.len(), types.newtypes.len(), self.answers.len()]
    }

    /// Whether an error was found after so many findings.
    pub(crate) fn errors_since(&self, before: usize) -> bool {
        self.findings.iter().skip(before).any(|d| d.is_error())
    }

    /// A part of it could not be read, and is not in the tree.
    pub(crate) fn is_torn(&self, span: Span) -> bool {
        let file = self.files.get(span.file as usize);
        file.is_some_and(|f| f.wrong.iter().any(|at| span.start <= *at && *at <= span.end))
    }

    /// One of these errors was found in it, or a part of it could not be read.
    pub(crate) fn is_wrong_in(&self, at: NodeId, wrong: &Wrong) -> bool {
        let Some(node) = self.nodes.get(at as usize) else { return false };
        let span = Span { file: node.file, start: node.start, end: node.end };
        self.is_torn(span) || wrong.is_in(place(span))
    }

    /// A new node at a place.
    pub(crate) fn node(&mut self, span: Span) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(NodeId::MAX);
        self.nodes.push(Node { file: span.file, start: span.start, end: span.end });
        id
    }

    /// The source text of a place.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        let file = self.files.get(span.file as usize);
        file.and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or_default()
    }

    /// What stands behind a place in its line.
    pub(crate) fn behind(&self, span: Span) -> &'a str {
        let file = self.files.get(span.file as usize);
        let rest = file.and_then(|f| f.text.get(span.end as usize..)).unwrap_or_default();
        rest.lines().next().unwrap_or_default().trim()
    }

    /// The source text of a place in backquotes when it is short, else `this value`.
    pub(crate) fn quoted(&self, span: Span) -> String {
        let text = self.text(span);
        if text.is_empty() || text.chars().count() > 48 || text.contains(['\n', '`']) {
            "this value".into()
        } else {
            format!("`{text}`")
        }
    }

    /// The same for use inside an example: the text when it is short, else `value`.
    pub(crate) fn example(&self, span: Span) -> String {
        let text = self.text(span);
        if text.is_empty() || text.chars().count() > 48 || text.contains(['\n', '`']) {
            "value".into()
        } else {
            text.to_string()
        }
    }

    /// A type as it is written.
    pub(crate) fn type_name(&self, ty: &Type) -> String {
        self.types.name(ty)
    }

    /// The type with its article and in backquotes: ``an `Ip` ``, ``a `String?` ``.
    pub(crate) fn a_type(&self, ty: &Type) -> String {
        match ty {
            Type::Unit | Type::Never => "nothing".into(),
            Type::Option(of) if **of == Type::Never => "`none`".into(),
            Type::List(of) if **of == Type::Never => "an empty list".into(),
            other => {
                let name = self.type_name(other);
                let vowel = name.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']);
                format!("{} `{name}`", if vowel { "an" } else { "a" })
            }
        }
    }

    /// Reports a construct that the language has and this compiler does not.
    pub(crate) fn not_yet(&mut self, what: &str, span: Span) {
        self.report(
            Diagnostic::error(codes::P0001, place(span), format!("`{what}` is not supported yet"))
                .here("this compiler does not have it")
                .note("It is refused rather than ignored, so that a playbook never does less than it says."),
        );
    }

    /// A `because` that says nothing is as good as none.
    pub(crate) fn because_missing(&mut self, what: &str, span: Span) {
        let end = Place { file: span.file, start: span.end, end: span.end };
        self.report(
            Diagnostic::error(codes::P5004, place(span), format!("`{what}` does not say why"))
                .here("a `because` is missing")
                .note("The reason lands in the evidence: whoever reads the case later must not have to guess it.")
                .help(format!("Write `{} because \"…\"`.", self.example(span)))
                .fix(
                    "Add a `because`",
                    false,
                    vec![play_diagnostics::Edit { place: end, text: " because \"TODO\"".into() }],
                ),
        );
    }

    /// The slot of a case's or record's field.
    pub(crate) fn slot(&self, record: RecordId, field: &str) -> Option<(usize, Type)> {
        let fields = &self.types.record(record)?.fields;
        fields.iter().position(|f| f.name == field).and_then(|i| fields.get(i).map(|f| (i, f.ty.clone())))
    }

    /// Where a field is declared; `None` for the fields that every case has.
    pub(crate) fn field_place(&self, record: RecordId, field: &str) -> Option<Span> {
        let decl = self.record_decls.get(record.0 as usize)?;
        decl.fields.iter().find(|f| f.name.text == field).map(|f| f.name.span)
    }

    /// Where a record or case is declared.
    pub(crate) fn record_place(&self, record: RecordId) -> Option<Span> {
        self.record_decls.get(record.0 as usize).map(|d| d.name.span)
    }

    /// The action `connector.name`. Reports what is not there.
    pub(crate) fn action(&mut self, connector: &Name, name: &Name) -> Option<ActionId> {
        match self.globals.get(connector.span, &connector.text) {
            Some((Global::Connector(index), _)) => {
                let index = *index;
                self.action_of(index, name)
            }
            Some((Global::Broken, _)) => None,
            _ => {
                self.unknown_connector(connector);
                None
            }
        }
    }

    fn unknown_connector(&mut self, connector: &Name) {
        if self.may_be_broken(&connector.text) {
            return;
        }
        let near = self
            .closest(&connector.text, self.connectors.iter().map(|c| c.name.as_str()))
            .map(str::to_string);
        let text = &connector.text;
        let mut finding =
            Diagnostic::error(codes::P2001, place(connector.span), format!("there is no connector `{text}`"))
                .here("not declared");
        finding = match near {
            Some(near) => crate::names::rename(finding, connector.span, &near),
            None => finding
                .help(format!("Add `use std.connectors.{text}`, or declare `connector {text} {{ … }}`.")),
        };
        self.report(finding);
    }

    /// The action of a connector by its name. Reports what is not there.
    pub(crate) fn action_of(&mut self, connector: usize, name: &Name) -> Option<ActionId> {
        let info = self.connectors.get(connector)?;
        if let Some((id, declared)) = info.actions.get(name.text.as_str()) {
            self.globals.deprecated.named(name.span, *declared, true);
            return Some(*id);
        }
        if let Some((_, declared)) = info.events.get(name.text.as_str()) {
            let full = format!("{}.{}", info.name, name.text);
            let finding = Diagnostic::error(
                codes::P5019,
                place(name.span),
                format!("`{full}` is an event, and nobody can ask for it"),
            )
            .here("it comes by itself")
            .label(place(*declared), "declared as an `event` here")
            .help(format!("Wait for it: `wait {full}(…) within 5d else …`."));
            self.report(finding);
            return None;
        }
        self.ask();
        if self.files.iter().any(|f| f.broken.contains(name.text.as_str())) {
            return None;
        }
        let near = self.closest(&name.text, info.actions.keys().map(String::as_str));
        let finding = Diagnostic::error(
            codes::P2010,
            place(name.span),
            format!("connector `{}` has no action `{}`", info.name, name.text),
        )
        .here("no such action");
        let finding = match near {
            Some(near) => crate::names::rename(finding, name.span, near),
            None => {
                let all: Vec<String> = info.actions.keys().map(|a| format!("`{a}`")).collect();
                if all.is_empty() { finding } else { finding.help(format!("It has {}.", all.join(", "))) }
            }
        };
        self.report(finding);
        None
    }
}
