//! Names that nobody uses.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};

use crate::body::{BodyCx, Role};
use crate::context::{is_wrong, place};

impl BodyCx<'_, '_> {
    /// Warns of locals that nothing reads. A name that begins with `_` says that this is meant.
    pub(crate) fn report_unused(&mut self) {
        for local in &self.locals {
            if local.used || local.name.starts_with('_') || local.role == Role::Given || is_wrong(&local.ty) {
                continue;
            }
            let (name, at) = (&local.name, place(local.span));
            let silence = format!("Leave it out, or write `_{name}` if it has to be there.");
            let finding = match local.role {
                Role::Let(fx) if fx.read && !fx.act => {
                    Diagnostic::warning(codes::P9002, at, format!("`{name}` is fetched, and nobody uses it"))
                        .here("asked for nothing")
                        .note("Every read costs time and part of the other side's limit.")
                        .help(silence)
                }
                Role::Let(fx) if fx.act => {
                    Diagnostic::warning(codes::P9001, at, format!("nobody uses `{name}`"))
                        .here("not used")
                        .help(format!(
                            "Leave out `let {name} =`; what is written behind it happens all the same."
                        ))
                }
                _ => Diagnostic::warning(codes::P9001, at, format!("nobody uses `{name}`"))
                    .here("not used")
                    .help(silence),
            };
            self.context.findings.push(finding.fix(
                format!("Write `_{name}`"),
                false,
                vec![Edit { place: at, text: format!("_{name}") }],
            ));
        }
    }
}
