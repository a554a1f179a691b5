//! `playc doctor`: whether all is there that a project needs to run here. It changes nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use play_check::typed::Program;
use play_connect::Settings;
use play_connect::stubs;

use crate::cli::{DoctorArgs, Format};
use crate::configured;
use crate::output::{self, Style, safe, word};
use crate::place::Place;
use crate::project::{Compiled, Project, count, shown};
use crate::runs::WorldSpec;
use crate::{Ended, Result, Trouble};

/// What is so, of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As it should be.
    Fine,
    /// Not needed for a run, and missed by something else.
    Note,
    /// A run would not go.
    Wrong,
}

/// What was looked at, and what to do about it.
struct Seen {
    check: &'static str,
    state: State,
    what: String,
    help: Option<String>,
}

impl Seen {
    fn fine(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, state: State::Fine, what: what.into(), help: None }
    }

    fn note(check: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { check, state: State::Note, what: what.into(), help: Some(help.into()) }
    }

    fn wrong(check: &'static str, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { check, state: State::Wrong, what: what.into(), help: Some(help.into()) }
    }
}

/// Runs it.
pub fn run(args: &DoctorArgs, style: Style) -> Result {
    let mut seen = Vec::new();
    let mut reserve = play_engine::room::RESERVE;
    let mut newest = None;
    match Project::read(&args.path) {
        Err(Trouble(why)) => seen.push(Seen::wrong(
            "project",
            why,
            "name the folder of a project: playc doctor FOLDER; or make one: playc new NAME",
        )),
        Ok(project) => {
            newest = changed(&project);
            seen.extend(edition(&project));
            match WorldSpec::read(&args.world, project.settings_file()) {
                Err(Trouble(why)) => {
                    seen.push(Seen::wrong("settings", why, "mend that file, or name another"))
                }
                Ok(spec) => {
                    reserve = spec.reserve();
                    look(args, &project, &spec, &mut seen)?;
                }
            }
        }
    }
    seen.push(store(&args.store));
    if let Place::Folder(path) = &args.store {
        seen.push(room(path, reserve));
    }
    seen.push(clock(SystemTime::now(), newest));
    seen.push(git());
    print(args.format, &seen, style)?;
    Ok(if seen.iter().any(|s| s.state == State::Wrong) { Ended::Findings } else { Ended::Fine })
}

/// What a project says that it needs.
fn look(args: &DoctorArgs, project: &Project, spec: &WorldSpec, seen: &mut Vec<Seen>) -> Result<()> {
    let checked = project.check();
    let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
    let name = &project.name;
    let (Some(program), 0) = (checked.program, errors) else {
        let check = format!("see them: playc check {}", word(&shown(&args.path)));
        seen.insert(0, Seen::wrong("project", format!("{name} has {}", count(errors, "error")), check));
        return Ok(());
    };
    let found = format!("{name}, {}, no errors", count(project.files, "file"));
    seen.insert(0, Seen::fine("project", found));
    seen.extend(values(args, &program));
    let manifest = &Compiled::of(program, checked.files)?.artifact.manifest;
    match spec.stubs() {
        Some((file, text)) => seen.push(match stubs::parse(text, manifest) {
            Ok(_) => Seen::fine("connectors", format!("{file} answers for all of them")),
            Err(wrong) => {
                let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
                Seen::wrong(
                    "connectors",
                    format!("{file}: {}", wrong.join("; ")),
                    "mend the answers in that file",
                )
            }
        }),
        None => connectors(spec, manifest, seen),
    }
    serving(spec, manifest, seen);
    Ok(())
}

fn edition(project: &Project) -> Option<Seen> {
    let text = project.settings.as_deref();
    match text.map(|text| play_check::manifest::read(0, text)) {
        Some((manifest, _)) if manifest.edition.is_some() => {
            manifest.edition.map(|edition| Seen::fine("edition", edition))
        }
        // One that is not known is an error of the project.
        Some((_, findings)) if !findings.is_empty() => None,
        Some(_) => Some(Seen::note(
            "edition",
            "play.toml does not say which edition of the language it is written in",
            format!("write at its top: edition = \"{}\"", play_check::manifest::EDITION),
        )),
        None => None,
    }
}

