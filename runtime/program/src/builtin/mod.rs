//! The built-in functions: one signature table for checker, evaluators, documentation and editor.
//!
//! Each is pure and total: it gives a value for every value of its types, and a result that is at most as large as what
//! goes in (texts: see [`text_limit`]).

mod address;
mod address_kind;
mod address_parts;
mod bytes_text;
mod domain_parts;
mod enum_name;
mod float_kind;
mod float_round;
mod float_text;
mod hash_algorithm;
mod int_abs;
mod int_as;
mod int_base;
mod int_bits;
mod list_contains;
mod list_distinct;
mod list_ends;
mod list_extremes;
mod list_flat;
mod list_group;
mod list_join;
mod list_len;
mod list_present;
mod list_reverse;
mod list_sets;
mod list_slice;
mod list_sort;
mod list_sum;
mod list_take;
mod map_entries;
mod map_merge;
mod map_with;
mod network_parts;
mod number_bounds;
mod number_sign;
mod option_is;
mod patterns;
mod shape;
mod sorting;
mod span_parts;
mod string_blank;
mod string_case;
mod string_compare;
mod string_defang;
mod string_digest;
mod string_distance;
mod string_extract;
mod string_find;
mod string_ignoring_case;
mod string_index;
mod string_len;
mod string_order;
mod string_pad;
mod string_parts;
mod string_percent;
mod string_replace;
mod string_replace_all;
mod string_reverse;
mod string_search;
mod string_slice;
mod string_split;
mod string_strip;
mod string_trim;
mod text;
mod time_format;
mod time_parts;
mod time_unix;
mod time_zone;
mod url_parts;

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use shape::Bound;
pub use shape::{Shape, can_be_key};

use crate::types::{Type, TypeTable};
use crate::value::{Map, Value};

/// Index into the table of built-in functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BuiltinId(pub u16);

/// A built-in function of a type.
#[derive(Debug)]
pub struct Builtin {
    /// Its name, without receiver.
    pub name: &'static str,
    /// Whether it is written without parentheses.
    pub property: bool,
    /// What it is a function of.
    pub receiver: Shape,
    /// What it takes besides.
    pub params: &'static [Shape],
    /// What it gives.
    pub result: Shape,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Expressions and what they give; both in Play.
    pub examples: &'static [(&'static str, &'static str)],
    /// Receiver and arguments; `None` when one is not of its type.
    run: fn(&Call<'_>) -> Option<Value>,
}

/// A call that is evaluated.
struct Call<'a> {
    args: &'a [Value],
    receiver: &'a Type,
    types: &'a TypeTable,
}

