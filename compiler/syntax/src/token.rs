//! The kinds of tokens: the one lexical definition of the language. The terminals of the grammar are generated from it.

use logos::Logos;

macro_rules! kinds {
    ($( $(#[$($attribute:tt)*])* $kind:ident = $terminal:literal, $shown:literal; )*) => {
        /// What a token is.
        ///
        /// The order matters: words, literals and signs that the grammar treats alike stand together, so that each of
        /// these groups is one range of characters in the parser's input.
        #[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum TokenKind {
            $( #[doc = $shown] $(#[$($attribute)*])* $kind, )*
        }

        impl TokenKind {
            /// Every kind, in order.
            pub const ALL: &'static [TokenKind] = &[$(TokenKind::$kind),*];

            /// The name of its terminal in the grammar.
            #[must_use]
            pub fn terminal(self) -> &'static str {
                match self { $(TokenKind::$kind => $terminal,)* }
            }

            /// What it is called in a message.
            #[must_use]
            pub fn shown(self) -> &'static str {
                match self { $(TokenKind::$kind => $shown,)* }
            }
        }
    };
}

kinds! {
    // Trivia. The parser does not see them.
    #[regex(r"[ \t\r]+")] Space = "t_space", "a space";
    #[regex(r"\r?\n", priority = 10)] Newline = "t_newline", "the end of the line";
    #[regex(r"//[^\n]*", allow_greedy = true)] Comment = "t_comment", "a comment";
    Doc = "t_doc", "a documentation comment";
    FileDoc = "t_file_doc", "a documentation comment";

    // Words. Those that begin a statement; like all words down to `write` they may also be names.
    #[token("approve")] Approve = "t_approve", "`approve`";
    #[token("ask")] Ask = "t_ask", "`ask`";
    #[token("close")] Close = "t_close", "`close`";
    #[token("hand")] Hand = "t_hand", "`hand`";
    #[token("note")] Note = "t_note", "`note`";
    #[token("reveal")] Reveal = "t_reveal", "`reveal`";
    #[token("rollback")] Rollback = "t_rollback", "`rollback`";
    #[token("route")] Route = "t_route", "`route`";
    #[token("set")] Set = "t_set", "`set`";
    #[token("step")] Step = "t_step", "`step`";
    #[token("wait")] Wait = "t_wait", "`wait`";
    // A name that is no word of the language:
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*", priority = 2)] Ident = "t_ident", "a name";
    // Words that mean something in one place only. Labels:
    #[token("pii")] Pii = "t_pii", "`pii`";
    #[token("secret")] Secret = "t_secret", "`secret`";
    #[token("trusted")] Trusted = "t_trusted", "`trusted`";
    #[token("untrusted")] Untrusted = "t_untrusted", "`untrusted`";
    // The others:
    #[token("accept")] Accept = "t_accept", "`accept`";
    #[token("after")] After = "t_after", "`after`";
    #[token("allow")] Allow = "t_allow", "`allow`";
    #[token("approval")] Approval = "t_approval", "`approval`";
    #[token("arrives")] Arrives = "t_arrives", "`arrives`";
    #[token("auth")] Auth = "t_auth", "`auth`";
    #[token("backoff")] Backoff = "t_backoff", "`backoff`";
    #[token("before")] Before = "t_before", "`before`";
    #[token("by")] By = "t_by", "`by`";
    #[token("cache")] Cache = "t_cache", "`cache`";
    #[token("case")] Case = "t_case", "`case`";
    #[token("class")] Class = "t_class", "`class`";
    #[token("closed")] Closed = "t_closed", "`closed`";
    #[token("config")] Config = "t_config", "`config`";
    #[token("connector")] Connector = "t_connector", "`connector`";
    #[token("const")] Const = "t_const", "`const`";
    #[token("contains")] Contains = "t_contains", "`contains`";
    #[token("controls")] Controls = "t_controls", "`controls`";
    #[token("counted")] Counted = "t_counted", "`counted`";
    #[token("covers")] Covers = "t_covers", "`covers`";
    #[token("dedup")] Dedup = "t_dedup", "`dedup`";
    #[token("did")] Did = "t_did", "`did`";
    #[token("doubt")] Doubt = "t_doubt", "`doubt`";
    #[token("elapsed")] Elapsed = "t_elapsed", "`elapsed`";
    #[token("enum")] Enum = "t_enum", "`enum`";
    #[token("event")] Event = "t_event", "`event`";
    #[token("every")] Every = "t_every", "`every`";
    #[token("expect")] Expect = "t_expect", "`expect`";
    #[token("fails")] Fails = "t_fails", "`fails`";
    #[token("failures")] Failures = "t_failures", "`failures`";
    #[token("from")] From = "t_from", "`from`";
    #[token("given")] Given = "t_given", "`given`";
    #[token("guard")] Guard = "t_guard", "`guard`";
    #[token("handed")] Handed = "t_handed", "`handed`";
    #[token("header")] Header = "t_header", "`header`";
    #[token("idempotent")] Idempotent = "t_idempotent", "`idempotent`";
    #[token("irreversible")] Irreversible = "t_irreversible", "`irreversible`";
    #[token("is")] Is = "t_is", "`is`";
    #[token("json")] Json = "t_json", "`json`";
    #[token("limit")] Limit = "t_limit", "`limit`";
    #[token("lost")] Lost = "t_lost", "`lost`";
    #[token("map")] Map = "t_map", "`map`";
    #[token("never")] Never = "t_never", "`never`";
    #[token("noted")] Noted = "t_noted", "`noted`";
    #[token("oauth2")] Oauth2 = "t_oauth2", "`oauth2`";
    #[token("open")] Open = "t_open", "`open`";
    #[token("over")] Over = "t_over", "`over`";
    #[token("per")] Per = "t_per", "`per`";
    #[token("playbook")] Playbook = "t_playbook", "`playbook`";
    #[token("procedure")] Procedure = "t_procedure", "`procedure`";
    #[token("query")] Query = "t_query", "`query`";
    #[token("queue")] Queue = "t_queue", "`queue`";
    #[token("read")] Read = "t_read", "`read`";
    #[token("refuse")] Refuse = "t_refuse", "`refuse`";
    #[token("refused")] Refused = "t_refused", "`refused`";
    #[token("retry")] Retry = "t_retry", "`retry`";
    #[token("returns")] Returns = "t_returns", "`returns`";
    #[token("role")] Role = "t_role", "`role`";
    #[token("routed")] Routed = "t_routed", "`routed`";
    #[token("run")] Run = "t_run", "`run`";
    #[token("showing")] Showing = "t_showing", "`showing`";
    #[token("source")] Source = "t_source", "`source`";
    #[token("taxonomy")] Taxonomy = "t_taxonomy", "`taxonomy`";
    #[token("test")] Test = "t_test", "`test`";
    #[token("then")] Then = "t_then", "`then`";
    #[token("timeout")] Timeout = "t_timeout", "`timeout`";
    #[token("times")] Times = "t_times", "`times`";
    #[token("to")] To = "t_to", "`to`";
    #[token("type")] Type = "t_type", "`type`";
    #[token("undo")] Undo = "t_undo", "`undo`";
    #[token("until")] Until = "t_until", "`until`";
    #[token("use")] Use = "t_use", "`use`";
    #[token("verify")] Verify = "t_verify", "`verify`";
    #[token("when")] When = "t_when", "`when`";
    #[token("within")] Within = "t_within", "`within`";
    #[token("write")] Write = "t_write", "`write`";
    // Reserved words: names of fields only.
    #[token("and")] And = "t_and", "`and`";
    #[token("as")] As = "t_as", "`as`";
    #[token("because")] Because = "t_because", "`because`";
    #[token("do")] Do = "t_do", "`do`";
    #[token("else")] Else = "t_else", "`else`";
    #[token("false")] False = "t_false", "`false`";
    #[token("fn")] Fn = "t_fn", "`fn`";
    #[token("for")] For = "t_for", "`for`";
    #[token("if")] If = "t_if", "`if`";
    #[token("ilike")] ILike = "t_ilike", "`ilike`";
    #[token("in")] In = "t_in", "`in`";
    #[token("let")] Let = "t_let", "`let`";
    #[token("like")] Like = "t_like", "`like`";
    #[token("match")] Match = "t_match", "`match`";
    #[token("matches")] Matches = "t_matches", "`matches`";
    #[token("none")] None = "t_none", "`none`";
    #[token("not")] Not = "t_not", "`not`";
    #[token("or")] Or = "t_or", "`or`";
    #[token("true")] True = "t_true", "`true`";
    // Where a name may stand, nothing that is asked for.
    #[token("_", priority = 10)] Underscore = "t_underscore", "`_`";

    // Literals.
    #[regex(r"[0-9][0-9_]*", priority = 5)] Int = "t_int", "a number";
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9_]*(?:[eE][+-]?[0-9]+)?", priority = 5)] Float = "t_float", "a number";
    #[regex(r"(?:[0-9]+(?:ms|[smhdw]))+", priority = 6)] Duration = "t_duration", "a duration";
    #[regex(r"[0-9]+(?:[KMGT]i?)?B", priority = 6)] Size = "t_size", "a size";
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?", priority = 30)]
    Time = "t_time", "a time";
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", priority = 20)] Date = "t_date", "a date";
    #[regex(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", priority = 9)]
    #[regex(r"(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}(?:%[0-9A-Za-z]+)?", priority = 8)]
    #[regex(r"(?:[0-9a-fA-F]{1,4}:){6}[0-9]{1,3}(?:\.[0-9]{1,3}){3}", priority = 8)]
    #[regex(r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{1,4})*::[0-9a-fA-F:]*(?:\.[0-9]{1,3})*(?:%[0-9A-Za-z]+)?", priority = 7)]
    Ip = "t_ip", "an IP address";
    #[regex(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,3}", priority = 9)]
    #[regex(r"(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}/[0-9]{1,3}", priority = 8)]
    #[regex(r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{1,4})*::[0-9a-fA-F:]*(?:\.[0-9]{1,3})*/[0-9]{1,3}", priority = 7)]
    Cidr = "t_cidr", "a network";
    // Found by the wrapper, where an operand may begin.
    Regex = "t_regex", "a regular expression";
    // What looks like a literal and is none; reported, and read as one.
    BadRegex = "t_bad_regex", "a regular expression";
    #[regex(r"[0-9][0-9A-Za-z_]*", priority = 1)]
    #[regex(r"[0-9][0-9_]*\.[0-9]+[A-Za-z_][0-9A-Za-z_]*", priority = 1)]
    #[regex(r"[0-9]+(?:\.[0-9]+){2,}", priority = 1)]
    #[regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+-]*[A-Za-z]*", priority = 1)]
    BadNumber = "t_bad_number", "a number";
    #[regex(r"'(?:[^'\\\n]|\\[^\n])*'?", priority = 1)]
    #[regex(r"`[^`\n]*`", priority = 1)]
    #[regex("[\u{201c}\u{201e}][^\u{201c}\u{201d}\"\n]*[\u{201c}\u{201d}]", priority = 1)]
    #[regex("\u{2018}[^\u{2018}\u{2019}\"\n]*\u{2019}", priority = 1)]
    SingleQuoted = "t_single_quoted", "a text in other quotes";

    // Strings.
    #[token("\"")] StrStart = "t_str_start", "a string";
    StrText = "t_str_text", "text";
    StrEscape = "t_str_escape", "an escape";
    StrBadEscape = "t_str_bad_escape", "an escape";
    StrBadBrace = "t_str_bad_brace", "`}`";
    InterpOpen = "t_interp_open", "`{`";
    StrEnd = "t_str_end", "the end of the string";

    // Signs between two operands.
    #[token("=")] Assign = "t_assign", "`=`";
    #[token("==")] Eq = "t_eq", "`==`";
    #[token("!=")] Ne = "t_ne", "`!=`";
    #[token("<")] Lt = "t_lt", "`<`";
    #[token("<=")] Le = "t_le", "`<=`";
    #[token(">")] Gt = "t_gt", "`>`";
    #[token(">=")] Ge = "t_ge", "`>=`";
    #[token("+")] Plus = "t_plus", "`+`";
    #[token("-")] Minus = "t_minus", "`-`";
    #[token("*")] Star = "t_star", "`*`";
    #[token("/")] Slash = "t_slash", "`/`";
    #[token("%")] Percent = "t_percent", "`%`";
    // Signs that go on with a value.
    #[token(".")] Dot = "t_dot", "`.`";
    #[token("(")] LParen = "t_lparen", "`(`";
    #[token("[")] LBrack = "t_lbrack", "`[`";
    #[token("?")] Question = "t_question", "`?`";
    #[token("?.")] QuestionDot = "t_question_dot", "`?.`";
    // Other signs.
    InterpClose = "t_interp_close", "`}`";
    #[token("{")] LBrace = "t_lbrace", "`{`";
    #[token("}")] RBrace = "t_rbrace", "`}`";
    #[token(")")] RParen = "t_rparen", "`)`";
    #[token("]")] RBrack = "t_rbrack", "`]`";
    #[token(",")] Comma = "t_comma", "`,`";
    #[token(":")] Colon = "t_colon", "`:`";
    #[token("=>")] FatArrow = "t_fat_arrow", "`=>`";
    #[token("..")] DotDot = "t_dotdot", "`..`";
    #[token("->")] Arrow = "t_arrow", "`->`";
    #[token("|")] Pipe = "t_pipe", "`|`";

    // Signs of other languages; reported, and read as what was meant.
    #[token("&&")] AndAnd = "t_and_and", "`&&`";
    #[token("||")] OrOr = "t_or_or", "`||`";
    #[token("!")] Bang = "t_bang", "`!`";
    #[token("===")] EqEqEq = "t_eq_eq_eq", "`===`";
    #[token("!==")] NeEq = "t_ne_eq", "`!==`";
    #[token(";")] Semicolon = "t_semicolon", "`;`";
    // A character that belongs to no token; several in a row are one.
    Unknown = "t_unknown", "a character";

    // Never lexed: put into the parser's input.
    StmtEnd = "t_end", "the end of the line";
    ErrorPart = "t_error", "an error";
    ErrorHead = "t_error_head", "an error";
}

