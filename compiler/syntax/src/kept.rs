//! A text that is parsed again after each change, as an editor has it: only the lines that differ are cut into tokens, only what is round
//! them into items, and only the items that differ are parsed; the others are kept, and what stands in them has its new places.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use play_diagnostics::{Diagnostic, Place};

use crate::Parsed;
use crate::ast::{File, Item, Parts, Way};
use crate::lexer::{Changed, lex_again};
use crate::lexical;
use crate::parser::{Done, Source, finish, items};
use crate::said::Targets;
use crate::side_by_side;
use crate::stream::{AHEAD, Begun, Cut, Piece, Symbol, some_pieces};
use crate::token::{Token, TokenKind};

/// What a text was parsed to.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    file: u32,
    text: Arc<str>,
    tokens: Vec<Token>,
    /// What is wrong with single tokens.
    lexical: Vec<Diagnostic>,
    pieces: Vec<KeptPiece>,
    stamps: Vec<u64>,
}

impl Kept {
    /// One number for each item of the tree that was parsed last. An item that is kept keeps its own, and no other one ever has it: with the
    /// same number, it is the same tree, but that its places have moved as its beginning has.
    #[must_use]
    pub fn stamps(&self) -> &[u64] {
        &self.stamps
    }
}

/// A number that none has.
fn stamp() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An item with all that it was made of.
#[derive(Clone, Debug)]
struct KeptPiece {
    /// From the end of the piece before it, so with what is said above it.
    range: Range,
    begun: Begun,
    /// Relative to the range.
    symbols: Vec<Mark>,
    /// `None` where something was wrong with it.
    item: Option<Arc<Item>>,
    stamp: u64,
    /// How deep its tree is, and its brackets.
    depth: usize,
    nested: usize,
    /// Which of its brackets do not match.
    found: Vec<Diagnostic>,
}

/// Bytes of the text, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: u32,
    end: u32,
}

/// A symbol: its kind, and where its tokens stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    kind: TokenKind,
    start: u32,
    end: u32,
}

/// Parses a text of which another version was parsed before. What comes out is what [`crate::parse`] gives.
#[must_use]
pub fn parse_again(file: u32, text: &Arc<str>, kept: &mut Kept) -> Parsed {
    let mut old = std::mem::take(kept);
    let mut tokens = std::mem::take(&mut old.tokens);
    let changed = lex_again(text, &old.text, &mut tokens);
    let by = size(text).wrapping_sub(size(&old.text));
    let lexical = lexical_again(&mut old, file, text, &tokens, changed);

    let (mut found, mut around) = (Vec::new(), Around::of(&old, file, &tokens, changed));
    let cut = some_pieces(file, &tokens, around.from, around.until, &mut found).unwrap_or_else(|| {
        found.clear();
        around = Around::nothing(&old);
        some_pieces(file, &tokens, around.from, None, &mut found).unwrap_or_default()
    });
    let mut after = old.pieces.split_off(around.after);
    after.iter_mut().for_each(|piece| piece.place(by, changed));
    let before = old.pieces.split_off(around.before);
    let mut all = old.pieces;
    let start = all.last().map_or(0, |piece| piece.range.end);
    let mut now = marked(&tokens, &cut, start, &found);
    let known = same(&before, &old.text, &now, text);

    let mut before: Vec<Option<KeptPiece>> = before.into_iter().map(Some).collect();
    let mut new = Vec::new();
    for ((piece, now), known) in cut.pieces.into_iter().zip(&mut now).zip(known) {
        let known = known.and_then(|at| before.get_mut(at)).and_then(Option::take);
        match known.and_then(|k| Some((k.item?, k.range, k.depth, k.stamp))) {
            Some((mut item, was, depth, stamp)) => {
                let way = Way::new(file, was.start, now.range.start);
                if way.by != 0 || item.span.file != file {
                    Arc::make_mut(&mut item).touch(way);
                }
                (now.item, now.depth, now.stamp) = (Some(item), depth, stamp);
            }
            None => new.push(piece),
        }
    }
    drop(before);
    let bytes = new.iter().filter_map(|p| bytes(&tokens, p)).map(|r| (r.end - r.start) as usize).sum();
    let said = Targets::new();
    let source = Source { file, text, tokens: &tokens, said: &said };
    let read = items(source, new, side_by_side::worth(bytes));
    let mut fresh = read.read.into_iter();
    all.append(&mut now);
    all.append(&mut after);
    let (mut tree, mut stamps) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
    for piece in &mut all {
        if let Some(item) = &piece.item {
            tree.push(Arc::clone(item));
            stamps.push(piece.stamp);
        } else if let Some(Done { item, depth, sound }) = fresh.next() {
            piece.stamp = stamp();
            tree.extend(item.clone());
            stamps.extend(item.as_ref().map(|_| piece.stamp));
            (piece.item, piece.depth) = (item.filter(|_| sound), depth);
        }
    }
    let depth = all.iter().map(|p| p.depth.max(p.nested)).max().unwrap_or(0);
    let brackets = all.iter().flat_map(|p| &p.found);
    let diagnostics = lexical.iter().chain(brackets).cloned().collect();
    let file_of = File { doc: Vec::new(), items: Vec::new() };
    let mut parsed = Parsed { file: file_of, diagnostics, tokens, depth };
    finish(&mut parsed, text, tree, read.found, depth);
    let tokens = parsed.tokens.clone();
    *kept = Kept { file, text: Arc::clone(text), tokens, lexical, pieces: all, stamps };
    parsed
}

