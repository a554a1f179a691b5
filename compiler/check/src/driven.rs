//! How the runs of each playbook are driven: what `[playbooks.NAME]` of `play.toml` says, for the playbooks that there are.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit};
use play_program::autonomy::Autonomy;

use crate::context::Context;
use crate::manifest::Manifest;
use crate::typed::Playbook;

impl Context<'_> {
    /// By index of the playbook; automatic where nothing is said.
    pub(crate) fn driven(&mut self, manifest: &Manifest, playbooks: &[Playbook]) -> Vec<Autonomy> {
        let mut all = vec![Autonomy::default(); playbooks.len()];
        for driven in &manifest.playbooks {
            let found = playbooks.iter().position(|p| p.name == driven.name);
            match found.and_then(|index| all.get_mut(index)) {
                Some(place) => place.clone_from(&driven.autonomy),
                // It may be one that could not be read.
                None if self.may_be_broken(&driven.name) => {}
                None => {
                    let name = &driven.name;
                    let finding =
                        Diagnostic::error(codes::P2025, driven.at, format!("there is no playbook `{name}`"))
                            .here("not known");
                    let near = self.closest(name, playbooks.iter().map(|p| p.name.as_str()));
                    let finding = match near {
                        Some(near) => finding.help(format!("Did you mean `{near}`?")).fix(
                            format!("Write `{near}`"),
                            false,
                            vec![Edit { place: driven.at, text: near.to_string() }],
                        ),
                        None => finding.help("Leave its settings out, or declare it."),
                    };
                    self.report(finding);
                }
            }
            if let (Autonomy::Supervised { from, .. }, Some(at)) = (&driven.autonomy, driven.role_at) {
                self.role_of_settings(from, at);
            }
        }
        all
    }
}
