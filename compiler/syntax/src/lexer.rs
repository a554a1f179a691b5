//! Text to tokens. The definitions are logos'; this wrapper knows where a string is, where an interpolation in it, and
//! where a `/` begins a regular expression.

use logos::{Lexer, Logos};

use crate::token::{RegexPiece, StrPiece, Token, TokenKind};

/// The tokens of a text, trivia included: their texts, one after the other, are the text. Never fails: what is no token
/// is of kind [`TokenKind::Unknown`], and [`crate::parse`] reports it.
#[must_use]
pub fn lex(text: &str) -> Vec<Token> {
    let mut wrapper =
        Wrapper { tokens: Vec::with_capacity(text.len() / 2), modes: Vec::new(), last: [None; 2] };
    wrapper.run(text, 0, |_| false);
    wrapper.tokens
}

/// A part of the tokens of a text that was cut into tokens before: the others stand as they did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changed {
    /// Those before this one are as they were.
    pub(crate) from: usize,
    /// Those from this one on are as they were, and have moved.
    pub(crate) to: usize,
    /// What that one was before.
    pub(crate) was: usize,
}

/// The same where tokens of another version of the text are there: only the lines that differ are cut. What is read of a line depends on the
/// lines before it by no more than the last two tokens, since strings end with their lines.
pub(crate) fn lex_again(text: &str, before: &str, tokens: &mut Vec<Token>) -> Changed {
    let (a, b) = (before.as_bytes(), text.as_bytes());
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let left = a.len().min(b.len()) - head;
    let tail = a.iter().rev().zip(b.iter().rev()).take(left).take_while(|(x, y)| x == y).count();
    // The last line end that is before all that differs.
    let same = tokens.partition_point(|t| t.end as usize <= head);
    let ends_line = |t: &Token| t.kind == TokenKind::Newline;
    let from = tokens.iter().take(same).rposition(ends_line).map_or(0, |at| at + 1);
    let start = from.checked_sub(1).and_then(|at| tokens.get(at)).map_or(0, |t| t.end as usize);
    let last = last_before(tokens, from);
    let mut wrapper = Wrapper { tokens: Vec::new(), modes: Vec::new(), last };
    let mut was = None;
    wrapper.run(text, start, |wrapper| {
        let Some(end) = wrapper.tokens.last().filter(|t| ends_line(t)).map(|t| t.end as usize) else {
            return false;
        };
        let Some(behind) = text.len().checked_sub(end).filter(|behind| *behind <= tail) else { return false };
        let place = before.len() - behind;
        let at = tokens.partition_point(|t| t.end as usize <= place);
        let meets = at.checked_sub(1).and_then(|at| tokens.get(at));
        let meets = meets.is_some_and(|t| ends_line(t) && t.end as usize == place) && at >= from;
        was = (meets && last_before(tokens, at) == wrapper.last).then_some(at);
        was.is_some()
    });
    let was = was.unwrap_or(tokens.len());
    let to = from + wrapper.tokens.len();
    let by = offset(text.len()).wrapping_sub(offset(before.len()));
    tokens.splice(from..was, wrapper.tokens);
    for token in tokens.iter_mut().skip(to) {
        (token.start, token.end) = (token.start.wrapping_add(by), token.end.wrapping_add(by));
    }
    Changed { from, to, was }
}

/// The last two significant kinds before a token, the latest first.
fn last_before(tokens: &[Token], at: usize) -> [Option<TokenKind>; 2] {
    let mut kinds = tokens.iter().take(at).rev().map(|t| t.kind).filter(|kind| !kind.is_trivia());
    [kinds.next(), kinds.next()]
}

