//! The grammar over tokens, and the terminals that are generated for it.

use crate::token::TokenKind;

/// The parser proper: terminals leave no trace, which is fast.
#[derive(pest_derive::Parser)]
#[grammar = "../../../grammar/tokens.pest"]
#[grammar = "../../../grammar/play.pest"]
pub(crate) struct Grammar;

/// The same language with terminals that are traced. It parses only what [`Grammar`] refused, to learn at which token
/// the text went wrong and what could have stood there.
pub(crate) mod traced {
    /// See the module.
    #[derive(pest_derive::Parser)]
    #[grammar = "../../../grammar/tokens_traced.pest"]
    #[grammar = "../../../grammar/play.pest"]
    pub(crate) struct Traced;
}

/// The first character that stands for a kind of token; all of them take two bytes, so that an offset in the parser's
/// input is twice the index of a token.
const FIRST: u32 = 0x100;

/// The character that stands for a kind of token.
pub(crate) fn character(kind: TokenKind) -> char {
    char::from_u32(FIRST + kind as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// What stands behind each item where many are parsed at once. No token has it.
pub(crate) const BREAK: char = '\u{ff}';

/// The text of `grammar/tokens.pest`, or of `grammar/tokens_traced.pest`.
#[cfg(test)]
fn terminals(traced: bool) -> String {
    use TokenKind as K;
    use std::fmt::Write as _;

    let mut out = String::from(
        "// Generated from the token kinds. To renew: UPDATE=1 cargo nextest run -p play-syntax terminals\n\n",
    );
    let open = if traced { "{" } else { "_{" };
    let code = |k: K| format!("\\u{{{:x}}}", u32::from(character(k)));
    for kind in TokenKind::ALL.iter().filter(|k| !k.is_trivia()) {
        let _ = writeln!(out, "{} = {open} \"{}\" }}", kind.terminal(), code(*kind));
    }
    let _ = writeln!(out, "t_break = _{{ \"\\u{{{:x}}}\" }}", u32::from(BREAK));
    out.push('\n');
    // Each is one range of characters. Where it is traced, what could have stood there is one of the terminals.
    for (class, first, last, terminals) in [
        ("any_word", K::Approve, K::True, None),
        ("name_token", K::Approve, K::Write, Some("t_ident | name_word")),
        ("name_word", K::Approve, K::Write, None),
        ("plain_token", K::Ident, K::Write, Some("t_ident | later_word")),
        ("later_word", K::Pii, K::Write, None),
        ("label_token", K::Pii, K::Untrusted, Some("t_pii | t_secret | t_trusted | t_untrusted")),
        ("act_word", K::Approve, K::Wait, None),
        ("arg_word", K::Approve, K::Underscore, None),
        ("literal_token", K::Int, K::SingleQuoted, None),
        ("str_piece", K::StrText, K::StrBadBrace, None),
        ("infix_sign", K::Assign, K::Percent, None),
        ("postfix_sign", K::Dot, K::QuestionDot, None),
        ("of_arg", K::Colon, K::FatArrow, None),
    ] {
        let range = format!("'{}'..'{}'", code(first), code(last));
        let _ = writeln!(out, "{class} = _{{ {} }}", terminals.filter(|_| traced).unwrap_or(&range));
    }
    // None of these follows an operand as a part of it, or as an operator.
    let closing = format!("!('{}'..'{}')", code(K::InterpClose), code(K::ErrorHead));
    let _ = writeln!(out, "at_more = _{{ {} }}", if traced { "\"\"" } else { &closing });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_in_the_tree_are_those_of_the_token_kinds() {
        for (name, traced) in [("tokens.pest", false), ("tokens_traced.pest", true)] {
            let path = format!("{}/../../grammar/{name}", env!("CARGO_MANIFEST_DIR"));
            let want = terminals(traced);
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&path, &want).unwrap();
            }
            let have = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(have == want, "{name} is stale: UPDATE=1 cargo nextest run -p play-syntax terminals");
        }
    }

    #[test]
    fn each_kind_is_one_character_of_two_bytes() {
        for kind in TokenKind::ALL {
            assert_eq!(character(*kind).len_utf8(), 2, "{kind:?}");
        }
    }
}
