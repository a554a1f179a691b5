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
    std::fs::copy(playc::root().join("tests/tests/drawn.play"), out.path().join("drawn.play")).unwrap();
    let ran = doc(out.path(), &["drawn.play", "-o", "pages", "--format", "md"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read = |name: &str| std::fs::read_to_string(out.path().join("pages").join(name)).unwrap();
    let page = read("playbook-odd_login.md");
    let (before, picture) = page.split_once("```mermaid\n").unwrap();
    let (_, after) = picture.split_once("```\n").unwrap();
    let whole = format!("{before}{after}\n{}\n{}", read("guard-suspensions.md"), read("index.md"));
    insta::assert_snapshot!(whole);
}
