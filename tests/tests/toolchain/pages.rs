//! Pages of projects: they hold together, nothing breaks out of them, and no old one is left.

use std::collections::BTreeSet;
use std::path::Path;

use play_tests::markup::well_formed;
use play_tests::playc;

fn doc(folder: &Path, args: &[&str]) -> playc::Ran {
    playc::ran(playc::command(&[&["doc"], args].concat()).current_dir(folder).output())
}

/// Name and text of each file in a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), std::fs::read_to_string(e.path()).unwrap()))
        .collect();
    all.sort();
    all
}

/// Each link leads to a page, and to a heading of it; nothing is loaded from elsewhere, and nothing runs.
fn hold_together(folder: &Path) {
    let all = files(folder);
    let names: BTreeSet<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains("index.html") && names.contains("style.css"), "{names:?}");
    for (name, text) in all.iter().filter(|(name, _)| name.ends_with(".html")) {
        assert_eq!(well_formed(text), Ok(()), "{name}");
        assert!(!text.contains("<script") && !text.contains("<img"), "{name}");
        assert!(text.contains("<html lang=\"en\">") && text.matches("<h1>").count() == 1, "{name}");
        for target in text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let (page, anchor) = target.split_once('#').unwrap_or((target, ""));
            assert!(page.is_empty() || names.contains(page), "{name}: {target}");
            let on = if page.is_empty() { name } else { page };
            let (_, there) = all.iter().find(|(name, _)| name == on).unwrap();
            assert!(anchor.is_empty() || there.contains(&format!("id=\"{anchor}\"")), "{name}: {target}");
        }
        for table in text.split("<table>").skip(1) {
            assert!(table.starts_with("\n<caption>") && table.contains("<th scope=\"col\">"), "{name}");
        }
    }
}

#[test]
fn the_pages_of_every_runbook_hold_together() {
    for parent in ["examples", "tests/playbooks"] {
        for project in std::fs::read_dir(playc::root().join(parent)).unwrap() {
            let project = project.unwrap().path();
            let out = tempfile::tempdir().unwrap();
            let to = out.path().to_str().unwrap();
            let ran = doc(&project, &[".", "-o", to]);
            assert_eq!(ran.code, 0, "{}: {}", project.display(), ran.err);
            hold_together(out.path());
            let once = files(out.path());
            assert_eq!(doc(&project, &[".", "-o", to]).code, 0);
            assert!(once == files(out.path()), "{}: another text at the second time", project.display());
        }
    }
}

