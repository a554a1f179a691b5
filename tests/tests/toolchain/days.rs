//! The lines of a run have their times; where it goes on over several days, the days too.

use crate::from_trace::{at, recorded};
use play_tests::store;

#[test]
fn a_run_over_several_days_is_told_with_its_days() {
    let folder = recorded();
    let here = folder.path();
    let cases = store::runs(&here.join("s"));
    let run = cases.iter().find(|run| run["state"] == "closed").unwrap()["run"].as_str().unwrap();
    let file = here.join("run.jsonl");
    assert_eq!(at(here, &["trace", "export", run, "--store", "s", "-o", "run.jsonl"]).code, 0);
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let day = |line: &str| line.split_once("\"t\":\"").unwrap().1[..10].to_string();
    let first = day(lines[0]);
    let with = |last: &str| {
        let (end, before) = lines.split_last().unwrap();
        let moved: Vec<String> = before
            .iter()
            .map(|line| line.replacen(&day(line), &first, 1))
            .chain([end.replacen(&day(end), last, 1)])
            .collect();
        std::fs::write(&file, moved.join("\n") + "\n").unwrap();
        let ran = at(here, &["trace", "show", "run.jsonl"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let days = ran.out.lines().filter(|line| line.trim().len() == 10 && line.trim().starts_with("20"));
        (days.map(|line| line.trim().to_string()).collect::<Vec<_>>(), ran.out)
    };
    assert_eq!(with(&first).0, Vec::<String>::new());
    let (days, shown) = with("2099-01-01");
    assert_eq!(days, [first.as_str(), "2099-01-01"], "{shown}");
    assert_eq!(shown.lines().next().map(str::trim), Some(first.as_str()), "{shown}");
    assert!(shown.trim_end().lines().last().unwrap().contains("closed"), "{shown}");
}
