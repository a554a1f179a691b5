//! Items from symbols, and what is done when one does not parse: the part that went wrong is reported, taken out, and
//! the item is parsed again, so that one mistake hides nothing else and says nothing twice.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, Once, PoisonError};

use pest::Parser;
use pest::error::{Error, ErrorVariant, InputLocation};
use pest::iterators::Pair;
use play_diagnostics::{Diagnostic, Place};

use crate::ast::{File, Fit, Item, ItemKind, Name, Parts, Span};
use crate::build::{Build, comment_text};
use crate::explain::{Failure, explain};
use crate::grammar::{BREAK, Grammar, Rule, character, traced};
use crate::part::Part;
use crate::repair::Repair;
use crate::said::Targets;
use crate::side_by_side;
use crate::stream::{MAX_DEPTH, Piece, Symbol, pieces, too_deep};
use crate::token::{Token, TokenKind as K};
use crate::wanted::begins_value;
use crate::{lexer, lexical};

/// Calls of the parser in one go, so that no text can keep it busy for ever. An item of a million tokens takes some
/// fifty million.
const CALLS: usize = 1_000_000_000;

/// So many symbols are parsed in one go, with the rest of the item that they end in: more would only keep more in memory at once, and
/// where one item of them has a mistake all are parsed again.
const TOGETHER: usize = 512;

/// Mistakes that are looked for in one item.
const MISTAKES: usize = 50;

/// Nesting up to which the caller's stack is surely large enough.
const SHALLOW: usize = 24;

/// What parsing gives.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The tree. Parts that could not be parsed are left out, or are expressions of kind `Error`.
    pub file: File,
    /// What is wrong, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// Every token, trivia included.
    pub tokens: Vec<Token>,
    /// How deep expressions and brackets are nested at most: what walks the tree by recursion needs a stack for it.
    pub depth: usize,
}

/// Parses one source file; `file` is its index, as it stands in every place. Always gives a tree, and never panics.
#[must_use]
pub fn parse(file: u32, text: &str) -> Parsed {
    parsed(file, text, false)
}

/// The same on two threads where the file is long enough.
#[must_use]
pub fn parse_side_by_side(file: u32, text: &str) -> Parsed {
    parsed(file, text, side_by_side::worth(text.len()))
}

fn parsed(file: u32, text: &str, worth: bool) -> Parsed {
    let (mut parsed, pieces) = cut(file, text);
    let said = Targets::new();
    let source = Source { file, text, tokens: &parsed.tokens, said: &said };
    let Items { read, found } = items(source, pieces, worth);
    let depth = read.iter().map(|r| r.depth).max().unwrap_or(0);
    let mut items: Vec<Arc<Item>> = read.into_iter().filter_map(|r| r.item).collect();
    // It has the room of the list that it was made of.
    items.shrink_to_fit();
    finish(&mut parsed, text, items, found, depth);
    parsed
}

/// Tokens, what is wrong with them, and the pieces that are items; the rest is still to come.
pub(crate) fn cut(file: u32, text: &str) -> (Parsed, Vec<Piece>) {
    let tokens = lexer::lex(text);
    let mut diagnostics = Vec::new();
    lexical::check(file, text, &tokens, &mut diagnostics);
    let pieces = pieces(file, &tokens, &mut diagnostics);
    let depth = pieces.iter().filter(|p| !p.too_deep).map(|p| p.depth).max().unwrap_or(0);
    (Parsed { file: File { doc: Vec::new(), items: Vec::new() }, diagnostics, tokens, depth }, pieces)
}

/// Puts in what the items are.
pub(crate) fn finish(
    parsed: &mut Parsed,
    text: &str,
    items: Vec<Arc<Item>>,
    found: Vec<Diagnostic>,
    depth: usize,
) {
    parsed.diagnostics.extend(found);
    parsed.diagnostics.sort_by_key(|d| (d.place().start, d.code));
    parsed.depth = parsed.depth.max(depth);
    parsed.file = File { doc: file_doc(text, &parsed.tokens), items };
}

/// Parses pieces, on a stack that is large enough for them.
pub(crate) fn items(source: Source<'_>, pieces: Vec<Piece>, worth: bool) -> Items {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALLS)));

    let deepest = pieces.iter().filter(|p| !p.too_deep).map(|p| p.depth).max().unwrap_or(0);
    if deepest > SHALLOW { on_large_stack(source, pieces) } else { in_halves(source, pieces, worth) }
}

/// What became of pieces, one each, and what is wrong with them.
#[derive(Default)]
pub(crate) struct Items {
    pub(crate) read: Vec<Done>,
    pub(crate) found: Vec<Diagnostic>,
}

