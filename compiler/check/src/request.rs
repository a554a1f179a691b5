//! What an action sends, and how its answers are read.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::ActionId;
use play_program::types::Type;
use play_syntax::ast::{ActionDecl, ExpectDecl, Expr, ExprKind, Name, Span, StrPart};

use crate::body::{BodyCx, Kind, Want};
use crate::context::{Context, is_wrong, place};
use crate::typed::{Body, JsonTemplate, PathPart};

/// Headers that the transport writes itself.
const OWN_HEADERS: &[&str] = &[
    "authorization",
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "idempotency-key",
];

impl Context<'_> {
    pub(crate) fn path(&mut self, decl: &ActionDecl, id: ActionId, used: &mut [bool]) -> Vec<PathPart> {
        let Some(path) = &decl.path else { return Vec::new() };
        let ExprKind::Str(parts) = &path.kind else {
            if !matches!(path.kind, ExprKind::Error) {
                self.bad_path(path.span, "a path is written as a string", "Write `\"/api/users/{id}\"`.");
            }
            return Vec::new();
        };
        if !matches!(parts.first(), Some(StrPart::Text(text)) if text.starts_with('/')) {
            self.bad_path(path.span, "a path begins with `/`", "It is put after the connector's `base_url`.");
        }
        let mut made = Vec::new();
        for part in parts {
            made.push(match part {
                StrPart::Text(text) => {
                    if text.contains(['?', '#']) {
                        self.bad_path(
                            path.span,
                            "a path has no `?` and no `#`",
                            "Write parameters as `query { name: value }`.",
                        );
                    } else if text.split('/').any(|s| s == ".." || s == ".") {
                        self.bad_path(
                            path.span,
                            "a path does not go upwards",
                            "Write the path as the other side sees it.",
                        );
                    } else if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') {
                        self.bad_path(
                            path.span,
                            "a path has no blanks, control characters or backslashes",
                            "Write them percent-encoded.",
                        );
                    }
                    PathPart::Text(text.clone())
                }
                StrPart::Expr(e) => PathPart::Value(self.of_params(e, decl, id, used, |b, e| b.shown(e))),
            });
        }
        made
    }

    pub(crate) fn bad_path(&mut self, at: Span, what: &str, help: &str) {
        self.report(
            Diagnostic::error(codes::P5011, place(at), what).here("cannot be sent like that").help(help),
        );
    }

    pub(crate) fn header_name(&mut self, name: &Name) {
        let text = &name.text;
        if !is_header(text) {
            self.report(
                Diagnostic::error(
                    codes::P5011,
                    place(name.span),
                    format!("`{}` is not the name of a header", text.escape_debug()),
                )
                .here("letters, digits and `-`"),
            );
        } else if OWN_HEADERS.contains(&text.to_ascii_lowercase().as_str()) {
            self.report(
                Diagnostic::error(
                    codes::P5011,
                    place(name.span),
                    format!("the header `{text}` is written by the transport"),
                )
                .here("cannot be written here")
                .help("Leave it out; what authenticates belongs to `auth`."),
            );
        }
    }

    /// Values of query parameters and headers: shown as text; an absent one is left out.
    pub(crate) fn pairs(
        &mut self,
        pairs: &[(Name, Expr)],
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
    ) -> Vec<(String, Body)> {
        let mut made = Vec::new();
        for (name, value) in pairs {
            let body = self.of_params(value, decl, id, used, |b, e| b.shown_or_absent(e));
            made.push((name.text.as_str().to_string(), body));
        }
        made
    }

    pub(crate) fn template(
        &mut self,
        e: &Expr,
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
    ) -> JsonTemplate {
        match &e.kind {
            ExprKind::Object(members) => {
                self.no_twins("member", members.iter().map(|(n, _)| n));
                let members = members
                    .iter()
                    .map(|(n, v)| (n.text.as_str().to_string(), self.template(v, decl, id, used)));
                JsonTemplate::Object(members.collect())
            }
            ExprKind::List(items) => {
                JsonTemplate::List(items.iter().map(|v| self.template(v, decl, id, used)).collect())
            }
            _ => JsonTemplate::Value(self.of_params(e, decl, id, used, |b, e| b.expr(e, &Want::Any))),
        }
    }

    pub(crate) fn answers(
        &mut self,
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
    ) -> (Vec<u16>, Vec<Option<Body>>) {
        let result = self.actions.get(id.0 as usize).map_or(Type::Unit, |a| a.result.clone());
        let (mut statuses, mut respond) = (Vec::new(), Vec::new());
        for expect in &decl.expect {
            let status = self.status(expect, &statuses);
            statuses.push(status.unwrap_or_default());
            respond.push(match &expect.value {
                Some(value) => {
                    let at = decl.result.span;
                    if result == Type::Unit {
                        self.report(
                            Diagnostic::error(codes::P3001, place(value.span), format!("`{}` gives nothing", decl.name.text))
                                .here("and here is a value")
                                .label(place(at), "the result")
                                .help("Leave out the `->` and what follows it, or declare another result."),
                        );
                    }
                    let check = |b: &mut BodyCx<'_, '_>, e: &Expr| {
                        if is_wrong(&result) || result == Type::Unit { b.expr(e, &Want::Any) } else { b.respond(e, &result, at) }
                    };
                    Some(self.of_kind(Kind::Respond, value, decl, id, used, check))
                }
                None => {
                    if result != Type::Unit && !is_wrong(&result) {
                        let is = self.a_type(&result);
                        self.report(
                            Diagnostic::error(codes::P3001, place(expect.span), format!("`{}` gives {is}, and this answer gives nothing", decl.name.text))
                                .here("no `->`")
                                .label(place(decl.result.span), "the result")
                                .help("Say where it stands in the answer: `-> body.FIELD?`, or declare the result `Unit`."),
                        );
                    }
                    None
                }
            });
        }
        (statuses, respond)
    }

    pub(crate) fn status(&mut self, expect: &ExpectDecl, before: &[u16]) -> Option<u16> {
        let at = expect.status.span;
        let number = match &expect.status.kind {
            ExprKind::Int(n) => u16::try_from(*n).ok().filter(|n| (200..600).contains(n)),
            ExprKind::Error => return None,
            _ => None,
        };
        match number {
            None => self.report(
                Diagnostic::error(codes::P5010, place(at), "this is not the status of an answer")
                    .here("a number from 200 to 599")
                    .help("Write `expect 200 -> …`."),
            ),
            Some(n) if before.contains(&n) => self.report(
                Diagnostic::error(codes::P2007, place(at), format!("status {n} is there twice"))
                    .here("again here")
                    .help("Leave one of them out."),
            ),
            Some(_) => {}
        }
        number
    }
}

/// Whether a text may be the name of a header.
pub(crate) fn is_header(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
