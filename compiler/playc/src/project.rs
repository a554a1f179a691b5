//! From paths to a checked program: the only place that reads `.play` files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use play_check::typed::Program;
use play_check::workspace::{Disk, Package, PackageFile, Workspace};
use play_check::{Checked, Parsed};
use play_diagnostics::{Diagnostic, FileName, text};
use play_syntax::side_by_side;

use crate::output::{self, Style};
use crate::{Result, Trouble, served};

/// `playc` and its version, as an artifact names its compiler.
pub const COMPILER: &str = concat!("playc ", env!("CARGO_PKG_VERSION"));

/// A project on disk.
pub struct Project {
    /// Its name: of `play.toml`, or of its folder or file.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The text of `play.toml`, when there is one.
    pub settings: Option<String>,
    /// How many files of its own it has.
    pub files: usize,
    /// Whether it is one file, and not a folder.
    is_file: bool,
    workspace: Workspace,
}

impl Project {
    /// Reads a project: a folder with `.play` files in it or below, or one file.
    pub fn read(path: &Path) -> Result<Self> {
        let meta = std::fs::metadata(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        if meta.is_file() {
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = path.parent().unwrap_or(Path::new(".")).to_path_buf();
            let shown = shown(path);
            let text = read(path).and_then(|text| text.ok_or_else(|| format!("{shown}: no such file")));
            let text = text.map_err(Trouble)?;
            let file = PackageFile {
                path: shown.rsplit('/').next().unwrap_or(&shown).to_string(),
                shown,
                text: text.into(),
            };
            let package = Package { name: name.clone(), files: vec![file], ..Package::default() };
            let workspace = Workspace { packages: vec![package] };
            return Ok(Self { name, folder, settings: None, files: 1, is_file: true, workspace });
        }
        let workspace = Workspace::read(&OnDisk, &shown(path)).map_err(Trouble)?;
        let project = workspace.packages.first();
        let settings = project.and_then(|p| p.manifest.as_ref()).map(|m| m.text.clone());
        let name = project.map_or_else(String::new, |p| p.name.clone());
        let files = project.map_or(0, |p| p.files.len());
        Ok(Self { name, folder: path.to_path_buf(), settings, files, is_file: false, workspace })
    }

    /// Says of a single file that what stands in the `play.toml` beside it does not count.
    pub fn warn_of_settings_beside(&self) {
        let beside = self.folder.join("play.toml");
        if self.is_file && beside.is_file() {
            output::err(&format!(
                "{} is not read: of one file alone nothing else counts; for the whole project give `{}`",
                shown(&beside),
                shown(&self.folder)
            ));
        }
    }

    /// Its folder, and the text of its `play.toml`, when there is one.
    pub fn settings_file(&self) -> Option<(&Path, &str)> {
        self.settings.as_deref().map(|text| (self.folder.as_path(), text))
    }

    /// Checks it.
    pub fn check(&self) -> Checked {
        self.check_keeping().0
    }

    /// Checks it, and keeps the trees of its files.
    pub fn check_keeping(&self) -> (Checked, Vec<Parsed>) {
        let (mut checked, parsed) = play_check::check_keeping(&self.workspace, &play_stdlib::module);
        if let Some(program) = &checked.program {
            checked.diagnostics.extend(play_reference::constants::findings(program));
        }
        let manifest = self.workspace.packages.first().and_then(|p| p.manifest.as_ref());
        if let Some(manifest) = manifest
            && let Some(file) = checked.files.iter().rposition(|f| f.path == manifest.path)
        {
            let file = u32::try_from(file).unwrap_or(u32::MAX);
            checked.diagnostics.extend(served::findings(file, &manifest.text));
        }
        (checked, parsed)
    }

    /// Checks it for a command that needs its program. Where there is none it says which errors there are, and in the words of
    /// `undone` (`nothing was run`) what has not come of it.
    pub fn sound(&self, style: Style, undone: &str) -> Option<Sound> {
        let (Checked { program, diagnostics, files, .. }, parsed) = self.check_keeping();
        let errors: Vec<Diagnostic> = diagnostics.into_iter().filter(|d| d.is_error()).collect();
        if let (Some(program), true) = (program, errors.is_empty()) {
            return Some(Sound { program, files, parsed });
        }
        let draw = text::Style { color: style.color_err, ..Default::default() };
        output::err(&format!("{}\n", text::render(&errors, &files, draw).trim_end()));
        output::err(&format!("{} in {}; {undone}", count(errors.len(), "error"), self.name));
        None
    }

    /// Checks it and makes its program; says what is wrong when there are errors.
    pub fn compile(&self, style: Style) -> Result<Option<Compiled>> {
        let Some(sound) = self.sound(style, "nothing was run") else { return Ok(None) };
        // Who runs a program has no use for its trees.
        drop(sound.parsed);
        Compiled::of(sound.program, sound.files).map(Some)
    }

    /// Whether a file is one of the project itself, with this text, and not of a package or the standard library.
    pub fn owns(&self, path: &str, text: &str) -> bool {
        let Some(package) = self.workspace.packages.first() else { return false };
        let manifest = package.manifest.as_ref().is_some_and(|m| m.path == path && m.text == text);
        manifest || package.files.iter().any(|f| f.shown == path && &*f.text == text)
    }

    /// The paths of the files of the project itself.
    pub fn own(&self) -> BTreeSet<String> {
        let package = self.workspace.packages.first();
        let files = package.into_iter().flat_map(|p| p.files.iter().map(|f| f.shown.clone()));
        let manifest = package.and_then(|p| p.manifest.as_ref()).map(|m| m.path.clone());
        files.chain(manifest).collect()
    }

    /// Path as shown and text of each file that was read: those of the project and of its packages, each `play.toml` behind
    /// the files of its package.
    pub fn on_disk(&self) -> Vec<(&str, &str)> {
        let each = self.workspace.packages.iter().flat_map(|package| {
            let files = package.files.iter().map(|f| (f.shown.as_str(), &*f.text));
            files.chain(package.manifest.as_ref().map(|m| (m.path.as_str(), m.text.as_str())))
        });
        each.collect()
    }

    /// Whether a path is that of a `.play` file of the project itself.
    pub fn has(&self, path: &str) -> bool {
        self.workspace.packages.first().is_some_and(|p| p.files.iter().any(|f| f.shown == path))
    }

    /// The folders of the project and of its packages; of a project that is one file, that file.
    pub fn folders(&self) -> Vec<String> {
        let folder = |package: &Package| {
            let file = package.files.first()?;
            let folder = file.shown.strip_suffix(&file.path)?.trim_end_matches('/');
            Some(if folder.is_empty() { ".".to_string() } else { folder.to_string() })
        };
        let file = |package: &Package| package.files.first().map(|f| f.shown.clone());
        self.workspace
            .packages
            .iter()
            .filter_map(|p| if self.is_file { file(p) } else { folder(p) })
            .collect()
    }

    /// Gives a file of the project another text, here and not on disk.
    pub fn set_text(&mut self, path: &str, text: &str) {
        let Some(package) = self.workspace.packages.first_mut() else { return };
        if let Some(manifest) = package.manifest.as_mut().filter(|m| m.path == path) {
            manifest.text = text.to_string();
            self.settings = Some(text.to_string());
        }
        for file in package.files.iter_mut().filter(|f| f.shown == path) {
            file.text = text.into();
        }
    }

    /// The same project with one more file.
    pub fn with_file(&self, path: &str, text: &str) -> Self {
        let mut workspace = self.workspace.clone();
        if let Some(package) = workspace.packages.first_mut() {
            let (path, text) = (path.to_string(), text.into());
            package.files.push(PackageFile { shown: path.clone(), path, text });
        }
        Self {
            name: self.name.clone(),
            folder: self.folder.clone(),
            settings: self.settings.clone(),
            files: self.files,
            is_file: self.is_file,
            workspace,
        }
    }
}

/// What a project says, without an error.
pub struct Sound {
    /// Its program.
    pub program: Program,
    /// As [`Checked::files`].
    pub files: Vec<FileName>,
    /// What was read, file by file.
    pub parsed: Vec<Parsed>,
}

/// A program, typed and as an artifact.
pub struct Compiled {
    /// Typed: for tests.
    pub program: Arc<Program>,
    /// What is run.
    pub artifact: Arc<play_program::artifact::Artifact>,
    /// The path of each file as a person is told it; in the artifact it is relative to the project.
    shown: Vec<String>,
}

impl Compiled {
    /// The artifact of a checked program.
    pub fn of(program: Program, files: Vec<FileName>) -> Result<Self> {
        let faulty =
            |f: play_program::exec::Fault| Trouble(format!("a constant cannot be computed: {}", f.what));
        let artifact = play_codegen::compile(&program, COMPILER).map_err(faulty)?;
        let shown = files.into_iter().map(|f| f.path).collect();
        Ok(Self { program: Arc::new(program), artifact: Arc::new(artifact), shown })
    }

