//! What could stand where the parser could not go on, in words of the field.

use crate::grammar::traced::Rule;
use crate::token::TokenKind as K;

/// What could have stood at the failure, in few words.
pub(crate) struct Wanted {
    words: Vec<&'static str>,
    pub(crate) end_of_line: bool,
}

impl Wanted {
    pub(crate) fn text(&self) -> String {
        match self.words.as_slice() {
            [] => "the end of the line".into(),
            [one] => (*one).into(),
            [first, second] => format!("{first} or {second}"),
            [first, second, third, ..] => format!("{first}, {second} or {third}"),
        }
    }
}

pub(crate) fn wanted(expected: &[Rule]) -> Wanted {
    let mut words: Vec<(u8, &'static str)> = expected.iter().filter_map(|r| phrase(*r)).collect();
    // In a connector a request (`GET "/…"`) could always follow, and its method has the form of a name.
    if expected.contains(&Rule::t_undo) {
        words.retain(|(_, w)| *w != "a name");
    }
    // A name can stand for a length, which says it better.
    if words.iter().any(|(_, w)| w.starts_with("a length of time")) {
        words.retain(|(_, w)| *w != "a name");
    }
    // Behind a value. Brackets would only go on with it, and so would `for` and its like, which belong to a call; but a body follows
    // the head of an `if`, `match` or `for`.
    if behind_value(expected) {
        let body = expected.iter().any(|r| matches!(r, Rule::block));
        let goes_on = |w: &str| matches!(w, "`(`" | "`[`" | "`for`") || (w == "`{`" && !body);
        words.iter_mut().filter(|(_, w)| goes_on(w)).for_each(|(rank, _)| *rank = 4);
    }
    words.sort_unstable();
    words.dedup();
    // What only would go on with a finished part is worth a word when nothing else fits.
    let best = words.first().map_or(0, |(rank, _)| *rank);
    let end_of_line = expected.iter().any(|r| matches!(r, Rule::t_end));
    let keep = if best >= 3 && end_of_line { 0 } else { best.max(2) };
    let mut words: Vec<_> = words.into_iter().filter(|(rank, _)| *rank <= keep).map(|(_, w)| w).collect();
    if words.is_empty() && !end_of_line {
        words = expected.iter().filter_map(|r| sign(*r)).take(3).collect();
    }
    Wanted { words, end_of_line }
}

/// Whether a value is complete, and more of it or what ends it could follow.
pub(crate) fn behind_value(expected: &[Rule]) -> bool {
    expected.iter().any(|r| {
        matches!(r, Rule::t_dot | Rule::t_as | Rule::t_question_dot | Rule::field_access | Rule::infix)
    })
}

/// The word or sign of a terminal.
fn sign(rule: Rule) -> Option<&'static str> {
    let name = format!("{rule:?}");
    K::ALL.iter().find(|k| !k.is_trivia() && k.terminal() == name).map(|k| k.shown())
}

/// Whether it is a form that a value can have, or what one of them begins with. Those that [`phrase`] says nothing of need no place here.
pub(crate) fn begins_value(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::prefix
            | Rule::paren
            | Rule::literal
            | Rule::name
            | Rule::plain
            | Rule::t_ident
            | Rule::string
            | Rule::t_str_start
            | Rule::t_lbrace
            | Rule::t_lparen
            | Rule::t_for
    )
}

/// How a rule is called, and how much it says: 0 a whole thing, 1 a sign, 2 a word, 3 what could go on.
fn phrase(rule: Rule) -> Option<(u8, &'static str)> {
    Some(match rule {
        Rule::expr | Rule::h_expr | Rule::chain | Rule::postfixed | Rule::paren | Rule::prefix => {
            (0, "a value")
        }
        Rule::literal | Rule::length_name => (0, "a literal such as `4h`"),
        Rule::type_expr | Rule::list_type | Rule::named_type => (0, "a type"),
        Rule::name | Rule::plain | Rule::word | Rule::binding | Rule::t_ident => (0, "a name"),
        Rule::block => (0, "`{`"),
        Rule::pattern => (0, "a pattern"),
        Rule::arm => (0, "an arm such as `A => …`"),
        Rule::field | Rule::setting => (0, "a field such as `name: Type`"),
        Rule::fields => (0, "`{`"),
        Rule::variant => (0, "a member"),
        Rule::map_entry => (0, "a field such as `name = value`"),
        Rule::record_body | Rule::record_entry | Rule::entry => (0, "a field such as `name: value`"),
        Rule::key => (0, "a key"),
        Rule::params => (0, "`(`"),
        Rule::stub_args => (3, "`(`"),
        Rule::param => (0, "a parameter such as `name: Type`"),
        Rule::target => (0, "a queue or a role, such as `queue.tier1`"),
        Rule::act => (0, "an action such as `okta.user`"),
        Rule::answer => (0, "`returns`, `fails` or `is lost`"),
        Rule::object | Rule::empty_object => (0, "`{`"),
        Rule::string | Rule::t_str_start => (0, "a string"),
        Rule::t_int => (0, "a number"),
        Rule::status => (0, "an HTTP status"),
        Rule::accept | Rule::dedup | Rule::map_block => (0, "`accept`, `dedup by` or `map`"),
        Rule::action_head | Rule::config_block => {
            (0, "`config`, `auth`, `read`, `write` or a clause of an action")
        }
        Rule::given_case | Rule::given_stub | Rule::expect_that => (0, "`given`, `run` or `expect`"),
        Rule::given_record => (0, "a case or a stub"),
        Rule::guard_never | Rule::guard_limit | Rule::guard_allow | Rule::guard_refuse => {
            (0, "`never when`, `limit`, `allow` or `else`")
        }
        Rule::guard_cond => (0, "a value"),
        Rule::covers => (0, "an action such as `okta.suspend`, or `class contain`"),
        Rule::count => (0, "a number"),
        Rule::span | Rule::span_name => (0, "a length of time such as `1h`"),
        Rule::t_assign => (1, "`=`"),
        Rule::t_colon => (1, "`:`"),
        Rule::t_arrow => (1, "`->`"),
        Rule::t_fat_arrow => (1, "`=>`"),
        Rule::t_rparen => (1, "`)`"),
        Rule::t_rbrack => (1, "`]`"),
        Rule::t_lbrace => (1, "`{`"),
        Rule::t_lparen => (1, "`(`"),
        Rule::t_interp_close => (1, "`}`"),
        Rule::t_from => (2, "`from`"),
        Rule::t_for => (2, "`for`"),
        Rule::t_in => (2, "`in`"),
        Rule::t_by => (2, "`by`"),
        Rule::t_covers => (2, "`covers`"),
        Rule::t_per => (2, "`per`"),
        Rule::t_when => (2, "`when`"),
        Rule::t_refuse => (2, "`refuse`"),
        Rule::t_within => (2, "`within`"),
        Rule::t_to => (2, "`to`"),
        Rule::t_over => (2, "`over`"),
        Rule::t_lost => (2, "`lost`"),
        Rule::t_doubt => (2, "`doubt`"),
        Rule::t_contains => (2, "`contains`"),
        Rule::t_eq => (2, "`==`"),
        Rule::t_enum => (2, "`enum`"),
        Rule::because => (3, "`because`"),
        Rule::t_comma => (3, "`,`"),
        Rule::t_rbrace => (3, "`}`"),
        Rule::annotation => (3, "`:`"),
        _ => return None,
    })
}
