//! Settings of connectors in `play.toml`: secrets that are written down, and what no connector reads.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, escape};
use play_program::action::Connector;

use crate::context::Context;
use crate::manifest::{Manifest, Written};

impl Context<'_> {
    /// Reports settings that nobody reads, and those that are declared `secret` and stand in the file. Their values are not shown: what is
    /// printed is kept.
    pub(crate) fn written_secrets(&mut self, connectors: &[Connector], manifest: &Manifest) {
        for written in &manifest.written {
            let of = connectors.iter().find(|c| c.name == written.connector);
            let secret = |c: &Connector| c.config.iter().any(|f| f.name == written.setting && f.secret);
            if of.is_some_and(|c| is_unread(c, &written.setting)) {
                self.unread_setting(of, written);
            }
            let Some(value) = written.plain.filter(|_| of.is_some_and(secret)) else { continue };
            let (connector, setting) = (&written.connector, &written.setting);
            let name = format!("{connector}_{setting}").to_uppercase();
            self.report(
                Diagnostic::error(
                    codes::P6008,
                    written.at,
                    format!("the secret `{setting}` of `{connector}` is written into `play.toml`"),
                )
                .here("its value is secret")
                .hides(Some(value))
                .note("Who can read the project can read it, and so can whoever reads its history later.")
                .help(format!(
                    "Say where it is found: `{setting} = {{ env = \"{name}\" }}`, `{{ file = \"path\" }}` or \
                     `{{ command = [\"program\", \"argument\"] }}`; and change the secret, if the file has left this machine."
                )),
            );
        }
    }

    fn unread_setting(&mut self, of: Option<&Connector>, written: &Written) {
        let known = of.into_iter().flat_map(|c| &c.config).map(|f| f.name.as_str()).chain([BREAKER]);
        let known: Vec<&str> = known.collect();
        let (connector, setting) = (&written.connector, escape::one_line(&written.setting));
        let finding = Diagnostic::error(
            codes::P2021,
            written.at,
            format!("the connector `{connector}` has no setting `{setting}`"),
        )
        .here("nobody reads this")
        .meant(&written.setting, &known);
        self.report(finding.hides(written.plain));
    }
}

/// The setting that every connector has besides its own.
const BREAKER: &str = "breaker";

fn is_unread(connector: &Connector, setting: &str) -> bool {
    setting != BREAKER && connector.config.iter().all(|f| f.name != setting)
}
