//! Tables of TOML with the places of what stands in them, and what is said of it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Which of some names was likely meant by another.
pub type Near<'a> = &'a dyn Fn(&str, &[&str]) -> Option<String>;

/// The line of a byte, from 1.
pub(super) fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|b| **b == b'\n').count().saturating_add(1)
}

/// A file of settings, and what was found wrong in it.
pub(super) struct Written<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    near: Near<'a>,
    wrong: Vec<(usize, String)>,
}

/// A table: what it is called, and where that stands.
#[derive(Clone, Copy)]
pub(super) struct Section<'s, 't> {
    pub(super) name: &'s str,
    pub(super) at: usize,
    pub(super) table: &'s DeTable<'t>,
}

impl<'s, 't> Section<'s, 't> {
    /// What is given for a setting.
    pub(super) fn get(self, key: &str) -> Option<&'s Spanned<DeValue<'t>>> {
        self.table.get(key)
    }

    pub(super) fn has(self, key: &str) -> bool {
        self.table.contains_key(key)
    }
}

impl<'a> Written<'a> {
    pub(super) fn new(file: &'a str, text: &'a str, near: Near<'a>) -> Self {
        Self { file, text, near, wrong: Vec::new() }
    }

    /// What is wrong, in the order of the file.
    pub(super) fn wrong(mut self) -> Vec<String> {
        self.wrong.sort_by_key(|(line, _)| *line);
        let file = self.file;
        self.wrong.into_iter().map(|(line, what)| format!("{file}:{line}: {what}")).collect()
    }

    /// Whether nothing was found wrong.
    pub(super) fn sound(&self) -> bool {
        self.wrong.is_empty()
    }

    /// Which of these was likely meant.
    pub(super) fn meant(&self, name: &str, known: &[&str]) -> Option<String> {
        (self.near)(name, known)
    }

    /// Something is wrong at a byte.
    pub(super) fn says(&mut self, at: usize, what: String) {
        self.wrong.push((line(self.text, at), what));
    }

    /// Something is wrong with a table as a whole.
    pub(super) fn of(&mut self, section: Section<'_, '_>, what: &str) {
        self.says(section.at, format!("{}: {what}", section.name));
    }

    /// Something is wrong with what is given for a setting.
    pub(super) fn with(&mut self, section: Section<'_, '_>, key: &str, what: &str) {
        let at = section.get(key).map_or(section.at, |value| value.span().start);
        self.says(at, format!("{}.{key}: {what}", section.name));
    }

    /// A table.
    pub(super) fn table<'s, 't>(
        &mut self,
        name: &'s str,
        key: Range<usize>,
        value: &'s Spanned<DeValue<'t>>,
    ) -> Option<Section<'s, 't>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.says(key.start, format!("{name}: it is a table; write [{name}]"));
        }
        table.map(|table| Section { name, at: key.start, table })
    }

    /// Says which keys of a table nobody reads. Gives those that were meant by them.
    pub(super) fn unknown(&mut self, section: Section<'_, '_>, known: &[&str]) -> Vec<String> {
        let mut meant = Vec::new();
        for key in section.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            let near = self.meant(name, known);
            let help = match &near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", known.join(", ")),
            };
            let shown = name.escape_debug();
            self.says(
                key.span().start,
                format!("{}.{shown}: there is no such setting; {help}", section.name),
            );
            meant.extend(near);
        }
        meant
    }

    /// What is given for a setting. `None` where there is nothing, or something else, which is told.
    fn read<'s, 't, T>(
        &mut self,
        section: Section<'s, 't>,
        key: &str,
        of: impl FnOnce(&'s DeValue<'t>) -> Option<T>,
        write: &str,
    ) -> Option<T> {
        let value = section.get(key)?.get_ref();
        let read = of(value);
        if read.is_none() {
            self.with(section, key, &format!("{write}; this is {}", kind(value)));
        }
        read
    }

    /// A text.
    pub(super) fn text<'s>(&mut self, section: Section<'s, '_>, key: &str) -> Option<&'s str> {
        self.read(section, key, DeValue::as_str, "write it as text, in quotes")
    }

    /// `true` or `false`.
    pub(super) fn yes_or_no(&mut self, section: Section<'_, '_>, key: &str) -> Option<bool> {
        self.read(section, key, DeValue::as_bool, "write true or false, without quotes")
    }

    /// A whole number from 1 on.
    pub(super) fn number(&mut self, section: Section<'_, '_>, key: &str, most: u64) -> Option<u64> {
        let value = section.get(key)?;
        let written = value.get_ref();
        let number = written.as_integer().and_then(|i| u64::from_str_radix(i.as_str(), i.radix()).ok());
        let number = number.filter(|n| (1..=most).contains(n));
        if number.is_none() {
            let found =
                if written.is_integer() { String::new() } else { format!("; this is {}", kind(written)) };
            let quotes = if written.is_str() { ", without quotes" } else { "" };
            self.with(section, key, &format!("write a number of bytes from 1 to {most}{quotes}{found}"));
        }
        number
    }
}

/// What a value is, in words.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
