//! The disk that is simulated: what was written and not synced may be lost when the power goes, as a whole, in part, or as pages
//! of zeros. The files themselves are in memory where the system has a folder for that.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use play_journal::{Disk, DiskFile, RealDisk};
use play_tests::generate::Rng;

use super::campaign::Planted;
use super::machine::Power;

/// What happens at one of the operations of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// The process is gone.
    Crash,
    /// The operation fails, and with it the store; the process goes on.
    Fails,
}

/// What one life has done to its disk.
pub struct State {
    power: Arc<Power>,
    rng: Mutex<Rng>,
    /// Operations until the trouble, and which it is.
    left: Mutex<(u64, Trouble)>,
    /// What of each file is durable: all that stood there at its last sync.
    synced: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    planted: Planted,
}

pub struct SimDisk(pub Arc<State>);

struct SimFile {
    path: PathBuf,
    file: fs::File,
    state: Arc<State>,
}

/// How far an operation gets at which the process ends or which fails.
enum Far {
    Not,
    Half,
    All,
}

impl State {
    pub fn new(
        power: Arc<Power>,
        mut rng: Rng,
        (trouble, after): (Trouble, u64),
        planted: Planted,
    ) -> Arc<Self> {
        rng.below(2);
        Arc::new(Self {
            power,
            rng: Mutex::new(rng),
            left: Mutex::new((after, trouble)),
            synced: Mutex::default(),
            planted,
        })
    }

    /// Counts an operation. How far it gets, where it is the one.
    fn trouble(&self) -> Option<Far> {
        let mut left = self.left.lock().unwrap();
        if left.1 == Trouble::None {
            return None;
        }
        if left.0 > 0 {
            left.0 -= 1;
            return None;
        }
        let mut rng = self.rng.lock().unwrap();
        if left.1 == Trouble::Crash {
            self.power.cut();
        }
        Some(match rng.below(3) {
            0 => Far::Not,
            1 => Far::Half,
            _ => Far::All,
        })
    }

    /// The power is gone: what is not durable is lost, or is not.
    pub fn lose(&self) {
        let mut rng = self.rng.lock().unwrap();
        for (path, durable) in &*self.synced.lock().unwrap() {
            let Ok(mut written) = fs::read(path) else { continue };
            let changed = changed(durable, &written);
            // That it ends there may be lost alone.
            if let Some(cut) = durable.get(written.len()..).filter(|cut| !cut.is_empty())
                && rng.below(2) == 0
            {
                written.extend_from_slice(cut);
                fs::write(path, &written).unwrap();
            }
            if changed.is_empty() {
                continue;
            }
            let middle = changed.start + rng.index(changed.len());
            let left = match rng.below(4) {
                0 => written,
                1 => durable.clone(),
                2 => {
                    let mut left = written[..middle].to_vec();
                    left.extend_from_slice(durable.get(middle..).unwrap_or_default());
                    left
                }
                _ => {
                    let mut left = written;
                    left[changed.start..middle].fill(0);
                    left
                }
            };
            fs::write(path, left).unwrap();
        }
    }

    fn file(self: &Arc<Self>, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().write(true).open(path)?;
        self.synced.lock().unwrap().insert(path.to_path_buf(), fs::read(path)?);
        Ok(Box::new(SimFile { path: path.to_path_buf(), file, state: Arc::clone(self) }))
    }
}

/// Where what stands in a file differs from what is durable of it.
fn changed(durable: &[u8], written: &[u8]) -> std::ops::Range<usize> {
    let same = durable.iter().zip(written).take_while(|(a, b)| a == b).count();
    let last = (same..written.len()).rev().find(|n| durable.get(*n) != written.get(*n));
    same..last.map_or(same, |last| last + 1)
}

fn failure<T>(what: &str) -> io::Result<T> {
    Err(io::Error::other(format!("simulated: {what}")))
}

impl Disk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.0.trouble().is_some() || self.0.power.is_off() {
            return failure("it cannot be opened");
        }
        // Opening the store has made durable what is there.
        self.0.file(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.0.power.is_off() {
            return failure("no power");
        }
        match self.0.trouble() {
            Some(Far::Not) => return failure("it cannot be made"),
            Some(_) => {
                drop(RealDisk.create(path)?);
                return failure("it was made, and that was all");
            }
            None => {}
        }
        drop(RealDisk.create(path)?);
        self.0.file(path)
    }
}

impl DiskFile for SimFile {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        if self.state.power.is_off() {
            return failure("no power");
        }
        match self.state.trouble() {
            Some(Far::Not) => return failure("the disk is full"),
            Some(Far::Half) => {
                let half = self.state.rng.lock().unwrap().index(bytes.len());
                self.file.write(at, &bytes[..half])?;
                return failure("a short write");
            }
            Some(Far::All) => {
                self.file.write(at, bytes)?;
                return failure("written, and not said so");
            }
            None => {}
        }
        self.file.write(at, bytes)
    }

    fn cut(&mut self, at: u64) -> io::Result<()> {
        if self.state.power.is_off() {
            return failure("no power");
        }
        match self.state.trouble() {
            Some(Far::Not | Far::Half) => return failure("it was not cut"),
            Some(Far::All) => {
                self.file.set_len(at)?;
                return failure("cut, and not said so");
            }
            None => {}
        }
        self.file.set_len(at)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.state.power.is_off() {
            return failure("no power");
        }
        let trouble = self.state.trouble();
        let forgets = self.state.planted == Planted::NoSync;
        if !forgets && !matches!(trouble, Some(Far::Not | Far::Half)) {
            let now = fs::read(&self.path)?;
            self.state.synced.lock().unwrap().insert(self.path.clone(), now);
        }
        if trouble.is_some() { failure("the sync failed") } else { Ok(()) }
    }
}
