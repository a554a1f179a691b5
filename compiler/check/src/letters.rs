//! Text of a vendor that is compared letter by letter, though its letters mean the same in either case.
//!
//! Only what can be told: the text comes out of a case or an answer as a `String`, nothing has brought it into one case on the way, and
//! what it is compared with is a mail address, a digest, or the name of a file of Windows. What is written beside an operator as a name of a file is told
//! by the lint of what is written; here it is told where it stands in a value, or in a `match`.

use std::collections::BTreeSet;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::builtin;
use play_program::call::Suspend;
use play_program::types::{RecordId, Type};
use play_program::value::Value;
use play_syntax::ast::{BinaryOp, Span};

use crate::context::place;
use crate::lint::names_a_file;
use crate::project::Loaded;
use crate::typed::{Body, Expr, ExprKind, ListOp, LocalId, Pattern, Program, Stmt};

/// What a text is, if its letters mean the same in either case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mail,
    Digest,
    File,
}

impl Kind {
    fn of(text: &str) -> Option<Self> {
        let is_hex =
            text.bytes().all(|b| b.is_ascii_hexdigit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
        if matches!(text.len(), 32 | 40 | 64) && is_hex {
            return Some(Self::Digest);
        }
        if names_a_file(text) {
            return Some(Self::File);
        }
        let (name, host) = text.split_once('@')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_+".contains(c);
        let is_mail =
            !name.is_empty() && name.chars().all(plain) && host.contains('.') && host.chars().all(plain);
        is_mail.then_some(Self::Mail)
    }

    fn finding(self, at: Span, text: &str, several: bool) -> Diagnostic {
        let (what, who, ty) = match self {
            Self::Mail => {
                ("the cases of this address are told apart", "Mail systems take them for one", Some("Email"))
            }
            Self::Digest => (
                "the cases of this digest are told apart",
                "Some vendors write digests in upper case, some in lower",
                Some("Hash"),
            ),
            Self::File => (
                "Windows does not tell the cases of this name apart",
                "Records have it as the user or the attacker wrote it",
                None,
            ),
        };
        let way = if several {
            "Write `x.lower()`, and all texts in lower case".to_string()
        } else {
            "Write `x.equals_ignoring_case(\"…\")`".to_string()
        };
        let finding = Diagnostic::warning(codes::P9015, place(at), what).here("another case is not found");
        finding.note(format!("{who}: `{}`.", text.to_uppercase())).help(match ty {
            Some(ty) => format!("{way}; or give the field the type `{ty}`, which knows."),
            None => format!("{way}."),
        })
    }
}

/// Reports it in the project's own files.
pub(crate) fn report(program: &Program, files: &[Loaded], findings: &mut Vec<Diagnostic>) {
    let made = made_by_sources(program);
    let mut look =
        Look { program, files, case: None, made: &made, vendor: BTreeSet::new(), found: Vec::new() };
    for playbook in &program.playbooks {
        look.case = Some(playbook.case);
        playbook.when.iter().for_each(|body| look.body(body));
        look.body(&playbook.body);
    }
    look.case = None;
    program.fns.iter().for_each(|f| look.body(&f.body));
    for source in &program.sources {
        source.accept.iter().chain(source.map.iter().map(|(_, body)| body)).for_each(|body| look.body(body));
    }
    findings.append(&mut look.found);
}

/// The fields of cases that every source brings into one case.
fn made_by_sources(program: &Program) -> BTreeSet<(RecordId, usize)> {
    let (mut made, mut left) = (BTreeSet::new(), BTreeSet::new());
    for source in &program.sources {
        for (slot, body) in &source.map {
            let into = if comes_from_vendor(&body.expr) { &mut left } else { &mut made };
            into.insert((source.case, *slot));
        }
    }
    made.difference(&left).copied().collect()
}

/// Whether a field of a source is what the vendor wrote.
fn comes_from_vendor(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::As(..) => true,
        ExprKind::Try(_, of) => comes_from_vendor(of),
        ExprKind::Else(_, a, b) => comes_from_vendor(a) || comes_from_vendor(b),
        _ => false,
    }
}

struct Look<'p> {
    program: &'p Program,
    files: &'p [Loaded],
    /// The case at hand.
    case: Option<RecordId>,
    made: &'p BTreeSet<(RecordId, usize)>,
    /// Locals that hold what a vendor wrote.
    vendor: BTreeSet<LocalId>,
    found: Vec<Diagnostic>,
}

