//! The text format of protocol buffers, as far as the corpus uses it.

/// A value of a field.
#[derive(Clone, Debug)]
pub enum Field {
    /// A message.
    Message(Message),
    /// A string: its bytes.
    Text(Vec<u8>),
    /// A number, a word.
    Word(String),
}

/// A message: its fields in order.
#[derive(Clone, Debug, Default)]
pub struct Message(pub Vec<(String, Field)>);

impl Message {
    /// `bool_value: true`, which a test without a value expects.
    pub(super) fn truth() -> Self {
        Self(vec![("bool_value".into(), Field::Word("true".into()))])
    }

    /// Whether a field is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    /// All messages of that name.
    pub fn messages<'m>(&'m self, name: &str) -> impl Iterator<Item = &'m Message> {
        self.0.iter().filter_map(move |(n, f)| match f {
            Field::Message(m) if n == name => Some(m),
            _ => None,
        })
    }

    /// The first message of that name.
    #[must_use]
    pub fn message(&self, name: &str) -> Option<&Message> {
        self.messages(name).next()
    }

    /// A string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(n, _)| n == name).and_then(|(_, f)| match f {
            Field::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        })
    }

    /// A number or word.
    #[must_use]
    pub fn word(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).and_then(|(_, f)| match f {
            Field::Word(word) => Some(word.as_str()),
            _ => None,
        })
    }
}

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Message, String> {
    let mut reader = Reader { chars: text.char_indices().peekable(), text };
    reader.message(None)
}

struct Reader<'t> {
    chars: std::iter::Peekable<std::str::CharIndices<'t>>,
    text: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        while let Some((_, c)) = self.chars.peek().copied() {
            if c == '#' {
                while self.chars.next_if(|(_, c)| *c != '\n').is_some() {}
            } else if c.is_whitespace() || c == ',' || c == ';' {
                self.chars.next();
            } else {
                break;
            }
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.skip();
        self.chars.peek().map(|(_, c)| *c)
    }

    fn wrong<T>(&mut self, what: &str) -> Result<T, String> {
        let at = self.chars.peek().map_or(self.text.len(), |(i, _)| *i);
        let line = self.text[..at].matches('\n').count() + 1;
        Err(format!("line {line}: {what}"))
    }

    fn word(&mut self) -> String {
        self.skip();
        let mut word = String::new();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| c.is_alphanumeric() || "_.+-".contains(*c)) {
            word.push(c);
        }
        word
    }

    fn message(&mut self, end: Option<char>) -> Result<Message, String> {
        let mut fields = Vec::new();
        loop {
            match self.peek() {
                found if found == end => {
                    self.chars.next();
                    return Ok(Message(fields));
                }
                None => return self.wrong("a message does not end"),
                _ => {}
            }
            let name = if self.peek() == Some('[') {
                let mut name = String::new();
                while let Some((_, c)) = self.chars.next_if(|(_, c)| *c != ']') {
                    name.push(c);
                }
                self.chars.next();
                name.split_off(1)
            } else {
                self.word()
            };
            if name.is_empty() {
                return self.wrong("a field without a name");
            }
            if self.peek() == Some(':') {
                self.chars.next();
            }
            if self.peek() == Some('[') {
                self.chars.next();
                while self.peek() != Some(']') {
                    let value = self.value()?;
                    fields.push((name.clone(), value));
                }
                self.chars.next();
            } else {
                let value = self.value()?;
                fields.push((name, value));
            }
        }
    }

    fn value(&mut self) -> Result<Field, String> {
        match self.peek() {
            Some('{') => {
                self.chars.next();
                self.message(Some('}')).map(Field::Message)
            }
            Some('"' | '\'') => {
                let mut bytes = Vec::new();
                while let Some(quote @ ('"' | '\'')) = self.peek() {
                    self.chars.next();
                    self.string(quote, &mut bytes)?;
                }
                Ok(Field::Text(bytes))
            }
            _ => {
                let word = self.word();
                if word.is_empty() { self.wrong("a field without a value") } else { Ok(Field::Word(word)) }
            }
        }
    }

    fn string(&mut self, quote: char, bytes: &mut Vec<u8>) -> Result<(), String> {
        loop {
            let Some((_, c)) = self.chars.next() else { return self.wrong("a string does not end") };
            if c == quote {
                return Ok(());
            }
            if c != '\\' {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            let Some((_, c)) = self.chars.next() else { return self.wrong("a string does not end") };
            match c {
                'n' => bytes.push(b'\n'),
                't' => bytes.push(b'\t'),
                'r' => bytes.push(b'\r'),
                'a' => bytes.push(7),
                'b' => bytes.push(8),
                'f' => bytes.push(12),
                'v' => bytes.push(11),
                'x' | 'X' => bytes.push(self.digits(16, 2, None)? as u8),
                '0'..='7' => bytes.push(self.digits(8, 3, Some(c))? as u8),
                'u' | 'U' => {
                    let n = self.digits(16, if c == 'u' { 4 } else { 8 }, None)?;
                    let Some(c) = char::from_u32(n) else { return self.wrong("no such character") };
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn digits(&mut self, base: u32, most: usize, first: Option<char>) -> Result<u32, String> {
        let mut text: String = first.into_iter().collect();
        while text.len() < most {
            let Some((_, c)) = self.chars.next_if(|(_, c)| c.is_digit(base)) else { break };
            text.push(c);
        }
        u32::from_str_radix(&text, base).or_else(|_| self.wrong("no number behind a backslash"))
    }
}
