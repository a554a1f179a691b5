//! What tests reached: counted from the marks that the code sets and the lines that the runs wrote, never guessed from outside.

use std::collections::BTreeSet;

use play_check::points::{PASSED, Point, PointKind, SILENT, TAKEN, points};
use play_check::typed::Program;
use play_evidence::{J, Line, ParsedLine};
use play_program::artifact::Manifest;
use play_program::guard::ClauseKind;

use crate::output::{Style, table};
use crate::project::Compiled;

/// A node, and which arm of it.
pub type Mark = (u32, u16);

/// What the lines of a run say: which clause of a guard was taken, which limit was not reached, and which question nobody answered.
pub fn of_lines(manifest: &Manifest, lines: &[Line]) -> BTreeSet<Mark> {
    let mut found = BTreeSet::new();
    for line in lines.iter().filter_map(|l| ParsedLine::parse(&l.bytes).ok()) {
        let guard = || match line.field("guard") {
            Some(J::Str(name)) => manifest.guards.iter().find(|g| g.name == *name),
            _ => None,
        };
        match line.k.as_str() {
            "guard.allowed" | "guard.refused" => found.extend(line.at.map(|at| (at, TAKEN))),
            "person.expired" => found.extend(line.at.map(|at| (at, SILENT))),
            "guard.needs_approval" => found.extend(guard().map(|g| (g.at, TAKEN))),
            "guard.counted" => {
                let Some(J::Obj(counts)) = line.field("counts") else { continue };
                for (name, count) in counts {
                    found.extend(not_reached(manifest, name, count));
                }
            }
            _ => {}
        }
    }
    found
}

/// What is new about a run besides where it came: who was called, and what became of it. Marks of no point.
pub fn of_calls(lines: &[Line]) -> BTreeSet<Mark> {
    let parsed: Vec<ParsedLine> = lines.iter().filter_map(|l| ParsedLine::parse(&l.bytes).ok()).collect();
    let asked = parsed.iter().filter(|l| matches!(l.k.as_str(), "read.asked" | "act.intended"));
    let mut found = BTreeSet::new();
    for asked in asked {
        let of = |l: &&ParsedLine| {
            l.field("of").and_then(J::as_int).is_some_and(|of| u64::try_from(of) == Ok(asked.seq))
        };
        let ended = parsed.iter().find(of).map_or("", |l| l.k.as_str());
        let arm = match ended {
            "read.answered" | "act.done" => 0x100,
            "read.failed" | "act.failed" => 0x101,
            _ => 0x102,
        };
        let undoes = u16::from(asked.field("undoes").is_some()).saturating_mul(0x10);
        found.extend(asked.at.map(|at| (at, arm | undoes)));
    }
    found
}

/// The limit of that name, if what was counted is below it.
fn not_reached(manifest: &Manifest, name: &str, count: &J) -> Option<Mark> {
    let (guard, clause) = name.rsplit_once('.')?;
    let guard = manifest.guards.iter().find(|g| g.name == guard)?;
    let clause = guard.clauses.get(clause.parse::<usize>().ok()?)?;
    let J::Obj(position) = count else { return None };
    let counted = position.get("val").and_then(J::as_int)?;
    match &clause.kind {
        ClauseKind::Limit { most, .. } if counted < i64::from(*most) => Some((clause.at, PASSED)),
        _ => None,
    }
}

/// How many points of each sort there are, and how many were reached.
#[derive(Clone, Copy, Default)]
struct Counts([(usize, usize); 3]);

const KINDS: [(PointKind, &str); 3] =
    [(PointKind::Branch, "branches"), (PointKind::Failure, "failures"), (PointKind::Guard, "guards")];

impl Counts {
    fn add(&mut self, kind: PointKind, reached: bool) {
        for ((known, _), (there, hit)) in KINDS.iter().zip(&mut self.0) {
            if *known == kind {
                *there = there.saturating_add(1);
                *hit = hit.saturating_add(usize::from(reached));
            }
        }
    }

    fn sum(&self) -> (usize, usize) {
        self.0.iter().fold((0, 0), |(t, h), (there, hit)| (t.saturating_add(*there), h.saturating_add(*hit)))
    }

