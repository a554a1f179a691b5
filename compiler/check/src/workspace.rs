//! The folders of a compilation: a project and the packages that its `play.toml` names, each with its files.
//!
//! Nothing is read here but through a [`Disk`], so that an editor, a test and the command read the same way.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_program::artifact::SourceFile;

use crate::manifest;

/// Where files are. Paths are as written, with `/`.
pub trait Disk {
    /// The `.play` files in a folder and below, relative to it.
    ///
    /// # Errors
    /// Why the folder cannot be read, in words.
    fn files(&self, folder: &str) -> Result<Vec<String>, String>;

    /// The text of a file; `None` when there is none.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    fn text(&self, path: &str) -> Result<Option<String>, String>;

    /// The texts of several files, each as [`Disk::text`] gives it: where reading takes time, side by side.
    fn texts(&self, paths: &[String]) -> Vec<Result<Option<Arc<str>>, String>> {
        paths.iter().map(|path| Ok(self.text(path)?.map(Arc::from))).collect()
    }

    /// What a folder is called however it is reached.
    fn real(&self, folder: &str) -> String;
}

/// A project with all packages that it needs.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// The project first.
    pub packages: Vec<Package>,
}

/// A folder with a `play.toml` and `.play` files.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Of its `play.toml`, or of its folder.
    pub name: String,
    /// Its `play.toml`, by its path as shown.
    pub manifest: Option<SourceFile>,
    /// Its files, by path.
    pub files: Vec<PackageFile>,
    /// For each name in `[packages]` the package, or why there is none.
    pub uses: BTreeMap<String, Result<usize, String>>,
}

/// A file of a package.
#[derive(Clone, Debug)]
pub struct PackageFile {
    /// Relative to the package, with `/`: what the artifact calls it. The same on every machine.
    pub path: String,
    /// As a person is told it: relative to where the command was started.
    pub shown: String,
    /// The whole text, shared with all that is made of it.
    pub text: Arc<str>,
}

/// The most packages of one program.
const MOST: usize = 256;

impl Workspace {
    /// Reads a project folder and, from there, all packages.
    ///
    /// # Errors
    /// Why the project itself cannot be read. What is wrong with a package is kept, to be reported at its name.
    pub fn read(disk: &dyn Disk, folder: &str) -> Result<Self, String> {
        let mut workspace = Self::default();
        let mut known = BTreeMap::from([(disk.real(folder), 0)]);
        let mut folders = vec![folder.to_string()];
        workspace.packages.push(Package::read(disk, folder)?);
        let mut at = 0;
        while let (Some(package), Some(folder)) = (workspace.packages.get(at), folders.get(at).cloned()) {
            let toml = package.manifest.as_ref().map_or("", |m| m.text.as_str());
            let mut uses = BTreeMap::new();
            for needed in manifest::read(0, toml).0.packages {
                let path = join(&folder, &needed.path);
                let real = disk.real(&path);
                let found = match known.get(&real) {
                    Some(index) => Ok(*index),
                    None if workspace.packages.len() == MOST => Err(format!("more than {MOST} packages")),
                    None => Package::read(disk, &path).map(|package| {
                        let index = workspace.packages.len();
                        known.insert(real, index);
                        folders.push(path);
                        workspace.packages.push(package);
                        index
                    }),
                };
                uses.insert(needed.name, found);
            }
            if let Some(package) = workspace.packages.get_mut(at) {
                package.uses = uses;
            }
            at += 1;
        }
        Ok(workspace)
    }
}

/// A project out of one text that holds its files, each after a line `// file: PATH`; a text without such a line is one
/// file. For examples on pages and in tests.
///
/// # Errors
/// As [`Workspace::read`].
pub fn of_text(name: &str, text: &str) -> Result<Workspace, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut path = format!("{name}.play");
    for line in text.split_inclusive('\n') {
        match line.trim_end().strip_prefix("// file: ") {
            Some(next) => path = next.to_string(),
            None => files.entry(path.clone()).or_default().push_str(line),
        }
    }
    files.retain(|_, text| !text.trim().is_empty());
    let mut workspace = Workspace::read(&files, ".")?;
    if let Some(project) = workspace.packages.first_mut().filter(|p| p.name == ".") {
        project.name = name.to_string();
    }
    Ok(workspace)
}

impl Package {
    fn read(disk: &dyn Disk, folder: &str) -> Result<Self, String> {
        let mut paths = disk.files(folder)?;
        paths.sort();
        let shown: Vec<String> = paths.iter().map(|path| join(folder, path)).collect();
        let texts = disk.texts(&shown);
        let mut files = Vec::with_capacity(paths.len());
        for ((path, shown), text) in paths.into_iter().zip(shown).zip(texts) {
            let text = text?.ok_or_else(|| format!("{shown}: no such file"))?;
            files.push(PackageFile { path, shown, text });
        }
        let toml = join(folder, "play.toml");
        let manifest = disk.text(&toml)?.map(|text| SourceFile { path: toml, text });
        if files.is_empty() {
            return Err(format!("{folder}: there are no .play files here"));
        }
        let named = manifest.as_ref().and_then(|m| manifest::read(0, &m.text).0.name);
        let folder_name = || disk.real(folder).rsplit('/').next().unwrap_or("play").to_string();
        Ok(Self { name: named.unwrap_or_else(folder_name), manifest, files, uses: BTreeMap::new() })
    }
}

/// A path below, or beside, a folder.
fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') {
        return path.to_string();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|p| *p != "." && !p.is_empty()).collect();
    for part in path.split('/').filter(|p| *p != "." && !p.is_empty()) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (folder.starts_with('/'), joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

/// Files in memory, by path: for tests, and for text that is on no disk.
impl Disk for BTreeMap<String, String> {
    fn files(&self, folder: &str) -> Result<Vec<String>, String> {
        let below = |path: &String| {
            let rest = match folder {
                "." => Some(path.as_str()).filter(|p| !p.starts_with("../")),
                _ => path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')),
            };
            rest.filter(|rest| rest.ends_with(".play")).map(str::to_string)
        };
        let found: Vec<String> = self.keys().filter_map(below).collect();
        if found.is_empty() { Err(format!("{folder}: there is no such folder")) } else { Ok(found) }
    }

    fn text(&self, path: &str) -> Result<Option<String>, String> {
        Ok(self.get(path).cloned())
    }

    fn real(&self, folder: &str) -> String {
        folder.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn a_path_goes_up_as_far_as_it_is_known() {
        assert_eq!(join(".", "a.play"), "a.play");
        assert_eq!(join(".", "../common"), "../common");
        assert_eq!(join("teams/soc", "../common"), "teams/common");
        assert_eq!(join("../a", "../b"), "../b");
        assert_eq!(join("..", "../b"), "../../b");
        assert_eq!(join("/x/y", "../b"), "/x/b");
        assert_eq!(join("a", ".."), ".");
    }
}
