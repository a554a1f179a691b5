//! The syntax tree: what was written, with the place of every part.
//!
//! Nothing here is resolved or typed. A name is text; a literal is already read (`10.0.0.0/8` is a network), because
//! its form is a matter of the lexer alone.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// A place in one source file: byte offsets, end exclusive. `file` is the index of the file in the compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Index of the file in the compilation.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The smallest place that holds both.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A name as written, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One source file.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// `//!` lines at its head, without the marker.
    pub doc: Vec<String>,
    /// What it declares, in source order. An item that could not be parsed is not here; its error is reported.
    pub items: Vec<Item>,
}

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

/// `source guardduty from feed("aws.guardduty") -> Finding { accept … dedup by … within … map { … } }`
#[derive(Clone, Debug, PartialEq)]
pub struct SourceDecl {
    /// Its name.
    pub name: Name,
    /// `feed("aws.guardduty")`: the transport and its arguments, as an expression.
    pub from: Expr,
    /// The case type that it makes.
    pub case: Name,
    /// `accept EXPR`, at most one is meaningful; all that were written.
    pub accept: Vec<Expr>,
    /// `dedup by EXPR within DURATION`
    pub dedup: Vec<Dedup>,
    /// `map { field = EXPR }`, the blocks that were written.
    pub maps: Vec<MapBlock>,
}

/// `dedup by payload.id within 24h`
#[derive(Clone, Debug, PartialEq)]
pub struct Dedup {
    /// The key.
    pub by: Expr,
    /// The window.
    pub within: Expr,
    /// Where.
    pub span: Span,
}

/// `map { severity = High }`
#[derive(Clone, Debug, PartialEq)]
pub struct MapBlock {
    /// Where.
    pub span: Span,
    /// In source order.
    pub fields: Vec<(Name, Expr)>,
}

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
    /// Clauses that this compiler does not have yet, by keyword.
    pub not_yet: Vec<Name>,
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
    /// Clauses not supported yet, by keyword.
    pub not_yet: Vec<Name>,
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

/// `playbook triage for Phishing when case.urls.len > 0 { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct PlaybookDecl {
    /// Its name.
    pub name: Name,
    /// The case type.
    pub case: Name,
    /// Its condition.
    pub when: Option<Expr>,
    /// Clauses not supported yet (`controls`, `before`, …), by keyword.
    pub not_yet: Vec<Name>,
    /// Its body.
    pub body: Block,
}

/// `guard mailbox_cleanup for Phishing covers mailbox.purge { never … limit … allow … else … }`
#[derive(Clone, Debug, PartialEq)]
pub struct GuardDecl {
    /// Its name.
    pub name: Name,
    /// The case type whose playbooks it covers; `None` for all.
    pub case: Option<Name>,
    /// What it covers.
    pub covers: Covers,
    /// In source order.
    pub lines: Vec<GuardLine>,
}

/// What a guard covers.
#[derive(Clone, Debug, PartialEq)]
pub enum Covers {
    /// `okta.suspend, entra.revoke_sessions`
    Actions(Vec<(Name, Name)>),
    /// `class contain`
    Class(Name),
}

/// One line of a guard.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardLine {
    /// What it says.
    pub kind: GuardLineKind,
    /// Where.
    pub span: Span,
}

/// The lines that a guard may have.
#[derive(Clone, Debug, PartialEq)]
pub enum GuardLineKind {
    /// `never when case.sender.domain in own_domains`
    Never(Expr),
    /// `limit 20 per 1h`
    Limit {
        /// An integer literal.
        count: Expr,
        /// A duration literal.
        per: Expr,
    },
    /// `allow` · `allow when case.recipients.len <= 50`
    Allow(Option<Expr>),
    /// `else refuse`
    Refuse,
    /// `else approval from role.soc_lead within 2h else refuse`
    Approval {
        /// Who is asked.
        from: Target,
        /// How long they have: a duration literal.
        within: Expr,
    },
}

/// `test "…" { given … run … expect … }`
#[derive(Clone, Debug, PartialEq)]
pub struct TestDecl {
    /// Its title.
    pub title: Name,
    /// In source order.
    pub steps: Vec<TestStep>,
}

