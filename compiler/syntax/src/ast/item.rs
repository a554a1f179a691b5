//! Declarations.

use super::{Block, ConnectorDecl, Expr, GuardDecl, Name, SourceDecl, Span, TestDecl, TypeExpr};

/// A declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// `///` lines before it, without the marker.
    pub doc: Vec<String>,
    /// From its keyword to its end.
    pub span: Span,
    /// What it declares.
    pub kind: ItemKind,
}

/// The kinds of declarations.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemKind {
    /// `use std.connectors.{okta, tickets}`: one entry a leaf, each the whole path.
    Use(Vec<UsePath>),
    /// `case Phishing { sender: Email }`
    Case(RecordDecl),
    /// `type Host { id: HostId }`
    Record(RecordDecl),
    /// `type HostId = String`
    Newtype(NewtypeDecl),
    /// `enum Verdict { Clean, Malicious }`
    Enum(EnumDecl),
    /// `const NAME: T = expr` (type may be left out)
    Const(ConstDecl),
    /// `failures Transient = Timeout | Unavailable`
    Failures(FailuresDecl),
    /// `fn worst(seen: [Reputation]) -> Verdict { … }`
    Fn(FnDecl),
    /// `procedure contain(host: HostId) -> ActionId { … }`
    Procedure(ProcedureDecl),
    /// `source okta from feed("okta") -> SignIn { … }`
    Source(SourceDecl),
    /// `connector okta { … }`
    Connector(Box<ConnectorDecl>),
    /// `playbook triage for Phishing when … { … }`
    Playbook(PlaybookDecl),
    /// `guard mailbox_cleanup for Phishing covers mailbox.purge { … }`
    Guard(GuardDecl),
    /// `config { own_domains: [Domain] = [] }`
    Config(ConfigDecl),
    /// `test "…" { … }`
    Test(TestDecl),
    /// `controls iso27001 { A_5_26 }`
    Controls(ControlsDecl),
    /// `role soc_lead`
    Role(Name),
    /// `queue tier2`
    Queue(Name),
    /// A construct of the language that this compiler does not have yet (`procedure`, …).
    /// `what` is its keyword. The checker reports it; the parser has skipped its body.
    NotYet {
        /// The keyword.
        what: Name,
    },
}

/// One path of a `use`.
#[derive(Clone, Debug, PartialEq)]
pub struct UsePath {
    /// `std`, `connectors`, `okta`.
    pub segments: Vec<Name>,
    /// Where.
    pub span: Span,
}

/// Fields of a case or a record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordDecl {
    /// Its name.
    pub name: Name,
    /// In source order.
    pub fields: Vec<FieldDecl>,
}

/// `config { own_domains: [Domain] = [] }`
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigDecl {
    /// Its values; its name is the word `config`.
    pub record: RecordDecl,
    /// The default of each, where it has one.
    pub defaults: Vec<Option<Expr>>,
}

/// `reporter: Email pii`
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDecl {
    /// `///` lines before it.
    pub doc: Vec<String>,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// `pii`, `secret`, `untrusted`, written after the type (or `secret` before it).
    pub labels: Vec<Name>,
    /// Where.
    pub span: Span,
}

/// `type HostId = String`
#[derive(Clone, Debug, PartialEq)]
pub struct NewtypeDecl {
    /// Its name.
    pub name: Name,
    /// What it is made of.
    pub of: TypeExpr,
}

/// `enum Verdict { Clean, Malicious }`
#[derive(Clone, Debug, PartialEq)]
pub struct EnumDecl {
    /// Its name.
    pub name: Name,
    /// The place of `open`, when it is an `open enum`.
    pub open: Option<Span>,
    /// In source order.
    pub variants: Vec<VariantDecl>,
}

/// One member of an enum.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantDecl {
    /// `///` lines before it.
    pub doc: Vec<String>,
    /// Its name.
    pub name: Name,
    /// What it holds: `(family: String, score: Int)`; empty without parentheses.
    pub holds: Vec<Param>,
}

/// `const known = [10.0.0.0/8]`
#[derive(Clone, Debug, PartialEq)]
pub struct ConstDecl {
    /// Its name.
    pub name: Name,
    /// Its type, when written.
    pub ty: Option<TypeExpr>,
    /// Its value.
    pub value: Expr,
}

/// `failures Transient = Timeout | Unavailable`
#[derive(Clone, Debug, PartialEq)]
pub struct FailuresDecl {
    /// Its name.
    pub name: Name,
    /// The failures in it.
    pub kinds: Vec<Name>,
}

/// `fn worst(seen: [Reputation]) -> Verdict { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct FnDecl {
    /// Its name.
    pub name: Name,
    /// Parameters.
    pub params: Vec<Param>,
    /// Result type.
    pub result: TypeExpr,
    /// Body.
    pub body: Block,
}

/// `procedure enrich(user: UserId) for Login -> Profile { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct ProcedureDecl {
    /// Its name.
    pub name: Name,
    /// Parameters.
    pub params: Vec<Param>,
    /// The case type that its body speaks of as `case`.
    pub case: Option<Name>,
    /// Result type; `None` when it gives nothing.
    pub result: Option<TypeExpr>,
    /// Body.
    pub body: Block,
}

/// `id: HostId`
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// What it takes: `pii`, `trusted`. Only of actions.
    pub labels: Vec<Name>,
}

/// `playbook triage for Phishing when case.urls.len > 0 { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct PlaybookDecl {
    /// Its name.
    pub name: Name,
    /// The case type.
    pub case: Name,
    /// Its condition.
    pub when: Option<Expr>,
    /// The controls that it carries out: a framework, and one of its controls.
    pub controls: Vec<(Name, Name)>,
    /// The playbooks that come behind it where both would take a case.
    pub before: Vec<Name>,
    /// Clauses not supported yet (`limit`), by keyword.
    pub not_yet: Vec<Name>,
    /// Its body.
    pub body: Block,
}

/// `controls iso27001 { A_5_26 }`
#[derive(Clone, Debug, PartialEq)]
pub struct ControlsDecl {
    /// Its name.
    pub name: Name,
    /// Its controls.
    pub controls: Vec<Name>,
}
