//! Texts whose letters mean the same in either case.

use super::origins::Origins;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Mail,
    Digest,
    File,
}

/// What ends names of files that Windows runs.
const ENDS: &[&str] = &[
    ".exe", ".dll", ".sys", ".scr", ".com", ".bat", ".cmd", ".ps1", ".psm1", ".vbs", ".vbe", ".jse", ".wsf",
    ".hta", ".msi", ".lnk", ".cpl", ".ocx",
];

/// Whether it names a file as Windows does. A name of a host may end in `.com`, too.
fn names_a_file(text: &str) -> bool {
    let lower = text.trim_end_matches('*').to_lowercase();
    let ends = |end: &str| lower.ends_with(end) && (end != ".com" || lower.contains('\\'));
    ENDS.iter().any(|end| ends(end)) || lower.contains(":\\")
}

impl Kind {
    pub(super) fn of(text: &str) -> Option<Self> {
        let is_hex =
            text.bytes().all(|b| b.is_ascii_hexdigit()) && text.bytes().any(|b| b.is_ascii_alphabetic());
        if matches!(text.len(), 32 | 40 | 64 | 128) && is_hex {
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

    /// Whether it is told where it is compared with a text of these.
    pub(super) fn is_told_of(self, text: Origins) -> bool {
        match self {
            Self::File => !text.is_nobody(),
            Self::Mail | Self::Digest => text.is_vendors(),
        }
    }

    /// What is wrong, and why.
    pub(super) fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::Mail => ("the cases of this address are told apart", "Mail systems take them for one"),
            Self::Digest => (
                "the cases of this digest are told apart",
                "Some vendors write digests in upper case, some in lower",
            ),
            Self::File => (
                "Windows does not tell the cases of this name apart",
                "Records have it as the user or the attacker wrote it",
            ),
        }
    }

    /// The type whose values are compared as such.
    pub(super) fn ty(self) -> Option<&'static str> {
        match self {
            Self::Mail => Some("Email"),
            Self::Digest => Some("Hash"),
            Self::File => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn what_a_text_is_is_seen_from_its_form() {
        for (text, kind) in [
            ("powershell.exe", Some(Kind::File)),
            ("*\\cmd.exe*", Some(Kind::File)),
            ("C:\\Users\\", Some(Kind::File)),
            ("\\command.com", Some(Kind::File)),
            ("www.example.com", None),
            ("ada@example.com", Some(Kind::Mail)),
            ("@example.com", None),
            ("ada@localhost", None),
            ("d41d8cd98f00b204e9800998ecf8427e", Some(Kind::Digest)),
            ("12345678901234567890123456789012", None),
            ("user.session.start", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