/// One line of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStep {
    /// What it says.
    pub kind: TestStepKind,
    /// Where.
    pub span: Span,
}

/// The lines that a test may have.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStepKind {
    /// `given Phishing { … }`: the case. The expression is of kind `Record`.
    GivenCase(Expr),
    /// `given okta.user(_) returns User { … } after 100ms` · `given okta.user("x") fails Timeout then returns User { … }`
    GivenStub {
        /// `okta.user`
        action: (Name, Name),
        /// One an argument; `None` for `_`. `None` as a whole when no parentheses were written: any arguments.
        args: Option<Vec<Option<Expr>>>,
        /// The answers, one a call; the last one stays. Never empty.
        replies: Vec<Reply>,
    },
    /// `given guard mailbox_cleanup counted 20`: what its limits have counted before this run.
    GivenCounted {
        /// The guard.
        guard: Name,
        /// An integer literal.
        count: Expr,
    },
    /// `given config.own_domains = ["example.com"]`
    GivenConfig(Name, Expr),
    /// `given role.analyst answers Yes because "…" after 10m`
    GivenPerson(PersonStub),
    /// `expect approved okta.suspend("x") by role.soc_lead` · `expect never approved okta.suspend`
    ExpectApproved {
        /// `never`: nobody does.
        never: bool,
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// Who does.
        by: Option<Target>,
    },
    /// `expect asked role.analyst "malicious" times 2` · `expect never asked role.analyst`
    ExpectAsked {
        /// `never`: nobody is asked that.
        never: bool,
        /// Who.
        to: Target,
        /// What the question contains: a text.
        question: Option<Expr>,
        /// How often.
        times: Option<Expr>,
    },
    /// `run triage`
    Run(Name),
    /// `expect closed FalsePositive`
    ExpectClosed(Name),
    /// `expect handed over to queue.tier2` (target may be left out)
    ExpectHandedOver(Option<Target>),
    /// `expect did okta.suspend` · `expect did okta.suspend("x")` · `expect never okta.suspend`
    ExpectAct {
        /// `did` or `never`.
        did: bool,
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How often, or before which other act.
        how: Option<How>,
    },
    /// `expect undone okta.suspend("x")` · `expect undone okta.suspend("x") after 4h`
    ExpectUndone {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How long after it was done.
        after: Option<Expr>,
    },
    /// `expect held okta.suspend("x")` · `expect held okta.suspend("x") for 4h`
    ExpectHeld {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// For how long.
        length: Option<Expr>,
    },
    /// `expect read okta.user("x")` · `expect read okta.user times 2`
    ExpectRead {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
        /// How often.
        times: Option<Expr>,
    },
    /// `expect set severity = High`: at some time it was set to that.
    ExpectSet(Name, Expr),
    /// `expect routed to queue.tier2` (target may be left out)
    ExpectRouted(Option<Target>),
    /// `expect in doubt okta.suspend`
    ExpectInDoubt {
        /// The action.
        action: (Name, Name),
    },
    /// `expect refused mailbox.purge by guard mailbox_cleanup` (the guard may be left out)
    ExpectRefused {
        /// `never`: no guard does.
        never: bool,
        /// The action.
        action: (Name, Name),
        /// The guard.
        guard: Option<Name>,
    },
    /// `expect because contains "…"`: of the closing or handing over.
    ExpectBecause(Expr),
    /// `expect noted "…"`: a note contains the text.
    ExpectNoted(Expr),
    /// `expect elapsed == 100ms`: virtual time from opening to end.
    ExpectElapsed(Expr),
    /// `expect case.severity == High`: a condition over the case at its end.
    ExpectThat(Expr),
}

/// `times 2` · `before tickets.open(_)`
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// Exactly so often.
    Times(Expr),
    /// The first of these before the first of those.
    Before {
        /// The action.
        action: (Name, Name),
        /// Arguments, as in `GivenStub`.
        args: Option<Vec<Option<Expr>>>,
    },
}

