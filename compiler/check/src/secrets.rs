//! Secrets that are written into `play.toml`.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::Connector;

use crate::context::Context;
use crate::manifest::Manifest;

impl Context<'_> {
    /// Reports settings that are declared `secret` and stand in the file. The finding points at the connector, not at the line of
    /// the secret: what is printed is kept.
    pub(crate) fn written_secrets(&mut self, connectors: &[Connector], manifest: &Manifest) {
        for written in &manifest.written {
            let of = connectors.iter().find(|c| c.name == written.connector);
            let secret = |c: &Connector| c.config.iter().any(|f| f.name == written.setting && f.secret);
            if !of.is_some_and(secret) {
                continue;
            }
            let (connector, setting) = (&written.connector, &written.setting);
            let name = format!("{connector}_{setting}").to_uppercase();
            self.report(
                Diagnostic::error(
                    codes::P6008,
                    written.at,
                    format!("the secret `{setting}` of `{connector}` is written into `play.toml`"),
                )
                .here("a setting below this is secret")
                .note("Who can read the project can read it, and so can whoever reads its history later.")
                .help(format!(
                    "Say where it is found: `{setting} = {{ env = \"{name}\" }}`, `{{ file = \"path\" }}` or \
                     `{{ command = [\"program\", \"argument\"] }}`; and change the secret, if the file has left this machine."
                )),
            );
        }
    }
}