    /// The same of a piece of a file, in one word.
    pub fn place_of(&self, piece: play_program::artifact::Node) -> String {
        let manifest = &self.artifact.manifest;
        let file = manifest.files.get(piece.file as usize);
        let before = file.and_then(|f| f.text.get(..piece.start as usize)).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        let path = self.shown.get(piece.file as usize).map_or("?", String::as_str);
        format!("{path}:{line}:{column}")
    }

    /// Path as a person is told it, line and column of a node.
    pub fn place(&self, node: u32) -> Option<(&str, usize, usize)> {
        let manifest = &self.artifact.manifest;
        let (_, line, column) = manifest.place(node)?;
        let file = manifest.nodes.get(node as usize)?.file;
        Some((self.shown.get(file as usize)?, line, column))
    }
}

/// `3 errors`, `1 error`, `no errors`.
pub fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// Files as the operating system has them.
struct OnDisk;

impl Disk for OnDisk {
    fn files(&self, folder: &str) -> std::result::Result<Vec<String>, String> {
        let mut paths = Vec::new();
        collect(Path::new(folder), &mut paths, 0).map_err(|Trouble(why)| why)?;
        let below = |path: &PathBuf| {
            let rest = path.strip_prefix(folder).unwrap_or(path);
            rest.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
        };
        Ok(paths.iter().map(below).collect())
    }