/// One answer of a stub.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What it gives.
    pub answer: StubAnswer,
    /// `after 100ms`
    pub after: Option<Expr>,
}

/// What somebody says in a test.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonStub {
    /// Who.
    pub role: Target,
    /// What.
    pub says: Says,
    /// Why they say so.
    pub because: Option<Expr>,
    /// `after 10m`
    pub after: Option<Expr>,
}

/// What somebody says who was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// `answers Yes to "malicious"`
    Answers {
        /// The choice.
        choice: Name,
        /// What the question contains: a text.
        question: Option<Expr>,
    },
    /// `approves okta.suspend("x")` · `denies`
    Decides {
        /// The word.
        word: Name,
        /// Whether it is `approves`.
        approves: bool,
        /// The act, with its arguments as in `GivenStub`; any without it.
        act: Option<(Name, Name)>,
        /// Arguments.
        args: Option<Vec<Option<Expr>>>,
    },
}

/// What a stub gives back.
#[derive(Clone, Debug, PartialEq)]
pub enum StubAnswer {
    /// `returns EXPR`
    Returns(Expr),
    /// `fails Timeout` · `fails Denied "the account is locked"`
    Fails(Name, Option<Expr>),
    /// `is lost`: for writes: the request went out, no answer came. The act is in doubt.
    Lost(Span),
}

/// `queue.tier2`, `role.soc_lead`
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// `queue` or `role`.
    pub kind: Name,
    /// `tier2`
    pub name: Name,
}

impl Target {
    /// The whole of it.
    #[must_use]
    pub fn span(&self) -> Span {
        self.kind.span.to(self.name.span)
    }
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeExpr {
    /// What.
    pub kind: TypeExprKind,
    /// Where.
    pub span: Span,
}

/// The forms of types.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeExprKind {
    /// `Ip`, `Verdict`
    Name(String),
    /// `[T]`
    List(Box<TypeExpr>),
    /// `T?`
    Option(Box<TypeExpr>),
    /// `{K: V}`
    Map(Box<TypeExpr>, Box<TypeExpr>),
    /// `Int 0..100`: what it is a range of, and its bounds where they are whole numbers.
    Ranged {
        /// `Int`
        name: String,
        /// The smallest.
        low: Option<i64>,
        /// The largest.
        high: Option<i64>,
    },
    /// Other forms not supported yet; `what` names it.
    NotYet(String),
}

/// `{ … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// In source order. The last expression statement of a block is its value.
    pub stmts: Vec<Stmt>,
    /// With its braces.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    /// What.
    pub kind: StmtKind,
    /// Where.
    pub span: Span,
}