/// What became of one piece.
pub(crate) struct Done {
    /// The item; `None` when it could not be parsed.
    pub(crate) item: Option<Arc<Item>>,
    /// How deep its expressions are nested.
    pub(crate) depth: usize,
    /// Nothing is wrong with it: the same text and symbols give the same item again.
    pub(crate) sound: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) file: u32,
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) said: &'a Targets,
}

/// A recursive parser needs up to 20 KB a level in a development build, and the caller's stack may be small.
fn on_large_stack(source: Source<'_>, pieces: Vec<Piece>) -> Items {
    const STACK: usize = 128 << 20;
    let first = pieces.first().and_then(|p| p.symbols.first()).copied();
    let done = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, move || in_turn(source, pieces));
        worker.ok().and_then(|w| w.join().ok())
    });
    done.unwrap_or_else(|| {
        let at = first.and_then(|s| source.tokens.get(s.first));
        let place = at.map_or(Place { file: source.file, start: 0, end: 0 }, |t| Place {
            file: source.file,
            start: t.start,
            end: t.end,
        });
        Items { found: vec![too_deep(place)], ..Items::default() }
    })
}

fn file_doc(text: &str, tokens: &[Token]) -> Vec<String> {
    tokens
        .iter()
        .take_while(|t| t.kind.is_trivia())
        .filter(|t| t.kind == K::FileDoc)
        .map(|t| comment_text(t.text(text), "//!"))
        .collect()
}

fn in_turn(source: Source<'_>, pieces: Vec<Piece>) -> Items {
    let mut all = Items::default();
    let mut pieces = pieces.into_iter();
    loop {
        let (mut some, mut symbols) = (Vec::new(), 0_usize);
        while symbols < TOGETHER
            && let Some(piece) = pieces.next()
        {
            symbols = symbols.saturating_add(piece.symbols.len());
            some.push(piece);
        }
        if some.is_empty() {
            return all;
        }
        match together(source, &some) {
            Some(items) => {
                all.read.extend(items.read);
                all.found.extend(items.found);
            }
            None => some.into_iter().for_each(|piece| alone(source, piece, &mut all)),
        }
    }
}

/// One of them, with its mistakes.
fn alone(source: Source<'_>, piece: Piece, all: &mut Items) {
    let before = all.found.len();
    let mut attempt = Attempt { source, piece, diagnostics: &mut all.found, depth: 0, mended: false };
    let item = attempt.item().map(shared);
    let (depth, mended) = (attempt.depth, attempt.mended);
    let sound = item.is_some() && !mended && all.found.len() == before;
    all.read.push(Done { item, depth, sound });
}

/// All of them in one go, which takes less than one after the other. `None` where one of them is not as it should be.
fn together(source: Source<'_>, pieces: &[Piece]) -> Option<Items> {
    if pieces.len() < 2 || pieces.iter().any(|p| !p.is_plain()) {
        return None;
    }
    let symbols: usize = pieces.iter().map(|p| p.symbols.len().saturating_add(1)).sum();
    let mut input = String::with_capacity(symbols.saturating_mul(2));
    for piece in pieces {
        input.extend(piece.symbols.iter().map(|s| character(s.kind)));
        input.push(BREAK);
    }
    let mut roots = Grammar::parse(Rule::items, &input).ok()?;
    let (mut all, mut base) = (Items::default(), 0_usize);
    for Piece { symbols, .. } in pieces {
        let before = all.found.len();
        let (item, depth) = source.item(symbols, roots.next()?, base, &mut all.found);
        let item = item.map(shared);
        let sound = item.is_some() && all.found.len() == before;
        all.read.push(Done { item, depth, sound });
        base = base.saturating_add(symbols.len()).saturating_add(1);
    }
    Some(all)
}

fn shared(mut item: Item) -> Arc<Item> {
    item.touch(Fit);
    Arc::new(item)
}

impl Source<'_> {
    /// The item of these symbols, of which the first is `base` behind the first that was parsed; and how deep it is.
    fn item(
        self,
        symbols: &[Symbol],
        root: Pair<'_, Rule>,
        base: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> (Option<Item>, usize) {
        let Source { file, text, tokens, .. } = self;
        let mut build = Build { file, text, tokens, symbols, diagnostics, depth: 0, deepest: 0 };
        let item = build.item(root, base);
        (item, build.deepest)
    }
}

impl Piece {
    /// Whether it can be parsed as it is, as far as is known.
    fn is_plain(&self) -> bool {
        let first = self.symbols.first().map(|s| s.kind);
        !self.too_deep && first.is_some_and(|kind| kind != K::Taxonomy)
    }
}

