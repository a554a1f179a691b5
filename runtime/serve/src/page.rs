//! Lists that are given a page at a time: a store may have a hundred thousand runs.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many a page has where nothing is said.
const USUAL: usize = 1_000;
/// And at the most.
const MOST: usize = 10_000;

/// What is wanted of a list.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What the page before said: it goes on behind that.
    pub after: Option<String>,
    /// How many at the most.
    pub limit: usize,
}

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What is in it.
    pub items: Vec<Value>,
    /// Where the next page goes on: letters, digits, `.` and `-`, or it is escaped. `None` where nothing follows.
    pub after: Option<String>,
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// No page of this list ended where this one is to go on.
    NoSuchPlace,
    /// The store cannot be read, and why.
    Store(String),
}

/// As an address says it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    after: Option<String>,
    limit: Option<usize>,
}

impl Wanted {
    /// Out of the parameters of an address.
    ///
    /// # Errors
    /// In words, when they are others, or not within bounds.
    pub(crate) fn read(address: &Uri) -> Result<Self, String> {
        let said = || address.query().unwrap_or_default().escape_debug();
        let Ok(Query(Asked { after, limit })) = Query::<Asked>::try_from_uri(address) else {
            let lists = format!("a list takes `limit`, from 1 to {MOST}, and `after`, each once");
            return Err(format!("{lists}, and this has `{}`", said()));
        };
        match limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(Self { after, limit }),
            limit => Err(format!("`limit` is from 1 to {MOST}, and this is {limit}")),
        }
    }
}

impl Page {
    /// What is answered: the list at this path, of which so many were wanted.
    pub(crate) fn answer(self, path: &str, wanted: &Wanted) -> Value {
        let next = self.after.map(|after| {
            let limit = wanted.limit;
            format!("{path}?limit={limit}&after={}", escaped(&after))
        });
        json!({ "version": 1, "items": self.items, "next": next })
    }
}

/// As the value of a parameter.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Wanted, String> {
        Wanted::read(&format!("/api/v1/cases{query}").parse().unwrap())
    }

    #[test]
    fn what_is_wanted_is_within_bounds_and_nothing_else_is_taken() {
        assert_eq!(read("").unwrap().limit, USUAL);
        assert_eq!(read("?limit=10000").unwrap().limit, MOST);
        for query in
            ["?limit=0", "?limit=10001", "?limit=-1", "?limit=ten", "?limit=", "?after=a&after=b", "?page=2"]
        {
            assert!(read(query).is_err(), "{query}");
        }
        assert!(read("?limit=99999999999999999999").unwrap_err().contains("from 1 to 10000"));
    }

    #[test]
    fn the_next_page_is_asked_for_where_this_one_ended_whatever_that_is_called() {
        let wanted = Wanted { after: None, limit: 2 };
        for name in ["abc", "1.a b.0.7", "a&limit=9", "\u{e9}%"] {
            let page = Page { items: vec![json!(1)], after: Some(name.into()) };
            let answer = page.answer("/api/v1/cases", &wanted);
            let next = Wanted::read(&answer["next"].as_str().unwrap().parse().unwrap()).unwrap();
            assert_eq!((next.after.as_deref(), next.limit), (Some(name), 2));
        }
        assert_eq!(Page::default().answer("/", &wanted)["next"], Value::Null);
    }
}
