//! `playc doc`: pages of a project, or of the standard library, in a folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use play_pages::doc::{self, Book};
use play_pages::html;
use play_pages::source::Sources;

use crate::cli::{DocArgs, DocFormat};
use crate::output::{self, Style};
use crate::project::{Project, count};
use crate::{Ended, Result, Trouble};

/// Names the files that were written, so that the next run knows which are its own.
const LIST: &str = ".playc-doc";

/// Runs it.
pub fn run(args: &DocArgs, style: Style) -> Result {
    let (book, folder) = if args.std {
        let modules = play_stdlib::modules().filter_map(|name| Some((name, play_stdlib::module(name)?)));
        (doc::library(modules), PathBuf::from("target/doc/std"))
    } else {
        let project = Project::read(&args.path)?;
        let Some(sound) = project.sound(style, "nothing was written") else { return Ok(Ended::Findings) };
        let sources = Sources::of(&sound.program, &sound.files, sound.parsed);
        (doc::project(&project.name, &sources, &sound.program), project.folder.join("target/doc"))
    };
    let folder = args.output.clone().unwrap_or(folder);
    write(&folder, &book.title, &files(&book, args.format))?;
    output::out(&format!("wrote {} to {}", count(book.pages.len(), "page"), folder.display()));
    Ok(Ended::Fine)
}

/// Name and text of each file.
fn files(book: &Book, format: DocFormat) -> Vec<(String, String)> {
    let pages = book.pages.iter();
    match format {
        DocFormat::Html => {
            let style = (html::STYLE_FILE.to_string(), html::STYLE.to_string());
            let page = |p| html::html(p, &book.title, &book.sections);
            std::iter::once(style).chain(pages.map(|p| (format!("{}.html", p.file), page(p)))).collect()
        }
        DocFormat::Md => pages.map(|p| (format!("{}.md", p.file), play_pages::markdown(p))).collect(),
    }
}

/// Writes them, and takes away what an earlier run wrote and this one does not.
fn write(folder: &Path, title: &str, files: &[(String, String)]) -> Result<()> {
    let trouble = |path: &Path, e: std::io::Error| Trouble(format!("{}: {e}", path.display()));
    let list = folder.join(LIST);
    std::fs::create_dir_all(folder).map_err(|e| trouble(folder, e))?;
    let known: BTreeSet<String> = match std::fs::read_to_string(&list) {
        Ok(text) => {
            let mut lines = text.lines();
            if let Some(other) = lines.next().filter(|of| *of != title) {
                let other = play_diagnostics::escape::one_line(other);
                return Err(Trouble(format!(
                    "{}: the pages there are those of `{other}`; name another folder with -o",
                    folder.display()
                )));
            }
            // The list may have come with a repository: only what is named as pages are is taken away.
            lines.filter(|name| is_page(name)).map(str::to_string).collect()
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => BTreeSet::new(),
        Err(e) => return Err(trouble(&list, e)),
    };
    // What somebody else put there is neither written over nor taken away, and a link is not followed out of the folder.
    for (name, _) in files {
        let path = folder.join(name);
        let there = std::fs::symlink_metadata(&path);
        if there.is_ok_and(|there| !there.is_file() || !known.contains(name)) {
            return Err(Trouble(format!(
                "{}: there is such a file, and `playc doc` did not write it; name another folder with -o",
                path.display()
            )));
        }
    }
    let names: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    // First the list of all that may be there afterwards: a run that is cut short leaves nothing that the next one does not know.
    let both: BTreeSet<&str> = names.iter().copied().chain(known.iter().map(String::as_str)).collect();
    std::fs::write(&list, lines(title, &both)).map_err(|e| trouble(&list, e))?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| trouble(&path, e))?;
    }
    for name in known.iter().filter(|name| !names.contains(name.as_str())) {
        let path = folder.join(name);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(trouble(&path, e)),
        }
    }
    std::fs::write(&list, lines(title, &names)).map_err(|e| trouble(&list, e))
}

/// The list: of what the pages are, and their files.
fn lines(title: &str, names: &BTreeSet<&str>) -> String {
    let names = names.iter().map(|name| format!("{name}\n"));
    std::iter::once(format!("{title}\n")).chain(names).collect()
}

/// The name of a page, and not the way out of the folder.
fn is_page(name: &str) -> bool {
    if name == html::STYLE_FILE {
        return true;
    }
    let Some(stem) = name.strip_suffix(".html").or_else(|| name.strip_suffix(".md")) else { return false };
    let kinds = ["playbook-", "case-", "connector-", "guard-", "std-"];
    let known = ["index", "types"].contains(&stem) || kinds.iter().any(|kind| stem.starts_with(kind));
    known && !name.contains(['/', '\\'])
}
