//! Which files have changed since a revision: git is asked, through its command.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use play_check::Checked;
use play_check::affected::{Change, Now, affected};
use play_diagnostics::Diagnostic;

use crate::output::{safe, word};
use crate::project::{Project, count};
use crate::{Result, Trouble};

/// Deep enough for submodules in submodules, and an end to one that has itself in it.
const DEEPEST: usize = 16;

/// A repository with the submodules in which the project has files, and what has changed in them. Paths are below its root, with `/`.
struct Repository {
    root: PathBuf,
    /// The folders of the project and of its packages, those that lie inside.
    folders: Vec<String>,
    /// Where each file lies that was read, and where it leads to when it is a link: those that lie inside.
    files: Vec<Lies>,
    /// All of these.
    places: BTreeSet<String>,
    /// What is compared with: the repository itself first.
    trees: Vec<Tree>,
    /// What differs from that, also when it is gone.
    changed: BTreeSet<String>,
    /// What was there, of the places of its files.
    known: BTreeSet<String>,
    /// Submodules of which it cannot be said what has changed, and why.
    unclear: Vec<String>,
}

/// A commit of the repository, or of a submodule.
struct Tree {
    /// The path of the submodule with a `/` behind it; empty for the repository.
    at: String,
    folder: PathBuf,
    /// The commit: where this branch left the revision, and what that had of the submodule.
    base: String,
}

/// What can be known of a submodule that concerns the project.
enum Way {
    /// All: git is asked in there.
    In,
    /// It is as it was.
    Same,
    /// Nothing, before it is checked out.
    NotCheckedOut,
    /// Nothing, and why.
    Unclear(String),
}

/// A file of the project.
struct Lies {
    /// The file itself, also when it is a link.
    below: Option<String>,
    /// What it leads to.
    real: Option<String>,
}

/// What has been left of a check.
pub struct Kept {
    /// How many files have changed or rest on what has.
    pub files: usize,
    /// How many findings are not shown.
    pub hidden: usize,
    /// Why all files are looked at, where that is.
    unclear: Vec<String>,
}

impl Kept {
    /// In a sentence.
    pub fn tell(&self, of: usize, since: &str) -> String {
        let rest = match self.hidden {
            0 => String::new(),
            n => format!("; {} elsewhere: not shown", count(n, "finding")),
        };
        let unclear: String =
            self.unclear.iter().map(|why| format!("{why}: all files are looked at\n")).collect();
        format!(
            "{unclear}{} of {} changed since {} or rest on what has{rest}",
            self.files,
            count(of, "file"),
            safe(since)
        )
    }
}

/// Leaves of a check what is in files that have changed since a revision, and in those that rest on them.
pub fn keep(project: &Project, checked: &mut Checked, since: &str) -> Result<Kept> {
    let repository = Repository::read(project, since)?;
    let files = project.on_disk();
    // The index in the check of each file that is on the disk.
    let indexes: Vec<Option<usize>> = files
        .iter()
        .map(|(path, text)| checked.files.iter().position(|f| f.path == *path && &*f.text == *text))
        .collect();
    let changes = repository.changes(&files)?;
    let wanted: BTreeSet<usize> = if repository.means_all(project, &changes) {
        (0..files.len()).collect()
    } else {
        let now: Vec<Now<'_>> = files.iter().map(|(path, text)| Now { path, text }).collect();
        affected(&now, &changes)
    };
    let kept: BTreeSet<usize> = wanted.iter().filter_map(|at| indexes.get(*at).copied().flatten()).collect();
    let is_kept = |d: &Diagnostic| d.labels.iter().any(|l| kept.contains(&(l.place.file as usize)));
    let before = checked.diagnostics.len();
    checked.diagnostics.retain(is_kept);
    checked.allowed.retain(|a| is_kept(&a.finding));
    let own = wanted.iter().filter(|at| files.get(**at).is_some_and(|(path, _)| project.has(path))).count();
    let hidden = before.saturating_sub(checked.diagnostics.len());
    Ok(Kept { files: own, hidden, unclear: repository.unclear })
}

