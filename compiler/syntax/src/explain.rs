//! Why a part does not parse, in words of the field: what was found, and what could stand there instead.

use std::ops::Range;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place, escape, suggest};

use crate::grammar::traced::Rule;
use crate::parser::Source;
use crate::said::Said;
use crate::stream::Symbol;
use crate::token::{Token, TokenKind as K};

/// Where the parser could not go on.
pub(crate) struct Failure {
    /// Index of the symbol; one past the last when something is missing at the end.
    pub(crate) at: usize,
    /// What it tried there.
    pub(crate) expected: Vec<Rule>,
}

/// Where the parser could not go on, and what is round it.
pub(crate) struct Scene<'a> {
    file: u32,
    text: &'a str,
    tokens: &'a [Token],
    pub(crate) said: Said<'a>,
    symbols: &'a [Symbol],
    pub(crate) at: usize,
    /// The statement, field or line it is in; `None` in the head of an item.
    pub(crate) part: Option<Range<usize>>,
}

/// The diagnostic of a failure.
pub(crate) fn explain(
    source: Source<'_>,
    symbols: &[Symbol],
    failure: &Failure,
    part: Option<Range<usize>>,
) -> Diagnostic {
    let Source { file, text, tokens, said } = source;
    let said = Said { text, tokens, targets: said };
    let scene = Scene { file, text, tokens, said, symbols, at: failure.at, part };
    let wanted = wanted(&failure.expected);
    scene
        .not_an_item()
        .or_else(|| scene.reserved_name(&failure.expected))
        .or_else(|| scene.meant(&failure.expected))
        .or_else(|| scene.common_slip())
        .or_else(|| scene.elsewhere())
        .or_else(|| scene.second_statement(&wanted))
        .unwrap_or_else(|| scene.unexpected(&wanted))
}

