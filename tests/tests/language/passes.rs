//! How many passes a `for` may have, whatever comes first.

use crate::both::{of_kind, tested};

/// A list of 150, as text.
fn long() -> String {
    let items: Vec<String> = (0..150).map(|i| format!("\"h{i}\"")).collect();
    items.join(", ")
}

/// Runs what asks two things first; the answers come in one order or the other.
fn in_both_orders(text: &str) -> [Vec<String>; 2] {
    [("1ms", "5ms"), ("5ms", "1ms")].map(|(first, second)| {
        let text = text.replace("FIRST", first).replace("SECOND", second).replace("LONG", &long());
        let (_, lines) = tested(&text);
        lines
    })
}

const SYSTEMS: &str = r#"
connector y {
  config { base_url: Url }
  read hosts(q: String) -> [String]
    GET "/{q}"
    expect 200 -> body
}
"#;

#[test]
fn too_many_passes_wait_for_the_arm_above_them() {
    let text = format!(
        r#"{SYSTEMS}
playbook p for T {{
  let _known = x.a("slow") else hand over to queue.q because "not known"
  let hosts = y.hosts("all") else []
  for a in hosts {{ for b in hosts {{ note "{{a}} {{b}}" }} }}
  close FalsePositive because "done"
}}
test "the arm ends the run, whichever answer is first" {{
  given T {{ s: "s" }}
  given x.a(_) fails NotFound after FIRST
  given y.hosts(_) returns [LONG] after SECOND
  run p
  expect handed over to queue.q
}}"#
    );
    for lines in in_both_orders(&text) {
        assert!(of_kind(&lines, "run.faulted").is_empty(), "{lines:#?}");
    }
}

#[test]
fn what_is_behind_a_loop_waits_until_it_is_known_that_it_is_not_too_long() {
    // Of reads alone, and in an arm: both could still be too long.
    for round in ["", "if case.s != \"t\" and (x.b(\"when\") else \"\") != \"never\" "] {
        let (open, close) = if round.is_empty() { ("", "") } else { ("{ ", " }") };
        let text = format!(
            r#"{SYSTEMS}
playbook p for T {{
  let hosts = y.hosts("all") else []
  {round}{open}for a in hosts {{ for b in hosts {{ let _x = x.b(a + b) else "" }} }}{close}
  let word = x.a("word") else "none"
  close FalsePositive because word
}}
test "t" {{
  given T {{ s: "s" }}
  given x.a(_) returns "w" after FIRST
  given x.b(_) returns "v" after 9ms
  given y.hosts(_) returns [LONG] after SECOND
  run p
  expect never x.w
}}"#
        );
        for lines in in_both_orders(&text) {
            let ends = of_kind(&lines, "run.faulted");
            assert!(ends.len() == 1 && ends[0].contains("too much work"), "{lines:#?}");
        }
    }
}

#[test]
fn as_many_as_there_may_be() {
    // 150 times 133 are 19,950.
    let text = format!(
        r#"{SYSTEMS}
playbook p for T {{
  let hosts = y.hosts("all") else []
  let some = y.hosts("some") else []
  let given = for a in hosts {{
    for b in some {{
      if a == b {{ note a }}
      1
    }}
  }}
  close FalsePositive because "{{given.flat_map(g => g).len}}"
}}
test "t" {{
  given T {{ s: "s" }}
  given y.hosts("all") returns [{}]
  given y.hosts("some") returns [{}]
  run p
  expect because contains "19950"
}}"#,
        long(),
        long().split(", ").take(133).collect::<Vec<_>>().join(", ")
    );
    tested(&text);
}
