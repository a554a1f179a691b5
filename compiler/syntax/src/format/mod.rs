//! The formatter: one style, no options. It works on the tokens of a file that parses, line by line: the author's line
//! breaks stay, and what stands between the tokens of a line, before and after it, is put in order. `docs/lexical.md`
//! states the rules.

mod align;
mod indent;
mod spacing;

use play_diagnostics::Diagnostic;

use crate::parser::parse;
use crate::token::{Token, TokenKind as K};

/// A line as it will be written.
struct Line {
    /// Its tokens without spaces: indices.
    tokens: Vec<usize>,
    /// Whether an empty line stands before it.
    apart: bool,
    /// Two spaces each.
    indent: usize,
    /// Whether it stands directly in braces, and not in parentheses or outside of all.
    in_braces: bool,
}

/// The text in the style of the language. The tree that it parses to is the same, and so are its comments.
///
/// # Errors
/// What is wrong with a text that does not parse; it is not touched.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(0, text);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let tokens = &parsed.tokens;
    let mut lines = lines(tokens);
    let begins = indent::statement_starts(tokens);
    indent::indent(tokens, &begins, &mut lines);
    let mut written: Vec<String> = lines.iter().map(|l| write_line(text, tokens, &begins, l)).collect();
    align::align(text, tokens, &lines, &mut written);
    let mut out = String::with_capacity(text.len());
    for (line, content) in lines.iter().zip(&written) {
        if line.apart {
            out.push('\n');
        }
        for _ in 0..line.indent {
            out.push_str("  ");
        }
        out.push_str(content);
        out.push('\n');
    }
    Ok(out)
}

/// The lines with something in them. An empty line is kept, but not at the start or end of the file or of brackets.
fn lines(tokens: &[Token]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut current, mut empty) = (Vec::new(), false);
    let mut end = |current: &mut Vec<usize>, empty: &mut bool| {
        if current.is_empty() {
            *empty = true;
            return;
        }
        let kind = |i: Option<&usize>| i.and_then(|i| tokens.get(*i)).map(|t| t.kind);
        let opened = lines
            .last()
            .is_none_or(|l: &Line| matches!(kind(l.tokens.last()), Some(K::LBrace | K::LParen | K::LBrack)));
        let closes = matches!(kind(current.first()), Some(K::RBrace | K::RParen | K::RBrack));
        lines.push(Line {
            tokens: std::mem::take(current),
            apart: *empty && !opened && !closes,
            indent: 0,
            in_braces: false,
        });
        *empty = false;
    };
    for (i, t) in tokens.iter().enumerate() {
        match t.kind {
            K::Newline => end(&mut current, &mut empty),
            K::Space => {}
            _ => current.push(i),
        }
    }
    if !current.is_empty() {
        end(&mut current, &mut empty);
    }
    lines
}

fn write_line(text: &str, tokens: &[Token], begins: &[bool], line: &Line) -> String {
    let mut out = String::new();
    let mut before: Option<usize> = None;
    for i in &line.tokens {
        if let Some(before) = before {
            out.push_str(spacing::between(tokens, begins, before, *i));
        }
        let piece = tokens.get(*i).map_or("", |t| t.text(text));
        let comment = tokens.get(*i).is_some_and(|t| t.kind.is_trivia());
        out.push_str(if comment { piece.trim_end() } else { piece });
        before = Some(*i);
    }
    out
}
