//! The tables of `docs/values.md`, on both engines.

use play_program::builtin::{ALL, EXAMPLE_CONSTANTS};
use play_program::value::Value;
use play_tests::eval::{Outcome, eval};
use play_tests::playc;

/// Pairs of expressions that have the same value, all in one program.
fn hold(pairs: &[(String, String)]) {
    assert!(pairs.len() > 5, "the table is not there");
    let mut source = String::from(EXAMPLE_CONSTANTS);
    for (n, (left, right)) in pairs.iter().enumerate() {
        source += &format!("fn row{n}() -> Bool {{ ({left}) == ({right}) }}\n");
    }
    let calls: Vec<_> = (0..pairs.len()).map(|n| format!("row{n}()")).collect();
    match eval(&source, &format!("[{}]", calls.join(", ")), "[Bool]") {
        Outcome::Value(Value::List(rows), ..) => {
            for (row, (left, right)) in rows.iter().zip(pairs) {
                assert!(matches!(row, Value::Bool(true)), "{left} is not {right}");
            }
        }
        Outcome::Refused(_, why) => panic!("{why}"),
        other => panic!("{other:?}"),
    }
}

/// The rows of the table whose first line begins like this: the contents of their cells, without code marks.
fn rows(head: &str) -> Vec<Vec<String>> {
    let page = std::fs::read_to_string(playc::root().join("docs/values.md")).unwrap();
    let at = page.find(head).unwrap_or_else(|| panic!("no table {head}"));
    let lines = page[at..].lines().skip(2).take_while(|line| line.starts_with('|'));
    lines
        .map(|line| {
            let line = line.strip_prefix("| ").unwrap_or(line).strip_suffix(" |").unwrap_or(line);
            line.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`']).to_string()).collect()
        })
        .collect()
}

#[test]
fn the_examples_of_the_built_in_functions_are_true() {
    let examples = ALL.iter().flat_map(|b| b.examples);
    hold(&examples.map(|(left, right)| ((*left).to_string(), (*right).to_string())).collect::<Vec<_>>());
}

#[test]
fn the_operators_do_what_their_table_says() {
    let of_row = |cells: Vec<String>| (cells[cells.len() - 2].clone(), cells[cells.len() - 1].clone());
    hold(&rows("| left | | right |").into_iter().map(of_row).collect::<Vec<_>>());
}

#[test]
fn lambdas_do_what_their_table_says() {
    let of_row = |cells: Vec<String>| (cells[2].clone(), cells[3].clone());
    hold(&rows("| with a lambda |").into_iter().map(of_row).collect::<Vec<_>>());
}

#[test]
fn case_is_ignored_where_the_table_says_so_and_nowhere_else() {
    let of_row = |c: Vec<String>| [(c[0].clone(), c[2].clone()), (c[1].clone(), c[3].clone())];
    hold(&rows("| exact | without regard to case |").into_iter().flat_map(of_row).collect::<Vec<_>>());
}