impl Repository {
    fn read(project: &Project, since: &str) -> Result<Self> {
        let folder = project.folder.as_path();
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let top = git(folder, &["rev-parse", "--show-toplevel"])?;
        if !top.status.success() {
            let said = String::from_utf8_lossy(&top.stderr);
            let why = said.lines().next().unwrap_or_default();
            return Err(Trouble(if why.contains("not a git repository") {
                format!(
                    "--since asks git what has changed, and {} is in no git repository\nleave --since out, or check a project that is in one",
                    folder.display()
                )
            } else {
                format!("--since asks git what has changed, and git says: {why}")
            }));
        }
        let root = PathBuf::from(line(&top));
        let commit = format!("{since}^{{commit}}");
        let found = git(&root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        if !found.status.success() || since.is_empty() {
            return Err(Trouble(format!(
                "`{since}` is no revision of the repository {}\nwrite a branch, a tag or a commit: --since origin/main, --since HEAD~1{}",
                root.display(),
                shallow(&root)
            )));
        }
        let revision = line(&found);
        let base = git(&root, &["merge-base", &revision, "HEAD"])?;
        if !base.status.success() {
            return Err(Trouble(format!(
                "`{since}` has no commit in common with what is checked out in {}\nname a revision that it comes from{}",
                root.display(),
                shallow(&root)
            )));
        }
        let mut repository = Self {
            root: root.clone(),
            folders: Vec::new(),
            files: Vec::new(),
            places: BTreeSet::new(),
            trees: Vec::new(),
            changed: BTreeSet::new(),
            known: BTreeSet::new(),
            unclear: Vec::new(),
        };
        let folders = project.folders();
        repository.folders = folders.iter().filter_map(|f| repository.below(Path::new(f))).collect();
        let lies = |path: &str| {
            let path = Path::new(path);
            Lies { below: repository.below(path), real: repository.real(path) }
        };
        repository.files = project.on_disk().iter().map(|(path, _)| lies(path)).collect();
        repository.places =
            repository.files.iter().flat_map(|f| f.below.iter().chain(&f.real)).cloned().collect();
        repository.compare(Tree { at: String::new(), folder: root, base: line(&base) }, 0)?;
        Ok(repository)
    }

    /// Takes note of what differs from a commit, and of what was there. Of a submodule git says that it differs, and not what in it
    /// does: it is asked there, for the commit that the repository had of it.
    fn compare(&mut self, tree: Tree, depth: usize) -> Result<()> {
        // Of a submodule it is told here only whether it is at another commit: what else differs in there is asked there.
        let differs =
            ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty"];
        let differs = git(&tree.folder, &[&differs[..], &[tree.base.as_str(), "--"]].concat())?;
        let at = tree.at.clone();
        self.changed.extend(paths(&succeeded(differs)?).into_iter().map(|path| format!("{at}{path}")));
        let mut inner = Vec::new();
        for entry in self.was_there(&tree)? {
            // `160000 commit 1f0c…`, a tab, the path.
            let Some((what, path)) = entry.split_once('\t') else { continue };
            let full = format!("{at}{path}");
            match what.strip_prefix("160000 commit ") {
                Some(commit) if self.concerns(&full) => {
                    inner.push((full, path.to_string(), commit.trim().to_string()));
                }
                None if self.places.contains(&full) => {
                    self.known.insert(full);
                }
                _ => {}
            }
        }
        let round = tree.folder.clone();
        self.trees.push(tree);
        for (path, short, commit) in inner {
            let folder = self.root.join(&path);
            match self.way_in(&path, &folder, &commit, depth)? {
                Way::In => {
                    self.changed.remove(&path);
                    let tree = Tree { at: format!("{path}/"), folder, base: commit };
                    self.compare(tree, depth.saturating_add(1))?;
                }
                Way::Same => {}
                Way::NotCheckedOut => self.unclear.push(format!(
                    "the submodule {} is not checked out (git -C {} submodule update --init {})",
                    safe(&path),
                    safe(&word(&round.to_string_lossy())),
                    safe(&word(&short))
                )),
                Way::Unclear(why) => self.unclear.push(format!(
                    "the submodule {} was at {}, and {why}",
                    safe(&path),
                    commit.get(..12).unwrap_or(&commit)
                )),
            }
        }
        Ok(())
    }

    /// What a commit has: all of a submodule; of the repository what is in the folders of the project, and the submodules round them.
    fn was_there(&self, tree: &Tree) -> Result<BTreeSet<String>> {
        let list = |how: &[&str], of: &BTreeSet<&str>| {
            let mut words = vec!["ls-tree", "-z", "--full-tree"];
            words.extend(how);
            words.extend([tree.base.as_str(), "--"]);
            words.extend(of);
            Ok::<_, Trouble>(paths(&succeeded(git(&tree.folder, &words)?)?))
        };
        // An empty path is none; without paths it is all of the tree.
        if !tree.at.is_empty() || self.folders.iter().any(String::is_empty) {
            return list(&["-r"], &BTreeSet::new());
        }
        if self.folders.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut there = list(&["-r"], &self.folders.iter().map(String::as_str).collect())?;
        // A path in a submodule does not find it: that is asked for by its own path.
        let outside = self.places.iter().filter(|p| !self.folders.iter().any(|f| inside(p, f)));
        let above = self.folders.iter().chain(outside);
        let above: BTreeSet<&str> =
            above.flat_map(|path| path.match_indices('/').filter_map(|(end, _)| path.get(..end))).collect();
        if !above.is_empty() {
            let round = list(&[], &above)?;
            there.extend(round.into_iter().filter(|entry| entry.starts_with("160000 ")));
        }
        Ok(there)
    }

    /// Whether git can be asked in a submodule that concerns the project what differs from a commit.
    fn way_in(&self, path: &str, folder: &Path, commit: &str, depth: usize) -> Result<Way> {
        let below = format!("{path}/");
        if !folder.join(".git").exists() {
            let tracked = self.changed.range(below.clone()..).next().is_some_and(|p| p.starts_with(&below));
            return Ok(match (self.changed.contains(path), folder.exists()) {
                (false, _) => Way::Same,
                (true, true) if !tracked => Way::NotCheckedOut,
                (true, true) => Way::Unclear("is no submodule any more".into()),
                (true, false) => Way::Unclear("is not here any more".into()),
            });
        }
        if depth >= DEEPEST {
            return Ok(Way::Unclear("lies in too many others".into()));
        }
        let found = git(folder, &["cat-file", "-e", commit])?;
        // Of an object that is not there it says nothing.
        Ok(match String::from_utf8_lossy(&found.stderr).lines().next() {
            _ if found.status.success() => Way::In,
            Some(said) => Way::Unclear(format!("git says in there: {}", safe(said))),
            None => Way::Unclear(format!(
                "that commit is not here (git -C {} fetch)",
                safe(&word(&folder.to_string_lossy()))
            )),
        })
    }

    /// Whether the project has a file in a submodule. One that is gone may have had some, where the project has others round it.
    fn concerns(&self, path: &str) -> bool {
        self.places.iter().any(|place| inside(place, path))
            || self.folders.iter().any(|folder| inside(folder, path))
            || !self.root.join(path).exists() && self.folders.iter().any(|folder| inside(path, folder))
    }

    /// The files that have changed, each with its text as it was.
    fn changes(&self, files: &[(&str, &str)]) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        let mut seen = BTreeSet::new();
        for (index, ((path, _), lies)) in files.iter().zip(&self.files).enumerate() {
            let Some(below) = &lies.below else { continue };
            let differs = self.differs(below) || lies.real.as_ref().is_some_and(|real| self.differs(real));
            // What git does not follow, or leaves out, it cannot say anything of.
            if differs || !self.known.contains(below) {
                let before = self.text(below)?;
                changes.push(Change { path: (*path).to_string(), now: Some(index), before });
            }
            seen.insert(below.as_str());
        }
        for path in
            self.changed.iter().filter(|path| path.ends_with(".play") && !seen.contains(path.as_str()))
        {
            let inside = |folder: &String| folder.is_empty() || path.starts_with(&format!("{folder}/"));
            if self.folders.iter().any(inside) && !self.root.join(path).exists() {
                changes.push(Change { path: path.clone(), now: None, before: self.text(path)? });
            }
        }
        Ok(changes)
    }

