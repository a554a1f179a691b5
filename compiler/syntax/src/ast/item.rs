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
    Procedure(Box<ProcedureDecl>),
    /// `source okta from feed("okta") -> SignIn { … }`
    Source(Box<SourceDecl>),
    /// `connector okta { … }`
    Connector(Box<ConnectorDecl>),
    /// `playbook triage for Phishing when … { … }`
    Playbook(Box<PlaybookDecl>),
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

impl ItemKind {
    /// The name by which others know what it declares. A `use`, a `config` and a test have none.
    #[must_use]
    pub fn name(&self) -> Option<&Name> {
        Some(match self {
            Self::Case(d) | Self::Record(d) => &d.name,
            Self::Newtype(d) => &d.name,
            Self::Enum(d) => &d.name,
            Self::Const(d) => &d.name,
            Self::Failures(d) => &d.name,
            Self::Fn(d) => &d.name,
            Self::Procedure(d) => &d.name,
            Self::Source(d) => &d.name,
            Self::Connector(d) => &d.name,
            Self::Playbook(d) => &d.name,
            Self::Guard(d) => &d.name,
            Self::Controls(d) => &d.name,
            Self::Role(name) | Self::Queue(name) => name,
            Self::Use(_) | Self::Config(_) | Self::Test(_) | Self::NotYet { .. } => return None,
        })
    }

    /// Its members, which stand without its name: of an enum.
    #[must_use]
    pub fn members(&self) -> &[VariantDecl] {
        match self {
            Self::Enum(d) => &d.variants,
            _ => &[],
        }
    }
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

#[cfg(test)]
mod tests {
    use crate::parse;

    const EACH: &str = r#"
use std.roles
config { limit: Int = 3 }
case a_case { x: Int }
type a_record { x: Int }
type a_newtype = String
enum an_enum { Left, Right }
const a_const = 3
failures some_failures = Timeout
fn a_fn(x: Int) -> Int { x }
procedure a_procedure(x: Int) { note "x" }
source a_source from feed("x") -> a_case { map { x: 1 } }
connector a_connector { base_url: "https://a.example" }
playbook a_playbook for a_case { close FalsePositive because "x" }
guard a_guard covers a_connector.act { allow }
controls some_controls { A_1 }
role a_role
queue a_queue
test "a test" { }
"#;

    #[test]
    fn every_declaration_that_others_name_has_its_name() {
        let parsed = parse(0, EACH);
        let names: Vec<Option<&str>> =
            parsed.file.items.iter().map(|item| item.kind.name().map(|name| name.text.as_str())).collect();
        let mut named = vec![None, None];
        let words = EACH.lines().skip(3).filter(|line| !line.is_empty() && !line.starts_with("test"));
        named.extend(words.map(|line| line.split([' ', '(']).nth(1)));
        named.push(None);
        assert_eq!(names, named);
    }

    #[test]
    fn only_an_enum_has_members() {
        let parsed = parse(0, EACH);
        let members = parsed.file.items.iter().flat_map(|item| item.kind.members());
        assert_eq!(members.map(|m| m.name.text.as_str()).collect::<Vec<_>>(), ["Left", "Right"]);
    }
}
