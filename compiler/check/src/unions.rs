//! Enums whose members hold values: the layout of each member.

use std::sync::Arc;

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::{EnumId, FieldType, RecordId, RecordType, Type};

use crate::context::{Context, WRONG, place};
use crate::names::index;
use crate::types::Site;

impl Context<'_> {
    /// Makes room for what the members of enums hold, after all that is declared: ids of declared records are indices of
    /// declarations.
    pub(crate) fn declare_held(&mut self) {
        for (id, decl) in self.enum_decls.clone() {
            if decl.variants.iter().all(|v| v.holds.is_empty()) {
                continue;
            }
            if let Some(open) = decl.open {
                self.report(
                    Diagnostic::error(codes::P3026, place(open), "the members of an open enum hold nothing")
                        .here("open")
                        .note("Of a member that somebody else adds nobody knows what it holds.")
                        .help("Leave `open` out, or what stands in parentheses."),
                );
                continue;
            }
            let mut holds = Vec::new();
            for variant in &decl.variants {
                holds.push(RecordId(index(self.types.records.len())));
                let name = format!("{}.{}", decl.name.text, variant.name.text);
                Arc::make_mut(&mut self.types).records.push(RecordType {
                    name,
                    is_case: false,
                    fields: Vec::new(),
                });
                self.no_twins("part", variant.holds.iter().map(|p| &p.name));
            }
            if let Some(of) = Arc::make_mut(&mut self.types).enums.get_mut(id.0 as usize) {
                of.holds = holds;
            }
        }
    }

    /// The type of an enum by its name.
    pub(crate) fn enum_type(&self, id: EnumId) -> Type {
        let holds = self.types.enumeration(id).is_some_and(|e| !e.holds.is_empty());
        if holds { Type::Union(id) } else { Type::Enum(id) }
    }

    /// Lays out what the members hold. The first field is the member itself.
    pub(crate) fn lay_out_held(&mut self) {
        for (id, decl) in self.enum_decls.clone() {
            let holds = self.types.enumeration(id).map(|e| e.holds.clone()).unwrap_or_default();
            for (variant, record) in decl.variants.iter().zip(holds) {
                let mut fields = vec![FieldType { name: "member".into(), ty: Type::Enum(id) }];
                for part in &variant.holds {
                    let ty = self.resolve(&part.ty, Site::Value);
                    if !fields.iter().skip(1).any(|f| f.name == part.name.text) {
                        fields.push(FieldType { name: part.name.text.as_str().to_string(), ty });
                    }
                }
                if let Some(entry) = Arc::make_mut(&mut self.types).records.get_mut(record.0 as usize) {
                    entry.fields = fields;
                }
            }
        }
        self.no_unions_in_themselves();
    }

    /// Reports enums that contain themselves, and cuts them so that nothing runs in circles.
    fn no_unions_in_themselves(&mut self) {
        for (id, decl) in self.enum_decls.clone() {
            let holds = self.types.enumeration(id).map(|e| e.holds.clone()).unwrap_or_default();
            for (variant, record) in decl.variants.iter().zip(holds) {
                for (slot, part) in variant.holds.iter().enumerate() {
                    let field = self.types.record(record).and_then(|r| r.fields.get(slot + 1));
                    let Some(ty) = field.map(|f| f.ty.clone()) else { continue };
                    if !self.reaches(&ty, id) {
                        continue;
                    }
                    if let Some(field) = Arc::make_mut(&mut self.types)
                        .records
                        .get_mut(record.0 as usize)
                        .and_then(|r| r.fields.get_mut(slot + 1))
                    {
                        field.ty = WRONG;
                    }
                    let name = &decl.name.text;
                    self.report(
                        Diagnostic::error(
                            codes::P3009,
                            place(part.ty.span),
                            format!("`{name}` contains itself"),
                        )
                        .here(format!("leads back to `{name}`"))
                        .note("A value has a fixed layout, and reading one out of a document always ends.")
                        .help("Keep an identifier instead, or a `Json`."),
                    );
                }
            }
        }
    }

    /// Whether values of a type can hold values of an enum.
    fn reaches(&self, ty: &Type, wanted: EnumId) -> bool {
        let (mut left, mut seen) = (vec![ty.clone()], std::collections::BTreeSet::new());
        while let Some(ty) = left.pop() {
            match ty {
                Type::Union(id) if id == wanted => return true,
                Type::Union(id) => {
                    let holds = self.types.enumeration(id).map(|e| e.holds.clone()).unwrap_or_default();
                    left.extend(holds.into_iter().map(Type::Record));
                }
                Type::Record(id) if seen.insert(id) => {
                    let fields = self.types.record(id).map(|r| r.fields.as_slice()).unwrap_or_default();
                    left.extend(fields.iter().map(|f| f.ty.clone()));
                }
                Type::List(of) | Type::Option(of) | Type::Map(_, of) => left.push(*of),
                _ => {}
            }
        }
        false
    }
}
