//! The playbooks that are swept, which together do everything that the language can: each with its alerts, and what persons say.

mod driven;
mod persons;
mod pieces;
mod reads;
mod several;
mod taken_back;
mod waits;
mod writes;

/// What is done one after the other, each by a `playc` of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The alerts are run; whatever is left of earlier ones is taken up.
    Run,
    /// A person says something to the first run: a command and its arguments behind the run.
    Says(&'static str, &'static [&'static str]),
    /// An event comes: its record.
    Event(&'static str),
}

/// One of them.
pub struct Case {
    /// What it is about.
    pub name: &'static str,
    /// Behind [`HEAD`]: statements of the playbook `p`, or whole declarations that have one.
    pub text: &'static str,
    /// One a line; [`MUCH`] in it stands for more than a segment takes in.
    pub alerts: &'static str,
    /// What happens.
    pub steps: &'static [Step],
    /// The project's `play.toml`; none where it is empty.
    pub project: &'static str,
    /// A setting of the connector `x`.
    pub setting: &'static str,
}

/// One alert, one run.
const fn case(name: &'static str, text: &'static str) -> Case {
    with(name, text, ONE, &[Step::Run])
}

const ONE: &str = r#"{"q":"a","key":"1"}"#;

/// Stands for 9 KiB in an alert, so that its body goes to a pack.
pub const MUCH: &str = "MUCH";

/// What all of them share.
pub const HEAD: &str = include_str!("head.play");

/// Behind the statements of a playbook.
pub const TAIL: &str = "\n  close TruePositive because \"over\"\n";

const fn with(name: &'static str, text: &'static str, alerts: &'static str, steps: &'static [Step]) -> Case {
    Case { name, text, alerts, steps, project: "", setting: "" }
}

const SAID: [&str; 4] = ["--by", "ada", "--because", "looked"];
const YES: Step = Step::Says("answer", &["Yes", SAID[0], SAID[1], SAID[2], SAID[3]]);
const APPROVED: Step = Step::Says("approve", &SAID);
const APPROVED_TOO: Step = Step::Says("approve", &["--by", "ben", SAID[2], SAID[3]]);
const DENIED: Step = Step::Says("deny", &SAID);
const UNDONE: Step = Step::Says("undo", &SAID);
const CANCELLED: Step = Step::Says("cancel", &SAID);

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        reads::CASES,
        writes::CASES,
        taken_back::CASES,
        persons::CASES,
        waits::CASES,
        pieces::CASES,
        several::CASES,
        driven::CASES,
    ]
    .into_iter()
    .flatten()
}