impl Scene<'_> {
    pub(crate) fn kind(&self, at: usize) -> Option<K> {
        self.symbols.get(at).map(|s| s.kind)
    }

    pub(crate) fn before(&self, back: usize) -> Option<K> {
        self.at.checked_sub(back).and_then(|i| self.kind(i))
    }

    pub(crate) fn word(&self, at: usize) -> &str {
        let token = self.symbols.get(at).and_then(|s| self.tokens.get(s.first));
        token.map_or("", |t| t.text(self.text))
    }

    /// What stands at a place.
    pub(crate) fn text_at(&self, place: Place) -> &str {
        self.text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// The symbol, or when it is the end of a line or of the item, the place right after what stands before it.
    pub(crate) fn place(&self, at: usize) -> Place {
        let file = self.file;
        let of = |i: usize| self.symbols.get(i);
        match of(at) {
            Some(s) if s.kind != K::StmtEnd && !self.line_ended(at) => {
                let (start, end) = (self.tokens.get(s.first), self.tokens.get(s.last));
                let start = start.map_or(0, |t| t.start);
                Place { file, start, end: end.map_or(start, |t| t.end) }
            }
            _ => {
                let last = at.checked_sub(1).and_then(of).and_then(|s| self.tokens.get(s.last));
                let end = last.map_or(0, |t| t.end);
                Place { file, start: end, end }
            }
        }
    }

    /// Whether a line ends before the closing brace that was found: the mistake is at the end of that line.
    fn line_ended(&self, at: usize) -> bool {
        let here = self.symbols.get(at).filter(|s| s.kind == K::RBrace);
        let before = at.checked_sub(1).and_then(|i| self.symbols.get(i));
        match (here, before) {
            (Some(h), Some(b)) => {
                let between = self.tokens.get(b.last + 1..h.first).unwrap_or(&[]);
                between.iter().any(|t| t.kind == K::Newline) && !matches!(b.kind, K::LBrace | K::StmtEnd)
            }
            _ => false,
        }
    }

    /// What stands there, as it is called.
    pub(crate) fn found(&self) -> String {
        if self.line_ended(self.at) {
            return K::StmtEnd.shown().into();
        }
        match self.symbols.get(self.at).map(|s| (s.kind, s.first)) {
            None => "the end of the declaration".into(),
            Some((K::StmtEnd, token)) if self.tokens.get(token).is_some_and(|t| t.kind == K::Semicolon) => {
                "`;`".into()
            }
            Some((k @ K::StmtEnd, _)) => k.shown().into(),
            Some((K::StrStart, _)) => "a string".into(),
            Some((k @ (K::StrEnd | K::InterpClose | K::InterpOpen), _)) => k.shown().into(),
            Some(_) => {
                let word = self.word(self.at);
                if word.chars().count() > 40 {
                    "this".into()
                } else {
                    format!("`{}`", escape::one_line(word))
                }
            }
        }
    }

    /// Something that is no declaration stands where only one can.
    fn not_an_item(&self) -> Option<Diagnostic> {
        const OTHERS: [K; 4] = [K::Use, K::Test, K::Open, K::Config];
        if self.at != 0 {
            return None;
        }
        let word = self.word(0);
        let d = Diagnostic::error(
            codes::P1016,
            self.place(0),
            format!("expected a declaration, found {}", self.found()),
        )
        .here("no declaration begins like this");
        let statement = matches!(
            self.kind(0),
            Some(
                K::Let | K::If | K::For | K::Match | K::Do | K::Close | K::Set | K::Note | K::Route | K::Hand
            )
        );
        let items = K::DECLARE.into_iter().chain(OTHERS).map(K::word);
        Some(if statement {
            d.help(
                "Statements stand in the body of a `playbook` or a `fn`; look for a `}` too many before it.",
            )
        } else if let Some(near) = suggest::closest(word, items) {
            let edits = vec![Edit { place: self.place(0), text: near.into() }];
            d.help(format!("Did you mean `{near}`?")).fix(format!("Write `{near}`"), false, edits)
        } else {
            d.help("A file is made of `use`, `case`, `type`, `enum`, `const`, `config`, `fn`, `procedure`, `source`, `connector`, `guard`, `playbook` and `test`.")
        })
    }

    fn reserved_name(&self, expected: &[Rule]) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        let named = expected
            .iter()
            .any(|r| matches!(r, Rule::name | Rule::binding | Rule::param | Rule::variant | Rule::t_ident));
        let value =
            expected.iter().any(|r| matches!(r, Rule::expr | Rule::h_expr | Rule::chain | Rule::operand));
        if !kind.is_reserved() || !named || value || self.after_keyword().is_some() {
            return None;
        }
        let word = self.word(self.at);
        Some(
            Diagnostic::error(
                codes::P1008,
                self.place(self.at),
                format!("`{word}` is a word of the language, and cannot be a name"),
            )
            .here("expected a name")
            .help(format!("Choose another name, such as `{word}_`; only fields may be called `{word}`.")),
        )
    }

    /// Mistakes with a message of their own.
    fn common_slip(&self) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        let place = self.place(self.at);
        let error = |code, text: &str| Diagnostic::error(code, place, text);
        match kind {
            K::Colon if self.in_block_of_head() => Some(
                error(codes::P1020, "this `{` begins the body, not a record")
                    .here("a field of a record?")
                    .help("In the condition of an `if`, `match` or `for`, write a record in parentheses: `if x == (Foo { a: 1 }) { … }`."),
            ),
            K::Ip if self.word(self.at).starts_with("::") && self.before(1).is_some_and(K::is_word) => Some(
                error(codes::P1001, "`::` is part of an IPv6 address, and joins no names")
                    .here("read as an address")
                    .help("Write `.` between names: `Verdict.Clean`."),
            ),
            K::If if self.before(1).is_some_and(ends_value) && self.kind(0) != Some(K::Use) && self.arrow_ahead() => Some(
                error(codes::P1001, "an arm of a `match` has no condition of its own")
                    .here("expected `=>`")
                    .help("Ask in the arm: `A => if … { … } else { … }`."),
            ),
            K::Else if self.arrow_ahead() => Some(
                error(codes::P1001, "the arm for everything else is written `_`")
                    .here("write `_`")
                    .fix("Write `_`", true, vec![Edit { place, text: "_".into() }]),
            ),
            _ => None,
        }
    }

    fn arrow_ahead(&self) -> bool {
        let end = self.part.as_ref().map_or(self.at, |p| p.end);
        let rest = self.symbols.get(self.at..end).unwrap_or(&[]);
        rest.iter().take_while(|s| s.kind != K::LBrace).any(|s| s.kind == K::FatArrow)
    }

    /// Whether we are at `name :` in braces that follow a name, in the line of an `if`, `match` or `for`.
    fn in_block_of_head(&self) -> bool {
        let opens = self.before(2) == Some(K::LBrace) && self.before(3).is_some_and(|k| k == K::Ident);
        let line = self.symbols.get(..self.at).unwrap_or(&[]).iter().rev().map(|s| s.kind);
        opens
            && line
                .skip(2)
                .take_while(|k| !matches!(k, K::StmtEnd | K::LBrace))
                .any(|k| matches!(k, K::If | K::Match | K::For | K::When))
    }

    /// A second statement on a line.
    fn second_statement(&self, wanted: &Wanted) -> Option<Diagnostic> {
        let kind = self.kind(self.at)?;
        let part = self.part.clone()?;
        let begins = match kind {
            K::Let | K::If | K::For | K::Match | K::Do | K::Not | K::True | K::False | K::None => true,
            K::StrStart | K::LParen | K::LBrack | K::LBrace => true,
            kind => (kind.is_word() && !kind.is_reserved()) || kind.is_literal(),
        };
        let statement = self.at > part.start && wanted.end_of_line;
        let same_word = self.misspelt_word();
        if !begins
            || !statement
            || !self.before(1).is_some_and(ends_value)
            || kind == K::Else
            || same_word.is_some()
            || self.after_keyword().is_some()
        {
            return None;
        }
        let place = self.place(self.at);
        let at = Place { end: place.start, ..place };
        Some(
            Diagnostic::error(
                codes::P1014,
                place,
                format!("expected the end of the line, found {}", self.found()),
            )
            .here("does not belong to what stands before it")
            .help("If this is another statement, put it on a line of its own.")
            .fix("Break the line here", false, vec![Edit { place: at, text: "\n".into() }]),
        )
    }

    /// `becuase`: a word that could go on here, slightly misspelt.
    fn misspelt_word(&self) -> Option<&'static str> {
        const WORDS: [&str; 12] = [
            "because", "else", "and", "or", "in", "matches", "like", "ilike", "as", "within", "returns",
            "fails",
        ];
        if self.kind(self.at) != Some(K::Ident) {
            return None;
        }
        suggest::closest(self.word(self.at), WORDS.into_iter().filter(|w| w.len() > 3))
            .and_then(|near| WORDS.into_iter().find(|w| *w == near))
    }

    fn unexpected(&self, wanted: &Wanted) -> Diagnostic {
        let place = self.place(self.at);
        let what = match (self.misspelt_word(), self.after_keyword()) {
            (Some(near), _) => format!("`{near}`"),
            (None, Some(what)) => what.to_string(),
            (None, None) => wanted.text(),
        };
        let d = Diagnostic::error(codes::P1001, place, format!("expected {what}, found {}", self.found()))
            .here(format!("expected {what}"));
        match self.misspelt_word() {
            Some(near) => d.help(format!("Did you mean `{near}`?")).fix(
                format!("Write `{near}`"),
                false,
                vec![Edit { place, text: near.into() }],
            ),
            None => d,
        }
    }

    /// What a statement needs after the word that begins it, where the parser only knows that the word could also be a
    /// name.
    fn after_keyword(&self) -> Option<&'static str> {
        let part = self.part.clone()?;
        let first = self.kind(part.start)?;
        match (first, self.at - part.start.min(self.at)) {
            (K::Expect, 2) if self.before(1) == Some(K::Handed) => Some("`over`"),
            (K::Close, 1) => Some("the class of the closure, such as `FalsePositive`"),
            (K::Set, 1) => Some("the field of the case to change"),
            (K::Set, 2) => Some("`=` and the new value"),
            (K::Route, 1) => Some("`to` and a queue or a role, such as `queue.tier1`"),
            (K::Hand, 1) => Some("`over to` and a queue or a role, such as `queue.tier1`"),
            (K::Hand, 2) => Some("`to` and a queue or a role, such as `queue.tier1`"),
            (K::Route, 2) | (K::Hand, 3) => Some("a queue or a role, such as `queue.tier1`"),
            (K::Note, 1) => Some("the text of the note"),
            _ => None,
        }
    }
}

