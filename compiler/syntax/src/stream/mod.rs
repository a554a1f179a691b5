//! Tokens to the parser's input: trivia is left out, ends of statements are put in, brackets are balanced, and the file
//! is cut into items. The rules are stated in `docs/lexical.md`.

mod brackets;
mod lines;
mod semicolons;

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Place};

use self::lines::{ends_operand, starts_item};
use self::semicolons::Behind;
pub(crate) use self::semicolons::of_pattern;
use crate::token::{Token, TokenKind as K};
use crate::two_bars;

/// How deep brackets may be nested in each other, and expressions in each other.
pub(crate) const MAX_DEPTH: usize = 256;

/// One symbol of the parser's input, and the tokens it stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol {
    pub(crate) kind: K,
    /// Index of its first token.
    pub(crate) first: usize,
    /// Index of its last token.
    pub(crate) last: usize,
}

/// The symbols of one item.
pub(crate) struct Piece {
    pub(crate) symbols: Vec<Symbol>,
    /// Its brackets did not match, and that was reported: what else is wrong round these tokens may follow from it.
    pub(crate) suspect: Vec<usize>,
    /// Nested so deep that it is not parsed.
    pub(crate) too_deep: bool,
    /// It ends in a bracket that was reported, and nothing of it is to be reported again.
    pub(crate) silent: bool,
    /// The deepest nesting in it: of brackets, and of statements that take a statement.
    pub(crate) depth: usize,
}

/// A significant token with what its line says of it.
#[derive(Clone, Copy)]
struct Sig {
    kind: K,
    token: usize,
    /// Whether it is the first of its line.
    leads: bool,
    /// Bytes before the first token of its line.
    indent: u32,
}

/// An open bracket, with what is to be known of those round it: with many open, asking each of them takes too long.
#[derive(Clone, Copy)]
struct Opener {
    kind: K,
    token: usize,
    indent: u32,
    /// The indent of the outermost bracket between the last brace and this one; `None` for a brace.
    outermost: Option<u32>,
    /// The innermost brackets that are open up to this one.
    innermost: Innermost,
    /// What its statement is the operand of.
    prefixes: Prefixes,
    /// It is the `:` that opens a body in other languages, and what follows it is read as one.
    colon: bool,
}

/// How many expressions the one that is being read is the operand of, with no bracket between: three in `note note note x`.
#[derive(Clone, Copy, Default)]
struct Prefixes {
    /// Of those that a comma ends.
    each: usize,
    /// Of `showing`, which goes on behind a comma: `showing a, b`.
    showing: usize,
}

impl Opener {
    /// What closes it.
    fn closer(&self) -> K {
        self.kind.partner().unwrap_or(K::RBrace)
    }
}

/// Where among the open brackets the innermost of each kind is.
#[derive(Clone, Copy, Default)]
struct Innermost {
    brace: Option<usize>,
    paren: Option<usize>,
    brack: Option<usize>,
    interp: Option<usize>,
}

impl Innermost {
    /// With one more opened, at this index.
    fn opened(self, kind: K, at: usize) -> Self {
        match kind {
            K::LBrace => Self { brace: Some(at), ..self },
            K::LParen => Self { paren: Some(at), ..self },
            K::LBrack => Self { brack: Some(at), ..self },
            // A bracket inside of a string's `{ }` cannot close one outside of it.
            _ => Self { interp: Some(at), ..Self::default() },
        }
    }

    /// The one that this bracket closes.
    fn closed_by(self, kind: K) -> Option<usize> {
        match kind {
            K::RBrace => self.brace,
            K::RParen => self.paren,
            K::RBrack => self.brack,
            _ => self.interp,
        }
    }
}

/// Cuts the tokens into items, and says which brackets do not match.
pub(crate) fn pieces(file: u32, tokens: &[Token], diagnostics: &mut Vec<Diagnostic>) -> Vec<Piece> {
    some_pieces(file, tokens, Begun::default(), None, diagnostics).map_or_else(Vec::new, |cut| cut.pieces)
}

