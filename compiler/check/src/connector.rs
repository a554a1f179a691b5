//! Connectors: settings, authentication, and what each action sends and reads.

use std::sync::Arc;

use jiff::SignedDuration;
use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::action::{ActionId, Auth, ConfigField, Connector};
use play_program::types::Type;
use play_syntax::ast::{ActionDecl, AuthDecl, ConnectorDecl, Expr, ExprKind, ItemKind, RetryDecl};

use crate::body::{BodyCx, Kind, Role};
use crate::context::{Context, is_wrong, place};
use crate::names::{index, rename};
use crate::related::target_of;
use crate::request::is_header;
use crate::typed::{ActionCode, Body, Retry};
use crate::types::Site;

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];
pub(crate) const CLASSES: &[&str] = &["notify", "record", "contain", "restore", "change", "destroy"];

impl Context<'_> {
    /// Checks all connectors. What an action is as data goes into `actions`; its expressions are given back.
    pub(crate) fn connector_bodies(&mut self) -> (Vec<Connector>, Vec<ActionCode>) {
        let files = self.files;
        let (mut connectors, mut code) = (Vec::new(), Vec::new());
        for item in files.iter().flat_map(|f| &f.tree.items) {
            if let ItemKind::Connector(decl) = &item.kind {
                connectors.push(self.connector(decl));
                for action in &decl.actions {
                    let id = ActionId(index(code.len()));
                    code.push(self.action_body(decl, action, id));
                }
            }
        }
        (connectors, code)
    }

    fn connector(&mut self, decl: &ConnectorDecl) -> Connector {
        self.no_twins("setting", decl.config.iter().map(|f| &f.name));
        let mut config = Vec::new();
        for field in &decl.config {
            let ty = self.resolve(&field.ty, Site::Value);
            if !is_wrong(&ty) && !matches!(ty, Type::Url | Type::String | Type::Int | Type::Bool) {
                let is = self.a_type(&ty);
                self.report(
                    Diagnostic::error(
                        codes::P3014,
                        place(field.ty.span),
                        format!("a setting cannot be {is}"),
                    )
                    .here("`Url`, `String`, `Int` or `Bool`")
                    .note("Settings are written in a configuration file."),
                );
            }
            for label in field.labels.iter().filter(|l| l.text != "secret") {
                self.no_label_here(label, "a setting");
            }
            let secret = field.labels.iter().any(|l| l.text == "secret");
            config.push(ConfigField { name: field.name.text.as_str().to_string(), ty, secret });
        }
        let base = config.iter().find(|f| f.name == "base_url");
        if base.is_none_or(|f| f.ty != Type::Url && !is_wrong(&f.ty)) {
            let name = &decl.name.text;
            let at =
                decl.config.iter().find(|f| f.name.text == "base_url").map_or(decl.name.span, |f| f.span);
            self.report(
                Diagnostic::error(
                    codes::P5010,
                    place(at),
                    format!("connector `{name}` has no setting `base_url: Url`"),
                )
                .here("where its requests go is not known")
                .help("Write `config { base_url: Url }`."),
            );
        }
        let auth = decl.auth.as_ref().and_then(|auth| self.auth(auth, &config)).unwrap_or(Auth::None);
        let limit = decl.limit.as_ref().and_then(|(count, per)| self.limit(count, per));
        Connector { name: decl.name.text.as_str().to_string(), config, auth, limit }
    }

    fn auth(&mut self, auth: &AuthDecl, config: &[ConfigField]) -> Option<Auth> {
        let example = match auth.scheme.text.as_str() {
            "bearer" => "auth bearer config.token",
            "header" => "auth header \"X-Api-Key\" config.key",
            "basic" => "auth basic config.user config.password",
            "oauth2" => return self.oauth2(auth, config),
            other => {
                let finding = Diagnostic::error(
                    codes::P0001,
                    place(auth.scheme.span),
                    format!("`auth {other}` is not supported yet"),
                )
                .here("this compiler does not have it")
                .help("There are `bearer`, `header`, `basic` and `oauth2`.");
                self.report(finding);
                return None;
            }
        };
        match (auth.scheme.text.as_str(), auth.args.as_slice()) {
            ("bearer", [token]) => Some(Auth::Bearer(self.setting(token, config, true)?)),
            ("header", [name, key]) => {
                let header = self.header_name_of(name);
                let key = self.setting(key, config, true);
                Some(Auth::Header(header?, key?))
            }
            ("basic", [user, password]) => {
                let user = self.setting(user, config, false);
                let password = self.setting(password, config, true);
                Some(Auth::Basic(user?, password?))
            }
            _ => {
                self.report(
                    Diagnostic::error(
                        codes::P5010,
                        place(auth.span),
                        format!("`auth {}` is not complete", auth.scheme.text),
                    )
                    .here("something else follows here")
                    .help(format!("Write `{example}`.")),
                );
                None
            }
        }
    }

    fn header_name_of(&mut self, e: &Expr) -> Option<String> {
        if let Some(text) = e.literal().filter(|text| is_header(text)) {
            return Some(text.to_string());
        }
        if !matches!(e.kind, ExprKind::Error) {
            self.report(
                Diagnostic::error(codes::P5011, place(e.span), "this is not the name of a header")
                    .here("letters, digits and `-`, in quotes")
                    .help("Write `auth header \"X-Api-Key\" config.key`."),
            );
        }
        None
    }

    /// `config.token`: the name of a setting.
    pub(crate) fn setting(&mut self, e: &Expr, config: &[ConfigField], secret: bool) -> Option<String> {
        let name = match &e.kind {
            ExprKind::Field { base, name, optional: false } if matches!(&base.kind, ExprKind::Name(n) if n == "config") => {
                name
            }
            ExprKind::Error => return None,
            _ => {
                self.report(
                    Diagnostic::error(codes::P6002, place(e.span), "`auth` takes settings of the connector")
                        .here("not a setting")
                        .note("What authenticates is kept in the configuration and read when a request is sent.")
                        .help("Declare it in `config { … }` and write `config.NAME`."),
                );
                return None;
            }
        };
        let Some(field) = config.iter().find(|f| f.name == name.text) else {
            let finding = Diagnostic::error(
                codes::P2004,
                place(name.span),
                format!("there is no setting `{}`", name.text),
            )
            .here("not declared");
            self.report(match self.closest(&name.text, config.iter().map(|f| f.name.as_str())) {
                Some(near) => rename(finding, name.span, near),
                None => finding.help(format!("Declare it: `config {{ {}: secret String }}`.", name.text)),
            });
            return None;
        };
        if secret && !field.secret {
            self.report(
                Diagnostic::error(
                    codes::P6001,
                    place(e.span),
                    format!("the setting `{}` authenticates, and is not `secret`", name.text),
                )
                .here("not declared `secret`")
                .note("A secret is read from a safe place when a request is sent, and never shown.")
                .help(format!("Declare it `{}: secret String`.", name.text)),
            );
        }
        if !matches!(field.ty, Type::String) && !is_wrong(&field.ty) {
            let is = self.a_type(&field.ty);
            self.report(
                Diagnostic::error(
                    codes::P3001,
                    place(e.span),
                    format!("what authenticates is a `String`, and this is {is}"),
                )
                .here(format!("this is {is}")),
            );
        }
        Some(field.name.clone())
    }

    fn action_body(&mut self, connector: &ConnectorDecl, decl: &ActionDecl, id: ActionId) -> ActionCode {
        let before = self.findings.len();
        self.method(decl);
        self.write_clauses(decl);
        let mut used = vec![false; decl.params.len()];
        let path = self.path(decl, id, &mut used);
        let query = self.pairs(&decl.query, decl, id, &mut used);
        for (name, _) in &decl.headers {
            self.header_name(name);
        }
        let headers = self.pairs(&decl.headers, decl, id, &mut used);
        self.no_twins("query parameter", decl.query.iter().map(|(n, _)| n));
        self.no_twins("header", decl.headers.iter().map(|(n, _)| n));
        let json = decl.json.as_ref().map(|json| self.template(json, decl, id, &mut used));
        let verify = self.verify(connector, decl, id, &mut used);
        let irreversible = self.irreversible(decl);
        let snapshot = self.snapshot(connector, decl, id, &mut used);
        let undo = self.undo(connector, decl, id, snapshot.as_ref().map(|(_, of)| of), &mut used);
        if let Some(key) = &decl.idempotent {
            self.of_params(key, decl, id, &mut used, |b, e| b.shown(e));
        }
        let (statuses, respond) = self.answers(decl, id, &mut used);
        let timeout = decl.timeout.as_ref().and_then(|e| self.fixed_duration(e, "a `timeout`"));
        let retry = decl.retry.as_ref().and_then(|retry| self.action_retry(retry, decl, id));
        let cache = decl.cache.as_ref().and_then(|e| self.fixed_duration(e, "a `cache`"));
        if !self.errors_since(before) {
            self.unused_params(decl, &used);
        }
        if let Some(action) = Arc::make_mut(&mut self.actions).get_mut(id.0 as usize) {
            action.irreversible = irreversible;
            action.undo = undo.as_ref().map(|(name, _)| name.clone());
            action.target = target_of(undo.as_ref().and_then(|(_, r)| r.as_ref()), action.params.len());
            action.statuses = statuses;
            action.cache = cache;
            action.retry = retry;
            action.timeout = timeout.unwrap_or(SignedDuration::from_secs(30));
        }
        let undo = undo.and_then(|(_, related)| related);
        let (verify, verified) = verify.unzip();
        let snapshot = snapshot.and_then(|(related, _)| related);
        ActionCode { path, query, headers, json, respond, undo, snapshot, verify, verified }
    }

    /// `retry 3 backoff 2s`: only where a call may say it.
    fn action_retry(&mut self, retry: &RetryDecl, decl: &ActionDecl, id: ActionId) -> Option<Retry> {
        let times = self.retry_times(&retry.times);
        let backoff = match &retry.backoff {
            Some(backoff) => self.short_time(backoff, "a `backoff`"),
            None => Some(SignedDuration::from_secs(1)),
        };
        // The clauses of a read that belong to writes are reported.
        if decl.write {
            self.may_repeat(id, retry.span);
        }
        Some(Retry { times: times?, backoff: backoff? })
    }

    fn method(&mut self, decl: &ActionDecl) {
        // What does not parse may have said it.
        if decl.broken {
            return;
        }
        let name = &decl.name.text;
        match &decl.method {
            None => self.incomplete(
                decl,
                format!("action `{name}` does not say what it sends"),
                "Write a method and a path: `GET \"/…\"`.",
            ),
            Some(method) if !METHODS.contains(&method.text.as_str()) => {
                let finding = Diagnostic::error(
                    codes::P5010,
                    place(method.span),
                    format!("`{}` is not a method", method.text),
                )
                .here("one of GET, POST, PUT, PATCH, DELETE");
                self.report(match self.closest(&method.text, METHODS.iter().copied()) {
                    Some(near) => rename(finding, method.span, near),
                    None => finding,
                });
            }
            Some(_) => {}
        }
        if decl.method.is_some() && decl.path.is_none() {
            self.incomplete(
                decl,
                format!("action `{name}` has no path"),
                "Write it after the method: `GET \"/…\"`.",
            );
        }
        if decl.expect.is_empty() {
            self.incomplete(
                decl,
                format!("action `{name}` does not say which answer it expects"),
                "Write `expect 200 -> body…`, or `expect 204` when there is nothing to read.",
            );
        }
    }

    fn incomplete(&mut self, decl: &ActionDecl, what: String, help: &str) {
        self.report(
            Diagnostic::error(codes::P5010, place(decl.name.span), what).here("not complete").help(help),
        );
    }

    /// `class`, `undo` and `idempotent` belong to writes, and a write has a class.
    fn write_clauses(&mut self, decl: &ActionDecl) {
        let name = &decl.name.text;
        if decl.write {
            match &decl.class {
                None => self.report(
                    Diagnostic::error(
                        codes::P5008,
                        place(decl.name.span),
                        format!("write `{name}` has no class"),
                    )
                    .here("without a `class`")
                    .note("Guards and reports group writes by what they do.")
                    .help("Write `class` and one of notify, record, contain, restore, change, destroy."),
                ),
                Some(class) if !CLASSES.contains(&class.text.as_str()) => {
                    let finding = Diagnostic::error(
                        codes::P5008,
                        place(class.span),
                        format!("`{}` is not a class of writes", class.text),
                    )
                    .here("no such class");
                    self.report(match self.closest(&class.text, CLASSES.iter().copied()) {
                        Some(near) => rename(finding, class.span, near),
                        None => {
                            finding.help("There are notify, record, contain, restore, change and destroy.")
                        }
                    });
                }
                Some(_) => {}
            }
            if let Some(cache) = &decl.cache {
                self.report(
                    Diagnostic::error(
                        codes::P5008,
                        place(cache.span),
                        format!("`{name}` is a write and has a `cache`"),
                    )
                    .here("belongs to a read")
                    .note("What changes the world is done each time that it is asked for."),
                );
            }
            return;
        }
        let clauses = [
            ("class", decl.class.as_ref().map(|c| c.span)),
            ("undo", decl.undo.as_ref().map(|e| e.span)),
            ("verify", decl.verify.as_ref().map(|v| v.call.span)),
            ("irreversible", decl.irreversible.as_ref().map(|e| e.span)),
            ("snapshot", decl.snapshot.as_ref().map(|(_, e)| e.span)),
            ("idempotent", decl.idempotent.as_ref().map(|e| e.span)),
        ];
        for (clause, span) in clauses {
            if let Some(span) = span {
                self.report(
                    Diagnostic::error(
                        codes::P5008,
                        place(span),
                        format!("`{clause}` belongs to writes, and `{name}` is a read"),
                    )
                    .here("changes nothing")
                    .help(format!("Leave it out, or declare `write {name}`.")),
                );
            }
        }
    }

    /// A body whose parameters are the action's.
    pub(crate) fn of_params(
        &mut self,
        e: &Expr,
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
        check: impl FnOnce(&mut BodyCx<'_, '_>, &Expr) -> crate::typed::Expr,
    ) -> Body {
        self.of_kind(Kind::Request, e, decl, id, used, check)
    }

    pub(crate) fn of_kind(
        &mut self,
        kind: Kind,
        e: &Expr,
        decl: &ActionDecl,
        id: ActionId,
        used: &mut [bool],
        check: impl FnOnce(&mut BodyCx<'_, '_>, &Expr) -> crate::typed::Expr,
    ) -> Body {
        let params = self.actions.get(id.0 as usize).map(|a| a.params.clone()).unwrap_or_default();
        let answer = kind == Kind::Respond;
        let mut body = BodyCx::new(self, kind);
        // Whether a parameter is used is a matter of the whole action.
        for (param, (_, ty)) in decl.params.iter().zip(params) {
            body.param(&param.name.text, ty, param.name.span, Role::Given);
        }
        if answer {
            body.param("body", Type::Json, e.span, Role::Given);
            body.param("status", Type::Int, e.span, Role::Given);
        }
        let expr = check(&mut body, e);
        let blind = body.blind;
        for (used, local) in used.iter_mut().zip(&body.locals) {
            *used |= local.used || blind;
        }
        body.finish(expr)
    }

    fn unused_params(&mut self, decl: &ActionDecl, used: &[bool]) {
        if decl.broken {
            return;
        }
        for (param, used) in decl.params.iter().zip(used) {
            if !used && !param.name.text.starts_with('_') {
                self.report(
                    Diagnostic::warning(
                        codes::P9001,
                        place(param.name.span),
                        format!("nobody uses `{}`", param.name.text),
                    )
                    .here("not sent and not read")
                    .help("Send it, or leave it out."),
                );
            }
        }
    }
}