    fn row(&self, name: String) -> Vec<String> {
        let cell = |(there, hit): &(usize, usize)| match there {
            0 => "-".to_string(),
            there => format!("{hit} of {there}"),
        };
        std::iter::once(name).chain(self.0.iter().map(cell)).collect()
    }

    fn json(&self) -> serde_json::Value {
        let one = |((_, name), (there, hit)): (&(PointKind, &str), &(usize, usize))| {
            ((*name).to_string(), serde_json::json!({ "points": there, "reached": hit }))
        };
        serde_json::Value::Object(KINDS.iter().zip(&self.0).map(one).collect())
    }
}

/// What the tests of a project reached.
pub struct Coverage {
    /// Every point, and how many tests reached it.
    pub points: Vec<(Point, usize)>,
    owners: Vec<(String, Counts)>,
    all: Counts,
}

impl Coverage {
    /// Counts, over what each test reached.
    pub fn of(program: &Program, tests: &[BTreeSet<Mark>]) -> Self {
        let mut all = Counts::default();
        let mut owners: Vec<(String, Counts)> =
            program.owners.iter().map(|o| (format!("{} {}", o.what, o.name), Counts::default())).collect();
        let mut counted = Vec::new();
        for point in points(program) {
            let by = tests.iter().filter(|t| point.marks.iter().any(|m| t.contains(m))).count();
            all.add(point.kind, by > 0);
            if let Some((_, counts)) = owners.get_mut(point.owner) {
                counts.add(point.kind, by > 0);
            }
            counted.push((point, by));
        }
        // What has no point cannot be missed.
        owners.retain(|(_, counts)| counts.sum().0 > 0);
        Self { points: counted, owners, all }
    }

    /// In percent, rounded down: 100 is all of it.
    pub fn percent(&self) -> usize {
        let (there, hit) = self.all.sum();
        hit.saturating_mul(100).checked_div(there).unwrap_or(100)
    }

    /// The points that no test reached.
    pub fn missed(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|(_, by)| *by == 0).map(|(point, _)| point)
    }

    /// A table, and the places of what was not reached.
    pub fn text(&self, compiled: &Compiled, style: Style) -> Vec<String> {
        let head = std::iter::once("reached by tests").chain(KINDS.iter().map(|(_, name)| *name));
        let mut rows: Vec<Vec<String>> = vec![head.map(str::to_string).collect()];
        rows.extend(self.owners.iter().map(|(name, counts)| counts.row(name.clone())));
        rows.push(self.all.row(format!("all: {} %", self.percent())));
        let mut lines = table(&rows);
        for bold in [0, lines.len().saturating_sub(1)] {
            if let Some(line) = lines.get_mut(bold) {
                *line = style.bold(line);
            }
        }
        let missed: Vec<Vec<String>> = self
            .missed()
            .map(|p| {
                let owner = compiled.program.owners.get(p.owner);
                let owner = owner.map_or_else(String::new, |o| format!("{} {}", o.what, o.name));
                vec![format!("  {}", compiled.place_of(p.place)), owner, p.text.clone()]
            })
            .collect();
        if !missed.is_empty() {
            lines.push(String::new());
            lines.push(style.bold("reached by no test"));
            lines.extend(table(&missed));
        }
        lines
    }

    /// The same for programs.
    pub fn json(&self, compiled: &Compiled) -> serde_json::Value {
        let owners: Vec<serde_json::Value> = self
            .owners
            .iter()
            .map(|(name, counts)| {
                let (what, name) = name.split_once(' ').unwrap_or(("", name));
                serde_json::json!({ "what": what, "name": name, "counts": counts.json() })
            })
            .collect();
        let kind = |kind: PointKind| match kind {
            PointKind::Branch => "branch",
            PointKind::Failure => "failure",
            PointKind::Guard => "guard",
        };
        let points: Vec<serde_json::Value> = self
            .points
            .iter()
            .map(|(p, by)| {
                let owner = compiled.program.owners.get(p.owner);
                serde_json::json!({
                    "at": compiled.place_of(p.place), "in": owner.map_or("", |o| o.name.as_str()),
                    "kind": kind(p.kind), "what": p.text, "tests": by,
                })
            })
            .collect();
        serde_json::json!({
            "percent": self.percent(), "counts": self.all.json(), "declarations": owners, "points": points,
        })
    }
}