    fn text(&self, path: &str) -> std::result::Result<Option<String>, String> {
        read(Path::new(path))
    }

    fn texts(&self, paths: &[String]) -> Vec<std::result::Result<Option<Arc<str>>, String>> {
        let text = |path: &String| Ok(self.text(path)?.map(Arc::from));
        let worth = paths.len() >= MANY && side_by_side::threads() > 1;
        side_by_side::halves(worth, paths.len(), |at| paths.get(at).map(text).into_iter().collect())
    }

    fn real(&self, folder: &str) -> String {
        let real = std::fs::canonicalize(folder).unwrap_or_else(|_| PathBuf::from(folder));
        real.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
    }
}

/// So many files are read sooner by one thread than another is started.
const MANY: usize = 64;

/// The text of a file; `None` when there is none.
fn read(path: &Path) -> std::result::Result<Option<String>, String> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("{}: {e}", shown(path))),
    };
    let text = String::from_utf8(bytes)
        .map_err(|e| format!("{}: not UTF-8 at byte {}", shown(path), e.utf8_error().valid_up_to()))?;
    if u32::try_from(text.len()).is_err() {
        return Err(format!("{}: larger than 4 GiB", shown(path)));
    }
    Ok(Some(text))
}

/// A path as a person is told it: without `./` before it.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    match text {
        "" => ".".into(),
        // At the head of a line, a runner of GitHub would take it for a command.
        text if text.starts_with("::") => format!("./{text}"),
        text => text.to_string(),
    }
}

/// Deep enough for any project, and an end to a folder that is linked into itself.
const DEEPEST: usize = 64;

/// All `.play` files in a folder and below; hidden folders and `target` are left out.
pub fn collect(folder: &Path, into: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    if depth > DEEPEST {
        return Err(Trouble(format!("{}: folders are nested more than {DEEPEST} deep", folder.display())));
    }
    let entries = std::fs::read_dir(folder).map_err(|e| Trouble(format!("{}: {e}", folder.display())))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        // What the folder says of it, without another question, but of a link.
        let is_folder = match entry.file_type() {
            Ok(kind) if !kind.is_symlink() => kind.is_dir(),
            _ => path.is_dir(),
        };
        if is_folder {
            if !name.starts_with('.') && name != "target" {
                collect(&path, into, depth.saturating_add(1))?;
            }
        } else if name.ends_with(".play") {
            into.push(path);
        }
    }
    Ok(())
}
