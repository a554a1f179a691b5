//! The manual as a site: pages of `docs/`, a page a code, pages of the standard library, all through mdBook.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::step::{self, Failed};

/// Builds `target/site/html`.
///
/// # Errors
/// mdBook is not there, or something could not be read, written or built.
pub fn run() -> Result<(), Failed> {
    let mdbook = Command::new("mdbook").arg("--version").stdout(Stdio::null()).status();
    if !mdbook.is_ok_and(|status| status.success()) {
        return Err(Failed::usage("mdbook is missing: `cargo install --locked mdbook` installs it"));
    }
    let site = step::target().join("site");
    let book = site.join("book");
    let done = lay_out(&step::root(), &book).map_err(|e| Failed { code: 1, message: e });
    done?;
    let std = book.join("docs/std");
    let mut pages = step::cargo();
    pages
        .args(["run", "--quiet", "--package", "playc", "--", "doc", "--std", "--format", "md", "--output"])
        .arg(&std);
    step::run("std", &mut pages)?;
    let html = site.join("html");
    list(&book).map_err(|e| Failed { code: 1, message: e })?;
    step::run("mdbook", Command::new("mdbook").arg("build").arg(&book).arg("--dest-dir").arg(&html))?;
    eprintln!("── site: {}", html.join("index.html").display());
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &[u8]) -> Result<(), String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let done = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(path, text));
    done.map_err(|e| format!("{}: {e}", path.display()))
}

/// All files in a folder and below, relative to it, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    fn collect(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
        let entries =
            std::fs::read_dir(folder.join(below)).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries {
            let entry = entry.map_err(|e| e.to_string())?;
            let path = below.join(entry.file_name());
            if entry.path().is_dir() {
                collect(folder, &path, found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    collect(folder, Path::new(""), &mut found)?;
    found.sort();
    Ok(found)
}

/// Copies the pages to where mdBook reads them, each link so that it leads somewhere on the site.
fn lay_out(root: &Path, book: &Path) -> Result<(), String> {
    if book.exists() {
        std::fs::remove_dir_all(book).map_err(|e| format!("{}: {e}", book.display()))?;
    }
    write(&book.join("book.toml"), read(&root.join("book.toml"))?.as_bytes())?;
    let docs = root.join("docs");
    let mut linked = BTreeSet::new();
    for path in files(&docs)? {
        let text = read(&docs.join(&path))?;
        let text = if is_page(&path) { onto_site(&text, &path, &mut linked) } else { text };
        write(&book.join("docs").join(path), text.as_bytes())?;
    }
    let codes = root.join("compiler/diagnostics/codes");
    let index = read(&docs.join("errors.md"))?;
    for path in files(&codes)?.into_iter().filter(|path| is_page(path)) {
        let code = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = read(&codes.join(&path))?;
        let text = if text.starts_with("# ") {
            text
        } else {
            format!("# {code}: {}\n\n{text}", title(&index, &code))
        };
        let text = text
            .replace("```play raises", &format!("Raises {code}:\n\n```play raises"))
            .replace("```play fine", "Does not:\n\n```play fine");
        write(&book.join("docs/codes").join(path), text.as_bytes())?;
    }
    for path in linked {
        let from = root.join(&path);
        let bytes = std::fs::read(&from).map_err(|e| format!("{}: {e}", from.display()))?;
        write(&book.join("docs/files").join(served(&path)), &bytes)?;
    }
    Ok(())
}

/// What the index of errors says of a code.
fn title<'t>(index: &'t str, code: &str) -> &'t str {
    let row = index.lines().find(|line| line.starts_with(&format!("| [{code}](")));
    row.and_then(|row| row.rsplit_once(") | ")).map_or("", |(_, title)| title.trim_end_matches('|').trim())
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "md")
}

/// The name of a file outside of the manual on the site: with an ending that browsers show instead of saving.
fn served(path: &str) -> String {
    format!("{path}.txt")
}