#[test]
fn the_pages_of_the_standard_library_hold_together() {
    let out = tempfile::tempdir().unwrap();
    let ran = doc(out.path(), &["--std", "-o", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    hold_together(out.path());
    let names: Vec<String> = files(out.path()).into_iter().map(|(name, _)| name).collect();
    for module in play_stdlib::modules() {
        assert!(names.contains(&format!("std-{}.html", module.replace('/', "-"))), "{module}");
    }
}

const HOSTILE: &str = r#"
/// A <script>alert(1)</script> & "more" | than `that`.
case Mail {
  /// </td></table><img src=x>
  sender: String
}

playbook triage for Mail {
  if case.sender == "</text><script>alert(\"1\")</script>" {
    close FalsePositive because "<b>{case.sender}</b> & so on\u{202e} | # [x](http://evil.example)"
  }
  close TruePositive because "it is"
}
"#;

#[test]
fn what_is_written_in_a_program_is_text_on_its_pages() {
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("mail.play"), HOSTILE).unwrap();
    let ran = doc(out.path(), &["mail.play", "-o", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    hold_together(&out.path().join("pages"));
    let pages = files(&out.path().join("pages"));
    let (_, page) = pages.iter().find(|(name, _)| name == "playbook-triage.html").unwrap();
    assert!(page.contains("&lt;b&gt;") && !page.contains('\u{202e}'), "{page}");

    let ran = doc(out.path(), &["mail.play", "-o", "md", "--format", "md"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let pages = files(&out.path().join("md"));
    let (_, page) = pages.iter().find(|(name, _)| name == "playbook-triage.md").unwrap();
    let (outside, _) = page.split_once("```mermaid").unwrap();
    let (_, after) = page.rsplit_once("```\n").unwrap();
    for text in [outside, after] {
        assert!(!text.contains("<b>") && !text.contains("<script") && !text.contains("[x]("), "{text}");
    }
}

#[test]
fn a_page_of_what_is_gone_goes_and_what_others_wrote_stays() {
    let out = tempfile::tempdir().unwrap();
    let program = |name: &str| {
        format!(
            "case Mail {{ sender: String }}\nplaybook {name} for Mail {{ close FalsePositive because \"none\" }}\n"
        )
    };
    std::fs::write(out.path().join("mail.play"), program("first")).unwrap();
    assert_eq!(doc(out.path(), &["mail.play", "-o", "pages"]).code, 0);
    let pages = out.path().join("pages");
    std::fs::write(pages.join("notes.html"), "mine").unwrap();

    std::fs::write(out.path().join("mail.play"), program("second")).unwrap();
    assert_eq!(doc(out.path(), &["mail.play", "-o", "pages"]).code, 0);
    assert!(!pages.join("playbook-first.html").exists(), "the page of the first playbook is left");
    assert!(pages.join("playbook-second.html").exists());
    assert_eq!(std::fs::read_to_string(pages.join("notes.html")).unwrap(), "mine");

    // What somebody else wrote is not written over either.
    std::fs::create_dir(out.path().join("other")).unwrap();
    std::fs::write(out.path().join("other/index.html"), "mine").unwrap();
    let ran = doc(out.path(), &["mail.play", "-o", "other"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("did not write it"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(out.path().join("other/index.html")).unwrap(), "mine");
}

#[test]
fn pages_stay_in_their_folder_and_books_apart() {
    let out = tempfile::tempdir().unwrap();
    let program =
        "case Mail { sender: String }\nplaybook p for Mail { close FalsePositive because \"none\" }\n";
    for name in ["one.play", "other.play"] {
        std::fs::write(out.path().join(name), program).unwrap();
    }
    assert_eq!(doc(out.path(), &["one.play", "-o", "pages"]).code, 0);
    let pages = out.path().join("pages");
    let ran = doc(out.path(), &["other.play", "-o", "pages"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("the pages there are those of"), "{}", ran.err);
    assert!(pages.join("playbook-p.html").exists());

    // A list that came from elsewhere takes nothing away that is no page.
    let list = std::fs::read_to_string(pages.join(".playc-doc")).unwrap();
    std::fs::write(pages.join(".playc-doc"), list + "README.md\n../one.play\n").unwrap();
    std::fs::write(pages.join("README.md"), "mine").unwrap();
    assert_eq!(doc(out.path(), &["one.play", "-o", "pages"]).code, 0);
    assert!(pages.join("README.md").exists() && out.path().join("one.play").exists());
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_out_of_the_folder() {
    let out = tempfile::tempdir().unwrap();
    let program =
        "case Mail { sender: String }\nplaybook p for Mail { close FalsePositive because \"none\" }\n";
    std::fs::write(out.path().join("mail.play"), program).unwrap();
    std::fs::create_dir(out.path().join("pages")).unwrap();
    std::os::unix::fs::symlink("../outside", out.path().join("pages/index.html")).unwrap();
    let ran = doc(out.path(), &["mail.play", "-o", "pages"]);
    assert_eq!(ran.code, 2);
    assert!(!out.path().join("outside").exists());
}

#[test]
fn the_pages_are_the_same_wherever_the_command_is_started() {
    let out = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = out.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "app/play.toml",
        "name = \"app\"\nedition = \"2026\"\n[packages]\ncommon = { path = \"../common\" }\n",
    );
    write(
        "app/main.play",
        "use common.words\ncase Mail { sender: String }\n\
         playbook p for Mail { close FalsePositive because kind(case.sender) }\n",
    );
    write("common/play.toml", "name = \"common\"\nedition = \"2026\"\n");
    write(
        "common/words.play",
        "case Other { name: String }\nplaybook q for Other { close FalsePositive because \"none\" }\nfn kind(sender: String) -> String { \"a mail of {sender}\" }\n",
    );
    let app = out.path().join("app");
    assert_eq!(doc(&app, &[".", "-o", "../a"]).code, 0);
    assert_eq!(doc(out.path(), &["app", "-o", "b"]).code, 0);
    assert_eq!(
        doc(Path::new("/"), &[app.to_str().unwrap(), "-o", out.path().join("c").to_str().unwrap()]).code,
        0
    );
    let of = |name: &str| files(&out.path().join(name));
    assert!(of("a").iter().any(|(_, text)| text.contains("@common/words.play")));
    assert!(of("a") == of("b") && of("b") == of("c"));
}

#[test]
fn a_project_with_mistakes_has_no_pages_and_no_pictures() {
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("mail.play"), "case Mail { sender: Strin }\n").unwrap();
    assert_eq!(doc(out.path(), &["mail.play", "-o", "pages"]).code, 1);
    assert!(!out.path().join("pages").exists());
    let ran = playc::ran(playc::command(&["graph", "mail.play"]).current_dir(out.path()).output());
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
}

#[test]
fn a_project_with_several_playbooks_wants_to_know_which() {
    let folder = playc::root().join("tests/playbooks/endpoint");
    let graph = |args: &[&str]| {
        playc::ran(playc::command(&[&["graph"], args].concat()).current_dir(&folder).output())
    };
    let ran = graph(&["."]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("isolate_endpoint") && ran.err.contains("--playbook"), "{}", ran.err);
    let ran = graph(&[".", "--playbook", "nothing"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("there is no playbook `nothing`"), "{}", ran.err);
    assert!(graph(&[".", "--playbook", "isolate_endpoint"]).out.starts_with("<svg "));
}

#[test]
fn a_page_says_what_a_playbook_takes_asks_does_and_how_it_ends() {
    let out = tempfile::tempdir().unwrap();
    std::fs::copy(playc::root().join("tests/tests/toolchain/drawn.play"), out.path().join("drawn.play"))
        .unwrap();
    let ran = doc(out.path(), &["drawn.play", "-o", "pages", "--format", "md"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read = |name: &str| std::fs::read_to_string(out.path().join("pages").join(name)).unwrap();
    let page = read("playbook-odd_login.md");
    let (before, picture) = page.split_once("```mermaid\n").unwrap();
    let (_, after) = picture.split_once("```\n").unwrap();
    let whole = format!("{before}{after}\n{}\n{}", read("guard-suspensions.md"), read("index.md"));
    insta::assert_snapshot!(whole);
}

/// Writes the files of a project and of a package beside it.
fn project(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

const USES_COMMON: &str = "[packages]\ncommon = { path = \"../common\" }\n";

/// The project and the package have a case, a guard and a procedure of the same names.
const NAMESAKES: &[(&str, &str)] = &[
    ("app/play.toml", USES_COMMON),
    (
        "app/main.play",
        r#"
use std.connectors.okta
use common.shared

/// A login of the project.
case Login { user: OktaUserId }

guard suspensions for Login covers okta.suspend { allow }

procedure escalate(user: OktaUserId) {
  do okta.suspend(user) for 4h else hand over to queue.tier2 because "not suspended"
}

playbook odd_login for Login {
  escalate(case.user)
  lift(case.user)
  close TruePositive because "done"
}
"#,
    ),
    (
        "common/shared.play",
        "use std.connectors.okta\nprocedure lift(user: OktaUserId) { tell(user) }\n\
         procedure tell(user: OktaUserId) { escalate(user) }\n",
    ),
    (
        "common/inner.play",
        r#"
use std.connectors.{okta, tickets}

/// A login of the package.
case Login { other: String }

guard suspensions covers okta.unsuspend { else approval from role.lead within 2h else refuse }

procedure escalate(user: OktaUserId) {
  do tickets.open(title: "the package has {user}", text: "x", severity: High) else none
}
"#,
    ),
];

#[test]
fn what_has_one_name_in_two_packages_has_a_page_each() {
    let out = tempfile::tempdir().unwrap();
    project(out.path(), NAMESAKES);
    let ran = doc(out.path(), &["app", "-o", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    hold_together(&out.path().join("pages"));
    let pages = files(&out.path().join("pages"));
    let count = pages.iter().filter(|(name, _)| name.ends_with(".html")).count();
    assert!(ran.out.contains(&format!("wrote {count} pages")), "{count} of: {}", ran.out);
    let page = |name: &str| pages.iter().find(|(file, _)| file == name).unwrap().1.as_str();

    // Each guard has its own rule, and the acts of the project ask its own.
    let named = |what: &str| pages.iter().filter(|(name, _)| name.starts_with(what)).collect::<Vec<_>>();
    let (guards, cases) = (named("guard-"), named("case-"));
    assert_eq!((guards.len(), cases.len()), (2, 2));
    let guard = |covered: &str| guards.iter().find(|(_, text)| text.contains(covered)).unwrap();
    let (own, of_package) = (guard("okta.suspend<"), guard("okta.unsuspend<"));
    assert!(own.1.contains("Acts that ask it") && own.1.contains("allow"), "{}", own.1);
    assert!(of_package.1.contains("role.lead") && !of_package.1.contains("Acts that ask it"));
    let (of_project, _) = cases.iter().find(|(_, text)| text.contains("A login of the project")).unwrap();
    let playbook = page("playbook-odd_login.html");
    assert!(playbook.contains(&format!("href=\"{of_project}\"")), "takes the case of the project");
    assert!(playbook.contains(&format!("href=\"{}\"", own.0)), "asks the guard of the project");
    assert!(!playbook.contains(&format!("href=\"{}\"", of_package.0)));
}

#[test]
fn namesakes_are_told_apart_on_the_first_page() {
    let out = tempfile::tempdir().unwrap();
    project(out.path(), NAMESAKES);
    assert_eq!(doc(out.path(), &["app", "-o", "pages"]).code, 0);
    let pages = files(&out.path().join("pages"));
    let index = &pages.iter().find(|(name, _)| name == "index.html").unwrap().1;
    for (text, path) in
        [("Login", "main.play"), ("Login", "@common/inner.play"), ("suspensions", "main.play")]
    {
        let told = format!(">{text}</a> of <code>{path}</code>");
        assert!(index.contains(&told), "no {told} in {index}");
    }
    // What is there once is called by its name alone.
    assert!(index.contains(">odd_login</a></th>"), "{index}");
}

/// The project calls each of two packages as the other calls itself, and has a folder that is called as the standard library is.
#[test]
fn a_name_is_followed_to_where_the_check_follows_it() {
    let out = tempfile::tempdir().unwrap();
    project(
        out.path(),
        &[
            ("app/play.toml", "[packages]\none = { path = \"../two\" }\ntwo = { path = \"../one\" }\n"),
            (
                "app/std/main.play",
                "use one.login\nuse two.other\nplaybook p for Login { close FalsePositive because \"{case.second}\" }\n\
                 playbook q for Alert { close FalsePositive because \"{case.own} of {limit}\" }\n",
            ),
            ("app/alert.play", "case Alert { own: String }\n"),
            ("one/play.toml", "name = \"one\"\n"),
            ("one/login.play", "case Login { first: String }\n"),
            ("one/other.play", "const limit = 3\n"),
            ("two/play.toml", "name = \"two\"\n"),
            ("two/login.play", "case Login { second: String }\n"),
        ],
    );
    let ran = doc(out.path(), &["app", "-o", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    hold_together(&out.path().join("pages"));
    let pages = files(&out.path().join("pages"));
    let page = |name: &str| pages.iter().find(|(file, _)| file == name).unwrap().1.as_str();
    let of = |field: &str| {
        let mut cases = pages.iter().filter(|(name, _)| name.starts_with("case-"));
        &cases.find(|(_, text)| text.contains(field)).unwrap().0
    };
    for (playbook, field) in
        [("playbook-p.html", "<code>second</code>"), ("playbook-q.html", "<code>own</code>")]
    {
        let link = format!("href=\"{}\"", of(field));
        assert!(page(playbook).contains(&link), "no {link} in {}", page(playbook));
    }
    assert!(!page("playbook-p.html").contains(&format!("href=\"{}\"", of("<code>first</code>"))));
}

#[test]
fn a_name_of_any_length_has_a_page_of_its_own() {
    let out = tempfile::tempdir().unwrap();
    let long = "n".repeat(300);
    let text: String = ["a", "b"]
        .iter()
        .map(|end| format!("playbook {long}{end} for T when case.s == \"{end}\" {{ close FalsePositive because \"{{case.s}}\" }}\n"))
        .collect();
    project(out.path(), &[("app/main.play", &format!("case T {{ s: String }}\n{text}"))]);
    let ran = doc(out.path(), &["app", "-o", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let folder = out.path().join("pages");
    hold_together(&folder);
    let names = || -> Vec<String> { files(&folder).into_iter().map(|(name, _)| name).collect() };
    let before = names();
    assert_eq!(before.iter().filter(|name| name.starts_with("playbook-nnn")).count(), 2, "{before:?}");
    // The same names the next time, also where the other playbook is gone.
    let one = text.lines().last().unwrap();
    project(out.path(), &[("app/main.play", &format!("case T {{ s: String }}\n{one}\n"))]);
    assert_eq!(doc(out.path(), &["app", "-o", "pages"]).code, 0);
    assert_eq!(names().len(), before.len() - 1);
    assert!(names().iter().all(|name| before.contains(name)));
}

#[test]
fn a_picture_shows_the_procedure_of_the_package_that_calls_it() {
    let out = tempfile::tempdir().unwrap();
    project(out.path(), NAMESAKES);
    let ran =
        playc::ran(playc::command(&["graph", "app", "--format", "mermaid"]).current_dir(out.path()).output());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let at = |what: &str| ran.out.find(what).unwrap_or_else(|| panic!("no {what} in {}", ran.out));
    // First that of the project, then, below what the package calls, that of the package.
    assert!(at("okta.suspend(user)") < at("lift(case.user)"));
    assert!(at("tell(user)") < at("tickets.open("));
    assert_eq!(ran.out.matches("okta.suspend(user)").count(), 1, "{}", ran.out);
}

#[test]
fn a_playbook_that_takes_no_cases_has_no_page_and_no_picture() {
    let out = tempfile::tempdir().unwrap();
    let main = r#"
use std.connectors.okta
use common.shared
case Login { user: OktaUserId }
guard easy for Login covers okta.suspend { allow }
playbook ours for Login {
  do okta.suspend(case.user) for 4h else none
  close TruePositive because "{answer}"
}
"#;
    // The project does not use this file.
    let lib = r#"
use std.connectors.okta
case Login { who: OktaUserId }
guard strict for Login covers okta.suspend { else approval from 2 of role.board within 2h else refuse }
playbook theirs for Login {
  do okta.suspend(case.who) for 4h else none
  close FalsePositive because "x"
}
"#;
    let files = [
        ("app/play.toml", USES_COMMON),
        ("app/main.play", main),
        ("common/shared.play", "const answer = 42\n"),
        ("common/lib.play", lib),
    ];
    project(out.path(), &files);
    let ran = doc(out.path(), &["app", "-o", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    hold_together(&out.path().join("pages"));
    assert!(!out.path().join("pages/playbook-theirs.html").exists());
    let index = std::fs::read_to_string(out.path().join("pages/index.html")).unwrap();
    assert!(index.contains("ours") && !index.contains("theirs") && !index.contains("nothing"), "{index}");

    // It is the only one, so it need not be named; and a guard for another `Login` is none of its.
    let ran =
        playc::ran(playc::command(&["graph", "app", "--format", "mermaid"]).current_dir(out.path()).output());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("guard easy") && !ran.out.contains("strict"), "{}", ran.out);
}

#[test]
fn a_page_has_the_whole_reason_and_no_system_where_time_passes() {
    let out = tempfile::tempdir().unwrap();
    let text = r#"
use std.connectors.tickets
/// A connector whose name a question begins with.
connector okta_like {
  config { base_url: Url }
  /// Finds.
  read find(id: String) -> String
    GET "/x/{id}"
    expect 200 -> body.x as String?
}
case Mail { n: Int, ticket: TicketId }
playbook triage for Mail {
  wait 10m
  let closed = wait tickets.closed(case.ticket) within 2h else none
  let word = ask role.analyst "okta_like.find it?" { Yes, No } within 1h else No because "nobody said"
  if word.choice == Yes { close TruePositive because "it is {word.reason}" }
  close FalsePositive because "seen {if case.n > 3 { "often" } else { "once" }}, {case.n} so far"
}
"#;
    std::fs::write(out.path().join("mail.play"), text).unwrap();
    let ran = doc(out.path(), &["mail.play", "-o", "pages", "--format", "md"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read = |name: &str| std::fs::read_to_string(out.path().join("pages").join(name)).unwrap();
    let page = read("playbook-triage.md");
    let reason = "seen `if case.n > 3 { \"often\" } else { \"once\" }`, `case.n` so far";
    assert!(page.contains(reason), "{page}");
    let (_, asks) = page.split_once("## What it asks").unwrap();
    let (asks, _) = asks.split_once("\n## ").unwrap();
    assert!(!asks.contains("10m"), "{asks}");
    assert!(asks.contains("tickets.closed") && asks.contains("Somebody closed a ticket"), "{asks}");
    assert!(asks.contains("waits for it"), "{asks}");
    // It asks a person, and not the connector.
    assert!(!read("connector-okta_like.md").contains("Used by"));
    assert!(read("connector-tickets.md").contains("[triage](playbook-triage.md)"));
}