/// The first half of the symbols, and beside it the rest.
fn in_halves(source: Source<'_>, mut pieces: Vec<Piece>, worth: bool) -> Items {
    let symbols = |pieces: &[Piece]| pieces.iter().map(|p| p.symbols.len()).sum::<usize>();
    let half = symbols(&pieces) / 2;
    let mut before = 0_usize;
    let middle = pieces.iter().position(|p| {
        before = before.saturating_add(p.symbols.len());
        before > half
    });
    let middle = middle.map(|at| at.max(1)).filter(|at| worth && *at < pieces.len());
    let Some(middle) = middle else { return in_turn(source, pieces) };
    let rest = Mutex::new(pieces.split_off(middle));
    let rest = || in_turn(source, std::mem::take(&mut rest.lock().unwrap_or_else(PoisonError::into_inner)));
    let (mut all, rest) = side_by_side::both(true, || in_turn(source, pieces), rest);
    all.read.extend(rest.read);
    all.found.extend(rest.found);
    all
}

/// One item, parsed as often as it has mistakes.
struct Attempt<'a> {
    source: Source<'a>,
    piece: Piece,
    diagnostics: &'a mut Vec<Diagnostic>,
    /// How deep the tree of it is.
    depth: usize,
    /// A part of it was taken out.
    mended: bool,
}

impl Attempt<'_> {
    fn item(&mut self) -> Option<Item> {
        let first = self.piece.symbols.first().copied()?;
        if first.kind == K::Taxonomy && self.piece.symbols.len() > 1 {
            return self.not_yet(first);
        }
        if self.piece.too_deep {
            return None;
        }
        for _ in 0..MISTAKES {
            // Each of them takes two bytes.
            let mut input = String::with_capacity(self.piece.symbols.len().saturating_mul(2));
            input.extend(self.piece.symbols.iter().map(|s| character(s.kind)));
            match Grammar::parse(Rule::item, &input) {
                Ok(mut roots) => {
                    let (item, depth) =
                        self.source.item(&self.piece.symbols, roots.next()?, 0, self.diagnostics);
                    self.depth = depth;
                    return item;
                }
                Err(error) if limited(&error.variant) => {
                    self.diagnostics.push(too_deep(self.place(0)));
                    return None;
                }
                Err(_) => {
                    self.mended = true;
                    let failure = self.failure(&input)?;
                    if !self.recover(&failure) {
                        return None;
                    }
                }
            }
        }
        None
    }

    fn not_yet(&self, first: Symbol) -> Option<Item> {
        let last = self.piece.symbols.last()?;
        let (start, end) = (self.source.tokens.get(first.first)?, self.source.tokens.get(last.last)?);
        let file = self.source.file;
        let word = Span { file, start: start.start, end: start.end };
        let what = Name { text: start.text(self.source.text).into(), span: word };
        let span = Span { file, start: start.start, end: end.end };
        Some(Item { doc: Vec::new(), span, kind: ItemKind::NotYet { what } })
    }

    fn place(&self, symbol: usize) -> Place {
        let token = self.piece.symbols.get(symbol).and_then(|s| self.source.tokens.get(s.first));
        let file = self.source.file;
        token.map_or(Place { file, start: 0, end: 0 }, |t| Place { file, start: t.start, end: t.end })
    }

    /// At which symbol the item goes wrong, and what could have stood there.
    fn failure(&mut self, input: &str) -> Option<Failure> {
        let error = traced::Traced::parse(traced::Rule::item, input).err()?;
        if limited(&error.variant) {
            self.diagnostics.push(too_deep(self.place(0)));
            return None;
        }
        Some(to_failure(error))
    }

    /// Reports the failure, unless it follows from one that was reported, and takes the part out. `false` when the
    /// whole item is lost.
    fn recover(&mut self, failure: &Failure) -> bool {
        let symbols = &self.piece.symbols;
        let part = Part::round(symbols, failure.at);
        let follows = match part {
            Some(p) => self.said(symbols.get(p.from..p.to).unwrap_or(&[])),
            // In the head of an item, what was said of its body says nothing of this.
            None => {
                let body = symbols.iter().skip(failure.at).position(|s| s.kind == K::LBrace);
                let end = body.map_or(symbols.len(), |body| failure.at + body);
                self.said(symbols.get(..end).unwrap_or(symbols))
            }
        };
        if !follows && !self.piece.silent {
            let (finding, repair) = explain(self.source, symbols, failure, part.map(|p| p.from..p.to));
            self.diagnostics.push(finding);
            if let Some(repair) = repair {
                return self.mend(repair);
            }
        }
        let Some(part) = part else { return false };
        let part = if follows { part } else { part.narrowed(symbols, failure.at) };
        self.take_out(part)
    }

    /// Reads what was meant.
    fn mend(&mut self, repair: Repair) -> bool {
        for (range, with) in repair.parts {
            let symbols = &mut self.piece.symbols;
            if range.start > range.end || range.end > symbols.len() {
                return false;
            }
            symbols.splice(range, with);
        }
        true
    }

    /// Whether something in these symbols was reported already.
    fn said(&self, symbols: &[Symbol]) -> bool {
        let (Some(first), Some(last)) = (symbols.first(), symbols.last()) else { return false };
        // Characters that mean nothing leave no symbol, so those at the rim are looked for, too.
        let all = self.source.tokens;
        let rim = |t: &&Token| matches!(t.kind, K::Space | K::Unknown);
        let before = all.get(..first.first).unwrap_or(&[]).iter().rev().take_while(rim).count();
        let after = all.get(last.last + 1..).unwrap_or(&[]).iter().take_while(rim).count();
        let tokens = all.get(first.first - before..=last.last + after).unwrap_or(&[]);
        symbols.iter().any(|s| matches!(s.kind, K::ErrorPart | K::ErrorHead))
            || self.piece.suspect.iter().any(|t| (first.first..=last.last).contains(t))
            || lexical::is_reported(tokens)
    }

    /// Puts one error symbol in the place of a part. When it already is one, the grammar does not take an error there,
    /// and the part round it goes.
    fn take_out(&mut self, mut part: Part) -> bool {
        loop {
            let symbols = &self.piece.symbols;
            let inside = symbols.get(part.from..part.to).unwrap_or(&[]);
            let lone = matches!(inside, [Symbol { kind: K::ErrorPart | K::ErrorHead, .. }]);
            if let (Some(first), Some(last), false) = (inside.first(), inside.last(), lone) {
                let head = matches!(first.kind, K::Read | K::Write | K::Event);
                let kind = if head { K::ErrorHead } else { K::ErrorPart };
                let error = Symbol { kind, first: first.first, last: last.last };
                self.piece.symbols.splice(part.from..part.to, [error]);
                return true;
            }
            let opener = part.opener;
            let outer = opener.and_then(|o| Some((o, Part::round(symbols, o)?)));
            let Some((opener, outer)) = outer else { return false };
            // What names it is right, also where what is in its braces is not.
            let narrow = outer.narrowed(symbols, opener);
            let left = symbols.get(narrow.from..narrow.to).unwrap_or(&[]);
            let lone = matches!(left, [Symbol { kind: K::ErrorPart | K::ErrorHead, .. }]);
            part = if lone { outer } else { narrow };
        }
    }
}

