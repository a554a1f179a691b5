//! The built-in functions: one signature table for checker, evaluators, documentation and editor.
//!
//! Each is pure and total: it gives a value for every value of its types, and a result that is at most as large as what
//! goes in (texts: see [`text_limit`]).

mod address;
mod address_parts;
mod enum_name;
mod equality;
mod float_round;
mod hash_algorithm;
mod int_abs;
mod list_contains;
mod list_distinct;
mod list_ends;
mod list_extremes;
mod list_flat;
mod list_join;
mod list_len;
mod list_present;
mod list_sum;
mod list_take;
mod option_is;
mod shape;
mod span_parts;
mod string_case;
mod string_compare;
mod string_len;
mod string_replace;
mod string_search;
mod string_split;
mod string_trim;
mod text;

use serde::{Deserialize, Serialize};

pub use shape::Shape;

use crate::types::{Type, TypeTable};
use crate::value::Value;

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

    fn int(&self, index: usize) -> Option<i64> {
        match self.args.get(index)? {
            Value::Int(n) => Some(*n),
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
];

/// The names that the examples use for values that only a constant can be given as.
pub const EXAMPLE_CONSTANTS: &str = r#"const page: Url = "HTTPS://www.Example:8443/x%20y?q"
const mail: Email = "Ada@EXAMPLE.com"
const host: Domain = "Bücher.example."
const digest: Hash = "D41D8CD98F00B204E9800998ECF8427E"
"#;

/// The function of a type by its name.
#[must_use]
pub fn lookup(receiver: &Type, name: &str, types: &TypeTable) -> Option<&'static Builtin> {
    ALL.iter().find(|b| b.name == name && b.receiver.fits(receiver, &mut None, types))
}

/// The function of an id.
#[must_use]
pub fn get(id: BuiltinId) -> Option<&'static Builtin> {
    ALL.get(usize::from(id.0))
}

/// The names of all functions of a type, in the order of the table.
#[must_use]
pub fn names_for(receiver: &Type, types: &TypeTable) -> Vec<&'static str> {
    ALL.iter().filter(|b| b.receiver.fits(receiver, &mut None, types)).map(|b| b.name).collect()
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
        let mut content = None;
        self.receiver.fits(receiver, &mut content, types);
        self.params.iter().map(|p| p.ty(content.as_ref())).collect()
    }

    /// The type of its result.
    ///
    /// # Errors
    /// What is wrong with the number or the types of the arguments: what is expected, and what was found.
    pub fn result(&self, receiver: &Type, args: &[Type], types: &TypeTable) -> Result<Type, String> {
        let mut content = None;
        if !self.receiver.fits(receiver, &mut content, types) {
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
            if *arg != Type::Never && !param.fits(arg, &mut content, types) {
                return Err(format!(
                    "argument {} of `{}`: expected {}, found {}",
                    index.saturating_add(1),
                    self.name,
                    types.name(&param.ty(content.as_ref())),
                    types.name(arg)
                ));
            }
        }
        Ok(self.result.ty(content.as_ref()))
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
        assert_eq!(names_for(&Type::Int, &types), ["text", "abs"]);
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
