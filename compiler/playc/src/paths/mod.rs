//! `playc test --paths`: a test for each point that none comes to. Each is compiled and run as it is printed before it is
//! printed.

pub mod block;
mod literal;
mod pool;
mod search;

use std::collections::BTreeSet;

use play_check::points::{PASSED, Point, TAKEN, points};
use play_check::typed::Program;
use play_program::guard::ClauseKind;

use crate::commands::test::Tester;
use crate::coverage::{Coverage, Mark};
use crate::project::{Compiled, Project};
use crate::{Result, Trouble};

use pool::Pool;
use search::{Found, Search};

/// A test that comes to points which none came to before.
pub struct Witness {
    /// As Play writes it.
    pub block: String,
    /// The points.
    pub reaches: Vec<Point>,
}

/// What was found.
pub struct Paths {
    /// Tests, by the place of the first point that each comes to.
    pub witnesses: Vec<Witness>,
    /// Points to which no test was found, and why.
    pub open: Vec<(Point, String)>,
}

/// Looks for a test for each point that none comes to.
pub fn find(project: &Project, tester: &Tester, coverage: &Coverage) -> Result<Paths> {
    let program = &tester.compiled.program;
    let pool = Pool::of(program);
    let mut open: Vec<Point> = coverage.missed().cloned().collect();
    let mut titles: BTreeSet<String> = tester.specs.iter().map(|s| s.title.clone()).collect();
    let (mut witnesses, mut tried) = (Vec::new(), 0_usize);
    for playbook in 0..program.playbooks.len() {
        let inside = within(program, playbook);
        let reachable = open.iter().filter(|p| unreachable(program, p).is_none());
        let marks = reachable.flat_map(|p| p.marks.iter().copied());
        let wanted: BTreeSet<Mark> = marks.filter(|(at, _)| inside.contains(at)).collect();
        if wanted.is_empty() {
            continue;
        }
        let mut search = Search::new(tester, &pool, playbook);
        for found in fewest(search.run(&wanted), &open) {
            let found = search.smaller(found, &wanted);
            let reaches: Vec<Point> = open.iter().filter(|p| reached(p, &found)).cloned().collect();
            let Some(first) = reaches.first() else { continue };
            let title = title(&tester.compiled, first, &mut titles);
            let Some(block) = block::block(program, &title, &found.spec, &found.result) else { continue };
            if let Some(proved) = proved(project, &block, &title, &reaches)? {
                open.retain(|p| !proved.iter().any(|q| same(p, q)));
                witnesses.push(Witness { block, reaches: proved });
            }
        }
        tried = tried.saturating_add(search.runs());
    }
    witnesses.sort_by_key(|w: &Witness| w.reaches.first().map(|p| (p.place.file, p.place.start)));
    let open = open.into_iter().map(|p| {
        let why = why(tester, &p, tried);
        (p, why)
    });
    Ok(Paths { open: open.collect(), witnesses })
}

/// The nodes that a run of a playbook may come to: its own, and those of all functions and guards.
fn within(program: &Program, playbook: usize) -> BTreeSet<u32> {
    let mut nodes: BTreeSet<u32> = BTreeSet::new();
    for guard in &program.guards {
        nodes.insert(guard.spec.at);
        nodes.extend(guard.spec.clauses.iter().map(|c| c.at));
    }
    program.playbooks.get(playbook).into_iter().for_each(|p| collect(&p.body.expr, &mut nodes));
    program.fns.iter().for_each(|f| collect(&f.body.expr, &mut nodes));
    nodes
}

fn collect(e: &play_check::typed::Expr, nodes: &mut BTreeSet<u32>) {
    nodes.insert(e.at);
    e.parts().into_iter().for_each(|part| collect(part, nodes));
}

fn reached(point: &Point, found: &Found) -> bool {
    point.marks.iter().any(|m| found.marks.contains(m))
}

