//! The syntax of CEL.

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum E {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// `42`, `0x2a`, with the sign that stands before it.
    Int(i128),
    /// `42u`
    Uint(u128),
    /// `4.2`
    Double(f64),
    /// `"text"`
    Str(String),
    /// `b"text"`
    Bytes(Vec<u8>),
    /// A name.
    Name(String),
    /// `e.f`; true: `e.?f`
    Select(Box<E>, String, bool),
    /// `e[i]`; true: `e[?i]`
    Index(Box<E>, Box<E>, bool),
    /// `f(x)`, `e.f(x)`
    Call(Option<Box<E>>, String, Vec<E>),
    /// `[a, ?b]`
    List(Vec<(bool, E)>),
    /// `{k: v, ?k: v}`
    Map(Vec<(bool, E, E)>),
    /// `Type{f: v}`
    Message,
    /// `!`, `-`
    Unary(&'static str, Box<E>),
    /// An operator between two.
    Binary(&'static str, Box<E>, Box<E>),
    /// `c ? a : b`
    Cond(Box<E>, Box<E>, Box<E>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Quoted,
    Value(E),
    Sign(&'static str),
}

const SIGNS: [&str; 25] = [
    "&&", "||", "==", "!=", "<=", ">=", ".?", "[?", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".",
    ",", "(", ")", "[", "]", "{",
];

/// Reads an expression.
///
/// # Errors
/// When it is none.
pub fn parse(text: &str) -> Result<E, String> {
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens, at: 0 };
    let e = parser.expr()?;
    if parser.at < parser.tokens.len() {
        return Err(format!("{:?} is left over", &parser.tokens[parser.at..]));
    }
    Ok(e)
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut i = 0;
    let mut tokens = Vec::new();
    while i < chars.len() {
        let c = chars[i];
        let rest = |n: usize| chars.get(i + n).copied().unwrap_or('\0');
        if c.is_whitespace() {
            i += 1;
        } else if c == '/' && rest(1) == '/' {
            while i < chars.len() && chars[i] != '\n' {
                i += 1;
            }
        } else if c == '`' {
            while i + 1 < chars.len() && chars[i + 1] != '`' {
                i += 1;
            }
            i += 2;
            tokens.push(Token::Quoted);
        } else if let Some((prefix, raw, bytes)) = quote_at(&chars, i) {
            let (value, next) = string(&chars, i + prefix, raw, bytes)?;
            tokens.push(Token::Value(value));
            i = next;
        } else if c.is_ascii_digit() || c == '.' && rest(1).is_ascii_digit() {
            let (value, next) = number(&chars, i)?;
            tokens.push(Token::Value(value));
            i = next;
        } else if c.is_alphabetic() || c == '_' {
            let start = i;
            while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_') {
                i += 1;
            }
            let word: String = chars[start..i].iter().collect();
            tokens.push(match word.as_str() {
                "true" => Token::Value(E::Bool(true)),
                "false" => Token::Value(E::Bool(false)),
                "null" => Token::Value(E::Null),
                "in" => Token::Sign("in"),
                _ => Token::Word(word),
            });
        } else {
            let two: String = chars[i..].iter().take(2).collect();
            let sign = SIGNS.iter().chain(&["}"]).find(|s| two.starts_with(**s));
            let Some(sign) = sign else { return Err(format!("{c:?} means nothing")) };
            tokens.push(Token::Sign(sign));
            i += sign.chars().count();
        }
    }
    Ok(tokens)
}

/// The length of what stands before a quote, and whether the string is raw, and of bytes.
fn quote_at(chars: &[char], at: usize) -> Option<(usize, bool, bool)> {
    let (mut raw, mut bytes) = (false, false);
    for (n, c) in chars[at..].iter().enumerate().take(3) {
        match c {
            '"' | '\'' => return Some((n, raw, bytes)),
            'r' | 'R' => raw = true,
            'b' | 'B' => bytes = true,
            _ => return None,
        }
    }
    None
}

fn string(chars: &[char], at: usize, raw: bool, bytes: bool) -> Result<(E, usize), String> {
    let quote = chars[at];
    let triple = chars.get(at + 1) == Some(&quote) && chars.get(at + 2) == Some(&quote);
    let width = if triple { 3 } else { 1 };
    let mut i = at + width;
    let mut text = String::new();
    loop {
        let Some(c) = chars.get(i).copied() else { return Err("a string does not end".into()) };
        if c == quote && (0..width).all(|n| chars.get(i + n) == Some(&quote)) {
            break;
        }
        if c != '\\' || raw {
            text.push(c);
            i += 1;
            continue;
        }
        let escape = chars.get(i + 1).copied().unwrap_or('\0');
        let digits = |from: usize, n: usize, base: u32| {
            let text: String = chars[i + from..].iter().take(n).collect();
            u32::from_str_radix(&text, base).map_err(|_| format!("no number in {text:?}"))
        };
        let (code, length) = match escape {
            'a' => (7, 2),
            'b' => (8, 2),
            'f' => (12, 2),
            'n' => (10, 2),
            'r' => (13, 2),
            't' => (9, 2),
            'v' => (11, 2),
            'x' | 'X' => (digits(2, 2, 16)?, 4),
            'u' => (digits(2, 4, 16)?, 6),
            'U' => (digits(2, 8, 16)?, 10),
            '0'..='3' => (digits(1, 3, 8)?, 4),
            '\\' | '?' | '"' | '\'' | '`' => (escape as u32, 2),
            other => return Err(format!("no escape {other:?}")),
        };
        let code = if bytes { char::REPLACEMENT_CHARACTER as u32 } else { code };
        text.push(char::from_u32(code).ok_or("no such character")?);
        i += length;
    }
    if bytes {
        return Ok((E::Bytes(bytes_of(chars, at + width, i, raw)?), i + width));
    }
    Ok((E::Str(text), i + width))
}

/// The bytes of a literal: `\x` and octal escapes are bytes there, not characters.
fn bytes_of(chars: &[char], from: usize, to: usize, raw: bool) -> Result<Vec<u8>, String> {
    let mut data = Vec::new();
    let mut i = from;
    while i < to {
        let c = chars[i];
        if c != '\\' || raw {
            data.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            i += 1;
            continue;
        }
        let escape = chars.get(i + 1).copied().unwrap_or('\0');
        let digits = |from: usize, n: usize, base: u32| {
            let text: String = chars[i + from..].iter().take(n).collect();
            u32::from_str_radix(&text, base).map_err(|_| format!("no number in {text:?}"))
        };
        let (code, length, octet) = match escape {
            'a' => (7, 2, true),
            'b' => (8, 2, true),
            'f' => (12, 2, true),
            'n' => (10, 2, true),
            'r' => (13, 2, true),
            't' => (9, 2, true),
            'v' => (11, 2, true),
            'x' | 'X' => (digits(2, 2, 16)?, 4, true),
            '0'..='3' => (digits(1, 3, 8)?, 4, true),
            'u' => (digits(2, 4, 16)?, 6, false),
            'U' => (digits(2, 8, 16)?, 10, false),
            other => (other as u32, 2, false),
        };
        if octet {
            data.push(u8::try_from(code).map_err(|_| "no byte")?);
        } else {
            let c = char::from_u32(code).ok_or("no such character")?;
            data.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        i += length;
    }
    Ok(data)
}

fn number(chars: &[char], at: usize) -> Result<(E, usize), String> {
    let mut i = at;
    let hex = chars[i] == '0' && matches!(chars.get(i + 1), Some('x' | 'X'));
    if hex {
        i += 2;
    }
    let start = i;
    let mut double = false;
    while let Some(c) = chars.get(i).copied() {
        let digit_next = chars.get(i + 1).is_some_and(char::is_ascii_digit);
        if hex && c.is_ascii_hexdigit() || !hex && c.is_ascii_digit() {
            i += 1;
        } else if !hex && c == '.' && digit_next && !double {
            double = true;
            i += 1;
        } else if !hex
            && matches!(c, 'e' | 'E')
            && (digit_next || matches!(chars.get(i + 1), Some('+' | '-')))
        {
            double = true;
            i += 2;
        } else {
            break;
        }
    }
    let text: String = chars[start..i].iter().collect();
    if double {
        return text.parse().map(|x| (E::Double(x), i)).map_err(|_| format!("no number {text}"));
    }
    let n = u128::from_str_radix(&text, if hex { 16 } else { 10 }).map_err(|e| e.to_string())?;
    if matches!(chars.get(i), Some('u' | 'U')) {
        return Ok((E::Uint(n), i + 1));
    }
    Ok((E::Int(i128::try_from(n).map_err(|e| e.to_string())?), i))
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

type Read = Result<E, String>;

impl Parser {
    fn is(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }

    fn must(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) {
            return Ok(());
        }
        Err(format!("{sign} is missing before {:?}", self.tokens.get(self.at)))
    }

    fn expr(&mut self) -> Read {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let then = self.binary(0)?;
        self.must(":")?;
        let other = self.expr()?;
        Ok(E::Cond(Box::new(condition), Box::new(then), Box::new(other)))
    }

    fn binary(&mut self, level: usize) -> Read {
        const LEVELS: [&[&str]; 5] =
            [&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">", "in"], &["+", "-"], &["*", "/", "%"]];
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(sign) = signs.iter().copied().find(|s| self.is(s)) {
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = E::Binary(sign, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Read {
        if self.take("!") {
            return Ok(E::Unary("!", Box::new(self.unary()?)));
        }
        if self.take("-") {
            // A sign directly before a number is its own.
            if let Some(Token::Value(value @ (E::Int(_) | E::Double(_)))) = self.tokens.get(self.at) {
                let negative = match value {
                    E::Int(n) => E::Int(-n),
                    E::Double(x) => E::Double(-x),
                    other => other.clone(),
                };
                self.at += 1;
                return self.postfix(negative);
            }
            return Ok(E::Unary("-", Box::new(self.unary()?)));
        }
        let primary = self.primary()?;
        self.postfix(primary)
    }

    fn primary(&mut self) -> Read {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        match token {
            Some(Token::Value(value)) => Ok(value),
            Some(Token::Word(word)) if self.is("(") => Ok(E::Call(None, word, self.arguments()?)),
            Some(Token::Word(word)) if self.is("{") => {
                let _ = word;
                self.message()
            }
            Some(Token::Word(word)) => Ok(E::Name(word)),
            Some(Token::Sign(".")) => match self.primary()? {
                E::Name(word) => Ok(E::Name(format!(".{word}"))),
                other => Ok(other),
            },
            Some(Token::Sign("(")) => {
                let inner = self.expr()?;
                self.must(")")?;
                Ok(inner)
            }
            Some(Token::Sign(open @ ("[" | "[?"))) => {
                let mut optional = open == "[?";
                let mut items = Vec::new();
                while !self.take("]") {
                    optional |= self.take("?");
                    items.push((optional, self.expr()?));
                    optional = false;
                    if !self.take(",") {
                        self.must("]")?;
                        break;
                    }
                }
                Ok(E::List(items))
            }
            Some(Token::Sign("{")) => {
                let mut entries = Vec::new();
                while !self.take("}") {
                    let optional = self.take("?");
                    let key = self.expr()?;
                    self.must(":")?;
                    entries.push((optional, key, self.expr()?));
                    if !self.take(",") {
                        self.must("}")?;
                        break;
                    }
                }
                Ok(E::Map(entries))
            }
            other => Err(format!("{other:?} begins nothing")),
        }
    }

    /// The fields of a message are looked at for their syntax only.
    fn message(&mut self) -> Read {
        self.must("{")?;
        while !self.take("}") {
            self.take("?");
            self.at += 1;
            self.must(":")?;
            self.expr()?;
            if !self.take(",") {
                self.must("}")?;
                break;
            }
        }
        Ok(E::Message)
    }

    fn arguments(&mut self) -> Result<Vec<E>, String> {
        self.must("(")?;
        let mut args = Vec::new();
        while !self.take(")") {
            args.push(self.expr()?);
            if !self.take(",") {
                self.must(")")?;
                break;
            }
        }
        Ok(args)
    }

    fn postfix(&mut self, mut e: E) -> Read {
        loop {
            if self.is(".") || self.is(".?") {
                let optional = self.is(".?");
                self.at += 1;
                let word = match self.tokens.get(self.at) {
                    Some(Token::Word(word)) => word.clone(),
                    Some(Token::Sign("in")) => "in".into(),
                    Some(Token::Value(E::Bool(b))) => b.to_string(),
                    Some(Token::Value(E::Null)) => "null".into(),
                    Some(Token::Quoted) => "`".into(),
                    other => return Err(format!("{other:?} is no member")),
                };
                self.at += 1;
                e = if self.is("(") {
                    E::Call(Some(Box::new(e)), word, self.arguments()?)
                } else if self.is("{") && matches!(e, E::Name(_) | E::Select(..)) {
                    self.message()?
                } else {
                    E::Select(Box::new(e), word, optional)
                };
            } else if self.is("[") || self.is("[?") {
                let optional = self.is("[?");
                self.at += 1;
                let optional = optional || self.take("?");
                let index = self.expr()?;
                self.must("]")?;
                e = E::Index(Box::new(e), Box::new(index), optional);
            } else {
                return Ok(e);
            }
        }
    }
}