/// Where an item begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begun {
    /// Its first token.
    pub(crate) token: usize,
    /// The brace that ended the last body before it.
    pub(crate) last_body: Option<usize>,
    /// The first brace of the last declaration that stands further in than the line of what it closes.
    pub(crate) odd: Option<usize>,
}

/// Items, where each begins, and of how many findings that was behind.
#[derive(Default)]
pub(crate) struct Cut {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) begun: Vec<(Begun, usize)>,
}

/// Room that most items have enough of.
const SOME: usize = 64;

/// So many significant tokens are looked at to decide what the first of them is.
pub(crate) const AHEAD: usize = 3;

/// The items from one on that begins at `from`, before the one that begins at `until`. `None` where none begins there.
pub(crate) fn some_pieces(
    file: u32,
    tokens: &[Token],
    from: Begun,
    until: Option<Begun>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Cut> {
    let counts = |t: &Token| !t.kind.is_trivia() && t.kind != K::Unknown;
    let end = until.map_or(tokens.len(), |until| {
        let behind = tokens.iter().enumerate().skip(until.token).filter(|(_, t)| counts(t));
        behind.map(|(at, _)| at + 1).nth(AHEAD).unwrap_or(tokens.len())
    });
    // What stands before it in its line says how far it is indented.
    let line = tokens.iter().take(from.token).rposition(|t| t.kind == K::Newline).unwrap_or(0);
    let sigs = significant(tokens.get(..end).unwrap_or(tokens), line);
    let first = sigs.partition_point(|s| s.token < from.token);
    let mut builder = Builder {
        file,
        tokens,
        diagnostics,
        done: Vec::new(),
        begun: Vec::new(),
        current: None,
        open: Vec::new(),
        prefixes: Prefixes::default(),
        lesser: None,
        last_body: from.last_body,
        odd: from.odd,
        line_first: None,
        colon_closed: None,
        swapped: None,
    };
    for (i, sig) in sigs.iter().enumerate().skip(first) {
        let rest = sigs.get(i..).unwrap_or(&[]);
        builder.symbol(*sig, rest);
        if until.is_some_and(|until| until.token == sig.token) {
            let (_, found) = builder.begun.pop().filter(|(begun, _)| Some(*begun) == until)?;
            builder.diagnostics.truncate(found);
            return Some(Cut { pieces: builder.done, begun: builder.begun });
        }
    }
    until.is_none().then(|| builder.finish())
}

/// The tokens that say something, from one on that is the first or the end of a line.
fn significant(tokens: &[Token], from: usize) -> Vec<Sig> {
    let mut sigs = Vec::with_capacity(tokens.len().saturating_sub(from) / 2);
    let (mut leads, mut line_start, mut indent) = (true, 0, 0);
    for (token, t) in tokens.iter().enumerate().skip(from) {
        if t.kind == K::Newline {
            leads = true;
            line_start = t.end;
            continue;
        }
        if t.kind.is_trivia() {
            continue;
        }
        if leads {
            indent = t.start.saturating_sub(line_start);
        }
        // What is reported by its kind alone is read on as what was meant.
        let kind = match t.kind {
            K::AndAnd => K::And,
            K::OrOr => two_bars::meant(tokens, token).kind(),
            K::Bang => K::Not,
            K::EqEqEq => K::Eq,
            K::NeEq => K::Ne,
            K::Semicolon => K::StmtEnd,
            K::Unknown => continue,
            kind => kind,
        };
        sigs.push(Sig { kind, token, leads, indent });
        leads = false;
    }
    sigs
}

/// An item that is being read.
struct Current {
    piece: Piece,
    kind: K,
    /// Whether it has a body in braces, which ends it.
    braced: bool,
    body_done: bool,
}

struct Builder<'a> {
    file: u32,
    tokens: &'a [Token],
    diagnostics: &'a mut Vec<Diagnostic>,
    done: Vec<Piece>,
    begun: Vec<(Begun, usize)>,
    current: Option<Current>,
    open: Vec<Opener>,
    prefixes: Prefixes,
    /// The first brace of the item that was closed by one further left: likely the one that lacks its own.
    lesser: Option<Opener>,
    /// The brace that ended the last body.
    last_body: Option<usize>,
    /// As in [`Begun`].
    odd: Option<usize>,
    /// What the line begins with, and at which token.
    line_first: Option<(K, usize)>,
    /// The token behind which a body that a `:` opened ended with no brace of its own.
    colon_closed: Option<usize>,
    /// A closer that was reported together with one before it, and what is meant by it.
    swapped: Option<(usize, K)>,
}