fn size(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// What is wrong with single tokens: of a line that is as it was, what was.
fn lexical_again(
    old: &mut Kept,
    file: u32,
    text: &str,
    tokens: &[Token],
    changed: Changed,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if old.file != file {
        lexical::check(file, text, tokens, &mut found);
        return found;
    }
    let by = size(text).wrapping_sub(size(&old.text));
    let start = |at: usize| tokens.get(at).map_or(u32::MAX, |t| t.start);
    // Where nothing comes after what is the same, that is all of the text.
    let from = tokens.get(changed.from).map_or(size(text), |t| t.start);
    let to = start(changed.to);
    // A token that is the end of the text as it was is at no place before that.
    let to = if changed.to < tokens.len() { to.wrapping_sub(by) } else { u32::MAX };
    let mut after = std::mem::take(&mut old.lexical);
    let mut before = after.clone();
    before.retain(|d| d.place().start < from && changed.from > 0);
    after.retain(|d| d.place().start >= to);
    lexical::check(file, text, tokens.get(changed.from..changed.to).unwrap_or_default(), &mut found);
    after
        .iter_mut()
        .for_each(|d| places(d, |p| (p.start, p.end) = (p.start.wrapping_add(by), p.end.wrapping_add(by))));
    before.into_iter().chain(found).chain(after).collect()
}

fn places(finding: &mut Diagnostic, on: impl FnMut(&mut Place)) {
    let edits = finding.fixes.iter_mut().flat_map(|f| &mut f.edits).map(|e| &mut e.place);
    finding.labels.iter_mut().map(|l| &mut l.place).chain(edits).for_each(on);
}

/// The pieces round what has changed: none of the others can have become another one.
struct Around {
    /// So many are before them.
    before: usize,
    from: Begun,
    /// The first one behind them, and where it begins now.
    after: usize,
    until: Option<Begun>,
}

impl Around {
    /// All have to be looked at.
    fn nothing(old: &Kept) -> Self {
        Self { before: 0, from: Begun::default(), after: old.pieces.len(), until: None }
    }

    fn of(old: &Kept, file: u32, tokens: &[Token], changed: Changed) -> Self {
        Self::found(old, file, tokens, changed).unwrap_or_else(|| Self::nothing(old))
    }

    fn found(old: &Kept, file: u32, tokens: &[Token], changed: Changed) -> Option<Self> {
        if old.file != file {
            return None;
        }
        // What a token does is decided by those behind it, too.
        let counts = |t: &&Token| !t.kind.is_trivia() && t.kind != TokenKind::Unknown;
        let decided = |piece: &KeptPiece| {
            let unchanged = tokens.get(piece.begun.token..changed.from).unwrap_or_default();
            unchanged.iter().filter(counts).nth(AHEAD).is_some()
        };
        let before = old.pieces.iter().rposition(decided).unwrap_or(0);
        let from =
            old.pieces.get(before).filter(|p| before > 0 || decided(p)).map_or(Begun::default(), |p| p.begun);
        // With what is said above it.
        let line = tokens.get(changed.to).map(|t| t.start.wrapping_sub(moved(old, tokens)));
        let behind = old.pieces.iter().enumerate().skip(before + 1).find_map(|(at, piece)| {
            let whole =
                piece.begun.token >= changed.was && line.is_some_and(|line| piece.range.start >= line);
            Some((at, piece.begun.after(changed).filter(|_| whole)?))
        });
        let (after, until) = behind.map_or((old.pieces.len(), None), |(at, begun)| (at, Some(begun)));
        // What is wrong elsewhere is to be found again.
        let sound = |p: &KeptPiece| p.item.is_some() && p.found.is_empty();
        let others = old.pieces.iter().take(before).chain(old.pieces.iter().skip(after));
        others.into_iter().all(sound).then_some(Self { before, from, after, until })
    }
}

/// How far the end of the text has moved.
fn moved(old: &Kept, tokens: &[Token]) -> u32 {
    tokens.last().map_or(0, |t| t.end).wrapping_sub(size(&old.text))
}

impl Begun {
    /// Where it is after a change; `None` where what it speaks of may be gone.
    fn after(self, changed: Changed) -> Option<Self> {
        let token = |at: usize| match at {
            _ if at < changed.from => Some(at),
            _ if at >= changed.was => (at + changed.to).checked_sub(changed.was),
            _ => None,
        };
        let still = |at: Option<usize>| match at {
            Some(at) => token(at).map(Some),
            None => Some(None),
        };
        Some(Self { token: token(self.token)?, last_body: still(self.last_body)?, odd: still(self.odd)? })
    }
}

impl KeptPiece {
    /// It stands behind a change, by which the text has grown by so much.
    fn place(&mut self, by: u32, changed: Changed) {
        let Range { start, end } = &mut self.range;
        (*start, *end) = (start.wrapping_add(by), end.wrapping_add(by));
        self.begun = self.begun.after(changed).unwrap_or(self.begun);
        if let Some(item) = self.item.as_mut().filter(|_| by != 0) {
            let item = Arc::make_mut(item);
            let file = item.span.file;
            item.touch(Way { file, by });
        }
    }
}

/// The pieces, of which nothing is known yet.
fn marked(tokens: &[Token], cut: &Cut, mut start: u32, found: &[Diagnostic]) -> Vec<KeptPiece> {
    let mut all = Vec::with_capacity(cut.pieces.len());
    let ends = cut.begun.iter().skip(1).map(|(_, found)| *found).chain([found.len()]);
    for ((piece, (begun, from)), to) in cut.pieces.iter().zip(&cut.begun).zip(ends) {
        let end = bytes(tokens, piece).map_or(start, |r| r.end.max(start));
        all.push(KeptPiece {
            range: Range { start, end },
            begun: *begun,
            symbols: piece.symbols.iter().filter_map(|s| mark(tokens, s, start)).collect(),
            item: None,
            stamp: 0,
            depth: 0,
            nested: if piece.too_deep { 0 } else { piece.depth },
            found: found.get(*from..to).unwrap_or_default().to_vec(),
        });
        start = end;
    }
    all
}

fn mark(tokens: &[Token], symbol: &Symbol, from: u32) -> Option<Mark> {
    let (first, last) = (tokens.get(symbol.first)?, tokens.get(symbol.last)?);
    Some(Mark { kind: symbol.kind, start: first.start.wrapping_sub(from), end: last.end.wrapping_sub(from) })
}

/// From its first token to its last one.
fn bytes(tokens: &[Token], piece: &Piece) -> Option<Range> {
    let start = piece.symbols.first().and_then(|s| tokens.get(s.first))?.start;
    let end = piece.symbols.iter().filter_map(|s| tokens.get(s.last)).map(|t| t.end).max()?;
    Some(Range { start, end: end.max(start) })
}

/// For each piece the kept one that is the same, where that has an item. Somebody who types changes the text in one place:
/// what is before it is the same counted from the front, what is behind it from the back.
fn same(old: &[KeptPiece], before: &str, now: &[KeptPiece], text: &str) -> Vec<Option<usize>> {
    let alike = |(was, is): &(&KeptPiece, &KeptPiece)| {
        let texts = (slice(before, was.range), slice(text, is.range));
        was.symbols == is.symbols && texts.0.is_some() && texts.0 == texts.1
    };
    let front = old.iter().zip(now).take_while(alike).count();
    let behind = |all: usize| all.saturating_sub(front);
    let left = behind(old.len()).min(behind(now.len()));
    let back = old.iter().rev().zip(now.iter().rev()).take(left).take_while(alike).count();
    let from_back = now.len().saturating_sub(back);
    let place = |at: usize| match at {
        _ if at < front => Some(at),
        _ if at >= from_back => (old.len() + at).checked_sub(now.len()),
        _ => None,
    };
    let sound = |at: &usize| old.get(*at).is_some_and(|p| p.item.is_some());
    (0..now.len()).map(|at| place(at).filter(sound)).collect()
}

fn slice(text: &str, range: Range) -> Option<&str> {
    text.get(range.start as usize..range.end as usize)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::{Kept, parse_again};
    use crate::{Parsed, parse};

    const TEXT: &str = r#"//! A file.

use std.connectors.okta

/// A case.
case Login { user: OktaUserId, hits: Int pii }

const most = 3
enum Odd { /// To the left.
  Left, Right(by: Int) }

fn twice(of: Int) -> Int { of * 2 }

playbook one for Login when case.hits > most {
  let user = okta.user(case.user) retry 3 backoff 2s else hand over to queue.tier1 because "who is {case.user}?"
  do okta.suspend(user.id) for 4h else hand over to queue.tier1 because "no"
  ask role.analyst "Was it you?" { Yes, No } showing case.hits within 4h else Yes because "x"
  close TruePositive because "done"
}

test "a test" {
  given Login { user: "u", hits: 3 }
  given okta.user(_) returns User { id: "u" } then fails Timeout
  run one as supervised by role.soc_lead within 4h
  expect closed TruePositive because "done"
}
role lead
"#;

    fn same(now: &Parsed, text: &str) {
        let whole = parse(7, text);
        assert_eq!(now.file, whole.file, "{text}");
        assert_eq!(now.diagnostics, whole.diagnostics, "{text}");
        assert_eq!(now.depth, whole.depth, "{text}");
        assert_eq!(now.tokens, whole.tokens, "{text}");
    }

    /// The items of which another one has a share.
    fn kept(parsed: &Parsed) -> usize {
        parsed.file.items.iter().filter(|item| Arc::strong_count(item) > 2).count()
    }

    #[test]
    fn only_what_was_changed_is_parsed_again() {
        let mut kept_now = Kept::default();
        let text: Arc<str> = TEXT.into();
        let first = parse_again(7, &text, &mut kept_now);
        same(&first, TEXT);
        let unchanged = parse_again(7, &text, &mut kept_now);
        assert_eq!((kept(&unchanged), unchanged.file.items.len()), (8, 8));
        drop((first, unchanged));
        let at: Vec<_> = kept_now.pieces.iter().filter_map(|p| p.item.as_ref().map(Arc::as_ptr)).collect();
        let changed = TEXT.replace("hits: Int pii", "hits: Int");
        let now = parse_again(7, &changed.as_str().into(), &mut kept_now);
        same(&now, &changed);
        let after: Vec<_> = now.file.items.iter().map(Arc::as_ptr).collect();
        let moved = at.iter().zip(&after).filter(|(was, is)| was != is).count();
        assert_eq!(moved, 1, "all but the case are where they were");
    }

    #[test]
    fn a_file_that_has_another_number_now_is_the_same_elsewhere() {
        let mut kept = Kept::default();
        drop(parse_again(3, &TEXT.into(), &mut kept));
        same(&parse_again(7, &TEXT.into(), &mut kept), TEXT);
    }

    #[test]
    fn what_was_wrong_at_the_end_is_gone_with_it() {
        let wrong = format!("{TEXT}\nconst last = \"no end\n");
        let mut kept = Kept::default();
        same(&parse_again(7, &wrong.as_str().into(), &mut kept), &wrong);
        same(&parse_again(7, &TEXT.into(), &mut kept), TEXT);
    }

    /// What somebody types, takes out or pastes.
    const PARTS: &[&str] = &[
        "",
        "\n",
        " ",
        "{",
        "}",
        "(",
        ")",
        "\"",
        "///",
        "// x\n",
        "case",
        "let x = ",
        "test \"t\" {",
        "const a = 1\n",
        "é",
        "&&",
        "enum E { A }\n",
        "because",
        "note ",
        "fn f() -> Int { 1 }\n",
        "guard g covers okta.suspend { allow }\n",
        "taxonomy t { x }\n",
        "\u{feff}",
        "!",
        ";",
        "role r ",
    ];

    /// What stands round the beginnings of items and lines, in any order.
    const SOUP: &[&str] = &[
        "use ",
        "enum ",
        "open ",
        "config ",
        "controls ",
        "type ",
        "fn ",
        "test ",
        "role ",
        "const ",
        "guard ",
        "A",
        "x ",
        "1",
        "{",
        "}",
        "(",
        ")",
        "=",
        ".",
        "/",
        "/",
        "\n",
        "\n",
        "\n",
        "\"",
        ";",
        "let ",
        "note ",
        "# ",
        "// x\n",
        "/// x\n",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn after_any_change_of_any_text_it_is_what_parsing_the_whole_gives(
            mut soup in prop::collection::vec(prop::sample::select(SOUP), 1..60),
            edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(SOUP), any::<bool>()), 1..6),
        ) {
            let mut kept = Kept::default();
            drop(parse_again(7, &soup.concat().into(), &mut kept));
            for (at, part, instead) in edits {
                let at = at.index(soup.len());
                soup.splice(at..at + usize::from(instead), [part]);
                let text = soup.concat();
                same(&parse_again(7, &text.as_str().into(), &mut kept), &text);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn after_any_change_it_is_what_parsing_the_whole_gives(
            edits in prop::collection::vec((0.0..1.0_f64, 0..40_usize, prop::sample::select(PARTS)), 1..12)
        ) {
            let (mut text, mut kept) = (TEXT.to_string(), Kept::default());
            drop(parse_again(7, &TEXT.into(), &mut kept));
            for (at, gone, put) in edits {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
                let from = (at * text.len() as f64) as usize;
                let from = (0..=from).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                let to = (from + gone..).find(|at| *at >= text.len() || text.is_char_boundary(*at)).unwrap_or(from);
                let to = to.min(text.len());
                text.replace_range(from..to, put);
                same(&parse_again(7, &text.as_str().into(), &mut kept), &text);
            }
        }
    }
}
