//! A secret that stands in a playbook.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_syntax::ast::{Expr, ExprKind, StrPart};

use crate::context::place;

/// How well-known secrets begin, how many letters, digits, `-` and `_` follow at least, and what they are.
const KNOWN: &[(&str, usize, &str)] = &[
    ("AKIA", 16, "an access key of AWS"),
    ("ASIA", 16, "an access key of AWS"),
    ("ghp_", 30, "a token of GitHub"),
    ("gho_", 30, "a token of GitHub"),
    ("ghs_", 30, "a token of GitHub"),
    ("github_pat_", 30, "a token of GitHub"),
    ("glpat-", 16, "a token of GitLab"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("sk_live_", 16, "a key of Stripe"),
    ("AIza", 30, "a key of Google"),
    ("eyJhbGciOi", 20, "a signed token (JWT)"),
    (BEGIN, 0, "a private key"),
];

/// How a key in PEM begins, and what then follows of a private one.
const BEGIN: &str = "-----BEGIN ";
const PRIVATE: &str = "PRIVATE KEY";

/// No secret with its head is shorter than this.
const SHORTEST: usize = shortest(KNOWN, usize::MAX);

const fn shortest(known: &[(&str, usize, &str)], so_far: usize) -> usize {
    let [(head, least, _), rest @ ..] = known else { return so_far };
    let least = head.len() + if *least == 0 { PRIVATE.len() } else { *least };
    shortest(rest, if least < so_far { least } else { so_far })
}

fn secret(text: &str) -> Option<&'static str> {
    if text.len() < SHORTEST {
        return None;
    }
    KNOWN.iter().find_map(|(head, least, what)| {
        let (_, rest) = text.split_once(head)?;
        let long =
            rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')).count();
        let key = *head != BEGIN || rest.contains(PRIVATE);
        (long >= *least && key).then_some(*what)
    })
}

pub(super) fn expr(e: &Expr, findings: &mut Vec<Diagnostic>) {
    let ExprKind::Str(parts) = &e.kind else { return };
    let found = parts.iter().find_map(|part| match part {
        StrPart::Text(text) => secret(text),
        StrPart::Expr(_) => None,
    });
    if let Some(what) = found {
        findings.push(
            Diagnostic::warning(codes::P9020, place(e.span), format!("this looks like {what}"))
                .here("a secret?")
                .note("Whoever may read the playbook, its artifact or its evidence has it; and it stays in the history of the repository.")
                .help("Take it out of service, and give the connector a `secret` setting: its value comes from the environment or a file."),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{SHORTEST, secret};

    #[test]
    fn what_only_begins_like_one_is_none() {
        assert_eq!(SHORTEST, 20);
        assert!(secret(&format!("x AKIA{}", "A".repeat(16))).is_some());
        assert!(secret(&format!("-----BEGIN RSA {} KEY-----", "PRIVATE")).is_some());
        for text in ["AKIA", "AKIA is how they begin", "-----BEGIN CERTIFICATE-----", "eyJ", ""] {
            assert!(secret(text).is_none(), "{text}");
        }
    }
}
