//! What was measured, by name.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::step::Failed;

/// Numbers by name: `folder.steps.16.p50_ms`.
#[derive(Debug, Default, PartialEq)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// From a file with a name, a tab and a number a line.
    ///
    /// # Errors
    /// It cannot be read, or is something else.
    pub fn read(path: &Path) -> Result<Self, Failed> {
        let broken = |why: String| Failed::usage(format!("{}: {why}", path.display()));
        Self::parse(&std::fs::read_to_string(path).map_err(|e| broken(e.to_string()))?).map_err(broken)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let figure = |line: &str| {
            let (name, value) = line.split_once('\t')?;
            Some((name.to_string(), value.parse().ok()?))
        };
        let figures = text.lines().map(|line| figure(line).ok_or_else(|| format!("`{line}` is no figure")));
        figures.collect::<Result<_, _>>().map(Self)
    }

    /// One more.
    pub fn put(&mut self, name: &str, value: f64) {
        self.0.insert(name.to_string(), value);
    }

    /// All of another.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// As JSON, by name.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Failed> {
        std::fs::write(path, self.json()).map_err(|e| Failed::usage(format!("{}: {e}", path.display())))?;
        println!("\nall of it as JSON: {}", path.display());
        Ok(())
    }

    fn json(&self) -> String {
        let mut text = String::from("{");
        for (n, (name, value)) in self.0.iter().enumerate() {
            let before = if n == 0 { "" } else { "," };
            // JSON has no other numbers. Writing into a string does not fail.
            let value = if value.is_finite() { value.to_string() } else { "null".to_string() };
            let _ = write!(text, "{before}\n  \"{name}\": {value}");
        }
        text.push_str("\n}\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_and_written_by_name() {
        let mut figures = Figures::parse("b.x\t2.5\na\tNaN\n").unwrap();
        figures.put("c", 3.0);
        assert_eq!(figures.get("b.x"), Some(2.5));
        assert_eq!(figures.json(), "{\n  \"a\": null,\n  \"b.x\": 2.5,\n  \"c\": 3\n}\n");
        assert_eq!(Figures::parse("a 1"), Err("`a 1` is no figure".into()));
    }
}