/// A page of `docs/` with its links as the site has them: a code to its page, a file of the project to a copy of it.
fn onto_site(page: &str, path: &Path, linked: &mut BTreeSet<String>) -> String {
    // As many steps as it takes from the page to the root of the project.
    let up = "../".repeat(path.components().count());
    let home = "../".repeat(path.components().count().saturating_sub(1));
    let mut parts = page.split("](");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        out.push_str("](");
        let (target, rest) = part.split_once(')').unwrap_or((part, ""));
        match target.strip_prefix(&up) {
            Some(outside) if !outside.starts_with("../") => {
                let (file, anchor) = outside.split_once('#').unwrap_or((outside, ""));
                match file.strip_prefix("compiler/diagnostics/codes/") {
                    Some(code) => out.push_str(&format!("{home}codes/{code}")),
                    None => {
                        linked.insert(file.to_string());
                        out.push_str(&format!("{home}files/{}", served(file)));
                    }
                }
                if !anchor.is_empty() && file.ends_with(".md") && file.starts_with("compiler/") {
                    out.push_str(&format!("#{anchor}"));
                }
            }
            _ => out.push_str(target),
        }
        if part.contains(')') {
            out.push(')');
            out.push_str(rest);
        }
    }
    out
}

/// Adds the pages that are made of other things to the list of all pages, below those that tell of them.
fn list(book: &Path) -> Result<(), String> {
    let docs = book.join("docs");
    let path = docs.join("SUMMARY.md");
    let below = |folder: &str| -> Result<String, String> {
        let pages = files(&docs.join(folder))?;
        let pages = pages.iter().filter(|p| is_page(p) && !p.ends_with("index.md"));
        let line = |p: &PathBuf| -> Result<String, String> {
            let text = read(&docs.join(folder).join(p))?;
            let title = text.lines().next().unwrap_or_default().trim_start_matches("# ").to_string();
            Ok(format!("    - [{}]({folder}/{})\n", title.replace('\\', ""), p.display()))
        };
        pages.map(line).collect()
    };
    let (codes, std) = (below("codes")?, below("std")?);
    let mut summary = String::new();
    for line in read(&path)?.lines() {
        summary.push_str(line);
        summary.push('\n');
        if line.ends_with("(errors.md)") {
            summary.push_str(&codes);
        }
        if line.ends_with("(stdlib.md)") {
            summary.push_str(&std);
        }
    }
    write(&path, summary.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_out_of_the_manual_lead_to_copies() {
        let mut linked = BTreeSet::new();
        let page = "a [code](../compiler/diagnostics/codes/P0001.md), [Okta](../stdlib/connectors/okta.play), [a page](tour.md#x)";
        assert_eq!(
            onto_site(page, Path::new("errors.md"), &mut linked),
            "a [code](codes/P0001.md), [Okta](files/stdlib/connectors/okta.play.txt), [a page](tour.md#x)"
        );
        let page = "[code](../../compiler/diagnostics/codes/P0001.md) [up](../reference.md)";
        let nested = onto_site(page, Path::new("recipes/cloud.md"), &mut linked);
        assert_eq!(nested, "[code](../codes/P0001.md) [up](../reference.md)");
        assert_eq!(linked.into_iter().collect::<Vec<_>>(), ["stdlib/connectors/okta.play"]);
    }

    /// All of it but mdBook itself: each link of a page that was laid out leads to a file that was laid out as well.
    #[test]
    fn every_link_of_the_site_leads_somewhere() {
        let book = step::target().join("site-test");
        lay_out(&step::root(), &book).unwrap();
        let docs = book.join("docs");
        let mut seen = 0;
        for path in files(&docs).unwrap().into_iter().filter(|path| is_page(path)) {
            let text = read(&docs.join(&path)).unwrap();
            let folder = docs.join(&path).parent().unwrap().to_path_buf();
            let mut fenced = false;
            for line in text.lines() {
                fenced ^= line.starts_with("```");
                for link in line.split("](").skip(1).filter(|_| !fenced) {
                    let target = link.split([')', '#']).next().unwrap();
                    if !target.is_empty() && !target.contains("://") {
                        seen += 1;
                        assert!(folder.join(target).exists(), "{}: {target}", path.display());
                    }
                }
            }
        }
        assert!(seen > 100, "only {seen} links");
        std::fs::remove_dir_all(book).unwrap();
    }
}
