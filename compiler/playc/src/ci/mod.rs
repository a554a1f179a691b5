//! What has to hold before a change is merged, looked at in one process: the layout, the findings, `play.caps`, the tests. Here
//! it is gathered; how it is printed is a file each.

pub mod github;
pub mod json;
pub mod summary;
pub mod text;

use std::collections::BTreeSet;
use std::path::Path;

use play_diagnostics::{Allowed, Diagnostic, FileName, Severity};

use crate::commands::caps::{self, Caps};
use crate::commands::fmt;
use crate::commands::test::{self, Tester};
use crate::junit;
use crate::project::{Compiled, Project, count, shown};
use crate::{Result, Trouble};

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// Nothing to complain of.
    Fine,
    /// Something is wrong.
    Failed,
    /// It needs a program, and there is none.
    NotRun,
}

impl Went {
    fn of(fine: bool) -> Self {
        if fine { Self::Fine } else { Self::Failed }
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Failed => "FAIL",
            Self::NotRun => "-",
        }
    }
}

/// A step, and how it went, in a sentence.
pub struct Step {
    /// `fmt`, `check`, `caps` or `test`.
    pub name: &'static str,
    /// How it went.
    pub went: Went,
    /// The same in a sentence.
    pub what: String,
}

/// A test, and how it went.
pub struct Test {
    /// For CI systems.
    pub case: junit::Case,
    /// For programs.
    pub json: serde_json::Value,
}

/// All that was looked at.
pub struct Report {
    /// Name of the project.
    pub project: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The files that are not laid out.
    pub not_laid: Vec<String>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
    /// What would be found if the text did not say why it may be there.
    pub allowed: Vec<Allowed>,
    /// The files of the places of these.
    pub files: Vec<FileName>,
    /// The files that are the project's own, and may be mended.
    pub own: BTreeSet<String>,
    /// How `play.caps` stands; `None` when there are errors.
    pub caps: Option<Caps>,
    /// How the tests went; empty when there are errors.
    pub tests: Vec<Test>,
}

impl Report {
    /// Looks at a project; `strict`: warnings count as well.
    pub fn of(path: &Path, strict: bool) -> Result<Self> {
        let project = Project::read(path)?;
        let laid = fmt::look(&[path.to_path_buf()])?;
        let not_laid: Vec<String> = laid.changed.iter().map(|(path, _)| shown(path)).collect();
        let mut steps = vec![layout(&laid)];

        let checked = project.check();
        let many = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
        let (errors, warnings) = (many(Severity::Error), many(Severity::Warning));
        let what = format!(
            "{}, {} in {}",
            count(errors, "error"),
            count(warnings, "warning"),
            count(project.files, "file")
        );
        let fine = errors == 0 && !(strict && warnings > 0);
        steps.push(Step { name: "check", went: Went::of(fine), what });

        let (mut caps, mut tests) = (None, Vec::new());
        if let (Some(program), 0) = (checked.program, errors) {
            let found = caps::compare(&project, &program)?;
            steps.push(Step { name: "caps", went: Went::of(found.fresh), what: found.verdict() });
            caps = Some(found);
            let tester = Tester::new(Compiled::of(program, checked.files.clone())?, false)?;
            for (index, spec) in tester.specs.iter().enumerate() {
                let (result, _) = tester.run(index, spec);
                tests.push(Test { case: test::case(&tester, &result), json: test::json(&tester, &result) });
            }
            steps.push(tested(&tests));
        } else {
            for name in ["caps", "test"] {
                let what = "not looked at: there are errors".to_string();
                steps.push(Step { name, went: Went::NotRun, what });
            }
        }
        let (findings, allowed, files) = (checked.diagnostics, checked.allowed, checked.files);
        let own = project.own();
        Ok(Self { project: project.name, steps, not_laid, findings, allowed, files, own, caps, tests })
    }

    /// Whether nothing is to be complained of.
    pub fn passed(&self) -> bool {
        self.steps.iter().all(|s| s.went == Went::Fine)
    }

    /// The tests that did not pass.
    pub fn failed_tests(&self) -> impl Iterator<Item = &junit::Case> {
        self.tests.iter().map(|t| &t.case).filter(|c| !c.failures.is_empty())
    }

    /// What `play.caps` has and should not, and should have and has not, when it is not up to date.
    pub fn stale(&self) -> Option<&Caps> {
        self.caps.as_ref().filter(|c| !c.fresh)
    }
}

fn layout(laid: &fmt::Laid) -> Step {
    let files = count(laid.files, "file");
    let (changed, refused) = (laid.changed.len(), laid.refused.len());
    let what = match (changed, refused) {
        (0, 0) => format!("{files}, laid out"),
        (0, refused) => format!("{refused} of {files} cannot be laid out before its errors are mended"),
        (changed, 0) => format!("{changed} of {files} not laid out: run `playc fmt`"),
        (changed, refused) => {
            format!("{changed} of {files} not laid out: run `playc fmt`; {refused} cannot be for its errors")
        }
    };
    Step { name: "fmt", went: Went::of(changed == 0 && refused == 0), what }
}

/// No test at all is a finding, as for `playc test`.
fn tested(tests: &[Test]) -> Step {
    let failed = tests.iter().filter(|t| !t.case.failures.is_empty()).count();
    let passed = tests.len().saturating_sub(failed);
    let what = match tests.len() {
        0 => "there are no tests; write one: test \"…\" { given … run … expect … }".to_string(),
        all => format!("{passed} passed, {failed} failed, {} in all", count(all, "test")),
    };
    Step { name: "test", went: Went::of(failed == 0 && passed > 0), what }
}

/// Writes a document of a report to a file.
pub fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).map_err(|e| Trouble(format!("{}: {e}", path.display())))
}
