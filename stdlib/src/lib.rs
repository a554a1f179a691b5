//! The standard library, in Play, embedded.
//!
//! Its modules are files under `stdlib/`; a module's name is its path without the extension. They are compiled into
//! `playc`, so that a program means the same wherever it is compiled. A new module is one file and one line of the table.

/// Name (`connectors/okta`) and text of each module, sorted by name.
const MODULES: &[(&str, &str)] = &[
    ("cases/appsec", include_str!("../cases/appsec.play")),
    ("cases/base", include_str!("../cases/base.play")),
    ("cases/cloud", include_str!("../cases/cloud.play")),
    ("cases/endpoint", include_str!("../cases/endpoint.play")),
    ("cases/identity", include_str!("../cases/identity.play")),
    ("cases/mail", include_str!("../cases/mail.play")),
    ("cases/network", include_str!("../cases/network.play")),
    ("cases/threat_intel", include_str!("../cases/threat_intel.play")),
    ("cases/vulnerability", include_str!("../cases/vulnerability.play")),
    ("closures", include_str!("../closures.play")),
    ("connectors/assets", include_str!("../connectors/assets.play")),
    ("connectors/aws", include_str!("../connectors/aws.play")),
    ("connectors/chat", include_str!("../connectors/chat.play")),
    ("connectors/entra", include_str!("../connectors/entra.play")),
    ("connectors/falcon", include_str!("../connectors/falcon.play")),
    ("connectors/ipintel", include_str!("../connectors/ipintel.play")),
    ("connectors/jira", include_str!("../connectors/jira.play")),
    ("connectors/okta", include_str!("../connectors/okta.play")),
    ("connectors/sentinelone", include_str!("../connectors/sentinelone.play")),
    ("connectors/servicenow", include_str!("../connectors/servicenow.play")),
    ("connectors/slack", include_str!("../connectors/slack.play")),
    ("connectors/tickets", include_str!("../connectors/tickets.play")),
    ("connectors/virustotal", include_str!("../connectors/virustotal.play")),
    ("controls/gdpr", include_str!("../controls/gdpr.play")),
    ("controls/iso27001", include_str!("../controls/iso27001.play")),
    ("controls/nis2", include_str!("../controls/nis2.play")),
    ("controls/nist_800_53", include_str!("../controls/nist_800_53.play")),
    ("controls/nist_csf", include_str!("../controls/nist_csf.play")),
    ("controls/soc2", include_str!("../controls/soc2.play")),
    ("deadlines", include_str!("../deadlines.play")),
    ("indicators", include_str!("../indicators.play")),
    ("roles", include_str!("../roles.play")),
    ("sources/canary", include_str!("../sources/canary.play")),
    ("sources/carbonblack", include_str!("../sources/carbonblack.play")),
    ("sources/cloudtrail", include_str!("../sources/cloudtrail.play")),
    ("sources/crowdstrike", include_str!("../sources/crowdstrike.play")),
    ("sources/crowdstrike_fdr", include_str!("../sources/crowdstrike_fdr.play")),
    ("sources/dependabot", include_str!("../sources/dependabot.play")),
    ("sources/duo", include_str!("../sources/duo.play")),
    ("sources/entra", include_str!("../sources/entra.play")),
    ("sources/github", include_str!("../sources/github.play")),
    ("sources/google_workspace", include_str!("../sources/google_workspace.play")),
    ("sources/guardduty", include_str!("../sources/guardduty.play")),
    ("sources/inspector", include_str!("../sources/inspector.play")),
    ("sources/m365", include_str!("../sources/m365.play")),
    ("sources/misp", include_str!("../sources/misp.play")),
    ("sources/okta", include_str!("../sources/okta.play")),
    ("sources/onepassword", include_str!("../sources/onepassword.play")),
    ("sources/osquery", include_str!("../sources/osquery.play")),
    ("sources/proofpoint", include_str!("../sources/proofpoint.play")),
    ("sources/securityhub", include_str!("../sources/securityhub.play")),
    ("sources/sentinelone", include_str!("../sources/sentinelone.play")),
    ("sources/snyk", include_str!("../sources/snyk.play")),
    ("sources/stix", include_str!("../sources/stix.play")),
    ("sources/sublime", include_str!("../sources/sublime.play")),
    ("sources/wiz", include_str!("../sources/wiz.play")),
    ("taxonomy", include_str!("../taxonomy.play")),
];

/// The text of a module, by its path below `std`: `connectors/okta` for `use std.connectors.okta`.
#[must_use]
pub fn module(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// The names of all modules, sorted.
pub fn modules() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Names of all `.play` files below a folder, relative to it, without the extension.
    fn files(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                files(&entry.path(), &format!("{prefix}{name}/"), found);
            } else if let Some(stem) = name.strip_suffix(".play") {
                found.push(format!("{prefix}{stem}"));
            }
        }
    }

    #[test]
    fn every_file_is_a_module() {
        let mut found = Vec::new();
        files(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut found);
        found.sort();
        assert_eq!(found, modules().collect::<Vec<_>>(), "add the file to MODULES");
    }

    #[test]
    fn a_module_is_found_by_its_path() {
        assert!(module("connectors/okta").is_some_and(|text| text.contains("connector okta {")));
        assert_eq!(module("connectors/okta.play"), None);
        assert_eq!(module("connectors"), None);
    }

    #[test]
    fn every_module_says_what_it_is() {
        for name in modules() {
            assert!(
                module(name).is_some_and(|text| text.starts_with("//! ")),
                "{name} has no `//!` line at its head"
            );
        }
    }
}