impl Look<'_> {
    fn body(&mut self, body: &Body) {
        self.vendor.clear();
        self.expr(&body.expr);
    }

    /// Whether a value is, or holds, what a vendor wrote, as it wrote it.
    fn is_vendors(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::CaseField(slot) => self.case.is_some_and(|case| !self.made.contains(&(case, *slot))),
            ExprKind::Local(local) => self.vendor.contains(local),
            ExprKind::Field(of, _) | ExprKind::OptField(of, _) => self.is_vendors(of),
            ExprKind::Try(_, of) => self.is_vendors(of),
            ExprKind::As(_, ty) => *self.program.types.repr(ty) == Type::String,
            ExprKind::Else(_, value, _) => self.is_vendors(value),
            ExprKind::Read(..) | ExprKind::Do(..) => true,
            // What a person writes of themselves is no vendor's.
            ExprKind::Suspend(what, _) => matches!(what, Suspend::Poll(_) | Suspend::Event(_)),
            ExprKind::ListOp { op: ListOp::Filter | ListOp::Find, list, .. } => self.is_vendors(list),
            ExprKind::Builtin(id, args) => {
                let name = builtin::get(*id).map(|b| b.name);
                matches!(name, Some("first" | "last" | "at" | "trim" | "value"))
                    && args.first().is_some_and(|of| self.is_vendors(of))
            }
            _ => false,
        }
    }

    fn is_text(&self, e: &Expr) -> bool {
        let ty = if let Type::Option(of) = &e.ty { of } else { &e.ty };
        *self.program.types.repr(ty) == Type::String && self.is_vendors(e)
    }

    /// A text that is written out, and whether it stands in a value of the program.
    fn written<'e>(&'e self, e: &'e Expr) -> Option<(&'e str, bool)> {
        match &e.kind {
            ExprKind::Lit(Value::Str(text)) => Some((text, false)),
            ExprKind::Const(at) => Some((self.written(&self.program.consts.get(*at)?.body.expr)?.0, true)),
            _ => None,
        }
    }

    /// The first text of a list in which case means nothing, and whether the list is a value of the program.
    fn first<'e>(&'e self, list: &'e Expr) -> Option<(&'e str, Kind, bool)> {
        let (list, named) = match &list.kind {
            ExprKind::Const(at) => (&self.program.consts.get(*at)?.body.expr, true),
            _ => (list, false),
        };
        let ExprKind::List(members) = &list.kind else { return None };
        members
            .iter()
            .filter_map(|m| self.written(m))
            .find_map(|(text, _)| Some((text, Kind::of(text)?, named)))
    }

    fn add(&mut self, at: u32, kind: Kind, text: &str, several: bool) {
        let Some(node) = self.program.nodes.get(at as usize) else { return };
        if self.files.get(node.file as usize).is_some_and(|f| f.package == 0) {
            let span = Span { file: node.file, start: node.start, end: node.end };
            self.found.push(kind.finding(span, text, several));
        }
    }

    fn equal(&mut self, text: &Expr, with: &Expr) {
        if let Some((written, named)) = self.written(with)
            && let Some(kind) = Kind::of(written)
            && (kind != Kind::File || named)
            && self.is_text(text)
        {
            let written = written.to_string();
            self.add(with.at, kind, &written, false);
        }
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Binary(BinaryOp::Eq | BinaryOp::Ne, left, right) => {
                self.equal(left, right);
                self.equal(right, left);
            }
            ExprKind::Binary(BinaryOp::In, left, right) => {
                if let Some((text, kind, named)) = self.first(right)
                    && (kind != Kind::File || named)
                    && self.is_text(left)
                {
                    let text = text.to_string();
                    self.add(right.at, kind, &text, true);
                }
            }
            ExprKind::Match { value, arms } if self.is_text(value) => {
                let mut texts = arms.iter().flat_map(|arm| &arm.patterns).filter_map(|p| match p {
                    Pattern::Value(Value::Str(text)) => Some(text),
                    _ => None,
                });
                if let Some((text, kind)) = texts.find_map(|text| Some((text, Kind::of(text)?))) {
                    self.add(value.at, kind, text, true);
                }
            }
            ExprKind::Block(stmts, _) => {
                for stmt in stmts {
                    if let Stmt::Let(local, value) = stmt
                        && self.is_vendors(value)
                    {
                        self.vendor.insert(*local);
                    }
                }
            }
            ExprKind::IfLet { value: of, var, .. }
            | ExprKind::For { list: of, var, .. }
            | ExprKind::ListOp { list: of, var, .. }
                if self.is_vendors(of) =>
            {
                self.vendor.insert(*var);
            }
            _ => {}
        }
        for part in e.parts() {
            self.expr(part);
        }
    }
}