fn ends_value(kind: K) -> bool {
    matches!(kind, K::True | K::False | K::None)
        || (kind.is_word() && !kind.is_reserved())
        || kind.is_literal()
        || matches!(
            kind,
            K::StrEnd | K::RParen | K::RBrack | K::RBrace | K::Question | K::Underscore | K::ErrorPart
        )
}

/// What could have stood at the failure, in few words.
struct Wanted {
    words: Vec<&'static str>,
    end_of_line: bool,
}

impl Wanted {
    fn text(&self) -> String {
        match self.words.as_slice() {
            [] if self.end_of_line => "the end of the line".into(),
            [] => "something else".into(),
            [one] => (*one).into(),
            [first, second] => format!("{first} or {second}"),
            [first, second, third, ..] => format!("{first}, {second} or {third}"),
        }
    }
}

fn wanted(expected: &[Rule]) -> Wanted {
    let mut words: Vec<(u8, &'static str)> = expected.iter().filter_map(|r| phrase(*r)).collect();
    // In a connector a request (`GET "/…"`) could always follow, and its method has the form of a name.
    if expected.contains(&Rule::t_undo) {
        words.retain(|(_, w)| *w != "a name");
    }
    // After a value, brackets would only go on with it.
    if expected.iter().any(|r| {
        matches!(r, Rule::t_dot | Rule::t_as | Rule::t_question_dot | Rule::field_access | Rule::infix)
    }) {
        words.iter_mut().filter(|(_, w)| matches!(*w, "`(`" | "`{`" | "`[`")).for_each(|(rank, _)| *rank = 4);
    }
    words.sort_unstable();
    words.dedup();
    // What only would go on with a finished part is worth a word when nothing else fits.
    let best = words.first().map_or(0, |(rank, _)| *rank);
    let end_of_line = expected.iter().any(|r| matches!(r, Rule::t_end));
    let keep = if best >= 3 && end_of_line { 0 } else { best.max(2) };
    let words = words.into_iter().filter(|(rank, _)| *rank <= keep).map(|(_, w)| w).collect();
    Wanted { words, end_of_line }
}

/// How a rule is called, and how much it says: 0 a whole thing, 1 a sign, 2 a word, 3 what could go on.
fn phrase(rule: Rule) -> Option<(u8, &'static str)> {
    Some(match rule {
        Rule::expr
        | Rule::h_expr
        | Rule::chain
        | Rule::h_chain
        | Rule::operand
        | Rule::h_operand
        | Rule::postfixed
        | Rule::paren
        | Rule::prefix => (0, "a value"),
        Rule::literal | Rule::length_name => (0, "a literal such as `4h`"),
        Rule::type_expr | Rule::list_type | Rule::named_type => (0, "a type"),
        Rule::name | Rule::word | Rule::binding | Rule::t_ident => (0, "a name"),
        Rule::block => (0, "`{`"),
        Rule::pattern => (0, "a pattern"),
        Rule::arm => (0, "an arm such as `A => …`"),
        Rule::field | Rule::setting => (0, "a field such as `name: Type`"),
        Rule::fields => (0, "`{`"),
        Rule::variant => (0, "a member"),
        Rule::map_entry => (0, "a field such as `name = value`"),
        Rule::record_entry | Rule::entry => (0, "a field such as `name: value`"),
        Rule::key => (0, "a key"),
        Rule::params => (0, "`(`"),
        Rule::stub_args => (3, "`(`"),
        Rule::param => (0, "a parameter such as `name: Type`"),
        Rule::target => (0, "a queue or a role, such as `queue.tier1`"),
        Rule::act => (0, "an action such as `okta.user`"),
        Rule::answer => (0, "`returns`, `fails` or `is lost`"),
        Rule::object | Rule::empty_object => (0, "`{`"),
        Rule::string | Rule::t_str_start => (0, "a string"),
        Rule::t_int => (0, "a number"),
        Rule::status => (0, "an HTTP status"),
        Rule::accept | Rule::dedup | Rule::map_block => (0, "`accept`, `dedup by` or `map`"),
        Rule::action_head | Rule::config_block => {
            (0, "`config`, `auth`, `read`, `write` or a clause of an action")
        }
        Rule::given_case | Rule::given_stub | Rule::expect_that => (0, "`given`, `run` or `expect`"),
        Rule::given_record => (0, "a case or a stub"),
        Rule::guard_never | Rule::guard_limit | Rule::guard_allow | Rule::guard_refuse => {
            (0, "`never when`, `limit`, `allow` or `else`")
        }
        Rule::guard_cond => (0, "a value"),
        Rule::covers => (0, "an action such as `okta.suspend`, or `class contain`"),
        Rule::count => (0, "a number"),
        Rule::span | Rule::span_name => (0, "a length of time such as `1h`"),
        Rule::t_assign => (1, "`=`"),
        Rule::t_colon => (1, "`:`"),
        Rule::t_arrow => (1, "`->`"),
        Rule::t_fat_arrow => (1, "`=>`"),
        Rule::t_rparen => (1, "`)`"),
        Rule::t_rbrack => (1, "`]`"),
        Rule::t_lbrace => (1, "`{`"),
        Rule::t_lparen => (1, "`(`"),
        Rule::t_interp_close => (1, "`}`"),
        Rule::t_from => (2, "`from`"),
        Rule::t_for => (2, "`for`"),
        Rule::t_in => (2, "`in`"),
        Rule::t_by => (2, "`by`"),
        Rule::t_covers => (2, "`covers`"),
        Rule::t_per => (2, "`per`"),
        Rule::t_when => (2, "`when`"),
        Rule::t_refuse => (2, "`refuse`"),
        Rule::t_within => (2, "`within`"),
        Rule::t_to => (2, "`to`"),
        Rule::t_over => (2, "`over`"),
        Rule::t_lost => (2, "`lost`"),
        Rule::t_doubt => (2, "`doubt`"),
        Rule::t_contains => (2, "`contains`"),
        Rule::t_eq => (2, "`==`"),
        Rule::t_enum => (2, "`enum`"),
        Rule::because => (3, "`because`"),
        Rule::t_comma => (3, "`,`"),
        Rule::t_rbrace => (3, "`}`"),
        Rule::annotation => (3, "`:`"),
        _ => return None,
    })
}