    /// What a `play.toml` says holds for all files, and so does what the standard library declares; and what is not known may.
    fn means_all(&self, project: &Project, changes: &[Change]) -> bool {
        let toml = |folder: &String| self.below(&Path::new(folder).join("play.toml"));
        let tomls = project.folders().iter().filter_map(toml).any(|toml| self.changed.contains(&toml));
        let library =
            |path: &String| play_stdlib::modules().any(|module| *path == format!("stdlib/{module}.play"));
        !self.unclear.is_empty()
            || tomls
            || changes.iter().any(|c| c.path.ends_with("play.toml"))
            || self.changed.iter().any(library)
    }

    /// Whether a path, or a folder round it (a repository within the repository), is among what differs.
    fn differs(&self, below: &str) -> bool {
        Path::new(below).ancestors().any(|p| self.changed.contains(p.to_string_lossy().as_ref()))
    }

    /// The text that a file had.
    fn text(&self, below: &str) -> Result<Option<String>> {
        let inside = self.trees.iter().filter_map(|tree| Some((tree, below.strip_prefix(&tree.at)?)));
        let Some((tree, path)) = inside.min_by_key(|(_, path)| path.len()) else { return Ok(None) };
        let out = git(&tree.folder, &["cat-file", "blob", &format!("{}:{path}", tree.base)])?;
        Ok(out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned()))
    }

    /// A path as git calls it; `None` when it lies outside of the repository.
    fn below(&self, path: &Path) -> Option<String> {
        // The file itself may be a link; what git knows is the link.
        let real = match (path.file_name(), path.parent()) {
            (Some(name), Some(folder)) => {
                let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
                std::fs::canonicalize(folder).ok()?.join(name)
            }
            _ => std::fs::canonicalize(path).ok()?,
        };
        self.inside(&real)
    }

    /// The same of what a link leads to.
    fn real(&self, path: &Path) -> Option<String> {
        self.inside(&std::fs::canonicalize(path).ok()?)
    }

    fn inside(&self, real: &Path) -> Option<String> {
        let root = std::fs::canonicalize(&self.root).ok()?;
        let rest = real.strip_prefix(root).ok()?;
        Some(rest.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
    }
}

