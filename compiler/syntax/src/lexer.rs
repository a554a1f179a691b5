//! Text to tokens. The definitions are logos'; this wrapper knows where a string is, where an interpolation in it, and
//! where a `/` begins a regular expression.

use logos::{Lexer, Logos};

use crate::token::{RegexPiece, StrPiece, Token, TokenKind};

/// The tokens of a text, trivia included: their texts, one after the other, are the text. Never fails: what is no token
/// is of kind [`TokenKind::Unknown`], and [`crate::parse`] reports it.
#[must_use]
pub fn lex(text: &str) -> Vec<Token> {
    let mut wrapper =
        Wrapper { tokens: Vec::with_capacity(text.len() / 4), modes: Vec::new(), last: [None; 2] };
    let mut code = TokenKind::lexer(text);
    // The mark that some editors put at the head of a file is not part of the program.
    if text.starts_with('\u{feff}') {
        code.bump('\u{feff}'.len_utf8());
        wrapper.push(TokenKind::Space, 0, 3);
    }
    let mut state = State::Code(code);
    loop {
        state = match state {
            State::Code(mut lexer) => match lexer.next() {
                Some(kind) => wrapper.code(kind.unwrap_or(TokenKind::Unknown), lexer),
                None => break,
            },
            State::Text(mut lexer) => match lexer.next() {
                Some(piece) => wrapper.text(piece.unwrap_or(StrPiece::Text), lexer),
                None => break,
            },
        };
    }
    wrapper.end_strings(offset(text.len()));
    wrapper.tokens
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
    fn push(&mut self, kind: TokenKind, start: u32, end: u32) {
        if !kind.is_trivia() {
            let [latest, _] = self.last;
            self.last = [Some(kind), latest];
        }
        self.tokens.push(Token { kind, start, end });
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
