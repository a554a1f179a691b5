//! A text that is parsed again after each change, as an editor has it: only the items that differ are parsed, the others
//! are kept, and what stands in them has its new places.

use std::sync::Arc;

use crate::Parsed;
use crate::ast::{Item, Parts, Way};
use crate::parser::{Done, Source, cut, finish, items};
use crate::side_by_side;
use crate::stream::{Piece, Symbol};
use crate::token::{Token, TokenKind};

/// What a text was parsed to.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    text: Arc<str>,
    pieces: Vec<KeptPiece>,
}

/// An item with all that it was made of.
#[derive(Clone, Debug)]
struct KeptPiece {
    /// From the end of the piece before it, so with what is said above it.
    range: Range,
    /// Relative to that.
    symbols: Vec<Mark>,
    /// `None` where something was wrong with it.
    item: Option<Arc<Item>>,
    depth: usize,
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
    let (mut parsed, pieces) = cut(file, text);
    let mut now = marked(&parsed.tokens, &pieces);
    let old = std::mem::take(kept);
    let known = same(&old, text, &now);
    let mut before: Vec<Option<KeptPiece>> = old.pieces.into_iter().map(Some).collect();
    let mut new = Vec::new();
    for ((piece, now), known) in pieces.into_iter().zip(&mut now).zip(known) {
        let known = known.and_then(|at| before.get_mut(at)).and_then(Option::take);
        match known.and_then(|k| Some((k.item?, k.range, k.depth))) {
            Some((mut item, was, depth)) => {
                let way = Way::new(file, was.start, now.range.start);
                if way.by != 0 || item.span.file != file {
                    Arc::make_mut(&mut item).touch(way);
                }
                (now.item, now.depth) = (Some(item), depth);
            }
            None => new.push(piece),
        }
    }
    drop(before);
    let bytes = new.iter().filter_map(|p| bytes(&parsed.tokens, p)).map(|r| (r.end - r.start) as usize).sum();
    let source = Source { file, text, tokens: &parsed.tokens };
    let read = items(source, new, side_by_side::worth(bytes));
    let mut fresh = read.read.into_iter();
    let mut all = Vec::with_capacity(now.len());
    for piece in &mut now {
        if let Some(item) = &piece.item {
            all.push(Arc::clone(item));
        } else if let Some(Done { item, depth, sound }) = fresh.next() {
            all.extend(item.clone());
            (piece.item, piece.depth) = (item.filter(|_| sound), depth);
        }
    }
    let depth = now.iter().map(|p| p.depth).max().unwrap_or(0);
    finish(&mut parsed, text, all, read.found, depth);
    *kept = Kept { text: Arc::clone(text), pieces: now };
    parsed
}

/// The pieces, of which nothing is known yet.
fn marked(tokens: &[Token], pieces: &[Piece]) -> Vec<KeptPiece> {
    let mut start = 0;
    let mut all = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let end = bytes(tokens, piece).map_or(start, |r| r.end.max(start));
        let range = Range { start, end };
        let symbols = piece.symbols.iter().filter_map(|s| mark(tokens, s, start)).collect();
        all.push(KeptPiece { range, symbols, item: None, depth: 0 });
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
fn same(old: &Kept, text: &str, now: &[KeptPiece]) -> Vec<Option<usize>> {
    let alike = |(was, is): &(&KeptPiece, &KeptPiece)| {
        let texts = (slice(&old.text, was.range), slice(text, is.range));
        was.symbols == is.symbols && texts.0.is_some() && texts.0 == texts.1
    };
    let front = old.pieces.iter().zip(now).take_while(alike).count();
    let behind = |all: usize| all.saturating_sub(front);
    let left = behind(old.pieces.len()).min(behind(now.len()));
    let back = old.pieces.iter().rev().zip(now.iter().rev()).take(left).take_while(alike).count();
    let from_back = now.len().saturating_sub(back);
    let place = |at: usize| match at {
        _ if at < front => Some(at),
        _ if at >= from_back => (old.pieces.len() + at).checked_sub(now.len()),
        _ => None,
    };
    let sound = |at: &usize| old.pieces.get(*at).is_some_and(|p| p.item.is_some());
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