fn limited<R>(variant: &ErrorVariant<R>) -> bool {
    matches!(variant, ErrorVariant::CustomError { .. })
}

fn to_failure(error: Error<traced::Rule>) -> Failure {
    let at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at / 2,
    };
    let mut expected = match error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives,
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    // An operator, or `else`, wants a value. The grammar has no rule for what it may be, so each of its forms was tried by itself.
    if expected.contains(&traced::Rule::prefix) {
        // Where a whole expression was tried as well, what a `{` begins there is a block: `else { … }`.
        let block = expected.contains(&traced::Rule::expr);
        expected.retain(|rule| !begins_value(*rule) || block && *rule == traced::Rule::t_lbrace);
        expected.push(traced::Rule::chain);
    }
    Failure { at, expected }
}

// The depth of the tree is bounded by the builder; that of brackets, and of words that take an expression, by the cutting into items.
const _: () = assert!(SHALLOW < MAX_DEPTH);

#[cfg(test)]
mod tests {
    use super::parsed;

    #[test]
    fn two_threads_find_what_one_does() {
        let item = |n: usize| match n % 5 {
            0 => format!("fn f{n}(a: Int) -> Int {{ a + }}\n"),
            1 => format!("const c{n} = [1, 2 3]\n"),
            2 => format!("/// Doc.\nfn g{n}(a: Int) -> Int {{ if a > {n} {{ a }} else {{ (((a))) }} }}\n"),
            3 => format!("case C{n} {{ a: Int, b: [String }}\n"),
            _ => format!("type T{n} {{ a: Int }}\n"),
        };
        for items in [1, 2, 3, 40] {
            let text: String = (0..items).map(item).collect();
            let (one, two) = (parsed(3, &text, false), parsed(3, &text, true));
            assert_eq!(one.file, two.file);
            assert_eq!(one.diagnostics, two.diagnostics);
            assert_eq!((one.depth, one.tokens), (two.depth, two.tokens));
            assert!(!one.diagnostics.is_empty());
        }
    }
}