impl Call<'_> {
    fn text(&self, index: usize) -> Option<&str> {
        match self.args.get(index)? {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self) -> Option<&[Value]> {
        match self.args.first()? {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    fn map(&self) -> Option<&Map> {
        match self.args.first()? {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    fn int(&self, index: usize) -> Option<i64> {
        match self.args.get(index)? {
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }

    fn float(&self, index: usize) -> Option<f64> {
        match self.args.get(index)? {
            Value::Float(x) => Some(*x),
            _ => None,
        }
    }

    fn time(&self, index: usize) -> Option<Timestamp> {
        match self.args.get(index)? {
            Value::Time(t) => Some(*t),
            _ => None,
        }
    }

    fn duration(&self, index: usize) -> Option<SignedDuration> {
        match self.args.get(index)? {
            Value::Duration(d) => Some(*d),
            _ => None,
        }
    }

    fn ip(&self, index: usize) -> Option<IpAddr> {
        match self.args.get(index)? {
            Value::Ip(ip) => Some(*ip),
            _ => None,
        }
    }

    fn network(&self, index: usize) -> Option<IpNet> {
        match self.args.get(index)? {
            Value::Cidr(net) => Some(*net),
            _ => None,
        }
    }
}

/// All, by id: the order never changes, new ones go to the end.
pub const ALL: &[Builtin] = &[
    string_len::LEN,
    string_case::LOWER,
    string_case::UPPER,
    string_trim::TRIM,
    string_search::CONTAINS,
    string_search::STARTS_WITH,
    string_search::ENDS_WITH,
    string_compare::EQUALS_IGNORING_CASE,
    string_split::SPLIT,
    string_replace::REPLACE,
    string_len::IS_EMPTY,
    list_len::LEN,
    list_len::IS_EMPTY,
    list_ends::FIRST,
    list_ends::LAST,
    list_contains::CONTAINS,
    list_distinct::DISTINCT,
    list_join::JOIN,
    list_take::TAKE,
    list_flat::FLAT,
    list_present::PRESENT,
    list_sum::SUM,
    list_extremes::MAX,
    list_extremes::MIN,
    address::IS_PRIVATE,
    address::IS_LOOPBACK,
    address::VERSION,
    text::IP,
    text::CIDR,
    address::PREFIX,
    address_parts::URL_HOST,
    address_parts::URL_DOMAIN,
    address_parts::URL_SCHEME,
    address_parts::URL_PATH,
    text::URL,
    address_parts::EMAIL_DOMAIN,
    address_parts::EMAIL_LOCAL,
    text::EMAIL,
    text::DOMAIN,
    address_parts::IS_WITHIN,
    hash_algorithm::ALGORITHM,
    text::HASH,
    text::TIME,
    span_parts::SECONDS,
    text::DURATION,
    span_parts::BYTES,
    text::INT,
    int_abs::ABS,
    float_round::ROUND,
    option_is::IS_SOME,
    option_is::IS_NONE,
    enum_name::NAME,
    string_ignoring_case::CONTAINS,
    string_ignoring_case::STARTS_WITH,
    string_ignoring_case::ENDS_WITH,
    string_order::SORTS_BEFORE,
    string_find::FIND,
    string_find::FIND_ALL,
    string_find::CAPTURE,
    string_find::CAPTURE_ALL,
    string_find::SPLIT_BY,
    string_replace_all::REPLACE_ALL,
    string_parts::LINES,
    string_parts::WORDS,
    string_parts::BEFORE,
    string_parts::AFTER,
    string_pad::PAD_START,
    string_pad::PAD_END,
    string_pad::REPEAT,
    string_slice::SLICE,
    string_slice::TAKE,
    string_slice::DROP,
    string_slice::AT,
    string_index::INDEX_OF,
    string_index::LAST_INDEX_OF,
    string_reverse::REVERSE,
    string_strip::STRIP_PREFIX,
    string_strip::STRIP_SUFFIX,
    string_blank::IS_BLANK,
    string_distance::DISTANCE,
    string_digest::SHA256,
    string_percent::ENCODE,
    string_percent::DECODE,
    string_extract::URLS,
    string_extract::EMAILS,
    string_extract::IPS,
    string_extract::DOMAINS,
    string_extract::HASHES,
    string_defang::DEFANG,
    string_defang::REFANG,
    int_base::FROM_BASE,
    time_format::PARSE,
    number_bounds::INT_MIN,
    number_bounds::INT_MAX,
    number_bounds::INT_CLAMP,
    number_sign::INT_SIGN,
    int_bits::AND,
    int_bits::OR,
    int_bits::XOR,
    int_bits::NOT,
    int_bits::SHIFT_LEFT,
    int_bits::SHIFT_RIGHT,
    int_base::IN_BASE,
    int_as::FLOAT,
    int_as::BYTES,
    int_as::UNIX_SECONDS,
    int_as::UNIX_MILLIS,
    number_bounds::FLOAT_MIN,
    number_bounds::FLOAT_MAX,
    number_sign::FLOAT_SIGN,
    number_sign::FLOAT_ABS,
    float_round::FLOOR,
    float_round::CEIL,
    float_round::TRUNC,
    float_kind::IS_NAN,
    float_kind::IS_INFINITE,
    float_kind::IS_FINITE,
    float_text::FIXED,
    list_sort::SORT,
    list_sort::SORT_BY,
    list_sort::MAX_BY,
    list_sort::MIN_BY,
    list_reverse::REVERSE,
    list_slice::SLICE,
    list_slice::DROP,
    list_slice::AT,
    list_slice::CHUNKS,
    list_slice::INDICES,
    list_slice::INDEX_OF,
    list_sets::UNION,
    list_sets::INTERSECT,
    list_sets::WITHOUT,
    list_sets::CONTAINS_ANY,
    list_sets::CONTAINS_ALL,
    list_sum::SUM_FLOAT,
    list_sum::SUM_DURATION,
    list_sum::SUM_SIZE,
    list_sum::AVERAGE,
    list_sum::AVERAGE_FLOAT,
    time_parts::YEAR,
    time_parts::MONTH,
    time_parts::DAY,
    time_parts::HOUR,
    time_parts::MINUTE,
    time_parts::SECOND,
    time_parts::MILLISECOND,
    time_parts::WEEKDAY,
    time_parts::DAY_OF_YEAR,
    time_zone::OFFSET_IN,
    time_zone::HOUR_IN,
    time_zone::WEEKDAY_IN,
    time_zone::TEXT_IN,
    time_zone::TRUNCATE,
    time_unix::SECONDS,
    time_unix::MILLIS,
    time_format::FORMAT,
    span_parts::MINUTES,
    span_parts::HOURS,
    span_parts::DAYS,
    span_parts::MILLIS,
    span_parts::ABS,
    url_parts::PORT,
    url_parts::QUERY,
    url_parts::FRAGMENT,
    url_parts::PARAM,
    url_parts::FILE_NAME,
    url_parts::WITHOUT_QUERY,
    domain_parts::LABELS,
    domain_parts::TLD,
    domain_parts::PARENT,
    domain_parts::REGISTRABLE,
    address_kind::IS_GLOBAL,
    address_kind::IS_LINK_LOCAL,
    address_kind::IS_MULTICAST,
    address_kind::IS_UNSPECIFIED,
    address_kind::NETWORK,
    address_kind::REVERSE_NAME,
    network_parts::IS_WITHIN,
    network_parts::FIRST,
    network_parts::LAST,
    network_parts::ADDRESSES,
    network_parts::VERSION,
    map_entries::LEN,
    map_entries::IS_EMPTY,
    map_entries::KEYS,
    map_entries::VALUES,
    map_entries::GET,
    map_with::WITH,
    map_with::WITHOUT,
    span_parts::DATE,
    text::DATE,
    text::VERSION,
    text::BYTES,
    string_len::BYTES_LEN,
    list_group::GROUP_BY,
    list_group::COUNT_BY,
    list_group::TO_MAP,
    map_merge::MERGE,
    map_merge::ONLY,
    bytes_text::OF_TEXT,
    bytes_text::UTF8,
    bytes_text::HEX,
    bytes_text::UNHEX,
    bytes_text::SHA256,
    bytes_text::IS_EMPTY,
];

/// The names that the examples use for values that only a constant can be given as.
pub const EXAMPLE_CONSTANTS: &str = r#"const page: Url = "HTTPS://www.Example:8443/x%20y?q"
const mail: Email = "Ada@EXAMPLE.com"
const host: Domain = "Bücher.example."
const shop: Domain = "www.shop.example.co.uk"
const link: Url = "https://www.example/a/b.html?id=4%202&q=a#top"
const mail_link: Url = "mailto:ada@example.com"
const digest: Hash = "D41D8CD98F00B204E9800998ECF8427E"
const agent: Version = "v7.11.0"
const content: Bytes = "aGVsbG8="
"#;

/// The function of a type by its name.
#[must_use]
pub fn lookup(receiver: &Type, name: &str, types: &TypeTable) -> Option<&'static Builtin> {
    ALL.iter().find(|b| b.name == name && b.receiver.fits(receiver, &mut Bound::default(), types))
}

/// The function of an id.
#[must_use]
pub fn get(id: BuiltinId) -> Option<&'static Builtin> {
    ALL.get(usize::from(id.0))
}

/// The names of all functions of a type, in the order of the table.
#[must_use]
pub fn names_for(receiver: &Type, types: &TypeTable) -> Vec<&'static str> {
    ALL.iter().filter(|b| b.receiver.fits(receiver, &mut Bound::default(), types)).map(|b| b.name).collect()
}

impl Builtin {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> BuiltinId {
        let index = ALL.iter().position(|b| b.name == self.name && b.receiver == self.receiver);
        BuiltinId(index.and_then(|i| u16::try_from(i).ok()).unwrap_or(u16::MAX))
    }

    /// The types of its parameters for a receiver: what literals among the arguments adapt to.
    #[must_use]
    pub fn param_types(&self, receiver: &Type, types: &TypeTable) -> Vec<Type> {
        let mut bound = Bound::default();
        self.receiver.fits(receiver, &mut bound, types);
        self.params.iter().map(|p| p.ty(&bound).widened()).collect()
    }

    /// The type of its result.
    ///
    /// # Errors
    /// What is wrong with the number or the types of the arguments: what is expected, and what was found.
    pub fn result(&self, receiver: &Type, args: &[Type], types: &TypeTable) -> Result<Type, String> {
        let mut bound = Bound::default();
        if !self.receiver.fits(receiver, &mut bound, types) {
            return Err(format!(
                "`{}` is a function of {}, not of {}",
                self.name,
                self.receiver.describe(),
                types.name(receiver)
            ));
        }
        if args.len() != self.params.len() {
            let s = if self.params.len() == 1 { "" } else { "s" };
            return Err(format!(
                "`{}` takes {} argument{s}, found {}",
                self.name,
                self.params.len(),
                args.len()
            ));
        }
        for (index, (param, arg)) in self.params.iter().zip(args).enumerate() {
            if *arg != Type::Never && !param.fits(arg, &mut bound, types) {
                return Err(format!(
                    "argument {} of `{}`: expected {}, found {}",
                    index.saturating_add(1),
                    self.name,
                    types.name(&param.ty(&bound)),
                    types.name(arg)
                ));
            }
        }
        Ok(self.result.ty(&bound))
    }

    /// Applies it: the receiver first, then the arguments. Total: values of other types than it takes give
    /// [`Value::None`].
    #[must_use]
    pub fn eval(&self, args: &[Value], receiver: &Type, types: &TypeTable) -> Value {
        (self.run)(&Call { args, receiver, types }).unwrap_or(Value::None)
    }

    /// As it is written in the documentation: `String.replace(String, String) -> String`.
    #[must_use]
    pub fn signature(&self) -> String {
        let params: Vec<_> = self.params.iter().map(Shape::describe).collect();
        let params = if self.property { String::new() } else { format!("({})", params.join(", ")) };
        format!("{}.{}{params} -> {}", self.receiver.describe(), self.name, self.result.describe())
    }
}

/// A position or a number of elements: nothing stands before the first.
fn position(n: i64) -> usize {
    usize::try_from(n.max(0)).unwrap_or(usize::MAX)
}

/// How long a text made of several can get, in bytes, when they are so long together: a mebibyte, or as much as went in.
/// Texts are cut there, so that a function that repeats a part cannot be used to fill the memory.
fn text_limit(bytes_in: usize) -> usize {
    bytes_in.max(1 << 20)
}

/// Adds as much of a text as there is room for; false when it was cut.
fn push_within(limit: usize, text: &mut String, more: &str) -> bool {
    let room = limit.saturating_sub(text.len());
    if more.len() <= room {
        text.push_str(more);
        return true;
    }
    let end = (0..=room).rev().find(|i| more.is_char_boundary(*i)).unwrap_or(0);
    text.push_str(more.get(..end).unwrap_or_default());
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_signatures_never_change() {
        let table: Vec<_> =
            ALL.iter().enumerate().map(|(id, b)| format!("{id:>3} {}", b.signature())).collect();
        insta::assert_snapshot!(table.join("\n"));
        assert!(ALL.iter().enumerate().all(|(id, b)| usize::from(b.id().0) == id));
    }

    #[test]
    fn each_says_what_it_does_and_shows_it() {
        for b in ALL {
            assert!(b.doc.ends_with('.') && !b.examples.is_empty(), "{}", b.signature());
        }
    }

    #[test]
    fn a_function_is_found_by_the_type_of_its_receiver() {
        let types = TypeTable::with_builtins();
        let strings = Type::List(Box::new(Type::String));
        assert_eq!(
            lookup(&strings, "first", &types).and_then(|b| b.result(&strings, &[], &types).ok()),
            Some(Type::Option(Box::new(Type::String)))
        );
        assert!(lookup(&strings, "join", &types).is_some());
        assert!(lookup(&Type::List(Box::new(Type::Int)), "join", &types).is_none());
        assert!(lookup(&Type::Json, "len", &types).is_none());
        assert_eq!(
            names_for(&Type::Duration, &types),
            ["seconds", "text", "minutes", "hours", "days", "millis", "abs"]
        );
    }

    #[test]
    fn a_wrong_call_is_told_what_is_expected() {
        let types = TypeTable::with_builtins();
        let contains = lookup(&Type::String, "contains", &types).expect("is there");
        insta::assert_snapshot!(contains.result(&Type::String, &[], &types).expect_err("too few"), @"`contains` takes 1 argument, found 0");
        insta::assert_snapshot!(contains.result(&Type::String, &[Type::Int], &types).expect_err("wrong type"), @"argument 1 of `contains`: expected String, found Int");
        let list = Type::List(Box::new(Type::Ip));
        let contains = lookup(&list, "contains", &types).expect("is there");
        assert_eq!(contains.param_types(&list, &types), [Type::Ip]);
        insta::assert_snapshot!(contains.result(&list, &[Type::Cidr], &types).expect_err("wrong type"), @"argument 1 of `contains`: expected Ip, found Cidr");
    }

    #[test]
    fn values_of_other_types_give_none() {
        let types = TypeTable::with_builtins();
        for b in ALL.iter().filter(|b| !matches!(b.receiver, Shape::Option(_))) {
            assert!(matches!(b.eval(&[], &Type::Unit, &types), Value::None), "{}", b.signature());
        }
    }
}
