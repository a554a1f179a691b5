//! Which playbooks can take one case: of many at once the same is found as of every two alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop")]

use std::time::{Duration, Instant};

use play_check::{Input, check};
use play_program::artifact::SourceFile;
use proptest::prelude::*;

const PRELUDE: &str = "
case Alert { rule: String, kind: Kind, user: Person, vip: Bool, mail: Email, risk: Int, zone: String? }
type Person { team: String, boss: String }
enum Kind { Login, Mail, Host }
const quiet = [\"r1\", \"r2\"]
";

/// What is found of playbooks, in the order in which it is shown.
fn found(playbooks: &[String]) -> Vec<String> {
    let file = |path: &str, text: &str| SourceFile { path: path.into(), text: text.into() };
    let files = vec![file("p.play", &playbooks.join("\n")), file("q.play", PRELUDE)];
    let checked = check(&Input { project: "overlap".into(), files }, &play_stdlib::module);
    checked.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

fn playbook(name: usize, before: Option<usize>, when: &str) -> String {
    let before = before.map(|other| format!(" before p{other}")).unwrap_or_default();
    let when = if when.is_empty() { String::new() } else { format!(" when {when}") };
    format!("playbook p{name} for Alert{before}{when} {{ close FalsePositive because \"{name}\" }}")
}

/// A condition that fixes something, or nothing.
fn condition() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        8 => (0..6).prop_map(|n| format!("case.rule == \"r{n}\"")),
        1 => (0..6).prop_map(|n| format!("\"r{n}\" != case.rule")),
        1 => (0..5).prop_map(|n| format!("case.rule in [\"r{n}\", \"r{}\"]", n + 1)),
        1 => Just("case.rule in quiet".to_string()),
        4 => prop::sample::select(vec!["Login", "Mail", "Host"]).prop_map(|k| format!("case.kind == {k}")),
        1 => (0..3).prop_map(|n| format!("case.user.team == \"t{n}\"")),
        1 => (0..3).prop_map(|n| format!("case.mail.domain == \"d{n}.example\"")),
        1 => (0..3).prop_map(|n| format!("case.rule.len == {n}")),
        1 => (0..4).prop_map(|n| format!("case.risk >= {n}")),
        1 => (0..3).prop_map(|n| format!("case.zone == \"z{n}\"")),
        1 => Just("case.zone == none".to_string()),
        1 => Just("case.vip".to_string()),
        1 => Just("not case.vip".to_string()),
    ];
    one.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            1 => inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn many_are_as_every_two(
        all in prop::collection::vec((condition(), prop::option::weighted(0.1, 0..40_usize)), 10..16),
    ) {
        // One comes only before later ones, so that there is no circle.
        let before = |at: usize| all.get(at).and_then(|(_, by)| *by).filter(|by| *by > at && *by < all.len());
        let of = |at: usize, before: Option<usize>| playbook(at, before, &all[at].0);
        let overlap = |text: &String| text.starts_with("P5009") || text.contains("so none has to come first");
        let whole: Vec<String> = (0..all.len()).map(|at| of(at, before(at))).collect();
        let mut together: Vec<String> = found(&whole).into_iter().filter(overlap).collect();
        let mut alone = Vec::new();
        for (one, other) in (0..all.len()).flat_map(|a| (0..a).map(move |b| (b, a))) {
            // One that comes before another by way of others does so alone, too.
            let mut next = vec![one];
            while next.last().is_some_and(|at| *at != other) {
                match before(*next.last().unwrap()) {
                    Some(at) => next.push(at),
                    None => break,
                }
            }
            let comes_before = next.last() == Some(&other);
            let first = of(one, comes_before.then_some(other));
            let direct = before(one) == Some(other);
            let needless = |text: &String| !text.contains("so none has to come first");
            let of_two = found(&[first, of(other, None)]).into_iter().filter(overlap);
            alone.extend(of_two.filter(|text| direct || needless(text)));
        }
        together.sort();
        alone.sort();
        prop_assert_eq!(together, alone);
    }
}

/// Asked two by two, these take minutes.
#[test]
fn of_very_many_playbooks_only_those_are_compared_that_may_meet() {
    let mut all: Vec<String> = (0..3_000)
        .map(|n| playbook(n, None, &format!("case.rule == \"r{n}\" and case.risk >= {}", n % 50)))
        .collect();
    all.push(playbook(3_000, None, "case.rule == \"r7\" and case.risk < 9"));
    let before = Instant::now();
    let found: Vec<String> = found(&all).into_iter().filter(|text| text.starts_with("P5009")).collect();
    assert_eq!(found, ["P5009 `p7` and `p3000` can both take an `Alert`"]);
    assert!(before.elapsed() < Duration::from_secs(60), "{:?}", before.elapsed());
}
