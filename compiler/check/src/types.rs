//! Written types, and the layouts of records, cases and newtypes.

use std::sync::Arc;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, elsewhere};
use play_program::shape::{CASE_FIELDS, case_field_type};
use play_program::types::{FieldType, RecordId, Type, TypeTable};
use play_syntax::ast::{ItemKind, NewtypeDecl, RecordDecl, TypeExpr, TypeExprKind};

use crate::context::{Context, Global, WRONG, is_wrong, place};
use crate::names::{BUILTIN_TYPES, builtin_type, index, rename};

/// Where a type is written: not every type may stand everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// A field, parameter, result or annotation: anything that is a value.
    Value,
    /// The result of an action: nothing (`Unit`) is allowed too.
    Result,
    /// A constant: a pattern is allowed too.
    Const,
}

impl<'a> Context<'a> {
    /// The type that is written. Reports what is wrong with it and gives [`WRONG`] then.
    pub(crate) fn resolve(&mut self, ty: &TypeExpr, site: Site) -> Type {
        match &ty.kind {
            TypeExprKind::Name(name) => self.resolve_name(name, ty, site),
            TypeExprKind::List(of) => {
                let of = self.resolve(of, Site::Value);
                if is_wrong(&of) { WRONG } else { Type::List(Box::new(of)) }
            }
            TypeExprKind::Option(of) => match self.resolve(of, Site::Value) {
                Type::Option(inner) => {
                    let name = self.type_name(&inner);
                    self.report(
                        Diagnostic::error(
                            codes::P3014,
                            place(ty.span),
                            "an option of an option does not exist",
                        )
                        .here("one `?` too many")
                        .note("A value is there or it is not; there is no second way of not being there.")
                        .help(format!("Write `{name}?`.")),
                    );
                    WRONG
                }
                inner if is_wrong(&inner) => WRONG,
                inner => Type::Option(Box::new(inner)),
            },
            TypeExprKind::Map(key_type, of) => {
                let key = self.resolve(key_type, Site::Value);
                let of = self.resolve(of, Site::Value);
                if is_wrong(&key) || is_wrong(&of) {
                    return WRONG;
                }
                if !self.can_be_key(&key) {
                    self.no_key(&key, key_type.span);
                    return WRONG;
                }
                Type::Map(Box::new(key), Box::new(of))
            }
            TypeExprKind::Ranged(of) => self.resolve_range(&of.name, of.low, of.high, ty.span),
            TypeExprKind::NotYet(what) => {
                self.not_yet(what, ty.span);
                WRONG
            }
        }
    }

    /// `Int 0..100`
    fn resolve_range(
        &mut self,
        name: &str,
        low: Option<i64>,
        high: Option<i64>,
        at: play_syntax::ast::Span,
    ) -> Type {
        let wrong = Diagnostic::error(codes::P3022, place(at), "this is no range of an `Int`");
        let (Some(low), Some(high)) = (low, high) else {
            self.report(wrong.here("its bounds are whole numbers").help("Write `Int 0..100`."));
            return WRONG;
        };
        if name != "Int" {
            self.report(
                wrong
                    .here(format!("`{name}` has no ranges"))
                    .note("Only an `Int` is held to a range by its type.")
                    .help(format!("Write `Int {low}..{high}`.")),
            );
            return WRONG;
        }
        if low > high {
            self.report(
                wrong
                    .here("no number is in it")
                    .help(format!("Write the smaller bound first: `Int {high}..{low}`.")),
            );
            return WRONG;
        }
        Type::Ranged(low, high)
    }

    /// Whether values of a type can be keys of a map: each has one form, and equals itself.
    pub(crate) fn can_be_key(&self, ty: &Type) -> bool {
        *ty != Type::Never && play_program::builtin::can_be_key(ty, &self.types)
    }

    /// Reports a type that no key has.
    pub(crate) fn no_key(&mut self, ty: &Type, at: play_syntax::ast::Span) {
        let (name, is) = (self.type_name(ty), self.a_type(ty));
        self.report(
            Diagnostic::error(codes::P3020, place(at), format!("`{name}` cannot be the key of a map"))
                .here(format!("this is {is}"))
                .note("A key is a `String`, `Int`, `Bool`, `Ip`, `Domain`, `Email`, `Url` or `Hash`, a member of an enum, or a type made of one of these.")
                .help("Use the text of it, or a list of records."),
        );
    }