/// The kinds of statements. `close`, `set`, `do` … are expressions (they may stand in an arm).
#[derive(Clone, Debug, PartialEq)]
pub enum StmtKind {
    /// `let x: T = expr`
    Let {
        /// The name; `_` is allowed.
        name: Name,
        /// The type, when written.
        ty: Option<TypeExpr>,
        /// The value.
        value: Expr,
    },
    /// An expression.
    Expr(Expr),
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `42`
    Int(i64),
    /// `2.5`
    Float(f64),
    /// `true`
    Bool(bool),
    /// `none`
    None,
    /// `"a {b} c"`: a string without interpolation is one `Text`, or no part when empty.
    Str(Vec<StrPart>),
    /// `10.0.0.1`, `fe80::1`
    Ip(IpAddr),
    /// `10.0.0.0/8` (host bits as written; the checker rejects them)
    Cidr {
        /// As written.
        net: IpNet,
    },
    /// `1h30m`
    Duration(SignedDuration),
    /// `5MB`, in bytes
    Size(u64),
    /// `2026-11-20T12:00Z`
    Time(Timestamp),
    /// `2026-11-20`
    Date(Date),
    /// `/…/`: the pattern, `\/` already reduced to `/`.
    Regex(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `Host { id: x }`
    Record {
        /// The type.
        name: Name,
        /// In source order.
        fields: Vec<(Name, Expr)>,
    },
    /// `{ action: "contain", ids: [id] }`: the JSON of a request, or a map; keys are words or texts.
    Object(Vec<(Name, Expr)>),
    /// `{ 22: "ssh", 443: "https" }`: a map, with a key among them that is neither a word nor a text.
    Map(Vec<(Expr, Expr)>),
    /// `x`, `case`, `payload`
    Name(String),
    /// `a.b`; `optional` for `a?.b`
    Field {
        /// What has the field.
        base: Box<Expr>,
        /// The field.
        name: Name,
        /// `?.`
        optional: bool,
    },
    /// `a[0]`, `a["k"]`
    Index {
        /// What is indexed.
        base: Box<Expr>,
        /// By what.
        index: Box<Expr>,
    },
    /// `f(x, title: y)`; the callee is a `Name` or a `Field`.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// With what.
        args: Vec<Arg>,
    },
    /// `u => u.host`: only as an argument.
    Lambda {
        /// Its one parameter.
        param: Name,
        /// Its body.
        body: Box<Expr>,
    },
    /// `x as Int`
    As {
        /// What.
        value: Box<Expr>,
        /// To what.
        ty: TypeExpr,
    },
    /// `x?`
    Try(Box<Expr>),
    /// `x else y`: `y` may be a block or a `close`.
    Else {
        /// What may be missing or fail.
        value: Box<Expr>,
        /// What then.
        arm: Box<Expr>,
    },
    /// `not x`, `-x`
    Unary {
        /// Which.
        op: UnaryOp,
        /// Of what.
        value: Box<Expr>,
    },
    /// `a + b`, `a and b`, `ip in net`, `s matches /x/`
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left.
        left: Box<Expr>,
        /// Right.
        right: Box<Expr>,
    },
    /// `{ … }`
    Block(Block),
    /// `if c { … } else { … }`; an `else if` is an `Expr` of kind `If` in `other`.
    If {
        /// The condition.
        cond: Cond,
        /// When it holds.
        then: Block,
        /// When not.
        other: Option<Box<Expr>>,
    },
    /// `match x { A => …, B | C => …, _ => … }`
    Match {
        /// On what.
        value: Box<Expr>,
        /// In source order.
        arms: Vec<Arm>,
    },
    /// `for x in xs { … }`
    For {
        /// The variable.
        var: Name,
        /// Over what.
        list: Box<Expr>,
        /// For each.
        body: Block,
    },
    /// `do okta.suspend(user)`: the call is an `Expr` of kind `Call` (checked later).
    Do(Box<Expr>),
    /// `set severity = High because "…"`
    Set {
        /// The field of the case.
        field: Name,
        /// Its new value.
        value: Box<Expr>,
        /// Why; `None` when it was left out (the checker reports it).
        because: Option<Box<Expr>>,
    },
    /// `note "…"`
    Note(Box<Expr>),
    /// `reveal case.user because "…"`
    Reveal {
        /// What.
        value: Box<Expr>,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `route to queue.tier2 because "…"`
    Route {
        /// To where.
        to: Target,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `hand over to queue.tier2 because "…"`
    HandOver {
        /// To whom.
        to: Target,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `close FalsePositive because "…"`
    Close {
        /// The closure class.
        class: Name,
        /// Why.
        because: Option<Box<Expr>>,
    },
    /// `step contain { … } else { … }`
    Step {
        /// `contain`
        name: Name,
        /// What is to be done.
        body: Block,
        /// What is done when it fails; `None` when it was left out (the checker reports it).
        other: Option<Block>,
    },
    /// `rollback because "…"`
    Rollback {
        /// Why; `None` when it was left out (the checker reports it).
        because: Option<Box<Expr>>,
    },
    /// `okta.user(x) retry 3`, `do okta.suspend(x) timeout 10s`
    OnTerms {
        /// The call.
        call: Box<Expr>,
        /// Its keyword.
        word: Name,
        /// What it says of itself.
        term: Term,
    },
    /// `wait 5m`, `wait tickets.closed(t) within 5d`
    Wait(Box<Wait>),
    /// `ask role.analyst "Is this mail malicious?" { Yes, No } within 4h else Yes because "…"`
    Ask(Box<Ask>),
    /// `approve okta.suspend(user) from role.soc_lead within 2h because "…"`
    Approve(Box<Approve>),
    /// A construct not supported yet.
    /// `what` is its keyword as the message should name it; `inner` is the expression it was attached to, if any, so
    /// that the rest is still checked.
    NotYet {
        /// `ask`, …
        what: Name,
        /// What it was attached to.
        inner: Option<Box<Expr>>,
    },
    /// Could not be parsed; an error is reported already, and nothing more is to be said.
    Error,
}

/// What a call says of itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `retry 3 backoff 2s`
    Retry {
        /// How often.
        times: Box<Expr>,
        /// How long after.
        backoff: Option<Box<Expr>>,
    },
    /// `timeout 10s`
    Timeout(Box<Expr>),
    /// `for 4h`: taken back after that.
    For(Box<Expr>),
    /// `irreversible because "…"`: not taken back, and why.
    Irreversible(Box<Expr>),
}

/// `wait 5m`, `wait tickets.closed(t) within 5d`, `wait sandbox.report(id) every 30s within 10m`
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// For how long, or for what.
    pub what: Expr,
    /// How often to look.
    pub every: Option<Expr>,
    /// How long at the longest.
    pub within: Option<Expr>,
}

