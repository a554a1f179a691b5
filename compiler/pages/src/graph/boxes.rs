//! How large a box is, and what is written in it.

use super::layout::{LANE, Rect, Style, Text};
use super::{Kind, Node};
use crate::text::{LETTERS, cut, wrap};

const BOX: i32 = 264;
const SMALL: i32 = 150;
/// What fits into a box: of a title in columns of 7.2 pixels; of a note, which is set in 11 pixels, in hundredths of that.
const TITLE_COLUMNS: usize = 33;
const NOTE_ROOM: usize = 2_180;
/// What fits into a small one, whose word is set in 11 pixels, too, but bold, which takes more.
const SMALL_ROOM: usize = 1_090;

/// The size of a box with its middle at 0, and what is written in it.
pub(super) fn measure(node: &Node) -> (Rect, Vec<Text>) {
    let small = |h: i32, text: String| {
        let line = Text { style: Style::Word, text, y: h / 2 + 4 };
        (Rect { x: -SMALL / 2, y: 0, w: SMALL, h }, vec![line])
    };
    match node.kind {
        Kind::AtOnce => return small(LANE + 12, format!("{}: {}", node.kind.word(), node.title)),
        Kind::Answered => return small(26, node.kind.word().to_string()),
        Kind::Next => {
            let gives = node.gives.iter().map(|name| format!(" → {name}")).collect::<String>();
            return small(26, LETTERS.cut(&format!("next {}{gives}", node.title), SMALL_ROOM));
        }
        _ => {}
    }
    let mut text = vec![Text { style: Style::Word, text: node.kind.word().to_string(), y: 18 }];
    let mut y = 20;
    for line in wrap(&node.title, TITLE_COLUMNS, 5) {
        y += 17;
        text.push(Text { style: Style::Title, text: line, y });
    }
    for note in &node.notes {
        for line in LETTERS.wrap(note, NOTE_ROOM, 8) {
            y += 15;
            text.push(Text { style: Style::Note, text: line, y });
        }
    }
    if !node.gives.is_empty() && node.kind != Kind::Compute && node.kind != Kind::Each {
        y += 17;
        let names = format!("→ {}", node.gives.join(", "));
        text.push(Text { style: Style::Gives, text: cut(&names, TITLE_COLUMNS), y });
    }
    (Rect { x: -BOX / 2, y: 0, w: BOX, h: (y + 11).max(LANE + 12) }, text)
}