    fn resolve_name(&mut self, name: &str, ty: &TypeExpr, site: Site) -> Type {
        match builtin_type(name) {
            Some(Type::Unit) if site != Site::Result => {
                return self
                    .misplaced(ty, "`Unit` is the result of an action that gives nothing, not a value");
            }
            Some(Type::Regex) if site != Site::Const => {
                return self.misplaced(ty, "a `Regex` is written where it is used, or is a constant");
            }
            Some(found) => return found,
            None => {}
        }
        match name {
            "Severity" => return Type::Enum(TypeTable::SEVERITY),
            "Closure" => return Type::Enum(TypeTable::CLOSURE),
            _ => {}
        }
        match self.globals.get(ty.span, name).map(|(global, _)| *global) {
            Some(Global::Record(id)) => Type::Record(id),
            Some(Global::Enum(id)) => self.enum_type(id),
            Some(Global::Newtype(id)) => Type::Newtype(id),
            Some(Global::Case(_)) => {
                self.report(
                    Diagnostic::error(
                        codes::P3014,
                        place(ty.span),
                        format!("`{name}` is a case, and a case is not a value"),
                    )
                    .here("a type of values belongs here")
                    .note("There is one case in a run; playbooks reach it as `case`.")
                    .help("Take the fields that are needed, each as a parameter of its own."),
                );
                WRONG
            }
            Some(Global::Broken) => WRONG,
            Some(other) => {
                let what = self.kind_of(other);
                self.report(
                    Diagnostic::error(
                        codes::P2011,
                        place(ty.span),
                        format!("`{name}` is {what}, not a type"),
                    )
                    .here("a type belongs here"),
                );
                WRONG
            }
            None => self.unknown_type(name, ty),
        }
    }

    fn misplaced(&mut self, ty: &TypeExpr, why: &str) -> Type {
        self.report(Diagnostic::error(codes::P3014, place(ty.span), why).here("cannot stand here"));
        WRONG
    }

    fn unknown_type(&mut self, name: &str, ty: &TypeExpr) -> Type {
        if self.may_be_broken(name) {
            return WRONG;
        }
        let is_type = |g: &Global| matches!(g, Global::Record(_) | Global::Enum(_) | Global::Newtype(_));
        let own = self.globals.names(ty.span, is_type);
        let near =
            self.closest(name, own.chain(BUILTIN_TYPES.iter().copied()).chain(["Severity", "Closure"]));
        let near = near.map(str::to_string);
        let finding = |_: &Self| {
            let finding =
                Diagnostic::error(codes::P2003, place(ty.span), format!("there is no type `{name}`"))
                    .here("not declared");
            match near.as_deref().or(elsewhere::type_name(name)) {
                Some(near) => rename(finding, ty.span, near),
                None => finding.help(format!("Declare it: `type {name} {{ … }}` or `enum {name} {{ … }}`.")),
            }
        };
        self.report_once(format!("type {name}"), finding, place(ty.span));
        WRONG
    }

    /// Lays out newtypes, records and cases.
    pub(crate) fn lay_out(&mut self) {
        let files = self.files;
        let mut newtype = 0;
        for decl in files.iter().flat_map(|f| &f.tree.items) {
            if let ItemKind::Newtype(decl) = &decl.kind {
                let of = self.newtype_of(decl);
                if let Some(entry) = Arc::make_mut(&mut self.types).newtypes.get_mut(newtype) {
                    entry.of = of;
                }
                newtype += 1;
            }
        }
        for at in 0..self.record_decls.len() {
            if let Some(decl) = self.record_decls.get(at).copied() {
                let fields = self.fields(decl, at);
                if let Some(entry) = Arc::make_mut(&mut self.types).records.get_mut(at) {
                    entry.fields = fields;
                }
            }
        }
        self.lay_out_held();
        self.no_recursion();
        self.no_documents_in_cases();
    }

    /// A case holds what its map read of an alert. A whole document in it would be neither: the evidence keeps leaves
    /// that were read, and a replay stands on these.
    fn no_documents_in_cases(&mut self) {
        for at in 0..self.record_decls.len() {
            let Some(decl) = self.record_decls.get(at).copied() else { continue };
            if !self.types.records.get(at).is_some_and(|r| r.is_case) {
                continue;
            }
            for field in &decl.fields {
                let layout = self
                    .types
                    .records
                    .get(at)
                    .and_then(|r| r.fields.iter().find(|f| f.name == field.name.text));
                let Some(ty) = layout.map(|f| f.ty.clone()) else { continue };
                if !self.has_document(&ty, &mut Vec::new()) {
                    continue;
                }
                let name = &field.name.text;
                self.report(
                    Diagnostic::error(codes::P3014, place(field.ty.span), format!("`{name}` of a case cannot hold `Json`"))
                        .here("a document from outside")
                        .note("The record of a run keeps the fields that were read, and no document that nobody read.")
                        .help("Give the fields that the playbook needs types of their own, and read them in `map`."),
                );
            }
        }
    }

    pub(crate) fn has_document(&self, ty: &Type, seen: &mut Vec<RecordId>) -> bool {
        match ty {
            Type::Json => true,
            Type::List(of) | Type::Option(of) | Type::Map(_, of) => self.has_document(of, seen),
            Type::Union(id) => {
                let held = self.types.enumeration(*id).map(|e| e.holds.clone()).unwrap_or_default();
                held.iter().any(|record| self.has_document(&Type::Record(*record), seen))
            }
            Type::Record(id) if !seen.contains(id) => {
                seen.push(*id);
                let fields = self.types.record(*id).map(|r| r.fields.as_slice()).unwrap_or_default();
                fields.iter().any(|f| self.has_document(&f.ty, seen))
            }
            _ => false,
        }
    }