/// The values of the configuration.
fn values(args: &DoctorArgs, program: &Program) -> Option<Seen> {
    let file = args.world.config.as_deref();
    match configured::values(program, args.env.as_deref(), file) {
        Ok(values) if values.is_empty() => None,
        Ok(values) => Some(Seen::fine("config", count(values.len(), "value"))),
        Err(Trouble(why)) => {
            Some(Seen::wrong("config", why, "give the value in play.toml or with --config FILE"))
        }
    }
}

/// The settings of each connector, one by one: secrets are read, and never shown.
fn connectors(spec: &WorldSpec, manifest: &play_program::artifact::Manifest, seen: &mut Vec<Seen>) {
    for connector in &manifest.connectors {
        let name = &connector.name;
        match Settings::load(&spec.settings(), std::slice::from_ref(connector)) {
            Ok(_) => seen.push(Seen::fine("connector", format!("{name}: all settings are there"))),
            Err(wrong) => seen.extend(wrong.iter().map(|e| {
                Seen::wrong(
                    "connector",
                    e.to_string(),
                    "give it where play.toml or --config FILE says; to do without, answer with --stub FILE",
                )
            })),
        }
    }
}

/// What `playc serve` needs besides, where the project says that it is served.
fn serving(spec: &WorldSpec, manifest: &play_program::artifact::Manifest, seen: &mut Vec<Seen>) {
    let settings = spec.settings();
    let is_served = |text: &str| text.parse::<toml::Table>().is_ok_and(|t| t.contains_key("serve"));
    if !settings.iter().any(|(_, text)| is_served(text)) {
        return;
    }
    let sources: Vec<&str> = manifest.sources.iter().map(|s| s.name.as_str()).collect();
    match play_serve::Config::read(&settings, &sources, &super::serve::near) {
        Ok(config) => seen.push(Seen::fine("serve", format!("on {}", config.listen))),
        Err(wrong) => {
            seen.extend(wrong.into_iter().map(|what| Seen::wrong("serve", what, "mend it below [serve]")));
        }
    }
}

/// Whether the evidence can go where it is to go.
fn store(place: &Place) -> Seen {
    let fine = |what: String| Seen::fine("store", what);
    match place {
        Place::Folder(path) => {
            let shown = path.display();
            let is_there = path.join("store.json").exists();
            if is_there && let Err(Trouble(why)) = place.reader() {
                return Seen::wrong(
                    "store",
                    why,
                    "name another with --store, or mend that one: playc trace verify",
                );
            }
            let Some(folder) = nearest(path).filter(|p| p.is_dir()) else {
                return Seen::wrong(
                    "store",
                    format!("{shown} cannot be a folder: a file is in its way"),
                    "name another with --store",
                );
            };
            // Asking the system for rights does not tell of a disk that is read-only; writing does.
            match tempfile::tempfile_in(&folder) {
                Ok(_) if is_there => fine(format!("{shown} is there, of this version, and can be written")),
                Ok(_) => fine(format!("{shown} is not there yet, and can be made")),
                Err(e) => Seen::wrong(
                    "store",
                    format!("nothing can be written in {}: {e}", folder.display()),
                    "let this user write there, or name another with --store",
                ),
            }
        }
        Place::Database(_) | Place::Nowhere(_) => match place.reader() {
            Ok(_) => fine(format!("{place} answers, and is of this version")),
            Err(Trouble(why)) => Seen::wrong(
                "store",
                why,
                format!("make it, or bring it up to date: playc store init --store {}", place.word()),
            ),
        },
    }
}

/// What is there of a path: itself, or the nearest above it.
fn nearest(path: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(path).ok()?;
    whole.ancestors().find(|p| p.exists()).map(Path::to_path_buf)
}

