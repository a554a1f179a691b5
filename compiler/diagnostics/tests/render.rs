//! How a finding looks, in each form.

use play_diagnostics::registry::codes;
use play_diagnostics::text::{Style, render};
use play_diagnostics::{Diagnostic, Edit, FileName, Place, github, gitlab, json, rdjson, sarif};

fn file(path: &str, text: &str) -> FileName {
    FileName { path: path.into(), text: text.into() }
}

/// The place of the first `what` in `text`.
fn at(file: u32, text: &str, what: &str) -> Place {
    let start = text.find(what).unwrap_or(0);
    Place { file, start: start as u32, end: (start + what.len()) as u32 }
}

fn drawn(d: &[Diagnostic], files: &[FileName]) -> String {
    render(d, files, Style::default())
}

const CASE: &str = "case Alert {\n  host: String\n}\n";
const TRIAGE: &str = "playbook triage for Alert {\n  note \"Zürich {case.hots}\"\n  ask role.analyst\n}\n";

fn sample() -> (Vec<Diagnostic>, Vec<FileName>) {
    let misspelt = at(1, TRIAGE, "hots");
    let d = vec![
        Diagnostic::warning(codes::P0001, at(1, TRIAGE, "ask"), "`ask` is not supported yet"),
        Diagnostic::error(codes::P0001, misspelt, "`Alert` has no field `hots`")
            .here("no such field")
            .label(at(0, CASE, "host"), "the nearest is here")
            .note("The fields of a case are those that it declares, and those that every case has: they are listed in the reference.")
            .help("Write `case.host`.")
            .fix("Rename to `host`", false, vec![Edit { place: misspelt, text: "host".into() }]),
    ];
    (d, vec![file("case.play", CASE), file("triage.play", TRIAGE)])
}

#[test]
fn a_terminal() {
    let (d, files) = sample();
    insta::assert_snapshot!(drawn(&d, &files));
}

#[test]
fn a_log_or_a_screen_reader() {
    let (d, files) = sample();
    insta::assert_snapshot!(render(&d, &files, Style { plain: true, ..Style::default() }));
}