    fn newtype_of(&mut self, decl: &NewtypeDecl) -> Type {
        let of = self.resolve(&decl.of, Site::Value);
        let name = &decl.name.text;
        let simple = !matches!(
            of,
            Type::List(_)
                | Type::Map(..)
                | Type::Option(_)
                | Type::Record(_)
                | Type::Enum(_)
                | Type::Union(_)
                | Type::Newtype(_)
                | Type::Json
        );
        if simple || is_wrong(&of) {
            return of;
        }
        let found = self.type_name(&of);
        self.report(
            Diagnostic::error(codes::P3014, place(decl.of.span), format!("`{name}` cannot be made of `{found}`"))
                .here("not a simple type")
                .note("A type made of another keeps two simple values apart that look alike, such as two kinds of ids.")
                .help(format!("Make it of a simple type (`type {name} = String`), or a record: `type {name} {{ … }}`.")),
        );
        WRONG
    }

    fn fields(&mut self, decl: &RecordDecl, at: usize) -> Vec<FieldType> {
        let is_case = self.types.records.get(at).is_some_and(|r| r.is_case);
        let own = if is_case { CASE_FIELDS.len() } else { 0 };
        let mut fields = Vec::with_capacity(decl.fields.len().saturating_add(own));
        if is_case {
            for (slot, name) in CASE_FIELDS.iter().enumerate() {
                fields.push(FieldType { name: (*name).into(), ty: case_field_type(slot).unwrap_or(WRONG) });
            }
        }
        self.no_twins("field", decl.fields.iter().map(|f| &f.name));
        for field in &decl.fields {
            self.label_field(RecordId(index(at)), &field.name, &field.labels);
            let ty = self.resolve(&field.ty, Site::Value);
            if is_case && CASE_FIELDS.contains(&field.name.text.as_str()) {
                self.report(
                    Diagnostic::error(
                        codes::P2008,
                        place(field.name.span),
                        format!("every case has a field `{}` already", field.name.text),
                    )
                    .here("declared again here")
                    .note("Every case has `id`, `source`, `opened`, `severity` and `title`.")
                    .help("Leave the field out, or give it another name."),
                );
            } else if !fields.iter().any(|f| f.name == field.name.text) {
                fields.push(FieldType { name: field.name.text.as_str().to_string(), ty });
            }
        }
        fields
    }

    /// Reports records that contain themselves, and cuts them so that nothing runs in circles.
    fn no_recursion(&mut self) {
        // 0: not seen, 1: being looked at, 2: done. The depth is that of the stack below, not of the call stack.
        let mut state = vec![0_u8; self.types.records.len()];
        for start in 0..state.len() {
            let mut stack = vec![(start, 0_usize)];
            while let Some((at, field)) = stack.pop() {
                if field == 0 {
                    match state.get_mut(at) {
                        Some(s) if *s == 0 => *s = 1,
                        _ => continue,
                    }
                }
                let Some(found) = self.types.records.get(at).and_then(|r| r.fields.get(field)) else {
                    if let Some(s) = state.get_mut(at) {
                        *s = 2;
                    }
                    continue;
                };
                let inner = content(&found.ty);
                stack.push((at, field + 1));
                let Some(RecordId(inner)) = inner else { continue };
                match state.get(inner as usize) {
                    Some(0) => stack.push((inner as usize, 0)),
                    Some(1) => self.recursive(at, field),
                    _ => {}
                }
            }
        }
    }

    fn recursive(&mut self, record: usize, field: usize) {
        let Some(entry) = Arc::make_mut(&mut self.types).records.get_mut(record) else { return };
        let name = entry.name.clone();
        let Some(field) = entry.fields.get_mut(field) else { return };
        let field_name = field.name.clone();
        let into = std::mem::replace(&mut field.ty, WRONG);
        let into = self.type_name(&into);
        let decl =
            self.record_decls.get(record).and_then(|d| d.fields.iter().find(|f| f.name.text == field_name));
        let Some(at) = decl.map(|f| f.ty.span) else { return };
        self.report(
            Diagnostic::error(codes::P3009, place(at), format!("`{name}` contains itself"))
                .here(format!("`{into}` leads back to `{name}`"))
                .note("A record has a fixed layout, and reading one out of a document always ends.")
                .help("Keep the identifier of the other record instead of the record, or a `Json`."),
        );
    }
}

/// The record that a type holds, through lists and options.
fn content(ty: &Type) -> Option<RecordId> {
    match ty {
        Type::Record(id) => Some(*id),
        Type::List(of) | Type::Option(of) | Type::Map(_, of) => content(of),
        _ => None,
    }
}
