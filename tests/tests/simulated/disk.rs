//! The disk that is simulated: what was written and not synced may be lost when the power goes, as a whole, in part, or as pages
//! of zeros. The files themselves are in memory where the system has a folder for that.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use play_journal::{AppendFile, Disk, RealDisk};
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
    /// How much of each file is durable.
    synced: Mutex<BTreeMap<PathBuf, u64>>,
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
        for (path, synced) in &*self.synced.lock().unwrap() {
            let Ok(bytes) = fs::read(path) else { continue };
            let (from, len) = (usize::try_from(*synced).unwrap(), bytes.len());
            if len <= from {
                continue;
            }
            let middle = from + rng.index(len - from);
            let left = match rng.below(4) {
                0 => bytes,
                1 => bytes[..from].to_vec(),
                2 => bytes[..middle].to_vec(),
                _ => {
                    let mut bytes = bytes;
                    bytes[from..middle].fill(0);
                    bytes
                }
            };
            fs::write(path, left).unwrap();
        }
    }

    fn file(self: &Arc<Self>, path: &Path, synced: u64) -> io::Result<Box<dyn AppendFile>> {
        let file = OpenOptions::new().append(true).open(path)?;
        self.synced.lock().unwrap().insert(path.to_path_buf(), synced);
        Ok(Box::new(SimFile { path: path.to_path_buf(), file, state: Arc::clone(self) }))
    }
}

fn failure<T>(what: &str) -> io::Result<T> {
    Err(io::Error::other(format!("simulated: {what}")))
}

impl Disk for SimDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        if self.0.trouble().is_some() || self.0.power.is_off() {
            return failure("it cannot be opened");
        }
        // Opening the store has made durable what is there.
        self.0.file(path, fs::metadata(path)?.len())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
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
        self.0.file(path, 0)
    }
}

impl AppendFile for SimFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.state.power.is_off() {
            return failure("no power");
        }
        match self.state.trouble() {
            Some(Far::Not) => return failure("the disk is full"),
            Some(Far::Half) => {
                let half = self.state.rng.lock().unwrap().index(bytes.len());
                self.file.write_all(&bytes[..half])?;
                return failure("a short write");
            }
            Some(Far::All) => {
                self.file.write_all(bytes)?;
                return failure("written, and not said so");
            }
            None => {}
        }
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.state.power.is_off() {
            return failure("no power");
        }
        let trouble = self.state.trouble();
        let forgets = self.state.planted == Planted::NoSync;
        if !forgets && !matches!(trouble, Some(Far::Not | Far::Half)) {
            let size = self.file.metadata()?.len();
            self.state.synced.lock().unwrap().insert(self.path.clone(), size);
        }
        if trouble.is_some() { failure("the sync failed") } else { Ok(()) }
    }
}