#[test]
fn the_head_of_a_file_has_the_main_place_wherever_the_others_stand() {
    let text = "// Zürich, Öl\ncase Üa { a: Int }\n\ncase Üa { b: Int }\n";
    let second = text.rfind("Üa").unwrap() as u32;
    let here = Place { file: 0, start: second, end: second + 3 };
    let d = [Diagnostic::error(codes::P2002, here, "`Üa` is declared twice")
        .here("declared again here")
        .label(at(0, text, "Üa"), "first declared here")
        .label(at(1, text, "{ b"), "and there")];
    let files = [file("one.play", text), file("two.play", text)];
    let shown = drawn(&d, &files);
    assert_eq!(shown.matches("[ one.play:").count(), 1, "each file is drawn once:\n{shown}");
    assert!(shown.contains("[ one.play:4:6 ]") && shown.contains("[ two.play:4:9 ]"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn an_editor() {
    let (d, files) = sample();
    insta::assert_snapshot!(serde_json::to_string_pretty(&json::to_json(&d, &files)).unwrap());
}

#[test]
fn colours_only_when_asked_for() {
    let (d, files) = sample();
    let colored = render(&d, &files, Style { color: true, ..Style::default() });
    assert!(colored.contains("\u{1b}["));
    assert!(!drawn(&d, &files).contains('\u{1b}'));
}

#[test]
fn hostile_source_cannot_drive_the_terminal() {
    let text = "note \"\u{1b}[2J\u{202e}\" ask\r\n";
    let d = [Diagnostic::error(codes::P0001, at(0, text, "ask"), "\u{1b}]0;title\u{7}")];
    let files = [file("a\u{1b}b.play", text)];
    insta::assert_snapshot!(drawn(&d, &files));
    for plain in [false, true] {
        let shown = render(&d, &files, Style { plain, ..Style::default() });
        assert!(!shown.chars().any(|c| c != '\n' && play_diagnostics::escape::is_hostile(c)));
    }
}

#[test]
fn places_at_the_rim_are_shown_and_never_panic() {
    let text = "é{\n";
    let files = [file("rim.play", text)];
    for (start, end) in [(0, 0), (1, 1), (0, 1), (3, 4), (4, 4), (2, 99), (99, 120), (4, 2)] {
        let d = [Diagnostic::error(codes::P0001, Place { file: 0, start, end }, "here")];
        let shown = drawn(&d, &files);
        assert!(shown.contains("rim.play:"), "{start}..{end}\n{shown}");
        assert!(shown.contains('é'), "{start}..{end}\n{shown}");
        assert!(json::to_json(&d, &files)[0]["span"].is_object());
    }
    let empty = [Diagnostic::error(codes::P0001, Place::default(), "nothing in it")];
    assert!(drawn(&empty, &[file("empty.play", "")]).contains("nothing in it"));
    assert!(drawn(&empty, &[]).contains("nothing in it"));
    assert_eq!(json::to_json(&empty, &[])[0]["path"], "?");
}

#[test]
fn the_order_is_by_file_then_place_then_code() {
    let text = "a b c";
    let files = [file("one.play", text), file("two.play", text)];
    let d = [
        Diagnostic::error(codes::P0001, at(1, text, "a"), "third"),
        Diagnostic::error(codes::P0001, at(0, text, "c"), "second"),
        Diagnostic::error(codes::P0001, at(0, text, "a"), "first"),
    ];
    let shown = render(&d, &files, Style { plain: true, ..Style::default() });
    let order: Vec<_> = ["first", "second", "third"].iter().map(|w| shown.find(w).unwrap()).collect();
    assert!(order.is_sorted());
}

/// A line of 30,000 characters with something in its middle.
fn long_line() -> (Vec<Diagnostic>, Vec<FileName>) {
    let text = format!(
        "const a = 1\n{}\u{1b} wrong {}\nconst b = 2\n",
        "left ".repeat(3_000),
        "right ".repeat(2_500)
    );
    let d = Diagnostic::error(codes::P0001, at(0, &text, "wrong"), "`wrong` is not known")
        .here("not declared")
        .label(at(0, &text, "b = 2"), "the nearest is here")
        .note("A note that is said of it, too.")
        .help("Write `right`.");
    (vec![d], vec![file("long.play", &text)])
}

#[test]
fn of_a_long_line_the_part_round_the_place_is_drawn() {
    let (d, files) = long_line();
    insta::assert_snapshot!(drawn(&d, &files));
    let colored = render(&d, &files, Style { color: true, ..Style::default() });
    assert!(colored.contains("\u{1b}[31m─────\u{1b}[0m"));
}

#[test]
fn of_a_long_line_the_part_round_the_place_is_told() {
    let (d, files) = long_line();
    insta::assert_snapshot!(render(&d, &files, Style { plain: true, ..Style::default() }));
}

#[test]
fn of_very_many_findings_the_first_are_shown_and_the_rest_counted() {
    let text = "x ".repeat(20_000);
    let files = [file("first.play", &text), file("second.play", "x")];
    let place = |i: u32| Place { file: 0, start: 2 * i, end: 2 * i + 1 };
    let mut d: Vec<_> =
        (0..5_000).map(|i| Diagnostic::warning(codes::P0001, place(i), "a warning")).collect();
    d.extend((9_000..9_400).map(|i| Diagnostic::error(codes::P0001, place(i), "an error")));
    d.push(Diagnostic::error(codes::P0001, at(1, "x", "x"), "in the other file"));
    for plain in [false, true] {
        let shown = render(&d, &files, Style { plain, ..Style::default() });
        assert_eq!(shown.matches("an error").count(), 400, "no error is left out for a warning");
        assert_eq!(shown.matches("a warning").count(), 600);
        let told = shown.find("first.play: 4400 more warnings, not shown\n").unwrap();
        assert!(told < shown.find("in the other file").unwrap());
        assert!(shown.len() < 1_000_000, "{}", shown.len());
    }
    d.extend((0..602).map(|i| Diagnostic::error(codes::P0001, place(i), "an error")));
    let shown = render(&d, &files, Style { plain: true, ..Style::default() });
    assert!(shown.contains("first.play: 2 more errors and 5000 more warnings, not shown\n"));
    assert_eq!(json::to_json(&d, &files).as_array().unwrap().len(), d.len(), "scripts get all of them");
}

/// Each format finds a place in a line of 100 kB without counting from its beginning, or reading it again. Otherwise this takes
/// minutes.
#[test]
fn very_many_findings_of_one_line_are_told_in_all_formats() {
    let text = format!("let names = {}\n", "é = n + 1, ".repeat(8_000));
    let files = [file("long.play", &text)];
    let finding = |i: u32| {
        let start = 12 + i * 12;
        let place = |start, end| Place { file: 0, start, end };
        Diagnostic::warning(codes::P0001, place(start, start + 2), "a warning")
            .label(place(0, 3), "there")
            .fix("Take it out", true, vec![Edit { place: place(start, start + 12), text: String::new() }])
    };
    let all: Vec<_> = (0..8_000).map(finding).collect();
    let before = std::time::Instant::now();
    let column = 13 + 7_999 * 11;
    let found = json::to_json(&all, &files);
    let last = found.as_array().unwrap().last().unwrap();
    assert_eq!(last["span"]["start"]["column"], column);
    let found = sarif::to_sarif(&all, &[], &files);
    let last = found["runs"][0]["results"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(last["locations"][0]["physicalLocation"]["region"]["startColumn"], column);
    let found = github::to_github(&all, &files);
    assert!(found.lines().last().unwrap().contains(&format!(",col={column},")));
    assert_eq!(gitlab::to_gitlab(&all, &files).as_array().unwrap().len(), all.len());
    assert_eq!(rdjson::to_rdjson(&all, &files)["diagnostics"].as_array().unwrap().len(), all.len());
    assert!(before.elapsed() < std::time::Duration::from_secs(40), "{:?}", before.elapsed());
}

#[test]
fn a_place_of_many_lines_does_not_show_a_long_one_among_them() {
    for text in ["{\n", "a {\n  b\n"].map(|head| format!("{head}{}\n}}\n", "long ".repeat(3_000))) {
        let files = [file("many.play", &text)];
        let place = Place { file: 0, start: 0, end: text.len() as u32 - 1 };
        let shown = drawn(&[Diagnostic::error(codes::P0001, place, "all of it")], &files);
        assert!(shown.len() < 1_000, "{shown}");
    }
}
