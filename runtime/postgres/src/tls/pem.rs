//! Why a file in PEM cannot be read. Nothing of what is in it is shown: it may be a key.

use rustls::pki_types::pem::Error;

/// A key or a certificate that has lost its lines is what mostly comes in from an environment or a secrets store.
const LINES: &str = "each on a line of its own, with line breaks, and not `\\n` in their place";

/// What is wrong. What the crate says of it quotes the file.
pub(super) fn why(error: &Error) -> String {
    match error {
        Error::Io(e) => e.to_string(),
        Error::MissingSectionEnd { .. } => {
            format!("it has a `-----BEGIN …-----` without its `-----END …-----`: they are {LINES}")
        }
        Error::IllegalSectionStart { .. } => {
            format!(
                "it has a line that begins as `-----BEGIN …-----` does, and ends otherwise: they are {LINES}"
            )
        }
        Error::Base64Decode(_) => {
            "what is between `-----BEGIN …-----` and `-----END …-----` is not base64".to_string()
        }
        Error::SectionTooLarge => "what is in it is too large".to_string(),
        Error::NoItemsFound => "there is nothing in it of what is looked for".to_string(),
        // The crate may come to know others.
        _ => "it is not PEM".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::certificates;
    use super::super::options::{Tls, taken};

    const BODY: &str =
        "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\nMC4CAQAwBQYDK2VwBCIEIQ==";

    fn whole(label: &str) -> String {
        format!("-----BEGIN {label}-----\n{BODY}\n-----END {label}-----\n")
    }

    /// Files that are broken, and what is said of them.
    fn broken(label: &str) -> [(String, &'static str); 5] {
        let whole = whole(label);
        [
            // As a program leaves it that writes `\n` for the end of each line.
            (whole.replace('\n', "\\n"), "and not `\\n` in their place"),
            (whole.replace('\n', ""), "without its `-----END"),
            (whole.replace('\n', " "), "without its `-----END"),
            (whole.split("-----END").next().unwrap().to_string(), "without its `-----END"),
            (whole.replace("MC4", "M!4"), "is not base64"),
        ]
    }

    fn error(options: &str) -> String {
        let (url, words) = taken(&format!("postgres://a@db/e?{options}"));
        let tls = Tls::of(&url.parse().unwrap(), &words, |_| None).unwrap();
        certificates::config(&tls).unwrap_err().to_string()
    }

    /// Whether a text has a part of a file in it, as it is or as a list of its bytes.
    fn quotes(text: &str, file: &str) -> bool {
        let listed = |part: &[u8]| format!("{part:?}").trim_matches(['[', ']']).to_string();
        file.as_bytes().windows(5).any(|part| text.contains(&listed(part)))
            || BODY.as_bytes().windows(5).any(|part| text.contains(&*String::from_utf8_lossy(part)))
    }

    #[test]
    fn nothing_of_a_broken_file_is_shown() {
        assert!(quotes("start: [45, 45, 45, 45, 45, 66]", "-----BEGIN") && quotes("say MC4CAQ", ""));
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            file.display().to_string()
        };
        // What is in it is looked at later.
        let good = file("good.crt", &whole("CERTIFICATE"));
        let shown = |certificate: &str, key: &str| {
            error(&format!("sslmode=require&sslcert={certificate}&sslkey={key}"))
        };
        for (text, why) in broken("PRIVATE KEY") {
            let error = shown(&good, &file("bad.key", &text));
            assert!(error.contains("sslkey, ") && error.contains(why), "{error}");
            assert!(!quotes(&error, &text), "{error}");
        }
        for (text, why) in broken("CERTIFICATE") {
            let bad = file("bad.crt", &text);
            let trusted = error(&format!("sslrootcert={bad}"));
            for (which, error) in [("sslcert, ", shown(&bad, &bad)), ("sslrootcert, ", trusted)] {
                assert!(error.contains(which) && error.contains(why), "{error}");
                assert!(!quotes(&error, &text), "{error}");
            }
        }
    }
}
