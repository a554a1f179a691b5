//! Connectors as data: what an action sends and how its answer is read. The strings and values in it are computed by
//! pure code of the program; the transport does the rest.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::call::Retry;
use crate::types::Type;
use crate::value::{Failure, FailureKind, Value};

/// Index into [`crate::artifact::Artifact::actions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ActionId(pub u32);

/// A connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connector {
    /// `okta`
    pub name: String,
    /// What must be configured, in order.
    pub config: Vec<ConfigField>,
    /// How its requests are authenticated.
    pub auth: Auth,
    /// How many requests may leave within that time.
    pub limit: Option<(u32, SignedDuration)>,
}

/// A setting of a connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigField {
    /// Its name. Every connector has `base_url: Url`.
    pub name: String,
    /// `Url`, `String`, `Int`, `Bool`.
    pub ty: Type,
    /// A secret is read at dispatch and never enters a program or a trace.
    pub secret: bool,
}

/// Authentication, by names of settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Auth {
    /// None.
    None,
    /// `Authorization: Bearer …`
    Bearer(String),
    /// A header of its own: name, setting.
    Header(String, String),
    /// `Authorization: Basic …`: settings of user and password.
    Basic(String, String),
    /// `Authorization: Bearer …` with a token that a server gives for a client's credentials (RFC 6749, 4.4).
    ClientCredentials {
        /// Where the token is asked for.
        at: TokenAt,
        /// The setting with the client's id.
        id: String,
        /// The setting with the client's secret.
        secret: String,
        /// What the token is to be good for.
        scope: Option<String>,
    },
}

/// Where a token is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TokenAt {
    /// A path below `base_url`.
    Path(String),
    /// A setting that holds the whole address.
    Setting(String),
}

/// An action of a connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `okta`
    pub connector: String,
    /// `suspend`
    pub name: String,
    /// Writes change the world.
    pub write: bool,
    /// Names and types of its parameters.
    pub params: Vec<(String, Type)>,
    /// Its result.
    pub result: Type,
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`.
    pub method: String,
    /// How long until it has failed; 30 s unless declared.
    pub timeout: SignedDuration,
    /// `contain`, `restore`, `notify`, `record`, `change`, `destroy`; reads have none.
    pub class: Option<String>,
    /// The action that takes it back, by name in the same connector.
    pub undo: Option<String>,
    /// The parameters that say what it is done to: those which its undo is given as they are; all of them where it is given none.
    pub target: Vec<u16>,
    /// Why nothing takes it back, where that is declared.
    pub irreversible: Option<String>,
    /// Whether the target honours our key (run and sequence number, sent as `Idempotency-Key`).
    pub idempotent: bool,
    /// Statuses that are answers, in source order. Others are failures.
    pub statuses: Vec<u16>,
    /// Of a read: how long an answer is as good as a new one.
    pub cache: Option<SignedDuration>,
    /// How often a call that failed is tried again, unless it says so itself.
    pub retry: Option<Retry>,
    /// The failures that it declares; none: it can fail with any.
    pub fails: Vec<FailureKind>,
}

/// How an action belongs to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It takes the other back.
    Undo,
    /// It is asked before the other is done, and kept for its undo.
    Snapshot,
    /// It is asked when nobody knows whether the other was done.
    Verify,
    /// The same with its answer: whether the other was done, and its result as the only argument.
    Verified,
}

/// An action that belongs to another, with its arguments.
#[derive(Clone, Debug)]
pub struct Related {
    /// Which.
    pub action: ActionId,
    /// With what, in order of its parameters.
    pub args: Vec<Value>,
}

impl Action {
    /// `okta.suspend`
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.connector, self.name)
    }

    /// Whether a call can fail in this way. What is declared leaves open that an answer is not what was promised, and that
    /// a guard refuses a write or nobody approves it in time.
    #[must_use]
    pub fn may_fail_with(&self, kind: FailureKind) -> bool {
        self.fails.is_empty()
            || self.fails.contains(&kind)
            || kind == FailureKind::BadResponse
            || self.write && matches!(kind, FailureKind::Denied | FailureKind::Timeout)
    }

    /// A failure as a program sees it: one that the action does not declare is a `BadResponse` that says which it was.
    #[must_use]
    pub fn promised(&self, failure: Failure) -> Failure {
        if self.may_fail_with(failure.kind) {
            return failure;
        }
        let words = format!("{}: {}", failure.kind.name(), failure.words);
        Failure { kind: FailureKind::BadResponse, words }
    }
}

/// A request, computed from arguments. Nothing in it is a secret.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Request {
    /// Path below the connector's `base_url`; each interpolated part is already percent-encoded as one segment.
    pub path: String,
    /// Query parameters, not encoded yet. An absent option is left out.
    pub query: Vec<(String, String)>,
    /// Headers. An absent option is left out.
    pub headers: Vec<(String, String)>,
    /// The JSON body.
    pub body: Option<serde_json::Value>,
}

/// How an answer ended that was one: the typed result.
pub type Answer = Result<Value, Failure>;
