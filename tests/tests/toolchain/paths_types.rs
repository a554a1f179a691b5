//! `playc test --paths` knows values of every type: a small program each, of which all points are found.

use play_tests::playc;

/// What is declared besides, the type of a field `x`, and conditions that each hold for some values of it and not for others.
const TYPES: &[(&str, &str, &[&str])] = &[
    ("", "Bool", &["case.x"]),
    ("", "Int", &["case.x > 41", "case.x == -7", "case.x in [3, 900]"]),
    ("", "Int 0..100", &["case.x > 41", "case.x == 0", "case.x == 100", "case.x in [40, 41]"]),
    ("", "Int -50..-10", &["case.x < -30", "case.x == -10"]),
    ("type Port = Int 1..65535\n", "Port", &["case.x.value > 1023", "case.x.value == 443"]),
    ("", "Int?", &["case.x == none", "case.x == 12"]),
    ("", "Int 0..9?", &["case.x == none", "case.x == 4"]),
    ("", "Float", &["case.x > 0.75", "case.x < 0.25"]),
    (
        "",
        "String",
        &["case.x == \"root\"", "case.x matches /^adm-[0-9]+$/", "case.x like \"*.exe\"", "case.x.len > 20"],
    ),
    (
        "",
        "Time",
        &[
            "case.x > 2026-03-01T00:00Z",
            "case.opened - case.x > 36h",
            "case.x.hour >= 18",
            "case.x.weekday == 7",
        ],
    ),
    ("", "Date", &["case.x > 2026-03-01", "case.x == 2024-02-29", "case.opened.date - case.x > 30d"]),
    ("", "Duration", &["case.x > 90m", "case.x == 5s"]),
    ("", "Size", &["case.x > 5MB", "case.x == 12KB"]),
    ("", "Version", &["case.x >= \"2.14.1\"", "case.x == \"2.14.1\"", "case.x < \"1.0\""]),
    ("", "Bytes", &["case.x.len > 8", "case.x == \"TVqQ\""]),
    (
        "",
        "Ip",
        &["case.x in 10.1.0.0/16", "case.x == 198.51.100.7", "case.x.version == 6", "case.x.is_private"],
    ),
    ("", "Cidr", &["case.x == 198.51.100.0/24"]),
    ("", "Domain", &["case.x == \"example.org\"", "case.x.parent == \"example.net\""]),
    ("", "Email", &["case.x.domain == \"example.org\""]),
    (
        "",
        "Url",
        &[
            "case.x.host == \"example.org\"",
            "case.x.scheme == \"http\"",
            "case.x.port == 8443",
            "case.x.path.ends_with(\"login.php\")",
        ],
    ),
    ("", "Hash", &["case.x.algorithm == \"MD5\""]),
    ("enum Kind { Mail, Login, Other }\n", "Kind", &["case.x == Login", "case.x == Other"]),
    (
        "open enum State { Active, Suspended }\n",
        "State",
        &["case.x == Active", "case.x != Active and case.x != Suspended"],
    ),
    ("", "[Int]", &["case.x.len == 3", "77 in case.x", "case.x.count(n => n == 5) > 10"]),
    ("", "{String: Int}", &["case.x.len > 2", "case.x[\"failed\"] == 20", "(case.x[\"tries\"] else 0) > 40"]),
    ("type Seen { times: Int 0..50, last: Date? }\n", "Seen", &["case.x.times == 50", "case.x.last == none"]),
    (
        "enum Found { Nothing, Seen(n: Int, by: String), At(day: Date?) }\n\
         fn n(f: Found) -> Int { match f { Nothing => 0, Seen(n: n) => n, At => -1 } }\n\
         fn by(f: Found) -> String { match f { Seen(by: by) => by, _ => \"\" } }\n",
        "Found",
        &["n(case.x) == 300", "by(case.x) == \"root\"", "case.x == Nothing"],
    ),
];

/// Two ranges in the arms of one `match`, and one in a number of any size.
const ARMS: &str = "case T { x: Int 0..100, y: Int }\n\n\
    playbook p for T {\n  match case.x {\n    0..39 => note \"low\"\n    40 => note \"forty\"\n    41..69 => note \"mid\"\n    70..100 => note \"high\"\n  }\n  \
    match case.y {\n    1000..1999 => note \"one\"\n    2500..2600 | 7 => note \"two\"\n    _ => note \"else\"\n  }\n  close TruePositive because \"done\"\n}\n";

/// What `--paths` finds, and what stays open then; what it prints is pasted in and run.
fn open(program: &str) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| playc::ran(playc::command(args).current_dir(folder.path()).output());
    let file = folder.path().join("main.play");
    std::fs::write(&file, program).unwrap();
    let found = run(&["test", "main.play", "--paths"]);
    assert_eq!(found.code, 0, "{program}\n{}{}", found.out, found.err);
    std::fs::write(&file, format!("{program}\n{}", found.out)).unwrap();
    let ran = run(&["test", "main.play", "--coverage", "--format", "json"]);
    assert_eq!(ran.code, 0, "{program}\n{}\n{}{}", found.out, ran.out, ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let points = told["coverage"]["points"].as_array().unwrap();
    let open = points.iter().filter(|p| p["tests"] == 0);
    (found.out.clone(), open.map(|p| format!("{} {}", p["at"], p["what"])).collect())
}

#[test]
fn values_of_every_type_are_found() {
    let mut wrong = Vec::new();
    for (head, ty, conditions) in TYPES {
        let ifs: Vec<String> = conditions.iter().map(|c| format!("  if {c} {{ note \"so\" }}\n")).collect();
        let program = format!(
            "{head}case T {{ x: {ty} }}\n\nplaybook p for T {{\n{}  close TruePositive because \"done\"\n}}\n",
            ifs.concat()
        );
        let (found, open) = open(&program);
        if !open.is_empty() {
            wrong.push(format!("{ty}: {open:?}\n{program}{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_arm_of_a_match_on_ranges_is_found() {
    let (found, open) = open(ARMS);
    assert!(open.is_empty(), "{open:?}\n{found}");
    insta::assert_snapshot!(found);
}