enum State<'t> {
    Code(Lexer<'t, TokenKind>),
    Text(Lexer<'t, StrPiece>),
}

/// What we are inside of.
enum Mode {
    /// The text of a string.
    Text,
    /// An interpolation, with so many braces open in it.
    Interpolation(u32),
}

struct Wrapper {
    tokens: Vec<Token>,
    modes: Vec<Mode>,
    /// The last two significant kinds, the latest first.
    last: [Option<TokenKind>; 2],
}

impl Wrapper {
    /// Cuts a text from a place on, which is its beginning or that of a line, until its end or until that is enough.
    fn run(&mut self, text: &str, start: usize, mut enough: impl FnMut(&Self) -> bool) {
        let mut code = TokenKind::lexer(text);
        code.bump(start);
        // The mark that some editors put at the head of a file is not part of the program.
        if start == 0 && text.starts_with('\u{feff}') {
            code.bump('\u{feff}'.len_utf8());
            self.push(TokenKind::Space, 0, 3);
        }
        let mut state = State::Code(code);
        loop {
            state = match state {
                State::Code(mut lexer) => {
                    let kind = loop {
                        match lexer.next() {
                            Some(Ok(kind)) if self.is_plain(kind) => {
                                let (start, end) = span(&lexer);
                                self.push(kind, start, end);
                                if enough(self) {
                                    return;
                                }
                            }
                            kind => break kind,
                        }
                    };
                    match kind {
                        Some(kind) => self.code(kind.unwrap_or(TokenKind::Unknown), lexer),
                        None => break,
                    }
                }
                State::Text(mut lexer) => match lexer.next() {
                    Some(piece) => self.text(piece.unwrap_or(StrPiece::Text), lexer),
                    None => break,
                },
            };
            if enough(self) {
                return;
            }
        }
        self.end_strings(offset(text.len()));
    }

    fn push(&mut self, kind: TokenKind, start: u32, end: u32) {
        if !kind.is_trivia() {
            let [latest, _] = self.last;
            self.last = [Some(kind), latest];
        }
        self.tokens.push(Token { kind, start, end });
    }

    /// Whether it is what it is wherever it stands, and nothing begins or ends with it: most are, and are taken in a loop of their own.
    fn is_plain(&self, kind: TokenKind) -> bool {
        use TokenKind as K;
        match kind {
            K::Newline | K::LBrace | K::RBrace => self.modes.is_empty(),
            K::Unknown | K::Comment | K::StrStart | K::Slash => false,
            _ => true,
        }
    }

    fn code<'t>(&mut self, kind: TokenKind, mut lexer: Lexer<'t, TokenKind>) -> State<'t> {
        let (start, end) = span(&lexer);
        match kind {
            TokenKind::Unknown => {
                let continues =
                    self.tokens.last_mut().filter(|t| t.kind == TokenKind::Unknown && t.end == start);
                match continues {
                    Some(before) => before.end = end,
                    None => self.push(kind, start, end),
                }
            }
            TokenKind::Comment => {
                let text = lexer.slice();
                let kind = if text.starts_with("//!") {
                    TokenKind::FileDoc
                } else if text.starts_with("///") && !text.starts_with("////") {
                    TokenKind::Doc
                } else {
                    TokenKind::Comment
                };
                self.push(kind, start, end);
            }
            TokenKind::StrStart => {
                self.push(kind, start, end);
                self.modes.push(Mode::Text);
                return State::Text(lexer.morph());
            }
            TokenKind::Newline => {
                self.end_strings(start);
                self.push(kind, start, end);
            }
            TokenKind::LBrace => {
                if let Some(Mode::Interpolation(braces)) = self.modes.last_mut() {
                    *braces += 1;
                }
                self.push(kind, start, end);
            }
            TokenKind::RBrace => match self.modes.last_mut() {
                Some(Mode::Interpolation(0)) => {
                    self.push(TokenKind::InterpClose, start, end);
                    self.modes.pop();
                    return State::Text(lexer.morph());
                }
                Some(Mode::Interpolation(braces)) => {
                    *braces -= 1;
                    self.push(kind, start, end);
                }
                _ => self.push(kind, start, end),
            },
            TokenKind::Slash if self.operand_may_begin() => {
                let mut tail: Lexer<'t, RegexPiece> = lexer.clone().morph();
                let kind = match tail.next() {
                    Some(Ok(RegexPiece::Tail)) => Some(TokenKind::Regex),
                    Some(Ok(RegexPiece::Unclosed)) => Some(TokenKind::BadRegex),
                    _ => None,
                };
                match kind {
                    Some(kind) => {
                        self.push(kind, start, offset(tail.span().end));
                        lexer = tail.morph();
                    }
                    None => self.push(TokenKind::Slash, start, end),
                }
            }
            _ => self.push(kind, start, end),
        }
        State::Code(lexer)
    }

    fn text<'t>(&mut self, piece: StrPiece, lexer: Lexer<'t, StrPiece>) -> State<'t> {
        let (start, end) = span(&lexer);
        let kind = match piece {
            StrPiece::Text => TokenKind::StrText,
            StrPiece::Escape => TokenKind::StrEscape,
            StrPiece::BadEscape => TokenKind::StrBadEscape,
            StrPiece::Close => TokenKind::StrBadBrace,
            StrPiece::Open => {
                self.push(TokenKind::InterpOpen, start, end);
                self.modes.push(Mode::Interpolation(0));
                return State::Code(lexer.morph());
            }
            StrPiece::Quote => {
                self.push(TokenKind::StrEnd, start, end);
                self.modes.pop();
                return State::Code(lexer.morph());
            }
            StrPiece::Newline => {
                self.end_strings(start);
                self.push(TokenKind::Newline, start, end);
                return State::Code(lexer.morph());
            }
        };
        self.push(kind, start, end);
        State::Text(lexer)
    }

    /// A string ends with its line, whatever was open in it, so that a forgotten quote spoils one line and not the file.
    fn end_strings(&mut self, at: u32) {
        while let Some(mode) = self.modes.pop() {
            let kind = match mode {
                Mode::Text => TokenKind::StrEnd,
                Mode::Interpolation(_) => TokenKind::InterpClose,
            };
            self.push(kind, at, at);
        }
    }

    /// Whether a `/` here begins a regular expression: not after what can be the left side of a division.
    fn operand_may_begin(&self) -> bool {
        use TokenKind as K;
        let [latest, before] = self.last;
        match latest {
            None => true,
            Some(K::True | K::False | K::None) => false,
            // `a.in / 2`: after a dot every word is a field.
            Some(k) if k.is_reserved() => !matches!(before, Some(K::Dot | K::QuestionDot)),
            Some(
                K::RParen | K::RBrack | K::RBrace | K::Question | K::Underscore | K::StrEnd | K::Unknown,
            ) => false,
            Some(k) => !(k.is_word() || k.is_literal()),
        }
    }
}

fn span<'t, T: Logos<'t, Source = str>>(lexer: &Lexer<'t, T>) -> (u32, u32) {
    let span = lexer.span();
    (offset(span.start), offset(span.end))
}

/// Offsets are 32 bits wide; what lies beyond has the last place.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