impl Builder<'_> {
    fn place(&self, token: usize) -> Place {
        let t = self.tokens.get(token).copied();
        t.map_or(Place { file: self.file, start: 0, end: 0 }, |t| Place {
            file: self.file,
            start: t.start,
            end: t.end,
        })
    }

    fn symbol(&mut self, sig: Sig, rest: &[Sig]) {
        // Most tokens stand within a line in some bracket, and mean nothing for where lines and brackets end.
        let means = matches!(sig.kind, K::StmtEnd | K::Colon) || sig.kind.opens() || sig.kind.closes();
        if !sig.leads && !self.open.is_empty() && !means {
            return self.push(sig.kind, sig.token);
        }
        let next = rest.get(1).map(|s| s.kind);
        if sig.leads {
            self.line_first = Some((sig.kind, sig.token));
            self.close_colons(sig);
        }
        if sig.leads
            && sig.indent == 0
            && !self.open.is_empty()
            && starts_item(rest)
            && !self.of_connector(sig)
        {
            self.close_all();
        }
        if self.in_parentheses() && sig.leads && self.begins_statement(sig, next)
            || sig.kind == K::StmtEnd && self.ends_parentheses(rest)
        {
            self.close_parentheses();
        }
        let behind = (sig.kind == K::StmtEnd).then(|| self.behind(rest));
        let ends_here = behind.is_some_and(Behind::ends_statement);
        match self.open.last() {
            None => self.at_top(sig, rest),
            Some(top) => {
                let in_braces = top.kind == K::LBrace;
                let ends = in_braces && (ends_here || (sig.leads && self.statement_ends(sig, rest)));
                if ends && !matches!(self.last_kind(), None | Some(K::StmtEnd | K::LBrace)) {
                    let at = self.last_token();
                    self.push(K::StmtEnd, at);
                }
            }
        }
        if let Some(behind) = behind {
            self.semicolon(sig, rest, behind);
            return;
        }
        match sig.kind {
            K::Colon if self.opens_body(rest) => {
                self.opens(Sig { kind: K::LBrace, ..sig });
                if let Some(top) = self.open.last_mut() {
                    top.colon = true;
                }
            }
            K::LBrace | K::LParen | K::LBrack | K::InterpOpen => self.opens(sig),
            K::RBrace | K::RParen | K::RBrack | K::InterpClose => self.closes(sig, rest),
            kind => self.push(kind, sig.token),
        }
    }

    /// Outside of all brackets: whether a new item begins.
    fn at_top(&mut self, sig: Sig, rest: &[Sig]) {
        // What is said of one before the first declaration belongs to something, too.
        if sig.kind == K::StmtEnd && self.current.is_some() {
            return;
        }
        let item = starts_item(rest);
        let begins = match &self.current {
            None => true,
            Some(c) if c.body_done => (item || sig.leads) && sig.kind != K::RBrace,
            Some(c) if c.braced => item && sig.leads && sig.indent == 0,
            Some(_) => sig.leads && (item || self.statement_ends(sig, rest)),
        };
        if begins {
            self.end_item();
            let begun = Begun { token: sig.token, last_body: self.last_body, odd: self.odd };
            self.begun.push((begun, self.diagnostics.len()));
            self.prefixes = Prefixes::default();
            self.line_first = Some((sig.kind, sig.token));
            let braced = match sig.kind {
                K::Use | K::Const | K::Failures | K::Role | K::Queue => false,
                K::Type => rest.get(2).is_some_and(|s| s.kind == K::LBrace),
                _ => true,
            };
            let kind = if item { sig.kind } else { K::ErrorPart };
            if item {
                self.odd = None;
            }
            let piece = Piece {
                symbols: Vec::with_capacity(SOME),
                suspect: Vec::new(),
                too_deep: false,
                silent: false,
                depth: 0,
            };
            self.current = Some(Current { piece, kind, braced, body_done: sig.kind == K::StmtEnd });
        }
    }

    fn push(&mut self, kind: K, token: usize) {
        let last = self.last_kind();
        if last == Some(K::Else) || counts(kind) {
            self.count(kind, last, token);
        }
        if let Some(c) = &mut self.current {
            c.piece.symbols.push(Symbol { kind, first: token, last: token });
        }
    }

    /// How many expressions this is the operand of, behind the `last` symbol.
    fn count(&mut self, kind: K, last: Option<K>, token: usize) {
        let outer = self.open.last().map(|o| o.prefixes).unwrap_or_default();
        // Behind a dot any word is a field.
        let word = !matches!(last, Some(K::Dot | K::QuestionDot));
        match kind {
            K::StmtEnd => self.prefixes = outer,
            K::Comma => self.prefixes.each = outer.each,
            // The next arm of a `match`.
            K::FatArrow => self.prefixes.showing = outer.showing,
            // What takes a whole expression, with no bracket round it.
            K::Note | K::Set | K::Because | K::Reveal | K::Until if word => self.prefixed(token),
            // Behind what ends an operand it is no name. What it stands in goes on behind its commas, so that is counted with it.
            K::Showing if last.is_some_and(ends_operand) => {
                let inside = self.prefixes.each.saturating_sub(outer.each);
                self.prefixes.each = outer.each;
                self.prefixes.showing += inside + 1;
                self.nested(token);
            }
            // `a else b else c`, and `if a { b } else -if …`: an `else if` is a further branch, and a block has its bracket.
            kind if last == Some(K::Else) && !matches!(kind, K::If | K::LBrace) => self.prefixed(token),
            _ => {}
        }
    }

    fn prefixed(&mut self, token: usize) {
        self.prefixes.each += 1;
        self.nested(token);
    }

    fn last_kind(&self) -> Option<K> {
        self.current.as_ref().and_then(|c| c.piece.symbols.last()).map(|s| s.kind)
    }

    fn last_token(&self) -> usize {
        self.current.as_ref().and_then(|c| c.piece.symbols.last()).map_or(0, |s| s.last)
    }

    /// Keeps how deep it is nested here, and reports it once when that is too deep.
    fn nested(&mut self, token: usize) {
        let depth = self.open.len() + self.prefixes.each + self.prefixes.showing;
        let place = self.place(token);
        if let Some(c) = &mut self.current {
            c.piece.depth = c.piece.depth.max(depth);
            if depth > MAX_DEPTH && !c.piece.too_deep {
                c.piece.too_deep = true;
                self.diagnostics.push(too_deep(place));
            }
        }
    }

    fn end_item(&mut self) {
        if let Some(c) = self.current.take() {
            self.done.push(c.piece);
        }
        self.lesser = None;
    }

    fn finish(mut self) -> Cut {
        self.close_all();
        self.end_item();
        Cut { pieces: self.done, begun: self.begun }
    }
}

/// Whether it may begin or end what takes a whole expression.
fn counts(kind: K) -> bool {
    matches!(
        kind,
        K::StmtEnd
            | K::Comma
            | K::FatArrow
            | K::Note
            | K::Set
            | K::Because
            | K::Reveal
            | K::Until
            | K::Showing
    )
}

pub(crate) fn too_deep(place: Place) -> Diagnostic {
    Diagnostic::error(codes::P1015, place, format!("nested more than {MAX_DEPTH} deep"))
        .here("too deep from here on")
        .help("Give a part of it a name with `let`, or move it to a `fn`.")
}
