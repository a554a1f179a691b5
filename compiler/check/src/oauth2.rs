//! `auth oauth2 client_credentials(POST "/oauth2/token", config.client_id, config.client_secret, scope: "…")`

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::{Auth, ConfigField, TokenAt};
use play_program::types::Type;
use play_syntax::ast::{AuthDecl, Expr, ExprKind, Grant, Name};

use crate::context::{Context, is_wrong, place};

const EXAMPLE: &str =
    "Write `auth oauth2 client_credentials(POST \"/oauth2/token\", config.client_id, config.client_secret)`.";

impl Context<'_> {
    pub(crate) fn oauth2(&mut self, auth: &AuthDecl, config: &[ConfigField]) -> Option<Auth> {
        let Grant { kind, method, named } = auth.grant.as_ref()?;
        if kind.text != "client_credentials" {
            let what = format!("`{}` is not a way to get a token here", kind.text);
            self.incomplete_auth(
                kind.span,
                what,
                "only `client_credentials`: the engine itself is the client",
            );
            return None;
        }
        if method.text != "POST" {
            self.incomplete_auth(method.span, "a token is asked for with POST".into(), "`POST` is wanted");
            return None;
        }
        let [at, id, secret] = auth.args.as_slice() else {
            self.incomplete_auth(
                auth.span,
                "`auth oauth2` is not complete".into(),
                "an id and a secret are wanted",
            );
            return None;
        };
        let scope = self.scope(named);
        let at = self.token_place(at, config);
        let id = self.setting(id, config, false);
        let secret = self.setting(secret, config, true);
        Some(Auth::ClientCredentials { at: at?, id: id?, secret: secret?, scope: scope? })
    }

    fn incomplete_auth(&mut self, span: play_syntax::ast::Span, what: String, here: &str) {
        self.report(Diagnostic::error(codes::P5010, place(span), what).here(here).help(EXAMPLE));
    }

    /// What has a name: `scope`, or nothing. `None`: reported.
    fn scope(&mut self, named: &[(Name, Expr)]) -> Option<Option<String>> {
        let mut scope = None;
        for (name, value) in named {
            match text(value) {
                Some(text) if name.text == "scope" && scope.is_none() => scope = Some(text),
                _ => {
                    let what = format!("`{}` is not understood here", name.text);
                    self.incomplete_auth(name.span, what, "one `scope: \"…\"` may stand here");
                    return None;
                }
            }
        }
        Some(scope)
    }

    /// A path below `base_url`, or a setting with a whole address: many vendors give tokens at a host of their own.
    fn token_place(&mut self, e: &Expr, config: &[ConfigField]) -> Option<TokenAt> {
        if let Some(path) = text(e).filter(|p| p.starts_with('/')) {
            return Some(TokenAt::Path(path));
        }
        if let ExprKind::Field { base, name, optional: false } = &e.kind
            && matches!(&base.kind, ExprKind::Name(n) if n == "config")
            && let Some(field) = config.iter().find(|f| f.name == name.text)
            && (field.ty == Type::Url || is_wrong(&field.ty))
        {
            return Some(TokenAt::Setting(field.name.clone()));
        }
        if !matches!(e.kind, ExprKind::Error) {
            let here = "a path such as \"/oauth2/token\", or a setting of type `Url`";
            self.incomplete_auth(e.span, "this is not where a token is asked for".into(), here);
        }
        None
    }
}

fn text(e: &Expr) -> Option<String> {
    e.literal().filter(|text| !text.is_empty()).map(str::to_string)
}