impl TokenKind {
    /// Whether the parser does not see it: spaces, line ends, comments.
    #[must_use]
    pub fn is_trivia(self) -> bool {
        self <= TokenKind::FileDoc
    }

    /// Whether it opens a bracket.
    pub(crate) fn opens(self) -> bool {
        self.partner().is_some()
    }

    /// Whether it closes one.
    pub(crate) fn closes(self) -> bool {
        use TokenKind as K;
        matches!(self, K::RBrace | K::RParen | K::RBrack | K::InterpClose)
    }

    /// What closes the bracket that it opens.
    pub(crate) fn partner(self) -> Option<Self> {
        use TokenKind as K;
        Some(match self {
            K::LBrace => K::RBrace,
            K::LParen => K::RParen,
            K::LBrack => K::RBrack,
            K::InterpOpen => K::InterpClose,
            _ => return None,
        })
    }

    /// The text of a word of the language, or of a sign.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.shown().trim_matches('`')
    }

    /// Whether it has the form of a name: a name proper, or any word of the language.
    #[must_use]
    pub fn is_word(self) -> bool {
        (TokenKind::Approve..=TokenKind::True).contains(&self)
    }

    /// The words that begin a declaration of a file, each with the name that it declares right behind it.
    pub const DECLARE: [TokenKind; 14] = [
        TokenKind::Case,
        TokenKind::Type,
        TokenKind::Enum,
        TokenKind::Const,
        TokenKind::Failures,
        TokenKind::Fn,
        TokenKind::Source,
        TokenKind::Connector,
        TokenKind::Playbook,
        TokenKind::Procedure,
        TokenKind::Guard,
        TokenKind::Role,
        TokenKind::Queue,
        TokenKind::Controls,
    ];

    /// Whether the name behind it is declared by it: in a file, or in a connector.
    #[must_use]
    pub fn declares(self) -> bool {
        Self::DECLARE.contains(&self) || matches!(self, TokenKind::Read | TokenKind::Write | TokenKind::Event)
    }

    /// Whether it is a word that can be the name of a field only.
    #[must_use]
    pub fn is_reserved(self) -> bool {
        (TokenKind::And..=TokenKind::True).contains(&self)
    }

    /// Whether it is a literal other than a string, `true`, `false` and `none`.
    #[must_use]
    pub fn is_literal(self) -> bool {
        (TokenKind::Int..=TokenKind::SingleQuoted).contains(&self)
    }
}

/// One token. The texts of all tokens of a file, one after the other, are the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte. Equal to `start` only for the end of a string or of an interpolation that was not closed.
    pub end: u32,
}

impl Token {
    /// Its text; empty when it is not a token of `text`.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// The pieces inside of a string.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StrPiece {
    #[regex(r#"[^"\\{}\n]+"#, allow_greedy = true)]
    Text,
    #[regex(r#"\\[nrt"\\{}]"#)]
    #[regex(r"\\u\{[0-9A-Fa-f]{1,6}\}")]
    Escape,
    #[regex(r"\\[^\n]?", priority = 1)]
    BadEscape,
    #[token("{")]
    Open,
    #[token("}")]
    Close,
    #[token("\"")]
    Quote,
    #[token("\n")]
    Newline,
}

/// What follows the first `/` of a regular expression.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegexPiece {
    #[regex(r"(?:[^/\\\n]|\\[^\n])+/", allow_greedy = true)]
    Tail,
    /// No end on this line: as far as it surely goes.
    #[regex(r#"[^/\s(){}\[\],"]+"#, priority = 1, allow_greedy = true)]
    Unclosed,
}
