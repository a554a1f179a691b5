//! What passes side by side cost, by count and not by time; and how many there may be.

use play_vm::walked;

use crate::common::Run;

/// Visits of tasks while so many passes are answered, the last asked first when `backwards`.
fn visits(body: &str, n: i64, backwards: bool) -> u64 {
    let list: Vec<String> = (1..=n).map(|i| i.to_string()).collect();
    let text = format!(
        "playbook p for Alert {{\n  let all = for n in [{}] {{\n{body}\n    n\n  }}\n  close Duplicate because \"{{all.len}}\"\n}}",
        list.join(", ")
    );
    let mut run = Run::start(&text);
    let before = walked();
    for i in 1..=n {
        let i = if backwards { n + 1 - i } else { i };
        run.answer(&format!("c.a({i})"), i);
    }
    assert!(run.log.lines().last().is_some_and(|l| l.contains("close")), "{}", run.log);
    walked() - before
}

#[test]
fn passes_side_by_side_cost_a_visit_each() {
    for body in [
        // Nothing is ordered; something is; the case is changed; a pass can end the run.
        "let _x = c.a(n) else 0",
        "let x = c.a(n) else 0\n note \"{x}\"",
        "let x = c.a(n) else 0\n set title = \"{x}\" because \"seen\"",
        "let x = c.a(n) else hand over to queue.q because \"no answer\"\n if x > 3 { note \"more than 3\" }",
    ] {
        for backwards in [false, true] {
            let (few, many) = (visits(body, 100, backwards), visits(body, 400, backwards));
            println!("{few} visits for 100 passes, {many} for 400");
            assert!(
                few > 0 && many < few * 5,
                "{few} visits for 100 passes, {many} for 400: {body}, backwards {backwards}"
            );
        }
    }
}

#[test]
fn loops_side_by_side_do_not_visit_each_other() {
    let visits = |n: i64| {
        let list: Vec<String> = (1..=n).map(|i| i.to_string()).collect();
        let list = list.join(", ");
        let mut run = Run::start(&format!(
            "playbook p for Alert {{
  let a = for n in [{list}] {{ c.a(n) else 0 }}
  let b = for n in [{list}] {{ c.b(n) else 0 }}
  close Duplicate because \"{{a.len + b.len}}\"
}}"
        ));
        let before = walked();
        for i in 1..=n {
            run.answer(&format!("c.a({i})"), i);
        }
        for i in 1..=n {
            run.answer(&format!("c.b({i})"), i);
        }
        walked() - before
    };
    let (few, many) = (visits(100), visits(400));
    assert!(few > 0 && many < few * 5, "{few} visits for 100 passes, {many} for 400");
}