/// What to do where the repository has only a part of its history, as in CI.
fn shallow(root: &Path) -> String {
    match git(root, &["rev-parse", "--is-shallow-repository"]) {
        Ok(out) if line(&out) == "true" => format!(
            "\nonly the latest commits are here; fetch the others first: git -C {} fetch --unshallow (of actions/checkout: `fetch-depth: 0`)",
            word(&root.to_string_lossy())
        ),
        _ => String::new(),
    }
}

/// Runs git in a folder. It takes no lock, runs no hook of the repository, and speaks English.
fn git(folder: &Path, words: &[&str]) -> Result<Output> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false"]).args(words);
    // A hook of another repository may have said where that is.
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
    ] {
        command.env_remove(name);
    }
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").stdin(std::process::Stdio::null());
    command.output().map_err(|e| match e.kind() {
        ErrorKind::NotFound => {
            Trouble("--since asks git what has changed, and there is no `git` here: install it".into())
        }
        _ => Trouble(format!("git could not be started: {e}")),
    })
}

fn succeeded(out: Output) -> Result<Output> {
    if out.status.success() {
        return Ok(out);
    }
    Err(Trouble(format!("git says: {}", String::from_utf8_lossy(&out.stderr).trim())))
}

/// Whether a path is another, or lies below it.
fn inside(inner: &str, outer: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The first line of what was said.
fn line(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or_default().to_string()
}

/// Paths, each ended by a zero.
fn paths(out: &Output) -> BTreeSet<String> {
    let each = out.stdout.split(|b| *b == 0).filter(|path| !path.is_empty());
    each.map(|path| String::from_utf8_lossy(path).into_owned()).collect()
}
