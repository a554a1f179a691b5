//! From paths to a checked program: the only place that reads `.play` files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use play_check::{Checked, Input};
use play_diagnostics::{Diagnostic, Severity};
use play_program::artifact::SourceFile;

use crate::output::{self, Style};
use crate::{Result, Trouble};

/// `playc` and its version, as an artifact names its compiler.
pub const COMPILER: &str = concat!("playc ", env!("CARGO_PKG_VERSION"));

/// `play.toml`
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: Option<String>,
    edition: Option<String>,
    /// Named so that it is known here; the connectors' settings read it.
    #[serde(default, rename = "connectors")]
    _connectors: toml::Table,
}

/// A project on disk.
pub struct Project {
    /// Its name: of `play.toml`, or of its folder or file.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// The text of `play.toml`, when there is one.
    pub settings: Option<String>,
    /// Its sources, sorted by path.
    pub files: Vec<SourceFile>,
}

const EDITION: &str = "2026";

impl Project {
    /// Reads a project: a folder with `.play` files in it or below, or one file.
    pub fn read(path: &Path) -> Result<Self> {
        let meta = std::fs::metadata(path).map_err(|e| Trouble(format!("{}: {e}", path.display())))?;
        if meta.is_file() {
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let folder = path.parent().unwrap_or(Path::new(".")).to_path_buf();
            return Ok(Self { name, folder, settings: None, files: vec![read(path)?] });
        }
        let mut paths = Vec::new();
        collect(path, &mut paths, 0)?;
        paths.sort();
        if paths.is_empty() {
            return Err(Trouble(format!("{}: there are no .play files here", path.display())));
        }
        let files = paths.iter().map(|p| read(p)).collect::<Result<Vec<_>>>()?;
        let toml_path = path.join("play.toml");
        let settings = match std::fs::read_to_string(&toml_path) {
            Ok(text) => Some(text),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(Trouble(format!("{}: {e}", toml_path.display()))),
        };
        let manifest: Manifest = match &settings {
            Some(text) => {
                toml::from_str(text).map_err(|e| Trouble(format!("{}: {e}", toml_path.display())))?
            }
            None => Manifest::default(),
        };
        if let Some(edition) = manifest.edition.filter(|e| e != EDITION) {
            let path = toml_path.display();
            return Err(Trouble(format!(
                "{path}: edition `{edition}` is not known; write `edition = \"{EDITION}\"`"
            )));
        }
        let name = manifest.name.unwrap_or_else(|| folder_name(path));
        Ok(Self { name, folder: path.to_path_buf(), settings, files })
    }

    /// Checks it.
    pub fn check(&self) -> Checked {
        let input = Input { project: self.name.clone(), files: self.files.clone() };
        play_check::check(&input, &play_stdlib::module)
    }

    /// Checks it and makes its program; prints what is wrong when there are errors.
    pub fn compile(&self, style: Style) -> Result<Option<Compiled>> {
        let checked = self.check();
        let errors: Vec<Diagnostic> =
            checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
        let (Some(program), true) = (checked.program, errors.is_empty()) else {
            let draw = play_diagnostics::text::Style { color: style.color_err, ..Default::default() };
            output::err(&play_diagnostics::text::render(&errors, &checked.files, draw));
            output::err(&format!("{} in {}; nothing was run", count(errors.len(), "error"), self.name));
            return Ok(None);
        };
        let faulty =
            |f: play_program::exec::Fault| Trouble(format!("a constant cannot be computed: {}", f.what));
        let artifact = play_codegen::compile(&program, COMPILER).map_err(faulty)?;
        Ok(Some(Compiled { program: Arc::new(program), artifact: Arc::new(artifact) }))
    }
}

/// A program, typed and as an artifact.
pub struct Compiled {
    /// Typed: for tests.
    pub program: Arc<play_check::typed::Program>,
    /// What is run.
    pub artifact: Arc<play_program::artifact::Artifact>,
}

/// `3 errors`, `1 error`, `no errors`.
pub fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

fn folder_name(path: &Path) -> String {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    real.file_name().map_or_else(|| "play".to_string(), |n| n.to_string_lossy().into_owned())
}

fn read(path: &Path) -> Result<SourceFile> {
    let shown = shown(path);
    let bytes = std::fs::read(path).map_err(|e| Trouble(format!("{shown}: {e}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|e| Trouble(format!("{shown}: not UTF-8 at byte {}", e.utf8_error().valid_up_to())))?;
    if u32::try_from(text.len()).is_err() {
        return Err(Trouble(format!("{shown}: larger than 4 GiB")));
    }
    Ok(SourceFile { path: shown, text })
}

fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    text.strip_prefix("./").unwrap_or(&text).to_string()
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
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" {
                collect(&path, into, depth.saturating_add(1))?;
            }
        } else if name.ends_with(".play") {
            into.push(path);
        }
    }
    Ok(())
}
