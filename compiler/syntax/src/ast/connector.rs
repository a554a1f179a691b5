//! Connectors and their actions.

use super::{Expr, FieldDecl, Name, Param, Span, TypeExpr};

/// `connector falcon { config { … } auth … limit … read … write … }`
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectorDecl {
    /// Its name.
    pub name: Name,
    /// `config { base_url: Url, token: secret String }`
    pub config: Vec<FieldDecl>,
    /// `auth bearer config.token` · `auth header "X-Api-Key" config.key` · `auth basic config.user config.password` ·
    /// `auth oauth2 client_credentials(POST "/oauth2/token", config.client_id, config.client_secret)`
    pub auth: Option<AuthDecl>,
    /// `limit 100 per 1m`: count and time.
    pub limit: Option<(Expr, Expr)>,
    /// Its actions, in source order.
    pub actions: Vec<ActionDecl>,
    /// Its events, in source order.
    pub events: Vec<EventDecl>,
}

/// How requests are authenticated. The secret is read at the rim and never enters a program.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthDecl {
    /// `bearer`, `header`, `basic`, `oauth2`.
    pub scheme: Name,
    /// What follows it. Of `oauth2`: where the token comes from, and then what stands there without a name.
    pub args: Vec<Expr>,
    /// Of `oauth2`: how the token is got.
    pub grant: Option<Grant>,
    /// Where.
    pub span: Span,
}

/// `client_credentials(POST …, scope: "…")`
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// `client_credentials`
    pub kind: Name,
    /// `POST`
    pub method: Name,
    /// What has a name.
    pub named: Vec<(Name, Expr)>,
}

/// `read host(id: HostId) -> Host GET "/devices" query { ids: id } expect 200 -> body.resources[0]?`
#[derive(Clone, Debug, PartialEq)]
pub struct ActionDecl {
    /// `///` lines before it.
    pub doc: Vec<String>,
    /// `true` for `write`.
    pub write: bool,
    /// A part of it was reported and left out: what it does not say may stand there.
    pub broken: bool,
    /// Its name.
    pub name: Name,
    /// Its parameters.
    pub params: Vec<Param>,
    /// Its result type.
    pub result: TypeExpr,
    /// Labels of the result.
    pub labels: Vec<Name>,
    /// `GET`, `POST`, …, as written.
    pub method: Option<Name>,
    /// Path template: a string expression.
    pub path: Option<Expr>,
    /// `query { k: v }`
    pub query: Vec<(Name, Expr)>,
    /// `header { "X-Thing": v }`
    pub headers: Vec<(Name, Expr)>,
    /// `json { k: v }`: the request's body. Nested records are `Expr`s of kind `Object`.
    pub json: Option<Expr>,
    /// `expect 200 -> EXPR`, `expect 204`, in source order.
    pub expect: Vec<ExpectDecl>,
    /// `timeout 10s`
    pub timeout: Option<Expr>,
    /// `undo lift(id)`
    pub undo: Option<Expr>,
    /// `when before.open` of it: it is only taken back if this holds.
    pub undo_when: Option<Expr>,
    /// `verify user(id) is answer.locked -> answer.id`: how a write in doubt is found out.
    pub verify: Option<VerifyDecl>,
    /// `irreversible because "…"`: the reason.
    pub irreversible: Option<Expr>,
    /// `snapshot before = policy(id)`: name and call.
    pub snapshot: Option<(Name, Expr)>,
    /// `idempotent by id`
    pub idempotent: Option<Expr>,
    /// `class contain`
    pub class: Option<Name>,
    /// `fails NotFound, Transient`: failures and sets of them.
    pub fails: Vec<Name>,
    /// `cache 5m`: how long an answer is as good as a new one.
    pub cache: Option<Expr>,
    /// `retry 3 backoff 2s`: what a call has that says nothing of it.
    pub retry: Option<RetryDecl>,
    /// Where.
    pub span: Span,
}

/// `event closed(id: TicketId) -> Ticket accept payload.kind == "closed" -> payload.ticket match id = payload.ticket.id`
#[derive(Clone, Debug, PartialEq)]
pub struct EventDecl {
    /// `///` lines before it.
    pub doc: Vec<String>,
    /// Its name.
    pub name: Name,
    /// What it happens to: a wait names values for these.
    pub params: Vec<Param>,
    /// Its result type.
    pub result: TypeExpr,
    /// Which records it takes, and what they give.
    pub accept: Option<(Expr, Option<Expr>)>,
    /// Where each parameter stands in a record.
    pub matches: Vec<(Name, Expr)>,
    /// Where.
    pub span: Span,
}

/// `retry 3 backoff 2s`
#[derive(Clone, Debug, PartialEq)]
pub struct RetryDecl {
    /// How often.
    pub times: Expr,
    /// How long after.
    pub backoff: Option<Expr>,
    /// Where.
    pub span: Span,
}

/// `verify user(id) is answer.locked -> answer.id`
#[derive(Clone, Debug, PartialEq)]
pub struct VerifyDecl {
    /// The read.
    pub call: Expr,
    /// What its answer has to be for the write to have been done; any without it.
    pub is: Option<Expr>,
    /// The result of the write.
    pub gives: Option<Expr>,
}

/// `expect 200 -> body.id?`
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectDecl {
    /// The HTTP status, an integer literal.
    pub status: Expr,
    /// The result; `None` for `expect 204` alone.
    pub value: Option<Expr>,
    /// Where.
    pub span: Span,
}
