//! Results of tests as the XML that CI systems read: a suite a file, a case a test.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::SignedDuration;

use crate::output::safe;

/// A test and how it went.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its title.
    pub title: String,
    /// The file that it stands in, as a person is told it.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// What did not hold, each with its place.
    pub failures: Vec<(String, String)>,
    /// By the clock of the test.
    pub elapsed: SignedDuration,
}

/// The document. Times are those of the tests' own clock, so that the same tests give the same document.
pub fn document(cases: &[Case]) -> String {
    let mut suites: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        suites.entry(case.file.as_str()).or_default().push(case);
    }
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing into a string does not fail.
    let _ = writeln!(xml, "<testsuites name=\"playc test\"{}>", counts(&cases.iter().collect::<Vec<_>>()));
    for (file, cases) in suites {
        // The element above has no count of them.
        let sum = counts(&cases);
        let _ = writeln!(xml, "  <testsuite name=\"{}\"{sum} skipped=\"0\">", attribute(file));
        for case in cases {
            let _ = write!(
                xml,
                "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
                attribute(&case.title),
                attribute(file),
                attribute(file),
                case.line,
                seconds(case.elapsed)
            );
            if case.failures.is_empty() {
                xml.push_str("/>\n");
                continue;
            }
            xml.push_str(">\n");
            let first = case.failures.first().map_or("", |(_, what)| what);
            let all: Vec<String> =
                case.failures.iter().map(|(at, what)| content(&format!("{at}: {what}"))).collect();
            let _ = writeln!(
                xml,
                "      <failure type=\"expectation\" message=\"{}\">{}</failure>",
                attribute(first),
                all.join("\n")
            );
            xml.push_str("    </testcase>\n");
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts(cases: &[&Case]) -> String {
    let failed = cases.iter().filter(|c| !c.failures.is_empty()).count();
    let time = cases.iter().fold(SignedDuration::ZERO, |sum, c| sum.saturating_add(c.elapsed));
    format!(" tests=\"{}\" failures=\"{failed}\" errors=\"0\" time=\"{}\"", cases.len(), seconds(time))
}

fn seconds(time: SignedDuration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

/// Text between tags. What XML cannot hold (control characters, and two that are no characters) is shown escaped.
fn content(text: &str) -> String {
    let text = safe(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}

/// Text between double quotes.
fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(title: &str, file: &str, failures: &[&str]) -> Case {
        let failures = failures.iter().map(|what| (format!("{file}:7:3"), (*what).to_string())).collect();
        let elapsed = SignedDuration::from_millis(300);
        Case { title: title.into(), file: file.into(), line: 5, failures, elapsed }
    }

    #[test]
    fn a_suite_a_file_and_nothing_in_it_can_break_out() {
        let cases = [
            case("a bad address", "triage.play", &[]),
            case("\"quoted\" <b> & \u{1b}[1m", "more.play", &["expected `a < b`, \"no\"", "and ]]> more"]),
            case("another", "triage.play", &[]),
        ];
        insta::assert_snapshot!(document(&cases));
    }

    #[test]
    fn no_test_is_an_empty_document() {
        insta::assert_snapshot!(document(&[]));
    }
}