/// Of what was found as few as come to all of it, those first that come to most.
fn fewest(mut found: Vec<Found>, open: &[Point]) -> Vec<Found> {
    let mut left: Vec<&Point> = open.iter().collect();
    let mut kept = Vec::new();
    loop {
        let score = |f: &Found| left.iter().filter(|p| reached(p, f)).count();
        let best =
            found.iter().enumerate().map(|(at, f)| (score(f), at)).rev().max_by_key(|(score, _)| *score);
        let Some((1.., at)) = best else { return kept };
        let one = found.remove(at);
        left.retain(|p| !reached(p, &one));
        kept.push(one);
    }
}

fn title(compiled: &Compiled, point: &Point, titles: &mut BTreeSet<String>) -> String {
    let owner = compiled.program.owners.get(point.owner).map_or("", |o| o.name.as_str());
    let place = compiled.place_of(point.place);
    let line = place.split(':').nth(1).unwrap_or_default();
    let text = format!("{owner}, line {line}: {}", point.text);
    let mut title = text.clone();
    let mut n = 1;
    while !titles.insert(title.clone()) {
        n += 1;
        title = format!("{text} ({n})");
    }
    title
}

/// Compiles the project with the block in it and runs that: the points that it comes to, if it passes.
fn proved(project: &Project, block: &str, title: &str, reaches: &[Point]) -> Result<Option<Vec<Point>>> {
    let checked = project.with_file("looked_for.play", block).check();
    let Some(program) = checked.program else { return Ok(None) };
    let tester = Tester::new(Compiled::of(program, checked.files)?, true)?;
    let Some((index, spec)) = tester.specs.iter().enumerate().find(|(_, s)| s.title == title) else {
        return Err(Trouble(format!("the test \"{title}\" was not found again")));
    };
    let (result, marks) = tester.run(index, spec);
    if !result.passed() {
        return Ok(None);
    }
    let all = points(&tester.compiled.program);
    let came = |p: &&Point| all.iter().any(|q| same(p, q) && q.marks.iter().any(|m| marks.contains(m)));
    let proved: Vec<Point> = reaches.iter().filter(came).cloned().collect();
    Ok((!proved.is_empty()).then_some(proved))
}

/// Whether it is the same point of two compilations.
fn same(a: &Point, b: &Point) -> bool {
    a.place == b.place && a.kind == b.kind && a.text == b.text
}

/// Why nothing was found.
fn why(tester: &Tester, point: &Point, tried: usize) -> String {
    if let Some(why) = unreachable(&tester.compiled.program, point) {
        return why.into();
    }
    format!(
        "none of {tried} cases came here: it may need values that the program does not name, or cannot be reached at all"
    )
}

/// Why no case can come there, where that is known without trying any.
fn unreachable(program: &Program, point: &Point) -> Option<&'static str> {
    let owner = program.owners.get(point.owner);
    let called = |at: &u32| program.playbooks.iter().any(|p| contains(&p.body.expr, *at));
    if owner.is_some_and(|o| o.what == "procedure") && !point.marks.iter().any(|(at, _)| called(at)) {
        return Some("no playbook calls this procedure");
    }
    if program.playbooks.is_empty() {
        return Some("there is no playbook");
    }
    let open = proved_open(program, point);
    open.then_some("wherever this guard is asked, what leads there makes sure that it lets the act through")
}

/// Whether it is the refusal of a guard that is proved to refuse nothing.
fn proved_open(program: &Program, point: &Point) -> bool {
    let of_guard = |spec: &play_program::guard::Guard| {
        let passed = spec.clauses.iter().filter(|c| matches!(c.kind, ClauseKind::Allow { .. }));
        let passed = passed.map(|c| (c.at, PASSED));
        passed.chain([(spec.at, TAKEN)]).any(|mark| point.marks.contains(&mark))
    };
    let Some(guard) = program.guards.iter().position(|g| of_guard(&g.spec)) else { return false };
    let writes = play_check::coverage::writes(program);
    let of_it = writes.iter().flat_map(|w| &w.guards).filter(|(g, _)| *g == guard);
    let mut standing = of_it.map(|(_, standing)| standing).peekable();
    standing.peek().is_some() && standing.all(|s| matches!(s, play_check::coverage::Standing::Proved { .. }))
}

fn contains(e: &play_check::typed::Expr, at: u32) -> bool {
    e.at == at || e.parts().into_iter().any(|part| contains(part, at))
}
