//! What is wrong with the `play.toml` of a project and of its packages, and with what they name.

use std::collections::{BTreeMap, BTreeSet};

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, FileName, Place};

use crate::manifest::{self, Manifest};
use crate::project::Loaded;
use crate::workspace::Workspace;

/// The `play.toml`s of a compilation.
pub(crate) struct Manifests {
    /// That of the project.
    pub(crate) project: Manifest,
    /// Their texts, in the order of their places.
    pub(crate) files: Vec<FileName>,
}

/// Reads and checks them. Their places follow those of `sources` files.
pub(crate) fn check(workspace: &Workspace, sources: usize, findings: &mut Vec<Diagnostic>) -> Manifests {
    let mut files = Vec::new();
    let mut manifests = Vec::new();
    for package in &workspace.packages {
        let Some(toml) = &package.manifest else {
            manifests.push(Manifest::default());
            continue;
        };
        let index = u32::try_from(sources + files.len()).unwrap_or(u32::MAX);
        let (manifest, wrong) = manifest::read(index, &toml.text);
        files.push(FileName { path: toml.path.clone(), text: toml.text.as_str().into() });
        findings.extend(wrong);
        manifests.push(manifest);
    }
    not_there(workspace, &manifests, findings);
    same_name(workspace, &manifests, findings);
    circles(workspace, &manifests, findings);
    Manifests { project: manifests.into_iter().next().unwrap_or_default(), files }
}

/// Where a package names the other.
fn named(workspace: &Workspace, manifests: &[Manifest], from: usize, to: usize) -> Option<(String, Place)> {
    let uses = &workspace.packages.get(from)?.uses;
    let needed = &manifests.get(from)?.packages;
    needed.iter().find(|n| uses.get(&n.name) == Some(&Ok(to))).map(|n| (n.name.clone(), n.at))
}

fn not_there(workspace: &Workspace, manifests: &[Manifest], findings: &mut Vec<Diagnostic>) {
    for (package, manifest) in workspace.packages.iter().zip(manifests) {
        for needed in &manifest.packages {
            if let Some(Err(why)) = package.uses.get(&needed.name) {
                findings.push(
                    Diagnostic::error(
                        codes::P2023,
                        needed.path_at,
                        format!("package `{}` cannot be read", needed.name),
                    )
                    .here(why.clone())
                    .help("Write the path of its folder, relative to this `play.toml`."),
                );
            }
        }
    }
}

/// Places in evidence begin with the name of the package, so each name is there once.
fn same_name(workspace: &Workspace, manifests: &[Manifest], findings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, package) in workspace.packages.iter().enumerate() {
        let earlier = *first.entry(package.name.as_str()).or_insert(index);
        if earlier == index {
            continue;
        }
        let by = |to: usize| {
            (0..workspace.packages.len())
                .find_map(|from| named(workspace, manifests, from, to))
                .map(|(_, at)| at)
        };
        let Some(at) = by(index) else { continue };
        let name = &package.name;
        let mut finding = Diagnostic::error(codes::P2023, at, format!("two packages are called `{name}`"))
            .here("one of them")
            .help("Give one of them another `name` in its `play.toml`.");
        if let Some(other) = by(earlier) {
            finding = finding.label(other, "the other");
        }
        findings.push(finding);
    }
}

/// Places in evidence name files by their path, from the folder of the project, so each is there once: a folder of the project may not be
/// called as a package or the standard library is.
pub(crate) fn same_path(files: &[Loaded], findings: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        let earlier = *first.entry(file.path.as_str()).or_insert(index);
        // The files of the project come first. Of packages that are called alike [`same_name`] tells.
        if earlier == index || files.get(earlier).is_none_or(|f| f.package != 0) {
            continue;
        }
        let at = Place { file: u32::try_from(earlier).unwrap_or(u32::MAX), start: 0, end: 0 };
        let path = &file.path;
        findings.push(
            Diagnostic::error(codes::P2023, at, format!("two files of this program are called `{path}`"))
                .here("one of them")
                .note("Evidence names a file by its path. Those of the standard library begin with `std/`, those of a package with `@` and its name.")
                .help("Give the folder another name, or leave out the `use` of the other file."),
        );
    }
}

/// Packages that use each other, round whatever corner: one report a circle.
fn circles(workspace: &Workspace, manifests: &[Manifest], findings: &mut Vec<Diagnostic>) {
    let next = |at: usize| {
        let uses = workspace.packages.get(at).into_iter().flat_map(|p| p.uses.values());
        uses.filter_map(|u| u.as_ref().ok().copied()).collect::<Vec<_>>()
    };
    let mut done = BTreeSet::new();
    for start in 0..workspace.packages.len() {
        let mut way: Vec<(usize, Vec<usize>)> = vec![(start, next(start))];
        while let Some((at, open)) = way.last_mut() {
            let at = *at;
            let Some(to) = open.pop() else {
                done.insert(at);
                way.pop();
                continue;
            };
            match way.iter().position(|(on, _)| *on == to) {
                Some(from) => {
                    let circle: Vec<usize> = way.iter().skip(from).map(|(on, _)| *on).collect();
                    findings.extend(circle_finding(workspace, manifests, &circle));
                }
                None if !done.contains(&to) => way.push((to, next(to))),
                None => {}
            }
        }
    }
}

fn circle_finding(workspace: &Workspace, manifests: &[Manifest], circle: &[usize]) -> Option<Diagnostic> {
    let name = |at: &usize| workspace.packages.get(*at).map_or("?", |p| p.name.as_str());
    let steps: Vec<(usize, usize)> =
        circle.iter().copied().zip(circle.iter().copied().cycle().skip(1)).collect();
    let mut places = steps.iter().filter_map(|(from, to)| named(workspace, manifests, *from, *to));
    let (_, first) = places.next()?;
    let way: Vec<String> = circle.iter().chain(circle.first()).map(|at| format!("`{}`", name(at))).collect();
    let what = if circle.len() == 1 { "a package uses itself" } else { "packages use each other" };
    let mut finding = Diagnostic::error(codes::P2024, first, format!("{what}: {}", way.join(" → ")))
        .here("and round again");
    for (_, at) in places {
        finding = finding.label(at, "on the way round");
    }
    Some(finding.help("Move what both need into a package of its own, which uses neither."))
}