/// `ask role.analyst "Is this mail malicious?" { Yes, No } showing urls within 4h else Yes because "…"`
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Who.
    pub to: Target,
    /// What: a text.
    pub question: Expr,
    /// What can be answered.
    pub choices: Vec<Name>,
    /// With its braces.
    pub choices_span: Span,
    /// What they are shown.
    pub showing: Vec<Expr>,
    /// How long they have; `None` when it was left out (the checker reports it).
    pub within: Option<Expr>,
    /// What counts as the answer when there is none, and why.
    pub otherwise: Option<(Name, Expr)>,
}

/// `approve okta.suspend(user) from role.soc_lead within 2h because "…"`
#[derive(Clone, Debug, PartialEq)]
pub struct Approve {
    /// The act: a call.
    pub act: Expr,
    /// Who is asked; `None` when it was left out (the checker reports it, as with the others).
    pub from: Option<Target>,
    /// How long they have.
    pub within: Option<Expr>,
    /// Why it is asked for.
    pub because: Option<Expr>,
}

/// The condition of an `if`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// `if c`
    Expr(Box<Expr>),
    /// `if let u = case.user`
    Let {
        /// What it is called when it is there.
        name: Name,
        /// What may be missing.
        value: Box<Expr>,
    },
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Arg {
    /// `title` of `title: x`.
    pub name: Option<Name>,
    /// `x`
    pub value: Expr,
}

/// One arm of a `match`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// Alternatives: `A | B`.
    pub patterns: Vec<Pattern>,
    /// What then.
    pub body: Expr,
    /// Where.
    pub span: Span,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// What.
    pub kind: PatternKind,
    /// Where.
    pub span: Span,
}

/// A name for a part of what a member holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Which part, where that is written; else by its position.
    pub field: Option<Name>,
    /// What it is called in the arm; `_` for nothing.
    pub name: Name,
}

/// The forms of patterns.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// `_`
    Any,
    /// `Clean`, `Verdict.Clean`
    Variant {
        /// `Verdict`, when written.
        of: Option<Name>,
        /// `Clean`
        name: Name,
        /// `(family, score: n)`: names for its contents, when there are parentheses.
        captures: Option<Vec<Capture>>,
    },
    /// `40..69`
    Range {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
    },
    /// A literal: an expression of one of the literal kinds (a negative integer is folded into the literal).
    Literal(Box<Expr>),
    /// `none`
    None,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq)]
pub enum StrPart {
    /// Text, escapes already resolved.
    Text(String),
    /// `{expr}`
    Expr(Box<Expr>),
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Neg,
}

/// Infix operators, loosest first: `or`, `and`, comparisons (which do not chain), `+ -`, `* / %`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`: an element in a list, an address in a network
    In,
    /// `matches`: a string and a regex
    Matches,
    /// `like`: a string and a wildcard pattern
    Like,
    /// `ilike`: the same, both in lower case
    ILike,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
}