fn room(store: &Path, reserve: u64) -> Seen {
    let left = nearest(store).and_then(|folder| play_journal::room(&folder));
    let Some(left) = left else {
        return Seen::note(
            "room",
            "the system does not say how much can be written",
            "see to it that the disk has room",
        );
    };
    let (free, kept) = (left >> 20, reserve.div_ceil(1 << 20));
    if left < reserve {
        Seen::wrong(
            "room",
            format!(
                "{free} MiB can be written where the store is, and {kept} MiB are kept for what runs have to write"
            ),
            "make room, name another --store, or keep less: [store] reserve in play.toml",
        )
    } else {
        Seen::fine("room", format!("{free} MiB can be written where the store is"))
    }
}

/// No clock that is right is before this: a day before the first release.
const FIRST: i64 = 1_767_225_600;

/// A file of the project may be so much newer than the clock: it may come from another machine.
const AHEAD: Duration = Duration::from_secs(300);

fn clock(now: SystemTime, newest: Option<SystemTime>) -> Seen {
    let help = "set the clock, and have it kept right (NTP): all evidence carries its time";
    let Ok(time) = Timestamp::try_from(now) else {
        return Seen::wrong("clock", "the clock shows no time", help);
    };
    let shown = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let behind = newest.is_some_and(|newest| newest > now.checked_add(AHEAD).unwrap_or(now));
    if time.as_second() < FIRST {
        Seen::wrong("clock", format!("it shows {shown}: that is past"), help)
    } else if behind {
        Seen::wrong(
            "clock",
            format!("it shows {shown}, and a file of the project was changed after that"),
            help,
        )
    } else {
        Seen::fine("clock", shown)
    }
}

/// When a file of the project was changed for the last time.
fn changed(project: &Project) -> Option<SystemTime> {
    let files = project.on_disk();
    files.iter().filter_map(|(path, _)| std::fs::metadata(path).ok()?.modified().ok()).max()
}

fn git() -> Seen {
    let told = Command::new("git").arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    match told {
        Ok(out) if out.status.success() => {
            Seen::fine("git", String::from_utf8_lossy(&out.stdout).trim().to_string())
        }
        _ => {
            Seen::note("git", "there is no `git` here", "install it, if `playc check --since` is to be used")
        }
    }
}

fn print(format: Format, seen: &[Seen], style: Style) -> Result<()> {
    let json = |s: &Seen| {
        let state = match s.state {
            State::Fine => "fine",
            State::Note => "note",
            State::Wrong => "wrong",
        };
        serde_json::json!({ "version": 1, "check": s.check, "state": state, "what": s.what, "help": s.help })
    };
    match format {
        Format::Text => {
            for s in seen {
                let (fine, mark) = match s.state {
                    State::Fine => (true, "ok"),
                    State::Note => (true, "note"),
                    State::Wrong => (false, "FAIL"),
                };
                let mark = style.verdict(fine, &format!("{mark:4}"));
                let mut lines = s.what.lines();
                output::out(&format!("{:10}  {mark}  {}", s.check, safe(lines.next().unwrap_or_default())));
                lines.for_each(|line| output::out(&format!("{:18}{}", "", safe(line))));
                for line in s.help.iter().flat_map(|help| help.lines()) {
                    output::out(&format!("{:18}{}", "", style.dim(&safe(line))));
                }
            }
        }
        Format::Json => {
            output::out(&serde_json::to_string_pretty(&seen.iter().map(json).collect::<Vec<_>>())?)
        }
        Format::Jsonl => seen.iter().for_each(|s| output::out(&json(s).to_string())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_cannot_be_right_is_told() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(clock(at(0), None).state, State::Wrong);
        assert_eq!(clock(at(1_800_000_000), Some(at(1_799_000_000))).state, State::Fine);
        assert_eq!(clock(at(1_800_000_000), Some(at(1_800_000_200))).state, State::Fine);
        assert_eq!(clock(at(1_800_000_000), Some(at(1_800_000_400))).state, State::Wrong);
    }

    #[test]
    fn room_that_is_kept_for_runs_is_no_room() {
        let here = tempfile::tempdir().unwrap();
        assert_eq!(room(&here.path().join("not/yet"), 0).state, State::Fine);
        assert_eq!(room(here.path(), u64::MAX).state, State::Wrong);
    }
}
