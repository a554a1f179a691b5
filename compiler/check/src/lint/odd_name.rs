//! Names that are not written as such names are.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::ItemKind;

use crate::context::place;
use crate::project::Loaded;

pub(super) fn run(file: &Loaded, findings: &mut Vec<Diagnostic>) {
    for item in &file.tree.items {
        let is_type = match &item.kind {
            ItemKind::Case(_) | ItemKind::Record(_) | ItemKind::Newtype(_) | ItemKind::Enum(_) => true,
            // What is fixed is written in either way, and controls as their framework writes them.
            ItemKind::Const(_) | ItemKind::Failures(_) | ItemKind::Controls(_) => continue,
            _ => false,
        };
        let Some(name) = item.kind.name() else { continue };
        let text = &name.text;
        let (fits, form) = if is_type {
            (text.starts_with(|c: char| c.is_ascii_uppercase()) && !text.contains('_'), "UpperCase")
        } else {
            (!text.contains(|c: char| c.is_ascii_uppercase()), "lower_case")
        };
        if !fits {
            let kind = if is_type { "a type" } else { "what is no type" };
            findings.push(
                Diagnostic::warning(codes::P9023, place(name.span), format!("`{text}` is not written as the name of {kind}"))
                    .here(format!("elsewhere in {form}"))
                    .note("Types and members of enums are written in UpperCase, all else in lower_case: so one sees what a name is.")
                    .help("Give it another name."),
            );
        }
    }
}
